"""Web pages, on every database."""

import hashlib
from base64 import b64encode

import pytest
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.base import OutputColumn
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.html import STYLE, HtmlFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.padding import PADDING
from streamreports.pages import ReportView
from streamreports.reports import Report
from streamreports.views import StreamingReportView
from tests.factories import MakerFactory, PartFactory, SpecimenFactory
from tests.formats.pages import Page
from tests.models import Maker, Specimen
from tests.strategies import hostile_text

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
ESCAPED = b"&lt;script&gt;alert(1)&lt;/script&gt;"

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none';"
    f" style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)


def file_of(*columns, queryset=None, format=None):
    queryset = Specimen.objects.order_by("pk") if queryset is None else queryset
    return b"".join(Report(queryset, columns).stream(format or HtmlFormat()))


def page_of(*columns, **kwargs):
    return Page(file_of(*columns, **kwargs))


def encoded(*rows, safe=False):
    """Return the page of rows of texts, with a column for each."""
    width = len(rows[0]) if rows else 1
    columns = [OutputColumn(f"c{i}", f"C{i}", safe=safe) for i in range(width)]
    return b"".join(HtmlFormat().encode(columns, [rows] if rows else []))


# The page


def test_the_page_is_complete():
    MakerFactory(name="Tom & <b>Ann</b>", size=1)
    MakerFactory(name="'\"", size=None)
    assert file_of(
        "name", Column("size", label="<Size>"), queryset=Maker.objects.order_by("pk")
    ) == (
        f"""<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Makers</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<figure>
<div role="region" tabindex="0" aria-labelledby="title">
<table>
<caption><h1 id="title">{PADDING}Makers</h1></caption>
<thead>
<tr><th scope="col">Name</th><th scope="col" class="number">&lt;Size&gt;</th></tr>
</thead>
<tbody>
<tr><td>Tom &amp; &lt;b&gt;Ann&lt;/b&gt;</td><td class="number">1</td></tr>
<tr><td>'"</td><td class="number"></td></tr>
</tbody>
</table>
</div>
<figcaption>2 rows, complete</figcaption>
</figure>
</main>
</body>
</html>
""".encode()
    )


def test_a_page_of_no_rows_says_so():
    page = page_of("char", "integer")
    assert page.rows == [["Char", "Integer"]]
    assert page.end == "0 rows, complete"


def test_a_page_of_one_row_says_so():
    SpecimenFactory()
    assert page_of("char").end == "1 row, complete"


def test_rows_of_all_batches_are_counted():
    batches = [[(str(number),) for number in range(500)]] * 3
    page = Page(b"".join(HtmlFormat().encode([OutputColumn("a", "A")], batches)))
    assert len(page.rows) == 1501
    assert page.end == "1,500 rows, complete"


def test_the_page_is_in_the_active_language():
    with translation.override("ar"):
        page = page_of("char")
    assert page.root.attrib == {"lang": "ar", "dir": "rtl"}


def test_the_page_of_no_language_is_in_that_of_the_project(settings):
    settings.LANGUAGE_CODE = "de"
    with translation.override(None):
        assert page_of("char").root.attrib == {"lang": "de", "dir": "ltr"}


def test_the_end_has_the_number_format_of_the_language():
    with translation.override("de"):
        page = Page(b"".join(HtmlFormat().encode([OutputColumn("a", "A")], [[("",)] * 1234])))
    assert page.end.startswith("1.234 ")


def test_the_title_is_escaped():
    format = HtmlFormat()
    format.title = mark_safe(f"{SCRIPT}\ud800\0")
    data = file_of("char", format=format)
    assert data.count(ESCAPED) == 2
    assert b"<script" not in data
    assert Page(data).title == f"{SCRIPT}\ufffd\ufffd"


def test_the_style_sheet_can_be_replaced():
    class PlainFormat(HtmlFormat):
        style = "td { color: red; }"

    digest = b64encode(hashlib.sha256(b"td { color: red; }").digest()).decode()
    assert b"<style>td { color: red; }</style>" in file_of("char", format=PlainFormat())
    assert f"'sha256-{digest}'" in PlainFormat().get_headers()["Content-Security-Policy"]


@pytest.mark.parametrize("columns", [["char", "integer"], ["integer", "json"]])
def test_a_truncated_page_does_not_say_that_it_is_complete(columns):
    Specimen.objects.bulk_create(Specimen(char="x" * 99, integer=n, json=[n]) for n in range(3000))
    blocks = list(Report(Specimen.objects.order_by("pk"), columns).stream(HtmlFormat()))
    assert len(blocks) > 2
    for number in range(1, len(blocks)):
        data = b"".join(blocks[:number])
        assert b"complete" not in data
        assert b"</table>" not in data
    assert Page(b"".join(blocks)).end == "3,000 rows, complete"


