"""Paths that go on after a method, a property, a generic foreign key or a file field."""

import pytest
from django.contrib.auth.models import User
from django.db.models import Count

from streamreports.columns import Column
from streamreports.columns.binding import Binder
from streamreports.columns.bound import InstanceColumn, ToManyColumn
from streamreports.exceptions import ColumnError
from streamreports.reports import Report
from tests.factories import DrawerFactory, MakerFactory, SpecimenFactory
from tests.models import Drawer, Note, Specimen

pytestmark = pytest.mark.django_db


def rows(model, *columns):
    return list(Report(model.objects.order_by("pk"), columns).rows())


def label(model, column):
    return Binder(Column(column), model.objects.all()).bind().label


def test_path_goes_on_after_a_method():
    DrawerFactory(code="b", parent=DrawerFactory(code="a"))
    assert rows(Drawer, "get_parent__code") == [("",), ("a",)]


def test_path_goes_on_after_several_methods():
    DrawerFactory(code="b", parent=DrawerFactory(code="a"))
    assert rows(Drawer, "get_parent__described") == [("",), ("'=a",)]


def test_path_goes_on_after_a_property():
    DrawerFactory(code="a")
    assert rows(Drawer, "loud__lower") == [("a",)]


def test_path_follows_the_related_query_name_of_a_generic_relation():
    maker = MakerFactory()
    specimen = SpecimenFactory(pk=maker.pk, char="Amber")
    for subject in (specimen, specimen, maker):
        Note.objects.create(content_object=subject)
    assert rows(Note, "specimen__char") == [("Amber",), ("Amber",), ("",)]


def test_path_of_a_generic_relation_that_ends_in_a_method_is_rejected():
    with pytest.raises(ColumnError) as raised:
        Report(Note.objects.all(), ["specimen____str__"])
    assert raised.value.hint == "Follow the generic foreign key instead."


def test_path_goes_on_after_a_generic_foreign_key():
    maker = MakerFactory(name="Acme")
    Note.objects.create(content_object=maker)
    assert rows(Note, "content_object__name", "content_object__shout") == [("Acme", "ACME")]


def test_path_after_a_generic_foreign_key_is_prefetched(django_assert_num_queries):
    for _ in range(3):
        Note.objects.create(content_object=MakerFactory(name="Acme"))
    report = Report(Note.objects.all(), ["content_object__name"])
    list(report.rows())
    with django_assert_num_queries(2):
        assert list(report.rows()) == [("Acme",)] * 3


def test_path_after_a_generic_foreign_key_whose_object_is_gone_prints_nothing():
    maker = MakerFactory()
    Note.objects.create(content_object=maker)
    maker.delete()
    assert rows(Note, "content_object__name") == [("",)]


def test_path_after_a_generic_foreign_key_goes_along_relations():
    specimen = SpecimenFactory(maker__name="Acme")
    Note.objects.create(content_object=specimen)
    assert rows(Note, "content_object__maker__name", "content_object__certificate__number") == [
        ("Acme", "")
    ]


def test_path_goes_on_after_a_relation_and_a_generic_foreign_key():
    note = Note.objects.create(content_object=MakerFactory(name="Acme"))
    DrawerFactory(code="a", note=note)
    DrawerFactory(code="b", note=None)
    assert rows(Drawer, "note__content_object__name") == [("Acme",), ("",)]


@pytest.mark.parametrize(("path", "text"), [("file__url", "/a.txt"), ("file__name", "a.txt")])
def test_path_goes_on_after_a_file_field(path, text, settings):
    settings.MEDIA_URL = "/"
    SpecimenFactory(file="a.txt")
    SpecimenFactory(file="")
    SpecimenFactory(file=None)
    assert rows(Specimen, path) == [(text,), ("",), ("",)]


def test_path_goes_on_after_a_relation_and_a_file_field(settings):
    settings.MEDIA_URL = "/"
    part = SpecimenFactory(file="a.txt").parts.create(name="x")
    assert list(Report(type(part).objects.all(), ["specimen__file__url"]).rows()) == [("/a.txt",)]


def test_path_that_is_no_attribute_of_a_file_is_refused():
    with pytest.raises(ColumnError, match=r"^'file__ulr' cannot be selected: "):
        Report(Specimen.objects.all(), ["file__ulr"])


def test_method_that_alters_data_is_refused_on_the_way_too():
    Note.objects.create(content_object=MakerFactory())
    with pytest.raises(ColumnError, match=r"^Maker\.delete is a method that alters data\. "):
        rows(Note, "content_object__delete")


def test_missing_attribute_raises_the_error_of_python():
    Note.objects.create(content_object=MakerFactory())
    with pytest.raises(AttributeError, match="'Maker' object has no attribute 'nmae'"):
        rows(Note, "content_object__nmae")


def test_method_may_return_a_queryset():
    DrawerFactory(code="b", parent=DrawerFactory(code="a"))
    assert rows(Drawer, Column("get_parent__children", separator=" ")) == [("",), ("Drawer b",)]


# Labels


@pytest.mark.parametrize(
    ("model", "path", "expected"),
    [
        (User, "get_full_name", "Full name"),
        (Drawer, "get_parent__code", "Parent code"),
        (Drawer, "get_mood_display", "Mood"),
        (Drawer, "parent__get_parent__get_parent__code", "Parent parent parent code"),
        (Note, "content_object__get_name", "Content object name"),
        (Specimen, "file__url", "File url"),
    ],
)
def test_label_of_a_path_along_instances(model, path, expected):
    assert label(model, path) == expected


def test_label_of_a_function_has_no_get():
    def get_route(specimen):
        return "x"

    assert label(Specimen, get_route) == "Route"


# A property of the same name as a reverse relation


def test_property_wins_over_a_reverse_relation_of_the_same_name():
    note = Note.objects.create(content_object=MakerFactory())
    DrawerFactory(code="a", note=note)
    DrawerFactory(code="b", note=note)
    assert isinstance(Binder(Column("drawer"), Note.objects.all()).bind(), InstanceColumn)
    assert rows(Note, "drawer", "drawer__code") == [("Drawer b", "b")]


def test_expressions_still_reach_the_reverse_relation():
    note = Note.objects.create(content_object=MakerFactory())
    DrawerFactory(code="a", note=note)
    DrawerFactory(code="b", note=note)
    assert rows(Note, Column(Count("drawer"))) == [("2",)]


def test_reverse_relation_without_such_a_property_is_one_still():
    assert isinstance(Binder(Column("children"), Drawer.objects.all()).bind(), ToManyColumn)
