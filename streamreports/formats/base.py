"""The interface of a format."""

import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from streamreports.exceptions import ReportError
from streamreports.values import TextOptions

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the file.

    ``name``: letters, digits, "_" and "-", for keys; empty if the column has none.
    ``label``: the header; for text formats already escaped according to the format's options.
    ``field``: the model field, or the output field of the expression, whose values the cells are;
    None for cells that Python computes, formats or joins.
    """

    name: str
    label: str
    field: Any = None


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """How a database writes the same lines as a format, in UTF-8.

    ``sql``: the options of PostgreSQL's COPY, besides FORMAT and NULL. ``line_end``: stands between
    lines. ``delimiter``: stands between cells, which are quoted only if they contain it, quotes or
    line ends; None if other rules apply.
    """

    sql: str
    line_end: str
    delimiter: str | None


class Format(ABC):
    r"""Turn the rows of a report into the bytes of a file.

    To write a format of your own, define the class attributes and ``encode()``::

        class JsonLinesFormat(Format):
            name = "jsonl"
            extension = "jsonl"
            content_type = "application/x-ndjson"
            wants = "native"
            needs_names = True

            def encode(self, columns, batches):
                names = [column.name for column in columns]
                encode = DjangoJSONEncoder(ensure_ascii=False).encode
                for rows in batches:
                    lines = [encode(dict(zip(names, row))) for row in rows]
                    yield "".join(f"{line}\n" for line in lines).encode()

    ``name``: identifies the format in URLs: letters, digits, hyphens and underscores.
    ``extension``: the file name extension, without the dot. Several formats may share one.
    ``content_type``: the media type of the file.
    ``wants``: ``"text"`` for cells that are strings, printed by the database where possible;
    ``"native"`` for Python values.
    ``needs_names``: True if the file refers to columns by name, as JSON does. Then every column
    must have a name of its own.

    A format is instantiated for each file. The file may be truncated at any time, so its end should
    show that it is complete.
    """

    name: ClassVar[str]
    extension: ClassVar[str]
    content_type: ClassVar[str]
    wants: ClassVar[Literal["text", "native"]] = "text"
    needs_names: ClassVar[bool] = False

    def get_content_type(self) -> str:
        """Return the value of the Content-Type header."""
        return self.content_type

    @property
    def options(self) -> TextOptions:
        """Return how values are printed as text, in the active language."""
        return TextOptions()

    @abstractmethod
    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the bytes of the file.

        ``batches``: the rows, in lists of about 64 KiB of text. A row has a cell for each column.

        Yield bytes as soon as they are ready: nothing is sent before, and memory stays constant
        only if a format keeps few rows. This is a generator: it is closed early if the client
        disconnects.
        """

    def get_copy_options(self) -> CopyOptions | None:
        """Return how a database writes the same lines; None if it cannot."""
        return None

    def validate(self) -> None:
        """Raise ReportError if an attribute is missing or invalid."""
        owner = type(self).__name__
        for attribute in ("name", "extension", "content_type"):
            value = getattr(self, attribute, None)
            if not isinstance(value, str) or not value:
                raise ReportError(
                    f"{owner}.{attribute} is {value!r}.", f"Define {owner}.{attribute} as a string."
                )
        if not re.fullmatch(r"[\w-]+", self.name):
            raise ReportError(
                f"{owner}.name is {self.name!r}, which cannot be used in a URL.",
                "Use letters, digits, hyphens and underscores.",
            )
        if self.wants not in ("text", "native"):
            raise ReportError(f"{owner}.wants is {self.wants!r}.", "Use 'text' or 'native'.")
