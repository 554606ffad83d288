"""Show the progress of a report on a terminal."""

import time
from typing import Any, Protocol, TextIO

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LINE_SECONDS = 5.0  # between two lines, without a progress bar


class Progress(Protocol):
    """Show the rows and bytes of a report while it is written."""

    def update(self, rows: int, size: int) -> None:
        """Show the number of rows and bytes."""

    def close(self) -> None:
        """Stop using the terminal."""


class NoProgress:
    """Show nothing."""

    def update(self, rows: int, size: int) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Do nothing."""


class BarProgress:
    """Show a progress bar of tqdm: rows, rows per second, bytes, and the share of the total."""

    def __init__(self, stream: TextIO, total: int | None) -> None:
        from tqdm import tqdm  # It is an extra.

        self._bar = tqdm(total=total, unit=_(" rows"), unit_scale=True, file=stream, leave=False)

    def update(self, rows: int, size: int) -> None:
        """Move the bar."""
        self._bar.set_postfix_str(size_text(size), refresh=False)
        self._bar.update(rows - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


class LineProgress:
    """Print a line with the same figures every few seconds."""

    def __init__(self, stream: TextIO, total: int | None) -> None:
        self._stream = stream
        self._total = total
        self._started = self._printed = time.monotonic()

    def update(self, rows: int, size: int) -> None:
        """Print a line if the last one is old enough."""
        now = time.monotonic()
        if now - self._printed >= LINE_SECONDS:
            self._printed = now
            self._stream.write(f"{self._line(rows, size, now - self._started)}\n")
            self._stream.flush()

    def close(self) -> None:
        """Do nothing: each line is complete."""

    def _line(self, rows: int, size: int, seconds: float) -> str:
        parts = [rows_text(rows), size_text(size)]
        if self._total:
            parts.append(f"{min(rows / self._total, 1):.0%}")
        speed = number_text(round(rows / seconds))
        parts.append(_("%(number)s rows/s") % {"number": speed})
        return ", ".join(parts)


def open_progress(stream: TextIO, total: int | None) -> Progress:
    """Return a progress bar, or plain lines if tqdm is not installed."""
    try:
        return BarProgress(stream, total)
    except ImportError:
        return LineProgress(stream, total)


def summary(rows: int | None, size: int, seconds: float) -> str:
    """Return the size and the duration of a complete file; ``rows`` is None if unknown."""
    figures = [size_text(size)] if rows is None else [rows_text(rows), size_text(size)]
    return _("%(figures)s in %(seconds)s s") % {
        "figures": ", ".join(figures),
        "seconds": number_format(seconds, decimal_pos=1),
    }


def rows_text(rows: int) -> str:
    """Return a number of rows in the active language."""
    return ngettext("%(number)s row", "%(number)s rows", rows) % {"number": number_text(rows)}


def size_text(size: int) -> str:
    """Return a number of bytes in the active language, with a space that every terminal has."""
    return filesizeformat(size).replace("\xa0", " ")


def number_text(number: int) -> str:
    """Return an integer with its digits grouped, in the active language."""
    return number_format(number, use_l10n=True, force_grouping=True)


def is_terminal(stream: Any) -> bool:
    """Return True if a person may be looking at what is written to a stream."""
    return bool(getattr(stream, "isatty", lambda: False)())
