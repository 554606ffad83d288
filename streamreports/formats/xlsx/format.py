"""The format of Excel workbooks."""

from collections.abc import Generator, Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format, OutputColumn, Rows
from streamreports.formats.xlsx import parts
from streamreports.formats.xlsx.archive import ZipStream
from streamreports.formats.xlsx.sheets import RowQueue, Sheet
from streamreports.values import TextOptions

MAX_ROWS = 1_048_575  # of an Excel sheet, below the header
MAX_COLUMNS = 16_384


class XlsxFormat(Format):
    """Write an Excel workbook with typed cells for numbers, booleans, dates and times.

    All other values are text, which is never a formula or a link. Values that Excel cannot
    represent are also text: numbers with more than 15 digits, NaN, infinities, and dates before
    March 1900. Aware datetimes are in the current time zone, which is added to the header.
    Characters that XML forbids are replaced by U+FFFD, and CRLF by LF. Text longer than 32,767
    characters is shortened, which is indicated at its end. After ``max_rows``, the rows continue on
    another sheet.

    The file is streamed. It ends with the directory of the ZIP archive, so programs report a
    truncated file as damaged.

    ``date_format``, ``datetime_format``, ``time_format``: Excel number formats.
    ``max_rows``: the maximum number of rows of a sheet, below the header.
    """

    name = "xlsx"
    extension = "xlsx"
    label = _("Excel")
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    wants = "native"
    is_compressed = True

    date_format: str = "yyyy-mm-dd"
    datetime_format: str = "yyyy-mm-dd hh:mm:ss"
    time_format: str = "hh:mm:ss"
    max_rows: int = MAX_ROWS

    @property
    def options(self) -> TextOptions:
        """Return the options for printing values as text."""
        return TextOptions(escape_formulas=False, naive_datetimes=True)

    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the workbook: the sheets, then the parts that list them.

        Raises ReportError for more than 16,384 columns, or if the file would exceed 4 GiB.
        """
        if len(columns) > MAX_COLUMNS:
            raise ReportError(
                f"The report has {len(columns)} columns; a sheet has at most {MAX_COLUMNS}.",
                "List fewer columns.",
            )
        archive = ZipStream()
        queue = RowQueue(batches)
        formats = [self.date_format, self.datetime_format, self.time_format]
        yield from archive.file("_rels/.rels", [parts.package()])
        yield from archive.file("xl/styles.xml", [parts.styles(formats)])
        sheets: list[Sheet] = []
        while queue.peek() or not sheets:
            name = parts.sheet_name(str(self.title), len(sheets) + 1)
            sheets.append(Sheet(name, columns, self.options))
            path = parts.sheet_path(len(sheets))
            yield from archive.file(path, sheets[-1].pieces(queue, self.max_rows))
        areas = [(sheet.name, sheet.area) for sheet in sheets]
        yield from archive.file("xl/workbook.xml", [parts.workbook(areas)])
        yield from archive.file("xl/_rels/workbook.xml.rels", [parts.links(len(sheets))])
        yield from archive.file("[Content_Types].xml", [parts.content_types(len(sheets))])
        yield archive.end()

    def validate(self) -> None:
        """Raise ReportError for attributes that Excel does not accept."""
        super().validate()
        owner = type(self).__name__
        if not isinstance(self.max_rows, int) or not 1 <= self.max_rows <= MAX_ROWS:
            raise ReportError(
                f"{owner}.max_rows is {self.max_rows!r}.", f"Use an integer from 1 to {MAX_ROWS}."
            )
        for attribute in ("date_format", "datetime_format", "time_format"):
            value = getattr(self, attribute)
            if not isinstance(value, str) or not value:
                raise ReportError(
                    f"{owner}.{attribute} is {value!r}.",
                    "Use a number format of Excel, such as 'yyyy-mm-dd'.",
                )
