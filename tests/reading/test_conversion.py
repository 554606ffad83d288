"""Values converted a column at a time are those that Django converts row by row."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Max, Value

from streamreports.reading.conversion import convert, unconverted
from tests.factories import CertificateFactory
from tests.models import Certificate, Drawer, Slot, Specimen

pytestmark = pytest.mark.django_db

FIELDS = [field.name for field in Specimen._meta.concrete_fields]


def converted(queryset):
    """Return the rows of a values_list(), read without Django's conversions and converted."""
    records, converters = unconverted(queryset)
    rows = list(records.iterator(2))
    columns = convert(list(zip(*rows, strict=True)), converters if rows else {}, connection)
    return list(zip(*columns, strict=True))


@pytest.fixture
def specimens():
    Specimen.objects.create()
    Specimen.objects.create(
        big=2**40,
        binary=b"\0\xfe",
        boolean=True,
        char="a",
        date=datetime.date(2026, 1, 2),
        datetime=datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC),
        decimal=Decimal("1.5"),
        duration=datetime.timedelta(days=-1, microseconds=3),
        file="a.txt",
        floating=0.5,
        ip="::1",
        json={"a": [1, None]},
        time=datetime.time(1, 2, 3),
        uuid=uuid.UUID(int=5),
    )
    Specimen.objects.create(char="b", boolean=False)
    return Specimen.objects.order_by("pk")


@pytest.mark.parametrize("field", FIELDS)
def test_field(specimens, field):
    queryset = specimens.values_list(field, "pk")
    assert converted(queryset) == list(queryset)


def test_expressions(specimens):
    queryset = specimens.annotate(
        more=F("decimal") * 2, latest=Max("datetime"), one=Value(uuid.UUID(int=1))
    ).values_list("more", "latest", "one", "json__a")
    assert converted(queryset) == list(queryset)


def test_related_object_that_is_missing(specimens):
    CertificateFactory()
    queryset = specimens.values_list("certificate__number", "maker__size", "certificate__specimen")
    assert converted(queryset) == list(queryset)
    assert converted(Certificate.objects.values_list("specimen__uuid", "specimen__date"))


def test_empty_queryset(specimens):
    assert converted(specimens.none().values_list("pk", "date")) == []


def test_value_of_several_columns_is_left_to_django():
    Slot.objects.create(drawer=Drawer.objects.create(code="a"), number=1)
    queryset = Slot.objects.values_list("pk", "number")
    records, converters = unconverted(queryset)
    assert (list(records), converters) == ([(("a", 1), 1)], {})
