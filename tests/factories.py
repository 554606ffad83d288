"""Factories for the models of the tests."""

import datetime
import uuid
from decimal import Decimal

import factory
from django.db.models import F
from factory.django import DjangoModelFactory

from tests import models


class MakerFactory(DjangoModelFactory):
    class Meta:
        model = models.Maker

    name = factory.Sequence("Maker {}".format)
    size = models.Maker.Size.SMALL


class SpecimenFactory(DjangoModelFactory):
    """Make specimens with a name and a maker; ``full=True`` gives every field a value."""

    class Meta:
        model = models.Specimen

    class Params:
        full = factory.Trait(
            big=2**63 - 1,
            binary=b"\x00\xfe",
            boolean=True,
            date=datetime.date(2026, 11, 20),
            datetime=datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC),
            decimal=Decimal("12345678901234567890.0123456789"),
            duration=datetime.timedelta(days=1, hours=2, minutes=3, seconds=4),
            email="ana@example.com",
            file="reports/a.txt",
            floating=0.1,
            integer=-7,
            ip="2001:db8::1",
            json={"a": [1, None, "ü"]},
            kind=models.Specimen.Kind.RARE,
            slug="a-slug",
            text="two\nlines",
            time=datetime.time(9, 30),
            url="https://example.com/?a=1",
            uuid=uuid.UUID(int=5),
        )

    char = factory.Sequence("Specimen {}".format)
    maker = factory.SubFactory(MakerFactory)


class PartFactory(DjangoModelFactory):
    class Meta:
        model = models.Part

    specimen = factory.SubFactory(SpecimenFactory)
    name = factory.Sequence("Part {}".format)


class CertificateFactory(DjangoModelFactory):
    class Meta:
        model = models.Certificate

    specimen = factory.SubFactory(SpecimenFactory)
    number = factory.Sequence("C{}".format)


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = models.Note

    content_object = factory.SubFactory(SpecimenFactory)
    body = factory.Sequence("Note {}".format)


class TagFactory(DjangoModelFactory):
    class Meta:
        model = models.Tag

    name = factory.Sequence("Tag {}".format)


class DrawerFactory(DjangoModelFactory):
    """Make drawers; ``tags=[...]`` are put on it in this order."""

    class Meta:
        model = models.Drawer
        skip_postgeneration_save = True

    code = factory.Sequence("d{}".format)

    @factory.post_generation
    def tags(self, create, extracted):
        for tag in extracted or ():
            self.tags.add(tag)


class LockedDrawerFactory(DrawerFactory):
    class Meta:
        model = models.LockedDrawer
        skip_postgeneration_save = True

    key = factory.Sequence("key{}".format)


class SlotFactory(DjangoModelFactory):
    class Meta:
        model = models.Slot

    drawer = factory.SubFactory(DrawerFactory)
    number = factory.Sequence(int)


def pairs_of_specimens(number, **fields):
    """Return a queryset of as many rows as pairs can be made of a number of specimens.

    Few objects make many rows, so that a large report is not long in the making.
    """
    maker = MakerFactory()
    models.Specimen.objects.bulk_create(
        [models.Specimen(maker=maker, **fields) for _ in range(number)]
    )
    return models.Specimen.objects.order_by("pk").annotate(other=F("maker__specimens__pk"))
