"""A file out of the storage: exact headers, ranges and conditions, in constant memory."""

import asyncio
import hashlib
import io
import tracemalloc
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.core.files.base import File
from django.core.files.storage import Storage
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import RequestFactory
from django.test.client import AsyncRequestFactory
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from streamreports.exceptions import ReportError
from streamreports.exports.byteranges import UnsatisfiableRangeError, parse_range
from streamreports.exports.serving import serve
from streamreports.exports.storage import save_blocks
from tests.asgi import Exchange

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


@pytest.fixture(autouse=True)
def _no_database():
    """Have the end of a request leave the connection alone, as the test client does."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def stored(storage):
    save_blocks([CONTENT], KEY)
    return storage


@pytest.fixture
def opened(stored, monkeypatch):
    """Return the files that have been opened, in order."""
    files, open_file = [], type(stored).open

    def noted(self, *args):
        files.append(open_file(self, *args))
        return files[-1]

    monkeypatch.setattr(type(stored), "open", noted)
    return files


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


urlpatterns = [path("file", answer)]


# Headers and bytes


def test_get_sends_the_file(stored):
    response = get()
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE
    assert body(response) == CONTENT


def test_head_has_the_headers_of_get_and_opens_nothing(opened):
    response = get("HEAD")
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE
    assert body(response) == b""
    assert opened == []


def test_an_empty_file(storage):
    save_blocks([], KEY)
    response = get(size=0)
    assert response.headers["Content-Length"] == "0"
    assert body(response) == b""


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("Größe.csv", "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.csv"),
        ("../a\r\nb.csv", 'attachment; filename="_a__b.csv"'),
        ('a"b.csv', 'attachment; filename="a\\"b.csv"'),
        ("", 'attachment; filename="report"'),
    ],
)
def test_the_file_name_is_safe(stored, filename, disposition):
    response = get(filename=filename)
    response.close()
    assert response.headers["Content-Disposition"] == disposition


def test_the_language_of_the_date_is_english(stored):
    response = get("HEAD", last_modified=datetime(2026, 5, 1, tzinfo=UTC))
    assert response.headers["Last-Modified"] == "Fri, 01 May 2026 00:00:00 GMT"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("sendfile", [None, "X-Accel-Redirect", "X-Sendfile"])
def test_a_file_that_is_missing_is_an_exception_of_its_own(storage, settings, method, sendfile):
    settings.STREAMREPORTS = {"EXPORT_SENDFILE": sendfile}
    with pytest.raises(FileNotFoundError, match=f"^{KEY} is missing in the storage of exports"):
        get(method)


def test_middleware_does_not_compress_the_file(stored):
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    answer(request).close()
    assert request.headers["Accept-Encoding"] == "identity"


# Conditions


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": f'"{SHA256}"'},
        {"If-None-Match": f'"other", W/"{SHA256}"'},
        {"If-None-Match": "*"},
        {"If-None-Match": f'"{SHA256}"', "Range": "bytes=0-1"},
        {"If-Modified-Since": MODIFIED},
    ],
)
def test_an_unmodified_file_is_not_sent(opened, method, headers):
    response = get(method, headers)
    assert response.status_code == 304
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    assert response.headers["ETag"] == f'"{SHA256}"'
    assert response.content == b""
    assert opened == []


@pytest.mark.parametrize(
    "headers",
    [{"If-Match": '"other"'}, {"If-Unmodified-Since": "Fri, 20 Nov 2026 09:29:59 GMT"}],
)
def test_a_condition_that_fails_is_412(opened, headers):
    response = get(headers=headers)
    assert response.status_code == 412
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    assert opened == []


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-Match": f'"{SHA256}"'},
        {"If-Modified-Since": "Fri, 20 Nov 2026 09:29:59 GMT"},
        {"If-Modified-Since": "yesterday"},
    ],
)
def test_a_condition_that_holds_sends_the_file(stored, headers):
    response = get(headers=headers)
    assert response.status_code == 200
    assert body(response) == CONTENT


# Ranges


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=255990-", 255990, 255999),
        ("bytes=255990-999999999", 255990, 255999),
        ("bytes=-10", 255990, 255999),
        ("bytes=-999999999", 0, 255999),
        ("Bytes= 5-6 ,, ", 5, 6),
    ],
)
def test_a_range_is_sent_alone(stored, value, first, last):
    response = get(headers={"Range": value})
    assert response.status_code == 206
    assert dict(response.headers) == {
        **WHOLE,
        "Content-Range": f"bytes {first}-{last}/256000",
        "Content-Length": str(last - first + 1),
    }
    assert body(response) == CONTENT[first : last + 1]


@pytest.mark.parametrize("value", ["bytes=256000-", "bytes=256000-256001", "bytes=-0"])
def test_a_range_without_a_byte_is_416(opened, value):
    response = get(headers={"Range": value})
    assert response.status_code == 416
    assert dict(response.headers) == {
        **ALWAYS,
        **ITS_OWN,
        "Content-Range": "bytes */256000",
        "Content-Type": "text/csv; charset=utf-8",
    }
    assert response.content == b""
    assert opened == []


@pytest.mark.parametrize(
    "value",
    [
        "bytes=0-1,3-4",
        "bytes=9-8",
        "bytes=-",
        "bytes=",
        "bytes",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=٣-٤",
        "rows=0-1",
        f"bytes={'9' * 5000}-",
    ],
)
def test_other_ranges_are_ignored(stored, value):
    response = get(headers={"Range": value})
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE
    assert body(response) == CONTENT


def test_head_ignores_ranges(stored):
    response = get("HEAD", {"Range": "bytes=0-1"})
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE


@pytest.mark.parametrize("value", [f'"{SHA256}"', MODIFIED])
def test_a_range_of_the_same_file_is_sent(stored, value):
    response = get(headers={"Range": "bytes=1-2", "If-Range": value})
    assert response.status_code == 206
    assert body(response) == CONTENT[1:3]


@pytest.mark.parametrize(
    "value", [f'W/"{SHA256}"', '"other"', "Fri, 20 Nov 2026 09:30:01 GMT", "", "*", SHA256]
)
def test_a_range_of_another_file_is_ignored(stored, value):
    response = get(headers={"Range": "bytes=1-2", "If-Range": value})
    assert response.status_code == 200
    assert body(response) == CONTENT


@given(
    size=st.integers(0, 30),
    first=st.none() | st.integers(0, 40),
    last=st.none() | st.integers(0, 40),
)
def test_ranges_agree_with_slices(size, first, last):
    content = bytes(range(size))
    value = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if first is None:
        expected = content[-last:] if last else b""
    else:
        expected = content[first:] if last is None else content[first : last + 1]
    try:
        part = parse_range(value, size)
    except UnsatisfiableRangeError:
        assert expected == b""
    else:
        if part is None:
            is_valid = first is not None or last is not None
            is_backwards = None not in (first, last) and last < first
            assert not is_valid or is_backwards or size == 0
        else:
            assert content[part.start : part.stop] == expected != b""


@given(st.text(alphabet="bytes=0123456789-, \t", max_size=30))
def test_no_text_is_an_error_of_ranges(text):
    try:
        part = parse_range(text, 10)
    except UnsatisfiableRangeError:
        return
    assert part is None or (0 <= part.start < part.stop <= 10)


# Another server sends the file


def test_nginx_is_given_the_internal_path(opened, settings):
    settings.STREAMREPORTS = {
        "EXPORT_SENDFILE": "X-Accel-Redirect",
        "EXPORT_SENDFILE_PREFIX": "/internal",
    }
    response = get(headers={"Range": "bytes=0-1", "If-Match": '"of nginx"'})
    assert response.status_code == 200
    assert dict(response.headers) == {
        **ALWAYS,
        "Content-Type": "text/csv; charset=utf-8",
        "X-Accel-Redirect": f"/internal/{KEY}",
    }
    assert response.content == b""
    assert opened == []


def test_other_servers_are_given_the_path_of_the_file(stored, settings):
    settings.STREAMREPORTS = {"EXPORT_SENDFILE": "X-Sendfile"}
    assert get().headers["X-Sendfile"] == stored.path(KEY)


def test_paths_are_quoted(storage, settings):
    settings.STREAMREPORTS = {"EXPORT_SENDFILE": "X-Accel-Redirect"}
    name = save_blocks([b"a"], "größe/50%.csv").name
    assert get(name=name).headers["X-Accel-Redirect"] == "/exports/gr%C3%B6%C3%9Fe/50%25.csv"


def test_an_unknown_header_is_an_error(stored, settings):
    settings.STREAMREPORTS = {"EXPORT_SENDFILE": "X-Send"}
    with pytest.raises(ReportError) as raised:
        get()
    assert str(raised.value) == (
        "EXPORT_SENDFILE is 'X-Send'. Use 'X-Accel-Redirect', 'X-Sendfile' or None."
    )


def test_the_web_server_sends_no_files_that_are_elsewhere(settings):
    use(settings, "Elsewhere")
    settings.STREAMREPORTS = {"EXPORT_SENDFILE": "X-Accel-Redirect"}
    save_blocks([CONTENT], KEY)
    response = get()
    assert dict(response.headers) == WHOLE
    assert body(response) == CONTENT


def test_a_storage_that_signs_addresses_is_redirected_to(settings):
    use(settings, "Signing")
    save_blocks([CONTENT], KEY)
    response = get()
    assert response.status_code == 302
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    disposition = quote('attachment; filename="cargo.csv"')
    assert response.headers["Location"] == (
        f"https://files.example/{KEY}?60&{disposition}&text/csv;%20charset=utf-8"
    )


def test_head_is_answered_here_as_the_address_is_signed_for_get(settings):
    use(settings, "Signing")
    save_blocks([CONTENT], KEY)
    response = get("HEAD")
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE


# Files that fail, clients that leave


def test_sending_takes_the_same_memory_for_any_size(storage):
    def peak_of(size):
        sent = save_blocks((bytes(64 * 1024) for _ in range(size // 65536)), f"{size}")
        tracemalloc.start()
        try:
            response = get(name=sent.name, size=size)
            assert sum(map(len, response)) == size
            response.close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak_of(MIB)
    assert peak_of(32 * MIB) < peak_of(MIB) + MIB


def test_the_file_is_closed_at_its_end(opened):
    assert b"".join(get()) == CONTENT
    assert [file.closed for file in opened] == [True]


def test_the_file_is_closed_when_the_client_leaves(opened):
    response = get()
    next(iter(response))
    assert [file.closed for file in opened] == [False]
    response.close()
    assert [file.closed for file in opened] == [True]


def test_a_file_that_is_too_short_is_an_error(stored):
    response = get(size=len(CONTENT) + 7)
    with pytest.raises(OSError, match=r"^The file in the storage of exports lacks 7 bytes\.$"):
        list(response)
    response.close()


def test_a_storage_that_fails_is_an_error(stored, monkeypatch):
    file = BreakingFile(CONTENT)
    monkeypatch.setattr(type(stored), "open", lambda *args: File(file))
    response = get()
    with pytest.raises(OSError, match="The disk is gone"):
        list(response)
    response.close()
    assert file.closed


def test_a_file_that_cannot_be_sought_is_closed(stored, monkeypatch):
    class Unseekable(io.BytesIO):
        def seek(self, *args):
            raise OSError("Illegal seek")

    file = Unseekable()
    monkeypatch.setattr(type(stored), "open", lambda *args: File(file))
    with pytest.raises(OSError, match="Illegal seek"):
        get()
    assert file.closed


# ASGI


@pytest.fixture
def site(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]


def exchange(**kwargs):
    made = Exchange("/file", **kwargs)
    asyncio.run(made.run())
    return made


def test_an_asynchronous_server_is_sent_the_file(site, opened):
    made = exchange(headers=[(b"accept-encoding", b"gzip")])
    assert (made.status, made.headers, made.body) == (
        200,
        {**WHOLE, "Vary": "Accept-Encoding"},
        CONTENT,
    )
    assert [file.closed for file in opened] == [True]


def test_an_asynchronous_server_is_sent_a_range(site, stored):
    made = exchange(headers=[(b"range", b"bytes=70000-200000")])
    assert (made.status, made.body) == (206, CONTENT[70000:200001])


def test_files_are_not_read_in_the_thread_of_the_loop(stored, monkeypatch):
    def running(*args):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return io.BytesIO.read(file, *args)
        raise AssertionError("This blocks the loop.")

    file = io.BytesIO(CONTENT)
    monkeypatch.setattr(type(stored), "open", lambda *args: file)
    response = answer(AsyncRequestFactory().get("/"))
    monkeypatch.setattr(response._iterator._body, "_file", Reader(file, running))

    async def read():
        return [block async for block in response]

    assert b"".join(asyncio.run(read())) == CONTENT


class Reader:
    def __init__(self, file, read):
        self.read = read
        self.close = file.close


def test_the_file_is_closed_when_the_client_of_an_asynchronous_server_leaves(site, opened):
    async def leave(made, message):
        if message["type"] == "http.response.body":
            await made.leave_while_sending()

    made = exchange(on_send=leave)
    assert [message["type"] for message in made.sent] == ["http.response.start"]
    assert [file.closed for file in opened] == [True]


def test_the_file_is_closed_when_it_fails_on_an_asynchronous_server(stored, monkeypatch):
    class SlowlyBreaking(BreakingFile):
        def read(self, *args):
            return super().read(10)

    file = SlowlyBreaking(CONTENT)
    monkeypatch.setattr(type(stored), "open", lambda *args: File(file))
    response = answer(AsyncRequestFactory().get("/"))

    async def read():
        return [block async for block in response]

    with pytest.raises(OSError, match="The disk is gone"):
        asyncio.run(read())
    assert file.closed
