"""Print values in SQL on PostgreSQL."""

import datetime

from django.db.models import Avg, StdDev, Sum, Variance
from django.db.models import functions as f
from django.db.models.fields.json import KeyTextTransform

from streamreports.backends.base import functions
from streamreports.backends.base.duration import duration_parts
from streamreports.backends.base.operations import (
    MICROSECONDS_PER_DAY,
    PADS_YEARS,
    TEXTUAL_KINDS,
    Operations,
    SqlValue,
    kind_of,
)
from streamreports.escaping import FORMULA_STARTS

STARTS = ", ".join(str(ord(start)) for start in sorted(FORMULA_STARTS) if start != "'")


def microseconds(value: str, kind: str, whole: int) -> str:
    """Return SQL that prints a time or timestamp with six digits of microseconds or none.

    ``kind``: the type of the value. ``whole``: the length of its text without microseconds.
    """
    return (
        f"CASE WHEN {value}::{kind}(0) = {value} THEN {value}::text"
        f" ELSE rpad({value}::text, {whole + 7}, '0') END"
    )


def offset_text(local: str, zone: datetime.tzinfo) -> str:
    """Return SQL for the UTC offset of a local time, which is quick for the offsets of this year.

    An interval compares ten times as fast as it prints.
    """
    offset = f"({local} - (({{x}}) AT TIME ZONE 'UTC'))"
    printed = f"{offset}::text"
    year = datetime.datetime.now(tz=zone).year
    current = [datetime.datetime(year, month, 1, tzinfo=zone) for month in (1, 7)]
    offsets = {time.isoformat()[19:]: time.utcoffset() for time in current}
    whens = "".join(
        f" WHEN '{int(ahead.total_seconds())} seconds'::interval THEN '{text}'"
        for text, ahead in offsets.items()
        if ahead is not None
    )
    return (
        f"CASE {offset}{whens} ELSE"
        f" CASE WHEN {printed} LIKE '-%' THEN '' ELSE '+' END"
        f" || CASE WHEN {printed} LIKE '%:00' THEN left({printed}, -3) ELSE {printed} END END"
    )


