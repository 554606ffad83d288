"""The file of a report view: its format, its name, its headers and its limits."""

from collections.abc import Sequence
from dataclasses import replace

from django.http.response import HttpResponseBase

from streamreports.background import is_export
from streamreports.exceptions import NotAcceptableError, ReportError, TooManyRowsError
from streamreports.formats.base import Format, create_format
from streamreports.negotiation import preferred_format
from streamreports.problems import reject_media_types, reject_too_many_rows
from streamreports.reports import Report
from streamreports.responses import get_default_filename
from streamreports.streaming.options import StreamOptions
from streamreports.views.parameters import ParametersMixin
from streamreports.views.streams import StreamMixin


class FileMixin(StreamMixin, ParametersMixin):
    """Choose the format, the name and the limits of a report's file.

    ``formats``: the available formats, as subclasses of ``Format``; the first is the default. If
    there are several, the Accept header of the request chooses one.
    ``format_param``: the parameter that chooses a format by its name and overrides the header; None
    to disable it.
    ``filename``: by default, the plural name of the model with the extension of the format. If it
    has the extension of the default format, other formats replace the extension with their own.
    ``buffered_up_to``: size in bytes; reports up to this size are sent with a Content-Length.
    ``early_header``: send the header before the query returns; a later error truncates the file.
    ``compression``: compress the response with gzip for clients that accept it. HTML and files that
    are already compressed are sent unchanged.
    ``max_rows``: larger reports are rejected with 413 before any data is sent.
    """

    report: Report
    format: Format

    formats: Sequence[type[Format]] = ()
    format_param: str | None = "format"
    filename: str | None = None
    buffered_up_to: int = StreamOptions.buffered_up_to
    early_header: bool = StreamOptions.early_header
    max_rows: int | None = StreamOptions.max_rows
    compression: bool = StreamOptions.compression

    def get_response(self) -> HttpResponseBase:
        """Return the response that sends the report, or an error response above a limit."""
        stream = self.report.stream(self.format, early_header=self.early_header)
        try:
            return self.send(stream, filename=self.get_filename())
        except TooManyRowsError:
            return self.handle_too_many_rows()

    def handle_too_many_rows(self) -> HttpResponseBase:
        """Return the response to a request for more than ``max_rows`` rows, or raise."""
        return reject_too_many_rows(self.request, self.get_max_rows())

    def get_formats(self) -> Sequence[type[Format]]:
        """Return the formats of the view, the default first.

        Raises ReportError if ``formats`` is empty, or neither a list nor a tuple.
        """
        if not isinstance(self.formats, (list, tuple)) or not self.formats:
            name = type(self).__name__
            raise ReportError(
                f"{name}.formats is {self.formats!r}.",
                f"Define {name}.formats as a list of formats, such as"
                " [streamreports.formats.csv.CsvFormat], or override"
                f" {name}.get_formats().",
            )
        return self.formats

    def get_format(self) -> Format:
        """Return the requested format; by default, the first one.

        Raises ReportError if the format is invalid.
        """
        formats = self.get_formats()
        owner = f"{type(self).__name__}.formats"
        if not self.query_parameters.values(self.format_param):
            return create_format(self.get_default_format(), owner)
        names = [getattr(format_class, "name", "") for format_class in formats]
        chosen = self.query_parameters.choice(self.format_param, names)
        return create_format(formats[names.index(chosen) if chosen else 0], owner)

    def get_default_format(self) -> type[Format]:
        """Return the format for a request without ``?format=``, chosen by the Accept header.

        Raises NotAcceptableError if the client accepts none of them.
        """
        formats = self.get_formats()
        return preferred_format(self.request, formats) if self.negotiates_format else formats[0]

    @property
    def negotiates_format(self) -> bool:
        """True if responses depend on the Accept header of the request."""
        return len(self.get_formats()) > 1

    def handle_not_acceptable(self, error: NotAcceptableError) -> HttpResponseBase:
        """Return the response if the client accepts no format, or raise an exception."""
        return reject_media_types(self.request, error.media_types)

    def get_filename(self) -> str:
        """Return the name of the file, with the extension of its format."""
        if self.filename is None:
            return get_default_filename(self.report, self.format)
        extension = f".{self.get_formats()[0].extension}"
        if not self.filename.endswith(extension):
            return self.filename
        return f"{self.filename.removesuffix(extension)}.{self.format.extension}"

    def get_max_rows(self) -> int | None:
        """Return the number of rows that the report may have; None for no limit."""
        return self.max_rows

    def get_stream_options(self) -> StreamOptions:
        """Return the options and limits of the stream.

        The response of an export has no early header and is not compressed.
        """
        options = replace(
            super().get_stream_options(),
            buffered_up_to=self.buffered_up_to,
            early_header=self.early_header,
            max_rows=self.get_max_rows(),
            compression=self.compression,
        )
        if is_export(self.request):
            return replace(options, buffered_up_to=0, early_header=False, compression=False)
        return options
