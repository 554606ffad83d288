"""Columns that require a permission."""

import django_filters
import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.reports import Report
from streamreports.shortcuts import stream_report
from streamreports.views import StreamingCsvView
from tests.filtered import ChoosingView, MakerFilter, User, request, send
from tests.models import Maker, Specimen

SIZE = "tests.view_size"


class SizeFilter(MakerFilter):
    exact_size = django_filters.NumberFilter(field_name="size")
    bulky = django_filters.BooleanFilter(method="filter_bulky")

    def filter_bulky(self, queryset, name, value):
        return queryset.filter(size=2)


class PrivateView(ChoosingView):
    """Send makers; their size is private."""

    columns = ["name", Column("size", label="Size", permission=SIZE)]
    filterset_class = SizeFilter
    filter_permissions = {"bulky": SIZE}


@pytest.fixture
def makers(db):
    """Save two makers."""
    return [Maker.objects.create(name="Ann", size=2), Maker.objects.create(name="Bob", size=1)]


# What is sent


def test_a_column_is_sent_to_users_with_its_permission(makers, rf):
    assert send(rf, PrivateView, user=User(SIZE)) == (200, "Name,Size\r\nAnn,2\r\nBob,1\r\n")


@pytest.mark.parametrize("user", [User(), User("tests.other"), None])
def test_a_column_is_left_out_for_others(makers, rf, user):
    assert send(rf, PrivateView, user=user) == (200, "Name\r\nAnn\r\nBob\r\n")


def test_a_column_may_have_a_permission_as_a_class_attribute(makers, rf):
    class SizeColumn(Column):
        permission = SIZE

    class View(PrivateView):
        columns = ["name", SizeColumn("size")]

    assert send(rf, View) == (200, "Name\r\nAnn\r\nBob\r\n")


def test_a_user_who_may_see_no_column_is_refused(makers, rf):
    class View(PrivateView):
        columns = [Column("size", permission=SIZE)]

    with pytest.raises(PermissionDenied):
        send(rf, View)


def test_the_view_may_decide_otherwise(makers, rf):
    class View(PrivateView):
        def has_column_permission(self, column):
            return column.permission != SIZE or "size" in self.kwargs

    response = View.as_view()(request(rf, user=User(SIZE)))
    assert b"".join(response) == b"Name\r\nAnn\r\nBob\r\n"
    response = View.as_view()(request(rf), size=True)
    assert b"".join(response) == b"Name,Size\r\nAnn,2\r\nBob,1\r\n"


def test_columns_of_an_overridden_method_are_left_out_as_well(makers, rf):
    class View(PrivateView):
        columns = None

        def get_columns(self):
            return ["name", Column("size", permission=SIZE)]

    assert send(rf, View) == (200, "Name\r\nAnn\r\nBob\r\n")


def test_an_overridden_report_without_a_user_is_refused(makers, rf):
    class View(PrivateView):
        def get_report(self):
            return Report(Maker.objects.all(), self.get_columns())

    with pytest.raises(ReportError, match="requires the permission"):
        send(rf, View, user=User(SIZE))


# What is asked for by name


def test_a_hidden_column_that_is_asked_for_is_refused(makers, rf):
    with pytest.raises(PermissionDenied):
        send(rf, PrivateView, "columns=name,size", User())


def test_a_visible_column_may_be_asked_for(makers, rf):
    assert send(rf, PrivateView, "columns=size", User(SIZE)) == (200, "Size\r\n2\r\n1\r\n")


@pytest.mark.parametrize("query", ["ordering=size", "ordering=-size", "ordering=name,-size"])
def test_rows_are_not_ordered_by_a_hidden_column(makers, rf, query):
    with pytest.raises(PermissionDenied):
        send(rf, PrivateView, query, User())


def test_rows_are_ordered_by_a_visible_column(makers, rf):
    assert send(rf, PrivateView, "ordering=size&columns=name", User(SIZE))[1].split() == [
        "Name", "Bob", "Ann"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "column",
    [
        Column("size", name="works", permission=SIZE),
        Column(F("size"), label="Size", name="works", permission=SIZE),
        Column("get_size_display", name="works", permission=SIZE),
    ],
)
def test_rows_are_not_ordered_by_the_source_of_a_hidden_column(makers, rf, column):
    class View(PrivateView):
        columns = ["name", column]

    with pytest.raises(PermissionDenied):
        send(rf, View, "ordering=size", User())


# Filters


@pytest.mark.parametrize("name", ["size", "exact_size", "bulky"])
def test_a_filter_on_a_hidden_column_is_unknown(makers, rf, name):
    assert send(rf, PrivateView, f"{name}=2", User()) == (400, f"{name}: Unknown parameter.\n")


@pytest.mark.parametrize("name", ["size", "exact_size", "bulky"])
def test_a_filter_on_a_visible_column_selects_rows(makers, rf, name):
    assert send(rf, PrivateView, f"{name}={2}", User(SIZE)) == (200, "Name,Size\r\nAnn,2\r\n")


def test_a_permission_of_no_filter_is_refused(makers, rf):
    class View(PrivateView):
        filter_permissions = {"bulkyy": SIZE}

    with pytest.raises(ReportError, match=r"View.filter_permissions: no filter is named 'bulkyy'"):
        send(rf, View, user=User())


def test_a_filter_may_need_no_permission(makers, rf):
    class View(PrivateView):
        filter_permissions = {"bulky": None}

    assert send(rf, View, "bulky=True", User())[0] == 200


