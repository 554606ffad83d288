"""The form of a report's page: filters, columns and ordering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.forms import BaseForm, MultiWidget
from django.http import QueryDict
from django.utils.translation import gettext as _

from streamreports.filters import parameters_of
from streamreports.pages.ranges import is_range, show_range
from streamreports.problems import Errors


@dataclass(frozen=True, slots=True)
class Choice:
    """A column or an ordering to choose.

    ``position``: the position of a chosen column, starting at 1; None for others.
    """

    value: str
    label: str
    is_chosen: bool
    position: int | None = None


def column_choices(labels: Mapping[str, str], chosen: Sequence[str]) -> list[Choice]:
    """Return the choices of columns, the chosen ones first.

    ``labels``: the labels of the selectable columns, by name. If a chosen column is not selectable,
    the report has its default columns.
    """
    if not set(chosen) <= set(labels):
        chosen = []
    others = [name for name in labels if name not in chosen]
    return [
        *(Choice(name, labels[name], True, place) for place, name in enumerate(chosen, start=1)),
        *(Choice(name, labels[name], False) for name in others),
    ]


def ordering_choices(labels: Mapping[str, str], chosen: Sequence[str]) -> list[Choice]:
    """Return the choices of an ordering: ascending and descending for each name.

    ``labels``: the labels by name. ``chosen``: the current ordering, which is a separate choice if
    it has several names.
    """
    texts = {}
    for name, label in labels.items():
        texts[name] = _("%(label)s, ascending") % {"label": label}
        texts[f"-{name}"] = _("%(label)s, descending") % {"label": label}
    current = ",".join(chosen)
    if len(chosen) > 1 and set(chosen) <= set(texts):
        texts[current] = "; ".join(texts[name] for name in chosen)
    return [Choice(value, text, value == current) for value, text in texts.items()]


def add_errors(form: BaseForm, query: QueryDict, errors: Errors) -> dict[str, Sequence[str]]:
    """Add the errors in parameters to the fields that read them; return the others.

    ``query``: the query string that the form is bound to.
    """
    others = dict(errors)
    for field in form.fields:
        read = {form.add_prefix(field), *parameters_of(form, field, query).read}
        for parameter in sorted(read & others.keys()):
            for message in others.pop(parameter):
                if message not in form.errors.get(field, ()):
                    form.add_error(field, message)
    return others


def label_parts(form: BaseForm) -> None:
    """Give each part of a multi-part field a label."""
    for bound in form:
        widget = bound.field.widget
        if is_range(widget):
            show_range(bound)
        elif isinstance(widget, MultiWidget):
            for number, part in enumerate(widget.widgets, start=1):
                part.attrs.setdefault("aria-label", f"{bound.label} {number}")
