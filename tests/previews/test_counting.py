import pytest
from django.db import connection
from django.db.models import Count, F
from django.test.utils import CaptureQueriesContext

from streamreports.columns import Column
from streamreports.previews import RowCount, count_rows
from streamreports.reports import Report
from tests.factories import DrawerFactory, MakerFactory, SpecimenFactory, TagFactory
from tests.models import Drawer, Maker, Part, Specimen

pytestmark = pytest.mark.django_db

MORE_THAN_3 = RowCount(3, is_exact=False, is_lower_bound=True)

has_planner = connection.vendor in ("postgresql", "mysql")


def count(queryset, *columns, limit=3):
    return count_rows(Report(queryset, columns or ["pk"]), limit)


def save(number, **fields):
    Maker.objects.bulk_create(Maker(name=f"Maker {n}", **fields) for n in range(number))


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_rows_up_to_the_limit_are_counted(number):
    save(number)
    assert count(Maker.objects.all()) == RowCount(number)


def test_more_rows_are_not_counted():
    save(4)
    assert not count(Maker.objects.all()).is_exact


@pytest.mark.skipif(has_planner, reason="The database gives an estimate.")
def test_without_an_estimate_the_limit_is_a_lower_bound():
    save(4)
    assert count(Maker.objects.all()) == MORE_THAN_3


def test_counting_is_one_query(django_assert_num_queries):
    save(3)
    report = Report(Maker.objects.all(), ["name"])
    with django_assert_num_queries(1):
        count_rows(report, 3)


def test_the_database_counts_no_further(django_assert_num_queries):
    report = Report(Maker.objects.all(), ["name"])
    with django_assert_num_queries(1) as queries:
        count_rows(report, 3)
    assert "LIMIT 4" in queries[0]["sql"]


@pytest.mark.skipif(not has_planner, reason="The database gives no estimate.")
def test_more_rows_are_estimated(django_assert_num_queries):
    save(2000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Maker._meta.db_table}")
    report = Report(Maker.objects.all(), ["name"])
    with django_assert_num_queries(2):
        counted = count_rows(report, 100)
    assert counted == RowCount(counted.number, is_exact=False)
    assert 1000 <= counted.number <= 4000


@pytest.mark.skipif(not has_planner, reason="The database gives no estimate.")
def test_what_changes_no_number_is_not_estimated():
    """A join halves what MariaDB expects, and sorting in parallel what PostgreSQL does."""
    maker = MakerFactory()
    Specimen.objects.bulk_create(Specimen(maker=maker) for _ in range(100))
    queryset = Specimen.objects.select_related("maker").order_by("maker__name")
    with CaptureQueriesContext(connection) as queries:
        count(queryset, limit=3)
    assert "EXPLAIN" in queries[1]["sql"]
    assert not [words for words in ("JOIN", "ORDER BY") if words in queries[1]["sql"]]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")
def test_an_estimate_below_the_limit_is_not_used():
    save(1000)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Maker._meta.db_table}")
    # The planner expects half a percent of the rows where it knows nothing of a condition.
    queryset = Maker.objects.annotate(length=F("pk") % 7).filter(length__lt=7)
    counted = count(queryset.filter(pk=F("pk") + 0), limit=900)
    assert counted == RowCount(900, is_exact=False, is_lower_bound=True)


# Kinds of querysets


def test_sliced_querysets():
    save(5)
    assert count(Maker.objects.all()[:2]) == RowCount(2)
    assert count(Maker.objects.all()[1:4]) == RowCount(3)
    assert count(Maker.objects.all()[4:9]) == RowCount(1)
    assert not count(Maker.objects.all()[1:5]).is_exact


def test_combined_querysets():
    save(2)
    makers = Maker.objects.values("name")
    assert count(makers.union(makers), "name") == RowCount(2)
    assert count(makers.union(makers, all=True), "name", limit=3).number >= 3
    assert count(makers.union(makers, all=True).order_by("name"), "name", limit=4) == RowCount(4)


def test_combined_and_sliced_querysets():
    save(3)
    makers = Maker.objects.values("name")
    assert count(makers.union(makers).order_by("name")[:2], "name") == RowCount(2)


def test_distinct_querysets():
    save(3, size=1)
    assert count(Maker.objects.values("size").distinct(), "size") == RowCount(1)
    assert count(Maker.objects.distinct()) == RowCount(3)


def test_grouped_querysets():
    save(3, size=1)
    save(2, size=2)
    groups = Maker.objects.values("size").annotate(makers=Count("pk"))
    assert count(groups.order_by("size"), "size", "makers") == RowCount(2)
    assert count(groups.order_by("name"), "size", "makers", limit=9) == RowCount(5)


@pytest.mark.parametrize(
    ("queryset", "column"),
    [
        (Maker.objects.values("name", "size").distinct(), "size"),
        (Maker.objects.values("size").distinct(), "name"),
        (Maker.objects.values("size"), Column(Count("pk"), label="Makers")),
        (Maker.objects.values("size").annotate(makers=Count("pk")).distinct(), "makers"),
    ],
)
def test_columns_that_make_fewer_or_more_rows(queryset, column):
    save(3, size=1)
    save(2, size=2)
    report = Report(queryset, [column])
    rows = len(list(report.rows()))
    assert count_rows(report) == RowCount(rows)
    assert [report.exceeds(rows - 1), report.exceeds(rows)] == [True, False]


def test_annotated_querysets():
    maker = MakerFactory()
    SpecimenFactory.create_batch(3, maker=maker)
    MakerFactory()
    queryset = Maker.objects.annotate(number=Count("specimens"))
    assert count(queryset, "number") == RowCount(2)
    assert count(queryset.filter(number__gt=0), "number") == RowCount(1)


def test_a_to_many_column_adds_no_rows():
    DrawerFactory(tags=TagFactory.create_batch(3))
    assert count(Drawer.objects.all(), "tags__name") == RowCount(1)


def test_a_queryset_of_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert count(Maker.objects.none()) == RowCount(0)
        assert count(Maker.objects.filter(pk__in=[]).order_by("name")) == RowCount(0)


# Orderings


def has_order(queryset, *columns):
    """Return True if the database orders the rows that it counts."""
    with CaptureQueriesContext(connection) as queries:
        count(queryset, *columns)
    return "ORDER BY" in queries[0]["sql"]


@pytest.mark.parametrize(
    "ordering", [["char"], ["-maker__name", "pk"], [F("integer").desc()], ["?"], ["maker"], []]
)
def test_rows_are_counted_without_their_order(ordering):
    assert not has_order(Specimen.objects.order_by(*ordering))


def test_a_default_ordering_is_left_out():
    assert Part._meta.ordering
    assert not has_order(Part.objects.all(), "name")


def test_an_ordering_that_multiplies_rows_is_kept():
    SpecimenFactory.create_batch(2, maker=MakerFactory())
    queryset = Maker.objects.order_by("specimens__char")
    report = Report(queryset, ["name"])
    assert has_order(queryset, "name")
    assert count_rows(report) == RowCount(2) == RowCount(len(list(report.rows())))


def test_an_ordering_that_makes_rows_different_is_kept():
    SpecimenFactory.create_batch(2, maker=MakerFactory())
    queryset = Maker.objects.distinct().order_by("specimens__char")
    report = Report(queryset, ["name"])
    assert count_rows(report) == RowCount(2) == RowCount(len(list(report.rows())))


def test_the_order_of_a_slice_is_kept():
    assert has_order(Maker.objects.order_by("name")[:10])
