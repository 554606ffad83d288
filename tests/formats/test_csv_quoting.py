"""The fast way of quoting writes the bytes of ``csv.writer``."""

import csv

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamreports.formats.csv import CsvFormat, Echo, quoted
from tests.strategies import hostile_text

DELIMITERS = [",", ";", "\t", "|", "'", "§", "]", "^", "-", "\\", " ", "a", "."]


def reference(rows, delimiter, quoting=csv.QUOTE_MINIMAL):
    """Return the lines of rows as ``csv.writer`` writes them."""
    write = csv.writer(Echo(), delimiter=delimiter, quoting=quoting).writerow
    return [write(row)[:-2] for row in rows]


def lines_of(rows, delimiter=",", **attributes):
    return type("Variant", (CsvFormat,), attributes)()._lines(rows, delimiter)


@st.composite
def tables(draw):
    """Return rows of one to four cells, most of them plain as in real reports."""
    usual = st.sampled_from(["", "1", "2.50", "Ana", "Chicago, IL", 'a "b"'])
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.tuples(*[usual | hostile_text] * width), min_size=1, max_size=6))


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@given(rows=tables(), delimiter=st.sampled_from(DELIMITERS))
@example(rows=[("a,b", "c"), ("a", "b")], delimiter=",")
@example(rows=[("a", "b")], delimiter="a")
@example(rows=[("]", "^"), ("\\", "-")], delimiter="]")
def test_lines_are_those_of_the_writer(rows, delimiter, quoting):
    assert lines_of(rows, delimiter, quoting=quoting) == reference(rows, delimiter, quoting)


@given(st.lists(hostile_text, min_size=1), st.sampled_from([d for d in DELIMITERS if d != " "]))
def test_column_is_quoted_as_the_writer_quotes_it(values, delimiter):
    """The second cell keeps the writer from quoting an empty line."""
    lines = [value + delimiter for value in quoted(values, delimiter)]
    assert lines == reference([(value, "") for value in values], delimiter)


def test_column_without_signs_is_returned_as_it_is():
    values = ("Ana", "", "2.50")
    assert quoted(values, ",") is values


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a,b", "c"], ['"a,b"', "c"]),
        (['a"b', "c"], ['"a""b"', "c"]),
        (["a\nb", "c"], ['"a\nb"', "c"]),
        (["a\rb", "c"], ['"a\rb"', "c"]),
        (["a,b", 'c"', "d"], ['"a,b"', '"c"""', "d"]),
        (["a,b", "c\r\n", "d"], ['"a,b"', '"c\r\n"', "d"]),
    ],
    ids=repr,
)
def test_only_values_that_need_quotes_are_quoted(values, expected):
    assert quoted(values, ",") == expected
