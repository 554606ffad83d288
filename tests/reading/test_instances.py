"""Instances that are created faster are those that Django creates."""

import django
import pytest
from django.db import models
from django.db.models import F, FilteredRelation, Max, Model, Q
from django.db.models.signals import post_init, pre_init

from streamreports.columns import Column
from streamreports.reading.instances import InstanceIterable
from streamreports.reports import Report
from tests.factories import (
    CertificateFactory,
    DrawerFactory,
    LockedDrawerFactory,
    MakerFactory,
    PartFactory,
    SlotFactory,
    SpecimenFactory,
)
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Part, Seal, Slot, Specimen

pytestmark = pytest.mark.django_db


def described(value, owners=()):
    """Return all that an instance holds, and the same for the objects related to it."""
    if not isinstance(value, Model) or value in owners:
        return value
    attributes = dict(vars(value))
    state = dict(vars(attributes.pop("_state")))
    related = state.pop("fields_cache", {})
    held = {name: described(each, (*owners, value)) for name, each in related.items()}
    return type(value), attributes, state, held


def check(queryset):
    """Check that a queryset's instances are Django's; return them."""
    faster = queryset.all()
    faster._iterable_class = InstanceIterable
    instances = list(faster.iterator(2))
    assert list(map(described, instances)) == list(map(described, queryset.iterator(2)))
    assert instances
    return instances


@pytest.fixture
def specimens():
    PartFactory(specimen=SpecimenFactory(full=True))
    SpecimenFactory(maker=None)
    CertificateFactory()
    return Specimen.objects.order_by("pk")


def test_fields(specimens):
    check(specimens)


def test_many_instances():
    Maker.objects.bulk_create(Maker(name=str(number)) for number in range(205))
    assert len(check(Maker.objects.order_by("pk"))) == 205


def test_empty_queryset(specimens):
    empty = specimens.none()
    empty._iterable_class = InstanceIterable
    assert list(empty.iterator(2)) == []


def test_deferred_fields(specimens):
    first, *_ = check(specimens.only("decimal", "char"))
    assert first.get_deferred_fields() == {
        field.attname for field in Specimen._meta.concrete_fields
    } - {"id", "decimal", "char"}
    check(specimens.defer("text", "file"))


def test_annotations(specimens):
    check(specimens.annotate(latest=Max("parts__pk"), twice=F("decimal") * 2, file2=F("file")))
    check(specimens.extra(select={"one": "1"}).annotate(maker_name=F("maker__name")))


def test_related_objects(specimens):
    check(specimens.select_related("maker", "certificate"))
    check(Certificate.objects.select_related("specimen__maker").annotate(one=F("number")))
    check(Part.objects.select_related("specimen").only("name", "specimen__char"))
    check(
        specimens.annotate(
            small=FilteredRelation("maker", condition=Q(maker__size=Maker.Size.SMALL))
        ).select_related("small")
    )


def test_objects_of_a_related_manager(specimens):
    maker = MakerFactory()
    SpecimenFactory(maker=maker)
    (specimen,) = check(maker.specimens.all())
    assert specimen.maker is maker


def test_model_of_several_tables():
    LockedDrawerFactory(parent=LockedDrawerFactory())
    check(LockedDrawer.objects.order_by("pk"))
    check(Drawer.objects.select_related("lockeddrawer").order_by("pk"))
    check(Drawer.objects.select_related("parent__lockeddrawer").order_by("pk"))


def test_primary_key_of_several_columns():
    SlotFactory()
    check(Slot.objects.all())
    check(Slot.objects.annotate(key=F("pk"), more=F("number") + 1).select_related("drawer"))


def test_field_that_converts_values():
    Seal.objects.create(mark="a")
    check(Seal.objects.all())


@pytest.mark.skipif(django.VERSION < (6, 1), reason="Django 6.1 added fetch modes.")
@pytest.mark.parametrize("mode", ["FETCH_ONE", "FETCH_PEERS", "FETCH_RAISE"])
def test_fetch_mode(specimens, mode):
    queryset = specimens.fetch_mode(getattr(models, mode)).only("char")
    faster = queryset.all()
    faster._iterable_class = InstanceIterable
    for given in (list(faster), list(queryset)):
        assert {each._state.fetch_mode for each in given} == {getattr(models, mode)}
        assert {len(each._state.peers) for each in given} == {3 * (mode == "FETCH_PEERS")}


# Models that take part in the creation of their instances


def names_of_makers():
    MakerFactory(name="Acme")
    column = Column(lambda maker: maker.name, label="Name")
    return [row[0] for row in Report(Maker.objects.all(), [column]).rows()]


def test_method_that_is_overridden(monkeypatch):
    def initialize(self, *args, **kwargs):
        Model.__init__(self, *args, **kwargs)
        self.name += " Ltd"

    monkeypatch.setattr(Maker, "__init__", initialize)
    assert names_of_makers() == ["Acme Ltd Ltd"]  # made once by the factory


def test_from_db_that_is_overridden(monkeypatch):
    def from_db(cls, *args, **kwargs):
        instance = super(Maker, cls).from_db(*args, **kwargs)
        instance.name += " Ltd"
        return instance

    monkeypatch.setattr(Maker, "from_db", classmethod(from_db), raising=False)
    assert names_of_makers() == ["Acme Ltd"]


@pytest.mark.parametrize("signal", [pre_init, post_init])
def test_signal(signal):
    received = []

    def receive(sender, **kwargs):
        received.append(sender)

    signal.connect(receive, sender=Maker)
    try:
        names_of_makers()
    finally:
        signal.disconnect(receive, sender=Maker)
    assert received == [Maker, Maker]  # by the factory and by the report


def test_property_in_place_of_an_attribute(monkeypatch):
    DrawerFactory()
    stored = []
    setter = property(lambda self: "read", lambda self, value: stored.append(value))
    monkeypatch.setattr(Drawer, "weight", setter)
    report = Report(Drawer.objects.all(), [Column(lambda drawer: drawer.weight, label="Weight")])
    assert list(report.rows()) == [("read",)]
    assert stored == [None]


# Columns beside a function


def way_of_datetime(queryset):
    """Return how a datetime is printed beside a function."""
    columns = ["datetime", Column(lambda specimen: specimen.char, label="Name")]
    return dict(Report(queryset, columns).explain().columns)["Datetime"]


def test_datetime_is_printed_by_the_database():
    assert way_of_datetime(Specimen.objects.all()) == "printed by the database"


def test_datetime_of_a_grouped_queryset_is_that_of_the_instance():
    grouped = Specimen.objects.annotate(latest=Max("parts__pk"))
    assert way_of_datetime(grouped) == "printed in Python: the instance has it already"


def test_datetime_that_a_model_changes_is_that_of_the_instance(monkeypatch):
    def from_db(cls, *args, **kwargs):
        instance = super(Specimen, cls).from_db(*args, **kwargs)
        instance.datetime = instance.datetime.replace(year=2000)
        return instance

    SpecimenFactory(full=True)
    monkeypatch.setattr(Specimen, "from_db", classmethod(from_db), raising=False)
    columns = ["datetime", Column(lambda specimen: specimen.datetime, label="Again")]
    assert list(Report(Specimen.objects.all(), columns).rows()) == [
        ("2000-11-20 12:30:00+00:00", "2000-11-20 12:30:00+00:00")
    ]
