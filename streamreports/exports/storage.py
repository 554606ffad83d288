"""The storage for the files of exports, private by default."""

import errno
import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, NoReturn

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.deconstruct import deconstructible

from streamreports.exceptions import ReportError

ALIAS = "streamreports"  # in STORAGES
TEMPORARY_PREFIX = ".unfinished-"

# The errors of os.link() on file systems without hard links.
NO_HARD_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


def get_storage() -> Storage:
    """Return the storage of the exports' files.

    Raises ReportError if ``STORAGES`` has no entry for it.
    """
    if ALIAS not in storages.backends:
        raise ReportError(
            f"STORAGES has no entry {ALIAS!r}, in which the files of exports are kept.",
            f'Add one: "{ALIAS}": {{"BACKEND":'
            ' "streamreports.exports.storage.PrivateFileSystemStorage", "OPTIONS": {"location":'
            ' BASE_DIR / "exports"}}.',
        )
    return storages[ALIAS]


class BlockFile(File):  # type: ignore[type-arg]
    """A file of blocks of bytes, which can be read once from the beginning.

    ``size`` and ``sha256`` are those of the blocks read so far. Exceptions of ``blocks`` are raised
    by ``read()`` and ``chunks()``.
    """

    size = 0
    is_complete = False  # Have all blocks been read?
    _closed = False

    def __init__(self, blocks: Iterable[bytes], name: str | None = None) -> None:
        super().__init__(None, name)
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The SHA-256 in hexadecimal digits."""
        return self._hash.hexdigest()

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes; fewer than ``size`` only at the end."""
        wanted = float("inf") if size is None or size < 0 else size
        pieces = []
        while wanted and (block := self._next()):
            end = int(min(wanted, len(block)))
            pieces.append(block[:end])
            self._rest = block[end:]
            wanted -= end
        return b"".join(pieces)

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the blocks unchanged, or chunks of the given size."""
        if chunk_size is not None:
            yield from iter(lambda: self.read(chunk_size), b"")
        while block := self._next():
            self._rest = memoryview(b"")
            yield bytes(block)

    def _next(self) -> memoryview:
        """Return the rest of a block, or the next block; empty at the end."""
        if self._rest:
            return self._rest
        for block in self._blocks:
            if block:
                self.size += len(block)
                self._hash.update(block)
                return memoryview(block)
        self.is_complete = True
        return memoryview(b"")

    def multiple_chunks(self, chunk_size: int | None = None) -> bool:
        """Return True, since the size is unknown before the end."""
        return True

    @property
    def closed(self) -> bool:
        """True after ``close()``."""
        return self._closed

    def close(self) -> None:
        """Mark the file as closed; the caller closes the blocks."""
        self._closed = True

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return False."""
        return False

    def seekable(self) -> bool:
        """Return False."""
        return False


@dataclass(frozen=True)
class StoredFile:
    """A file in the storage: its name there, its size in bytes, and its SHA-256 as hexadecimal."""

    name: str
    size: int
    sha256: str


def save_blocks(blocks: Iterable[bytes], key: str) -> StoredFile:
    """Save blocks of bytes as a file in the storage, and return the file.

    ``key``: a UUID from the caller. The file becomes visible when it is complete; after an
    exception of the blocks or the storage, there is no file.

    Raises OSError if the storage has not saved all blocks.
    """
    storage = get_storage()
    file = BlockFile(blocks, key)
    name = storage.save(key, file)
    if not file.is_complete:
        storage.delete(name)
        raise OSError(f"{type(storage).__name__}.save() left out a part of {name}.")
    return StoredFile(name, file.size, file.sha256)


@deconstructible(path="streamreports.exports.storage.PrivateFileSystemStorage")
class PrivateFileSystemStorage(FileSystemStorage):
    """Store files without a URL, readable only by their owner, and visible when complete.

    ``location``: a folder outside MEDIA_ROOT and STATIC_ROOT. A file is never overwritten, and
    never opened for writing. A killed process leaves temporary files, which ``delete_unfinished()``
    deletes.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        *,
        file_permissions_mode: int = 0o600,
        directory_permissions_mode: int = 0o700,
    ) -> None:
        if not location:
            raise ReportError(
                f"{type(self).__name__} has no location.",
                f'Add it to the entry {ALIAS!r} of STORAGES: "OPTIONS": {{"location": BASE_DIR /'
                ' "exports"}.',
            )
        super().__init__(
            location=os.fspath(location),
            file_permissions_mode=file_permissions_mode,
            directory_permissions_mode=directory_permissions_mode,
        )

    def url(self, name: str | None) -> NoReturn:
        """Raise ValueError: the files have no URL."""
        raise ValueError("The files of exports have no URL; the views of exports send them.")

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return the folders and the complete files of a folder; empty if it does not exist."""
        if not Path(self.path(path)).exists():  # The folder is created with the first file.
            return [], []
        folders, files = super().listdir(path)
        return folders, [name for name in files if not name.startswith(TEMPORARY_PREFIX)]

    def delete_unfinished(self, older_than: timedelta) -> int:
        """Delete temporary files last written before the given time; return their number."""
        written_before = time.time() - older_than.total_seconds()
        deleted = 0
        for path in Path(self.location).glob(f"{TEMPORARY_PREFIX}*"):
            with suppress(FileNotFoundError):  # The file has just been completed.
                if path.stat().st_mtime < written_before:
                    path.unlink()
                    deleted += 1
        return deleted

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        require_reading(mode)
        return File(Path(self.path(name)).open("rb"))

    def _save(self, name: str, content: Any) -> str:
        self._make_folder(Path(self.location))
        temporary = Path(self.location, f"{TEMPORARY_PREFIX}{token_hex(16)}")
        try:
            self._write(temporary, content)
            return self._publish(temporary, name)
        finally:
            temporary.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        """Create a folder and its parents with the permissions of the storage."""
        if not folder.is_dir():
            self._make_folder(folder.parent)
            with suppress(FileExistsError):  # Another process has just created it.
                folder.mkdir()
                folder.chmod(self.directory_permissions_mode or 0o700)

    def _write(self, path: Path, content: Any) -> None:
        """Write a file, and sync it to disk."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            path.chmod(self.file_permissions_mode or 0o600)
            if hasattr(os, "chown"):
                with suppress(PermissionError):  # Only of groups that the process is in.
                    os.chown(path, -1, Path(self.location).stat().st_gid)
            os.fsync(file.fileno())

    def _publish(self, temporary: Path, name: str) -> str:
        """Rename a complete file to its name, or another one if that exists; return the name."""
        while True:
            path = Path(self.path(name))
            self._make_folder(path.parent)
            try:
                rename_to_new(temporary, path)
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                sync_folder(path.parent)
                return path.relative_to(self.location).as_posix()


def require_reading(mode: str) -> None:
    """Raise ValueError if a mode is for writing, since others could see an incomplete file."""
    if mode not in {"r", "rb"}:
        raise ValueError(f"The files of exports are not opened with {mode!r}; use save().")


def rename_to_new(old: Path, new: Path) -> None:
    """Rename a file; raise FileExistsError if the new name exists."""
    try:
        os.link(old, new)  # Renaming would replace an existing file.
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if new.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new)) from error
        old.rename(new)


def sync_folder(folder: Path) -> None:
    """Sync the entries of a folder to disk, where the system supports it."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
