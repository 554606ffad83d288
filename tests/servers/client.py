"""A client on a bare socket, which may read slowly, stall, and leave in the middle."""

import socket
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from tests.servers.processes import HOST

RECEIVE = 64 * 1024
PATIENCE = 30  # seconds that a server may be silent

# How a transfer can end.
WHOLE = "whole"  # The last chunk has come, or as many bytes as were announced.
CLOSED = "closed"  # The connection was closed, and that is all that tells the end.
CUT = "cut"  # The protocol says that there is more.
SILENT = "silent"  # Nothing comes any more.


# What the one who downloads makes of it.
IMPRESSION = {WHOLE: "looks complete", CLOSED: "looks complete", CUT: "transfer error"}
IMPRESSION |= {SILENT: "hangs"}


@dataclass(frozen=True)
class Answer:
    """What came of a request. No answer at all has the status 0."""

    status: int
    headers: dict[str, str]
    body: bytes
    ending: str

    @property
    def impression(self) -> str:
        """Return what the one who downloads is told of the end."""
        return IMPRESSION[self.ending]

    @property
    def is_whole_file(self) -> bool:
        """Tell whether the last line has its end."""
        return self.body.endswith(b"\r\n")


class Exchange:
    """A request that has been sent, and what is read of its answer."""

    def __init__(
        self,
        port: int,
        path: str,
        *,
        method: str = "GET",
        version: str = "1.1",
        headers: Mapping[str, str] = MappingProxyType({}),
        buffer: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.method = method
        self._socket = socket.socket()
        if buffer is not None:  # How much the kernel takes for a client that stalls.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.settimeout(patience)
        self._socket.connect((HOST, port))
        lines = [f"{name}: {value}\r\n" for name, value in {"Host": HOST, **headers}.items()]
        self._socket.sendall(f"{method} {path} HTTP/{version}\r\n{''.join(lines)}\r\n".encode())
        self._data = bytearray()
        self._ended = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def read(self, size: int) -> int:
        """Read until as many bytes have come, chunk sizes and all; return how many have."""
        while len(self._data) < size and not self._ended:
            self._receive()
        return len(self._data)

    def read_until(self, text: bytes) -> bool:
        """Read until a text has come; return False if it never does."""
        while text not in self._data and not self._ended:
            self._receive()
        return text in self._data

    def leave(self, *, reset: bool = False) -> None:
        """Close the connection, or have it reset."""
        if reset:
            linger = struct.pack("ii", 1, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def head(self) -> tuple[int, dict[str, str]]:
        """Return the status and the headers; the status 0 where no answer comes."""
        while b"\r\n\r\n" not in self._data and not self._ended:
            self._receive()
        first, *lines = self._data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        pairs = (line.partition(":")[::2] for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        return int(first.split()[1]) if first else 0, headers

    def finish(self) -> Answer:
        """Read to the end, and return what came."""
        status, headers = self.head()
        if not status:
            return Answer(0, {}, b"", self._ended)
        return Answer(status, headers, *self._body(self._data.index(b"\r\n\r\n") + 4, headers))

    def _body(self, start: int, headers: dict[str, str]) -> tuple[bytes, str]:
        if self.method != "HEAD" and headers.get("transfer-encoding") == "chunked":
            return self._chunks(start)
        length = headers.get("content-length")
        if self.method != "HEAD" and length is not None:
            self.read(start + int(length))
            body = bytes(self._data[start:])
            return body, WHOLE if len(body) == int(length) else self._ended
        while not self._ended:
            self._receive()
        return bytes(self._data[start:]), self._ended

    def _chunks(self, at: int) -> tuple[bytes, str]:
        """Return the body out of its chunks; a last one that is not whole counts as well."""
        body = bytearray()
        while True:
            while (end := self._data.find(b"\r\n", at)) < 0:
                if self._ended:
                    return bytes(body), CUT if self._ended == CLOSED else self._ended
                self._receive()
            size = int(self._data[at:end], 16)
            at = end + 2
            self.read(at + size + 2)
            body += self._data[at : at + size]
            if not size:
                return bytes(body), WHOLE
            at = min(at + size + 2, len(self._data))

    def _receive(self) -> None:
        try:
            data = self._socket.recv(RECEIVE)
        except TimeoutError:
            self._ended = SILENT
        except ConnectionResetError:
            self._ended = CUT
        else:
            self._data += data
            if not data:
                self._ended = CLOSED


def get(port: int, path: str, **kwargs: object) -> Answer:
    """Return the answer to a request, read as fast as it comes."""
    with Exchange(port, path, **kwargs) as exchange:  # type: ignore[arg-type]
        return exchange.finish()


def gunzipped(body: bytes) -> bytes:
    """Return what browsers make of a gzip file: its first member, which must be the only one."""
    first = zlib.decompressobj(wbits=31)
    text = first.decompress(body)
    assert first.eof
    assert not first.unused_data
    return text
