"""The client that measures responses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import client


class Connection:
    """A connection that delivers its data in pieces."""

    def __init__(self, pieces):
        self.pieces = list(pieces)

    def recv(self, size):
        return self.pieces.pop(0) if self.pieces else b""


@given(st.lists(st.binary(min_size=1)), st.integers(1, 20))
def test_chunks_are_measured_wherever_the_network_splits_them(chunks, size):
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
    first, *pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert list(client.chunks(Connection(pieces), first)) == [len(chunk) for chunk in chunks]


def test_a_response_without_its_last_chunk_is_an_error():
    with pytest.raises(RuntimeError, match="The server closed the connection"):
        list(client.chunks(Connection([]), b"3\r\nabc\r\n"))