def test_an_ordering_filter_has_no_choice_of_a_hidden_column(makers, rf):
    assert send(rf, PrivateView, "sort=by_size", User()) == (
        400,
        "sort: Select a valid choice. by_size is not one of the available choices.\n",
    )
    assert send(rf, PrivateView, "sort=-by_size", User())[0] == 400
    assert send(rf, PrivateView, "sort=by_name", User())[0] == 200


def test_an_ordering_filter_orders_by_a_visible_column(makers, rf):
    assert send(rf, PrivateView, "sort=by_size", User(SIZE))[1] == (
        "Name,Size\r\nBob,1\r\nAnn,2\r\n"
    )


def test_hidden_filters_are_visible_in_the_next_request(makers, rf):
    send(rf, PrivateView, "name=a", User())
    assert send(rf, PrivateView, "exact_size=2", User(SIZE))[0] == 200


class MakerView(StreamingCsvView):
    """Send specimens; their maker is private."""

    model = Specimen
    columns = ["char", Column("maker", permission=SIZE)]
    ordering_fields = ["maker", "maker_id", "maker__pk", "maker__name", "integer"]


@pytest.mark.parametrize("path", ["maker", "maker_id", "maker__pk", "maker__id"])
def test_another_path_to_a_hidden_column_is_hidden(db, rf, path):
    class Filter(django_filters.FilterSet):
        other = django_filters.NumberFilter(field_name=path)

    class View(MakerView):
        ordering_fields = [path]
        filterset_class = Filter

    assert send(rf, View, "other=1", User())[0] == 400
    with pytest.raises(PermissionDenied):
        send(rf, View, f"ordering={path}", User())
    assert send(rf, View, f"other=1&ordering={path}", User(SIZE))[0] == 200


@pytest.mark.parametrize("path", ["maker__name", "integer"])
def test_other_paths_are_not_hidden(db, rf, path):
    assert send(rf, MakerView, f"ordering={path}", User())[0] == 200


@pytest.mark.parametrize(
    ("column", "path"),
    [
        (Column(F("integer") * F("floating"), label="X", permission=SIZE), "integer"),
        (Column("date__year", permission=SIZE), "date"),
        (Column("date", permission=SIZE), "date__year"),
        (Column("parts__name", permission=SIZE), "parts__name"),
        (Column("double", permission=SIZE), "double"),
    ],
)
def test_what_a_hidden_column_is_made_from_is_hidden(db, rf, column, path):
    class Filter(django_filters.FilterSet):
        other = django_filters.CharFilter(field_name=path)

    class View(MakerView):
        queryset = Specimen.objects.annotate(double=F("integer") * 2)
        columns = ["char", column]
        filterset_class = Filter

    assert send(rf, View, "other=1", User()) == (400, "other: Unknown parameter.\n")


def test_what_a_visible_column_is_made_from_is_visible(db, rf):
    class View(MakerView):
        columns = ["integer", Column(F("integer") * 2, label="Double", permission=SIZE)]

    assert send(rf, View, "ordering=integer", User())[0] == 200


# What messages and explanations say


@pytest.mark.parametrize("query", ["columns=siz", "ordering=siz", "exact_siz=1", "sort=siz"])
def test_messages_do_not_name_a_hidden_column(makers, rf, query):
    status, text = send(rf, PrivateView, query, User())
    assert status == 400
    assert "size" not in text


def test_the_report_knows_visible_columns_only(db):
    report = Report(Maker.objects.all(), PrivateView.columns, user=User())
    assert report.header == ["Name"]
    assert report.names == ["name"]
    assert "Size" not in str(report.explain())


# Reports without a view


def test_a_report_without_a_user_refuses_such_columns(db):
    with pytest.raises(ReportError) as raised:
        Report(Maker.objects.all(), PrivateView.columns)
    assert str(raised.value) == (
        "The column 'size' requires the permission 'tests.view_size'. Say who reads the report:"
        " Report(..., user=request.user)."
    )


def test_a_report_has_the_columns_that_its_user_may_see(makers):
    report = Report(Maker.objects.order_by("pk"), PrivateView.columns, user=User(SIZE))
    assert report.header == ["Name", "Size"]


def test_a_report_none_of_whose_columns_its_user_may_see_is_refused(db):
    with pytest.raises(PermissionDenied):
        Report(Maker.objects.all(), [Column("size", permission=SIZE)], user=User())


def test_a_report_without_permissions_needs_no_user(db):
    assert Report(Maker.objects.all(), ["name"]).header == ["Name"]


@pytest.mark.parametrize(("user", "text"), [(User(SIZE), "Name,Size\r\n"), (User(), "Name\r\n"),
                                            (None, "Name\r\n")])  # fmt: skip
def test_the_shortcut_asks_the_user_of_the_request(db, rf, user, text):
    response = stream_report(request(rf, user=user), Maker.objects.all(), PrivateView.columns)
    assert b"".join(response).decode() == text


def test_a_view_that_filters_by_a_path_hides_filters_on_it(makers, rf):
    class Filter(django_filters.FilterSet):
        char = django_filters.CharFilter(field_name="specimens__char", lookup_expr="icontains")

    class View(StreamingCsvView):
        model = Maker
        columns = ["pk", Column("specimens__char", permission=SIZE)]
        filterset_class = Filter

    assert send(rf, View, "char=x", User()) == (400, "char: Unknown parameter.\n")
    assert send(rf, View, "char=x", User(SIZE))[0] == 200
