"""Format specifications, tried on samples of a field's type."""

import datetime
from decimal import Decimal

import pytest
from django.db.models import CharField, F, IntegerField, Value
from hypothesis import given
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.columns.binding import Binder
from streamreports.columns.specifications import format_error
from streamreports.exceptions import ColumnError
from streamreports.values import CellFormatter, TextOptions
from tests.models import Specimen


def error(source, spec):
    """Return what is wrong with the format of a column, None if nothing is."""
    column = Binder(Column(source, label="x", format=spec), Specimen.objects.all()).bind()
    found = format_error(column)
    return found and (found.problem, found.hint)


@pytest.mark.parametrize(
    ("source", "spec"),
    [
        ("short_decimal", ",.2f"),
        ("short_decimal", ".0%"),
        ("short_decimal", "08.2f"),
        ("short_decimal", "10"),
        ("short_decimal", ""),
        ("floating", "e"),
        ("integer", "05d"),
        ("integer", "x"),
        ("integer", ","),
        ("integer", ".2f"),
        ("maker", ","),
        ("date", "%d/%m/%Y"),
        ("date", "%A"),
        ("date", "%G-W%V"),
        ("datetime", "%d/%m/%Y %H:%M"),
        ("datetime", "%Z"),
        ("datetime", "%z"),
        ("datetime", "%p"),
        ("datetime", "%f"),
        ("time", "%H:%M"),
        ("char", ">20"),
        ("boolean", "d"),
        ("get_kind_display", ">9"),
        ("parts__quantity", ".1f"),
        ("date", "d/m/Y".replace),
        ("json", "x"),
        ("maker__shout", "%d"),
        (lambda specimen: 1, "%d"),
    ],
)
def test_format_that_fits(source, spec):
    assert error(source, spec) is None


NUMBERS = "Give a specification for numbers, such as ',.2f', or a callable."
DATES = "Give a specification for strftime(), such as '%d/%m/%Y', or a callable."
CALLABLE = "Give a callable: format=lambda value: ..."


@pytest.mark.parametrize(
    ("source", "spec", "hint"),
    [
        ("short_decimal", "%.2f", "Did you mean '.2f'?"),
        ("short_decimal", "%2f", "Did you mean '.2f'?"),
        ("short_decimal", ",2f", "Did you mean ',.2f'?"),
        ("short_decimal", "{:.2f}", "Did you mean '.2f'?"),
        ("short_decimal", "#,##0.00", "Did you mean ',.2f'?"),
        ("short_decimal", "d", "Did you mean '.0f'?"),
        ("short_decimal", ",.2f€", "Give a callable: format='{:,.2f}€'.format."),
        ("short_decimal", "€,.2f", "Give a callable: format='€{:,.2f}'.format."),
        ("short_decimal", "€ {:,.2f}", "Give a callable: format='€ {:,.2f}'.format."),
        ("short_decimal", "%d/%m/%Y", NUMBERS),
        ("floating", "x", NUMBERS),
        ("integer", "%d", "Did you mean 'd'?"),
        ("maker", "%d", "Did you mean 'd'?"),
        ("char", ".2f", CALLABLE),
        ("char", "{} kg", "Give a callable: format='{} kg'.format."),
        ("uuid", "x", CALLABLE),
        ("file", "x", CALLABLE),
        ("duration", "%H:%M", CALLABLE),
        ("boolean", "Yes/No", 'Give a callable: format={True: "Yes", False: "No"}.get.'),
    ],
)
def test_format_that_fits_no_value(source, spec, hint):
    field = Binder(Column(source), Specimen.objects.all()).bind().field
    problem = f"The format '{spec}' of '{source}' does not fit its type, {type(field).__name__}."
    assert error(source, spec) == (problem, hint)


