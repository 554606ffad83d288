import gc

import django
import pytest
from django.db import connection, models
from django.db.models import F, FilteredRelation, Prefetch, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from streamreports.columns import Column
from streamreports.reports import Report
from tests.factories import CertificateFactory, DrawerFactory, PartFactory, SpecimenFactory
from tests.models import Drawer, Maker, Part, Specimen

pytestmark = pytest.mark.django_db

with_peers = pytest.mark.skipif(django.VERSION < (6, 1), reason="Django 6.1 added FETCH_PEERS.")

specimens = Specimen.objects.order_by("pk")


def queries_of(queryset, *columns, **options):
    """Return the SQL of the queries that a report runs, which reads five rows."""
    with CaptureQueriesContext(connection) as queries:
        assert len(list(Report(queryset, columns, **options).rows())) == 5
    return [query["sql"] for query in queries]


def rows_of(queryset, *columns):
    return list(Report(queryset, columns).rows())


def maker_of(specimen):
    return specimen.maker and specimen.maker.name


def number_of_parts(specimen):
    return len(specimen.parts.all())


# Relations that columns name


@pytest.mark.parametrize("name", ["maker__name", "maker", "maker__get_size_display"])
def test_to_one_relation_of_a_column_is_there_for_functions(name):
    SpecimenFactory.create_batch(5)
    assert len(queries_of(specimens, name, Column(maker_of))) == 1


def test_relation_of_a_column_may_be_null():
    SpecimenFactory(maker=None)
    SpecimenFactory(maker__name="Acme")
    assert rows_of(specimens, "maker__name", Column(maker_of)) == [("", ""), ("Acme", "Acme")]


def test_reverse_one_to_one_relation_of_a_column_is_there_for_functions():
    for _ in range(5):
        CertificateFactory()
    column = Column(lambda specimen: specimen.certificate.stamp, label="x")
    assert len(queries_of(specimens, "certificate__number", column)) == 1


def test_relations_along_a_path_are_there_for_functions():
    PartFactory.create_batch(5)
    column = Column(lambda part: part.specimen.maker.name, label="x")
    assert len(queries_of(Part.objects.all(), "specimen__maker__size", column)) == 1


def test_relation_of_an_expression_is_there_for_functions():
    SpecimenFactory.create_batch(5)
    column = Column(F("maker__size"), label="size")
    assert len(queries_of(specimens, column, Column(maker_of))) == 1


@pytest.mark.parametrize("format", [None, str])
def test_to_many_relation_of_a_column_is_prefetched_for_functions(format):
    for specimen in SpecimenFactory.create_batch(5):
        PartFactory.create_batch(2, specimen=specimen)
    column = Column("parts__name", format=format)
    joined_by_a_query = format is not None or connection.vendor == "mysql"
    assert len(queries_of(specimens, column, Column(number_of_parts))) == 2 + joined_by_a_query
    assert {row[1] for row in rows_of(specimens, column, Column(number_of_parts))} == {"2"}


def test_to_many_relations_of_columns_are_prefetched_once_a_chunk():
    for specimen in SpecimenFactory.create_batch(5):
        PartFactory(specimen=specimen)
    queries = queries_of(specimens, "parts", Column(number_of_parts), chunk_size=2)
    prefetches = [sql for sql in queries if "IN (" in sql]
    assert len(prefetches) == 3 * (2 if connection.vendor == "mysql" else 1)


def test_to_many_relations_along_a_path_are_prefetched_for_functions():
    maker = Maker.objects.create(name="m")
    for _ in range(5):
        PartFactory(specimen=SpecimenFactory(maker=maker))

    def all_parts(specimen):
        return [part.name for other in specimen.maker.specimens.all() for part in other.parts.all()]

    queries = queries_of(specimens, "maker__specimens__parts__name", Column(all_parts))
    assert len(queries) <= 5


def test_relations_of_columns_are_not_loaded_where_no_function_is_called():
    SpecimenFactory.create_batch(5)
    (sql,) = queries_of(specimens, "maker__name", "char")
    assert '"size"' not in sql.replace("`", '"')