def test_the_head_and_the_first_rows_are_the_first_block():
    SpecimenFactory(char="first")
    first, *_ = Report(Specimen.objects.all(), ["char"]).stream(HtmlFormat())
    assert first.startswith(b"<!doctype html>")
    assert first.endswith(b"<tbody>\n<tr><td>first</td></tr>\n")


def test_early_header_is_the_page_up_to_the_rows():
    stream = Report(Specimen.objects.all(), ["char"]).stream(HtmlFormat(), early_header=True)
    assert next(stream).endswith(b"</thead>\n<tbody>\n")


# Cells


def test_fields_are_written_as_text():
    specimen = SpecimenFactory(full=True, char="=1 < 2 & 3", maker__name="A\r\nB")
    PartFactory(specimen=specimen, name="<p>", quantity=2)
    PartFactory(specimen=specimen, name="&", quantity=3)
    columns = [
        "char", "boolean", "datetime", "integer", "floating", "json", "text", "maker__name",
        "parts__name", "get_kind_display", Column("integer", format=",.1f"),
        Column(lambda specimen: SCRIPT, label="<i>"),
    ]  # fmt: skip
    page = page_of(*columns)
    assert page.rows[1] == [
        "=1 < 2 & 3", "True", "2026-11-20 12:30:00+00:00", "-7", "0.1", '{"a": [1, null, "ü"]}',
        "two\nlines", "A\r\nB", "<p>, &", "Rare kind", "-7.0", SCRIPT,
    ]  # fmt: skip
    assert page.rows[0][-1] == "<i>"


def test_numbers_are_aligned():
    SpecimenFactory(full=True)
    columns = [
        "integer", "decimal", "floating", "id", "maker", "char", "date", "get_kind_display",
        Column("integer", format=",d"), Column(lambda specimen: 1, label="One"),
    ]  # fmt: skip
    page = page_of(*columns)
    expected = [True] * 5 + [False] * 3 + [True, False]
    for cells in (page.table.findall("thead/tr/th"), page.table.findall("tbody/tr/td")):
        assert [cell.get("class") == "number" for cell in cells] == expected


def test_a_safe_string_is_escaped():
    SpecimenFactory(char="Tea")
    column = Column(lambda specimen: mark_safe(SCRIPT), label=mark_safe(SCRIPT))
    assert b"<script" not in file_of(column)
    assert file_of(column).count(ESCAPED) == 2


@given(st.lists(st.tuples(hostile_text, hostile_text), min_size=1, max_size=4))
def test_every_text_is_read_back(rows):
    """A reader that is written to the standard of HTML finds the texts, and no error."""
    clean = [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]
    expected = [[text.replace("\0", "\ufffd") for text in row] for row in clean]
    assert Page(encoded(*clean)).rows[1:] == expected


def test_values_that_no_file_can_contain_are_replaced():
    SpecimenFactory()
    column = Column(lambda specimen: "a\0b\ud800c", label="\0")
    assert page_of(column).rows == [["\ufffd"], ["a\ufffdb\ufffdc"]]


def test_nul_in_one_cell_leaves_the_others_alone():
    assert Page(encoded(("\0", "&"), ("a", "\0\0"))).rows[1:] == [
        ["\ufffd", "&"],
        ["a", "\ufffd\ufffd"],
    ]


# Safe columns


def test_a_safe_column_is_not_escaped():
    SpecimenFactory(char="Tom & Ann")
    column = Column(
        lambda specimen: format_html("<b>{}</b>", specimen.char), label="<Name>", safe=True
    )
    data = file_of(column, "char")
    assert b"<tr><td><b>Tom &amp; Ann</b></td><td>Tom &amp; Ann</td></tr>" in data
    assert b'<th scope="col">&lt;Name&gt;</th>' in data


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("char", safe=True), b"<td><i>a</i></td>"),
        (Column("maker__name", safe=True), b"<td><i>b</i></td>"),
        (Column("parts__name", separator="<br>", safe=True), b"<td><i>c</i><br><i>d</i></td>"),
        (Column(batch=lambda objects: ["<br>"] * len(objects), label="B", safe=True), b"<td><br>"),
        (Column("integer", format="<i>{}</i>".format, safe=True), b"<i>-7</i></td>"),
    ],
)
def test_every_kind_of_column_can_be_safe(column, expected):
    specimen = SpecimenFactory(full=True, char="<i>a</i>", maker__name="<i>b</i>")
    PartFactory(specimen=specimen, name="<i>d</i>")
    PartFactory(specimen=specimen, name="<i>c</i>")
    column.ordering = ["parts__name"] if column.source == "parts__name" else ()
    assert expected in file_of(column)


