import pytest
from django.core.checks import Error, Warning
from django.db.models import Count, F
from django.urls import path
from django.views.generic import TemplateView

from streamreports.checks import check_report_views, check_server
from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.parquet import ParquetFormat
from streamreports.formats.parquet import format as parquet_format
from streamreports.views import StreamingReportView
from tests.checking import BareView, check, check_view
from tests.models import Maker, Specimen

MISSING_QUERYSET = Error(
    "BareView is missing a QuerySet.",
    hint="Define BareView.model, BareView.queryset, or override BareView.get_queryset().",
    id="streamreports.E001",
)


# Nothing is wrong


def test_nothing_is_said_of_a_view_that_works(settings):
    assert check_view(settings) == []


def test_nothing_is_said_of_the_demo(settings):
    settings.ROOT_URLCONF = "demo_project.urls"
    assert check_report_views() == []


def test_nothing_is_said_where_there_is_no_urlconf(settings):
    settings.ROOT_URLCONF = None
    assert check_report_views() == []


def test_nothing_is_said_where_there_are_no_reports(settings):
    assert check(settings, path("", TemplateView.as_view(template_name="a.html"))) == []


@pytest.mark.parametrize(
    "column",
    [
        "pk",
        "maker",
        "maker_id",
        "maker__name",
        "maker__shout",
        "get_kind_display",
        "parts__name",
        "certificate__number",
        "datetime__year",
        "__str__",
        F("integer"),
        Column(F("integer") * 2, label="Twice"),
        Column(Count("parts"), label="Parts"),
        Column(lambda specimen: "x", label="x"),
    ],
)
def test_every_kind_of_column_is_found(settings, column):
    if not isinstance(column, str):
        column = column if isinstance(column, Column) else Column(column)
    assert check_view(settings, model=Specimen, columns=[column]) == []


def test_an_annotation_is_found(settings):
    queryset = Maker.objects.annotate(total=Count("specimens"))
    assert check_view(settings, queryset=queryset, columns=["total"], ordering=["-total"]) == []


def test_no_query_runs(settings):
    """The database is closed to tests that do not ask for it."""
    columns = ["char", "maker__name", "parts__name", Column(lambda specimen: 1, label="x")]
    assert check_view(settings, model=Specimen, columns=columns) == []


# E001: the model or queryset


def test_a_missing_model_is_said_in_the_words_of_django(settings):
    assert check(settings, path("", BareView.as_view())) == [MISSING_QUERYSET]


@pytest.mark.parametrize("model", ["tests.Maker", 5])
def test_a_model_that_is_none_is_said(settings, model):
    assert check_view(settings, model=model) == [
        Error(
            f"CargoView.model is {model!r}, which is not a model.",
            hint="Define CargoView.model as a model class.",
            id="streamreports.E001",
        )
    ]


NOT_A_QUERYSET = (
    "Define CargoView.queryset as a QuerySet, or return one from CargoView.get_queryset()."
)


@pytest.mark.parametrize(
    ("queryset", "kind"), [([1], "list"), (Maker.objects, "Manager"), ((), "tuple")]
)
def test_a_queryset_that_is_none_is_said(settings, queryset, kind):
    assert check_view(settings, queryset=queryset) == [
        Error(
            f"The queryset of CargoView is a {kind}.",
            hint=NOT_A_QUERYSET,
            id="streamreports.E001",
        )
    ]


def test_a_queryset_that_is_none_with_an_ordering_is_said(settings):
    assert check_view(settings, queryset=[1], ordering="name") == [
        Error("The queryset of CargoView is a list.", hint=NOT_A_QUERYSET, id="streamreports.E001")
    ]


# E002: columns


@pytest.mark.parametrize("columns", [None, [], ()])
def test_missing_columns_are_said(settings, columns):
    assert check_view(settings, columns=columns) == [
        Error(
            "CargoView is missing columns.",
            hint="Define CargoView.columns, or override CargoView.get_columns().",
            id="streamreports.E002",
        )
    ]


def test_everything_that_is_missing_is_said(settings):
    assert check_view(settings, base=StreamingReportView) == [
        Error(
            "CargoView.formats is ().",
            hint="Define CargoView.formats as a list of formats, such as "
            "[streamreports.formats.csv.CsvFormat], or override CargoView.get_formats().",
            id="streamreports.E004",
        ),
        Error(
            "CargoView is missing a QuerySet.",
            hint="Define CargoView.model, CargoView.queryset, "
            "or override CargoView.get_queryset().",
            id="streamreports.E001",
        ),
        Error(
            "CargoView is missing columns.",
            hint="Define CargoView.columns, or override CargoView.get_columns().",
            id="streamreports.E002",
        ),
    ]


# E004: the format


@pytest.mark.parametrize("formats", [None, "csv", [], CsvFormat])
def test_formats_that_are_not_a_list_are_an_error(settings, formats):
    assert check_view(settings, formats=formats) == [
        Error(
            f"CargoView.formats is {formats!r}.",
            hint="Define CargoView.formats as a list of formats, such as "
            "[streamreports.formats.csv.CsvFormat], or override CargoView.get_formats().",
            id="streamreports.E004",
        )
    ]


