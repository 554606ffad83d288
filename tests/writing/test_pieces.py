import asyncio
import gc

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazystr
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from streamreports.writing.pieces import PieceStream, require_pieces

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


def blocks(pieces, content_type=HTML, **options):
    return list(PieceStream(pieces, content_type, **options))


async def asynchronous(pieces):
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


# Blocks


def test_each_piece_is_a_block():
    assert blocks(["a", "b", "c"]) == [b"a", b"b", b"c"]


def test_pieces_are_joined():
    assert blocks("abcdefg"[i] for i in range(7)) == [bytes([c]) for c in b"abcdefg"]
    assert blocks(iter("abcdefg"), buffer_size=3) == [b"abc", b"def", b"g"]


def test_empty_pieces_are_no_blocks_and_do_not_count():
    assert blocks(["", "a", b"", "b", ""]) == [b"a", b"b"]
    assert blocks(["a", "", "", "b", "c"], buffer_size=2) == [b"ab", b"c"]


def test_large_pieces_are_not_joined():
    stream = PieceStream(["a" * 6, "b" * 6, "c"], HTML, buffer_size=5)
    stream.block_size = 10
    assert list(stream) == [b"a" * 6 + b"b" * 6, b"c"]


def test_no_pieces_are_no_blocks():
    assert blocks([]) == []


def test_bytes_are_counted_and_rows_are_not():
    stream = PieceStream(["abc", "ä"], HTML)
    next(stream)
    assert (stream.rows, stream.bytes) == (0, 3)
    next(stream)
    assert (stream.rows, stream.bytes) == (0, 5)


def test_a_piece_is_asked_for_when_its_block_is():
    made = []

    def generate():
        for number in range(9):
            made.append(number)
            yield str(number)

    stream = PieceStream(generate(), HTML, buffer_size=3)
    assert (next(stream), made) == (b"012", [0, 1, 2])
    assert (next(stream), made) == (b"345", [0, 1, 2, 3, 4, 5])


def test_asynchronous_pieces_are_the_same():
    assert blocks(asynchronous("abcde"), buffer_size=2) == [b"ab", b"cd", b"e"]


# Text and bytes


def test_bytes_are_sent_as_they_are():
    pieces = [b"<b>\xff", bytearray(b"<i>"), memoryview(b"&")]
    assert blocks(pieces) == [b"<b>\xff", b"<i>", b"&"]


def test_text_is_escaped_under_an_html_type():
    assert blocks(["<script>", "a & 'b'"]) == [b"&lt;script&gt;", b"a &amp; &#x27;b&#x27;"]


@pytest.mark.parametrize(
    "content_type", ["text/html", "TEXT/HTML ; charset=utf-8", "application/xhtml+xml"]
)
def test_these_are_html_types(content_type):
    assert blocks(["<"], content_type) == [b"&lt;"]


@pytest.mark.parametrize("content_type", [TEXT, "text/event-stream", "application/json", ""])
def test_text_is_not_escaped_under_another_type(content_type):
    assert blocks(["<"], content_type) == [b"<"]


@pytest.mark.parametrize(
    "piece", [mark_safe("<p>&"), Markup("<p>&"), format_html("{}&", mark_safe("<p>"))]
)
def test_text_that_is_marked_safe_is_not_escaped(piece):
    assert blocks([piece]) == [b"<p>&"]


def test_lazy_text_is_resolved_and_escaped():
    assert blocks([lazystr("<p>"), gettext_lazy("yes")]) == [b"&lt;p&gt;", b"yes"]


def test_asynchronous_text_is_escaped():
    assert blocks(asynchronous(["<", mark_safe("<")])) == [b"&lt;", b"<"]


@given(st.lists(st.text()))
def test_no_text_brings_its_own_markup(texts):
    sent = b"".join(blocks(texts)).decode()
    assert not set(sent) & set("<>\"'")


@pytest.mark.parametrize("piece", [None, 5, ["<p>"], object()])
def test_anything_else_is_an_error(piece):
    with pytest.raises(TypeError, match=r"^A piece of a stream is a \w+, not text or bytes\.$"):
        blocks([piece])


