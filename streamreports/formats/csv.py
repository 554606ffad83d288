"""CSV: rows of text, separated by line ends."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from django.utils import formats

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.text import TextStyle

BOM = "\ufeff"


class Echo:
    """Be the file of ``csv.writer``, whose ``write()`` returns what it is given."""

    def write(self, value: str) -> str:
        """Return the value instead of keeping it."""
        return value


class CsvFormat(Format):
    """Write CSV as RFC 4180 has it; a variant is a subclass with other class attributes.

    Line ends stand between the rows. The last one is written when the report is whole, so a file
    that does not end with one was cut. A report with neither header nor rows is one line end.

    ``delimiter``: one character; ``decimal_separator``: of floats and decimals. Either may be None,
    for that of the active locale.
    ``quoting``: ``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_ALL``.
    ``line_terminator``: CRLF, LF or CR.
    ``bom``: begin with a byte order mark.
    ``header``: write the labels first.
    ``escape_formulas``: defuse texts that a spreadsheet would run.
    ``encoding``: a codec of Python's; characters that it lacks become question marks.
    """

    content_type = "text/csv"
    extension = "csv"

    delimiter: str | None = ","
    decimal_separator: str | None = "."
    quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL
    line_terminator: str = "\r\n"
    bom: bool = False
    header: bool = True
    escape_formulas: bool = True
    encoding: str = "utf-8"

    def get_content_type(self) -> str:
        """Return the media type, with the name that the web has for the encoding."""
        charset = codecs.lookup(self.encoding).name.removesuffix("-sig")
        return f"{self.content_type}; charset={charset}"

    def get_copy_options(self) -> str | None:
        """Return the options with which PostgreSQL's COPY writes the same, None where it cannot."""
        delimiter = self.get_delimiter()
        if (
            not delimiter.isascii()
            or not self.header
            or codecs.lookup(self.encoding).name != "utf-8"
        ):
            return None
        force = ", FORCE_QUOTE *" if self.quoting == csv.QUOTE_ALL else ""
        escaped = delimiter.replace("'", "''").replace("%", "%%")
        return f", DELIMITER '{escaped}'{force}"

    def get_delimiter(self) -> str:
        """Return the character between cells: by default that of the active locale's lists.

        No locale of Django's tells it; where numbers have a comma, lists have semicolons.
        """
        if self.delimiter is None:
            return ";" if self.get_decimal_separator() == "," else ","
        return self.delimiter

    def get_decimal_separator(self) -> str:
        """Return what stands before the fraction of a number: by default the active locale's."""
        if self.decimal_separator is None:
            return str(formats.get_format("DECIMAL_SEPARATOR"))
        return self.decimal_separator

    @property
    def style(self) -> TextStyle:
        """Return how the values print."""
        return TextStyle(self.escape_formulas, self.get_decimal_separator())

    def encode(
        self, header: Sequence[str], batches: Iterable[Sequence[Sequence[str]]]
    ) -> Iterator[bytes]:
        """Yield the header and each batch of rows as bytes, and the last line end at the end."""
        encode = codecs.getincrementalencoder(self.encoding)("replace").encode
        separator = BOM if self.bom else ""
        if self.header:
            yield encode(separator + self._lines([header]))
            separator = self.line_terminator
        for rows in batches:
            yield encode(separator + self._lines(rows))
            separator = self.line_terminator
        yield encode(self.line_terminator, True)

    def _lines(self, rows: Sequence[Sequence[str]]) -> str:
        """Return rows as lines, without the last line end."""
        delimiter, end = self.get_delimiter(), self.line_terminator
        # The writer quotes every kind of line end only while its own is CRLF (before 3.13).
        write = csv.writer(Echo(), delimiter=delimiter, quoting=self.quoting).writerow
        if self.quoting != csv.QUOTE_MINIMAL or len(rows[0]) == 1 or delimiter == " ":
            return end.join([write(row)[:-2] for row in rows])
        # Most rows need no quotes, and a plain join makes them ten times as fast as the writer.
        lines = list(map(delimiter.join, rows))
        text = end.join(lines)
        delimiters, ends = len(rows[0]) - 1, len(rows) - 1
        if (
            text.count(delimiter) == delimiters * len(rows)
            and '"' not in text
            and text.count("\r") == ends * end.count("\r")
            and text.count("\n") == ends * end.count("\n")
        ):
            return text
        return end.join(
            [
                line
                if line.count(delimiter) == delimiters
                and '"' not in line
                and "\r" not in line
                and "\n" not in line
                else write(row)[:-2]
                for line, row in zip(lines, rows, strict=True)
            ]
        )

    def check(self) -> None:
        """Raise ReportError for attributes that could not write every report."""
        name, delimiter = type(self).__name__, self.get_delimiter()
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise ReportError(
                f"{name}.delimiter is {delimiter!r}.", "Give one character, no quote or line end."
            )
        if self.quoting not in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            raise ReportError(
                f"{name}.quoting is {self.quoting!r}, which cannot write every text.",
                "Use csv.QUOTE_MINIMAL or csv.QUOTE_ALL.",
            )
        if self.line_terminator not in ("\r\n", "\n", "\r"):
            raise ReportError(
                f"{name}.line_terminator is {self.line_terminator!r}.",
                r"Use '\r\n', as RFC 4180 has it, '\n' or '\r'.",
            )
        try:
            (BOM * self.bom + delimiter).encode(self.encoding)
            own_bom = "".encode(self.encoding)
        except (LookupError, UnicodeEncodeError) as error:
            raise ReportError(
                f"{name}.encoding is {self.encoding!r}: {error}.",
                "Use a codec of Python's that has the delimiter and, with bom, the mark.",
            ) from error
        if self.bom and own_bom:
            raise ReportError(
                f"{name}.encoding is {self.encoding!r}, which begins with a mark of its own.",
                "Leave bom out.",
            )


class ExcelCsvFormat(CsvFormat):
    """Write CSV that Excel opens by a double click, in the language of its user.

    It begins with a byte order mark; the decimal separator and the delimiter are those of the
    active locale.
    """

    bom = True
    delimiter = None
    decimal_separator = None
