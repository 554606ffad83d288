"""Check whether a user may see a report by calling its view; find the login page."""

import logging
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedRedirect, PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.urls import NoReverseMatch, get_script_prefix, resolve

from streamreports.requests import call_match

logger = logging.getLogger("streamreports")

# Attributes that Django computes from the headers of a request and caches.
CACHED = {"headers", "accepted_types", "accepted_types_by_precedence"}


def may_see(request: HttpRequest, url: str) -> bool:
    """Return True if the user of a request may see the report at a URL.

    The view at the URL is called with its decorators and a HEAD request with the same user and
    session. Its status must be 200 to 299. URLs of other sites are not requested.
    """
    if urlsplit(url).netloc:
        return True
    try:
        head = head_request(request, url)
        response = call_match(head.resolver_match, head)  # type: ignore[arg-type]
    except (Http404, PermissionDenied):
        return False
    except Exception:
        logger.exception("The report at %s is not listed, since it failed.", url)
        return False
    return 200 <= getattr(response, "status_code", 0) < 300


def head_request(request: HttpRequest, url: str) -> HttpRequest:
    """Return a HEAD request for a URL of this site, with the same user and session.

    Raises Resolver404, an Http404, if there is no view.
    """
    parts = urlsplit(url)
    path_info = "/" + parts.path.removeprefix(get_script_prefix())
    head = object.__new__(type(request))
    vars(head).update(
        {name: value for name, value in vars(request).items() if name not in CACHED},
        method="HEAD",
        path=parts.path,
        path_info=path_info,
        resolver_match=resolve(path_info),
        GET=QueryDict(parts.query),
        META={
            **request.META,
            "REQUEST_METHOD": "HEAD",
            "HTTP_ACCEPT": "*/*",
            "PATH_INFO": path_info,
            "QUERY_STRING": parts.query,
        },
    )
    return head


def log_in_url(request: HttpRequest) -> str | None:
    """Return the URL of the login page, which redirects back to the current URL.

    None if the user is logged in, if there is no page at ``settings.LOGIN_URL``, or if the current
    URL is too long for a redirect.
    """
    from django.contrib.auth.views import redirect_to_login  # requires installed apps

    user = getattr(request, "user", None)
    if user is None or user.is_authenticated:
        return None
    try:
        url = redirect_to_login(request.get_full_path()).url
        head_request(request, url)
    except (DisallowedRedirect, Http404, NoReverseMatch):
        return None
    return url
