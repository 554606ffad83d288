"""The attributes and methods of a view that a project overrides."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from streamreports.responses import ReportResponse
from streamreports.views import StreamingCsvView
from tests.models import Maker
from tests.views import MakerCsvView, body, make


def get(rf, view_class, **params):
    return view_class.as_view()(rf.get("/report/", params))


# Formats


class TwoFormatsView(MakerCsvView):
    formats = [CsvFormat, ExcelCsvFormat]


def test_formats_may_be_a_tuple(db, rf):
    class View(MakerCsvView):
        formats = (ExcelCsvFormat,)

    assert b"".join(get(rf, View)).startswith(b"\xef\xbb\xbf")


def test_get_formats_may_depend_on_the_request(db, rf):
    class View(TwoFormatsView):
        parameters = ["excel"]

        def get_formats(self):
            formats = super().get_formats()
            return formats[::-1] if "excel" in self.request.GET else formats

    assert b"".join(get(rf, View)) == body(0)
    assert b"".join(get(rf, View, excel="")).startswith(b"\xef\xbb\xbf")


def test_the_format_of_a_report_is_new_for_each_request(db, rf):
    formats = []

    class View(MakerCsvView):
        def get_format(self):
            formats.append(super().get_format())
            return formats[-1]

    for _ in range(2):
        b"".join(get(rf, View))
    assert formats[0] is not formats[1]


# Classes


def test_the_report_is_of_the_report_class(db, rf, finished):
    class ShoutingReport(Report):
        pass

    class View(MakerCsvView):
        report_class = ShoutingReport

    b"".join(get(rf, View))
    assert [type(sent["report"]) for sent in finished] == [ShoutingReport]


def test_the_response_is_of_the_response_class(db, rf):
    class UnbufferedResponse(ReportResponse):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.headers["X-Accel-Buffering"] = "no"

    class View(MakerCsvView):
        response_class = UnbufferedResponse

    response = get(rf, View)
    assert (type(response), response.headers["X-Accel-Buffering"]) == (UnbufferedResponse, "no")
    assert b"".join(response) == body(0)


# Numbers


def test_get_chunk_size_may_depend_on_the_request(db, rf, django_assert_num_queries):
    class View(MakerCsvView):
        columns = ["name", Column("specimens__char", format=">1")]  # Python formats: prefetches.
        parameters = ["chunk_size"]

        def get_chunk_size(self):
            return int(self.request.GET["chunk_size"])

    make(250)
    with django_assert_num_queries(1 + 5):
        b"".join(get(rf, View, chunk_size=50))


def test_get_max_rows_may_depend_on_the_request(db, rf):
    class View(MakerCsvView):
        parameters = ["all"]

        def get_max_rows(self):
            return None if "all" in self.request.GET else 2

    make(3)
    response = get(rf, View)
    assert (response.status_code, b"limited to 2 rows" in response.content) == (413, True)
    assert b"".join(get(rf, View, all="")) == body(3)


def test_get_max_concurrent_streams_may_depend_on_the_request(own_connection, rf):
    class View(MakerCsvView):
        parameters = ["streams"]

        def get_max_concurrent_streams(self):
            return int(self.request.GET["streams"])

    make(1000)
    first = get(rf, View, streams=1)
    assert get(rf, View, streams=1).status_code == 503
    second = get(rf, View, streams=2)
    assert second.status_code == 200
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("max_rows", "10", "Use an integer of at least 1, or None."),
        ("max_concurrent_streams", 0, "Use an integer of at least 1, or None."),
        ("chunk_size", 0, "Use an integer of at least 1."),
        ("chunk_size", "100", "Use an integer of at least 1."),
        ("buffered_up_to", None, "Use an integer of at least 0."),
        ("slot_timeout", "5", "Use a number of at least 0."),
        ("retry_after", 1.5, "Use an integer of at least 0."),
    ],
)
def test_an_invalid_number_is_an_error_before_any_query(rf, name, value, hint):
    """The test may not use the database."""
    view_class = type("LimitedView", (MakerCsvView,), {name: value})
    with pytest.raises(ReportError) as raised:
        get(rf, view_class)
    assert str(raised.value) == f"LimitedView.{name} is {value!r}. {hint}"


@pytest.mark.parametrize("hook", ["get_max_rows", "get_max_concurrent_streams", "get_chunk_size"])
def test_an_invalid_number_of_a_hook_is_an_error(rf, hook):
    view_class = type("LimitedView", (MakerCsvView,), {hook: lambda self: "10"})
    with pytest.raises(ReportError, match=rf"^LimitedView\.{hook.removeprefix('get_')} is '10'\."):
        get(rf, view_class)


# Rejections


def test_handle_too_many_rows_may_redirect(db, rf):
    class View(MakerCsvView):
        max_rows = 2

        def handle_too_many_rows(self):
            return HttpResponseRedirect("/filter/")

    make(3)
    response = get(rf, View)
    assert (response.status_code, response.url) == (302, "/filter/")


def test_handle_too_many_rows_may_raise(db, rf):
    class View(MakerCsvView):
        max_rows = 2

        def handle_too_many_rows(self):
            raise PermissionDenied

    make(3)
    with pytest.raises(PermissionDenied):
        get(rf, View)


def test_handle_too_many_streams_may_redirect(own_connection, rf):
    class View(MakerCsvView):
        max_concurrent_streams = 1

        def handle_too_many_streams(self):
            return HttpResponseRedirect("/queue/")

    make(1000)
    first = get(rf, View)
    response = get(rf, View)
    assert (response.status_code, response.url) == (302, "/queue/")
    first.close()


def test_a_rejection_is_not_cached(db, rf):
    make(3)
    response = MakerCsvView.as_view(max_rows=2)(rf.get("/report/"))
    assert response.headers["Cache-Control"] == "no-store"


# The hooks of ListView


def test_an_ordering_of_an_unordered_queryset(db, rf):
    class View(StreamingCsvView):
        queryset = Maker.objects.all()
        ordering = "-name"
        columns = ["name"]

    Maker.objects.bulk_create([Maker(name="Ann"), Maker(name="Bob")])
    assert b"".join(get(rf, View)) == b"Name\r\nBob\r\nAnn\r\n"


@pytest.mark.parametrize(
    "option", ["paginate_by", "allow_empty", "context_object_name", "page_kwarg", "template_name"]
)
def test_an_option_of_list_view_that_a_report_does_not_have_is_rejected(option):
    with pytest.raises(TypeError, match=f"received an invalid keyword '{option}'"):
        MakerCsvView.as_view(**{option: 10})
