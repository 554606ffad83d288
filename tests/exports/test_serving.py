"""A file out of the storage: exact headers, in constant memory."""

import io
import tracemalloc
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.core.files.base import File
from django.test import RequestFactory

from streamreports.exceptions import ReportError
from streamreports.exports.storage import save_blocks
from tests.exports.serving import (
    ALWAYS,
    CONTENT,
    KEY,
    MIB,
    WHOLE,
    BreakingFile,
    answer,
    body,
    get,
    use,
)

pytestmark = pytest.mark.usefixtures("_kept_connection")


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
