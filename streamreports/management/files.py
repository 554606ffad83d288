"""Write a report to standard output, or to a file that is created when it is complete."""

import errno
import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import TextIOBase
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from streamreports.writing.files import BinaryFile

BROKEN_PIPE = 128 + getattr(signal, "SIGPIPE", 13)  # the status of a process that SIGPIPE ends


class StandardOutput:
    """Write bytes to a Python stream, such as ``sys.stdout``.

    Bytes are passed to the operating system immediately. Otherwise, Python would write its buffer
    at exit, when errors can no longer be handled.
    """

    def __init__(self, stream: Any) -> None:
        self._file = getattr(stream, "buffer", stream)
        if isinstance(self._file, TextIOBase):
            raise CommandError(_("Standard output does not accept bytes. Use io.BytesIO."))
        self._descriptor: int | None = None
        with suppress(AttributeError, OSError):  # Tests replace streams by objects in memory.
            stream.flush()
            self._descriptor = stream.fileno()

    def write(self, data: bytes) -> int:
        """Write data; return how many bytes of it were written."""
        if self._descriptor is not None:
            return os.write(self._descriptor, data)
        return int(self._file.write(data))

    def is_file(self, path: Path) -> bool:
        """Return True if the stream writes to a path, such as ``/dev/stdout``."""
        if self._descriptor is None or not path.exists():
            return False
        return os.path.samestat(path.stat(), os.fstat(self._descriptor))


@contextmanager
def open_output(path: Path | None, stdout: Any) -> Iterator[BinaryFile]:
    """Yield the file that a report is written to; without a path, standard output.

    A regular file is replaced when the block has ended without an exception. Devices and pipes are
    written to directly.
    """
    output = StandardOutput(stdout)
    if path is None or output.is_file(path):
        yield output
    elif path.exists() and not path.is_file():
        with path.open("wb", buffering=0) as file:
            yield file
    else:
        with atomic_file(path.resolve()) as file:
            yield file


@contextmanager
def one_line_file_errors(path: Path | None) -> Iterator[None]:
    """Raise CommandError if a file cannot be written; exit as "cat" does if nobody reads a pipe."""
    try:
        yield
    except BrokenPipeError:
        with suppress(OSError):  # What Python has buffered could not be written when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be written: %(reason)s.")
            % {"file": path or _("Standard output"), "reason": error.strerror or error}
        ) from error


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryFile]:
    """Yield a file that replaces another one when it is complete.

    It has the owner and the permissions of the replaced file; a new file has those of the process.
    Until it is complete, it has a temporary name in the same folder. After an exception, it is
    deleted.
    """
    temporary = path.with_name(f".dumpreport-{token_hex(8)}.tmp")
    replaced = path.stat() if path.exists() else None
    mode = 0o600 if replaced else 0o666  # before the umask
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=mode)) as file:
            if replaced:
                copy_permissions(replaced, temporary)
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def copy_permissions(source: os.stat_result, path: Path) -> None:
    """Copy the permissions of another file and, if allowed, its owner."""
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(path, source.st_uid, source.st_gid)
    path.chmod(stat.S_IMODE(source.st_mode) & 0o777)


def require_writable(path: Path) -> None:
    """Raise OSError if a file cannot be written, before the report is generated."""
    replaces = not path.exists() or path.is_file()
    needed = [each for each in (path, path.parent if replaces else None) if each and each.exists()]
    problem = 0
    if path.is_dir():
        problem = errno.EISDIR
    elif not path.parent.is_dir():
        problem = errno.ENOENT
    elif not all(os.access(each, os.W_OK) for each in needed):
        problem = errno.EACCES
    if problem:
        raise OSError(problem, os.strerror(problem), str(path))
