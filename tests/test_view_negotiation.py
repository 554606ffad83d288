"""The format of a file is chosen by ?format=, or else by the Accept header."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from streamreports.formats.csv import CsvFormat, ExcelCsvFormat, TsvFormat
from streamreports.formats.json import JsonFormat, JsonLinesFormat
from streamreports.views import StreamingCsvView, StreamingReportView
from tests.factories import MakerFactory
from tests.models import Maker

pytestmark = pytest.mark.django_db

CSV, TSV = "text/csv; charset=utf-8", "text/tab-separated-values; charset=utf-8"
JSON, LINES = "application/json", "application/x-ndjson"


class MakersView(StreamingReportView):
    model = Maker
    columns = ["name", "size"]
    formats = [CsvFormat, ExcelCsvFormat, JsonFormat, JsonLinesFormat, TsvFormat]


class JsonFirstView(MakersView):
    formats = [JsonFormat, CsvFormat]


def get(view=MakersView, query="", method="get", **headers):
    request = getattr(RequestFactory(), method)(f"/{query}", headers=headers)
    return view.as_view()(request)


def content_type(**kwargs):
    return get(**kwargs).headers["Content-Type"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", CSV),
        ("", CSV),
        (" ", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/x-ndjson", LINES),
        ("text/tab-separated-values", TSV),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", CSV),
        ("application/json, text/plain, */*", JSON),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv;q=0.5, */*;q=0.1", CSV),
        ("application/json;q=0.2, text/csv;q=0.7, image/png", CSV),
        ("image/png, application/x-ndjson;q=0.1", LINES),
    ],
)
def test_client_gets_the_format_that_it_prefers(accept, expected):
    assert content_type(accept=accept) == expected


def test_client_without_preference_gets_the_default_format():
    assert content_type() == CSV
    assert content_type(view=JsonFirstView) == JSON
    assert content_type(view=JsonFirstView, accept="*/*") == JSON


def test_file_has_the_rows_in_the_chosen_format():
    MakerFactory(name="=Ann")
    assert get(accept=JSON).getvalue() == b'[{"name":"=Ann","size":1}]\n'
    assert get(accept="text/csv").getvalue() == b"Name,Size\r\n'=Ann,1\r\n"


def test_file_of_no_rows_may_be_empty():
    response = get(accept=LINES)
    assert (response.getvalue(), response.headers["Content-Length"]) == (b"", "0")


def test_parameter_wins_over_the_header():
    assert content_type(query="?format=jsonl", accept=JSON) == LINES
    assert content_type(query="?format=csv", accept="image/png") == CSV


def test_first_of_several_formats_with_the_same_type_is_chosen():
    assert get(accept="text/csv").headers["Content-Disposition"].endswith('.csv"')
    assert not get(accept="text/csv").getvalue().startswith(b"\xef\xbb\xbf")


def test_header_chooses_where_there_is_no_parameter():
    view = type("View", (MakersView,), {"format_param": None})
    assert content_type(view=view, accept=JSON) == JSON


@pytest.mark.parametrize(
    ("filename", "expected"),
    [(None, "makers.jsonl"), ("all.csv", "all.jsonl"), ("all.txt", "all.txt"), ("csv", "csv")],
)
def test_file_name_has_the_extension_of_the_format(filename, expected):
    view = type("View", (MakersView,), {"filename": filename})
    response = get(view=view, query="?format=jsonl")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{expected}"'


# Not acceptable


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("accept", ["image/png", "text/html", "text/csv;q=0", "nonsense"])
def test_client_that_accepts_no_format_is_told_what_there_is(
    method, accept, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = get(view=JsonFirstView, method=method, accept=accept)
    assert response.status_code == 406
    assert b"This report is available as application/json, text/csv." in response.content


def test_client_that_accepts_problem_details_gets_them():
    response = get(accept="application/problem+json")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert b'"status": 406' in response.content


def test_unknown_format_is_invalid_whatever_the_client_accepts():
    assert get(query="?format=pdf", accept="image/png").status_code == 400


def test_response_can_be_overridden():
    class View(MakersView):
        def handle_not_acceptable(self, error):
            self.format = CsvFormat()
            self.report = self.get_report()
            return self.get_response()

    assert content_type(view=View, accept="image/png") == CSV


# One format


def test_view_with_one_format_sends_it_whatever_the_client_accepts():
    view = type("View", (StreamingCsvView,), {"model": Maker, "columns": ["name"]})
    response = get(view=view, accept="application/json")
    assert (response.status_code, response.headers["Content-Type"]) == (200, CSV)
    assert "Vary" not in response.headers


# Vary


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [("", "*/*", 200), ("?format=csv", "*/*", 200), ("", "image/png", 406), ("?x=1", "*/*", 400)],
)
def test_responses_vary_with_the_header(query, accept, status):
    response = get(query=query, accept=accept)
    assert (response.status_code, response.headers["Vary"]) == (status, "Accept")


def test_header_is_added_to_those_of_the_view():
    class View(MakersView):
        def get_headers(self):
            return {"Vary": "Cookie"}

    assert get(view=View).headers["Vary"] == "Cookie, Accept"


@given(st.text(st.characters(codec="latin-1"), max_size=30) | st.text("a/*;,q=.01 ", max_size=30))
def test_no_header_is_an_error(accept):
    assert get(method="head", accept=accept).status_code in (200, 406)
