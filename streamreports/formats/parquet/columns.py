"""The columns of a Parquet file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from streamreports.exceptions import ReportError
from streamreports.formats.base import OutputColumn
from streamreports.formats.parquet.fitting import UnfitError
from streamreports.formats.parquet.types import ListType, ParquetType, type_of

SHOWN = 80  # characters of a value in a message


@dataclass(frozen=True)
class ParquetColumn:
    """A column with the name and label that it has in the report."""

    name: str
    label: str
    type: ParquetType

    @classmethod
    def of(cls, column: OutputColumn, output_fields: Mapping[str, Any]) -> "ParquetColumn":
        """Return the column of the file for a column of the report."""
        given = output_fields.get(column.name)
        found = type_of(given or column.field, rounds=given is not None)
        return cls(column.name, column.label, ListType(found) if column.is_list else found)

    @property
    def field(self) -> pa.Field:
        """Return the column as a field of an Arrow schema."""
        return pa.field(self.name, self.type.arrow, metadata={"label": self.label})

    def array(self, values: Sequence[Any], first: int) -> pa.Array:
        """Return values as an array; raise ReportError if one does not fit.

        ``first``: the number of the row of the first value.
        """
        try:
            return self.type.array(values)
        except UnfitError:
            for number, value in enumerate(values, start=first):
                self._require_fit(value, number)
            raise

    def _require_fit(self, value: Any, number: int) -> None:
        """Raise ReportError if a value does not fit."""
        try:
            self.type.array([value])
        except UnfitError:
            raise ReportError(
                f"Row {number}: {shown(value)} does not fit into the column {self.name!r}, whose"
                f" type in Parquet is {self.type.arrow}.",
                "Correct the value, or write the column as text: add"
                f" {self.name!r}: TextField() to the format's output_fields.",
            ) from None


def shown(value: Any) -> str:
    """Return a value for a message, shortened."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers with more than 4,300 digits.
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
