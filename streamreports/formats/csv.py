"""CSV."""

import codecs
import csv
import re
from collections.abc import Generator, Iterable, Sequence
from itertools import chain
from typing import Literal

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from streamreports.escaping import REPLACEMENT
from streamreports.exceptions import ReportError
from streamreports.formats.base import CopyOptions, Format, OutputColumn, Rows
from streamreports.values import TextOptions

BOM = "\ufeff"
QUOTE = '"'
COMMON_DELIMITERS = ",;\t|"  # Only text can contain them; numbers and dates cannot.


class Echo:
    """A file-like object for ``csv.writer`` whose ``write()`` returns its argument."""

    def write(self, value: str) -> str:
        """Return the value instead of storing it."""
        return value


def quoted(values: Sequence[str], delimiter: str) -> Sequence[str]:
    """Return the values of a column, quoted where necessary.

    Searching the whole column once is much faster than checking each value, as ``csv.writer`` does.
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


def has_formats(locale: str) -> bool:
    """Return True if Django or the project defines formats for a language code."""
    return isinstance(locale, str) and any(formats.iter_format_modules(locale))


class CsvFormat(Format):
    """Write CSV as defined in RFC 4180. A variant is a subclass with other class attributes.

    Line endings are written between the rows, and the final one only when the report is complete: a
    truncated file does not end with a line ending. A report without header and rows is a single
    line ending.

    ``delimiter``: one character; None for that of the locale.
    ``decimal_separator``: for floats and decimals; None for that of the locale.
    ``locale``: the language code that determines both, such as ``"de"``; None for the active
    language.
    ``quoting``: ``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_ALL``.
    ``line_terminator``: CRLF, LF or CR.
    ``bom``: start the file with a byte order mark.
    ``header``: write the labels first.
    ``escape_formulas``: escape text that a spreadsheet would execute.
    ``naive_datetimes``: print datetimes without UTC offset and microseconds, in the current time
    zone, which is added to the header.
    ``encoding``: a Python codec; characters that it cannot encode are replaced by question marks.
    """

    name = "csv"
    content_type = "text/csv"
    extension = "csv"

    delimiter: str | None = ","
    decimal_separator: str | None = "."
    locale: str | None = None
    quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL
    line_terminator: str = "\r\n"
    bom: bool = False
    header: bool = True
    escape_formulas: bool = True
    naive_datetimes: bool = False
    encoding: str = "utf-8"

    def get_content_type(self) -> str:
        """Return the media type, with the registered name of the encoding as charset."""
        charset = codecs.lookup(self.encoding).name.removesuffix("-sig")
        for python, registered in (("iso8859-", "iso-8859-"), ("cp125", "windows-125")):
            charset = charset.replace(python, registered)
        return f"{self.content_type}; charset={charset}"

    def get_delimiter(self) -> str:
        """Return the character between cells.

        Django has no setting for the list separator of a locale, so it is a semicolon if the
        decimal separator is a comma.
        """
        if self.delimiter is None:
            return ";" if self.get_decimal_separator() == "," else ","
        return self.delimiter

    def get_decimal_separator(self) -> str:
        """Return the decimal separator."""
        if self.decimal_separator is None:
            return str(formats.get_format("DECIMAL_SEPARATOR", self.locale))
        return self.decimal_separator

    @property
    def options(self) -> TextOptions:
        """Return the options for printing values as text, in the active language."""
        return TextOptions(self.escape_formulas, self.get_decimal_separator(), self.naive_datetimes)

    def get_copy_options(self) -> CopyOptions | None:
        """Return the options with which a database writes the same lines; None if it cannot.

        It cannot if a subclass overrides the encoding.
        """
        delimiter = self.get_delimiter()
        if (
            type(self).encode is not CsvFormat.encode
            or type(self)._lines is not CsvFormat._lines
            or not delimiter.isascii()
            or delimiter.isalnum()  # COPY rejects characters of its NULL string.
            or not self.header
            or codecs.lookup(self.encoding).name != "utf-8"
        ):
            return None
        force = ", FORCE_QUOTE *" if self.quoting == csv.QUOTE_ALL else ""
        escaped = delimiter.replace("'", "''").replace("%", "%%")
        is_plain = self.quoting == csv.QUOTE_MINIMAL and delimiter in COMMON_DELIMITERS
        joins = is_plain and delimiter != self.get_decimal_separator()
        return CopyOptions(
            f", DELIMITER '{escaped}'{force}", self.line_terminator, delimiter if joins else None
        )

    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the header and each batch of rows, then the final line ending."""
        encode = codecs.getincrementalencoder(self.encoding)("replace").encode
        delimiter = self.get_delimiter()
        header = [[column.label for column in columns]] if self.header else []
        before = BOM if self.bom else ""
        for rows in filter(None, chain([header], batches)):
            lines = self._lines(rows, delimiter)
            yield encode((before + self.line_terminator.join(lines)).replace("\0", REPLACEMENT))
            before = self.line_terminator
        has_lines = before == self.line_terminator
        yield encode(self.line_terminator if has_lines else before + self.line_terminator, True)

    def encode_lines(
        self, columns: Sequence[OutputColumn], lines: Iterable[bytes]
    ) -> Generator[bytes, None, None]:
        """Yield the header and the lines, then the final line ending."""
        line_end = self.line_terminator.encode()
        yield b"".join(self.encode(columns, ())).removesuffix(line_end)
        for piece in lines:
            yield line_end + piece
        yield line_end

    def _lines(self, rows: Rows, delimiter: str) -> list[str]:
        """Return rows as lines, without line endings."""
        if self.quoting != csv.QUOTE_MINIMAL or len(rows[0]) == 1 or delimiter == " ":
            # Before Python 3.13, the writer quotes every kind of line ending only if its own is
            # CRLF.
            write = csv.writer(Echo(), delimiter=delimiter, quoting=self.quoting).writerow
            return [write(row)[:-2] for row in rows]
        lines = list(map(delimiter.join, rows))
        text = "".join(lines)
        plain = text.count(delimiter) == (len(rows[0]) - 1) * len(rows)
        if plain and not any(sign in text for sign in '"\r\n'):
            return lines
        columns = [quoted(column, delimiter) for column in zip(*rows, strict=True)]
        return list(map(delimiter.join, zip(*columns, strict=True)))

    def validate(self) -> None:
        """Raise ReportError if an attribute is invalid."""
        super().validate()
        owner = type(self).__name__
        if self.locale is not None and not has_formats(self.locale):
            raise ReportError(
                f"{owner}.locale is {self.locale!r}.",
                "Use a language code that Django has formats for, such as 'de'.",
            )
        delimiter = self.get_delimiter()
        if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n\0':
            raise ReportError(
                f"{owner}.delimiter is {delimiter!r}.",
                "Use one character, except a quote, a line ending or NUL.",
            )
        if self.quoting not in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            raise ReportError(
                f"{owner}.quoting is {self.quoting!r}, which cannot write every text.",
                "Use csv.QUOTE_MINIMAL or csv.QUOTE_ALL.",
            )
        if self.line_terminator not in ("\r\n", "\n", "\r"):
            raise ReportError(
                f"{owner}.line_terminator is {self.line_terminator!r}.",
                r"Use '\r\n' (RFC 4180), '\n' or '\r'.",
            )
        self._validate_encoding(owner, delimiter)

    def _validate_encoding(self, owner: str, delimiter: str) -> None:
        """Raise ReportError for an encoding that cannot write every report."""
        try:
            (BOM * self.bom + delimiter).encode(self.encoding)
            own_bom = "".encode(self.encoding)
            probe = 'A,+"\\\r\n..'
            lengths = {len(sign.encode(self.encoding)) for sign in probe}
            codecs.getincrementalencoder(self.encoding)("replace").encode(probe, True)
        except (LookupError, TypeError, UnicodeError) as error:
            raise ReportError(
                f"{owner}.encoding is {self.encoding!r}: {error}.",
                "Use a Python codec that can encode the delimiter and, with bom, the mark.",
            ) from error
        if len(lengths) > 1:
            raise ReportError(
                f"{owner}.encoding is {self.encoding!r}, which is not a plain text encoding.",
                "Use a codec for text, such as utf-8.",
            )
        if self.bom and own_bom:
            raise ReportError(
                f"{owner}.encoding is {self.encoding!r}, which writes a byte order mark itself.",
                "Remove bom.",
            )


class ExcelCsvFormat(CsvFormat):
    """Write CSV that Excel opens with a double click.

    The file starts with a byte order mark. Decimal separator and delimiter are those of ``locale``,
    by default the active language; they must be those of the user's spreadsheet, or numbers are
    misread: a German spreadsheet reads ``13221.840`` as thirteen million. Set ``locale`` unless the
    project activates a language for each user, for example with ``LocaleMiddleware``.

    Datetimes have no UTC offset, since spreadsheets would treat them as text. The header of a
    datetime field or expression names the time zone, as in "Picked up (Europe/Berlin)"; name it in
    the label of a column that Python computes.
    """

    name = "excel-csv"
    label = _("CSV for Excel")

    bom = True
    delimiter: str | None = None
    decimal_separator: str | None = None
    naive_datetimes = True


class TsvFormat(CsvFormat):
    """Write tab-separated values, quoted where needed."""

    name = "tsv"
    extension = "tsv"
    content_type = "text/tab-separated-values"

    delimiter: str | None = "\t"
