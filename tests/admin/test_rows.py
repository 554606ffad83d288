"""The rows of a changelist's report: those of all its pages."""

import datetime

import pytest
from django.contrib import admin

from tests.admin.filters import InitialFilter
from tests.factories import DrawerFactory, SpecimenFactory, TagFactory
from tests.models import Drawer, Maker, Specimen
from tests.views import save

# Which rows


def test_all_rows_are_exported(make_pages):
    save("Ann", "Bob")
    assert make_pages(Maker, list_display=["name"], ordering=["name"]).lines() == [
        "Name",
        "Ann",
        "Bob",
    ]


def test_pages_make_no_difference(make_pages):
    """Neither their number, nor their size, nor the wish to see all rows."""
    save(*"ABCDE")
    pages = make_pages(Maker, list_display=["name"], ordering=["name"], list_per_page=2)
    for query in ("", "?p=2", "?p=99", "?p=x", "?all=", "?e=1"):
        assert pages.lines(query) == ["Name", *"ABCDE"]


def test_thousands_of_rows_are_exported(make_pages):
    Maker.objects.bulk_create(Maker(name=f"{n:05}") for n in range(3100))
    lines = make_pages(Maker, list_display=["name"], search_fields=["name"]).lines("?q=0&o=1")
    assert lines == ["Name", *(f"{n:05}" for n in range(3100))]


def test_get_queryset_selects_the_rows(make_pages):
    save("Ann", "Bob")

    def get_queryset(self, request):
        return admin.ModelAdmin.get_queryset(self, request).filter(name=request.GET.get("q", "Bob"))

    pages = make_pages(Maker, list_display=["name"], get_queryset=get_queryset)
    assert pages.lines() == ["Name", "Bob"]


def test_the_request_that_a_model_admin_keeps_is_its_own(make_pages):
    """As one ModelAdmin serves all requests, this would otherwise be that of another thread."""

    def get_queryset(self, request):
        self.request = request
        return admin.ModelAdmin.get_queryset(self, request)

    def user(self, maker):
        return self.request.user.username

    save("Ann")
    pages = make_pages(Maker, list_display=["user"], get_queryset=get_queryset, user=user)
    assert pages.lines() == ["User", "admin"]
    assert "request" not in vars(pages.model_admin)


# Filters


def test_a_filter_selects_the_rows(make_pages):
    save("Ann", size=1)
    save("Bob", size=2)
    pages = make_pages(Maker, list_display=["name"], list_filter=["size"])
    assert pages.lines("?size__exact=2") == ["Name", "Bob"]


def test_a_filter_may_have_several_values(make_pages):
    save("Ann", size=1)
    save("Bob", size=2)
    save("Cyn")
    pages = make_pages(Maker, list_display=["name"], list_filter=["size"], ordering=["name"])
    assert pages.lines("?size__in=1,2") == ["Name", "Ann", "Bob"]
    assert pages.lines("?size__exact=1&size__exact=2") == ["Name", "Ann", "Bob"]


def test_a_lookup_without_a_filter_selects_the_rows(make_pages):
    save("Ann", "Bob")
    assert make_pages(Maker, list_display=["name"]).lines("?name__startswith=B") == ["Name", "Bob"]


def test_a_custom_filter_selects_the_rows(make_pages):
    save("Ann", "Bob")
    pages = make_pages(Maker, list_display=["name"], list_filter=[InitialFilter], ordering=["name"])
    assert pages.lines("?initial=B") == ["Name", "Bob"]
    assert pages.lines() == ["Name", "Ann"]


def test_a_filter_of_related_objects_gives_no_row_twice(make_pages):
    tags = TagFactory.create_batch(2)
    DrawerFactory(code="d", tags=tags)
    pages = make_pages(Drawer, list_display=["code"], list_filter=["tags"])
    keys = ",".join(str(tag.pk) for tag in tags)
    assert pages.lines(f"?tags__id__in={keys}") == ["Code", "d"]


def test_a_day_of_the_date_hierarchy_selects_the_rows(make_pages):
    for day in (20, 21):
        SpecimenFactory(
            char=f"on {day}", datetime=datetime.datetime(2026, 11, day, 9, tzinfo=datetime.UTC)
        )
    pages = make_pages(Specimen, list_display=["char"], date_hierarchy="datetime")
    query = "?datetime__year=2026&datetime__month=11"
    assert pages.lines(f"{query}&datetime__day=21") == ["Char", "on 21"]
    assert len(pages.lines(query)) == 3


def test_a_search_selects_the_rows(make_pages):
    save("Ann", "Bob", "Anna")
    pages = make_pages(Maker, list_display=["name"], search_fields=["name"], ordering=["name"])
    assert pages.lines("?q=ann") == ["Name", "Ann", "Anna"]


def test_get_search_results_selects_the_rows(make_pages):
    def get_search_results(self, request, queryset, search_term):
        return queryset.filter(name=search_term[::-1]), False

    save("Ann", "Bob")
    pages = make_pages(
        Maker,
        list_display=["name"],
        search_fields=["name"],
        get_search_results=get_search_results,
    )
    assert pages.lines("?q=nnA") == ["Name", "Ann"]


# The order


def test_the_columns_of_the_changelist_order_the_rows(make_pages):
    """The first column that can be ordered has the number 1, after the boxes to tick."""
    save("Ann", size=2)
    save("Bob", size=1)
    pages = make_pages(Maker, list_display=["name", "size"])
    assert pages.lines("?o=2") == ["Name,Size", "Bob,Small works", "Ann,Large works"]
    assert pages.lines("?o=-1") == ["Name,Size", "Bob,Small works", "Ann,Large works"]


def test_without_actions_the_first_column_has_the_number_0(make_pages):
    save("Ann", "Bob")
    pages = make_pages(Maker, list_display=["name"], actions=None)
    assert pages.lines("?o=-0") == ["Name", "Bob", "Ann"]


def test_the_order_of_the_model_admin_is_kept(make_pages):
    save("Ann", "Bob")
    pages = make_pages(Maker, list_display=["name"], ordering=["-name"])
    assert pages.lines() == ["Name", "Bob", "Ann"]


@pytest.mark.parametrize("query", ["", "?q=x", "?o=-1.2", "?size__exact=1", "?size__isnull=True"])
def test_the_rows_are_those_of_the_changelist(make_pages, query):
    for number in range(30):
        save(f"{number % 7}x{number}", size=[None, 1, 2][number % 3])
    pages = make_pages(
        Maker,
        list_display=["id", "name", "size"],
        list_filter=["size"],
        search_fields=["name"],
        list_max_show_all=100,
    )
    shown = pages.changelist(f"{query}{'&' if query else '?'}all=").context["cl"].result_list
    keys = [line.partition(",")[0] for line in pages.lines(query)[1:]]
    assert keys == [str(maker.pk) for maker in shown]
