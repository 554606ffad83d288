"""The context of a template, and what is sent in the headers on its behalf.

The response is returned before the template is rendered. What middleware adds to it at that time
must be known by then.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends.utils import csrf_input

from streamreports.padding import PADDING
from streamreports.rendering.variables import mentions


def make_context(template: Any, context: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    """Return the context of a template as Django's backend makes it, and ``streaming_padding``.

    The CSRF token and the CSP nonce are created, so that they are sent. Messages are marked as used
    if the template shows them.
    """
    values = {
        "streaming_padding": PADDING,
        **context,
        "request": request,
        "csrf_input": csrf_input(request),
        "csrf_token": get_token(request),
    }
    for processor in template.backend.template_context_processors:
        values.update(processor(request))
    for nonce in (values.get("csp_nonce"), getattr(request, "csp_nonce", None)):
        str(nonce)  # Those of Django and of django-csp are made when they are printed.
    messages = values.get("messages")
    if is_shown(messages, template, request):
        values["messages"] = list(messages)  # type: ignore[arg-type]  # It is a storage.
    return values


def is_shown(messages: Any, template: Any, request: HttpRequest) -> bool:
    """Return True if there are messages, and the template shows them."""
    return (
        isinstance(messages, BaseStorage)
        and request.method != "HEAD"
        and len(messages) > 0
        and mentions(template.template, "messages")
    )
