"""Views that need a request: they never crash the checks, and nothing is guessed about them."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, F, Manager, QuerySet
from django.urls import path

from streamreports.checks import check_report_views
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.views import StreamingCsvView
from tests.models import Drawer, Maker, Specimen


class CargoView(StreamingCsvView):
    model = Maker
    columns = ["name"]


def check_view(settings, base=CargoView, **attributes):
    """Return the id and text of each message about a view called CargoView."""
    view_class = type("CargoView", (base,), attributes)
    settings.ROOT_URLCONF = (path("cargo.csv", view_class.as_view()),)
    return [(found.id.removeprefix("streamreports."), str(found)) for found in check_report_views()]


def ids(found):
    return [number for number, _ in found]


def needs_request(self):
    return self.request.user.pk


# Attributes


@pytest.mark.parametrize(
    "name",
    [
        "model",
        "queryset",
        "ordering",
        "columns",
        "formats",
        "filename",
        "chunk_size",
        "max_rows",
        "max_concurrent_streams",
        "buffered_up_to",
        "slot_timeout",
        "retry_after",
        "cache_control",
        "paginate_by",
    ],
)
def test_property_that_needs_a_request_is_unknown(settings, name):
    assert check_view(settings, **{name: property(needs_request)}) == []


def test_errors_beside_such_a_property_are_reported(settings):
    found = check_view(settings, max_rows=property(needs_request), columns=["nmae"], chunk_size=0)
    assert ids(found) == ["E003", "E006"]


@pytest.mark.parametrize(
    "hook",
    [
        "get_report",
        "get_queryset",
        "get_ordering",
        "get_columns",
        "get_format",
        "get_formats",
        "get_filename",
        "get_max_rows",
        "get_chunk_size",
    ],
)
def test_method_that_needs_a_request_is_unknown(settings, hook):
    assert check_view(settings, **{hook: needs_request}) == []


def test_init_that_needs_a_request_is_unknown(settings):
    def init(self, **kwargs):
        raise LookupError("There is no tenant.")

    assert check_view(settings, __init__=init) == []


@pytest.mark.parametrize(
    "error",
    [
        ImproperlyConfigured("There is no tenant"),
        ImproperlyConfigured("There is no tenant. Log in."),
        RuntimeError("There is no tenant."),
        AttributeError("tenant"),
    ],
    ids=repr,
)
def test_manager_that_raises_is_unknown(settings, error):
    class TenantManager(Manager):
        def get_queryset(self):
            raise error

    manager = TenantManager()
    manager.model = Maker
    queryset = property(lambda self: manager.all())
    assert check_view(settings, queryset=queryset) == []
    assert check_view(settings, get_queryset=lambda self: manager.all()) == []


def test_model_whose_manager_raises_is_unknown(settings, monkeypatch):
    def get_queryset(self):
        raise ImproperlyConfigured("There is no tenant")

    monkeypatch.setattr(Manager, "get_queryset", get_queryset)
    assert check_view(settings) == []


def test_columns_of_a_model_whose_manager_raises_are_checked(settings, monkeypatch):
    def get_queryset(self):
        raise ImproperlyConfigured("There is no tenant")

    monkeypatch.setattr(Manager, "get_queryset", get_queryset)
    assert ids(check_view(settings, columns=["nmae"])) == ["W002"]


def test_expression_that_needs_a_request_is_unknown(settings):
    class TenantF(F):
        def resolve_expression(self, *args, **kwargs):
            raise RuntimeError("There is no tenant.")

    assert check_view(settings, columns=[Column(TenantF("name"), label="x"), "name"]) == []


def test_urlconf_that_is_no_module_is_left_to_django(settings):
    settings.ROOT_URLCONF = "tests.nowhere"
    assert check_report_views() == []


# Columns of a view with a get_queryset() of its own


class OwnView(CargoView):
    model = Specimen

    def get_queryset(self):
        return super().get_queryset().filter(char=self.request.user.username)


IGNORE = "Ignore this if get_queryset() annotates it."


@pytest.mark.parametrize(
    ("column", "hint"),
    [
        ("intger", "Did you mean 'integer'?"),
        ("cahr", "Did you mean 'char'?"),
        ("maker__nmae", "Did you mean 'maker__name'?"),
        ("get_knd_display", "Did you mean 'get_kind_display'?"),
        ("maker.name", "Did you mean 'maker__name'?"),
        ("delete", "Name a method that only reads."),
        (
            "parts__specimen__maker__shout",
            "Give a callable that returns a list; its values are joined.",
        ),
    ],
)
def test_column_that_is_probably_wrong_is_a_warning(settings, column, hint):
    (found,) = check_view(settings, base=OwnView, columns=["char", column])
    assert found[0] == "W002"
    assert f"CargoView.columns: '{column}' " in found[1]
    assert f"HINT: {hint} {IGNORE}" in found[1]


@pytest.mark.parametrize(
    "column",
    [
        "total",
        "char_count",
        "maker_count",
        "json2",
        "maker__total",
        Column(F("total") * 2, label="x"),
        Column(Count("totals"), label="x"),
        Column(lambda specimen: 1, label="x"),
    ],
    ids=str,
)
def test_column_that_may_be_an_annotation_is_right(settings, column):
    assert check_view(settings, base=OwnView, columns=["char", column]) == []


def test_annotations_of_the_queryset_attribute_are_known(settings):
    queryset = Specimen.objects.annotate(chra=Count("parts"))
    assert check_view(settings, base=OwnView, queryset=queryset, columns=["chra"]) == []


def test_entry_that_is_not_a_column_is_an_error(settings):
    assert ids(check_view(settings, base=OwnView, columns=[("id", "Nr")])) == ["E003"]


def test_format_that_does_not_fit_is_an_error(settings):
    columns = [Column("date", format="d/m/Y")]
    assert ids(check_view(settings, base=OwnView, columns=columns)) == ["E003"]


def test_near_miss_is_not_reported_for_a_view_without_a_model(settings):
    assert check_view(settings, base=OwnView, model=None, columns=["cahr"]) == []


def test_view_with_an_ordering_of_its_own_is_checked_too(settings):
    found = check_view(settings, get_ordering=needs_request, columns=["nmae"])
    assert ids(found) == ["W002"]


# Lists of columns


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ("name", "CargoView.columns: 'name' is a string, not a list of columns."),
        (iter(["name"]), "CargoView.columns: A list_iterator can be read only once"),
        ((c for c in ["name"]), "CargoView.columns: A generator can be read only once"),
        ({"name"}, "CargoView.columns: A set has no order."),
        ({"name": "Name"}, "CargoView.columns: The columns are of type dict, not a list."),
        ([("name", "Name")], "CargoView.columns: ('name', 'Name') is not a column."),
        ([["name"]], "CargoView.columns: ['name'] is not a column."),
    ],
    ids=str,
)
def test_anything_but_a_list_of_columns_is_an_error(settings, columns, text):
    (found,) = check_view(settings, columns=columns)
    assert found[0] == "E003"
    assert text in found[1]


@pytest.mark.django_db
def test_generator_of_columns_is_refused_at_run_time_too(rf):
    """The second request would have no columns, and print the primary keys."""

    class View(CargoView):
        columns = (name for name in ["name"])

    for _ in range(2):
        with pytest.raises(ImproperlyConfigured, match=r"^View\.columns: A generator can be read"):
            View.as_view()(rf.get("/"))


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (["name", "name"], "CargoView.columns: 'name' is listed twice."),
        (
            ["name", Column("size", label="Name")],
            "CargoView.columns: Several columns have the label 'Name': 'name', 'size'.",
        ),
    ],
)
def test_duplicates_are_warnings(settings, columns, text):
    (found,) = check_view(settings, columns=columns)
    assert found[0] == "W003"
    assert text in found[1]


class KeyedFormat(CsvFormat):
    needs_names = True


def test_column_without_a_name_is_an_error_if_a_format_needs_names(settings):
    columns = ["name", Column(lambda maker: 1, label="One")]
    (found,) = check_view(settings, columns=columns, formats=[CsvFormat, KeyedFormat])
    assert found[0] == "E008"
    assert (
        "CargoView.columns: The column labelled 'One' has no name, and KeyedFormat needs one."
        "\n\tHINT: Give it one: Column("
    ) in found[1]


def test_column_without_a_name_is_right_if_no_format_needs_names(settings):
    columns = ["name", Column(lambda maker: 1, label="One")]
    assert check_view(settings, columns=columns) == []


def test_property_of_the_model_is_not_run(settings):
    class Unrun(CargoView):
        model = Drawer
        columns = ["loud", "get_parent__code", "note__content_object__name"]

    assert check_view(settings, base=Unrun) == []


# Attributes that have no effect


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        (
            "allow_empty",
            False,
            "A report without rows has a header only. Raise Http404 in get_queryset().",
        ),
        ("paginate_by", 50, "A report has all rows. Slice the queryset, or set max_rows."),
        ("context_object_name", "makers", "A report renders no template."),
        ("format_class", CsvFormat, "List the class in formats."),
    ],
)
def test_known_attribute_without_effect_is_a_warning(settings, name, value, hint):
    (found,) = check_view(settings, **{name: value})
    assert found[0] == "W004"
    assert f"CargoView.{name} has no effect.\n\tHINT: Remove it. {hint}" in found[1]


def test_attribute_with_the_value_of_listview_is_right(settings):
    assert check_view(settings, allow_empty=True, paginate_by=None) == []


def test_paginate_orphans_of_a_shared_mixin_is_a_warning(settings):
    class Mixin:
        paginate_orphans = 5

    assert ids(check_view(settings, base=type("Base", (Mixin, CargoView), {}))) == ["W004"]


class ScopedQuerySet(QuerySet):
    def all(self):
        raise RuntimeError("There is no tenant.")


def test_near_miss_in_a_queryset_that_raises_is_a_warning(settings):
    assert ids(check_view(settings, queryset=ScopedQuerySet(Maker), columns=["nmae"])) == ["W002"]
