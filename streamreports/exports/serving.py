"""HTTP responses that send a file from the storage, or delegate this to another server."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.core.files.storage import Storage
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date

from streamreports.conf import get_settings
from streamreports.exceptions import ReportError
from streamreports.exports.bodies import AsyncFileBody, open_range
from streamreports.exports.byteranges import UnsatisfiableRangeError, requested_range
from streamreports.exports.storage import get_storage
from streamreports.responses import ClosingResponse, safe_filename, send_uncompressed

PRESIGNED_SECONDS = 60  # how long the URL of a file on another server is valid
PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Download:
    """A file in a storage and its headers."""

    storage: Storage
    name: str
    size: int
    content_type: str
    disposition: str
    etag: str
    modified: int  # seconds since 1970

    @property
    def last_modified(self) -> str:
        """The time of the last modification, formatted for headers."""
        return http_date(self.modified)


def serve(
    request: HttpRequest,
    *,
    name: str,
    filename: str,
    content_type: str,
    size: int,
    sha256: str,
    last_modified: datetime,
) -> HttpResponseBase:
    """Return the response to a GET or HEAD request for a file in the storage, as an attachment.

    ``name``: the name in the storage. ``filename``: the name of the download. ``sha256``: in
    hexadecimal digits; it is the ETag. ``last_modified``: an aware datetime.

    Another server sends the file if ``EXPORT_SENDFILE`` is set, or if the storage has
    ``presigned_url()``. Otherwise, Django sends it, with support for single byte ranges.

    Raises FileNotFoundError if the file is missing in the storage.
    """
    storage = get_storage()
    if not storage.exists(name):
        raise FileNotFoundError(f"{name} is missing in the storage of exports.")
    download = Download(
        storage,
        name,
        size,
        content_type,
        disposition=str(content_disposition_header(True, safe_filename(filename))),
        etag=f'"{sha256}"',
        modified=int(last_modified.timestamp()),
    )
    response = delegate(download) or redirect(request, download) or send(request, download)
    response.headers["Content-Disposition"] = download.disposition
    for header, value in PRIVATE_HEADERS.items():
        response.headers[header] = value
    return response


# Another server sends the file


def delegate(download: Download) -> HttpResponse | None:
    """Return the response that makes the web server send the file, if it is configured.

    The web server then handles conditions and ranges, with its own ETag.
    """
    settings = get_settings()
    header = settings.export_sendfile
    if header is None:
        return None
    if header not in {"X-Accel-Redirect", "X-Sendfile"}:
        raise ReportError(
            f"EXPORT_SENDFILE is {header!r}.", "Use 'X-Accel-Redirect', 'X-Sendfile' or None."
        )
    try:
        path = download.storage.path(download.name)
    except NotImplementedError:  # The files are not on the file system.
        return None
    if header == "X-Accel-Redirect":
        path = f"{settings.export_sendfile_prefix.rstrip('/')}/{download.name}"
    return HttpResponse(content_type=download.content_type, headers={header: quote(path)})


def redirect(request: HttpRequest, download: Download) -> HttpResponse | None:
    """Return a redirect to the server with the file, if the storage can sign its URL.

    The URL is valid only for GET.
    """
    presigned_url = getattr(download.storage, "presigned_url", None)
    if presigned_url is None or request.method == "HEAD":
        return None
    url = presigned_url(
        download.name,
        seconds=PRESIGNED_SECONDS,
        content_disposition=download.disposition,
        content_type=download.content_type,
    )
    return None if url is None else HttpResponseRedirect(url)


# This server sends the file


def send(request: HttpRequest, download: Download) -> HttpResponseBase:
    """Return the response that sends the file or a range of it, if the conditions are met."""
    send_uncompressed(request)  # Compression would change the ETag and break ranges.
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": download.etag,
        "Last-Modified": download.last_modified,
    }
    found = HttpResponse(headers=headers)
    response = get_conditional_response(request, download.etag, download.modified, found)
    if response is not found and response is not None:  # 304 or 412
        return response
    headers["Content-Type"] = download.content_type
    if request.method == "HEAD":  # Ranges are defined only for GET.
        return HttpResponse(headers={**headers, "Content-Length": str(download.size)})
    try:
        part = requested_range(
            request.headers,
            download.size,
            etag=download.etag,
            last_modified=download.last_modified,
        )
    except UnsatisfiableRangeError:
        headers["Content-Range"] = f"bytes */{download.size}"
        return HttpResponse(status=416, headers=headers)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{download.size}"
    status = 200 if part is None else 206
    part = range(download.size) if part is None else part
    headers["Content-Length"] = str(len(part))
    body = open_range(download.storage, download.name, part)
    is_async = isinstance(request, ASGIRequest)
    return ClosingResponse(
        AsyncFileBody(body) if is_async else body, status=status, headers=headers
    )
