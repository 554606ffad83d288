"""Find the report views of the URLconf."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from streamreports.views import StreamingReportView


def report_views() -> Iterator[StreamingReportView]:
    """Yield the report views of the URLconf, created as for a request.

    URL patterns that cannot be imported are left to Django's own checks.
    """
    if getattr(settings, "ROOT_URLCONF", None):
        yield from views_in(get_resolver())


def views_in(resolver: URLResolver) -> Iterator[StreamingReportView]:
    """Yield the report views below a resolver."""
    for pattern in patterns_of(resolver):
        if isinstance(pattern, URLResolver):
            yield from views_in(pattern)
        elif (view := view_of(pattern)) is not None:
            yield view


def patterns_of(resolver: URLResolver) -> Sequence[URLPattern | URLResolver]:
    """Return the patterns of a resolver; none if they cannot be imported."""
    try:
        return list(resolver.url_patterns)
    except Exception:  # noqa: BLE001  A module of the project may raise anything.
        return []


def view_of(pattern: URLPattern) -> StreamingReportView | None:
    """Return the report view of a pattern; None for other views."""
    view_class = getattr(pattern.callback, "view_class", None)
    if not isinstance(view_class, type) or not issubclass(view_class, StreamingReportView):
        return None
    try:
        return view_class(**getattr(pattern.callback, "view_initkwargs", {}))
    except Exception:  # noqa: BLE001  Its __init__() may need what only a request has.
        return None
