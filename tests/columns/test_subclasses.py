"""Subclasses of Column."""

from decimal import Decimal

import pytest
from django.db.models import F
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.formats.csv import ExcelCsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import SpecimenFactory
from tests.models import Specimen

pytestmark = pytest.mark.django_db


class MoneyColumn(Column):
    format = ",.2f"


class NoteColumn(Column):
    label = gettext_lazy("Yes")
    separator = " | "
    escape_formulas = False


class CentsColumn(Column):
    format = ",.2f"

    def get_label(self, default):
        return f"{super().get_label(default)} (cents)"

    def format_value(self, value):
        return super().format_value(value / 100)


class YesNoColumn(Column):
    def format_value(self, value):
        return ["yes", "no"] if value else None


STYLE = TextOptions()


def row(column, style=STYLE):
    (texts,) = Report(Specimen.objects.all(), [column]).rows(style)
    return texts[0]


def test_format_may_be_a_class_attribute():
    SpecimenFactory(short_decimal=Decimal("1234.5"))
    assert row(MoneyColumn("short_decimal")) == "1,234.50"


def test_format_of_a_class_honours_the_decimal_separator(settings):
    settings.LANGUAGE_CODE = "de"
    SpecimenFactory(short_decimal=Decimal("1234.5"))
    assert row(MoneyColumn("short_decimal"), ExcelCsvFormat().options) == "1.234,50"


def test_argument_overrides_the_class():
    SpecimenFactory(short_decimal=Decimal("1234.5"))
    assert row(MoneyColumn("short_decimal", format=".1f")) == "1234.5"


def test_label_separator_and_escaping_may_be_class_attributes():
    specimen = SpecimenFactory()
    specimen.parts.create(name="=b")
    specimen.parts.create(name="=a")
    assert row(NoteColumn("parts__name")) == "=b | =a"
    assert Report(Specimen.objects.all(), [NoteColumn("char")]).header == ["Yes"]


def test_get_label_is_given_the_default():
    assert Report(Specimen.objects.all(), [CentsColumn("integer")]).header == ["Integer (cents)"]


def test_get_label_is_given_nothing_for_an_expression_without_a_name():
    class Unlabelled(Column):
        def get_label(self, default):
            return default or "Computed"

    assert Report(Specimen.objects.all(), [Unlabelled(F("integer") * 2)]).header == ["Computed"]


def test_format_value_may_be_overridden():
    SpecimenFactory(integer=123456)
    assert row(CentsColumn("integer")) == "1,234.56"


def test_format_value_applies_to_callables_and_each_of_several_values():
    specimen = SpecimenFactory(integer=200)
    specimen.parts.create(name="b", quantity=100)
    specimen.parts.create(name="a", quantity=250)
    assert row(CentsColumn(lambda specimen: 5, label="x")) == "0.05"
    assert row(CentsColumn("parts__quantity")) == "1.00, 2.50"


def test_format_value_is_never_given_none():
    SpecimenFactory(integer=None)
    assert row(CentsColumn("integer")) == ""


def test_specification_that_does_not_fit_a_value_leaves_it_as_it_is():
    class Upper(Column):
        format = ",.2f"

        def format_value(self, value):
            return f"{super().format_value(value)}!"

    SpecimenFactory(char="a")
    assert row(Upper("char")) == "a!"


def test_what_format_value_returns_prints_like_any_value():
    SpecimenFactory(boolean=True)
    assert row(YesNoColumn("boolean")) == "yes, no"


@pytest.mark.parametrize("source", ["char", F("char"), lambda specimen: "x"])
def test_class_is_named_in_the_repr(source):
    assert repr(MoneyColumn(source)).startswith("<MoneyColumn: ")
