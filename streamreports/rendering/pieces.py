"""The pieces of a template, and the values in its context that are read while it is rendered."""

from collections.abc import AsyncIterable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from streamreports.writing.asynchronous import items_of


def render(
    template: Any, context: Mapping[str, Any], chunk_size: int
) -> Generator[SafeString, None, None]:
    """Yield a template in pieces, and close the generators in its context at the end.

    Querysets and asynchronous iterators in the context are read while the template iterates over
    them. ``chunk_size``: the number of rows of a queryset that are held at a time.
    """
    values = {name: readable(value, chunk_size) for name, value in context.items()}
    with ExitStack() as stack:
        for value in values.values():
            if isinstance(value, Generator):
                stack.enter_context(closing(value))
        for piece in template.template.generate(values):
            yield SafeString(piece)


def readable(value: Any, chunk_size: int) -> Any:
    """Return an iterable that does not keep all items in memory; other values unchanged."""
    if isinstance(value, QuerySet):
        return value if value._result_cache is not None else ChunkedQuerySet(value, chunk_size)
    if isinstance(value, AsyncIterable) and not isinstance(value, Iterable):
        return items_of(value)
    return value


class ChunkedQuerySet:
    """A queryset whose rows are read in chunks whenever it is iterated over, and not kept.

    The database provides its length, and whether it is empty. Other attributes are the queryset's.
    """

    def __init__(self, queryset: QuerySet[Any], chunk_size: int) -> None:
        self._queryset = queryset
        self._chunk_size = chunk_size

    def __iter__(self) -> Iterator[Any]:
        return self._queryset.iterator(chunk_size=self._chunk_size)

    def __len__(self) -> int:
        return self._queryset.count()

    def __bool__(self) -> bool:
        return self._queryset.exists()

    def __getitem__(self, key: Any) -> Any:
        found = self._queryset[key]
        return ChunkedQuerySet(found, self._chunk_size) if isinstance(found, QuerySet) else found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queryset, name)
