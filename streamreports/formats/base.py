"""The interface of a format."""

import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from inspect import isabstract
from typing import Any, ClassVar, Literal, get_args

from django.utils.functional import Promise

from streamreports.exceptions import ReportError
from streamreports.values import TextOptions

Rows = Sequence[Sequence[Any]]
Wants = Literal["text", "native", "nested"]


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the file.

    ``name``: letters, digits, "_" and "-", for keys; empty if the column has no name.
    ``label``: the header. For text formats, it is already escaped according to the format's
    options.
    ``field``: the model field of the cells, or the output field of the expression; None for cells
    that Python computes, formats or joins. A DecimalField of calculated values has no
    ``max_digits``.
    ``is_list``: whether the cells are lists of such values, for formats that nest values.
    ``is_number``: whether the cells are numbers or keys, which should be aligned right.
    ``safe``: whether the text of the cells was declared to be safe HTML.
    """

    name: str
    label: str
    field: Any = None
    is_number: bool = False
    safe: bool = False
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """The options with which a database writes the same lines as a format, in UTF-8.

    ``sql``: the options of PostgreSQL's COPY, except FORMAT and NULL. ``line_end``: the line ending
    between rows. ``delimiter``: the character between the cells of CSV, which are quoted only if
    they contain it, quotes or line endings; None if other rules apply.
    """

    sql: str
    line_end: str
    delimiter: str | None


class Format(ABC):
    r"""Encode the rows of a report as a file.

    To write a custom format, define the class attributes and ``encode()``::

        class MarkdownFormat(Format):
            name = "markdown"
            extension = "md"
            content_type = "text/markdown"

            def encode(self, columns, batches):
                yield self.line([column.label for column in columns])
                yield self.line(["---"] * len(columns))
                for rows in batches:
                    yield b"".join(map(self.line, rows))

            def line(self, cells):
                escaped = [cell.replace("|", r"\|") for cell in cells]
                return f"| {' | '.join(escaped)} |\n".encode()

    ``name``: identifies the format in URLs. It consists of letters, digits, hyphens, underscores,
    and dots between them.
    ``extension``: the file name extension, without the dot. Several formats may share one.
    ``label``: the name in the user interface; by default, the extension in uppercase.
    ``content_type``: the media type of the file.
    ``wants``: the type of the cells: ``"text"`` for strings, printed by the database where
    possible; ``"native"`` for values of a few types (see ``streamreports.native``); ``"nested"``
    for the same types, and lists and dictionaries of them.
    ``needs_names``: True if the file refers to columns by name, as JSON does. Then every column
    must have a unique name.
    ``is_compressed``: True if the file is already compressed. It is not compressed again.
    ``is_page``: True if browsers should show the file while they receive it instead of saving it. A
    header then disables buffering in proxies.
    ``title``: the title, in formats that show one; by default, the plural name of the model, which
    the report sets when it is read.

    A format is instantiated for each file. The file may be truncated at any time, so its end should
    show that it is complete.
    """

    name: ClassVar[str]
    extension: ClassVar[str]
    label: ClassVar[str | Promise] = ""
    content_type: ClassVar[str]
    wants: ClassVar[Wants] = "text"
    needs_names: ClassVar[bool] = False
    is_compressed: ClassVar[bool] = False
    is_page: ClassVar[bool] = False

    title: str | Promise = ""

    @classmethod
    def get_label(cls) -> str:
        """Return the name of the format in the user interface."""
        return str(cls.label) or cls.extension.upper()

    def get_content_type(self) -> str:
        """Return the value of the Content-Type header."""
        return self.content_type

    def get_headers(self) -> dict[str, str]:
        """Return additional headers for the content. The headers of the view override them."""
        return {}

    @property
    def options(self) -> TextOptions:
        """Return the options for printing values as text, in the active language."""
        return TextOptions()

    @abstractmethod
    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the bytes of the file.

        ``batches``: the rows, in lists of about 64 KiB of text. A row has a cell for each column.

        Yield bytes as soon as they are ready: nothing is sent before that, and memory usage is
        constant only if the format keeps few rows. This generator is closed early if the client
        disconnects.
        """

    def compress(self, blocks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
        """Yield the compressed blocks, given those of ``encode()`` or of the database."""
        return blocks

    def get_copy_options(self) -> CopyOptions | None:
        """Return the options with which a database writes the same lines; None if it cannot."""
        return None

    def encode_lines(
        self, columns: Sequence[OutputColumn], lines: Iterable[bytes]
    ) -> Generator[bytes, None, None]:
        """Yield the bytes of the file, given lines written by a database.

        ``lines``: each item is one or more lines, without the final line ending. Only formats that
        return copy options implement this.
        """
        raise NotImplementedError

    def validate(self) -> None:
        """Raise ReportError if an attribute is missing or invalid."""
        owner = type(self).__name__
        for attribute in ("name", "extension", "content_type"):
            value = getattr(self, attribute, None)
            if not isinstance(value, str) or not value:
                raise ReportError(
                    f"{owner}.{attribute} is {value!r}.", f"Define {owner}.{attribute} as a string."
                )
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", self.name):
            raise ReportError(
                f"{owner}.name is {self.name!r}, which cannot be used in a URL.",
                "Use letters, digits, hyphens and underscores, and dots between them.",
            )
        if self.wants not in get_args(Wants):
            raise ReportError(
                f"{owner}.wants is {self.wants!r}.", "Use 'text', 'native' or 'nested'."
            )


def create_format(format_class: Any, name: str) -> Format:
    """Return a format of a class; raise ReportError if it is not a valid format.

    ``name``: the name of the attribute or argument, for the message.
    """
    is_format = isinstance(format_class, type) and issubclass(format_class, Format)
    if not is_format or isabstract(format_class):
        raise ReportError(
            f"{name}: {format_class!r} is not a format.",
            "Use a subclass of streamreports.formats.base.Format that implements encode(), such as"
            " streamreports.formats.csv.CsvFormat.",
        )
    report_format: Format = format_class()
    report_format.validate()
    return report_format