@pytest.mark.parametrize("format_class", ["csv", dict, Format, CsvFormat()])
def test_an_invalid_format_is_an_error(settings, format_class):
    assert check_view(settings, formats=[CsvFormat, format_class]) == [
        Error(
            f"CargoView.formats: {format_class!r} is not a format.",
            hint="Use a subclass of streamreports.formats.base.Format that implements encode(), "
            "such as streamreports.formats.csv.CsvFormat.",
            id="streamreports.E004",
        )
    ]


class HalfFormat(Format):
    """A format that does not say how it encodes."""

    content_type = "text/plain"
    extension = "txt"


def test_a_format_without_encode_is_an_error(settings):
    (error,) = check_view(settings, formats=[HalfFormat])
    assert error.id == "streamreports.E004"
    assert error.msg.startswith(f"CargoView.formats: {HalfFormat!r} is not a format.")


class WideFormat(CsvFormat):
    delimiter = "||"


def test_a_format_that_cannot_write_every_report_is_said(settings):
    assert check_view(settings, formats=[WideFormat]) == [
        Error(
            "WideFormat.delimiter is '||'.",
            hint="Use one character, except a quote, a line ending or NUL.",
            id="streamreports.E004",
        )
    ]


def test_a_format_whose_package_is_missing_is_said(settings, monkeypatch):
    monkeypatch.setattr(parquet_format, "find_spec", lambda name: None)
    (error,) = check_view(settings, formats=[ParquetFormat])
    assert (error.id, error.msg) == (
        "streamreports.E004",
        "Parquet files are written with pyarrow, which is not installed.",
    )


def test_a_format_that_depends_on_the_language_is_no_error(settings):
    assert check_view(settings, formats=[ExcelCsvFormat]) == []


# E005: the ordering


@pytest.mark.parametrize("ordering", ["nmae", ["nmae"], ("-nmae",), ["name", "-nmae"]])
def test_a_misspelt_ordering_is_said(settings, ordering):
    assert check_view(settings, ordering=ordering) == [
        Error(
            "CargoView.ordering: Cannot resolve keyword 'nmae' into field.",
            hint="Choices are: id, name, size, specimens",
            id="streamreports.E005",
        )
    ]


@pytest.mark.parametrize("ordering", [[5], [None], [Count("specimens")]])
def test_an_ordering_that_cannot_be_is_said(settings, ordering):
    (error,) = check_view(settings, ordering=ordering)
    assert error.id == "streamreports.E005"
    assert error.msg.startswith("CargoView.ordering: ")
    assert error.hint


def test_an_ordering_of_a_part_of_the_rows_is_said(settings):
    (error,) = check_view(settings, queryset=Maker.objects.all()[:10], ordering=["name"])
    assert error.id == "streamreports.E005"
    assert error.hint


@pytest.mark.parametrize("ordering", ["?", "-name", ["maker__name", "pk"], [F("name").desc()]])
def test_an_ordering_that_works_is_no_error(settings, ordering):
    queryset = Specimen.objects.annotate(name=F("char"))
    assert check_view(settings, queryset=queryset, columns=["char"], ordering=ordering) == []


# Limits


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("max_rows", 0, "Use an integer of at least 1, or None."),
        ("max_rows", "10", "Use an integer of at least 1, or None."),
        ("max_rows", True, "Use an integer of at least 1, or None."),
        ("max_concurrent_streams", -1, "Use an integer of at least 1, or None."),
        ("buffered_up_to", -1, "Use an integer of at least 0."),
        ("buffered_up_to", None, "Use an integer of at least 0."),
        ("chunk_size", 0, "Use an integer of at least 1."),
        ("slot_timeout", "5", "Use a number of at least 0."),
        ("slot_timeout", -0.5, "Use a number of at least 0."),
        ("retry_after", None, "Use an integer of at least 0."),
    ],
)
def test_an_invalid_number_is_an_error(settings, name, value, hint):
    error = Error(f"CargoView.{name} is {value!r}.", hint=hint, id="streamreports.E006")
    assert check_view(settings, **{name: value}) == [error]


def test_limits_that_are_some_are_right(settings):
    numbers = {"max_rows": 1, "max_concurrent_streams": 1, "buffered_up_to": 0}
    assert check_view(settings, **numbers, slot_timeout=0.5, retry_after=0) == []


# Compression


def test_a_compression_without_effect_is_an_error(settings):
    error = Error(
        "CargoView.compression has no effect on GzipCsvFormat.",
        hint="Remove it. HTML is not compressed, since secrets in it could be guessed (BREACH), nor"
        " are files that are already compressed.",
        id="streamreports.E006",
    )
    assert check_view(settings, formats=[gzipped(CsvFormat)], compression=True) == [error]


def test_an_invalid_compression_is_an_error(settings):
    error = Error(
        "CargoView.compression is 'gzip'.", hint="Use True or False.", id="streamreports.E006"
    )
    assert check_view(settings, compression="gzip") == [error]


@pytest.mark.parametrize("compression", [True, False, property(lambda view: view.request)])
def test_a_compression_that_works_or_needs_a_request_is_no_error(settings, compression):
    assert check_view(settings, compression=compression) == []


# The server


def test_daphne_is_warned_of(monkeypatch):
    monkeypatch.setattr(
        "streamreports.checks.server.apps.is_installed", lambda name: name == "daphne"
    )
    (warning,) = check_server()
    assert (type(warning), warning.id) == (Warning, "streamreports.W001")


def test_other_servers_are_not_known():
    assert check_server() == []
