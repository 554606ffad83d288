"""A stored file, sent by a real server itself and by a real nginx in front of it."""

import hashlib
import json
from urllib.parse import urlencode

import pytest

from streamreports.exports.storage import BlockFile, PrivateFileSystemStorage
from tests.servers.client import CUT, WHOLE, Exchange, get
from tests.servers.databases import until
from tests.servers.processes import serving
from tests.servers.proxies import nginx, temporary_folder

MIB = 1024 * 1024
KEY = "0a3b1a34-6c3c-4f5e-9b1f-3d1f4a6d2f10"
SIZE = 24 * MIB
CONTENT = bytes(range(256)) * (SIZE // 256)  # More than all sockets on the way hold
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SMALL = 4096  # bytes that the kernel takes for a client that stalls

PRIVATE = {
    "cache-control": "private, no-store",
    "content-disposition": "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.csv",
    "content-type": "text/csv; charset=utf-8",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.fixture(scope="module")
def folder():
    with temporary_folder() as folder:
        storage = PrivateFileSystemStorage(folder / "exports")
        storage.save(KEY, BlockFile([CONTENT]))
        yield storage.location


def environment(sqlite, folder, **settings):
    return {
        **sqlite.environment,
        "EXPORTS_FOLDER": folder,
        "STREAMREPORTS": json.dumps(settings),
    }


@pytest.fixture(scope="module", params=["gunicorn-gthread", "uvicorn-h11"])
def server(request, sqlite, folder):
    with serving(request.param, environment=environment(sqlite, folder)) as running:
        get(running.port, address())  # Now all threads have been started.
        yield running


@pytest.fixture(scope="module", params=["gunicorn-gthread", "uvicorn-h11"])
def accelerated(request, sqlite, folder):
    """Return the port of an nginx that sends the files for a server."""
    settings = environment(sqlite, folder, EXPORT_SENDFILE="X-Accel-Redirect")
    locations = f"""
        location /exports/ {{
            internal;
            alias {folder}/;
            add_header X-Content-Type-Options nosniff;
            add_header Referrer-Policy no-referrer;
        }}
    """
    with serving(request.param, environment=settings) as running:
        with nginx(running.port, locations=locations) as port:
            yield port


def address(name=KEY, size=SIZE):
    return f"/stored.csv?{urlencode({'name': name, 'size': size, 'sha256': SHA256})}"


def chosen(headers):
    return {name: headers.get(name) for name in PRIVATE}


# The server itself


def test_a_whole_file_is_whole(server):
    answer = get(server.port, address())
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body == CONTENT
    assert chosen(answer.headers) == PRIVATE
    assert answer.headers["etag"] == f'"{SHA256}"'


def test_a_download_is_resumed(server):
    headers = {"Range": "bytes=20000000-", "If-Range": f'"{SHA256}"'}
    answer = get(server.port, address(), headers=headers)
    assert (answer.status, answer.ending) == (206, WHOLE)
    assert answer.headers["content-range"] == f"bytes 20000000-{SIZE - 1}/{SIZE}"
    assert answer.body == CONTENT[20_000_000:]


def test_head_has_the_size_and_no_content(server):
    answer = get(server.port, address(), method="HEAD", headers={"Connection": "close"})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


def test_a_missing_file_is_gone(server):
    assert get(server.port, address("missing")).status == 410


def test_a_file_that_is_too_short_is_visibly_cut(server):
    answer = get(server.port, address(size=SIZE + 1))
    assert answer.ending in (CUT, "closed")
    assert len(answer.body) < int(answer.headers["content-length"])


@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_leaves_has_the_file_closed(server, reset):
    before = server.open_files()
    with Exchange(server.port, address(), buffer=SMALL) as exchange:
        exchange.read(1)
        assert server.open_files() > before
        exchange.leave(reset=reset)
    assert until(lambda: server.open_files() <= before)


def test_memory_stays_flat_while_a_client_stalls(server, shown):
    server.forget_peak()
    before = server.memory()
    with Exchange(server.port, address(), buffer=SMALL) as exchange:
        exchange.read(1)
        assert until(server.is_idle)
        grown = (server.peak_memory() - before) / MIB
    shown(f"{server.name}: a stalled download of 24 MiB takes {grown:.1f} MiB")
    assert grown < 8


# nginx


def test_nginx_sends_the_file(accelerated):
    answer = get(accelerated, address())
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body == CONTENT
    assert chosen(answer.headers) == PRIVATE
    assert "x-accel-redirect" not in answer.headers


def test_nginx_resumes_a_download_by_its_own_etag(accelerated):
    etag = get(accelerated, address(), method="HEAD", headers={"Connection": "close"}).headers[
        "etag"
    ]
    headers = {"Range": "bytes=5-9", "If-Range": etag, "If-Match": etag}
    answer = get(accelerated, address(), headers=headers)
    assert (answer.status, answer.body) == (206, CONTENT[5:10])
    assert answer.headers["content-range"] == f"bytes 5-9/{SIZE}"
    answer = get(accelerated, address(), headers={"If-None-Match": etag, "Connection": "close"})
    assert (answer.status, answer.body) == (304, b"")


def test_nginx_sends_no_file_by_its_path(accelerated):
    assert get(accelerated, f"/exports/{KEY}").status == 404


def test_a_missing_file_is_gone_behind_nginx(accelerated):
    assert get(accelerated, address("missing")).status == 410
