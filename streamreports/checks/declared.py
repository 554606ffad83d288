"""Read the attributes of a view without a request."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.core.checks import CheckMessage
from django.db.models import QuerySet
from django.db.models.base import ModelBase

from streamreports.views import StreamingReportView

V = TypeVar("V")

UNKNOWN: Any = object()


def declared_queryset(view: StreamingReportView) -> QuerySet[Any] | None:
    """Return the queryset of a view whose attributes say all of it, None if it is not known."""
    if not is_declared(view, "get_queryset"):
        return None
    try:
        queryset = view.get_queryset()
    except Exception:  # noqa: BLE001  check_queryset() has reported what can be known.
        return None
    return queryset if isinstance(queryset, QuerySet) else None


def base_queryset(view: StreamingReportView) -> QuerySet[Any] | None:
    """Return the queryset that the view's own ``get_queryset()`` probably begins with."""
    queryset, model = value_of(view, "queryset"), value_of(view, "model")
    if isinstance(queryset, QuerySet):
        return queryset
    is_known = isinstance(model, ModelBase) and queryset in (None, UNKNOWN)
    return QuerySet(model) if is_known else None


def is_declared(view: StreamingReportView, *hooks: str) -> bool:
    """Return True if the view overrides none of some hooks, so that its attributes say all."""
    return all(getattr(type(view), hook) is getattr(StreamingReportView, hook) for hook in hooks)


def run_checks(
    checks: Iterable[Callable[[V], Iterator[CheckMessage]]], view: V
) -> Iterator[CheckMessage]:
    """Yield the errors that some checks find in a view.

    Any attribute or method of a view may need a request. Such a view raises an exception here,
    which is ignored, since the value is known only at run time.
    """
    for check in checks:
        try:
            yield from check(view)
        except Exception:  # noqa: BLE001, S112
            continue


def value_of(view: StreamingReportView, name: str) -> Any:
    """Return an attribute of a view, UNKNOWN for a property that needs a request."""
    try:
        return getattr(view, name)
    except Exception:  # noqa: BLE001
        return UNKNOWN
