"""How one value prints in the database: what text.py does in Python, in the words of SQL.

A rule stands here only where it gives the same bytes as Python for whatever its field can hold,
and the tests hold each rule to that on each database. What has no rule is printed in Python.

Every rule is a function of what is to be printed, and returns one template for each kind of
database that has it. In a template, ``{x}`` stands for the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, QuerySet, Subquery

from streamreports.values import FORMULA_STARTS

Templates = Mapping[str, str]
Params = tuple[Any, ...]

ZONE_NAME = re.compile(r"[\w+/-]+")
MICROSECONDS_A_DAY = 86_400_000_000


class NotPrintableError(Exception):
    """Tell why the database does not print a column."""


def zone_name(zone: tzinfo) -> str:
    """Return the name that databases know a time zone by."""
    if zone is UTC:
        return "UTC"
    if isinstance(zone, ZoneInfo) and zone.key and ZONE_NAME.fullmatch(zone.key):
        return zone.key
    raise NotPrintableError(f"no database knows the time zone {zone}")


def microseconds(value: str, kind: str, whole: int) -> str:
    """Return the SQL that prints a PostgreSQL time, with six digits of microseconds or none.

    ``kind``: its type there. ``whole``: the length of its text without microseconds.
    """
    return (
        f"CASE WHEN {value}::{kind}(0) = {value} THEN {value}::text"
        f" ELSE rpad({value}::text, {whole + 7}, '0') END"
    )


@dataclass(frozen=True)
class SqlValue:
    """What is to be printed: a value of a field.

    ``zone``: the time zone to print datetimes in.
    """

    field: Any
    escape_formulas: bool
    zone: tzinfo
    connection: BaseDatabaseWrapper


def integer(value: SqlValue) -> Templates:
    """Print digits."""
    return {
        "postgresql": "({x})::text",
        # A column of SQLite's can hold what its type does not say.
        "sqlite": "CASE typeof({x}) WHEN 'integer' THEN CAST({x} AS TEXT) ELSE "
        + text(value)["sqlite"]
        + " END",
        "mysql": "CAST({x} AS CHAR)",
    }


def text(value: SqlValue) -> Templates:
    """Print the text itself, with an apostrophe before what a spreadsheet would run."""
    if not value.escape_formulas:
        return {"postgresql": "{x}", "sqlite": "{x}", "mysql": "{x}"}
    starts = sorted(ord(start) for start in FORMULA_STARTS if start != "'")
    points = ", ".join(map(str, starts))
    utf8 = ", ".join(str(int.from_bytes(chr(start).encode())) for start in starts)
    return {
        "postgresql": f"CASE WHEN ascii({{x}}) IN (39, {points})"
        f" AND ascii(ltrim({{x}}, '''')) IN ({points}) THEN '''' || {{x}} ELSE {{x}} END",
        # Most texts begin with a letter, which is told the quickest.
        "sqlite": "CASE WHEN {x} COLLATE BINARY BETWEEN 'A' AND '\ufeff' THEN {x}"
        f" WHEN unicode({{x}}) IN (39, {points}) AND unicode(ltrim({{x}}, '''')) IN ({points})"
        " THEN '''' || {x} ELSE {x} END",
        "mysql": f"CASE WHEN ORD({{x}}) IN (39, {utf8})"
        f" AND ORD(TRIM(LEADING '''' FROM {{x}})) IN ({utf8})"
        " THEN CONCAT('''', {x}) ELSE {x} END",
    }


def boolean(value: SqlValue) -> Templates:
    """Print True or False."""
    return {
        "postgresql": "CASE WHEN {x} THEN 'True' WHEN NOT {x} THEN 'False' END",
        "sqlite": "CASE {x} WHEN 1 THEN 'True' WHEN 0 THEN 'False' END",
        "mysql": "CASE {x} WHEN 1 THEN 'True' WHEN 0 THEN 'False' END",
    }


def decimal(value: SqlValue) -> Templates:
    """Print plain notation, with the places of the field."""
    templates = {"postgresql": "({x})::text", "mysql": "CAST({x} AS CHAR)"}
    if 0 < (value.field.max_digits or 0) <= 15:  # SQLite keeps decimals as floats.
        templates["sqlite"] = (
            "CASE WHEN typeof({x}) IN ('integer', 'real') THEN"
            f" printf('%.{value.field.decimal_places}f', {{x}}) END"
        )
    return templates


def date(value: SqlValue) -> Templates:
    """Print ISO 8601."""
    return {
        "postgresql": "({x})::text",
        "sqlite": "CASE WHEN {x} GLOB '[0-9]*' THEN {x} END",
        "mysql": "CAST({x} AS CHAR)",
    }


def time(value: SqlValue) -> Templates:
    """Print ISO 8601, with six digits of microseconds or none."""
    return {
        "postgresql": microseconds("({x})", "time", whole=8),
        "sqlite": "CASE WHEN {x} GLOB '[0-9]*' THEN {x} END",
        "mysql": "REPLACE(CAST({x} AS CHAR), '.000000', '')",
    }


def datetime(value: SqlValue) -> Templates:
    """Print ISO 8601 with a space, in the current time zone."""
    connection = value.connection
    if connection.timezone is None:  # Naive datetimes: USE_TZ is off.
        zone = connection.timezone_name
        return {
            "postgresql": microseconds(f"({{x}} AT TIME ZONE '{zone}')", "timestamp", whole=19),
            "sqlite": "CASE WHEN {x} GLOB '[0-9]*' THEN {x} END",
            "mysql": "REPLACE(CAST({x} AS CHAR), '.000000', '')",
        }
    name = zone_name(value.zone)
    utc = microseconds("({x} AT TIME ZONE 'UTC')", "timestamp", whole=19) + " || '+00:00'"
    if name == "UTC":
        templates = {"postgresql": utc}
        if connection.timezone_name == "UTC":
            templates["sqlite"] = "CASE WHEN {x} GLOB '[0-9]*' THEN {x} || '+00:00' END"
            templates["mysql"] = "CONCAT(REPLACE(CAST({x} AS CHAR), '.000000', ''), '+00:00')"
        return templates
    local = f"({{x}} AT TIME ZONE '{name}')"
    offset = f"({local} - ({{x}} AT TIME ZONE 'UTC'))::text"
    shown = (
        f"{microseconds(local, 'timestamp', whole=19)}"
        f" || CASE WHEN {offset} LIKE '-%' THEN '' ELSE '+' END"
        f" || CASE WHEN {offset} LIKE '%:00' THEN left({offset}, -3) ELSE {offset} END"
    )
    # Python shows a local time only where its year is from 1 to 9999.
    return {
        "postgresql": f"CASE WHEN extract(year FROM {local}) BETWEEN 1 AND 9999"
        f" THEN {shown} ELSE {utc} END"
    }


def duration(value: SqlValue) -> Templates:
    """Print what duration_string() does: days with a sign, and a positive rest."""
    postgresql = (
        "((extract(year FROM {x}) * 365 + extract(month FROM {x}) * 30 + extract(day FROM {x}))"
        f" * {MICROSECONDS_A_DAY} + extract(hour FROM {{x}}) * 3600000000"
        " + extract(minute FROM {x}) * 60000000 + extract(microseconds FROM {x}))::bigint"
    )
    templates = {
        "postgresql": clock(
            postgresql, "to_char({n}, 'FM00')", "to_char({n}, 'FM000000')", "/", "::text"
        ),
        "sqlite": clock("{x}", "printf('%02d', {n})", "printf('%06d', {n})", "/", ""),
        "mysql": "CONCAT("
        + clock("{x}", "LPAD({n}, 2, '0')", "LPAD({n}, 6, '0')", " DIV ", "").replace(" || ", ", ")
        + ")",
    }
    return {
        vendor: f"CASE WHEN {{x}} IS NOT NULL THEN {template} END"
        for vendor, template in templates.items()
    }


def clock(micros: str, two: str, six: str, divide: str, cast: str) -> str:
    """Return the SQL that prints whole microseconds as ``duration_string()`` does."""
    rest = f"((({micros}) % {MICROSECONDS_A_DAY} + {MICROSECONDS_A_DAY}) % {MICROSECONDS_A_DAY})"
    days = f"((({micros}) - {rest}) {divide} {MICROSECONDS_A_DAY})"
    hours = two.replace("{n}", f"({rest} {divide} 3600000000)")
    minutes = two.replace("{n}", f"({rest} {divide} 60000000 % 60)")
    seconds = two.replace("{n}", f"({rest} {divide} 1000000 % 60)")
    fraction = six.replace("{n}", f"({rest} % 1000000)")
    return (
        f"CASE WHEN {days} <> 0 THEN {days}{cast} ELSE '' END"
        f" || CASE WHEN {days} <> 0 THEN ' ' ELSE '' END"
        f" || {hours} || ':' || {minutes} || ':' || {seconds}"
        f" || CASE WHEN {rest} % 1000000 <> 0 THEN '.' ELSE '' END"
        f" || CASE WHEN {rest} % 1000000 <> 0 THEN {fraction} ELSE '' END"
    )


def uuid(value: SqlValue) -> Templates:
    """Print hexadecimal digits and four hyphens."""
    hyphens = " || '-' || ".join(
        f"substr({{x}}, {start}, {length})"
        for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    )
    templates = {"postgresql": "({x})::text", "sqlite": hyphens}
    if value.connection.features.has_native_uuid_field:
        templates["mysql"] = "CAST({x} AS CHAR)"
    return templates


def ip_address(value: SqlValue) -> Templates:
    """Print the address, which is a text like any other."""
    # concat() writes an address as the database sends it: without the length of the network.
    templates = text(value)
    return {**templates, "postgresql": templates["postgresql"].replace("{x}", "concat({x})")}


# Fields by the rule that prints them. A class that is not named may convert its values as it likes.
# Floats have no rule: SQLite and MariaDB print fewer digits than it takes to give them back, and
# PostgreSQL another digit than Python beyond 2**53. Nor has JSON, whose numbers print otherwise.
RULES: dict[type, Callable[[SqlValue], Templates]] = {
    **dict.fromkeys(
        (
            models.AutoField,
            models.BigAutoField,
            models.SmallAutoField,
            models.IntegerField,
            models.BigIntegerField,
            models.SmallIntegerField,
            models.PositiveIntegerField,
            models.PositiveBigIntegerField,
            models.PositiveSmallIntegerField,
        ),
        integer,
    ),
    **dict.fromkeys(
        (
            models.CharField,
            models.TextField,
            models.EmailField,
            models.SlugField,
            models.URLField,
            models.FileField,
            models.ImageField,
            models.FilePathField,
        ),
        text,
    ),
    models.BooleanField: boolean,
    models.DateField: date,
    models.DateTimeField: datetime,
    models.DecimalField: decimal,
    models.DurationField: duration,
    models.GenericIPAddressField: ip_address,
    models.TimeField: time,
    models.UUIDField: uuid,
}


def template_for(value: SqlValue) -> str:
    """Return the template that prints a value in its database; raise NotPrintableError."""
    rule = RULES.get(type(value.field))
    if rule is None:
        raise NotPrintableError(f"no rule for {type(value.field).__name__}")
    template = rule(value).get(value.connection.vendor)
    if template is None:
        raise NotPrintableError(
            f"{value.connection.display_name} prints {type(value.field).__name__} otherwise"
        )
    return template


class Text(Func):
    """The text of a value, by a template; null gives an empty text, or stays null if it may."""

    output_field = models.TextField()

    def __init__(self, value: Any, template: str, *, keep_null: bool = False) -> None:
        super().__init__(value)
        self.text_template = template
        self.keep_null = keep_null

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return the template, filled with the value as often as it asks for it."""
        value, params = compiler.compile(self.source_expressions[0])
        sql = self.text_template.replace("%", "%%").replace("{x}", value)
        return (
            sql if self.keep_null else f"COALESCE({sql}, '')",
            tuple(params) * self.text_template.count("{x}"),
        )


