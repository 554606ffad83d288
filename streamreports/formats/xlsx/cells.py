"""The cells of a worksheet as XML, generated a column at a time.

Cells have references ("A1"). They are optional for Excel, but required by other programs, including
some of Microsoft's.
"""

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from streamreports.formats.base import Rows
from streamreports.formats.xlsx.parts import DATE, DATETIME, TIME, column_name
from streamreports.formats.xlsx.text import Cells, text_cell, text_cells
from streamreports.values import current_zone, decimal_digits, plain_text

EMPTY = "/>"
MAX_DIGITS = 15  # Excel rounds numbers with more digits.
MAX_EXPONENT = 307  # Excel's largest number is 9.99999999999999E+307.

# Day 0. Excel treats 1900 as a leap year, so dates before March 1900 are off by one day.
EPOCH = datetime.datetime(1899, 12, 30)  # noqa: DTZ001
FIRST_DAY = datetime.date(1900, 3, 1)
DAY_SECONDS = 86_400


def rows_as_xml(rows: Rows, first: int) -> str:
    """Return rows as XML, each formatted with one template.

    ``first``: the number of the first row, starting at 1.
    """
    numbers = range(first, first + len(rows))
    template = '<row r="%d">'
    contents: list[Sequence[Any]] = [numbers]
    for index, values in enumerate(zip(*rows, strict=True), start=1):
        ending, cells = cells_of(values)
        template += f'<c r="{column_name(index)}%d"{ending}'
        contents += [numbers, cells]
    template += "</row>"
    return "".join(map(template.__mod__, zip(*contents, strict=True)))


def cells_of(values: Sequence[Any]) -> Cells:
    """Return the cells of a column."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return cells_of_kind(kinds.pop(), values)
    cells = {}
    for kind in kinds:
        template, contents = cells_of_kind(kind, [v for v in values if type(v) is kind])
        cells[kind] = map(template.__mod__, contents)
    return "%s", [next(cells[type(value)]) for value in values]


def cells_of_kind(kind: type, values: Sequence[Any]) -> Cells:
    """Return the cells of values of the same class."""
    if kind is type(None):
        return "%s", [EMPTY] * len(values)
    cell_type = TYPES.get(kind)
    if cell_type is not None:
        if cell_type.fits(values):
            return cell_type.template, cell_type.contents(values)
        return "%s", [cell_type.cell(value) for value in values]
    return text_cells(values if kind is str else list(map(plain_text, values)))


@dataclass(frozen=True)
class CellType:
    """A type of cell.

    ``fits``: returns True if Excel can represent all given values, which have the same class.
    ``contents``: returns the template argument for each value.
    """

    template: str
    fits: Callable[[Sequence[Any]], bool]
    contents: Callable[[Sequence[Any]], Sequence[Any]]

    def cell(self, value: Any) -> str:
        """Return the cell of any value; it is text if Excel cannot represent the value."""
        if not self.fits([value]):
            return text_cell(plain_text(value))
        (content,) = self.contents([value])
        return self.template % (content,)


def fit_integers(values: Sequence[int]) -> bool:
    """Return True if Excel does not round any integer."""
    limit: int = 10**MAX_DIGITS
    return max(values) < limit and min(values) > -limit


def fit_floats(values: Sequence[float]) -> bool:
    """Return True if no float is NaN or infinite."""
    return math.isfinite(sum(values)) or all(map(math.isfinite, values))


def fit_decimals(values: Sequence[Decimal]) -> bool:
    """Return True if Excel can represent every decimal without rounding."""
    texts = list(map(str, values))
    if max(map(len, texts)) <= MAX_DIGITS and set("".join(texts)) <= set("0123456789.-"):
        return True
    return all(map(fits_decimal, values))


def fits_decimal(value: Decimal) -> bool:
    """Return True if Excel can represent a decimal without rounding."""
    if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        return False
    digits = decimal_digits(value).lstrip("-").replace(".", "")
    return len(digits.strip("0")) <= MAX_DIGITS


def fit_datetimes(values: Sequence[datetime.datetime]) -> bool:
    """Return True if Excel supports every datetime, and all are naive or in the current time zone.

    Datetimes that the current zone cannot represent are in another one.
    """
    zones = {value.tzinfo for value in values}
    if len(zones) > 1 or not zones <= {None, current_zone(), timezone.get_current_timezone()}:
        return False
    return min(values).date() >= FIRST_DAY


def fit_dates(values: Sequence[datetime.date]) -> bool:
    """Return True if Excel supports every date."""
    return min(values) >= FIRST_DAY


def fit_times(values: Sequence[datetime.time]) -> bool:
    """Return True if no time has an offset."""
    return all(value.tzinfo is None for value in values)


def days(values: Sequence[datetime.datetime]) -> list[float]:
    """Return datetimes as days since the epoch, in local time and whole seconds.

    Excel would show 23:59:59.999 as the next day. If the values have the same time zone, Python
    subtracts local times, which takes a fifth of the time of making them naive.
    """
    epoch = EPOCH.replace(tzinfo=values[0].tzinfo)
    since = [value - epoch for value in values]
    return [(delta.days * DAY_SECONDS + delta.seconds) / DAY_SECONDS for delta in since]


def whole_days(values: Sequence[datetime.date]) -> list[int]:
    """Return dates as days since the epoch."""
    first = EPOCH.toordinal()
    return [value.toordinal() - first for value in values]


def parts_of_a_day(values: Sequence[datetime.time]) -> list[float]:
    """Return times as fractions of a day."""
    return days([datetime.datetime.combine(EPOCH, value) for value in values])


TYPES: dict[type, CellType] = {
    bool: CellType(' t="b"><v>%d</v></c>', lambda values: True, list),
    int: CellType("><v>%d</v></c>", fit_integers, list),
    float: CellType("><v>%s</v></c>", fit_floats, lambda values: [*map(float.__repr__, values)]),
    Decimal: CellType("><v>%s</v></c>", fit_decimals, list),
    datetime.datetime: CellType(f' s="{DATETIME}"><v>%r</v></c>', fit_datetimes, days),
    datetime.date: CellType(f' s="{DATE}"><v>%d</v></c>', fit_dates, whole_days),
    datetime.time: CellType(f' s="{TIME}"><v>%r</v></c>', fit_times, parts_of_a_day),
}
