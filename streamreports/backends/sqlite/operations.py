"""Print values in SQL on SQLite."""

from django.db.models import Sum

from streamreports.backends.base import functions
from streamreports.backends.base.duration import duration_parts
from streamreports.backends.base.operations import PADS_YEARS, Operations, SqlValue
from streamreports.backends.sqlite.functions import BLOB_TEXT
from streamreports.escaping import FORMULA_STARTS

STARTS = ", ".join(str(ord(start)) for start in sorted(FORMULA_STARTS) if start != "'")
# In the order of SQLite, numbers come before texts, and texts before BLOBs. To compare is quicker
# than typeof().
IS_NUMBER = "{x} < ''"
IS_BLOB = "{x} >= x''"
SIGNIFICANT_DIGITS = 15  # SQLite keeps decimals as floats, and Django reads that many digits.


class SqliteOperations(Operations):
    """Print values as SQLite does, where a column can hold any type of value."""

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
        ("timestamp", "date"): "{x}",
        ("timestamp", "datetime"): "{x}",
    }
    # The place of each directive in the text of a datetime: start and length.
    places = {
        "d": (9, 2),
        "H": (12, 2),
        "m": (6, 2),
        "M": (15, 2),
        "S": (18, 2),
        "y": (3, 2),
        "Y": (1, 4),
    }
    date_directives = dict.fromkeys(places, "substr")

    def boolean_text(self, value: SqlValue) -> str:
        """Print True or False."""
        return "CASE {x} WHEN 1 THEN 'True' WHEN 0 THEN 'False' END"

    def date_text(self, value: SqlValue) -> str:
        """Print ISO 8601."""
        return "CASE WHEN {x} GLOB '[0-9]*' THEN {x} END"

    def datetime_text(self, value: SqlValue) -> str:
        """Print ISO 8601 with a space, in the current time zone, which must be the connection's."""
        naive = with_microseconds("replace({x}, 'T', ' ')", whole=19)
        if self.connection.timezone is None:  # Naive datetimes: USE_TZ is False.
            return naive
        if value.zone_name == "UTC" == self.connection.timezone_name:
            return f"{naive} || '+00:00'"
        raise self._unsupported(value)

    def decimal_text(self, value: SqlValue) -> str:
        """Print plain notation, with the decimal places of the field."""
        if not value.is_column or not 0 < (value.field.max_digits or 0) <= SIGNIFICANT_DIGITS:
            raise self._unsupported(value)
        return fixed_point(value.field.decimal_places)

    def duration_text(self, value: SqlValue) -> str:
        """Print the result of ``duration_string()``: signed days and a positive time."""
        parts = duration_parts("{x}", "printf('%02d', {n})", "printf('%06d', {n})")
        return f"CASE WHEN {{x}} IS NOT NULL THEN {' || '.join(parts)} END"

    def integer_text(self, value: SqlValue) -> str:
        """Print digits."""
        return f"CASE WHEN {IS_NUMBER} THEN CAST({{x}} AS TEXT) ELSE {self.text_text(value)} END"

    def text_text(self, value: SqlValue) -> str:
        """Print the text, escaped if it is a formula and quoted if it is part of a CSV line."""
        text = self._escaped(value)
        if value.delimiter is None:
            return text
        signs = (f"'{value.delimiter}'", "'\"'", "char(10)", "char(13)")
        found = " OR ".join(f"instr({{x}}, {sign})" for sign in signs)
        quoted = f"'\"' || replace({text}, '\"', '\"\"') || '\"'"
        return f"CASE WHEN ({found}) AND NOT {IS_BLOB} THEN {quoted} ELSE {text} END"

    def _escaped(self, value: SqlValue) -> str:
        """Return SQL for the text, with an apostrophe before a formula if those are escaped."""
        blob = f"{BLOB_TEXT}({{x}}, {int(value.escape_formulas)})"
        if not value.escape_formulas:
            return f"CASE WHEN {IS_BLOB} THEN {blob} ELSE {{x}} END"
        # Most texts begin with a letter, so test for that first.
        return (
            "CASE WHEN {x} COLLATE BINARY BETWEEN 'A' AND '\ufeff' THEN {x}"
            f" WHEN {IS_BLOB} THEN {blob}"
            f" WHEN unicode({{x}}) IN (39, {STARTS})"
            f" AND unicode(ltrim({{x}}, '''')) IN ({STARTS}) THEN '''' || {{x}} ELSE {{x}} END"
        )

    def time_text(self, value: SqlValue) -> str:
        """Print ISO 8601, with six digits of microseconds or none."""
        return with_microseconds("{x}", whole=8)

    def uuid_text(self, value: SqlValue) -> str:
        """Print hexadecimal digits and four hyphens."""
        return " || '-' || ".join(
            f"substr({{x}}, {start}, {length})"
            for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        )

    def formatted_date_text(self, value: SqlValue, kind: str, parts: list[tuple[bool, str]]) -> str:
        """Return the template for a format of a date, time or datetime."""
        if kind == "datetime":
            self.datetime_text(value)  # Raises NotPrintableError for other time zones.
        before = 11 if kind == "time" else 0  # A time has no date before it.
        sql = []
        for is_directive, text in parts:
            if not is_directive:
                sql.append("'" + text.replace("'", "''") + "'")
                continue
            start, length = self.places[text]
            part = f"substr({{x}}, {start - before}, {length})"
            if text == "Y" and not PADS_YEARS:
                part = f"ltrim({part}, '0')"
            sql.append(part)
        return f"CASE WHEN {{x}} GLOB '[0-9]*' THEN {' || '.join(sql)} END"

    def fixed_point_text(self, value: SqlValue, places: int) -> str:
        """Return the template for a decimal with at least as many places as its field has."""
        own = value.field.decimal_places
        zeros = places - own
        point = "." if zeros and not own else ""
        return f"{self.decimal_text(value)} || '{point}{'0' * zeros}'"


