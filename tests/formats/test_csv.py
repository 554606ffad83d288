import csv
import io

import pytest
from django.utils import translation
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.escaping import escape_formula, replace_unencodable
from streamreports.formats.base import OutputColumn
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat, TsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import SpecimenFactory
from tests.formats.variants import each_variant, variant
from tests.models import Specimen
from tests.strategies import hostile_text, storable_text


def columns_of(header):
    return [OutputColumn(name=f"column{n}", label=label) for n, label in enumerate(header)]


def written(format, header, *batches):
    return b"".join(format.encode(columns_of(header), batches))


def text_of(data, format):
    """Return the characters of a file, or of the beginning of one, without its mark."""
    return data.decode(format.encoding).removeprefix("\ufeff" if format.bom else "")


def read(data, format):
    """Return the rows of a file as csv.reader has them."""
    lines = io.StringIO(text_of(data, format), newline="")
    return list(csv.reader(lines, delimiter=format.get_delimiter(), strict=True))


def as_encoded(rows, format):
    """Return rows with question marks for what the encoding lacks."""
    return [
        [cell.encode(format.encoding, "replace").decode(format.encoding) for cell in row]
        for row in rows
    ]


cells = hostile_text.map(replace_unencodable)


@st.composite
def tables(draw):
    """Return a header, and batches of rows as wide as it."""
    row = st.lists(cells, min_size=(width := draw(st.integers(1, 3))), max_size=width)
    return draw(row), draw(st.lists(st.lists(row, min_size=1, max_size=3), max_size=3))


# Exact bytes


def test_header_and_rows_are_lines():
    data = written(CsvFormat(), ["ID", "Name"], [["1", "Ana"], ["2", ""]])
    assert data == b"ID,Name\r\n1,Ana\r\n2,\r\n"


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("a,b", b'"a,b"'),
        ('a"b', b'"a""b"'),
        ("a\nb", b'"a\nb"'),
        ("a\rb", b'"a\rb"'),
        ("a\r\nb", b'"a\r\nb"'),
        ("a;b", b"a;b"),
        (" a ", b" a "),
        ("ü😀", b"\xc3\xbc\xf0\x9f\x98\x80"),
        ("a\u2028b", b"a\xe2\x80\xa8b"),
        ("\\.", b"\\."),
        ("", b'""'),
    ],
)
def test_cell_is_quoted_only_where_needed(cell, line):
    assert written(CsvFormat(), ["A"], [[cell]]) == b"A\r\n" + line + b"\r\n"


def test_cell_that_is_empty_is_quoted_only_where_the_line_would_be_blank():
    assert written(CsvFormat(), ["A", "B"], [["", ""]]) == b"A,B\r\n,\r\n"


@pytest.mark.parametrize(
    ("attributes", "data"),
    [
        ({}, b'A,B\r\n1,"x,y"\r\n2,z;\r\n'),
        ({"delimiter": ";"}, b'A;B\r\n1;x,y\r\n2;"z;"\r\n'),
        ({"delimiter": "\t"}, b"A\tB\r\n1\tx,y\r\n2\tz;\r\n"),
        ({"quoting": csv.QUOTE_ALL}, b'"A","B"\r\n"1","x,y"\r\n"2","z;"\r\n'),
        ({"line_terminator": "\n"}, b'A,B\n1,"x,y"\n2,z;\n'),
        ({"line_terminator": "\r"}, b'A,B\r1,"x,y"\r2,z;\r'),
        ({"bom": True}, b'\xef\xbb\xbfA,B\r\n1,"x,y"\r\n2,z;\r\n'),
        ({"header": False}, b'1,"x,y"\r\n2,z;\r\n'),
        ({"header": False, "bom": True}, b'\xef\xbb\xbf1,"x,y"\r\n2,z;\r\n'),
        ({"encoding": "utf-16-le"}, 'A,B\r\n1,"x,y"\r\n2,z;\r\n'.encode("utf-16-le")),
        ({"encoding": "utf-16"}, 'A,B\r\n1,"x,y"\r\n2,z;\r\n'.encode("utf-16")),
        ({"encoding": "utf-8-sig"}, b'\xef\xbb\xbfA,B\r\n1,"x,y"\r\n2,z;\r\n'),
    ],
    ids=str,
)
def test_variant_is_a_class_attribute(attributes, data):
    assert written(variant(**attributes), ["A", "B"], [["1", "x,y"]], [["2", "z;"]]) == data


