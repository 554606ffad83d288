import pytest
from django.db.models import Count, F, Value

from streamreports.columns import Column
from streamreports.exceptions import ColumnError, ReportError
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.previews import FileSize, RowCount, preview_report
from streamreports.reports import Report
from tests.factories import DrawerFactory, MakerFactory, PartFactory, SpecimenFactory, TagFactory
from tests.models import Drawer, Maker, Part, Specimen
from tests.previews.support import LinesFormat, preview, queries_of, texts

pytestmark = pytest.mark.django_db


def save(number, **fields):
    Maker.objects.bulk_create(Maker(name=f"Maker {n:04d}", **fields) for n in range(number))


def file_of(queryset, *columns, format=None):
    """Return the whole file of a report."""
    return b"".join(Report(queryset, columns).stream(format or CsvFormat()))


makers = Maker.objects.order_by("name")


# Rows and their number


def test_a_report_of_fewer_rows_is_whole():
    save(3)
    previewed = preview(makers, "name", "size", rows=4)
    assert texts(previewed) == [("Maker 0000", ""), ("Maker 0001", ""), ("Maker 0002", "")]
    assert previewed.count == RowCount(3)
    assert previewed.rows_timed_out is False


@pytest.mark.parametrize(("rows", "queries"), [(4, 1), (3, 2), (2, 2)])
def test_rows_are_one_query_and_their_number_another(rows, queries):
    save(3)
    assert len(queries_of(lambda: preview(makers, "name", rows=rows))) == queries


@pytest.mark.parametrize("number", [2, 3])
def test_other_rows_are_counted(number):
    save(number)
    previewed = preview(makers, "name", rows=2)
    assert len(previewed.rows) == 2
    assert previewed.count == RowCount(number)


def test_an_empty_report():
    previewed = preview(makers, "name", "size")
    assert (previewed.rows, previewed.count) == ([], RowCount(0))
    assert [column.label for column in previewed.columns] == ["Name", "Size"]
    assert previewed.size == FileSize(len(b"Name,Size\r\n"))


def test_the_size_of_a_compressed_file_is_that_of_the_file_within_a_few_bytes():
    """The blocks of the file are others."""
    save(50)
    format = gzipped(CsvFormat)()
    size = len(file_of(makers, "name", format=format))
    assert preview(makers, "name", format=format, rows=60).size.bytes == pytest.approx(size, abs=10)


def test_a_queryset_of_nothing():
    previewed = preview(Maker.objects.none(), "name")
    assert (previewed.rows, previewed.count) == ([], RowCount(0))


def test_no_rows_are_previewed():
    save(2)
    previewed = preview(makers, "name", rows=0)
    assert (previewed.rows, previewed.count, previewed.size) == ([], RowCount(2), None)


# Kinds of reports


def test_rows_are_those_of_the_file():
    drawer = DrawerFactory(tags=[TagFactory(name="b"), TagFactory(name="=a")])
    columns = [
        "code",
        "tags__name",
        "loud",
        Column(lambda drawer: drawer.code * 2, label="Twice"),
        Column(batch=lambda drawers: [d.code for d in drawers], label="Batch"),
        Column(Count("tags"), label="Tags"),
    ]
    assert texts(preview(Drawer.objects.all(), *columns)) == [
        tuple(row) for row in Report(Drawer.objects.all(), columns).rows()
    ]
    assert drawer.tags.count() == 2


def test_to_many_columns_run_no_more_queries_than_in_the_report():
    PartFactory.create_batch(3)
    columns = ["parts__name", Column(str, label="Text")]
    report = Report(Specimen.objects.all(), columns)
    queries = queries_of(lambda: preview(Specimen.objects.all(), *columns))
    assert len(queries) == len(queries_of(lambda: list(report.rows())))


def test_a_union():
    save(3)
    PartFactory(name="part", specimen=SpecimenFactory(maker=None))
    names = Maker.objects.values("name").union(Part.objects.order_by().values("name"))
    previewed = preview(names.order_by("-name"), "name", rows=2)
    assert texts(previewed) == [("part",), ("Maker 0002",)]
    assert previewed.count == RowCount(4)


def test_a_sliced_queryset():
    save(9)
    previewed = preview(makers[2:6], "name", rows=3)
    assert texts(previewed) == [("Maker 0002",), ("Maker 0003",), ("Maker 0004",)]
    assert previewed.count == RowCount(4)
    assert preview(makers[2:6], "name", rows=9).count == RowCount(4)


def test_grouped_rows():
    save(3, size=1)
    groups = Maker.objects.values("size").annotate(number=Count("pk"))
    previewed = preview(groups, "size", "number", rows=1)
    assert (texts(previewed), previewed.count) == ([("1", "3")], RowCount(1))


def test_distinct_rows():
    save(3, size=1)
    assert len(preview(Maker.objects.distinct(), "size").rows) == 3
    values = Maker.objects.values("size").distinct()
    assert preview(values, "size", rows=1).count == RowCount(1)


# Size


@pytest.mark.parametrize("rows", [3, 4])
@pytest.mark.parametrize("format_class", [CsvFormat, ExcelCsvFormat, LinesFormat])
def test_the_size_of_a_report_that_is_shown_whole_is_exact(format_class, rows):
    save(3)
    previewed = preview(makers, "name", "size", format=format_class(), rows=rows)
    file = file_of(makers, "name", "size", format=format_class())
    assert previewed.size == FileSize(len(file))


@pytest.mark.parametrize("format_class", [CsvFormat, LinesFormat])
def test_the_size_of_other_reports_is_estimated(format_class):
    """All rows are equally long here."""
    save(100)
    previewed = preview(makers, "name", "size", format=format_class(), rows=10)
    file = file_of(makers, "name", "size", format=format_class())
    assert previewed.size.is_exact is False
    assert abs(previewed.size.bytes - len(file)) <= 20


# What is invalid


def test_an_invalid_format_is_an_error():
    with pytest.raises(ReportError, match="is not a format"):
        preview_report(Report(makers, ["name"]), CsvFormat)


def test_a_format_that_needs_names_is_an_error_without_them():
    class NamedFormat(LinesFormat):
        needs_names = True

    with pytest.raises(ColumnError, match="has no name"):
        preview(makers, Column(Value(1), label="One"), format=NamedFormat())


def test_an_error_of_a_function_is_raised():
    MakerFactory()

    def fail(maker):
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        preview(makers, Column(fail, label="Fails"))


def test_the_report_is_not_changed():
    save(3)
    report = Report(makers, ["name", Column(F("size"), label="Size")])
    preview_report(report, CsvFormat(), rows=1)
    assert len(list(report.rows())) == 3
