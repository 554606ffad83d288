"""CSV for spreadsheets: datetimes without offset, and the locale."""

import datetime

import pytest
from django.db.models import Max
from django.utils import timezone, translation

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from streamreports.values import CellFormatter, TextOptions
from tests.factories import SpecimenFactory
from tests.models import Specimen

specimens = Specimen.objects.order_by("pk")

NAIVE = TextOptions(naive_datetimes=True)
NOON = datetime.datetime(2026, 7, 20, 12, 30, 1, tzinfo=datetime.UTC)
BERLIN = "Europe/Berlin"


class PlainExcelFormat(ExcelCsvFormat):
    bom = False
    locale = "en"


class GermanFormat(ExcelCsvFormat):
    locale = "de"


def file_of(*columns, format=PlainExcelFormat, queryset=specimens):
    return b"".join(Report(queryset, columns).stream(format())).decode()


# Datetimes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("zone", "value", "text"),
    [
        ("UTC", NOON, "2026-07-20 12:30:01"),
        (BERLIN, NOON, "2026-07-20 14:30:01"),
        (BERLIN, NOON.replace(month=1), "2026-01-20 13:30:01"),
        (BERLIN, NOON.replace(microsecond=999_999), "2026-07-20 14:30:01"),
        ("America/Sao_Paulo", NOON.replace(hour=1), "2026-07-19 22:30:01"),
        (datetime.timezone(datetime.timedelta(hours=5, minutes=30)), NOON, "2026-07-20 18:00:01"),
    ],
)
def test_datetime_is_local_time_without_offset_and_microseconds(zone, value, text):
    SpecimenFactory(datetime=value, char="x")
    with timezone.override(zone):
        _, row, _ = file_of("datetime", "char").split("\r\n")
    assert row == f"{text},x"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "label"),
    [
        (BERLIN, "Datetime (Europe/Berlin)"),
        ("UTC", "Datetime (UTC)"),
        (datetime.timezone(datetime.timedelta(hours=-3)), "Datetime (UTC-03:00)"),
    ],
)
def test_header_of_a_datetime_names_the_time_zone(zone, label):
    with timezone.override(zone):
        assert file_of("datetime") == f"{label}\r\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "label"),
    [
        (Column("datetime", label="Picked up"), "Picked up (Europe/Berlin)"),
        (Column(Max("datetime"), label="Last"), "Last (Europe/Berlin)"),
        (Column("maker__specimens__datetime", label="All"), "All (Europe/Berlin)"),
        (Column("datetime", label="=1"), "'=1 (Europe/Berlin)"),
        (Column("datetime", label="Day", format="%d.%m.%Y"), "Day"),
        (Column("date", label="Date"), "Date"),
        (Column("time", label="Time"), "Time"),
        (Column("char", label="Text"), "Text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_header_names_the_time_zone_for_datetimes_only(column, label):
    with timezone.override(BERLIN):
        assert file_of(column) == f"{label}\r\n"


@pytest.mark.django_db
def test_header_of_other_formats_names_no_time_zone():
    with timezone.override(BERLIN):
        report = Report(specimens, ["datetime"])
        assert b"".join(report.stream(CsvFormat())) == b"Datetime\r\n"
        assert report.header == ["Datetime"]


@pytest.mark.django_db
def test_header_of_naive_datetimes_names_no_time_zone(settings):
    settings.USE_TZ = False
    assert file_of("datetime") == "Datetime\r\n"


def test_datetime_that_python_computes_has_no_offset():
    with timezone.override(BERLIN):
        assert CellFormatter().text(NOON, NAIVE) == "2026-07-20 14:30:01"
        assert CellFormatter(format=lambda value: NOON).text(1, NAIVE) == "2026-07-20 14:30:01"


def test_naive_datetime_has_no_microseconds():
    naive = datetime.datetime(2026, 7, 20, 12, 30, 1, 5)
    assert CellFormatter().text(naive, NAIVE) == "2026-07-20 12:30:01"


@pytest.mark.parametrize(
    ("zone", "value"),
    [
        ("Asia/Tokyo", datetime.datetime.max.replace(tzinfo=datetime.UTC)),
        ("America/Sao_Paulo", datetime.datetime.min.replace(tzinfo=datetime.UTC)),
    ],
)
def test_datetime_that_the_time_zone_cannot_show_keeps_its_offset(zone, value):
    """Without it, it would pass for local time."""
    with timezone.override(zone):
        assert CellFormatter().text(value, NAIVE) == value.isoformat(" ")


@pytest.mark.django_db
def test_datetime_with_a_format_is_printed_by_it():
    SpecimenFactory(datetime=NOON.replace(microsecond=7))
    column = Column("datetime", label="Day", format="%d.%m.%Y %H:%M:%S.%f%z")
    with timezone.override(BERLIN):
        assert file_of(column) == "Day\r\n20.07.2026 14:30:01.000007+0200\r\n"


@pytest.mark.django_db
def test_other_columns_are_printed_by_the_database_all_the_same():
    explanation = Report(specimens, ["datetime", "integer"]).explain(ExcelCsvFormat())
    assert explanation.columns == [
        (
            "Datetime",
            "printed in Python: the format prints datetimes without a UTC offset",
        ),
        ("Integer", "printed by the database"),
    ]


# Locale


@pytest.mark.django_db
def test_locale_is_a_class_attribute():
    """A new project has no LocaleMiddleware, and English for its language."""
    SpecimenFactory(floating=1.5, char="a;b")
    with translation.override("en"):
        data = file_of("floating", "char", format=GermanFormat)
    assert data == '\ufeffFloating;Char\r\n1,5;"a;b"\r\n'


def test_locale_wins_over_the_active_language():
    with translation.override("de"):
        assert PlainExcelFormat().get_delimiter() == ","
        assert PlainExcelFormat().get_decimal_separator() == "."


def test_locale_leaves_explicit_separators_alone():
    class Format(CsvFormat):
        locale = "de"

    assert Format().get_delimiter() == ","
    assert Format().get_decimal_separator() == "."


@pytest.mark.parametrize("locale", ["de", "pt-br", "en-gb", "fr", "de-at"])
def test_locale_of_django_is_valid(locale):
    assert type("Variant", (ExcelCsvFormat,), {"locale": locale})().validate() is None


@pytest.mark.parametrize("locale", ["xx", "Deutsch", "", 1])
def test_locale_that_django_does_not_have_is_an_error(locale):
    class Variant(ExcelCsvFormat):
        pass

    Variant.locale = locale
    with pytest.raises(ReportError) as caught:
        Variant().validate()
    assert (caught.value.problem, caught.value.hint) == (
        f"Variant.locale is {locale!r}.",
        "Use a language code that Django has formats for, such as 'de'.",
    )
