"""The first rows, the number of rows, and the files of a report's page."""

import pytest
from django.db.models import F

from streamreports.columns import Column
from streamreports.streaming.slots import acquire_slot
from tests.models import Maker
from tests.pages.html import parse, table
from tests.pages.views import PlainReport

pytestmark = [pytest.mark.urls("tests.pages.urls"), pytest.mark.django_db]


@pytest.fixture
def makers():
    Maker.objects.bulk_create(
        [Maker(name="Anna", size=1), Maker(name="=1+1", size=2), Maker(name="Berta")]
    )


@pytest.mark.usefixtures("makers")
def test_the_page_has_the_rows_of_the_report(client):
    page = parse(client.get("/makers/?columns=name,size&name=a&ordering=-name"))
    assert table(page) == [["Full name", "Size"], ["Berta", "– empty"], ["Anna", "1"]]


@pytest.mark.usefixtures("makers")
def test_the_header_cells_head_their_columns(client):
    headers = parse(client.get("/plain/")).all("th")
    assert [header["scope"] for header in headers] == ["col", "col"]


@pytest.mark.usefixtures("makers")
def test_an_escaped_cell_explains_itself(client):
    page = parse(client.get("/plain/"))
    (cell,) = [each for each in page.all("td") if "=1+1" in each.text]
    assert cell.text == "' escaped formula: =1+1"
    assert cell.one(class_="report-mark")["aria-hidden"] == "true"
    assert "apostrophe" in page.one("p", class_="report-help").text


@pytest.mark.usefixtures("makers")
def test_escaping_is_not_explained_without_an_escaped_cell(client):
    assert "apostrophe" not in client.get("/makers/?name=a").text


@pytest.mark.usefixtures("makers")
def test_numbers_are_aligned(client):
    page = parse(client.get("/makers/?columns=name,size"))
    aligned = [[cell["class"] for cell in row if "class" in cell] for row in page.all("tr")]
    assert aligned[0] == ["report-number"]


@pytest.mark.usefixtures("makers")
def test_the_table_can_be_scrolled_with_the_keyboard(client):
    page = parse(client.get("/plain/"))
    region = page.one(role="region")
    assert region["tabindex"] == "0"
    assert page.one("caption").one(id=region["aria-labelledby"]).text == "First 3 rows"


def test_the_page_has_as_many_rows_as_the_view_says(client, monkeypatch):
    monkeypatch.setattr(PlainReport, "preview_rows", 2)
    Maker.objects.bulk_create([Maker(name=str(number)) for number in range(3)])
    page = parse(client.get("/plain/"))
    assert len(page.one("tbody").all("tr")) == 2
    assert page.one("caption").text == "First 2 rows"


@pytest.mark.usefixtures("makers")
def test_the_page_says_how_many_rows_there_are_and_how_large_the_file_is(client):
    summary = parse(client.get("/plain/")).one(class_="report-summary").one("p")
    assert summary.text.replace("\xa0", " ") == "3 rows 36 bytes"


def test_the_page_says_that_no_rows_match(client):
    page = parse(client.get("/makers/?name=x"))
    assert page.one("p", class_="report-notice").text == "No rows match."
    assert [header.text for header in page.all("th")] == ["Full name", "Size", "Loud"]
    assert page.one("caption").text == "Columns"


def test_a_report_without_rows_is_not_said_to_be_filtered(client):
    page = parse(client.get("/makers/?columns=name&ordering=name"))
    assert page.one("p", class_="report-notice").text == "This report has no rows."


def test_a_report_without_rows_has_no_size(client):
    assert parse(client.get("/plain/")).one(class_="report-summary").one("p").text == "no rows"


@pytest.mark.parametrize(("factor", "expected"), [(1, False), (1000, True)])
@pytest.mark.usefixtures("makers")
def test_the_page_says_that_the_file_has_no_separators(client, monkeypatch, factor, expected):
    monkeypatch.setattr(PlainReport, "columns", [Column(F("size") * factor, label="Number")])
    text = "In the file, numbers have no thousands separators."
    assert (text in client.get("/plain/").text) is expected


# Files


def test_the_files_have_the_query_string_of_the_page(client):
    page = parse(client.get("/makers/?name=a%26b&columns=size,name"))
    (link,) = page.one("ul", class_="report-downloads").all("a")
    assert link["href"] == "/makers/?name=a%26b&columns=size,name&format=csv"
    assert link.text == "Download CSV"


def test_each_format_has_a_link(client):
    links = parse(client.get("/formats/")).one("ul", class_="report-downloads").all("a")
    assert [(link.text, link["href"]) for link in links] == [
        ("Download CSV", "/formats/?format=csv"),
        ("Download CSV for Excel", "/formats/?format=excel-csv"),
    ]


# Limits and errors


def test_too_many_previews_are_said(client, monkeypatch):
    monkeypatch.setattr(PlainReport, "preview_time_limit", 0.01)
    slots = [acquire_slot({(PlainReport, "preview"): 4}, 0) for _ in range(4)]
    try:
        page = parse(client.get("/plain/"))
    finally:
        for slot in slots:
            slot.release()
    assert page.one("p", class_="report-notice").text == (
        "There is no preview for now. The report can be downloaded. Try again"
    )
    assert page.one("ul", class_="report-downloads").all("a")


def test_a_preview_makes_room_for_the_next(client, monkeypatch):
    monkeypatch.setattr(PlainReport, "max_concurrent_previews", 1)
    monkeypatch.setattr(PlainReport, "preview_time_limit", 0.01)
    for _ in range(2):
        assert "There is no preview" not in client.get("/plain/").text


def test_a_preview_that_fails_makes_room_for_the_next(client, monkeypatch):
    client.raise_request_exception = False
    assert [client.get("/failing/").status_code for _ in range(5)] == [500] * 5


def test_previews_may_be_unlimited(client, monkeypatch):
    monkeypatch.setattr(PlainReport, "max_concurrent_previews", None)
    assert client.get("/plain/").status_code == 200


@pytest.mark.usefixtures("makers")
def test_rows_that_take_too_long_are_said(client, monkeypatch):
    monkeypatch.setattr(PlainReport, "preview_time_limit", 1e-9)
    monkeypatch.setattr(PlainReport, "max_concurrent_previews", None)
    page = parse(client.get("/plain/"))
    assert page.all("p", class_="report-notice")[0].text == (
        "Reading the first rows takes too long for a preview. The report can be downloaded."
    )
    assert "not counted" in page.one(class_="report-summary").text


@pytest.mark.usefixtures("makers")
@pytest.mark.parametrize(("limit", "expected"), [(2, True), (3, False), (None, False)])
def test_a_report_with_too_many_rows_says_so(client, monkeypatch, limit, expected):
    monkeypatch.setattr(PlainReport, "max_rows", limit)
    text = f"Files are limited to {limit} rows. Use filters to select fewer."
    assert (text in parse(client.get("/plain/")).text) is expected
