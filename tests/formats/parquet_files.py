"""Parquet files, written by the format and read by pyarrow."""

import io

import pyarrow.parquet as pq

from streamreports.formats.base import OutputColumn
from streamreports.formats.parquet import ParquetFormat
from streamreports.reports import Report


def variant(**attributes):
    """Return a format that differs by some class attributes."""
    return type("Variant", (ParquetFormat,), attributes)()


def file_of(queryset, *columns, format=None):
    """Return the file of a report."""
    return b"".join(Report(queryset, columns).stream(format or ParquetFormat()))


def table_of(queryset, *columns, format=None):
    """Return the table that pyarrow reads from the file of a report."""
    return opened(file_of(queryset, *columns, format=format))


def written(values, field, *, is_list=False, format=None, size=2):
    """Return the file of one column of native values, given in batches of a size."""
    columns = [OutputColumn("a", "A", field, is_list=is_list)]
    rows = [(value,) for value in values]
    batches = (rows[start : start + size] for start in range(0, len(rows), size))
    return b"".join((format or ParquetFormat()).encode(columns, batches))


def column_of(values, field, *, is_list=False, format=None):
    """Return the type of a column in Parquet, and the values that pyarrow reads."""
    column = opened(written(values, field, is_list=is_list, format=format))["a"]
    return str(column.type), column.to_pylist()


def opened(data):
    return pq.read_table(io.BytesIO(data))


def types_of(table):
    return {field.name: str(field.type) for field in table.schema}
