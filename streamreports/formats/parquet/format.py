"""The format of Parquet files."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from django.db.models import Field

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format, OutputColumn, Rows
from streamreports.values import TextOptions

COMPRESSIONS = ("zstd", "snappy", "gzip", "brotli", "lz4", "none")


class ParquetFormat(Format):
    """Write a Parquet file, whose columns have the types of their fields. All may be null.

    The columns have the same names as in the report. The labels and the title are stored in the
    metadata of the schema. Requires the extra ``parquet`` (pyarrow).

    Integers have 64 bits, decimals have the digits of their fields, and aware datetimes are in UTC.
    To-many paths and arrays are lists. These are text: JSON, choice labels, columns with a
    ``format``, calculated decimals, values that fields convert, and values that Python computes. If
    a value does not fit its column, ``ReportError`` is raised and the file is truncated, since any
    other value would be wrong.

    The file is streamed in row groups. It ends with a footer, without which it cannot be opened.

    ``output_fields``: fields by column name, which override the fields of the columns. Decimals are
    rounded to ``decimal_places`` of the field.
    ``compression``: one of "zstd", "snappy", "gzip", "brotli", "lz4" and "none".
    ``max_rows`` and ``max_bytes``: the maximum size of a row group, which is held in memory.
    """

    name = "parquet"
    extension = "parquet"
    label = "Parquet"
    content_type = "application/vnd.apache.parquet"
    wants = "nested"
    needs_names = True
    is_compressed = True

    output_fields: Mapping[str, "Field[Any, Any]"] = {}
    compression: str = "zstd"
    max_rows: int = 65_536
    max_bytes: int = 1536 * 1024

    @property
    def options(self) -> TextOptions:
        """Return the options for printing values as text."""
        return TextOptions(escape_formulas=False)

    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield each row group when it is full, then the footer.

        Raises ReportError if a value does not fit its column.
        """
        # These modules import pyarrow, which takes 0.2 s and 50 MB.
        from streamreports.formats.parquet.columns import ParquetColumn
        from streamreports.formats.parquet.groups import GroupWriter

        typed = [ParquetColumn.of(column, self.output_fields) for column in columns]
        writer = GroupWriter(typed, str(self.title), self.compression)
        for rows in batches:
            writer.add(rows)
            if writer.rows >= self.max_rows or writer.size >= self.max_bytes or writer.is_late:
                writer.flush()
            yield from writer.take()
        writer.close()
        yield from writer.take()

    def validate(self) -> None:
        """Raise ReportError if pyarrow is missing, or an attribute is invalid."""
        super().validate()
        if find_spec("pyarrow") is None:
            raise ReportError(
                "Parquet files are written with pyarrow, which is not installed.",
                'Install the extra "parquet": pip install "django-streamreports[parquet]".',
            )
        owner = type(self).__name__
        for attribute in ("max_rows", "max_bytes"):
            number = getattr(self, attribute)
            if not isinstance(number, int) or number < 1:
                raise ReportError(f"{owner}.{attribute} is {number!r}.", "Use a positive integer.")
        if self.compression not in COMPRESSIONS:
            raise ReportError(
                f"{owner}.compression is {self.compression!r}.",
                f"Use one of {', '.join(map(repr, COMPRESSIONS))}.",
            )
        for name, field in self.output_fields.items():
            if not isinstance(field, Field):
                raise ReportError(
                    f"{owner}.output_fields[{name!r}] is {field!r}, which is not a field.",
                    "Give a model field of Django, such as FloatField().",
                )
