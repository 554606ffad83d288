"""SQL text as Django expressions."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, QuerySet, Subquery, Value

Params = tuple[Any, ...]


def evaluate_once(value: str, template: str) -> str:
    """Return SQL that fills a template with a value that is evaluated only once.

    OFFSET 0 prevents PostgreSQL from inlining the value.
    """
    text = template.replace("{x}", "v.x")
    return f"(SELECT {text} FROM (SELECT {value} AS x LIMIT 1 OFFSET 0) AS v)"  # noqa: S608


class Text(Func):
    """The text of a value, printed by a template. Null is an empty string unless ``keep_null``.

    ``once``: whether the value is too expensive to be evaluated more than once.
    """

    output_field = models.TextField()

    def __init__(
        self, value: Any, template: str, *, keep_null: bool = False, once: bool = False
    ) -> None:
        super().__init__(value)
        self.text_template = template.replace("%", "%%")
        self.keep_null = keep_null
        self.once = once

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return the template, filled with the value."""
        value, params = self._value_sql(compiler)
        if self.once:
            sql = evaluate_once(value, self.text_template)
        else:
            sql = self.text_template.replace("{x}", value)
            params *= self.text_template.count("{x}")
        return (sql if self.keep_null else f"COALESCE({sql}, '')", params)

    def _value_sql(self, compiler: Any) -> tuple[str, Params]:
        """Return the SQL of the value; handle conditions that are always false or true."""
        (value,) = self.source_expressions
        try:
            sql, params = compiler.compile(value)
        except EmptyResultSet:
            sql, params = compiler.compile(Value(getattr(value, "empty_result_set_value", None)))
        except FullResultSet:
            sql, params = compiler.compile(Value(True))
        return sql, tuple(params)


class ChoiceText(Text):
    """The label of a choice. A value outside the choices is printed unchanged."""

    def __init__(
        self, value: Any, template: str, labels: Mapping[Any, str], *, null_if_empty: bool = False
    ) -> None:
        super().__init__(value, template)
        self.labels = labels
        self.null_if_empty = null_if_empty

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return a CASE of all labels."""
        value, params = self._value_sql(compiler)
        otherwise, otherwise_params = super().as_sql(compiler, connection, **extra)
        labels = [part for pair in self.labels.items() for part in pair]
        whens = " WHEN %s THEN %s" * len(self.labels)
        sql = f"CASE {value}{whens} ELSE {otherwise} END"
        if self.null_if_empty:
            sql = f"NULLIF({sql}, '')"
        return sql, (*params, *labels, *otherwise_params)


class JoinedCells(Func):
    """Adjacent cells of a CSV line, which are quoted where necessary and never null."""

    output_field = models.TextField()

    def __init__(self, *cells: Any, delimiter: str) -> None:
        super().__init__(*cells)
        self.delimiter = delimiter

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return the cells with the delimiter between them."""
        compiled = [compiler.compile(cell) for cell in self.source_expressions]
        sql = f" || '{self.delimiter}' || ".join(sql for sql, _ in compiled)
        return f"({sql})", tuple(param for _, params in compiled for param in params)


class JsonObject(Func):
    """An object as JSON text.

    ``members``: the JSON text of each value, or null, by its key. Keys have no characters that must
    be escaped in JSON or SQL.
    """

    output_field = models.TextField()

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(*members.values())
        self.keys = list(members)

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return the object, with the members in order."""
        compiled = [compiler.compile(value) for value in self.source_expressions]
        parts, before = [], "{"
        for key, (sql, _) in zip(self.keys, compiled, strict=True):
            parts.append(f"""'{before}"{key}":' || COALESCE({sql}, 'null')""")
            before = ","
        sql = " || ".join([*parts, "'}'"])
        return f"({sql})", tuple(param for _, params in compiled for param in params)


class JoinedText(Subquery):
    """The texts returned by a query, joined in its order and printed by a template."""

    output_field = models.TextField()

    def __init__(
        self, queryset: QuerySet[Any], separator: str, template: str, *, keep_null: bool = False
    ) -> None:
        super().__init__(queryset)
        self.separator = separator
        self.text_template = template.replace("%", "%%")
        self.keep_null = keep_null

    def as_postgresql(
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Join an array of the texts."""
        query, params = self.query.as_sql(compiler, connection)
        return self._printed(f"array_to_string(ARRAY{query}, %s)", (*params, self.separator))

    def as_sqlite(
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Join the rows of the query, which SQLite reads in the query's order."""
        query, params = self.query.as_sql(compiler, connection)
        (column,) = self.query.annotation_select
        joined = f"(SELECT group_concat({column}, %s) FROM {query})"  # noqa: S608
        return self._printed(joined, (self.separator, *params))

    def _printed(self, joined: str, params: Params) -> tuple[str, Params]:
        """Return SQL that prints the joined text."""
        sql = evaluate_once(joined, self.text_template)
        return (sql if self.keep_null else f"COALESCE({sql}, '')", params)
