"""Find columns whose functions run a query for each row, and suggest how to avoid it."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP

from streamreports.columns import lookups
from streamreports.columns.bound import BoundColumn
from streamreports.values import COLLECTIONS, as_list

logger = logging.getLogger("streamreports")

MONITORED_ROWS = 50  # rows whose queries are counted before a warning is logged
DEPTH = 3  # the maximum number of relations between the model and a query

# The query of a relation of one object: all columns of a table, filtered by one column.
RELATION_SQL = re.compile(
    r"SELECT .* FROM \W?(\w+)\W? .*?WHERE \(?\W?(\w+)\W?\.\W?(\w+)\W? = ", re.S
)
FIELDS = re.compile(r"^SELECT .{60,}? FROM", re.S)
OTHER_CLAUSES = re.compile(r"WHERE .* (AND|OR|IN) |\b(SUM|AVG|MIN|MAX)\(", re.S)

GENERAL_CURE = "annotate the queryset, or use Column(batch=...)"


@dataclass(frozen=True)
class RepeatedQuery:
    """A query that a column runs for each row, with a way to avoid it."""

    column: BoundColumn
    sql: str
    cure: str

    def __str__(self) -> str:
        return (
            f"The column {self.column.described} runs a query for each row:"
            f" {FIELDS.sub('SELECT ... FROM', self.sql)}."
            f" To avoid it, {self.cure}."
        )


class QueryMonitor:
    """Count the queries that the functions of columns run for the first rows."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.rows = 0
        self._calls: Counter[tuple[BoundColumn, str]] = Counter()  # calls that ran a statement
        self._statements: set[str] = set()  # of the current call

    @property
    def is_done(self) -> bool:
        """Return True once enough rows were counted."""
        return self.rows >= MONITORED_ROWS

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count the queries of all connections."""
        with ExitStack() as stack:
            for connection in connections.all(initialized_only=True):
                stack.enter_context(connection.execute_wrapper(self._execute))
            yield

    def watch(self, column: BoundColumn, cells: Iterable[Any]) -> Iterator[Any]:
        """Yield the results of a column's function, and count the calls that run queries."""
        self._statements.clear()
        for cell in cells:
            if isinstance(cell, COLLECTIONS):  # A queryset runs its query when it is evaluated.
                cell = as_list(cell)
            self._calls.update((column, sql) for sql in self._statements)
            yield cell
            self._statements.clear()  # These belong to another column.

    def repeated(self) -> list[RepeatedQuery]:
        """Return the queries that a column runs for at least half of the rows."""
        return [
            RepeatedQuery(column, sql, cure_for(sql, self.model))
            for (column, sql), calls in self._calls.items()
            if calls > 1 and calls >= self.rows / 2
        ]

    def add(self, rows: int) -> None:
        """Count rows; once there are enough, log a warning for each repeated query."""
        self.rows += rows
        for query in self.repeated() if self.is_done else ():
            logger.warning("%s", query)

    def _execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self._statements.add(sql)
        return execute(sql, params, many, context)


def cure_for(sql: str, model: type[Model]) -> str:
    """Return how to avoid a query: the relation to load, or a general suggestion."""
    match = RELATION_SQL.match(sql)
    if match is None or OTHER_CLAUSES.search(sql):
        return GENERAL_CURE
    for depth in range(1, DEPTH + 1):
        cures = [
            f"add {cure} to the queryset"
            for cure in loads(model, depth, table=match[1], where=(match[2], match[3]))
        ]
        if cures:
            return ", or ".join(dict.fromkeys(cures))
    return GENERAL_CURE


def loads(model: type[Model], depth: int, *, table: str, where: tuple[str, str]) -> Iterator[str]:
    """Yield the calls that load the relations to a table at a given depth."""
    for relations in paths(model, depth):
        *_, last = relations
        if last.related_model._meta.db_table != table or where not in conditions(last):
            continue
        if any(map(lookups.is_to_many, relations)) or last.many_to_many:
            path = LOOKUP_SEP.join(map(lookups.accessor, relations))
            yield f'prefetch_related("{path}")'
        else:
            yield f'select_related("{LOOKUP_SEP.join(each.name for each in relations)}")'


def paths(model: type[Model], depth: int) -> Iterator[tuple[Any, ...]]:
    """Yield the chains of relations of a given length that start at a model."""
    for field in model._meta.get_fields():
        if not field.is_relation or field.related_model is None:
            continue
        if depth == 1:
            yield (field,)
        else:
            yield from ((field, *rest) for rest in paths(field.related_model, depth - 1))


def conditions(relation: Any) -> set[tuple[str, str]]:
    """Return the tables and columns by which a relation may find its objects."""
    field = getattr(relation, "field", relation)  # the foreign key, from either side
    table = relation.related_model._meta.db_table
    if relation.many_to_many:
        through = getattr(relation, "through", None) or field.remote_field.through
        return {(through._meta.db_table, each.column) for each in through._meta.concrete_fields}
    if relation is field and hasattr(field, "foreign_related_fields"):
        return {(table, each.column) for each in field.foreign_related_fields}
    return {(table, getattr(field, "column", None) or "")}
