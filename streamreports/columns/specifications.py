"""Check a format specification with sample values of a field's type, and suggest a correction."""

import datetime
import re
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db import models

from streamreports.columns.bound import BoundColumn
from streamreports.exceptions import ColumnError

FIRST = datetime.datetime(2001, 2, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
SECOND = datetime.datetime(
    1998, 11, 26, 17, 38, 49, 123456, datetime.timezone(datetime.timedelta(hours=1))
)

# Sample values of each field. They differ in every part, so that a format that shows any part
# produces different results. The class of a field is matched against these classes and their
# subclasses.
SAMPLES: dict[type, Sequence[Any]] = {
    models.BinaryField: (b"ab", b"yz"),
    models.BooleanField: (True, False),
    models.CharField: ("ab", "yz"),
    models.DateField: (FIRST.date(), SECOND.date()),
    models.DateTimeField: (FIRST, SECOND),
    models.DecimalField: (Decimal("1234.56"), Decimal("7.8")),
    models.DurationField: (datetime.timedelta(1, 2), datetime.timedelta(3, 4)),
    models.FileField: (object(), object()),  # Files do not support format specifications.
    models.FloatField: (1234.56, 7.8),
    models.GenericIPAddressField: ("10.0.0.1", "::2"),
    models.IntegerField: (1234, 78),
    models.TextField: ("ab", "yz"),
    models.TimeField: (FIRST.time(), SECOND.time()),
    models.UUIDField: (uuid.UUID(int=1), uuid.UUID(int=2)),
}
NUMBERS = (int, float, Decimal)

# The strftime() codes for the parts of a date in spreadsheets and Django templates.
DATE_PARTS = {
    **dict.fromkeys(["YYYY", "yyyy", "Y"], "%Y"),
    **dict.fromkeys(["YY", "yy", "y"], "%y"),
    **dict.fromkeys(["MMMM", "F"], "%B"),
    **dict.fromkeys(["MMM", "M"], "%b"),
    **dict.fromkeys(["MM", "mm", "m"], "%m"),
    **dict.fromkeys(["DD", "dd", "d"], "%d"),
    **dict.fromkeys(["HH", "hh", "H"], "%H"),
    **dict.fromkeys(["SS", "ss", "s"], "%S"),
    "i": "%M",
}
MINUTES = r"(?<=[Hh]:)(?:MM|mm)"
DATE_PART = re.compile("|".join([MINUTES, *sorted(DATE_PARTS, key=len, reverse=True)]))

SPREADSHEET_NUMBER = re.compile(r"[#0,.]*[#0]\.([#0]+)")  # "#,##0.00"
NUMBER = re.compile(r"[,_]?\.\d+[fFeEgG%]?|,d?")  # In ",.2f€".


def format_error(column: BoundColumn) -> ColumnError | None:
    """Return the error for a format specification that does not fit the column's field.

    Only fields whose values have a known class are checked.
    """
    spec = column.printer.format
    samples = samples_of(column)
    if not isinstance(spec, str) or not samples:
        return None
    problem = f"The format '{spec}' of {column.described} "
    printed = [text for text in (attempt(value, spec) for value in samples) if text is not None]
    if not printed:
        kind = "text" if column.choices is not None else type(column.field).__name__
        return ColumnError(f"{problem}does not fit its type, {kind}.", cure(spec, samples))
    if len(set(printed)) == 1 and len(printed) > 1 and spec:
        return ColumnError(f"{problem}prints {printed[0]!r} in every row.", cure(spec, samples))
    if is_mistaken(spec, samples):
        return ColumnError(f"{problem}does not set the number of decimals.", cure(spec, samples))
    return None


def samples_of(column: BoundColumn) -> Sequence[Any]:
    """Return sample values of the column's field; empty if their class is unknown."""
    if column.choices is not None:
        return ("ab", "yz")
    field = column.field
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if field is None or column.printer.lists_as_json or hasattr(field, "from_db_value"):
        return ()
    return next((SAMPLES[base] for base in type(field).__mro__ if base in SAMPLES), ())


def attempt(value: Any, spec: str) -> str | None:
    """Return a formatted value; None if the specification does not fit."""
    try:
        return format(value, spec)
    except (TypeError, ValueError, OverflowError):
        return None


def fits(spec: str, samples: Sequence[Any]) -> bool:
    """Return True if a specification formats each sample, with different results."""
    printed = [attempt(value, spec) for value in samples]
    return None not in printed and len(set(printed)) > 1 and not is_mistaken(spec, samples)


def is_mistaken(spec: str, samples: Sequence[Any]) -> bool:
    """Return True for "2f" and "0.00", which are valid but do not set the decimal places."""
    if not isinstance(samples[0], NUMBERS):
        return False
    width = re.fullmatch(r"[,_]?0?[1-6][fF%]", spec)  # A number with decimals is longer.
    return bool(width or SPREADSHEET_NUMBER.fullmatch(spec))


def cure(spec: str, samples: Sequence[Any]) -> str:
    """Return how to correct a format specification."""
    for meant in candidates(spec, samples):
        if fits(meant, samples):
            return f"Did you mean '{meant}'?"
    if re.search(r"\{[^{}]*\}", spec):
        return f"Give a callable: format={spec!r}.format."
    value = samples[0]
    if isinstance(value, bool):
        return 'Give a callable: format={True: "Yes", False: "No"}.get.'
    if isinstance(value, NUMBERS):
        if number := NUMBER.search(spec):
            text = f"{spec[: number.start()]}{{:{number[0]}}}{spec[number.end() :]}"
            return f"Give a callable: format={text!r}.format."
        return "Give a specification for numbers, such as ',.2f', or a callable."
    if isinstance(value, (datetime.date, datetime.time)):
        if spec.endswith("_FORMAT"):
            return f"Give a callable: format=lambda value: date_format(value, {spec!r})."
        example = "%H:%M" if isinstance(value, datetime.time) else "%d/%m/%Y"
        return f"Give a specification for strftime(), such as '{example}', or a callable."
    return "Give a callable: format=lambda value: ..."


def candidates(spec: str, samples: Sequence[Any]) -> Iterator[str]:
    """Yield possible corrections of a specification, the most likely first."""
    if whole := re.fullmatch(r"\{[^{}:]*:([^{}]+)\}", spec):  # "{:.2f}"
        yield whole[1]
    if isinstance(samples[0], NUMBERS):
        bare = spec.removeprefix("%")
        if width := re.fullmatch(r"([,_]?)0?(\d+)([fF%])", bare):  # "2f"
            yield f"{width[1]}.{width[2]}{width[3]}"
        if decimals := SPREADSHEET_NUMBER.fullmatch(spec):
            yield f"{',' if ',' in spec else ''}.{len(decimals[1])}f"
        yield bare  # "%.2f"
        if spec.endswith("d"):  # for integers, on a number with decimals
            yield f"{spec[:-1]}.0f"
    elif not re.search("[A-Za-z]", DATE_PART.sub("", spec)):
        yield DATE_PART.sub(lambda part: DATE_PARTS[part[0]], re.sub(MINUTES, "i", spec))
