import pytest
from django.utils import translation

from streamreports.previews import FileSize, RowCount

NBSP = "\xa0"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "no rows"),
        (1, "1 row"),
        (2, "2 rows"),
        (999, "999 rows"),
        (1234, "1,234 rows"),
        (100_000, "100,000 rows"),
    ],
)
def test_a_number_that_was_counted(number, text):
    assert str(RowCount(number)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (100_001, "about 100,000 rows"),
        (123_456, "about 120,000 rows"),
        (994_999, "about 990,000 rows"),
        (999_999, "about 1 million rows"),
        (1_000_000, "about 1 million rows"),
        (2_449_999, "about 2.4 million rows"),
        (12_345_678, "about 12 million rows"),
        (123_456_789, "about 120 million rows"),
        (999_999_999, "about 1 billion rows"),
        (7_800_000_000, "about 7.8 billion rows"),
        (3_000_000_000_000, "about 3,000 billion rows"),
        (1, "about 1 row"),
    ],
)
def test_an_estimate_is_rounded(number, text):
    assert str(RowCount(number, is_exact=False)) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1, "more than 1 row"), (100_000, "more than 100,000 rows")]
)
def test_a_lower_bound(number, text):
    assert str(RowCount(number, is_exact=False, is_lower_bound=True)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (RowCount(1), "1 Zeile"),
        (RowCount(1234), "1.234 Zeilen"),
        (RowCount(12_345, is_exact=False), "etwa 12.000 Zeilen"),
        (RowCount(1_400_000, is_exact=False), "etwa 1,4 Mio. Zeilen"),
        (RowCount(2_400_000, is_exact=False), "etwa 2,4 Mio. Zeilen"),
        (RowCount(3_000_000_000, is_exact=False), "etwa 3 Mrd. Zeilen"),
        (RowCount(100_000, is_exact=False, is_lower_bound=True), "mehr als 100.000 Zeilen"),
        (FileSize(2_621_440, is_exact=False), f"etwa 2,5{NBSP}MB"),
    ],
)
def test_figures_are_in_the_language(count, text):
    with translation.override("de"):
        assert str(count) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (FileSize(1), f"1{NBSP}byte"),
        (FileSize(2048), f"2.0{NBSP}KB"),
        (FileSize(2 * 1024**2, is_exact=False), f"about 2.0{NBSP}MB"),
        (FileSize(2 * 1024**2, is_exact=False, is_lower_bound=True), f"more than 2.0{NBSP}MB"),
    ],
)
def test_a_file_size(size, text):
    assert str(size) == text
