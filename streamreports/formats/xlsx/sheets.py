"""A worksheet."""

from collections.abc import Iterable, Iterator, Sequence

from streamreports.formats.base import OutputColumn, Rows
from streamreports.formats.xlsx import parts
from streamreports.formats.xlsx.cells import rows_as_xml
from streamreports.formats.xlsx.text import text_cell
from streamreports.values import CellFormatter, TextOptions

MAX_SIZE = 10**9  # characters of XML, since a file in a ZIP archive is limited to 4 GiB
MIN_WIDTH, MAX_WIDTH = 9, 60  # characters
MARGIN = 3  # characters, for the filter button


class RowQueue:
    """A queue of the rows of a report, from which any number can be taken."""

    def __init__(self, batches: Iterable[Rows]) -> None:
        self._batches = iter(batches)
        self._rows: Rows = ()

    def peek(self) -> Rows:
        """Return the next rows without removing them; empty at the end."""
        if not self._rows:
            self._rows = next(self._batches, ())
        return self._rows

    def take(self, limit: int) -> Rows:
        """Remove and return the next rows."""
        rows = self.peek()
        self._rows = rows[limit:]
        return rows[:limit]


class Sheet:
    """Write a worksheet: a header, and rows from a queue.

    ``area``: the range of its cells, such as "$A$1:$B$9", set when it has been written.
    """

    def __init__(self, name: str, columns: Sequence[OutputColumn], options: TextOptions) -> None:
        self.name = name
        self.columns = columns
        self.options = options
        self.area = ""

    def pieces(self, queue: RowQueue, max_rows: int) -> Iterator[str]:
        """Yield the XML; take only as many rows as fit on the sheet."""
        yield parts.sheet_start(self._widths(queue.peek()))
        yield self._header()
        rows, size = 1, 0
        while rows <= max_rows and size < MAX_SIZE and queue.peek():
            batch = queue.take(max_rows + 1 - rows)
            piece = rows_as_xml(batch, rows + 1)
            rows += len(batch)
            size += len(piece)
            yield piece
        self.area = f"$A$1:${parts.column_name(len(self.columns))}${rows}"
        yield parts.sheet_end(self.area)

    def _header(self) -> str:
        """Return the row with the labels."""
        cells = (
            f'<c r="{parts.column_name(number)}1" s="{parts.HEADER}"{text_cell(column.label)}'
            for number, column in enumerate(self.columns, start=1)
        )
        return f'<row r="1">{"".join(cells)}</row>'

    def _widths(self, rows: Rows) -> list[int]:
        """Return the width of each column, estimated from its label and its first values."""
        text = CellFormatter().text
        cells = [[column.label] for column in self.columns]
        for row in rows:
            for column, value in zip(cells, row, strict=True):
                column.append(text(value, self.options))
        longest = (max(map(text_width, column)) for column in cells)
        return [min(max(MIN_WIDTH, width + MARGIN), MAX_WIDTH) for width in longest]


def text_width(text: str) -> int:
    """Return the length of the longest line."""
    return max(map(len, text.splitlines()), default=0)
