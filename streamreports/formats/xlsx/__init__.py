"""Excel workbooks (Office Open XML, ECMA-376), streamed while they are generated.

This package writes the XML and the ZIP archive itself. Libraries write a file that is available
only at the end. They are also slower, since they format each cell separately instead of by column.
"""

from streamreports.formats.xlsx.format import XlsxFormat

__all__ = ["XlsxFormat"]
