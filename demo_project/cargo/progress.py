"""Show the progress of a long task."""

from time import monotonic

from django.core.management.base import OutputWrapper

WIDTH = 30  # characters of the bar


class Progress:
    """A progress bar on a terminal, or a line per quarter elsewhere, as in a log."""

    def __init__(self, out: OutputWrapper, total: int, unit: str) -> None:
        self.out = out
        self.total = total
        self.unit = unit
        self.started = monotonic()
        self.quarters = 0

    def update(self, done: int) -> None:
        """Show the number of units that are done."""
        quarters = 4 * done // self.total
        if self.out.isatty():
            self._write(f"\r{self._bar(done)} {self._line(done)}\x1b[K")
        elif quarters > self.quarters:
            self._write(f"{self._line(done)}\n")
        self.quarters = quarters

    def close(self) -> None:
        """End the line of the bar."""
        if self.out.isatty():
            self._write("\n")

    def _bar(self, done: int) -> str:
        filled = WIDTH * done // self.total
        return f"[{'█' * filled}{'·' * (WIDTH - filled)}]"

    def _line(self, done: int) -> str:
        rate = done / max(monotonic() - self.started, 0.001)
        return f"{done:,} of {self.total:,} {self.unit}, {rate:,.0f} a second"

    def _write(self, text: str) -> None:
        # Without the error style that commands apply to stderr.
        self.out.write(text, style_func=str, ending="")
        self.out.flush()
