import pytest
from django.contrib.auth.models import User
from django.utils import translation

from streamreports.columns import lookups
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Note, Part, Slot, Specimen, Tag


@pytest.mark.parametrize(
    ("model", "path", "prefix", "end", "rest"),
    [
        (Specimen, "char", (), Specimen, ("char",)),
        (Specimen, "pk", (), Specimen, ("pk",)),
        (Specimen, "maker", ("maker",), Maker, ()),
        (Specimen, "maker_id", (), Specimen, ("maker_id",)),
        (Specimen, "maker__name", ("maker",), Maker, ("name",)),
        (Specimen, "maker__get_size_display", ("maker",), Maker, ("get_size_display",)),
        (Specimen, "certificate__number", ("certificate",), Certificate, ("number",)),
        (Certificate, "specimen__maker__name", ("specimen", "maker"), Maker, ("name",)),
        (Specimen, "parts__name", ("parts",), Part, ("name",)),
        (Specimen, "notes__body", ("notes",), Note, ("body",)),
        (Maker, "specimens__parts__name", ("specimens", "parts"), Part, ("name",)),
        (Drawer, "tags__drawers__code", ("tags", "drawers"), Drawer, ("code",)),
        (Drawer, "parent__parent__code", ("parent", "parent"), Drawer, ("code",)),
        (Tag, "drawers__slots__number", ("drawers", "slots"), Slot, ("number",)),
        (LockedDrawer, "pk__tags__name", ("drawer_ptr", "tags"), Tag, ("name",)),
        (LockedDrawer, "tags__name", ("tags",), Tag, ("name",)),
        (Specimen, "datetime__year", (), Specimen, ("datetime", "year")),
        (Specimen, "json__a__b", (), Specimen, ("json", "a", "b")),
        (Specimen, "__str__", (), Specimen, ("__str__",)),
        (Specimen, "maker____str__", ("maker",), Maker, ("__str__",)),
        (Certificate, "specimen__maker____str__", ("specimen", "maker"), Maker, ("__str__",)),
        (Note, "content_object", (), Note, ("content_object",)),
        (Specimen, "nowhere__name", (), Specimen, ("nowhere", "name")),
        (Specimen, "maker__", ("maker",), Maker, ("",)),
        (Specimen, "", (), Specimen, ("",)),
    ],
)
def test_path_is_followed_as_far_as_its_relations_go(model, path, prefix, end, rest):
    followed = lookups.follow(model, path)
    assert (followed.prefix, followed.model, followed.rest) == (prefix, end, rest)


@pytest.mark.parametrize(
    ("model", "path", "to_many"),
    [
        (Specimen, "maker__name", False),
        (Specimen, "certificate__number", False),
        (Certificate, "specimen__char", False),
        (Specimen, "parts__name", True),
        (Specimen, "notes", True),
        (Drawer, "tags__name", True),
        (Tag, "drawers__parent__code", True),
        (Specimen, "maker__specimens__char", True),
        (LockedDrawer, "pk__tags__name", True),
    ],
)
def test_path_is_to_many_where_one_object_may_have_several_values(model, path, to_many):
    assert lookups.follow(model, path).to_many is to_many


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("id", "ID"),
        ("pk", "ID"),
        ("char", "Char"),
        ("maker", "Maker"),
        ("maker_id", "Maker"),
        ("maker__name", "Maker name"),
        ("maker__get_size_display", "Maker size"),
        ("get_kind_display", "Kind"),
        ("certificate", "Certificate"),
        ("certificate__number", "Certificate certificate number"),
        ("certificate__stamp", "Certificate stamp"),
        ("parts__name", "Parts name"),
        ("notes__body", "Notes body"),
        ("datetime__year", "Datetime year"),
        ("json__first_part__0", "Json first part 0"),
        ("maker__shout", "Maker shout"),
    ],
)
def test_label_joins_the_verbose_names_along_the_path(path, label):
    assert lookups.follow(Specimen, path).label == label


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("loud", "Loud"),
        ("in_parent", "In parent"),
        ("described", "Email address"),
        ("told", "Told"),
        ("parent__told", "Parent Told"),
    ],
)
def test_label_of_a_method_is_its_short_description_or_its_name(path, label):
    assert lookups.follow(Drawer, path).label == label


def test_label_of_a_generic_foreign_key_is_its_name():
    assert lookups.follow(Note, "content_object").label == "Content object"


def test_label_is_in_the_active_language():
    with translation.override("de"):
        assert lookups.follow(User, "username").label == "Benutzername"
        assert lookups.follow(Drawer, "described").label == "E-Mail-Adresse"


def test_label_has_a_capital_and_leaves_the_rest_alone():
    assert lookups.follow(Drawer, "weight").label == "Net_weight (kg)"


def test_display_field_is_the_field_whose_labels_django_shows():
    path = lookups.follow(Specimen, "maker__get_size_display")
    assert path.display_field is Maker._meta.get_field("size")


@pytest.mark.parametrize(
    "path", ["mood", "get_mood_display", "get_code_display", "get__display", "get_side_display__x"]
)
def test_no_display_field(path):
    """Not where the model has its own method, nor where there are no choices."""
    assert lookups.follow(Drawer, path).display_field is None


def test_display_field_is_found_in_a_child_model():
    assert lookups.follow(LockedDrawer, "get_side_display").display_field.name == "side"


@pytest.mark.parametrize(
    ("model", "name", "words"),
    [
        (Certificate, "number", "certificate number"),
        (Specimen, "parts", "parts"),
        (Specimen, "certificate", "certificate"),
        (Drawer, "lockeddrawer", "locked drawer"),
        (Note, "content_object", "content object"),
        (Tag, "drawers", "drawers"),
    ],
)
def test_verbose_name_of_a_field_or_relation(model, name, words):
    assert lookups.verbose_name(model._meta.get_field(name)) == words
