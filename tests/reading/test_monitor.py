import django
import pytest
from django.db.models import Count, Sum

from streamreports.columns import Column
from streamreports.reading.monitor import cure_for
from streamreports.reports import Report
from tests.factories import CertificateFactory, PartFactory, SpecimenFactory
from tests.models import Certificate, Drawer, Note, Part, Specimen, Tag

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")

# Django 6.1 fetches a missing relation for the whole chunk.
one_query_a_row = pytest.mark.skipif(django.VERSION >= (6, 1), reason="Peers share the query.")


def maker_of(specimen):
    return specimen.maker.name


def number_of_parts(specimen):
    return len(specimen.parts.all())


def warnings_of(caplog, queryset, *columns, **options):
    """Return the warnings that a report logs, in standard quotes."""
    list(Report(queryset, columns, **options).rows())
    return [message.replace("`", '"') for message in caplog.messages]


@one_query_a_row
def test_query_for_each_row_is_logged_with_its_cure(caplog):
    SpecimenFactory.create_batch(60)
    assert warnings_of(caplog, specimens, "id", Column(maker_of)) == [
        "The column 'maker_of' runs a query for each row:"
        ' SELECT ... FROM "tests_maker" WHERE "tests_maker"."id" = %s LIMIT 21.'
        ' To avoid it, add select_related("maker") to the queryset.'
    ]
    assert caplog.records[0].levelname == "WARNING"
    assert caplog.records[0].name == "streamreports"


def test_query_of_a_to_many_relation_for_each_row_is_logged_with_its_cure(caplog):
    SpecimenFactory.create_batch(60)
    (warning,) = warnings_of(caplog, specimens, Column(number_of_parts))
    assert warning.startswith("The column 'number_of_parts' runs a query for each row: SELECT")
    assert warning.endswith('To avoid it, add prefetch_related("parts") to the queryset.')


def test_query_of_a_queryset_that_a_function_returns_is_logged(caplog):
    for specimen in SpecimenFactory.create_batch(60):
        PartFactory(specimen=specimen, quantity=2)
    column = Column(lambda s: s.parts.values_list("quantity", flat=True), name="x", label="x")
    assert set(Report(specimens, [column]).rows()) == {("2",)}
    (warning,) = caplog.messages
    assert warning.startswith("The column 'x' runs a query for each row: SELECT ")


def test_cure_avoids_the_queries(caplog, django_assert_num_queries):
    SpecimenFactory.create_batch(60)
    queryset = specimens.select_related("maker").prefetch_related("parts")
    with django_assert_num_queries(2):
        assert warnings_of(caplog, queryset, Column(maker_of), Column(number_of_parts)) == []


@pytest.mark.parametrize(("rows", "warnings"), [(49, 0), (50, 1), (250, 1)])
def test_warning_needs_fifty_rows_and_is_logged_once(caplog, rows, warnings):
    SpecimenFactory.create_batch(rows)
    assert len(warnings_of(caplog, specimens, Column(number_of_parts))) == warnings


def test_first_fifty_rows_may_be_in_several_batches(caplog):
    SpecimenFactory.create_batch(60)
    assert len(warnings_of(caplog, specimens, Column(number_of_parts), chunk_size=20)) == 1


def test_each_column_is_named(caplog):
    SpecimenFactory.create_batch(50)
    columns = [
        Column(number_of_parts, name="first"),
        "__str__",
        Column(number_of_parts, name="second"),
    ]
    warnings = warnings_of(caplog, specimens, *columns)
    assert [warning.split("'")[1] for warning in warnings] == ["first", "second"]


def test_query_for_a_few_rows_is_not_logged(caplog):
    SpecimenFactory.create_batch(60, integer=1)
    Specimen.objects.filter(pk__in=list(specimens[:20].values_list("pk", flat=True))).update(
        integer=2
    )
    column = Column(lambda s: number_of_parts(s) if s.integer == 2 else None, label="x")
    assert warnings_of(caplog, specimens, column) == []


def test_query_that_is_cached_is_not_logged(caplog):
    SpecimenFactory.create_batch(60)
    held = []
    column = Column(lambda specimen: held or held.append(Part.objects.count()), label="x")
    assert warnings_of(caplog, specimens, column) == []


def test_rows_are_the_same_where_queries_are_counted():
    for specimen in SpecimenFactory.create_batch(3):
        PartFactory(specimen=specimen)
    columns = [Column(number_of_parts), "parts__quantity", Column(number_of_parts, format=".1f")]
    assert list(Report(specimens, columns).rows()) == [("1", "1", "1.0")] * 3


def sql_of(queryset):
    return queryset.query.sql_with_params()[0]


GENERAL = "annotate the queryset, or use Column(batch=...)"


@pytest.mark.parametrize(
    ("model", "queryset", "cure"),
    [
        (Part, Specimen.objects.filter(pk=1), 'add select_related("specimen") to the queryset'),
        (
            Specimen,
            Part.objects.filter(specimen=1),
            'add prefetch_related("parts") to the queryset',
        ),
        (
            Specimen,
            Certificate.objects.filter(specimen=1),
            'add select_related("certificate") to the queryset',
        ),
        (
            Drawer,
            Tag.objects.filter(drawers="a"),
            'add prefetch_related("tags") to the queryset',
        ),
        (
            Tag,
            Drawer.objects.filter(tags=1),
            'add prefetch_related("drawers") to the queryset',
        ),
        (
            Certificate,
            Part.objects.filter(specimen=1),
            'add prefetch_related("specimen__parts") to the queryset',
        ),
        (Specimen, Part.objects.filter(specimen=1, name="a"), GENERAL),
        (Specimen, Drawer.objects.filter(mood="g"), GENERAL),
        (Note, Tag.objects.filter(pk=1), GENERAL),
        (Specimen, Part.objects.filter(specimen=1).annotate(n=Sum("quantity")), GENERAL),
        (Specimen, Part.objects.filter(specimen__in=[1, 2]), GENERAL),
    ],
)
def test_cure_names_the_relation(model, queryset, cure):
    assert cure_for(sql_of(queryset), model) == cure


def test_cure_of_a_statement_that_is_no_select():
    assert cure_for("UPDATE tests_maker SET name = 1", Specimen) == GENERAL


# explain()


def test_analyzing_names_the_queries_for_each_row():
    SpecimenFactory.create_batch(3)
    report = Report(specimens, ["id", Column(number_of_parts)])
    assert report.explain().queries == ()
    explanation = report.explain(analyze=True)
    (query,) = explanation.queries
    assert (query.column.name, query.cure) == (
        "number_of_parts",
        'add prefetch_related("parts") to the queryset',
    )
    assert str(explanation).splitlines()[-1] == str(query)


def test_analyzing_reads_fifty_rows(django_assert_num_queries):
    SpecimenFactory.create_batch(70)
    with django_assert_num_queries(1 + 50):
        Report(specimens, [Column(number_of_parts)]).explain(analyze=True)


def test_analyzing_a_report_without_functions_reads_nothing(django_assert_num_queries):
    CertificateFactory()
    report = Report(specimens, ["certificate__number", Column(Count("parts"))])
    with django_assert_num_queries(0):
        assert report.explain(analyze=True).queries == ()
