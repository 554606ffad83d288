"""Range fields in forms: django-filter's fields with two values."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BoundField, DateField, Field, MultiWidget, Widget
from django.utils.dateparse import parse_date

SUFFIXES = {("after", "before"), ("min", "max")}  # those of django-filter's widgets
ISO_DATE = "%Y-%m-%d"  # what a date input sends


class RangeInput(MultiWidget):
    """The two parts of a range, with labels; only invalid parts are marked as invalid.

    ``widget``: the widget of the field. ``invalid``: whether each part is invalid.
    """

    template_name = "streamreports/widgets/range.html"

    def __init__(self, widget: Any, invalid: Sequence[bool]) -> None:
        super().__init__(dict(zip(widget.suffixes, widget.widgets, strict=True)), widget.attrs)
        self.replaced = widget
        self.invalid = invalid

    def decompress(self, value: Any) -> Any:
        """Return the values of the parts, as the widget of the field does."""
        return self.replaced.decompress(value)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the context, in which valid parts are not marked."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        for part, is_invalid in zip(parts, self.invalid, strict=True):
            if any(self.invalid) and not is_invalid:
                part["attrs"].pop("aria-invalid", None)
        return context


def is_range(widget: Any) -> bool:
    """Return True for the widget of a range without a custom template."""
    suffixes = tuple(getattr(widget, "suffixes", ()))
    return suffixes in SUFFIXES and widget.template_name.startswith("django_filters/")


def show_range(bound: BoundField) -> None:
    """Give a range labels and date inputs, and mark only its invalid parts."""
    range_field: Any = bound.field
    widget = range_field.widget
    parts = list(zip(range_field.fields, widget.widgets, bound.data, strict=True))
    for field, part, value in parts:
        if takes_date(field, part, value) and "type" not in widget.attrs:
            part.input_type = "date"
    invalid = [is_invalid(field, value) for field, _, value in parts]
    range_field.widget = RangeInput(widget, invalid)


def takes_date(field: Any, part: Widget, value: str | None) -> bool:
    """Return True if a part may be a date input, which only supports ISO dates."""
    return (
        isinstance(field, DateField)
        and ISO_DATE in list(field.input_formats or ())
        and getattr(part, "input_type", None) == "text"
        and not part.is_localized
        and is_iso_date(value)
    )


def is_iso_date(value: str | None) -> bool:
    """Return True for an ISO date and for no value."""
    try:
        return not value or parse_date(value) is not None
    except ValueError:  # The day does not exist.
        return False


def is_invalid(field: Field, value: str | None) -> bool:
    """Return True if a field does not accept a value."""
    try:
        field.clean(value)
    except ValidationError:
        return True
    return False
