"""The two parts of a range in a form."""

import pytest
from django.forms import Form
from django.http import QueryDict
from django.utils import translation
from django_filters.fields import DateRangeField, RangeField
from django_filters.widgets import DateRangeWidget

from streamreports.pages.forms import label_parts
from tests.pages.html import Builder


def inputs(query="", **options):
    """Return the attributes of the inputs of a form, by their names."""

    class RangeForm(Form):
        day = DateRangeField(required=False, **options)
        size = RangeField(required=False)

    form = RangeForm(QueryDict(query))
    form.is_valid()
    label_parts(form)
    builder = Builder()
    builder.feed("".join(str(bound) for bound in form))
    return {each["name"]: each.attributes for each in builder.root.all("input")}


def test_dates_have_date_inputs():
    types = {name: each["type"] for name, each in inputs().items()}
    assert types == {
        "day_after": "date",
        "day_before": "date",
        "size_min": "text",
        "size_max": "text",
    }


def test_a_date_input_shows_its_date():
    part = inputs("day_after=2026-05-01")["day_after"]
    assert (part["type"], part["value"]) == ("date", "2026-05-01")


@pytest.mark.parametrize("value", ["01.05.2026", "2026-02-30", "x"])
def test_what_a_date_input_cannot_show_is_in_a_text_input(value):
    with translation.override("de"):
        part = inputs(f"day_after={value}")["day_after"]
    assert (part["type"], part["value"]) == ("text", value)


def test_a_type_of_the_widget_stays():
    widget = DateRangeWidget(attrs={"type": "search"})
    assert inputs(widget=widget)["day_after"]["type"] == "search"


def test_dates_are_text_if_iso_dates_are_not_accepted(settings):
    with translation.override(None):
        settings.DATE_INPUT_FORMATS = ["%d.%m.%Y"]
        assert inputs()["day_after"]["type"] == "text"


def test_only_the_invalid_part_is_marked():
    found = inputs("day_after=2026-05-01&day_before=x&size_min=x&size_max=y")
    marked = [name for name, each in found.items() if "aria-invalid" in each]
    assert marked == ["day_before", "size_min", "size_max"]
