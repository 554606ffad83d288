"""The first rows of a report, the number of rows, and the size of the file."""

from streamreports.previews.cells import PreviewCell, PreviewColumn
from streamreports.previews.counting import count_rows
from streamreports.previews.figures import FileSize, RowCount
from streamreports.previews.preview import Preview, preview_report

__all__ = [
    "FileSize",
    "Preview",
    "PreviewCell",
    "PreviewColumn",
    "RowCount",
    "count_rows",
    "preview_report",
]
