"""Create a request as a WSGI server does, and pass a request to a view."""

from collections.abc import Mapping
from typing import Any
from wsgiref.util import setup_testing_defaults

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import ResolverMatch


def wsgi_request(
    path: str,
    query: str = "",
    *,
    host: str,
    scheme: str = "http",
    script_name: str = "",
    method: str = "GET",
    environ: Mapping[str, str],
) -> WSGIRequest:
    """Return a request from this machine.

    ``path``: the decoded path, without the script name. ``environ``: additional WSGI variables.
    """
    variables: dict[str, object] = {
        "HTTP_HOST": host,
        "PATH_INFO": path.encode().decode("latin-1"),  # PEP 3333
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": script_name.encode().decode("latin-1"),
        "wsgi.url_scheme": scheme,
        **environ,
    }
    setup_testing_defaults(variables)  # the other variables that WSGI requires
    return WSGIRequest(variables)


def call_match(match: ResolverMatch, request: HttpRequest) -> Any:
    """Return the response of a view with its decorators; the view may be asynchronous."""
    view: Any = async_to_sync(match.func) if iscoroutinefunction(match.func) else match.func
    return view(request, *match.args, **match.kwargs)
