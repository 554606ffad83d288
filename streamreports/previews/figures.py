"""The number of rows of a report and the size of its file, as text."""

from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MILLION, BILLION = 10**6, 10**9


@dataclass(frozen=True, slots=True)
class RowCount:
    """The number of rows of a report. ``str()`` returns a phrase in the active language.

    ``number``: of rows. If it is neither exact nor a lower bound, it is an estimate.
    ``is_exact``: whether the rows were counted.
    ``is_lower_bound``: whether there are more rows, but their number is unknown.
    """

    number: int
    is_exact: bool = True
    is_lower_bound: bool = False

    def __str__(self) -> str:
        if self.is_lower_bound:
            return counted(
                ngettext("more than %(number)s row", "more than %(number)s rows", self.number),
                self.number,
            )
        if not self.is_exact:
            return estimated(rounded(self.number))
        if self.number == 0:
            return _("no rows")
        return counted(ngettext("%(number)s row", "%(number)s rows", self.number), self.number)


@dataclass(frozen=True, slots=True)
class FileSize:
    """The size of a file. ``str()`` returns a phrase in the active language.

    ``bytes``: if they are neither exact nor a lower bound, they are an estimate.
    ``is_exact``: whether the whole file has been generated.
    ``is_lower_bound``: whether the file has more rows than were read.
    """

    bytes: int
    is_exact: bool = True
    is_lower_bound: bool = False

    def __str__(self) -> str:
        size = filesizeformat(self.bytes)
        if self.is_lower_bound:
            return _("more than %(size)s") % {"size": size}
        return size if self.is_exact else _("about %(size)s") % {"size": size}


def estimated(number: int) -> str:
    """Return a rounded number of rows in words."""
    if number >= BILLION:
        text = ngettext(
            "about %(number)s billion rows", "about %(number)s billion rows", number // BILLION
        )
        return counted(text, shortened(number, BILLION))
    if number >= MILLION:
        text = ngettext(
            "about %(number)s million rows", "about %(number)s million rows", number // MILLION
        )
        return counted(text, shortened(number, MILLION))
    return counted(ngettext("about %(number)s row", "about %(number)s rows", number), number)


def shortened(number: int, unit: int) -> int | float:
    """Return a rounded number in a unit, with a decimal if it has one."""
    return number // unit if number % unit == 0 else number / unit


def rounded(number: int) -> int:
    """Return a number with two digits and zeros."""
    return int(float(f"{number:.1e}"))


def counted(text: str, number: Any) -> str:
    """Return a text with a number, as the active language writes it."""
    return text % {"number": number_format(number, force_grouping=True)}