def test_prefetch_of_the_queryset_goes_before_that_of_a_column():
    for specimen in SpecimenFactory.create_batch(5):
        PartFactory(specimen=specimen, name="a")
        PartFactory(specimen=specimen, name="b")
    only_a = Prefetch("parts", Part.objects.filter(name="a"))
    column = Column(lambda specimen: [part.name for part in specimen.parts.all()], label="x")
    rows = rows_of(specimens.prefetch_related(only_a), "parts__specimen__char", column)
    assert [row[1] for row in rows] == ["a"] * 5


@pytest.mark.parametrize(("method", "field"), [("only", "char"), ("defer", "maker")])
def test_deferred_relation_of_a_column_is_there_for_functions(method, field):
    SpecimenFactory.create_batch(5)
    queryset = getattr(specimens, method)(field)
    assert len(queries_of(queryset, "maker__name", Column(maker_of))) == 1


def test_annotation_named_like_a_path_is_no_relation():
    SpecimenFactory.create_batch(5)
    queryset = specimens.annotate(maker__name=F("char"))
    (row, *_) = rows_of(queryset, "maker__name", "__str__")
    assert row[0].startswith("Specimen ")


# Peers


@with_peers
def test_private_attributes_of_peers_are_those_of_django():
    """See Django's own list of peers, where reports put one for each chunk."""
    SpecimenFactory.create_batch(2)
    found = list(specimens.fetch_mode(models.FETCH_PEERS))
    assert [reference() for reference in found[0]._state.peers] == found
    assert found[0]._state.fetch_mode is models.FETCH_PEERS
    assert QuerySet(Specimen)._fetch_mode is models.FETCH_ONE


@with_peers
def test_functions_run_one_query_a_chunk_for_a_relation():
    SpecimenFactory.create_batch(5)
    assert len(queries_of(specimens, Column(maker_of), chunk_size=2)) == 1 + 3


@with_peers
def test_functions_run_one_query_a_chunk_beyond_a_selected_relation():
    for number in range(5):
        parent = DrawerFactory(parent=DrawerFactory(code=f"far{number}"))
        DrawerFactory(parent=parent, mood="g")
    column = Column(lambda drawer: drawer.parent.parent.code, label="x")
    queryset = Drawer.objects.filter(mood="g").order_by("pk")
    assert len(queries_of(queryset, "parent__mood", column)) == 2
    assert sorted(row[1] for row in rows_of(queryset, "parent__mood", column)) == [
        f"far{number}" for number in range(5)
    ]


@with_peers
def test_functions_run_one_query_a_chunk_for_a_deferred_field():
    SpecimenFactory.create_batch(5)
    column = Column(lambda specimen: specimen.char, label="x")
    assert len(queries_of(specimens.only("pk"), column, chunk_size=2)) == 1 + 3


@with_peers
def test_peers_of_the_queryset_are_those_of_the_chunk():
    SpecimenFactory.create_batch(5)
    queryset = specimens.fetch_mode(models.FETCH_PEERS)
    assert len(queries_of(queryset, Column(maker_of), chunk_size=2)) == 1 + 3


@with_peers
def test_other_fetch_modes_of_the_queryset_are_left():

    SpecimenFactory()
    report = Report(specimens.fetch_mode(models.FETCH_RAISE), [Column(maker_of)])
    with pytest.raises(
        models.FieldFetchBlocked if hasattr(models, "FieldFetchBlocked") else Exception
    ):
        list(report.rows())


@with_peers
def test_peers_do_not_keep_the_instances():
    SpecimenFactory.create_batch(6)
    references = []
    column = Column(lambda specimen: references.append(specimen._state.peers), label="x")
    list(Report(specimens, [column], chunk_size=2).rows())
    gc.collect()
    assert {len(peers) for peers in references} == {2}
    assert [peer() for peers in references for peer in peers] == [None] * 12


def test_filtered_relation_may_be_selected():
    SpecimenFactory.create_batch(2)
    queryset = specimens.annotate(
        small=FilteredRelation("maker", condition=Q(maker__size=1))
    ).select_related("small")
    column = Column(lambda specimen: specimen.small.name, label="x")
    assert [row[0][:5] for row in rows_of(queryset, column)] == ["Maker"] * 2
