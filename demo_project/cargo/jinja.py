"""The environment of the demo's Jinja2 templates."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from jinja2 import Environment


def environment(**options: Any) -> Environment:
    """Return the environment, with functions for URLs."""
    created = Environment(**options)  # noqa: S701 - Django's options turn on autoescape.
    created.globals.update(static=static, url=reverse)
    return created


def language(request: HttpRequest) -> dict[str, str | None]:
    """Return the language, for the context of templates."""
    return {"language": get_language()}