def with_microseconds(value: str, whole: int) -> str:
    """Return SQL that prints a time or datetime with six digits of microseconds or none.

    ``whole``: the length of its text without microseconds. Django stores six digits or none;
    SQLite's own functions give three.
    """
    fraction = f"substr({{x}}, {whole + 2})"
    return (
        f"CASE WHEN length({{x}}) = {whole} THEN {value}"
        f" WHEN {{x}} GLOB '[0-9]*' THEN CASE WHEN CAST({fraction} AS INTEGER) = 0"
        f" THEN substr({value}, 1, {whole}) ELSE substr({value} || '000000', 1, {whole + 7}) END"
        " END"
    )


def fixed_point(places: int) -> str:
    """Return SQL that prints a float with some decimal places, as Django reads decimals.

    Django rounds the float to 15 significant digits, and those to the places, half to even.
    ``printf()`` rounds half up: a value that may be half way is looked at more closely.
    """
    plain = f"printf('%.{places}f', {{x}})"
    longer = f"printf('%.{places + 1}f', {{x}})"
    digits = f"printf('%.{SIGNIFICANT_DIGITS}g', {{x}})"
    half_way = f"{longer} LIKE '%5' AND CAST({longer} AS REAL) = CAST({digits} AS REAL)"
    cut = f"substr({longer}, 1, length({longer}) - {1 if places else 2})"
    up = (
        f"printf('%.{places}f', {{x}} + (CASE WHEN {{x}} < 0 THEN -1 ELSE 1 END) * 1e-{places + 2})"
    )
    even = f"substr({cut}, -1) IN ('0', '2', '4', '6', '8')"
    return (
        f"CASE WHEN {IS_NUMBER} THEN CASE"
        f" WHEN round({{x}} * 2e{places}) % 2 = 0 OR NOT ({half_way}) THEN {plain}"
        f" WHEN {even} THEN {cut} ELSE {up} END END"
    )
