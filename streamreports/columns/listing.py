"""Check the queryset and the list of columns of a report."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Field, QuerySet
from django.db.models.manager import BaseManager
from django.db.models.query import RawQuerySet

from streamreports.columns.base import Column
from streamreports.columns.binding import Binder
from streamreports.columns.bound import BoundColumn
from streamreports.columns.prefetches import follow_prefetch
from streamreports.exceptions import ColumnError, ReportError


def require_queryset(queryset: object) -> None:
    """Raise ``ReportError`` for anything but a queryset."""
    if isinstance(queryset, QuerySet):
        return
    hint = "Give a QuerySet."
    if isinstance(queryset, RawQuerySet):
        hint = "Give a QuerySet; RawSQL() annotates it with an expression in SQL."
    elif isinstance(queryset, BaseManager):
        hint = "Call its all()."
    elif isinstance(queryset, type):
        hint = f"Give {queryset.__name__}.objects.all()."
    kind = queryset.__name__ if isinstance(queryset, type) else f"a {type(queryset).__name__}"
    raise ReportError(f"The queryset of a report is {kind}.", hint)


def require_columns(columns: Any) -> list[Any]:
    """Return a list of columns as a list.

    Raises ``ColumnError`` for anything else, in particular iterators, which would be empty for the
    second request.
    """
    kind = type(columns).__name__
    if isinstance(columns, str):
        raise ColumnError(
            f"{columns!r} is a string, not a list of columns.", f"Write [{columns!r}]."
        )
    if isinstance(columns, Mapping):
        items = ", ".join(f"Column({key!r}, label={label!r})" for key, label in columns.items())
        raise ColumnError(f"The columns are of type {kind}, not a list.", f"Write [{items}].")
    if isinstance(columns, (set, frozenset)):
        raise ColumnError(
            f"A {kind} has no order.", "Write a list, with the columns in the order of the file."
        )
    if isinstance(columns, Iterator):
        raise ColumnError(
            f"A {kind} can be read only once; the next report would have no columns.",
            "Write a list: [...].",
        )
    if not isinstance(columns, Sequence) or isinstance(columns, (bytes, bytearray)):
        raise ColumnError(
            f"The columns are of type {kind}, not a list.",
            "Write a list of strings and Column objects.",
        )
    listed = list(columns)
    if not listed:
        raise ColumnError("A report has no columns.", "List the columns to export.")
    return listed


def as_column(entry: Any) -> Column:
    """Return an entry of a list as a column; a string is short for ``Column(string)``.

    Raises ``ColumnError`` for anything else.
    """
    if isinstance(entry, Column):
        return entry
    if isinstance(entry, str):
        return Column(entry)
    if isinstance(entry, QuerySet):  # Its repr would evaluate it.
        raise ColumnError(
            f"A queryset of {entry.model.__name__} is not a column.",
            "Wrap it: Column(..., label=...).",
        )
    hint = "List strings and Column objects."
    field = getattr(entry, "field", entry)  # Model.name is a descriptor.
    if isinstance(entry, (tuple, list)) and list(map(type, entry)) == [str, str]:
        hint = f"Write Column({entry[0]!r}, label={entry[1]!r})."
    elif isinstance(entry, Mapping) and len(entry) == 1:
        hint = "Write " + "".join(f"Column({key!r}, label={entry[key]!r})." for key in entry)
    elif hasattr(entry, "resolve_expression") or callable(entry):
        hint = "Wrap it: Column(..., label=...)."
    elif isinstance(field, Field):
        hint = f"Write {field.name!r}."
    raise ColumnError(f"{entry!r} is not a column.", hint)


def bind(entry: Any, queryset: QuerySet[Any]) -> BoundColumn:
    """Return an entry of a list of columns as the queryset provides it.

    Raises ``ColumnError`` if it is not a column, or if the queryset cannot provide it.
    """
    return follow_prefetch(Binder(as_column(entry), queryset).bind(), queryset)


def name_errors(columns: Sequence[BoundColumn], owner: str) -> Iterator[ColumnError]:
    """Yield an error for each column without a name, and for each name used by several columns.

    ``owner``: the format that needs the names.
    """
    for column in columns:
        if not column.name:
            yield ColumnError(
                f"The column labelled {column.label!r} has no name, and {owner} needs one.",
                'Give it one: Column(..., name="...").',
            )
    for name in repeated(column.name for column in columns if column.name):
        yield ColumnError(
            f"Several columns have the name {name!r}, and {owner} needs different ones.",
            'Give each a unique name: Column(..., name="...").',
        )


def duplicates(columns: Sequence[BoundColumn]) -> Iterator[ColumnError]:
    """Yield an error for each column that is listed twice, and for each label used twice."""
    twice = repeated((column.name, column.label) for column in columns if column.name)
    for name, _ in twice:
        yield ColumnError(f"'{name}' is listed twice.", "Remove one.")
    different = {(column.name or str(id(column)), column.label) for column in columns}
    for label in repeated(label for _, label in different):
        names = [column.described for column in columns if column.label == label]
        yield ColumnError(
            f"Several columns have the label '{label}': {', '.join(names)}.",
            'Give each a unique label: Column(..., label="...").',
        )


def repeated(values: Any) -> list[Any]:
    """Return the values that occur more than once, in order."""
    counts = Counter(values)
    return [value for value, count in counts.items() if count > 1]
