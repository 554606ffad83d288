"""CSV: rows of text, separated by line ends."""

import codecs
import csv
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal

from django.utils import formats

from streamreports.exceptions import ReportError
from streamreports.formats.base import PIECE_SIZE, Format
from streamreports.values import REPLACEMENT, TextOptions

BOM = "\ufeff"
QUOTE = '"'


class Echo:
    """A file-like object for ``csv.writer`` whose ``write()`` returns its argument."""

    def write(self, value: str) -> str:
        """Return the value instead of keeping it."""
        return value


def quoted(values: Sequence[str], delimiter: str) -> Sequence[str]:
    """Return the values of a column, with quotes around those that need them.

    One search in the whole column is much faster than a look at each value, as ``csv.writer`` does.
    """
    text = "".join(values)
    if '"' not in text and delimiter not in text and "\n" not in text and "\r" not in text:
        return values
    if "\n" not in text and "\r" not in text:  # Two tests per value are faster than a search.
        return [
            value
            if delimiter not in value and '"' not in value
            else f'"{value.replace(QUOTE, QUOTE * 2)}"'
            for value in values
        ]
    needs_quotes = re.compile(f'[{re.escape(delimiter)}"\r\n]').search
    return [
        f'"{value.replace(QUOTE, QUOTE * 2)}"' if needs_quotes(value) else value for value in values
    ]


def pieces_of(lines: list[str]) -> Iterator[list[str]]:
    """Yield lines in lists of about a block; most often that is the whole list."""
    if sum(map(len, lines)) <= 2 * PIECE_SIZE:
        yield from [lines] if lines else []
        return
    piece: list[str] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= PIECE_SIZE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


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
    ``escape_formulas``: escape text that a spreadsheet would execute.
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
        for python, registered in (("iso8859-", "iso-8859-"), ("cp125", "windows-125")):
            charset = charset.replace(python, registered)
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
    def style(self) -> TextOptions:
        """Return how the values print."""
        return TextOptions(self.escape_formulas, self.get_decimal_separator())

    def encode(
        self, header: Sequence[str], batches: Iterable[Sequence[Sequence[str]]]
    ) -> Generator[bytes, None, None]:
        """Yield the header and each batch of rows as bytes, and the last line end at the end."""
        encode = codecs.getincrementalencoder(self.encoding)("replace").encode
        delimiter = self.get_delimiter()
        before = BOM if self.bom else ""
        for rows in chain([[header]] if self.header else [], batches):
            for lines in pieces_of(self._lines(rows, delimiter) if rows else []):
                yield encode((before + self.line_terminator.join(lines)).replace("\0", REPLACEMENT))
                before = self.line_terminator
        begun = before == self.line_terminator
        yield encode(self.line_terminator if begun else before + self.line_terminator, True)

    def _lines(self, rows: Sequence[Sequence[str]], delimiter: str) -> list[str]:
        """Return rows as lines, without their line ends."""
        if self.quoting != csv.QUOTE_MINIMAL or len(rows[0]) == 1 or delimiter == " ":
            # The writer quotes every kind of line end only while its own is CRLF (before 3.13).
            write = csv.writer(Echo(), delimiter=delimiter, quoting=self.quoting).writerow
            return [write(row)[:-2] for row in rows]
        lines = list(map(delimiter.join, rows))
        text = "".join(lines)
        plain = text.count(delimiter) == (len(rows[0]) - 1) * len(rows)
        if plain and not any(sign in text for sign in '"\r\n'):
            return lines
        columns = [quoted(column, delimiter) for column in zip(*rows, strict=True)]
        return list(map(delimiter.join, zip(*columns, strict=True)))

    def check(self) -> None:
        """Raise ReportError for attributes that could not write every report."""
        name, delimiter = type(self).__name__, self.get_delimiter()
        if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
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
            probe = 'A,+"\\\r\n..'
            lengths = {len(sign.encode(self.encoding)) for sign in probe}
            codecs.getincrementalencoder(self.encoding)("replace").encode(probe, True)
        except (LookupError, TypeError, UnicodeError) as error:
            raise ReportError(
                f"{name}.encoding is {self.encoding!r}: {error}.",
                "Use a codec of Python's that has the delimiter and, with bom, the mark.",
            ) from error
        if len(lengths) > 1:
            raise ReportError(
                f"{name}.encoding is {self.encoding!r}, which writes some signs as others.",
                "Use a codec for text, such as utf-8.",
            )
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
    delimiter: str | None = None
    decimal_separator: str | None = None