def test_a_subclass_of_column_can_be_safe():
    class SafeColumn(Column):
        safe = True

    SpecimenFactory(char="<i>a</i>")
    assert b"<td><i>a</i></td>" in file_of(SafeColumn("char"))
    assert b"<td>&lt;i&gt;a&lt;/i&gt;</td>" in file_of(SafeColumn("char", safe=False))


def test_a_safe_column_without_value_is_empty():
    SpecimenFactory(text=None)
    assert b"<tr><td></td></tr>" in file_of(Column("text", safe=True))


def test_nul_in_a_safe_column_is_replaced():
    assert b"<td><b>\xef\xbf\xbd</b></td>" in encoded(("<b>\0</b>",), safe=True)


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        (CsvFormat(), b"Char\r\n<i>a</i>\r\n"),
        (JsonLinesFormat(), b'{"char":"<i>a</i>"}\n'),
    ],
)
def test_a_safe_column_is_as_any_other_in_other_formats(format, expected):
    SpecimenFactory(char="<i>a</i>")
    assert file_of(Column("char", safe=True), format=format) == expected


# The response


class MakersView(StreamingReportView):
    model = Maker
    ordering = ["name"]
    columns = ["name"]
    formats = [CsvFormat, HtmlFormat]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"  # Firefox


def get(view=MakersView, query="?format=html", method="get", **kwargs):
    headers = kwargs.pop("headers", None)
    request = getattr(RequestFactory(), method)(f"/{query}", headers=headers)
    return view.as_view(**kwargs)(request)


@pytest.mark.parametrize("method", ["get", "head"])
def test_these_are_all_the_headers(method):
    assert dict(get(method=method).headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Disposition": 'inline; filename="makers.html"',
        "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Accel-Buffering": "no",
        "Cache-Control": "private, no-store",
        "Vary": "Accept",
    }


def test_other_formats_have_none_of_these_headers():
    headers = get(query="?format=csv").headers
    assert not {"Content-Security-Policy", "X-Accel-Buffering"} & set(headers)
    assert headers["Content-Disposition"] == 'attachment; filename="makers.csv"'


def test_headers_of_the_view_win():
    class EmbeddedView(MakersView):
        def get_headers(self):
            return {**super().get_headers(), "Content-Security-Policy": "default-src 'self'"}

    assert get(EmbeddedView).headers["Content-Security-Policy"] == "default-src 'self'"


def test_a_subclass_is_sent_with_the_same_policy():
    class NamedFormat(HtmlFormat):
        name = "named"

    headers = get(query="?format=named", formats=[CsvFormat, NamedFormat]).headers
    assert headers["Content-Security-Policy"] == f"{POLICY}; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "text/csv; charset=utf-8"),
        ("text/csv, text/html;q=0.5", "text/csv; charset=utf-8"),
    ],
)
def test_a_client_that_prefers_html_gets_the_page(accept, expected):
    response = get(query="", headers={"Accept": accept})
    assert response.headers["Content-Type"] == expected
    assert response.headers["Vary"] == "Accept"


class MakersPage(ReportView):
    model = Maker
    columns = ["name"]
    formats = [CsvFormat, HtmlFormat]


def test_the_page_of_a_report_links_to_the_format():
    response = get(MakersPage, query="", headers={"Accept": BROWSER})
    assert 'href="/?format=html"' in response.rendered_content


def test_the_format_of_a_report_with_a_page_is_named():
    MakerFactory(name="Ann")
    assert Page(get(MakersPage).getvalue()).rows == [["Name"], ["Ann"]]


def test_a_client_that_accepts_nothing_is_told_each_type_once():
    response = get(MakersPage, query="", headers={"Accept": "image/png"})
    assert response.text == "This report is available as text/html, text/csv.\n"


def test_a_page_is_not_compressed():
    response = get(compression=True, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert response.getvalue().startswith(b"<!doctype html>")


def test_a_page_cannot_be_a_compressed_file():
    with pytest.raises(ReportError, match="HtmlFormat is a page, which browsers show"):
        gzipped(HtmlFormat)