class ChoiceText(Text):
    """The label of a choice; a value outside the choices prints as itself."""

    def __init__(self, value: Any, template: str, labels: Mapping[Any, str]) -> None:
        super().__init__(value, template)
        self.labels = labels

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return a CASE of all labels."""
        value, params = compiler.compile(self.source_expressions[0])
        otherwise, otherwise_params = super().as_sql(compiler, connection, **extra)
        labels = [part for pair in self.labels.items() for part in pair]
        whens = " WHEN %s THEN %s" * len(self.labels)
        return f"CASE {value}{whens} ELSE {otherwise} END", (*params, *labels, *otherwise_params)


class JoinedText(Subquery):
    """The texts that a query gives, joined in its order and printed by a template."""

    output_field = models.TextField()

    def __init__(self, queryset: QuerySet[Any], separator: str, template: str) -> None:
        super().__init__(queryset)
        self.separator = separator
        self.text_template = template

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Params]:
        """Return the query as one text."""
        query, params = self.query.as_sql(compiler, connection)
        (column,) = self.query.annotation_select
        if connection.vendor == "postgresql":
            joined = f"array_to_string(ARRAY{query}, %s)"
            params = (*params, self.separator)
        else:  # SQLite joins the rows of a query in the order in which it gives them.
            joined = f"(SELECT group_concat({column}, %s) FROM {query})"  # noqa: S608
            params = (self.separator, *params)
        text_sql = self.text_template.replace("%", "%%").replace("{x}", "joined")
        return (
            f"(SELECT COALESCE({text_sql}, '') FROM (SELECT {joined} AS joined) AS j)",  # noqa: S608
            params,
        )