# Charsets


def test_text_is_sent_in_the_charset_of_the_type():
    assert blocks(["ä"], "text/plain; charset=latin-1") == [b"\xe4"]
    assert blocks(["ä"], "text/plain") == ["ä".encode()]


def test_a_byte_order_mark_is_sent_once():
    assert b"".join(blocks(["a", "b"], "text/plain; charset=utf-16")).decode("utf-16") == "ab"


def test_characters_that_the_charset_lacks_are_replaced():
    assert blocks(["€"], "text/plain; charset=latin-1") == [b"?"]
    assert blocks(["€"], "text/html; charset=latin-1") == [b"&#8364;"]


def test_lone_surrogates_are_replaced():
    assert blocks(["a\ud800b"], TEXT) == [b"a?b"]
    assert blocks(["a\ud800b"], HTML) == [b"a&#55296;b"]


def test_an_unknown_charset_is_an_error():
    with pytest.raises(ImproperlyConfigured) as raised:
        PieceStream([], "text/html; charset=nope")
    assert str(raised.value) == (
        "The content type is 'text/html; charset=nope', which has an unknown charset. Use utf-8."
    )


# The end


@pytest.fixture
def ended():
    return []


def generate(ended, error=None):
    try:
        yield "a"
        yield "b"
        if error:
            raise error
    finally:
        ended.append(True)


async def agenerate(ended, error=None):
    try:
        yield "a"
        yield "b"
        if error:
            raise error
    finally:
        await asyncio.sleep(0)
        ended.append(True)


both = pytest.mark.parametrize("make", [generate, agenerate])


@both
def test_a_generator_ends_with_its_last_piece(ended, make):
    assert (blocks(make(ended)), ended) == ([b"a", b"b"], [True])


@both
def test_a_stream_that_is_closed_closes_its_generator(ended, make):
    stream = PieceStream(make(ended), HTML)
    next(stream)
    stream.close()
    assert (ended, list(stream)) == ([True], [])


@both
def test_a_stream_that_is_dropped_closes_its_generator(ended, make):
    stream = PieceStream(make(ended), HTML)
    next(stream)
    del stream
    gc.collect()
    assert ended == [True]


@both
def test_a_stream_that_is_closed_before_it_begins_asks_for_nothing(ended, make):
    PieceStream(make(ended), HTML).close()
    assert ended == []


@both
def test_an_error_ends_the_stream(ended, make):
    stream = PieceStream(make(ended, LookupError("no")), HTML)
    assert [next(stream), next(stream)] == [b"a", b"b"]
    with pytest.raises(LookupError, match="no"):
        next(stream)
    assert ended == [True]


def test_pieces_before_an_error_in_the_same_block_are_not_sent(ended):
    with pytest.raises(LookupError, match="no"):
        blocks(generate(ended, LookupError("no")), buffer_size=5)


# What can be streamed


@pytest.mark.parametrize(
    "pieces", [[], (), iter("ab"), generate([]), agenerate([]), asynchronous("")]
)
def test_these_can_be_streamed(pieces):
    assert require_pieces(pieces, "It") is pieces


async def coroutine():
    return "text"


GIVE = "Give a generator, which yields text or bytes."


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: "text", f"It is a str, which cannot be streamed. {GIVE}"),
        (lambda: b"text", f"It is a bytes, which cannot be streamed. {GIVE}"),
        (lambda: None, f"It is None, which cannot be streamed. {GIVE}"),
        (
            lambda: generate,
            "It is a function, which cannot be streamed. Call the generator function.",
        ),
        (
            coroutine,
            "It is a coroutine, which cannot be streamed. Use yield in the function, so that it is"
            " an asynchronous generator.",
        ),
    ],
)
def test_nothing_else_can_be_streamed(make, message):
    with pytest.raises(ImproperlyConfigured) as raised:
        require_pieces(make(), "It")
    assert str(raised.value) == message


def test_a_stream_can_be_read_below_an_event_loop():
    from asgiref.sync import sync_to_async

    assert async_to_sync(sync_to_async(lambda: blocks(asynchronous("ab"))))() == [b"a", b"b"]
