"""Tables of the documentation that tests compare with what they see; TABLES=write writes them."""

import os

from tests.servers.processes import ROOT

BEGIN, END = "<!-- {title}: written by the tests -->\n", "<!-- end of the table -->"


class Table:
    """A table of a page in docs/.

    ``title``: tells it from other tables of the page. ``heads``: of the columns that name a row.
    """

    def __init__(self, page, heads, columns, *, title="table"):
        self.page = ROOT / "docs" / page
        self.begin = BEGIN.format(title=title)
        self.heads = heads
        self.columns = columns

    def seen(self, row, column, words):
        """Compare what was seen with the table, or write it to the table."""
        row = (row,) if isinstance(row, str) else row
        rows = self.read()
        if os.environ.get("TABLES") == "write":
            rows.setdefault(row, {})[column] = words
            self.write(rows)
        else:
            assert words == rows[row][column]

    def read(self):
        """Return the table as a dict of columns by the names of the row."""
        _, _, rest = self.page.read_text().partition(self.begin)
        lines = rest.partition(END)[0].splitlines()[2:]
        cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
        names = len(self.heads)
        return {
            tuple(row[:names]): dict(zip(self.columns, row[names:], strict=True)) for row in cells
        }

    def write(self, rows):
        """Write the table to the page."""
        before, begin, rest = self.page.read_text().partition(self.begin)
        assert begin, f"{self.page} has no line {self.begin}"
        _, _, after = rest.partition(END)
        heads = [*self.heads, *self.columns]
        lines = [heads, ["---"] * len(heads)]
        lines += [[*row, *(rows[row].get(name, "?") for name in self.columns)] for row in rows]
        text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        self.page.write_text(before + begin + text + END + after)
