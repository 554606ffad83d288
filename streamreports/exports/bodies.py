"""Send a part of a file in constant memory."""

from collections.abc import AsyncIterator, Iterator
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.core.files.storage import Storage

from streamreports.writing.base import ASYNC_BLOCK_SIZE, BLOCK_SIZE


class FileBody:
    """Pass the next ``length`` bytes of a file to a server; close the file at the end.

    Raises OSError if the file ends early.
    """

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.block_size = BLOCK_SIZE
        self._file = file
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            self.close()
            raise StopIteration
        block = self._file.read(min(self.block_size, self._left))
        if not block:
            raise OSError(f"The file in the storage of exports lacks {self._left} bytes.")
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class AsyncFileBody:
    """Pass a part of a file to an asynchronous server; read it in the thread of the request."""

    def __init__(self, body: FileBody) -> None:
        self._body = body
        body.block_size = ASYNC_BLOCK_SIZE

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        # StopIteration cannot be raised from a thread.
        block = await sync_to_async(lambda: next(self._body, None), thread_sensitive=True)()
        if block is None:
            raise StopAsyncIteration
        return block

    def close(self) -> None:
        """Close the file."""
        self._body.close()


def open_range(storage: Storage, name: str, part: range) -> FileBody:
    """Return the body that sends a part of a file in a storage."""
    file: Any = storage.open(name)
    try:
        file.seek(part.start)
    except BaseException:
        file.close()
        raise
    return FileBody(file, len(part))
