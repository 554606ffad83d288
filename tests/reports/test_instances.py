import pytest
from django.db.models import (
    F,
)

from streamreports.columns import Column
from streamreports.reports import Report
from tests.factories import (
    CertificateFactory,
    DrawerFactory,
    MakerFactory,
    NoteFactory,
    SpecimenFactory,
)
from tests.models import Drawer, Maker, Note
from tests.reports.support import specimens, values_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loud", "A"),
        ("length", "1"),
        ("doubled", "aa"),
        ("described", "'=a"),
        ("told", ""),
        ("in_parent", "b"),
        ("fixed", "fixed"),
        ("of_class", "Drawer"),
        ("__str__", "Drawer a"),
        ("parent__loud", "B"),
        ("parent____str__", "Drawer b"),
        ("parent__parent____str__", ""),
        ("parent__length", "1"),
        ("parent__parent__loud", ""),
    ],
)
def test_attribute_of_the_instance(name, text):
    DrawerFactory(code="a", parent=DrawerFactory(code="b"))
    assert values_of(Drawer.objects.filter(code="a"), name) == [text]


def test_attribute_across_a_one_to_one_relation():
    CertificateFactory(number="7")
    SpecimenFactory()
    assert values_of(specimens, "certificate__stamp") == ["<7>", ""]


def test_generic_foreign_key_prints_its_object():
    NoteFactory(content_object=DrawerFactory(code="1"))
    assert values_of(Note.objects.all(), "content_object") == ["Drawer 1"]


def test_generic_foreign_key_to_what_is_gone_prints_nothing():
    note = NoteFactory(content_object=MakerFactory())
    Maker.objects.filter(pk=note.object_id).delete()
    assert values_of(Note.objects.all(), "content_object") == [""]


def test_generic_foreign_key_at_the_end_of_a_path():
    note = NoteFactory(content_object=MakerFactory(name="Acme"))
    DrawerFactory(code="a", note=note)
    DrawerFactory(code="b")
    assert values_of(Drawer.objects.order_by("pk"), "note__content_object") == ["Acme", ""]


class View:
    prefix = "="

    def get_columns(self):
        return [Column(self.name_of, label="Name")]

    def name_of(self, specimen):
        return self.prefix + specimen.char


def test_bound_method_of_a_view():
    SpecimenFactory(char="a")
    assert values_of(specimens, View().get_columns()[0]) == ["'=a"]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda specimen: specimen.integer, "-7"),
        (lambda specimen: None, ""),
        (lambda specimen: ["a", None, 1], "a, 1"),
        (lambda specimen: {"a": specimen.integer}, '{"a": -7}'),
        (lambda specimen: specimen.datetime, "2026-11-20 12:30:00+00:00"),
        (lambda specimen: specimen.file, "reports/a.txt"),
        (lambda specimen: specimen.maker, "Acme"),
        (lambda specimen: "\ud800\0", "\ufffd\ufffd"),
        (lambda specimen: specimen.binary, "AP4="),
    ],
)
def test_what_a_callable_returns_prints_like_any_value(function, text):
    SpecimenFactory(full=True, maker__name="Acme")
    assert values_of(specimens, Column(function, label="x")) == [text]


def test_callable_sees_annotations():
    SpecimenFactory(integer=2)
    queryset = specimens.annotate(twice=F("integer") * 2)
    assert values_of(queryset, Column(lambda s: s.twice + 1, label="x")) == ["5"]


def test_error_in_a_callable_is_not_hidden():
    SpecimenFactory(char="a")
    report = Report(specimens, [Column(lambda specimen: specimen.char.missing, label="x")])
    with pytest.raises(AttributeError, match="'str' object has no attribute 'missing'"):
        list(report.rows())
