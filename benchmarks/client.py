"""Download a file as fast as it comes, and throw it away."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from os import environ

RECEIVE = 256 * 1024  # bytes


@dataclass(frozen=True)
class Download:
    """What a download took: seconds and bytes."""

    first_byte: float
    total: float
    bytes: int


def download(port: int, path: str) -> Download:
    """Return what the body of a response took, measured on the bare socket.

    A client that knows more of HTTP would be the slowest part, where each row is a chunk.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    first_byte, size, started = 0.0, 0, time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += received(connection)
        head, _, body = head.partition(b"\r\n\r\n")
        if head.split()[1] != b"200":
            raise RuntimeError(f"{path}: {head.decode('latin-1').splitlines()[0]}")
        body = body or received(connection)
        first_byte = time.perf_counter() - started
        if b"transfer-encoding: chunked" in head.lower():
            size = sum(chunks(connection, body))
        else:
            while body:
                size += len(body)
                body = connection.recv(RECEIVE)
    return Download(first_byte, time.perf_counter() - started, size)


def received(connection: socket.socket) -> bytes:
    """Return some bytes, of which there must be more."""
    if data := connection.recv(RECEIVE):
        return data
    raise RuntimeError("The server cut the response.")


def chunks(connection: socket.socket, data: bytes) -> Iterator[int]:
    """Yield the sizes of the chunks of a chunked body, whose beginning has been read."""
    at = 0  # where in the data the next chunk begins, perhaps behind their end
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


def count_rows(port: int, path: str) -> tuple[int, bool]:
    """Return how many lines a file has, and whether it ends with a line end. Not timed."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Connection": "close"})
    response = connection.getresponse()
    lines, last = 0, b""
    while block := response.read(RECEIVE):
        lines += block.count(b"\n")
        last = (last + block)[-2:]
    connection.close()
    return lines, last == b"\r\n"


def run(command: Sequence[str], env: Mapping[str, str]) -> Download:
    """Return what the output of a command took, from its very start."""
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
        raise RuntimeError(f"{command[0]} failed: its own words are above.")
    return Download(first_byte, time.perf_counter() - started, size)
