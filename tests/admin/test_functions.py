"""The columns of a changelist's report that are methods and functions, and report_columns."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Count
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from streamreports.admin import ReportAdminMixin
from streamreports.columns import Column
from tests.factories import DrawerFactory, MakerFactory, SpecimenFactory
from tests.models import Drawer, Maker, Part, Specimen

# Methods and functions


class SpecimenAdmin(admin.ModelAdmin):
    @admin.display(description=_("Email address"), empty_value="nothing")
    def described(self, specimen):
        return specimen.char.upper()

    def plain_method(self, specimen):
        return [1, "two"]

    @admin.display(boolean=True)
    def is_long(self, specimen):
        return {"a": True, "b": 0, "c": None, "d": ""}[specimen.char]

    @admin.display(description="")
    def empty(self, specimen):
        return None

    def certificate_number(self, specimen):
        return specimen.certificate.number


@pytest.fixture
def lines(make_pages):
    """Return a function that lists what a list_display prints for one specimen."""

    def list_lines(*list_display, bases=(ReportAdminMixin, SpecimenAdmin), **fields):
        SpecimenFactory(**fields)
        pages = make_pages(Specimen, bases=bases, list_display=list_display, ordering=["pk"])
        return pages.lines()

    return list_lines


def test_a_method_of_the_model_admin_prints_what_it_returns(lines):
    assert lines("plain_method", "id")[0] == "Plain method,ID"
    assert lines("plain_method")[1] == '"1, two"'


def test_the_description_of_a_method_is_its_label(lines):
    assert lines("described", char="a") == ["Email address", "A"]


def test_an_empty_description_is_an_empty_label(lines):
    assert lines("empty", "char", char="a") == [",Char", ",a"]


def test_what_the_admin_shows_for_nothing_is_not_printed(lines):
    assert lines("empty", "empty") == [",", ","]


def test_a_boolean_method_prints_as_a_boolean(lines):
    for char in "abcd":
        found = lines("is_long", "char", char=char)
    assert found == ["Is long,Char", "True,a", "False,b", ",c", ",d"]


def test_a_missing_related_object_is_nothing(lines):
    assert lines("certificate_number", "char", char="a") == ["Certificate number,Char", ",a"]


def test_a_function_is_given_the_object(lines):
    def size(specimen):
        return len(specimen.char)

    assert lines(size, char="abc") == ["Size", "3"]


def test_a_lambda_has_the_label_of_the_admin(lines):
    """It would be a formula in a spreadsheet, and is escaped like one."""
    assert lines(lambda specimen: specimen.char, char="a") == ["'--", "a"]


def test_a_method_wins_over_a_path_of_the_same_name(lines):
    class PathAdmin(admin.ModelAdmin):
        def maker__name(self, specimen):
            return "from the method"

    bases = (ReportAdminMixin, PathAdmin)
    assert lines("maker__name", bases=bases) == ["Maker name", "from the method"]


def test_properties_and_methods_of_the_model_are_read(make_pages):
    DrawerFactory(code="d")
    pages = make_pages(Drawer, list_display=["loud", "described", "in_parent", "told", "fixed"])
    assert pages.lines() == ["Loud,Email address,In parent,Told,Fixed", "D,'=d,,,fixed"]


def test_the_boxes_to_tick_are_not_a_column(lines):
    assert lines("action_checkbox", "char", char="a") == ["Char", "a"]


def test_html_loses_its_tags_and_entities(lines):
    def link(specimen):
        return format_html('<a href="/{}">{}</a>', specimen.pk, specimen.char)

    assert lines(link, char='Tom & "Jerry" <x>') == ["Link", '"Tom & ""Jerry"" <x>"']


def test_text_that_is_not_html_keeps_its_signs(lines):
    def text(specimen):
        return specimen.char

    assert lines(text, char="1 < 2 &amp; <b>") == ["Text", "1 < 2 &amp; <b>"]


def test_a_label_in_html_loses_its_tags(lines):
    @admin.display(description=mark_safe("<i>Long</i>&nbsp;\n  label"))
    def labelled(specimen):
        return 1

    assert lines(labelled) == ["Long label", "1"]


def test_a_formula_in_html_is_escaped(lines):
    def formula(specimen):
        return format_html("<b>{}</b>", "=1+1")

    assert lines(formula) == ["Formula", "'=1+1"]


def test_a_method_that_alters_data_is_refused(make_pages):
    DrawerFactory()
    pages = make_pages(Drawer, list_display=["empty"])
    with pytest.raises(Exception, match=r"Drawer\.empty is a method that alters data"):
        pages.lines()


def test_the_password_of_users_is_left_out(make_pages):
    """Django 6.1 shows no more than a part of the hash."""
    pages = make_pages(User, list_display=["username", "password"])
    assert pages.lines() == ["Username", "admin"]


# report_columns


def test_report_columns_replace_list_display(make_pages):
    SpecimenFactory(char="a", maker__name="Ann")
    pages = make_pages(
        Specimen, list_display=["id"], report_columns=["char", Column("maker__name", label="By")]
    )
    assert pages.lines() == ["Char,By", "a,Ann"]


def test_report_columns_print_as_in_any_report(make_pages):
    specimen = SpecimenFactory(kind="r")
    Part.objects.create(specimen=specimen, name="lid")
    pages = make_pages(Specimen, report_columns=["kind", "maker", "parts__name"])
    assert pages.lines() == ["Kind,Maker,Parts name", f"r,{specimen.maker_id},lid"]


def test_report_columns_may_name_a_method_of_the_model_admin(make_pages):
    def loud(self, maker):
        return maker.name.upper()

    MakerFactory(name="Ann")
    pages = make_pages(Maker, report_columns=["name", "loud"], loud=loud)
    assert pages.lines() == ["Name,Loud", "Ann,ANN"]


def test_what_the_model_has_wins_over_a_method_of_the_model_admin(make_pages):
    MakerFactory(name="Ann")
    pages = make_pages(Maker, report_columns=["shout"], shout=lambda self, maker: "wrong")
    assert pages.lines() == ["Shout", "ANN"]


def test_get_report_columns_may_depend_on_the_request(make_pages):
    def get_report_columns(self, request):
        return ["name"] if request.user.is_superuser else ["id"]

    MakerFactory(name="Ann")
    pages = make_pages(Maker, get_report_columns=get_report_columns)
    assert pages.lines() == ["Name", "Ann"]


def test_columns_may_name_annotations(make_pages):
    def get_queryset(self, request):
        return admin.ModelAdmin.get_queryset(self, request).annotate(total=Count("specimens"))

    SpecimenFactory(maker__name="Ann")
    pages = make_pages(Maker, report_columns=["name", "total"], get_queryset=get_queryset)
    assert pages.lines() == ["Name,Total", "Ann,1"]


def test_a_column_with_a_permission_is_left_out_for_others(make_pages, client_of):
    MakerFactory(name="Ann", size=1)
    columns = ["name", Column("size", permission="tests.view_size")]
    pages = make_pages(Maker, report_columns=columns, client=client_of(Maker, "view", "export"))
    assert pages.lines() == ["Name", "Ann"]


def test_a_superuser_sees_a_column_with_a_permission(make_pages):
    MakerFactory(name="Ann", size=1)
    columns = ["name", Column("size", permission="tests.view_size")]
    assert make_pages(Maker, report_columns=columns).lines() == ["Name,Size", "Ann,1"]


def test_dates_are_in_the_current_time_zone(make_pages, settings):
    settings.TIME_ZONE = "America/Sao_Paulo"
    SpecimenFactory(datetime=datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC))
    pages = make_pages(Specimen, list_display=["datetime"])
    assert pages.lines() == ["Datetime", "2026-11-20 09:30:00-03:00"]
