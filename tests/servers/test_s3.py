"""The files of exports on a real S3 server: whole or not there, private, in constant memory."""

import hashlib
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import RequestFactory

from benchmarks.servers import HOST, free_port, stop, wait_for
from streamreports.exceptions import ReportError
from streamreports.exports.s3 import PrivateS3Storage
from streamreports.exports.serving import serve
from streamreports.exports.storage import StoredFile, get_storage, save_blocks

MIB = 1024 * 1024
BUCKET = "exports"
PART_SIZE = 5 * MIB  # the smallest that S3 takes
SIZES = [0, 1, PART_SIZE - 1, PART_SIZE, PART_SIZE + 1, 2 * PART_SIZE, 2 * PART_SIZE + 7]


@pytest.fixture(scope="module")
def server():
    """Run an S3 server, and yield its address."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)],
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(process, port)
            yield f"http://{HOST}:{port}"
        finally:
            stop(process)


def options(server, **more):
    return {
        "endpoint_url": server,
        "bucket_name": BUCKET,
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
        **more,
    }


@pytest.fixture
def configure(settings, server):
    """Return the function that makes a storage the one of exports."""

    def configure(**more):
        settings.STORAGES = {
            "streamreports": {
                "BACKEND": "streamreports.exports.s3.PrivateS3Storage",
                "OPTIONS": options(server, **more),
            }
        }
        return get_storage()

    return configure


@pytest.fixture
def storage(configure, monkeypatch):
    monkeypatch.setattr(PrivateS3Storage, "part_size", PART_SIZE)
    storage = configure(location="kept")
    storage.connection.create_bucket(Bucket=BUCKET)
    yield storage
    for upload in unfinished(storage):
        storage.connection.meta.client.abort_multipart_upload(
            Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"]
        )
    storage.bucket.objects.all().delete()


@pytest.fixture(autouse=True)
def _no_database():
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def key():
    return str(uuid4())


def objects(storage):
    return sorted(each.key for each in storage.bucket.objects.all())


def unfinished(storage):
    client = storage.connection.meta.client
    return client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


def blocks_of(size):
    """Yield blocks of different content."""
    for start in range(0, size, 64 * 1024):
        length = min(64 * 1024, size - start)
        yield (start.to_bytes(8, "big") * (length // 8 + 1))[:length]


def failing(exception, size):
    yield from blocks_of(size)
    raise exception


def get(stored, method="GET", **headers):
    return serve(
        RequestFactory().generic(method, "/", headers=headers),
        name=stored.name,
        filename="Größe.csv",
        content_type="text/csv; charset=utf-8",
        size=stored.size,
        sha256=stored.sha256,
        last_modified=datetime(2026, 11, 20, tzinfo=UTC),
    )


def body(response):
    content = b"".join(response)
    response.close()
    return content


# Saving


@pytest.mark.parametrize("size", SIZES)
def test_a_saved_file_is_one_object(storage, key, size):
    content = b"".join(blocks_of(size))
    stored = save_blocks(blocks_of(size), key)
    assert stored == StoredFile(key, size, hashlib.sha256(content).hexdigest())
    assert objects(storage) == [f"kept/{key}"]
    assert storage.bucket.Object(f"kept/{key}").get()["Body"].read() == content
    assert unfinished(storage) == []


@pytest.mark.parametrize("exception", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("size", [MIB, 2 * PART_SIZE, 2 * PART_SIZE + 7])
def test_nothing_is_left_after_any_exception(storage, key, exception, size):
    with pytest.raises(exception):
        save_blocks(failing(exception, size), key)
    assert objects(storage) == []
    assert unfinished(storage) == []


def test_blocks_are_made_in_the_thread_of_the_caller(storage, key):
    threads = set()

    def blocks():
        for block in blocks_of(2 * PART_SIZE):
            threads.add(threading.get_ident())
            yield block

    save_blocks(blocks(), key)
    assert threads == {threading.get_ident()}


def test_a_failing_server_ends_the_blocks(storage, key):
    storage.bucket.delete()
    made = []

    def blocks():
        for block in blocks_of(20 * PART_SIZE):
            made.append(len(block))
            yield block

    with pytest.raises(Exception, match="NoSuchBucket"):
        save_blocks(blocks(), key)
    assert sum(made) < 2 * PART_SIZE
    storage.connection.create_bucket(Bucket=BUCKET)


def test_a_server_that_is_not_there_is_an_error(configure, key):
    configure(endpoint_url=f"http://{HOST}:{free_port()}")
    with pytest.raises(Exception, match="Could not connect to the endpoint"):
        save_blocks(blocks_of(MIB), key)


def test_a_name_that_is_taken_is_not_overwritten(storage, key):
    names = [save_blocks([content], key).name for content in (b"first", b"second")]
    assert names[0] == key != names[1]
    contents = []
    for name in names:
        with storage.open(name) as file:
            contents.append(file.read())
    assert contents == [b"first", b"second"]


def test_files_are_not_opened_for_writing(storage, key):
    with pytest.raises(ValueError, match=r"use save\(\)\.$"):
        storage.open(key, "wb")


def test_uploads_of_killed_processes_are_aborted(storage):
    client = storage.connection.meta.client
    for name in ("kept/left", "kept-elsewhere/left"):
        client.create_multipart_upload(Bucket=BUCKET, Key=name)
    # This server says that all uploads began in 2010.
    assert storage.delete_unfinished(timedelta(days=36500)) == 0
    assert storage.delete_unfinished(timedelta(hours=1)) == 1
    assert [each["Key"] for each in unfinished(storage)] == ["kept-elsewhere/left"]


def test_an_upload_that_goes_on_is_not_aborted(storage, key):
    aborted = []

    def blocks():
        yield from blocks_of(PART_SIZE)
        yield b"a"  # The first part is sent before this block is taken.
        aborted.append(storage.delete_unfinished(timedelta(hours=1)))

    save_blocks(blocks(), key)
    assert aborted == [0]
    assert objects(storage) == [f"kept/{key}"]


@pytest.mark.parametrize("call", ["upload_part", "complete_multipart_upload"])
@pytest.mark.parametrize("exception", [ConnectionError, KeyboardInterrupt])
def test_nothing_is_left_when_a_request_fails(storage, key, monkeypatch, call, exception):
    def failing(**kwargs):
        raise exception

    monkeypatch.setattr(storage.connection.meta.client, call, failing)
    with pytest.raises(exception):
        save_blocks(blocks_of(2 * PART_SIZE), key)
    assert objects(storage) == []
    assert unfinished(storage) == []


def test_a_server_that_does_not_abort_hides_no_exception(storage, key, monkeypatch):
    def unreachable(**kwargs):
        raise EndpointConnectionError(endpoint_url="")

    client = storage.connection.meta.client
    with monkeypatch.context() as patch:
        patch.setattr(client, "abort_multipart_upload", unreachable)
        with pytest.raises(ZeroDivisionError):
            save_blocks(failing(ZeroDivisionError, PART_SIZE), key)
    assert len(unfinished(storage)) == 1


# Options


@pytest.mark.parametrize(
    "more",
    [{"custom_domain": "cdn.example"}, {"querystring_auth": False}, {"default_acl": "public-read"}],
)
def test_options_that_publish_files_are_errors(server, more):
    with pytest.raises(ReportError, match="from the options of the storage"):
        PrivateS3Storage(**options(server, **more))


def test_the_settings_of_public_files_do_not_apply(settings, server):
    settings.AWS_S3_CUSTOM_DOMAIN = "cdn.example"
    settings.AWS_QUERYSTRING_AUTH = False
    settings.AWS_DEFAULT_ACL = "public-read"
    settings.AWS_IS_GZIPPED = True
    settings.AWS_LOCATION = "media"
    storage = PrivateS3Storage(**options(server))
    assert (storage.custom_domain, storage.querystring_auth) == (None, True)
    assert (storage.default_acl, storage.gzip, storage.location) == (None, False, "")


# Sending


def test_a_download_is_redirected_to_an_address_of_one_minute(storage, key):
    content = b"".join(blocks_of(MIB))
    stored = save_blocks([content], key)
    response = get(stored)
    assert response.status_code == 302
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    address = response.headers["Location"]
    query = parse_qs(urlsplit(address).query)
    assert query["response-content-disposition"] == [
        "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.csv"
    ]
    assert query["response-content-type"] == ["text/csv; charset=utf-8"]
    assert 0 < int(query["Expires"][0]) - time.time() <= 61
    with urlopen(address) as answer:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.csv"
        )
        assert answer.read() == content
    with urlopen(Request(address, headers={"Range": "bytes=5-9"})) as answer:
        assert (answer.status, answer.read()) == (206, content[5:10])


def test_head_is_answered_without_the_server(storage, key):
    response = get(save_blocks([b"abc"], key), "HEAD")
    assert (response.status_code, response.headers["Content-Length"]) == (200, "3")


def test_a_file_that_is_missing(storage):
    with pytest.raises(FileNotFoundError):
        get(StoredFile("missing", 1, "0"))
    with pytest.raises(FileNotFoundError, match="kept/missing is missing on S3"):
        storage.open("missing")


def test_django_sends_files_and_ranges_if_addresses_are_not_signed(storage, configure, key):
    content = b"".join(blocks_of(MIB + 7))
    configure(location="kept", presigned_urls=False)
    stored = save_blocks([content], key)
    response = get(stored)
    assert (response.status_code, response.headers["Content-Length"]) == (200, str(MIB + 7))
    assert body(response) == content
    response = get(stored, range="bytes=500000-700000")
    assert response.status_code == 206
    assert body(response) == content[500000:700001]


def test_a_client_that_leaves_ends_the_request_to_the_server(storage, configure, key):
    configure(location="kept", presigned_urls=False)
    response = get(save_blocks(blocks_of(8 * MIB), key))
    file = response._iterator._file
    next(iter(response))
    assert not file.closed
    response.close()
    assert file.closed
    assert file.file.raw._body is None


def test_reading_from_any_position(storage, key):
    content = b"".join(blocks_of(MIB))
    save_blocks([content], key)
    with storage.open(key) as file:
        assert file.seek(-5, 2) == MIB - 5
        assert file.read() == content[-5:]
        assert file.seek(10) == 10
        assert file.read(3) == content[10:13]
        assert file.seek(2 * MIB) == 2 * MIB
        assert file.read() == b""


def test_memory_does_not_grow_with_the_size(storage, configure, shown):
    configure(location="kept", presigned_urls=False)

    def peak_of(function):
        tracemalloc.start()
        try:
            function()
            return tracemalloc.get_traced_memory()[1] / MIB
        finally:
            tracemalloc.stop()

    def download(stored):
        response = get(stored)
        assert sum(map(len, response)) == stored.size
        response.close()

    def peaks_of(size):
        saved = []
        up = peak_of(lambda: saved.append(save_blocks(blocks_of(size), str(uuid4()))))
        return up, peak_of(lambda: download(saved[0]))

    peaks_of(2 * PART_SIZE)  # This imports modules.
    up, down = peaks_of(15 * MIB)
    more_up, more_down = peaks_of(60 * MIB)
    shown(f"S3: peaks of 15 MiB {up:.1f} up, {down:.1f} down; 60: {more_up:.1f}, {more_down:.1f}")
    assert more_up < up + 1
    assert more_down < down + 1


def test_an_address_with_a_changed_name_is_of_no_use(storage, key):
    address = get(save_blocks([b"abc"], key)).headers["Location"]
    with pytest.raises(HTTPError):
        urlopen(address.replace(key, str(uuid4())))
