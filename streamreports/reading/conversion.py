"""Read unconverted values from the database driver, and convert them a column at a time.

Django converts values row by row, which takes longer than reading them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.db.models.query import BaseIterable
from django.db.models.sql.constants import MULTI

from streamreports.backends.registry import get_backend

# By the number of a selected column: functions of a value, an expression and a connection.
Converters = Mapping[int, tuple[Sequence[Callable[[Any, Any, Any], Any]], Any]]


class UnconvertedValuesIterable(BaseIterable):  # type: ignore[type-arg]
    """Yield a tuple for each row of a ``values_list()``, without Django's conversions."""

    def __iter__(self) -> Iterator[Any]:
        queryset = self.queryset
        results = queryset.query.get_compiler(queryset.db).execute_sql(
            MULTI, chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size
        )
        return chain.from_iterable(results)


def unconverted(queryset: QuerySet[Any]) -> tuple[QuerySet[Any], Converters]:
    """Return a queryset of unconverted tuples, and the converters of each column.

    ``queryset``: a ``values_list()``. It is returned unchanged if a value has several columns.
    """
    compiler = queryset.query.chain().get_compiler(queryset.db)
    compiler.setup_query()
    selected = [expression for expression, *_ in compiler.select]
    if compiler.has_composite_fields(selected):
        return queryset, {}
    queryset = queryset.all()
    queryset._iterable_class = UnconvertedValuesIterable
    return queryset, compiler.get_converters(selected)


def convert(columns: Sequence[Sequence[Any]], converters: Converters, connection: Any) -> list[Any]:
    """Return columns of values, converted as in Django."""
    backend = get_backend(connection)
    converted = list(columns)
    for number, (functions, expression) in converters.items():
        for function in functions:
            converted[number] = backend.convert(converted[number], function, expression)
    return converted
