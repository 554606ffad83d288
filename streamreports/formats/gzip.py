"""Files compressed with gzip."""

from collections.abc import Generator
from typing import ClassVar

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.gzip import gzip_blocks


class GzipMixin(Format):
    """Compress the file of a format.

    ``uncompressed``: the class of the format.
    """

    uncompressed: ClassVar[type[Format]]
    content_type = "application/gzip"  # RFC 6713
    is_compressed = True

    @classmethod
    def get_label(cls) -> str:
        """Return the name of the format in the user interface."""
        return f"{cls.uncompressed.get_label()} (gzip)"

    def get_content_type(self) -> str:
        """Return the value of the Content-Type header."""
        return self.content_type

    def compress(self, blocks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
        """Yield the blocks of the compressed file."""
        return gzip_blocks(blocks)


def gzipped(format_class: type[Format]) -> type[Format]:
    """Return a variant of a format whose file is compressed with gzip.

    ``formats = [CsvFormat, gzipped(CsvFormat)]`` offers ``?format=csv`` and ``?format=csv.gz``. The
    file stays compressed after the download, regardless of the Accept-Encoding header.

    Raises ReportError if the class is not a format, is already compressed, or is a page.
    """
    if not isinstance(format_class, type) or not issubclass(format_class, Format):
        raise ReportError(
            f"gzipped(): {format_class!r} is not a format.",
            "Use a subclass of streamreports.formats.base.Format, such as CsvFormat.",
        )
    name = format_class.__name__
    if format_class.is_compressed:
        raise ReportError(
            f"gzipped(): the files of {name} are already compressed.", f"Use {name} itself."
        )
    if format_class.is_page:
        raise ReportError(
            f"gzipped(): {name} is a page, which browsers show while they receive it.",
            f"Use {name} itself.",
        )
    attributes = {
        "__module__": format_class.__module__,
        "name": f"{getattr(format_class, 'name', '')}.gz",
        "extension": f"{getattr(format_class, 'extension', '')}.gz",
        "uncompressed": format_class,
    }
    return type(f"Gzip{name}", (GzipMixin, format_class), attributes)
