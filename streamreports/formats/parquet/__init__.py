"""Parquet files, streamed by row group. pyarrow is imported when the first file is generated.

https://parquet.apache.org/docs/
"""

from streamreports.formats.parquet.format import ParquetFormat

__all__ = ["ParquetFormat"]
