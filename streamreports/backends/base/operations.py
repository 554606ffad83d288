"""Print values in SQL: operations shared by all vendors.

An operation is allowed only if its output is identical to that of ``values.py``, byte for byte, for
every value of the field. Property tests compare both on each database. Other values are printed in
Python.

Operations return templates, in which ``{x}`` stands for the SQL of the value.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

ZONE_NAME = re.compile(r"[\w+/-]+")
FIXED_POINT = re.compile(r"\.(\d\d?)f")
MICROSECONDS_PER_DAY = 86_400_000_000
# Whether strftime() pads years before 1000 depends on the platform's C library.
PADS_YEARS = datetime.date(1, 1, 1).strftime("%Y") == "0001"

# A field that overrides one of these may convert its values differently.
CONVERSIONS = (
    "cast_db_type", "db_parameters", "db_type", "from_db_value", "get_db_converters",
    "rel_db_type", "select_format",
)  # fmt: skip

# The kind of value of each field. Each kind has an operation: integer_text(), text_text()...
# Not listed: JSONField, whose numbers databases print differently.
KINDS: dict[type, str] = {
    models.AutoField: "integer",
    models.BigAutoField: "integer",
    models.SmallAutoField: "integer",
    models.IntegerField: "integer",
    models.BigIntegerField: "integer",
    models.SmallIntegerField: "integer",
    models.PositiveIntegerField: "integer",
    models.PositiveBigIntegerField: "integer",
    models.PositiveSmallIntegerField: "integer",
    models.CharField: "text",
    models.TextField: "text",
    models.EmailField: "text",
    models.SlugField: "text",
    models.URLField: "text",
    models.FileField: "text",
    models.ImageField: "text",
    models.FilePathField: "text",
    models.BooleanField: "boolean",
    models.DateField: "date",
    models.DateTimeField: "datetime",
    models.DecimalField: "decimal",
    models.DurationField: "duration",
    models.FloatField: "float",
    models.GenericIPAddressField: "ip_address",
    models.TimeField: "time",
    models.UUIDField: "uuid",
}
# Kinds that Python reads as str: these may contain formulas.
TEXTUAL_KINDS = {"text", "ip_address"}


class NotPrintableError(Exception):
    """Say why the database does not print a column."""


def kind_of(field: Any) -> str:
    """Return the kind of value of a field.

    A subclass has the kind of its base class unless it overrides how values are stored or
    converted. Raises ``NotPrintableError`` for other fields.
    """
    cls = type(field)
    base = next((base for base in cls.__mro__ if base in KINDS), None)
    if (
        base is None
        or any(getattr(cls, name, None) is not getattr(base, name, None) for name in CONVERSIONS)
        or field.get_internal_type() != base.get_internal_type(field)  # type: ignore[attr-defined]
    ):
        raise NotPrintableError(f"no rule for {described(cls)}")
    return KINDS[base]


def described(cls: type) -> str:
    """Return the name of a class, with its module unless it is one of Django's."""
    if cls.__module__.startswith("django.db.models"):
        return cls.__name__
    return f"{cls.__module__}.{cls.__name__}"


@dataclass(frozen=True, kw_only=True)
class SqlValue:
    """A value to print, and how to print it.

    ``field``: the field that holds values of its kind. ``is_column``: False for an expression.
    ``zone``: the time zone to print datetimes in.
    ``format``: a format specification, or None. ``is_choice``: whether a label may replace it.
    ``delimiter``: that of the CSV line that the value becomes a part of: text is quoted if needed.
    ``bare``: print for COPY, which prints numbers and dates itself. An empty text may be null.
    """

    field: Any
    zone: datetime.tzinfo
    escape_formulas: bool = True
    decimal_separator: str = "."
    format: str | None = None
    is_column: bool = True
    is_choice: bool = False
    delimiter: str | None = None
    bare: bool = False

    @property
    def zone_name(self) -> str:
        """Return the name that databases use for the time zone.

        Raises NotPrintableError for a time zone that no database knows.
        """
        if self.zone is datetime.UTC:
            return "UTC"
        if isinstance(self.zone, ZoneInfo) and self.zone.key and ZONE_NAME.fullmatch(self.zone.key):
            return self.zone.key
        raise NotPrintableError(f"no database knows the time zone {self.zone}")


