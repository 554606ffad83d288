"""Find the report views of the URLconf."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, get_script_prefix
from django.urls.resolvers import RegexPattern
from django.utils.regex_helper import normalize

from streamreports.views import StreamingReportView

V = TypeVar("V")


@dataclass(frozen=True)
class ViewURL:
    """A URL pattern that leads to a view.

    ``path``: the path in the URLconf, such as ``/reports/<int:year>.csv``.
    ``name``: the name with its namespaces, such as ``cargo:year``; empty for a URL without a name.
    ``callback``: the view, with its decorators.
    """

    path: str
    name: str
    callback: Callable[..., Any]


def report_views() -> Iterator[StreamingReportView]:
    """Yield the report views of the URLconf, created as for a request."""
    for _, view in report_urls():
        yield view


def report_urls() -> Iterator[tuple[ViewURL, StreamingReportView]]:
    """Yield the URLs of report views, each with its view, created as for a request."""
    for url in view_urls():
        if (view := view_of(url.callback, StreamingReportView)) is not None:
            yield url, view


def view_urls() -> Iterator[ViewURL]:
    """Yield the URLs of all views of the URLconf.

    URL patterns that cannot be imported are skipped; Django's own checks report them.
    """
    if getattr(settings, "ROOT_URLCONF", None):
        yield from urls_in(get_resolver(), get_script_prefix())


def urls_in(
    resolver: URLResolver, prefix: str, namespaces: tuple[str, ...] = ()
) -> Iterator[ViewURL]:
    """Yield the URLs below a resolver; ``prefix``: the path that leads to it."""
    for pattern in patterns_of(resolver):
        path = prefix + route_of(pattern)
        if isinstance(pattern, URLResolver):
            inner = (pattern.namespace,) if pattern.namespace else ()
            yield from urls_in(pattern, path, (*namespaces, *inner))
        else:
            name = ":".join((*namespaces, pattern.name)) if pattern.name else ""
            yield ViewURL(path, name, pattern.callback)


def patterns_of(resolver: URLResolver) -> Sequence[URLPattern | URLResolver]:
    """Return the patterns of a resolver; none if they cannot be imported."""
    try:
        return list(resolver.url_patterns)
    except Exception:  # noqa: BLE001  A module of the project may raise anything.
        return []


def route_of(pattern: URLPattern | URLResolver) -> str:
    """Return the route of a pattern; a regular expression is converted to the syntax of path()."""
    route = str(pattern.pattern)
    if not isinstance(pattern.pattern, RegexPattern):
        return route
    try:
        path, names = normalize(route)[0]
    except ValueError:  # The pattern is too complex for reverse() as well.
        return route
    for name in names:
        path = path.replace(f"%({name})s", f"<{name.lstrip('_')}>")
    return path


def view_of(callback: Callable[..., Any], base: type[V]) -> V | None:
    """Return the view behind a callback, if its class is a subclass of ``base``; otherwise None."""
    view_class = getattr(callback, "view_class", None)
    if not isinstance(view_class, type) or not issubclass(view_class, base):
        return None
    try:
        return view_class(**getattr(callback, "view_initkwargs", {}))
    except Exception:  # noqa: BLE001  Its __init__() may depend on a request.
        return None


def view_attribute(callback: Any, name: str, default: Any) -> Any:
    """Return an attribute of a class-based view, as its URL pattern sets it."""
    options = getattr(callback, "view_initkwargs", {})
    view_class = getattr(callback, "view_class", None)
    return options.get(name, getattr(view_class, name, default))
