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

    The names of the columns are those in the report; the labels are in the metadata of the schema,
    as is the title. Requires the extra ``parquet`` (pyarrow).

    Integers have 64 bits, decimals the digits of their fields, and aware datetimes are in UTC. A
    to-many path, or an array, is a list. JSON is text, and so are choice labels, a column with a
    ``format``, calculated decimals, values of fields that convert them and whatever Python
    computes. A value that does not fit into its column raises ``ReportError``, which truncates the
    file: no other value could stand for it.

    The file is streamed in row groups. It ends with a footer: without that, it cannot be opened.

    ``output_fields``: the field that describes the values of a column, by its name, instead of the
    one that the column has. Decimals are rounded to its ``decimal_places``.
    ``compression``: of the data, one of "zstd", "snappy", "gzip", "brotli", "lz4" and "none".
    ``max_rows`` and ``max_bytes``: of a row group, which is held in memory.
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
        """Return how values are printed as text."""
        return TextOptions(escape_formulas=False)

    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the row groups as they become full, then the footer."""
        # They import pyarrow, which takes 0.2 s and 50 MB.
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