class PostgresqlOperations(Operations):
    """Print values as PostgreSQL does; its COPY prints the most common ones without a cast."""

    function_kinds = {
        **functions.TEXT_FUNCTIONS,
        **functions.HASH_FUNCTIONS,
        **functions.PADDING_FUNCTIONS,
        **functions.CONCATENATIONS,
        **functions.INTEGER_FUNCTIONS,
        **functions.SAME_FUNCTIONS,
        **functions.TRUNCATIONS,
        **functions.DATE_CASTS,
        **dict.fromkeys(functions.EXTRACTIONS, "numeric"),
        KeyTextTransform: "text",
        **dict.fromkeys((Avg, StdDev, Variance), "average"),
        Sum: functions.SAME,
        f.Abs: functions.SAME,
    }
    constant_kinds = frozenset(
        {"boolean", "date", "datetime", "decimal", "duration", "integer", "text", "time", "uuid"}
    )
    exact_operators = {"integer": "+-*/%%", "decimal": "+-*/", "numeric": "+-*/"}
    mixes_numbers = True
    subtracts_times_exactly = True
    casts = {
        ("decimal", "float"): "({x})::float8",
        ("integer", "decimal"): "{x}",
        ("integer", "float"): "({x})::float8",
        ("numeric", "decimal"): "{x}",
        ("numeric", "float"): "({x})::float8",
        ("numeric", "integer"): "({x})::bigint",
        ("timestamp", "date"): "({x})::date",
        ("timestamp", "datetime"): "(({x}) AT TIME ZONE 'UTC')",
    }
    date_directives = {
        "d": "DD",
        "f": "US",
        "H": "HH24",
        "j": "DDD",
        "m": "MM",
        "M": "MI",
        "S": "SS",
        "Y": "YYYY" if PADS_YEARS else "FMYYYY",
        "y": "YY",
    }

    def json_template(self, value: SqlValue, *, decimals_as_numbers: bool) -> str:
        """Return the template that prints a value as JSON; null stays null."""
        kind, text = kind_of(value.field), self.text_template(value)
        if kind == "ip_address":
            text = f"NULLIF({text}, '')"  # What concat() makes of null is empty.
        if value.format is not None or value.is_choice or kind in TEXTUAL_KINDS:
            return f"to_json(({text})::text)::text"
        if kind in ("boolean", "integer"):
            return "({x})::text"
        if kind == "decimal" and decimals_as_numbers:  # JSON has neither infinity nor NaN.
            return f"CASE WHEN abs({{x}}) < 'Infinity'::numeric THEN {text} END"
        if kind == "datetime":
            text = f"replace({text}, ' ', 'T')"
        return f"""'"' || {text} || '"'"""  # It has no characters that must be escaped.

    def boolean_text(self, value: SqlValue) -> str:
        """Print True or False."""
        return "CASE WHEN {x} THEN 'True' WHEN NOT {x} THEN 'False' END"

    def date_text(self, value: SqlValue) -> str:
        """Print ISO 8601."""
        return "{x}" if value.bare else "({x})::text"

    def datetime_text(self, value: SqlValue) -> str:
        """Print ISO 8601 with a space, in the current time zone."""
        if self.connection.timezone is None:  # Naive datetimes: USE_TZ is False.
            zone = self.connection.timezone_name
            return microseconds(f"(({{x}}) AT TIME ZONE '{zone}')", "timestamp", whole=19)
        if value.zone_name == "UTC" == self.connection.timezone_name:
            # The session's time zone: no conversion is needed. The text ends with +00.
            return (
                "CASE WHEN ({x})::timestamptz(0) = {x} THEN ({x})::text || ':00'"
                " ELSE rpad(left(({x})::text, -3), 26, '0') || '+00:00' END"
            )
        utc = microseconds("(({x}) AT TIME ZONE 'UTC')", "timestamp", whole=19) + " || '+00:00'"
        if value.zone_name == "UTC":
            return utc
        local = f"(({{x}}) AT TIME ZONE '{value.zone_name}')"
        shown = f"{microseconds(local, 'timestamp', whole=19)} || {offset_text(local, value.zone)}"
        return self._in_local_time(local, shown, utc)

    def _in_local_time(self, local: str, shown: str, utc: str) -> str:
        """Return SQL for a local time; Python keeps UTC if the local year is not 1 to 9999."""
        # Comparing the value itself is quicker; no time zone is two days off.
        return (
            f"CASE WHEN {{x}} > '0001-01-03+00'::timestamptz"
            f" AND {{x}} < '9999-12-29+00'::timestamptz THEN {shown}"
            f" WHEN extract(year FROM {local}) BETWEEN 1 AND 9999 THEN {shown} ELSE {utc} END"
        )

    def decimal_text(self, value: SqlValue) -> str:
        """Print plain notation, with the decimal places of the field."""
        return "{x}" if value.bare and value.decimal_separator == "." else "({x})::text"

    def duration_text(self, value: SqlValue) -> str:
        """Print the result of ``duration_string()``: signed days and a positive time."""
        micros = (
            "((extract(year FROM {x}) * 365 + extract(month FROM {x}) * 30"
            f" + extract(day FROM {{x}})) * {MICROSECONDS_PER_DAY}"
            " + extract(hour FROM {x}) * 3600000000 + extract(minute FROM {x}) * 60000000"
            " + extract(microseconds FROM {x}))::bigint"
        )
        two, six = "to_char({n}, 'FM00')", "to_char({n}, 'FM000000')"
        text = " || ".join(duration_parts(micros, two, six, cast="::text"))
        return f"CASE WHEN {{x}} IS NOT NULL THEN {text} END"

    def integer_text(self, value: SqlValue) -> str:
        """Print digits."""
        return "{x}" if value.bare else "({x})::text"

    def ip_address_text(self, value: SqlValue) -> str:
        """Print the address as the database sends it: without the length of the network."""
        return self.text_text(value).replace("{x}", "concat({x})")

    def text_text(self, value: SqlValue) -> str:
        """Print the text, escaped if it is a formula and quoted if it is part of a CSV line."""
        text = self._escaped(value)
        if value.delimiter is None:
            return text
        # Collations that are not deterministic allow no search.
        found = " OR ".join(
            f'strpos({{x}} COLLATE "C", {sign}) > 0'
            for sign in (f"'{value.delimiter}'", "'\"'", "chr(10)", "chr(13)")
        )
        quoted = f"""'"' || replace(({text}) COLLATE "C", '"', '""') || '"'"""
        return f"CASE WHEN {found} THEN {quoted} ELSE {text} END"

    def _escaped(self, value: SqlValue) -> str:
        """Return SQL for the text, with an apostrophe before a formula if those are escaped."""
        if not value.escape_formulas:
            return "NULLIF({x}, '')" if value.bare else "{x}"
        # Most texts begin with a letter, so test for that first.
        return (
            "CASE WHEN ascii({x}) BETWEEN 65 AND 65290 THEN {x}"
            f" WHEN ascii({{x}}) IN (39, {STARTS})"
            f" AND ascii(ltrim({{x}}, '''')) IN ({STARTS}) THEN '''' || {{x}}"
            f" ELSE {'''NULLIF({x}, '')''' if value.bare else '{x}'} END"
        )

    def time_text(self, value: SqlValue) -> str:
        """Print ISO 8601, with six digits of microseconds or none."""
        return microseconds("({x})", "time", whole=8)

    def uuid_text(self, value: SqlValue) -> str:
        """Print hexadecimal digits and four hyphens."""
        return "{x}" if value.bare else "({x})::text"

    # Formats

    def formatted_date_text(self, value: SqlValue, kind: str, parts: list[tuple[bool, str]]) -> str:
        """Return the template for a format of a date, time or datetime."""
        pattern = "".join(
            self.date_directives[text] if is_directive else quoted(text)
            for is_directive, text in parts
        ).replace("'", "''")
        if kind == "time":
            return f"to_char(({{x}})::interval, '{pattern}')"
        if kind == "date":
            return f"to_char(({{x}})::timestamp, '{pattern}')"
        zone = self.connection.timezone_name if self.connection.timezone is None else None
        local = f"(({{x}}) AT TIME ZONE '{zone or value.zone_name}')"
        shown = f"to_char({local}, '{pattern}')"
        if zone or value.zone_name == "UTC":
            return shown
        return self._in_local_time(
            local, shown, f"to_char(({{x}}) AT TIME ZONE 'UTC', '{pattern}')"
        )

    def fixed_point_text(self, value: SqlValue, places: int) -> str:
        """Return the template for a decimal with at least as many places as its field has."""
        return f"round({{x}}, {places})::text"


def quoted(literal: str) -> str:
    """Return a literal text in a pattern of ``to_char()``."""
    escaped = literal.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
