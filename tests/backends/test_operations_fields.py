"""Which subclasses of Django's fields the database prints."""

import pytest
from django.db import models
from django.db.models import F
from django.test.utils import isolate_apps

from streamreports.backends.base.operations import NotPrintableError, kind_of
from streamreports.columns import Column
from streamreports.reading.planner import holds_plain_values
from streamreports.reports import Report
from tests.models import Specimen


class AutoSlugField(models.SlugField):
    def get_internal_type(self):
        return "SlugField"

    def pre_save(self, model_instance, add):
        return "made"


class PositiveDecimalField(models.DecimalField):
    def formfield(self, **kwargs):
        return super().formfield(min_value=0, **kwargs)

    def to_python(self, value):
        return super().to_python(value)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (AutoSlugField(), "text"),
        (PositiveDecimalField(max_digits=9, decimal_places=2), "decimal"),
        (models.DateTimeField(), "datetime"),
        (models.DateField(), "date"),
        (models.ImageField(), "text"),
    ],
    ids=repr,
)
def test_subclass_that_converts_nothing_is_of_the_kind_of_its_base(field, kind):
    assert kind_of(field) == kind


class Reversed(models.CharField):
    def from_db_value(self, value, expression, connection):
        return value[::-1]


class Converted(models.CharField):
    def get_db_converters(self, connection):
        return [lambda value, expression, connection: value.upper()]


class Citext(models.CharField):
    def db_type(self, connection):
        return "citext"


class Selected(models.TextField):
    def select_format(self, compiler, sql, params):
        return f"lower({sql})", params


class Cents(models.DecimalField):
    def get_internal_type(self):
        return "IntegerField"


@pytest.mark.parametrize("cls", [Reversed, Converted, Citext, Selected, Cents])
def test_subclass_that_converts_values_has_no_kind(cls):
    with pytest.raises(NotPrintableError) as raised:
        kind_of(cls())
    assert str(raised.value) == f"no rule for tests.backends.test_operations_fields.{cls.__name__}"


@pytest.mark.parametrize("field", [models.JSONField(), models.BinaryField()], ids=repr)
def test_field_without_an_operation_has_no_kind(field):
    with pytest.raises(NotPrintableError, match=f"^no rule for {type(field).__name__}$"):
        kind_of(field)


@isolate_apps("tests")
def test_instance_with_a_descriptor_of_its_own_does_not_hold_plain_values():
    class Shouting:
        def __init__(self, field):
            self.field = field

        def __get__(self, instance, owner):
            return self if instance is None else instance.__dict__[self.field.name].upper()

        def __set__(self, instance, value):
            instance.__dict__[self.field.name] = value

    class ShoutingField(models.CharField):
        descriptor_class = Shouting

    class Sign(models.Model):
        loud = ShoutingField()
        plain = AutoSlugField()

        class Meta:
            app_label = "tests"

    assert holds_plain_values(Sign._meta.get_field("plain"))
    assert not holds_plain_values(Sign._meta.get_field("loud"))


@pytest.mark.django_db
def test_subclass_prints_in_the_database_as_its_base():
    Specimen.objects.create(slug="=s")
    wrapped = models.ExpressionWrapper(F("slug"), output_field=AutoSlugField())
    report = Report(Specimen.objects.all(), [Column(wrapped, "slug")])
    assert report.explain().columns == [("slug", "printed by the database")]
    assert list(report.rows()) == [("'=s",)]
