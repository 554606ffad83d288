"""The queries that a changelist's report runs."""

import re
from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.admin.filters import InitialFilter
from tests.factories import CertificateFactory, MakerFactory, NoteFactory, SpecimenFactory
from tests.models import Maker, Note, Specimen
from tests.views import save

STATEMENT = re.compile(
    r"(SELECT|INSERT|UPDATE).*?[ (][`\"]?(auth_permission|auth_user|django_\w+|tests_\w+)\b", re.S
)


@contextmanager
def recorded():
    """Return a list of the queries that run, by the first word of each and its table."""
    found = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    for query in queries:
        verb, table = STATEMENT.search(query["sql"]).groups()
        found.append(f"{verb} {table}")


USER = ["SELECT django_session", "SELECT auth_user"]
LOG_START, LOG_END = "INSERT django_admin_log", "UPDATE django_admin_log"


def test_a_report_takes_one_query_besides_those_for_user_and_log(make_pages):
    save(*"ABC")
    pages = make_pages(Maker, list_filter=["size"], search_fields=["name"])
    pages.lines()  # Content types are cached.
    with recorded() as queries:
        pages.lines("?size__exact=1&q=a&o=1")
    assert queries == [*USER, LOG_START, "SELECT tests_maker", LOG_END]


def test_the_permissions_of_a_user_take_two_more(make_pages, client_of):
    pages = make_pages(Maker, client=client_of(Maker, "view", "export"))
    pages.lines()
    with recorded() as queries:
        pages.lines()
    assert (queries[:2], queries[4:]) == (USER, [LOG_START, "SELECT tests_maker", LOG_END])


def test_nothing_is_counted(make_pages):
    save(*"ABC")
    pages = make_pages(Maker, list_per_page=1)
    with CaptureQueriesContext(connection) as queries:
        pages.lines()
    assert not any("COUNT(" in query["sql"] for query in queries)


def test_a_changelist_class_of_the_project_does_not_count_either(make_pages):
    from django.contrib.admin.views.main import ChangeList

    class OwnChangeList(ChangeList):
        def get_queryset(self, *args, **kwargs):
            return super().get_queryset(*args, **kwargs).filter(name="A")

    save(*"AB")
    pages = make_pages(
        Maker, list_display=["name"], get_changelist=lambda self, request, **kw: OwnChangeList
    )
    with recorded() as queries:
        assert pages.lines() == ["Name", "A"]
    assert queries.count("SELECT tests_maker") == 1


def test_a_filter_that_no_parameter_is_for_runs_no_query(make_pages):
    """The changelist needs the choices of the filter, the report does not."""
    SpecimenFactory(maker__name="Ann")
    pages = make_pages(
        Specimen,
        list_display=["char"],
        list_filter=["maker", ("maker", admin.RelatedOnlyFieldListFilter), "maker__size"],
    )
    with recorded() as queries:
        pages.lines("?char__startswith=S")
    assert "SELECT tests_maker" not in queries


def test_a_custom_filter_may_have_a_default(make_pages):
    save("Ann", "Bob")
    pages = make_pages(Maker, list_display=["name"], list_filter=[InitialFilter])
    assert pages.lines() == ["Name", "Ann"]


def test_a_registered_filter_may_have_a_default(make_pages, monkeypatch):
    class SmallFilter(admin.ChoicesFieldListFilter):
        def queryset(self, request, queryset):
            return super().queryset(request, queryset).filter(size=1)

    registered = [(lambda field: field.name == "size", SmallFilter)]
    monkeypatch.setattr(
        admin.FieldListFilter,
        "_field_list_filters",
        registered + admin.FieldListFilter._field_list_filters,
    )
    save("Ann", size=1)
    save("Bob", size=2)
    pages = make_pages(Maker, list_display=["name"], list_filter=["size"])
    assert pages.lines() == ["Name", "Ann"]


def test_a_head_request_reads_no_rows(make_pages):
    pages = make_pages(Maker)
    with recorded() as queries:
        response = pages.client.head(pages.url("report"))
    assert (response.status_code, queries) == (200, USER)


# Related objects


@pytest.mark.parametrize("select_related", [False, ["maker"], ("maker",)])
def test_related_objects_run_no_query_for_each_row(make_pages, select_related):
    for name in "ABCDEF":
        SpecimenFactory(char=name, maker__name=f"Maker {name}")
    SpecimenFactory(char="G", maker=None)
    pages = make_pages(
        Specimen,
        list_display=["char", "maker"],
        list_select_related=select_related,
        ordering=["char"],
    )
    pages.lines()
    with recorded() as queries:
        lines = pages.lines()
    assert lines == ["Char,Maker", *(f"{name},Maker {name}" for name in "ABCDEF"), "G,"]
    assert len([query for query in queries if query not in (*USER, LOG_START, LOG_END)]) <= 2


def test_a_reverse_relation_runs_no_query_for_each_row(make_pages):
    for number in range(5):
        CertificateFactory(number=f"C{number}", specimen__char=f"S{number}")
    SpecimenFactory(char="S5")
    pages = make_pages(Specimen, list_display=["char", "certificate"], ordering=["char"])
    pages.lines()
    with recorded() as queries:
        lines = pages.lines()
    assert [line.split(" object")[0] for line in lines] == [
        "Char,Certificate",
        *(f"S{number},Certificate" for number in range(5)),
        "S5,",
    ]
    assert len(queries) <= 6


def test_a_generic_relation_runs_no_query_for_each_row(make_pages):
    for maker in MakerFactory.create_batch(5):
        NoteFactory(content_object=maker)
    pages = make_pages(Note, list_display=["content_object"], ordering=["pk"])
    pages.lines()
    with recorded() as queries:
        assert len(pages.lines()) == 6
    assert queries.count("SELECT tests_maker") == 1


def test_select_related_serves_the_methods(make_pages):
    def shout(self, specimen):
        return specimen.maker.shout

    for name in "ABC":
        SpecimenFactory(char=name, maker__name=f"Maker {name}")
    pages = make_pages(
        Specimen,
        list_display=["shout"],
        shout=shout,
        list_select_related=["maker"],
        ordering=["char"],
    )
    pages.lines()
    with recorded() as queries:
        assert pages.lines() == ["Shout", "MAKER A", "MAKER B", "MAKER C"]
    assert queries == [*USER, LOG_START, "SELECT tests_specimen", LOG_END]