@pytest.mark.parametrize(
    ("source", "spec", "hint"),
    [
        ("date", "d/m/Y", "Did you mean '%d/%m/%Y'?"),
        ("date", "DD.MM.YYYY", "Did you mean '%d.%m.%Y'?"),
        ("date", "yyyy-mm-dd", "Did you mean '%Y-%m-%d'?"),
        ("date", "d. F Y", "Did you mean '%d. %B %Y'?"),
        ("datetime", "d/m/Y H:i", "Did you mean '%d/%m/%Y %H:%M'?"),
        ("datetime", "YYYY-MM-DD HH:MM:SS", "Did you mean '%Y-%m-%d %H:%M:%S'?"),
        ("time", "H:i", "Did you mean '%H:%M'?"),
        ("date", ",.2f", DATES),
        (
            "date",
            "SHORT_DATE_FORMAT",
            "Give a callable: format=lambda value: date_format(value, 'SHORT_DATE_FORMAT').",
        ),
        ("parts__specimen__date", "d/m/Y", "Did you mean '%d/%m/%Y'?"),
    ],
)
def test_format_that_prints_itself(source, spec, hint):
    problem = f"The format '{spec}' of '{source}' prints '{spec}' in every row."
    assert error(source, spec) == (problem, hint)


@pytest.mark.parametrize(
    ("source", "spec", "text", "hint"),
    [
        ("date", "%H:%M", "00:00", DATES),
        ("time", "%d", "01", DATES.replace("%d/%m/%Y", "%H:%M")),
        ("char", ".0", "", CALLABLE),
    ],
)
def test_format_that_prints_the_same_in_every_row(source, spec, text, hint):
    problem = f"The format '{spec}' of '{source}' prints '{text}' in every row."
    assert error(source, spec) == (problem, hint)


@pytest.mark.parametrize(("spec", "meant"), [("2f", ".2f"), ("0.00", ".2f"), ("#.#", ".1f")])
def test_format_that_does_not_set_the_decimals(spec, meant):
    hint = f"Did you mean '{meant}'?"
    assert error("floating", spec)[1] == hint
    assert error("short_decimal", spec)[1] == hint


def test_labels_of_choices_are_text():
    assert error("get_kind_display", "d") == (
        "The format 'd' of 'get_kind_display' does not fit its type, text.",
        CALLABLE,
    )


def test_output_field_of_an_expression_is_tried():
    assert error(F("integer") + 1, "%d")[1] == "Did you mean 'd'?"
    assert error(Value("a", output_field=CharField()), "d")[1] == CALLABLE


class MoneyField(IntegerField):
    """A field whose values are not Django's."""

    def from_db_value(self, value, expression, connection):
        return f"{value} €"


def test_field_that_converts_its_values_is_not_tried():
    assert error(Value(1, output_field=MoneyField()), "%d/%m") is None


@pytest.mark.parametrize("given", [2, b".2f", ["x"]])
def test_format_that_is_neither_text_nor_callable_is_refused(given):
    with pytest.raises(ColumnError) as caught:
        Binder(Column("integer", format=given), Specimen.objects.all()).bind()
    assert str(caught.value) == (
        f"The format of 'integer' is {given!r}. "
        "Give a format specification, such as ',.2f', or a callable."
    )


@pytest.mark.parametrize("given", [5, b", "])
def test_separator_that_is_not_text_is_refused(given):
    with pytest.raises(ColumnError) as caught:
        Binder(Column("parts__name", separator=given), Specimen.objects.all()).bind()
    assert str(caught.value) == f"The separator of 'parts__name' is {given!r}. Give a string."


VALUES = {
    "short_decimal": Decimal("1234.5"),
    "integer": 12,
    "date": datetime.date(2026, 11, 20),
    "char": "abc",
}


@given(
    st.sampled_from(sorted(VALUES)),
    st.text(alphabet="0123456789.,%dfmYHis{}:_+-<>=^ €", max_size=6),
)
def test_trying_a_format_never_crashes_and_what_fits_prints(source, spec):
    """A specification that Python refuses is always reported."""
    found = error(source, spec)
    try:
        format(VALUES[source], spec)
    except (TypeError, ValueError, OverflowError):
        assert found is not None
    else:
        CellFormatter(format=spec).text(VALUES[source], TextOptions())
