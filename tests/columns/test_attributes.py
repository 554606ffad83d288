import pytest

from streamreports.columns import lookups
from streamreports.columns.attributes import alters_data, find_attribute, reader
from tests.factories import CertificateFactory, DrawerFactory, SpecimenFactory
from tests.models import Drawer, Specimen


def read(model, path):
    """Return the function that reads a path from an instance."""
    followed = lookups.follow(model, path)
    return reader([lookups.accessor(relation) for relation in followed.relations], followed.rest)


@pytest.mark.parametrize(
    "name",
    [
        "loud",
        "length",
        "doubled",
        "described",
        "told",
        "fixed",
        "of_class",
        "__str__",
        "get_mood_display",
    ],
)
def test_attribute_is_a_property_or_method(name):
    assert find_attribute(Drawer, name) is not None


@pytest.mark.parametrize(
    "name", ["code", "tags", "objects", "DoesNotExist", "_meta", "nowhere", ""]
)
def test_attribute_is_neither_a_field_nor_a_class_nor_a_manager(name):
    assert find_attribute(Drawer, name) is None


@pytest.mark.parametrize(
    ("model", "name", "alters"),
    [
        (Drawer, "empty", True),
        (Drawer, "delete", True),
        (Drawer, "save", True),
        (Drawer, "loud", False),
        (Drawer, "described", False),
    ],
)
def test_method_that_alters_data_is_known(model, name, alters):
    assert alters_data(find_attribute(model, name)) is alters


# Reading from an instance


def test_reader_calls_a_method():
    drawer = DrawerFactory.build(code="a")
    assert read(Drawer, "described")(drawer) == "=a"


def test_reader_takes_a_property():
    drawer = DrawerFactory.build(code="a")
    assert read(Drawer, "loud")(drawer) == "A"


def test_reader_goes_along_a_foreign_key():
    specimen = SpecimenFactory.build(maker__name="Acme")
    assert read(Specimen, "maker__shout")(specimen) == "ACME"


def test_reader_gives_none_behind_a_null():
    specimen = SpecimenFactory.build(maker=None)
    assert read(Specimen, "maker__shout")(specimen) is None


@pytest.mark.django_db
def test_reader_goes_along_a_reverse_one_to_one_relation():
    certificate = CertificateFactory(number="7")
    assert read(Specimen, "certificate__stamp")(certificate.specimen) == "<7>"


@pytest.mark.django_db
def test_reader_gives_none_where_the_other_side_of_a_one_to_one_relation_is_missing():
    specimen = SpecimenFactory()
    assert read(Specimen, "certificate__stamp")(specimen) is None
