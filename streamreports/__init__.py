"""Stream querysets from Django as CSV, Excel, JSON, Parquet and HTML files."""

__version__ = "0.1.0"
