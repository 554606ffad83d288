"""What the tests of files out of the storage share."""

import hashlib
import io
from datetime import UTC, datetime
from urllib.parse import quote

from django.core.files.base import File
from django.core.files.storage import Storage
from django.test import RequestFactory

from streamreports.exports.serving import serve

KEY = "0a3b1a34-6c3c-4f5e-9b1f-3d1f4a6d2f10"
CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MODIFIED = "Fri, 20 Nov 2026 09:30:00 GMT"
MIB = 1024 * 1024

ALWAYS = {
    "Content-Disposition": 'attachment; filename="cargo.csv"',
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ITS_OWN = {"Accept-Ranges": "bytes", "ETag": f'"{SHA256}"', "Last-Modified": MODIFIED}
WHOLE = {
    **ALWAYS,
    **ITS_OWN,
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Length": "256000",
}


class Elsewhere(Storage):
    """A storage outside the file system that could sign addresses, and does not."""

    def __init__(self):
        self.files = {}

    def exists(self, name):
        return name in self.files

    def presigned_url(self, name, **kwargs):
        return None

    def _save(self, name, content):
        self.files[name] = content.read()
        return name

    def _open(self, name, mode):
        return File(io.BytesIO(self.files[name]))


class Signing(Elsewhere):
    def presigned_url(self, name, *, seconds, content_disposition, content_type):
        return f"https://files.example/{name}?{seconds}&{quote(content_disposition)}&{content_type}"


class BreakingFile(io.BytesIO):
    """A file whose second read fails."""

    reads = 0

    def read(self, *args):
        self.reads += 1
        if self.reads == 2:
            raise OSError("The disk is gone.")
        return super().read(*args)


def use(settings, name):
    """Have a class of this module as the storage of exports."""
    settings.STORAGES = {"streamreports": {"BACKEND": f"{__name__}.{name}"}}


def answer(request, **kwargs):
    kwargs = {
        "name": KEY,
        "filename": "cargo.csv",
        "content_type": "text/csv; charset=utf-8",
        "size": len(CONTENT),
        "sha256": SHA256,
        "last_modified": datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        **kwargs,
    }
    return serve(request, **kwargs)


def get(method="GET", headers=(), **kwargs):
    return answer(RequestFactory().generic(method, "/", headers=dict(headers)), **kwargs)


def body(response):
    content = b"".join(response)
    response.close()
    return content
