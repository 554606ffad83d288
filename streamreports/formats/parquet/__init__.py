"""Parquet files, streamed a row group at a time. The package pyarrow is imported when one is made.

https://parquet.apache.org/docs/
"""

from streamreports.formats.parquet.format import ParquetFormat

__all__ = ["ParquetFormat"]
