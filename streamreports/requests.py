"""Create a request as a WSGI server does."""

from collections.abc import Mapping
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIRequest


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
