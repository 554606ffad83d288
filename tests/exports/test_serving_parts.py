"""Conditional requests and ranges of a file out of the storage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamreports.exports.byteranges import UnsatisfiableRangeError, parse_range
from tests.exports.serving import ALWAYS, CONTENT, ITS_OWN, MODIFIED, SHA256, WHOLE, body, get

pytestmark = pytest.mark.usefixtures("_kept_connection")


# Conditions


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": f'"{SHA256}"'},
        {"If-None-Match": f'"other", W/"{SHA256}"'},
        {"If-None-Match": "*"},
        {"If-None-Match": f'"{SHA256}"', "Range": "bytes=0-1"},
        {"If-Modified-Since": MODIFIED},
    ],
)
def test_an_unmodified_file_is_not_sent(opened, method, headers):
    response = get(method, headers)
    assert response.status_code == 304
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    assert response.headers["ETag"] == f'"{SHA256}"'
    assert response.content == b""
    assert opened == []


@pytest.mark.parametrize(
    "headers",
    [{"If-Match": '"other"'}, {"If-Unmodified-Since": "Fri, 20 Nov 2026 09:29:59 GMT"}],
)
def test_a_condition_that_fails_is_412(opened, headers):
    response = get(headers=headers)
    assert response.status_code == 412
    assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    assert opened == []


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-Match": f'"{SHA256}"'},
        {"If-Modified-Since": "Fri, 20 Nov 2026 09:29:59 GMT"},
        {"If-Modified-Since": "yesterday"},
    ],
)
def test_a_condition_that_holds_sends_the_file(stored, headers):
    response = get(headers=headers)
    assert response.status_code == 200
    assert body(response) == CONTENT


# Ranges


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=255990-", 255990, 255999),
        ("bytes=255990-999999999", 255990, 255999),
        ("bytes=-10", 255990, 255999),
        ("bytes=-999999999", 0, 255999),
        ("Bytes= 5-6 ,, ", 5, 6),
    ],
)
def test_a_range_is_sent_alone(stored, value, first, last):
    response = get(headers={"Range": value})
    assert response.status_code == 206
    assert dict(response.headers) == {
        **WHOLE,
        "Content-Range": f"bytes {first}-{last}/256000",
        "Content-Length": str(last - first + 1),
    }
    assert body(response) == CONTENT[first : last + 1]


@pytest.mark.parametrize("value", ["bytes=256000-", "bytes=256000-256001", "bytes=-0"])
def test_a_range_without_a_byte_is_416(opened, value):
    response = get(headers={"Range": value})
    assert response.status_code == 416
    assert dict(response.headers) == {
        **ALWAYS,
        **ITS_OWN,
        "Content-Range": "bytes */256000",
        "Content-Type": "text/csv; charset=utf-8",
    }
    assert response.content == b""
    assert opened == []


@pytest.mark.parametrize(
    "value",
    [
        "bytes=0-1,3-4",
        "bytes=9-8",
        "bytes=-",
        "bytes=",
        "bytes",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=٣-٤",
        "rows=0-1",
        f"bytes={'9' * 5000}-",
    ],
)
def test_other_ranges_are_ignored(stored, value):
    response = get(headers={"Range": value})
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE
    assert body(response) == CONTENT


def test_head_ignores_ranges(stored):
    response = get("HEAD", {"Range": "bytes=0-1"})
    assert response.status_code == 200
    assert dict(response.headers) == WHOLE


@pytest.mark.parametrize("value", [f'"{SHA256}"', MODIFIED])
def test_a_range_of_the_same_file_is_sent(stored, value):
    response = get(headers={"Range": "bytes=1-2", "If-Range": value})
    assert response.status_code == 206
    assert body(response) == CONTENT[1:3]


@pytest.mark.parametrize(
    "value", [f'W/"{SHA256}"', '"other"', "Fri, 20 Nov 2026 09:30:01 GMT", "", "*", SHA256]
)
def test_a_range_of_another_file_is_ignored(stored, value):
    response = get(headers={"Range": "bytes=1-2", "If-Range": value})
    assert response.status_code == 200
    assert body(response) == CONTENT


@given(
    size=st.integers(0, 30),
    first=st.none() | st.integers(0, 40),
    last=st.none() | st.integers(0, 40),
)
def test_ranges_agree_with_slices(size, first, last):
    content = bytes(range(size))
    value = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if first is None:
        expected = content[-last:] if last else b""
    else:
        expected = content[first:] if last is None else content[first : last + 1]
    try:
        part = parse_range(value, size)
    except UnsatisfiableRangeError:
        assert expected == b""
    else:
        if part is None:
            is_valid = first is not None or last is not None
            is_backwards = None not in (first, last) and last < first
            assert not is_valid or is_backwards or size == 0
        else:
            assert content[part.start : part.stop] == expected != b""


@given(st.text(alphabet="bytes=0123456789-, \t", max_size=30))
def test_no_text_is_an_error_of_ranges(text):
    try:
        part = parse_range(text, 10)
    except UnsatisfiableRangeError:
        return
    assert part is None or (0 <= part.start < part.stop <= 10)