@pytest.mark.parametrize("line_terminator", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("cell", ["a\rb", "a\nb", "\r", "\n", "\r\n"])
def test_every_kind_of_line_end_is_quoted_whatever_the_own_one(line_terminator, cell):
    data = written(variant(line_terminator=line_terminator), ["A"], [[cell]])
    assert data.decode() == f'A{line_terminator}"{cell}"{line_terminator}'


def test_character_that_the_encoding_lacks_becomes_a_question_mark():
    data = written(variant(encoding="latin-1"), ["Ü"], [["é"], ["日本"], ["\ufffd"], ["😀a"]])
    assert data == b"\xdc\r\n\xe9\r\n??\r\n?\r\n?a\r\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_mark_of_an_encoding_stands_once_at_the_beginning(encoding):
    data = written(variant(encoding=encoding), ["A"], [["1"]], [["2"]])
    assert data == "A\r\n1\r\n2\r\n".encode(encoding)


# The end of the file


def test_report_of_no_rows_is_a_header_and_a_line_end():
    assert written(CsvFormat(), ["A", "B"]) == b"A,B\r\n"


def test_report_of_neither_header_nor_rows_is_one_line_end():
    assert written(variant(header=False), ["A"]) == b"\r\n"


def test_report_of_neither_header_nor_rows_begins_with_the_mark_all_the_same():
    assert written(variant(header=False, bom=True), ["A"]) == b"\xef\xbb\xbf\r\n"


def test_batch_of_no_rows_adds_nothing():
    data = written(CsvFormat(), ["A"], [], [["1"]], [], [["2"]], [])
    assert data == b"A\r\n1\r\n2\r\n"


@pytest.mark.parametrize("attributes", [{}, {"header": False}], ids=str)
def test_batch_of_no_rows_is_no_line_end(attributes):
    """A file that is cut behind it must not pass for a whole one."""
    *pieces, _ = variant(**attributes).encode(columns_of(["A"]), [[], [["1"]], []])
    whole = ""
    for piece in pieces:
        whole += piece.decode()
        assert not whole.endswith("\n")


@each_variant
@settings(max_examples=15)
@given(tables())
def test_whole_file_ends_with_a_line_end_and_a_cut_one_never_does(format, table):
    header, batches = table
    pieces = list(format.encode(columns_of(header), batches))
    for count in range(len(pieces)):
        assert not text_of(b"".join(pieces[:count]), format).endswith(("\r", "\n"))
    assert text_of(b"".join(pieces), format).endswith(format.line_terminator)


@given(tables())
def test_row_a_piece_can_be_cut_anywhere(table):
    """Line ends are in front of rows, so each row but the first brings that of the last one."""
    header, batches = table
    rows = [row for batch in batches for row in batch]
    pieces = list(CsvFormat().encode(columns_of(header), ([row] for row in rows)))
    assert len(pieces) == len(rows) + 2
    assert all(piece.startswith(b"\r\n") for piece in pieces[1:])
    assert not any(piece.endswith(b"\n") for piece in pieces[:-1])


def test_pieces_are_made_when_they_are_asked_for():
    def batches():
        yield [["1"]]
        raise RuntimeError

    pieces = CsvFormat().encode(columns_of(["A"]), batches())
    assert [next(pieces), next(pieces)] == [b"A", b"\r\n1"]
    with pytest.raises(RuntimeError):
        next(pieces)


# Read back


@each_variant
@settings(max_examples=15)
@given(tables())
@example((["\ufeff"], [[["\ufeff"]]]))
@example((["", "\r"], [[["\r", "\n"], ['"', '""']]]))
@example((["é"], [[["\r"], ["\n"], ['"'], [","], [";"], ["\t"], [""]]]))
def test_what_is_written_is_read_back_equal(format, table):
    header, batches = table
    rows = [header, *(row for batch in batches for row in batch)]
    rows = rows if format.header else rows[1:]
    assume(rows)
    assert read(written(format, header, *batches), format) == as_encoded(rows, format)


@pytest.mark.parametrize("language", ["en", "de", "pt-br"])
@settings(max_examples=30)
@given(tables())
def test_what_is_written_for_excel_is_read_back_equal(language, table):
    header, batches = table
    with translation.override(language):
        data = written(excel := ExcelCsvFormat(), header, *batches)
        assert read(data, excel) == [header, *(row for batch in batches for row in batch)]


@pytest.mark.django_db
@each_variant
@settings(max_examples=15)
@given(st.lists(st.tuples(hostile_text, hostile_text), min_size=1, max_size=4))
@example([("=1+1", "\ud800\0"), ("'=", "\u202eא\r\n")])
def test_report_of_hostile_texts_is_read_back_equal(format, columns):
    """What comes back is what went in, with formulas escaped."""
    if not Specimen.objects.exists():
        SpecimenFactory(maker=None)
    report = Report(
        Specimen.objects.all(),
        [Column(lambda _, text=text: text, label=label) for label, text in columns],
    )
    safe = escape_formula if format.escape_formulas else replace_unencodable
    rows = [[safe(label) for label, _ in columns], [safe(text) for _, text in columns]]
    assert read(b"".join(report.stream(format)), format) == as_encoded(
        rows if format.header else rows[1:], format
    )


@pytest.mark.django_db
@given(st.lists(storable_text, max_size=8))
@example(["=1+1", "'=1", '"', "\r", "\n", "\r\n", "", "\u202eא", "😀", "＝1", "\ufeff", " a "])
def test_hostile_texts_in_the_database_are_read_back_equal(texts):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(char=text, text=text[::-1]) for text in texts])
    report = Report(Specimen.objects.order_by("pk"), ["char", "text", "__str__"])
    rows = read(b"".join(report.stream(CsvFormat())), CsvFormat())
    expected = [[escape_formula(text), escape_formula(text[::-1])] for text in texts]
    assert [row[:2] for row in rows] == [["Char", "Text"], *expected]


