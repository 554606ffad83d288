"""JSON: a line for each row, or one array."""

from abc import abstractmethod
from collections.abc import Generator, Iterable, Sequence
from json.encoder import encode_basestring

from django.utils.translation import gettext_lazy as _

from streamreports.formats.base import CopyOptions, Format, OutputColumn, Rows
from streamreports.formats.json_cells import JsonPrinter
from streamreports.values import JsonOptions

# JSON escapes these characters, so that COPY has nothing to quote.
COPY_OPTIONS = r", DELIMITER E'\x01', QUOTE E'\x02'"


class BaseJsonFormat(Format):
    """Write a JSON object for each row, in UTF-8. The keys are the names of the columns.

    Dates and times are in ISO 8601 format, to-many columns are arrays, and NaN and infinite floats
    are null. Other values without a JSON type are strings as in CSV, but never escaped.

    ``decimals_as_numbers``: write decimals as numbers. Most programs read numbers as floats, with
    about 15 significant digits; strings preserve every digit.
    """

    wants = "nested"
    needs_names = True

    decimals_as_numbers: bool = False
    line_end: str  # between two rows

    @property
    def options(self) -> JsonOptions:
        """Return the options for printing values."""
        return JsonOptions(decimals_as_numbers=self.decimals_as_numbers)

    def get_copy_options(self) -> CopyOptions | None:
        """Return the options for COPY; None if a subclass overrides the encoding."""
        if type(self).encode is not BaseJsonFormat.encode:
            return None
        return CopyOptions(COPY_OPTIONS, self.line_end, delimiter=None)

    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the rows of each batch, a column at a time."""
        texts = JsonPrinter(decimals_as_numbers=self.decimals_as_numbers).texts
        keys = [encode_basestring(column.name) for column in columns]
        line = f"{{{','.join(f'{key}:%s' for key in keys)}}}"
        cells = (map(texts, zip(*rows, strict=True)) for rows in batches)
        lines = (map(line.__mod__, zip(*each, strict=True)) for each in cells)
        yield from self.encode_lines(columns, (self.line_end.join(each).encode() for each in lines))

    @abstractmethod
    def encode_lines(
        self, columns: Sequence[OutputColumn], lines: Iterable[bytes]
    ) -> Generator[bytes, None, None]:
        """Yield the lines, with the start and the end of the file."""

    def _separated(self, lines: Iterable[bytes]) -> Generator[bytes, None, None]:
        """Yield the lines with line endings between them."""
        before = b""
        for piece in lines:
            yield before + piece
            before = self.line_end.encode()


class JsonLinesFormat(BaseJsonFormat):
    """Write one JSON object per line (NDJSON).

    A truncated file does not end with a line ending. A report without rows is an empty file.
    """

    name = "jsonl"
    extension = "jsonl"
    label = _("JSON Lines")
    content_type = "application/x-ndjson"

    line_end = "\n"

    def encode_lines(
        self, columns: Sequence[OutputColumn], lines: Iterable[bytes]
    ) -> Generator[bytes, None, None]:
        """Yield the lines; the final line ending only when the report is complete."""
        has_lines = False
        for piece in self._separated(lines):
            has_lines = True
            yield piece
        if has_lines:
            yield self.line_end.encode()


class JsonFormat(BaseJsonFormat):
    """Write an array of JSON objects, one for each row. A truncated file lacks the last bracket."""

    name = "json"
    extension = "json"
    content_type = "application/json"

    line_end = ",\n"

    def encode_lines(
        self, columns: Sequence[OutputColumn], lines: Iterable[bytes]
    ) -> Generator[bytes, None, None]:
        """Yield the lines between brackets."""
        yield b"["
        yield from self._separated(lines)
        yield b"]\n"
