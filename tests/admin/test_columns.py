"""The columns of a changelist's report: by default, those of list_display."""

from decimal import Decimal

from streamreports.admin.columns import list_display_columns
from tests.factories import (
    CertificateFactory,
    DrawerFactory,
    LockedDrawerFactory,
    MakerFactory,
    NoteFactory,
    SpecimenFactory,
)
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Note, Specimen

# Fields


def test_fields_print_as_in_any_report(make_pages):
    """Not as the admin shows them: no icons, no local formats, no dash for null."""
    SpecimenFactory(full=True, decimal=Decimal("1234.5"), maker=None)
    pages = make_pages(Specimen, list_display=["boolean", "datetime", "decimal", "json", "char"])
    Specimen.objects.update(char=None)
    assert pages.lines() == [
        "Boolean,Datetime,Decimal,Json,Char",
        'True,2026-11-20 12:30:00+00:00,1234.5000000000,"{""a"": [1, null, ""ü""]}",',
    ]


def test_fields_stay_columns_of_the_database(make_pages, rf):
    pages = make_pages(Specimen, list_display=["char", "date", "kind", "maker_id", "maker__name"])
    columns = list_display_columns(pages.model_admin, rf.get("/"))
    assert [column.source for column in columns] == [
        "char",
        "date",
        "get_kind_display",
        "maker_id",
        "maker__name",
    ]


def test_the_names_of_columns_are_those_in_list_display(make_pages, rf):
    def method(self, specimen):
        return ""

    names = ["char", "kind", "maker", "method", "__str__", "maker__name"]
    pages = make_pages(Specimen, list_display=names, method=method)
    columns = list_display_columns(pages.model_admin, rf.get("/"))
    assert [column.key for column in columns] == names


def test_list_display_may_depend_on_the_request(make_pages):
    def get_list_display(self, request):
        return ["name", *request.GET.getlist("o")]

    MakerFactory(name="Ann", size=1)
    pages = make_pages(Maker, get_list_display=get_list_display)
    assert pages.lines("?o=size") == ["Name,Size", "Ann,Small works"]


def test_the_default_list_display_is_the_object(make_pages):
    MakerFactory(name="Ann")
    assert make_pages(Maker).lines() == ["Maker", "Ann"]


def test_choices_print_as_their_labels(make_pages):
    SpecimenFactory(kind="r")
    SpecimenFactory(kind="unknown")
    pages = make_pages(Specimen, list_display=["kind"], ordering=["pk"])
    assert pages.lines() == ["Kind", "Rare kind", "unknown"]


def test_choices_of_a_related_object_print_as_their_labels(make_pages):
    SpecimenFactory(maker__size=2)
    pages = make_pages(Specimen, list_display=["maker__size"])
    assert pages.lines() == ["Maker size", "Large works"]


def test_grouped_and_unhashable_choices_print_as_their_labels(make_pages):
    DrawerFactory(answer="u", shape=[1, 2])
    pages = make_pages(Drawer, list_display=["answer", "shape"])
    assert pages.lines() == ["Answer,Shape", "Unknown,A pair"]


def test_the_display_method_of_the_model_does_not_replace_the_labels(make_pages):
    """The admin does not call it."""
    for code, mood in [("a", "g"), ("b", "x"), ("c", None)]:
        DrawerFactory(code=code, mood=mood)
    pages = make_pages(Drawer, list_display=["mood"], ordering=["pk"])
    assert pages.lines() == ["Mood", "Good", "x", '""']


def test_choices_are_in_the_language_of_the_user(make_pages):
    DrawerFactory(answer="y")
    pages = make_pages(Drawer, list_display=["answer"])
    response = pages.client.get(pages.url("report"), headers={"accept-language": "de"})
    assert b"".join(response) == b"Answer\r\nJa\r\n"


# Related objects


def test_a_foreign_key_prints_as_its_object(make_pages):
    SpecimenFactory(maker__name="Ann")
    SpecimenFactory(maker=None)
    pages = make_pages(Specimen, list_display=["maker", "maker_id"], ordering=["pk"])
    key = Maker.objects.get().pk
    assert pages.lines() == ["Maker,Maker id", f"Ann,{key}", ","]


def test_a_foreign_key_at_the_end_of_a_path_prints_as_its_object(make_pages):
    certificate = CertificateFactory(specimen__maker__name="Ann")
    pages = make_pages(Certificate, list_display=["specimen__maker"])
    assert pages.lines() == ["Specimen maker", "Ann"]
    certificate.specimen.maker.delete()
    assert pages.lines() == ["Specimen maker", '""']


def test_a_reverse_relation_prints_as_its_object(make_pages):
    number = CertificateFactory().pk
    SpecimenFactory()
    pages = make_pages(Specimen, list_display=["id", "certificate"], ordering=["pk"])
    first, second = Specimen.objects.order_by("pk").values_list("pk", flat=True)
    assert pages.lines() == [
        "ID,Certificate",
        f"{first},Certificate object ({number})",
        f"{second},",
    ]


def test_a_generic_relation_prints_as_its_object(make_pages):
    NoteFactory(content_object=MakerFactory(name="Ann"))
    assert make_pages(Note, list_display=["content_object"]).lines() == ["Content object", "Ann"]


def test_a_primary_key_that_is_a_relation_prints_as_its_object(make_pages):
    LockedDrawerFactory(code="d1")
    pages = make_pages(LockedDrawer, list_display=["pk", "drawer_ptr", "code"])
    assert pages.lines() == ["Pk,Drawer ptr,Code", "d1,Drawer d1,d1"]
