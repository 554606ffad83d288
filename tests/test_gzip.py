"""Blocks as a gzip file, by isal and by zlib."""

import gzip
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from streamreports import deflate
from streamreports.gzip import gzip_blocks

COMPRESSORS = {"isal": isal_zlib, "zlib": zlib}

TEXT = b"".join(b"%d,steel,Berlin\r\n" % number for number in range(20_000))


@pytest.fixture(params=COMPRESSORS)
def compressor(request, monkeypatch):
    """Compress with isal, then with zlib."""
    module = COMPRESSORS[request.param]
    monkeypatch.setattr(deflate, "compressobj", module.compressobj)
    monkeypatch.setattr(deflate, "crc32", module.crc32)


def blocks_of(*blocks, error=None):
    yield from blocks
    if error is not None:
        raise error


def compress(*blocks, **kwargs):
    return list(gzip_blocks(blocks_of(*blocks), **kwargs))


@given(st.lists(st.binary()))
def test_a_file_has_what_was_given(blocks):
    assert gzip.decompress(b"".join(compress(*blocks))) == b"".join(blocks)


def test_a_file_has_one_member(compressor):
    member = zlib.decompressobj(wbits=31)
    assert member.decompress(b"".join(compress(TEXT, TEXT))) == TEXT * 2
    assert (member.eof, member.unused_data) == (True, b"")


def test_a_file_is_smaller(compressor):
    assert len(b"".join(compress(TEXT))) < len(TEXT) / 3


def test_each_block_can_be_read_when_it_has_arrived(compressor):
    reader = zlib.decompressobj(wbits=31)
    *blocks, end = compress(b"a", TEXT, b"b")
    assert [reader.decompress(block) for block in blocks] == [b"a", TEXT, b"b"]
    assert not reader.eof
    assert reader.decompress(end) == b""
    assert reader.eof


def test_nothing_is_a_file_as_well(compressor):
    assert gzip.decompress(b"".join(compress())) == b""


def test_a_file_has_no_time_and_no_name():
    first, *_ = compress(TEXT)
    assert first[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"


def test_a_file_may_have_a_name():
    first, *_ = compress(b"text", filename=b"cargo.csv")
    assert first[:20] == b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x04\xffcargo.csv\0"


def test_a_file_that_fails_has_no_end(compressor):
    sent = []
    with pytest.raises(LookupError, match="no name"):
        sent.extend(gzip_blocks(blocks_of(TEXT, error=LookupError("no name"))))
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(sent))
    assert zlib.decompressobj(wbits=31).decompress(b"".join(sent)) == TEXT


def test_closing_a_file_closes_its_blocks():
    closed = []

    def blocks():
        try:
            yield b"text"
            yield b"more"
        finally:
            closed.append(True)

    file = gzip_blocks(blocks())
    next(file)
    file.close()
    assert closed == [True]


@pytest.mark.parametrize(
    ("blocked", "module"), [("", "isal.isal_zlib"), ("sys.modules['isal'] = None;", "zlib")]
)
def test_zlib_compresses_if_isal_is_not_installed(blocked, module):
    code = f"import sys; {blocked} from streamreports import deflate, gzip; import {module};"
    code += f"print(deflate.compressobj is {module}.compressobj)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout == b"True\n"
