"""Print values in SQL on MariaDB and MySQL."""

from django.db.models import Sum

from streamreports.backends.base import functions
from streamreports.backends.base.duration import duration_parts
from streamreports.backends.base.operations import Operations, SqlValue
from streamreports.escaping import FORMULA_STARTS

# ORD() gives the bytes of a character as one number.
STARTS = ", ".join(
    str(int.from_bytes(start.encode())) for start in sorted(FORMULA_STARTS) if start != "'"
)


class MysqlOperations(Operations):
    """Print values as MariaDB and MySQL do."""

    function_kinds = {
        **functions.TEXT_FUNCTIONS,
        **functions.HASH_FUNCTIONS,
        **functions.PADDING_FUNCTIONS,
        **functions.CONCATENATIONS,
        **functions.INTEGER_FUNCTIONS,
        **functions.SAME_FUNCTIONS,
        **functions.TRUNCATIONS,
        **functions.DATE_CASTS,
        **dict.fromkeys(functions.EXTRACTIONS, "integer"),
        Sum: functions.SAME,
    }
    casts = {
        ("integer", "decimal"): "{x}",
        ("timestamp", "date"): "{x}",
        ("timestamp", "datetime"): "{x}",
    }
    date_directives = {
        "d": "%d",
        "f": "%f",
        "H": "%H",
        "j": "%j",
        "m": "%m",
        "M": "%i",
        "S": "%s",
        "Y": "%Y",
        "y": "%y",
    }

    def boolean_text(self, value: SqlValue) -> str:
        """Print True or False."""
        return "CASE {x} WHEN 1 THEN 'True' WHEN 0 THEN 'False' END"

    def date_text(self, value: SqlValue) -> str:
        """Print ISO 8601."""
        return "CAST({x} AS CHAR)"

    def datetime_text(self, value: SqlValue) -> str:
        """Print ISO 8601 with a space, in the current time zone, which must be the connection's."""
        naive = self.time_text(value)
        if self.connection.timezone is None:  # Naive datetimes: USE_TZ is False.
            return naive
        if value.zone_name == "UTC" == self.connection.timezone_name:
            return f"CONCAT({naive}, '+00:00')"
        raise self._unsupported(value)

    def decimal_text(self, value: SqlValue) -> str:
        """Print plain notation, with the decimal places of the field."""
        return "CAST({x} AS CHAR)"

    def duration_text(self, value: SqlValue) -> str:
        """Print the result of ``duration_string()``: signed days and a positive time."""
        parts = duration_parts("{x}", "LPAD({n}, 2, '0')", "LPAD({n}, 6, '0')", divide=" DIV ")
        return f"CASE WHEN {{x}} IS NOT NULL THEN CONCAT({', '.join(parts)}) END"

    def integer_text(self, value: SqlValue) -> str:
        """Print digits."""
        return "CAST({x} AS CHAR)"

    def text_text(self, value: SqlValue) -> str:
        """Print the text, with an apostrophe before a formula if formulas are escaped."""
        if not value.escape_formulas:
            return "{x}"
        return (
            f"CASE WHEN ORD({{x}}) IN (39, {STARTS})"
            f" AND ORD(TRIM(LEADING '''' FROM {{x}})) IN ({STARTS})"
            " THEN CONCAT('''', {x}) ELSE {x} END"
        )

    def time_text(self, value: SqlValue) -> str:
        """Print ISO 8601, with six digits of microseconds or none."""
        return "REPLACE(CAST({x} AS CHAR), '.000000', '')"

    def uuid_text(self, value: SqlValue) -> str:
        """Print hexadecimal digits and four hyphens."""
        if not self.connection.features.has_native_uuid_field:
            raise self._unsupported(value)
        return "CAST({x} AS CHAR)"

    def formatted_date_text(self, value: SqlValue, kind: str, parts: list[tuple[bool, str]]) -> str:
        """Return the template for a format of a date, time or datetime."""
        if kind == "datetime":
            self.datetime_text(value)  # Raises NotPrintableError for other time zones.
        pattern = "".join(
            self.date_directives[text] if is_directive else text.replace("%", "%%")
            for is_directive, text in parts
        )
        pattern = pattern.replace("\\", "\\\\").replace("'", "''")
        return f"{'TIME' if kind == 'time' else 'DATE'}_FORMAT({{x}}, '{pattern}')"

    def fixed_point_text(self, value: SqlValue, places: int) -> str:
        """Return the template for a decimal with at least as many places as its field has."""
        zeros = places - value.field.decimal_places
        point = "." if zeros and not value.field.decimal_places else ""
        return f"CONCAT(CAST({{x}} AS CHAR), '{point}{'0' * zeros}')"
