"""Read querysets combined by union(), intersection() or difference()."""

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import QuerySet
from django.db.models.query import ValuesIterable

from streamreports.columns.bound import BoundColumn, QueryColumn
from streamreports.exceptions import ColumnError
from streamreports.reading.query import ReportQuery, column_path, is_grouped


class CombinedQuery(ReportQuery):
    """Read columns from the values of a combined queryset, without selecting others.

    The database compares whole rows, so other columns would change the rows.
    """

    @cached_property
    def records(self) -> QuerySet[Any]:
        """Return the queryset, with dictionaries as records."""
        records = self.queryset.all()
        if is_grouped(records):
            records._iterable_class = ValuesIterable
        return records

    def values(self, records: Sequence[Any]) -> dict[BoundColumn, Sequence[Any]]:
        """Return the values of the records for each column."""
        names = names_of(self.queryset)
        get = itemgetter if is_grouped(self.queryset) else attrgetter
        return {
            column: list(map(get(names[column_path(column)]), records)) for column in self.selected
        }


def names_of(queryset: QuerySet[Any]) -> dict[str, str]:
    """Return the valid names of columns, with the key or attribute of the records for each."""
    query = queryset.query
    annotations = dict.fromkeys(query.annotation_select)
    if is_grouped(queryset):
        given = (*query.extra_select, *query.values_select, *annotations)
        return {name: name for name in given}
    fields = queryset.model._meta.concrete_fields
    names = {name: field.attname for field in fields for name in (field.name, field.attname)}
    return {**names, "pk": "pk", **{name: name for name in annotations}}


def check_combined(queryset: QuerySet[Any], columns: Sequence[BoundColumn]) -> None:
    """Raise ColumnError for a column that is not among the values of a combined queryset."""
    names = names_of(queryset)
    for column in columns:
        if not isinstance(column, QueryColumn) or column_path(column) not in names:
            raise ColumnError(
                f"{column.described} is not among the values of a queryset made by"
                f" {queryset.query.combinator}().",
                "Select it with values() in each of the querysets that are combined, or combine"
                " their conditions with Q objects in one queryset.",
            )
