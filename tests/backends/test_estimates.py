import pytest
from django.db import connection, connections
from django.db.models import Count

from streamreports.backends.base.backend import Backend
from streamreports.backends.registry import get_backend
from tests.models import Maker, Specimen

pytestmark = pytest.mark.django_db

ROWS = 2000

only_with_planner = pytest.mark.skipif(
    connection.vendor not in ("postgresql", "mysql"), reason="The database gives no estimate."
)
only_mysql = pytest.mark.skipif(connection.vendor != "mysql", reason="For MariaDB.")
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")


def estimate(queryset):
    return get_backend(connections["default"]).estimate_rows(queryset)


def save(count, **fields):
    """Save makers, and have the planner know how many there are."""
    Maker.objects.bulk_create(Maker(name=f"Maker {n}", **fields) for n in range(count))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Maker._meta.db_table}")


def test_a_vendor_that_is_not_known_has_no_estimate():
    assert Backend(connections["default"]).estimate_rows(Maker.objects.all()) is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")
def test_sqlite_has_no_estimate():
    assert estimate(Maker.objects.all()) is None


@only_with_planner
def test_a_whole_table_is_estimated():
    save(ROWS)
    assert ROWS / 2 <= estimate(Maker.objects.all()) <= ROWS * 2


@only_with_planner
def test_an_ordering_changes_nothing():
    save(ROWS)
    assert estimate(Maker.objects.order_by("name")) == estimate(Maker.objects.all())


@only_with_planner
def test_an_indexed_condition_is_estimated():
    save(ROWS)
    middle = Maker.objects.order_by("pk")[ROWS // 2].pk
    assert ROWS / 4 <= estimate(Maker.objects.filter(pk__gt=middle)) <= ROWS


@only_with_planner
def test_a_queryset_of_nothing_has_no_rows():
    assert estimate(Maker.objects.none()) == 0


@only_with_planner
def test_an_estimate_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        estimate(Maker.objects.all())


@only_with_planner
def test_parameters_with_percent_signs():
    assert estimate(Maker.objects.filter(name__contains="100% %s")) in (None, 0, 1)


@only_postgresql
@pytest.mark.parametrize(
    "queryset",
    [
        lambda: Maker.objects.all()[:10],
        lambda: Maker.objects.values("size").annotate(makers=Count("pk")),
        lambda: Maker.objects.values("size").distinct(),
        lambda: Maker.objects.filter(pk=1).union(Maker.objects.filter(pk=2)),
    ],
)
def test_postgresql_estimates_other_querysets(queryset):
    save(ROWS, size=1)
    assert 1 <= estimate(queryset()) <= 10


@only_mysql
@pytest.mark.parametrize(
    "queryset",
    [
        lambda: Maker.objects.all()[:10],
        lambda: Maker.objects.values("size").annotate(makers=Count("pk")),
        lambda: Maker.objects.values("size").distinct(),
        lambda: Maker.objects.filter(pk=1).union(Maker.objects.filter(pk=2)),
        lambda: Maker.objects.filter(name__contains="7"),
    ],
)
def test_mariadb_cannot_tell_of_other_querysets(queryset):
    save(ROWS)
    assert estimate(queryset()) is None


@only_mysql
def test_the_tables_of_a_join_are_multiplied():
    maker = Maker.objects.create(name="m")
    Specimen.objects.bulk_create(Specimen(maker=maker) for _ in range(ROWS))
    assert ROWS / 4 <= estimate(Maker.objects.filter(specimens__pk__gt=0, pk=maker.pk)) <= ROWS * 2