class Operations:
    """Print values in SQL; a vendor overrides the operations that it can do exactly.

    ``function_kinds``: the kind of value that a function returns, or SAME. Only exact classes
    count: a subclass may have SQL of its own.
    ``constant_kinds``: the kinds of constants whose type the database knows.
    ``exact_operators``: the operators that are as exact as Python's, by kind.
    ``mixes_numbers``: whether integers and decimals can be mixed without becoming floats.
    ``subtracts_times_exactly``: whether the difference of two times is a duration.
    ``casts``: templates that convert one kind to another as Python does, by (from, to).
    ``date_directives``: SQL for the directives of ``strftime()``.
    """

    function_kinds: Mapping[type, str] = {}
    constant_kinds: frozenset[str] = frozenset({"boolean", "integer", "text"})
    exact_operators: Mapping[str, str] = {"integer": "+-*"}
    mixes_numbers = False
    subtracts_times_exactly = False
    casts: Mapping[tuple[str, str], str] = {}
    date_directives: Mapping[str, str] = {}

    connection: BaseDatabaseWrapper

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def text_template(self, value: SqlValue) -> str:
        """Return the template that prints a value.

        Raises NotPrintableError without a rule for it.
        """
        kind = kind_of(value.field)
        if value.format is not None:
            return self._formatted(value, kind)
        template: str = getattr(self, f"{kind}_text")(value)
        if kind in ("decimal", "float") and value.decimal_separator != ".":
            separator = value.decimal_separator.replace("'", "''")
            return f"REPLACE({template}, '.', '{separator}')"
        return template

    def json_template(self, value: SqlValue, *, decimals_as_numbers: bool) -> str:
        """Return the template that prints a value as JSON; null stays null.

        Raises NotPrintableError without a rule for it. Only vendors that can copy CSV need it.
        """
        raise NotPrintableError(f"{self.connection.display_name} prints JSON differently")

    def cast_kind(self, kind: str) -> str:
        """Return the kind of the result of a Cast(); raise NotPrintableError if unknown."""
        if kind in self.constant_kinds:
            return kind
        raise NotPrintableError(f"no rule for Cast() to {kind}")

    def cast_template(self, kind: str, target: str, value: SqlValue) -> str:
        """Return the template that converts a value of one kind to another, as Python would.

        Raises NotPrintableError without a rule for it.
        """
        if kind in (target, "null"):
            return "{x}"
        template = self.casts.get((kind, target))
        if kind == "timestamp" and target == "datetime":
            in_utc = value.zone_name == "UTC" and self.connection.timezone is not None
            template = template if in_utc else None
        if template is None:
            raise NotPrintableError(
                f"{self.connection.display_name} gives another type than"
                f" {type(value.field).__name__}"
            )
        return template

    # Formats

    def _formatted(self, value: SqlValue, kind: str) -> str:
        """Return the template that applies a format specification."""
        specification = value.format or ""
        if value.delimiter is not None and set(specification) & {value.delimiter, '"'}:
            raise NotPrintableError("its format may need quotes")
        if kind in ("date", "datetime", "time"):
            parts = self._parse_date_format(specification, kind)
            return self.formatted_date_text(value, kind, parts)
        match = FIXED_POINT.fullmatch(specification)
        if match and kind == "decimal" and value.is_column and value.decimal_separator == ".":
            places = value.field.decimal_places
            # Python rounds half to even, and databases do not, so rounding must not be necessary.
            if places is not None and int(match[1]) >= places:
                return self.fixed_point_text(value, int(match[1]))
        raise NotPrintableError("it has a format of its own")

    def _parse_date_format(self, specification: str, kind: str) -> list[tuple[bool, str]]:
        """Return a format's directives and its literal texts: pairs of is_directive and text."""
        parts = []
        for literal, directive in re.findall(r"([^%]+)|%(.?)", specification, re.DOTALL):
            if literal:
                parts.append((False, literal))
            elif directive == "%":
                parts.append((False, "%"))
            elif directive in self.date_directives and (directive in "HMSf" or kind != "time"):
                parts.append((True, directive))
            else:
                raise NotPrintableError(f"it has a format of its own: %{directive}")
        # Braces are reserved for the template.
        if not parts or not specification.isprintable() or set(specification) & set("{}"):
            raise NotPrintableError("it has a format of its own")
        if kind == "date" and any(is_directive and text in "HMSf" for is_directive, text in parts):
            raise NotPrintableError("it has a format of its own")
        return parts

    def formatted_date_text(self, value: SqlValue, kind: str, parts: list[tuple[bool, str]]) -> str:
        """Return the template for a format of a date, time or datetime.

        Raises NotPrintableError without a rule for it.
        """
        raise NotPrintableError("it has a format of its own")

    def fixed_point_text(self, value: SqlValue, places: int) -> str:
        """Return the template for a decimal with at least as many places as its field has.

        Raises NotPrintableError without a rule for it.
        """
        raise NotPrintableError("it has a format of its own")

    # One operation for each kind

    def _unsupported(self, value: SqlValue) -> NotPrintableError:
        """Return the error for a value that the database prints differently."""
        name = type(value.field).__name__
        return NotPrintableError(f"{self.connection.display_name} prints {name} differently")

    def boolean_text(self, value: SqlValue) -> str:
        """Print True or False."""
        raise self._unsupported(value)

    def date_text(self, value: SqlValue) -> str:
        """Print ISO 8601."""
        raise self._unsupported(value)

    def datetime_text(self, value: SqlValue) -> str:
        """Print ISO 8601 with a space, in the current time zone."""
        raise self._unsupported(value)

    def decimal_text(self, value: SqlValue) -> str:
        """Print plain notation, with the decimal places of the field."""
        raise self._unsupported(value)

    def duration_text(self, value: SqlValue) -> str:
        """Print the result of ``duration_string()``: signed days and a positive time."""
        raise self._unsupported(value)

    def float_text(self, value: SqlValue) -> str:
        """Print the shortest digits that represent the float exactly."""
        raise self._unsupported(value)

    def integer_text(self, value: SqlValue) -> str:
        """Print digits."""
        raise self._unsupported(value)

    def ip_address_text(self, value: SqlValue) -> str:
        """Print the address, escaped like any text."""
        return self.text_text(value)

    def text_text(self, value: SqlValue) -> str:
        """Print the text, with an apostrophe before a formula if formulas are escaped."""
        raise self._unsupported(value)

    def time_text(self, value: SqlValue) -> str:
        """Print ISO 8601, with six digits of microseconds or none."""
        raise self._unsupported(value)

    def uuid_text(self, value: SqlValue) -> str:
        """Print hexadecimal digits and four hyphens."""
        raise self._unsupported(value)