def test_unescaped_texts_are_read_back_as_they_are():
    data = written(variant(escape_formulas=False), ["=A"], [["=1"]])
    assert read(data, CsvFormat()) == [["=A"], ["=1"]]


# In the language of the user


@pytest.mark.parametrize(
    ("language", "delimiter", "decimal_separator"),
    [("en", ",", "."), ("de", ";", ","), ("pt-br", ";", ",")],
)
def test_excel_gets_the_separators_of_the_active_locale(language, delimiter, decimal_separator):
    with translation.override(language):
        assert ExcelCsvFormat().get_delimiter() == delimiter
        assert ExcelCsvFormat().get_decimal_separator() == decimal_separator
        assert ExcelCsvFormat().options == TextOptions(True, decimal_separator, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "data"),
    [
        ("en", '\ufeffFloating,Decimal,Integer,Char\r\n1.5,0.2500000000,-7,"a;b,c"\r\n'),
        ("de", '\ufeffFloating;Decimal;Integer;Char\r\n1,5;0,2500000000;-7;"a;b,c"\r\n'),
    ],
)
def test_excel_file(language, data):
    SpecimenFactory(floating=1.5, decimal="0.25", integer=-7, char="a;b,c")
    with translation.override(language):
        report = Report(Specimen.objects.all(), ["floating", "decimal", "integer", "char"])
        assert b"".join(report.stream(ExcelCsvFormat())).decode() == data


def test_separators_that_are_given_do_not_follow_the_locale():
    with translation.override("de"):
        assert CsvFormat().get_delimiter() == ","
        assert CsvFormat().options == TextOptions(True, ".")


def test_delimiter_can_follow_the_locale_alone():
    with translation.override("de"):
        assert written(variant(delimiter=None, decimal_separator=","), ["A", "B"]) == b"A;B\r\n"
        assert written(variant(delimiter=None), ["A", "B"]) == b"A,B\r\n"


def test_delimiter_is_the_same_in_the_whole_file():
    """The language may be another one by the time that the last rows are encoded."""
    with translation.override("de"):
        pieces = ExcelCsvFormat().encode(columns_of(["A", "B"]), [[["1", "2"]], [["3", "4"]]])
        data = next(pieces) + next(pieces)
    with translation.override("en"):
        data += b"".join(pieces)
    assert data.decode("utf-8-sig") == "A;B\r\n1;2\r\n3;4\r\n"


# Formulas


@pytest.mark.parametrize(
    ("escape_formulas", "style"),
    [(True, TextOptions()), (False, TextOptions(escape_formulas=False))],
)
def test_options_have_the_switch_of_the_format(escape_formulas, style):
    assert variant(escape_formulas=escape_formulas).options == style


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("format_escapes", "column_escapes", "data"),
    [
        (True, None, b"'=A\r\n'=1\r\n"),
        (True, False, b"=A\r\n=1\r\n"),
        (False, None, b"=A\r\n=1\r\n"),
        (False, True, b"'=A\r\n'=1\r\n"),
    ],
)
def test_formulas_are_escaped_by_format_and_column(format_escapes, column_escapes, data):
    SpecimenFactory(char="=1")
    column = Column("char", label="=A", escape_formulas=column_escapes)
    report = Report(Specimen.objects.all(), [column])
    assert b"".join(report.stream(variant(escape_formulas=format_escapes))) == data


# TSV


def test_tsv_is_csv_with_tabs():
    data = written(TsvFormat(), ["A", "=B"], [("a,b", "c\td")])
    assert data == b'A\t=B\r\na,b\t"c\td"\r\n'
    assert TsvFormat().get_content_type() == "text/tab-separated-values; charset=utf-8"
