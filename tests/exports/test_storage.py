"""Files appear in the storage when they are complete, and nothing is left of others."""

import hashlib
import os
import resource
import stat
import subprocess
import sys
import time
import tracemalloc
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from hypothesis import given
from hypothesis import strategies as st

from streamreports.exceptions import ReportError
from streamreports.exports.storage import (
    BlockFile,
    PrivateFileSystemStorage,
    StoredFile,
    get_storage,
    save_blocks,
)

MIB = 1024 * 1024


class Dropping(FileSystemStorage):
    """A storage that reads the first bytes only."""

    def _save(self, name, content):
        return super()._save(name, ContentFile(content.read(3)))


@pytest.fixture
def key():
    return str(uuid4())


def files_in(storage):
    """Return the names of all files in the folder of a storage, hidden ones included."""
    folder = Path(storage.location)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def failing(exception, blocks=3):
    for _ in range(blocks):
        yield b"a" * 100_000
    raise exception


def mode_of(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


@contextmanager
def largest_file(size):
    """Have the operating system refuse to let a file grow over a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# The alias


def test_a_missing_alias_is_an_error_with_the_entry_to_add(settings):
    settings.STORAGES = {}
    with pytest.raises(ReportError) as raised:
        get_storage()
    assert str(raised.value) == (
        "STORAGES has no entry 'streamreports', in which the files of exports are kept. Add one:"
        ' "streamreports": {"BACKEND":'
        ' "streamreports.exports.storage.PrivateFileSystemStorage", "OPTIONS": {"location":'
        ' BASE_DIR / "exports"}}.'
    )


def test_the_location_is_compulsory():
    with pytest.raises(ReportError, match=r"^PrivateFileSystemStorage has no location\. Add it to"):
        PrivateFileSystemStorage()


# BlockFile


@given(st.lists(st.binary(max_size=20)), st.lists(st.integers(0, 30)))
def test_reads_return_the_bytes_in_order_and_are_short_only_at_the_end(blocks, sizes):
    file, whole = BlockFile(blocks), b"".join(blocks)
    at = 0
    for size in sizes:
        assert file.read(size) == whole[at : at + size]
        at += size
    assert file.read() == whole[at:]
    assert file.read(1) == b""
    assert (file.size, file.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert file.is_complete


@given(st.lists(st.binary(max_size=20)), st.integers(0, 30))
def test_chunks_are_the_blocks_after_what_was_read(blocks, size):
    file, whole = BlockFile(blocks), b"".join(blocks)
    start = file.read(size)
    assert start + b"".join(file.chunks()) == whole


def test_chunks_are_not_copies_of_the_blocks_in_other_sizes():
    assert list(BlockFile([b"ab", b"", b"cde"]).chunks()) == [b"ab", b"cde"]


def test_chunks_of_a_size():
    assert list(BlockFile([b"ab", b"", b"cde"]).chunks(2)) == [b"ab", b"cd", b"e"]


def test_the_size_counts_what_was_taken():
    file = BlockFile([b"ab", b"cde"])
    assert (file.size, file.is_complete) == (0, False)
    file.read(1)
    assert (file.size, file.is_complete) == (2, False)


def test_an_exception_of_the_blocks_is_raised_by_read():
    with pytest.raises(ZeroDivisionError):
        BlockFile(1 // 0 for _ in range(1)).read(1)


def test_a_block_file_can_be_read_and_neither_written_nor_sought():
    file = BlockFile([])
    assert (file.readable(), file.writable(), file.seekable()) == (True, False, False)
    assert not hasattr(file, "seek")
    assert file.multiple_chunks()


def test_closing_leaves_the_blocks_open():
    blocks = (block for block in [b"a"])
    file = BlockFile(blocks)
    assert not file.closed
    file.close()
    assert file.closed
    assert next(blocks) == b"a"


# save_blocks()


def test_saved_blocks_are_a_file_of_that_name(storage, key):
    stored = save_blocks([b"a,b\r\n", b"1,2\r\n"], key)
    digest = hashlib.sha256(b"a,b\r\n1,2\r\n").hexdigest()
    assert stored == StoredFile(name=key, size=10, sha256=digest)
    with storage.open(key) as file:
        assert file.read() == b"a,b\r\n1,2\r\n"
    assert files_in(storage) == [key]


def test_no_blocks_are_an_empty_file(storage, key):
    assert save_blocks([], key).size == 0
    assert storage.size(key) == 0


def test_a_storage_that_leaves_out_a_part_is_an_error_and_leaves_no_file(settings, tmp_path, key):
    settings.STORAGES = {
        "streamreports": {"BACKEND": f"{__name__}.Dropping", "OPTIONS": {"location": tmp_path}}
    }
    with pytest.raises(OSError, match=rf"^Dropping\.save\(\) left out a part of {key}\.$"):
        save_blocks([b"abc", b"def"], key)
    assert list(tmp_path.iterdir()) == []


def test_saving_takes_the_same_memory_for_any_size(storage):
    def peak_of(blocks):
        tracemalloc.start()
        try:
            save_blocks((bytes(64 * 1024) for _ in range(blocks)), str(uuid4()))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak_of(2)
    assert peak_of(800) < peak_of(16) + MIB


# PrivateFileSystemStorage


def test_the_file_appears_when_it_is_complete(storage, key):
    seen = []

    def blocks():
        yield b"a"
        seen.append(storage.exists(key))
        seen.append(storage.listdir(""))
        yield b"b"

    save_blocks(blocks(), key)
    assert seen == [False, ([], [])]
    assert storage.listdir("") == ([], [key])


@pytest.mark.parametrize("exception", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_nothing_is_left_after_any_exception(storage, key, exception):
    with pytest.raises(exception):
        save_blocks(failing(exception), key)
    assert files_in(storage) == []


def test_nothing_is_left_when_there_is_no_space(storage, key):
    with largest_file(250_000), pytest.raises(OSError, match="File too large"):
        save_blocks(failing(AssertionError, blocks=100), key)
    assert files_in(storage) == []


def test_nothing_is_left_when_the_disk_does_not_take_what_was_written(storage, key, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        save_blocks([b"a"], key)
    assert files_in(storage) == []


def test_the_file_is_on_the_disk_before_it_has_its_name(storage, key, monkeypatch):
    calls = []
    sync = os.fsync

    def noted(descriptor):
        calls.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), storage.exists(key)))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    save_blocks([b"a"], key)
    assert calls == [(False, False), (True, True)]


def test_files_and_folders_are_those_of_their_owner_alone(storage):
    before = os.umask(0)
    try:
        stored = save_blocks([b"a"], "folder/key")
    finally:
        os.umask(before)
    assert stored.name == "folder/key"
    assert mode_of(storage.path("folder/key")) == 0o600
    assert mode_of(storage.path("folder")) == 0o700
    assert mode_of(storage.location) == 0o700


def test_other_permissions_can_be_chosen(tmp_path):
    storage = PrivateFileSystemStorage(
        tmp_path / "exports", file_permissions_mode=0o640, directory_permissions_mode=0o750
    )
    before = os.umask(0o077)
    try:
        storage.save("key", BlockFile([b"a"]))
    finally:
        os.umask(before)
    assert mode_of(storage.path("key")) == 0o640
    assert mode_of(storage.location) == 0o750


def test_the_permissions_of_an_existing_folder_are_left(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    folder.chmod(0o755)
    PrivateFileSystemStorage(folder).save("key", BlockFile([b"a"]))
    assert mode_of(folder) == 0o755


def test_a_name_that_is_taken_is_not_overwritten(storage, key):
    save_blocks([b"first"], key)
    name = save_blocks([b"second"], key).name
    assert name.startswith(f"{key}_")
    assert [Path(storage.path(each)).read_bytes() for each in (key, name)] == [b"first", b"second"]


@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_that_is_taken_while_writing_is_not_overwritten(
    storage, key, monkeypatch, has_links
):
    def without_links(old, new):
        raise OSError(95, "Operation not supported")

    if not has_links:
        monkeypatch.setattr(os, "link", without_links)

    def blocks():
        yield b"first"
        storage.save(key, BlockFile([b"other"]))

    name = save_blocks(blocks(), key).name
    assert name != key
    assert files_in(storage) == sorted([key, name])
    assert [Path(storage.path(each)).read_bytes() for each in (key, name)] == [b"other", b"first"]


def test_other_errors_of_linking_are_raised(storage, key, monkeypatch):
    def broken(old, new):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "link", broken)
    with pytest.raises(OSError, match="Input/output error"):
        save_blocks([b"a"], key)
    assert files_in(storage) == []


def test_files_have_no_url(storage, key):
    with pytest.raises(ValueError, match=r"^The files of exports have no URL"):
        storage.url(key)


@pytest.mark.parametrize("mode", ["wb", "ab", "r+b", "xb"])
def test_files_are_not_opened_for_writing(storage, key, mode):
    with pytest.raises(ValueError, match=r"use save\(\)\.$"):
        storage.open(key, mode)
    assert not Path(storage.location).exists()


@pytest.mark.parametrize("name", ["../key", "/key", "a/../../key"])
def test_names_stay_within_the_location(storage, name):
    with pytest.raises(SuspiciousFileOperation):
        save_blocks([b"a"], name)


def test_a_location_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "exports").write_bytes(b"")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        PrivateFileSystemStorage(tmp_path / "exports").save("key", BlockFile([b"a"]))


def test_old_unfinished_files_are_deleted(storage, key):
    save_blocks([b"a"], key)
    os.utime(storage.path(key), (0, 0))
    left, recent = (Path(storage.location, f".unfinished-{name}") for name in ("left", "recent"))
    for path, age in ((left, 3601), (recent, 3000)):
        path.write_bytes(b"")
        os.utime(path, (time.time() - age, time.time() - age))
    assert storage.delete_unfinished(timedelta(hours=1)) == 1
    assert files_in(storage) == [recent.name, key]


def test_there_is_nothing_unfinished_before_the_first_file(storage):
    assert storage.delete_unfinished(timedelta(0)) == 0
    assert storage.listdir("") == ([], [])


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root gives files to other groups.")
def test_a_file_has_the_group_of_its_folder(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    os.chown(folder, -1, 12345)
    PrivateFileSystemStorage(folder).save("key", BlockFile([b"a"]))
    assert (folder / "key").stat().st_gid == 12345


def test_a_killed_process_leaves_a_temporary_file_alone(storage):
    code = f"""
import itertools
from django.conf import settings
settings.configure()
from streamreports.exports.storage import BlockFile, PrivateFileSystemStorage
PrivateFileSystemStorage({storage.location!r}).save("key", BlockFile(itertools.repeat(b"a" * 999)))
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    folder = Path(storage.location)
    try:
        while not any(path.stat().st_size for path in folder.glob("*")):
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    (left,) = files_in(storage)
    assert left.startswith(".unfinished-")
    assert storage.listdir("") == ([], [])
    assert storage.delete_unfinished(timedelta(0)) == 1
    assert files_in(storage) == []
