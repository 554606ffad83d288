"""Download a file as fast as it is sent, and discard it."""

import hashlib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from os import environ

RECEIVE = 256 * 1024  # bytes
FIRST = 512  # bytes: more than the header, which some views send before they run the query


@dataclass(frozen=True)
class Download:
    """The seconds and bytes of a download."""

    first_byte: float
    total: float
    bytes: int


@dataclass(frozen=True)
class Begun:
    """A response whose first rows have arrived: its head and the start of its body."""

    connection: socket.socket
    head: bytes
    body: bytes
    first_byte: float  # seconds


@contextmanager
def begin(port: int, path: str, cookie: str = "") -> Iterator[Begun]:
    """Yield a response read up to its first rows, and close its connection."""
    headers = ["Host: 127.0.0.1", "Connection: close", *[f"Cookie: {cookie}"] * bool(cookie)]
    request = "\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""])
    started = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += received(connection)
        head, _, body = head.partition(b"\r\n\r\n")
        if head.split()[1] != b"200":
            raise RuntimeError(f"{path}: {head.decode('latin-1').splitlines()[0]}")
        while len(body) < FIRST and (data := connection.recv(RECEIVE)):
            body += data
        yield Begun(connection, head, body, time.perf_counter() - started)


def first_byte(port: int, path: str) -> float:
    """Return the seconds until the first rows, and disconnect."""
    with begin(port, path) as begun:
        return begun.first_byte


def download(port: int, path: str, cookie: str = "") -> Download:
    """Return the seconds and bytes of a response, read from the bare socket.

    An HTTP library would be slower than the server where each row is a chunk.
    """
    started = time.perf_counter()
    with begin(port, path, cookie) as begun:
        body, size = begun.body, 0
        if b"transfer-encoding: chunked" in begun.head.lower():
            size = sum(chunks(begun.connection, body))
        else:
            while body:
                size += len(body)
                body = begun.connection.recv(RECEIVE)
    return Download(begun.first_byte, time.perf_counter() - started, size)


def received(connection: socket.socket) -> bytes:
    """Return some bytes; raise RuntimeError at the end of the response."""
    if data := connection.recv(RECEIVE):
        return data
    raise RuntimeError("The server closed the connection within the response.")


def chunks(connection: socket.socket, data: bytes) -> Iterator[int]:
    """Yield the sizes of the chunks of a chunked body whose start has been read."""
    at = 0  # where the next chunk begins, perhaps beyond the end of the data
    while True:
        while (end := data.find(b"\r\n", at)) >= 0:
            size = int(data[at:end], 16)
            if not size:
                return
            yield size
            at = end + 2 + size + 2
        data, at = data[at:], max(0, at - len(data))
        data += received(connection)
        if at > len(data):
            data, at = b"", at - len(data)


def count_lines(port: int, path: str) -> tuple[int, bool]:
    """Return the number of lines, and whether the file ends with a line end."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Connection": "close"})
    response = connection.getresponse()
    lines, last = 0, b""
    while block := response.read(RECEIVE):
        lines += block.count(b"\n")
        last = block[-1:]
    connection.close()
    return lines, last == b"\n"


def digest(port: int, path: str) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Connection": "close"})
    sha256 = hashlib.file_digest(connection.getresponse(), "sha256")
    connection.close()
    return sha256.hexdigest()


def run(command: Sequence[str], env: Mapping[str, str]) -> Download:
    """Return the seconds and bytes of a command's output, from its start."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, env={**environ, **env}, bufsize=0
    )
    assert process.stdout is not None  # noqa: S101
    first_byte, size = 0.0, 0
    while block := process.stdout.read(RECEIVE):
        first_byte = first_byte or time.perf_counter() - started
        size += len(block)
    process.stdout.close()
    if process.wait():
        raise RuntimeError(f"{command[0]} failed; its error is above.")
    return Download(first_byte, time.perf_counter() - started, size)
