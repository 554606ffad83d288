"""Excel workbooks (Office Open XML, ECMA-376), streamed as they are made.

The project writes the XML and the ZIP archive itself. Libraries write to a file that is complete
only at the end, and are slower: they format cell by cell, this by column.
"""

from streamreports.formats.xlsx.format import XlsxFormat

__all__ = ["XlsxFormat"]
