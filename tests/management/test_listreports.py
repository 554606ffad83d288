"""What is known of each report without a request."""

from io import StringIO

import pytest
from django.contrib.auth.decorators import login_required
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import include, path

from streamreports.columns import Column
from streamreports.views import StreamingCsvView
from tests.models import Maker
from tests.views import PlainCsvView

UNKNOWN = "unknown without a request"


def listed(settings, *patterns):
    """Return what is printed, and what is said besides."""
    settings.ROOT_URLCONF = patterns
    stdout, stderr = StringIO(), StringIO()
    call_command("listreports", stdout=stdout, stderr=stderr, no_color=True)
    return stdout.getvalue(), stderr.getvalue()


def described(settings, **attributes):
    """Return what is printed of a view with some attributes, by its title."""
    view_class = type("TheView", (StreamingCsvView,), attributes)
    printed, _ = listed(settings, path("report/", view_class.as_view()))
    _, *lines = printed.splitlines()
    return {line[2:9].strip(): line[11:] for line in lines}


def test_a_report_is_listed(settings, db):
    view = login_required(PlainCsvView.as_view())
    patterns = ([path("<int:year>.csv", view, name="year")], "own")
    assert listed(settings, path("reports/", include(patterns))) == (
        "/reports/<int:year>.csv\n"
        "  name     own:year\n"
        "  view     tests.views.PlainCsvView\n"
        "  model    tests.Maker\n"
        "  columns  name\n"
        "  reader   text rows\n",
        "",
    )


def test_reports_are_listed_in_the_order_of_the_urlconf(settings, db):
    printed, _ = listed(
        settings, path("b/", PlainCsvView.as_view()), path("a/", PlainCsvView.as_view())
    )
    assert [line for line in printed.splitlines() if line.startswith("/")] == ["/b/", "/a/"]


def test_a_urlconf_without_reports_is_said(settings):
    view = path("a/", lambda request: HttpResponse())
    assert listed(settings, view) == ("", "The URLconf has no reports.\n")


def test_columns_are_listed_by_name_or_label_or_source(settings, db):
    columns = [
        "name",
        Column(str, label="Text"),
        Column(lambda maker: maker.pk, label="Key"),
        Column("size", permission="tests.view_maker"),
    ]
    assert described(settings, model=Maker, columns=columns)["columns"] == "name, str, Key, size"


def test_a_url_without_a_name_is_listed(settings, db):
    assert described(settings, model=Maker, columns=["name"])["name"] == "none"


def test_a_queryset_that_needs_a_request_leaves_the_model(settings):
    def get_queryset(self):
        return Maker.objects.filter(pk=self.request.user.pk)

    facts = described(settings, model=Maker, get_queryset=get_queryset, columns=["name"])
    assert (facts["model"], facts["columns"], facts["reader"]) == ("tests.Maker", "name", UNKNOWN)


def test_a_queryset_without_a_model_leaves_the_columns(settings):
    def get_queryset(self):
        return self.request.user.makers

    facts = described(settings, get_queryset=get_queryset, columns=["name"])
    assert (facts["model"], facts["columns"], facts["reader"]) == (UNKNOWN, "name", UNKNOWN)


def test_columns_that_need_a_request_leave_the_rest(settings):
    def get_columns(self):
        return self.request.GET.getlist("columns")

    facts = described(settings, model=Maker, get_columns=get_columns)
    assert (facts["model"], facts["columns"], facts["reader"]) == ("tests.Maker", UNKNOWN, UNKNOWN)


def test_a_method_that_needs_no_request_is_called(settings, db):
    def get_queryset(self):
        return Maker.objects.distinct()

    facts = described(settings, get_queryset=get_queryset, columns=["__str__"])
    assert (facts["model"], facts["reader"]) == ("tests.Maker", "model instances")


@pytest.mark.parametrize("columns", [["nmae"], "name", None])
def test_a_report_that_is_described_wrongly_is_listed(settings, db, columns):
    assert described(settings, model=Maker, columns=columns)["reader"] == UNKNOWN
