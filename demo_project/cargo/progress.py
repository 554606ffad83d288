"""Draw the progress of a long job."""

from time import monotonic

from django.core.management.base import OutputWrapper

WIDTH = 30  # characters of the bar


class Progress:
    """A bar on a terminal; elsewhere, in a log say, a plain line for every quarter."""

    def __init__(self, out: OutputWrapper, total: int, unit: str) -> None:
        self.out = out
        self.total = total
        self.unit = unit
        self.started = monotonic()
        self.quarters = 0

    def update(self, done: int) -> None:
        """Show that so many of the total are done."""
        quarters = 4 * done // self.total
        if self.out.isatty():
            self._write(f"\r{self._bar(done)} {self._line(done)}\x1b[K")
        elif quarters > self.quarters:
            self._write(f"{self._line(done)}\n")
        self.quarters = quarters

    def close(self) -> None:
        """Leave the bar where it stands, and go on below it."""
        if self.out.isatty():
            self._write("\n")

    def _bar(self, done: int) -> str:
        filled = WIDTH * done // self.total
        return f"[{'█' * filled}{'·' * (WIDTH - filled)}]"

    def _line(self, done: int) -> str:
        rate = done / max(monotonic() - self.started, 0.001)
        return f"{done:,} of {self.total:,} {self.unit}, {rate:,.0f} a second"

    def _write(self, text: str) -> None:
        # Not in red, the style of what a command writes to stderr: this is no error.
        self.out.write(text, style_func=str, ending="")
        self.out.flush()
