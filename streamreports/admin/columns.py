"""The columns of a changelist, as columns of a report."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.core.validators import EMPTY_VALUES
from django.db.models import Field, Model
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.hashable import make_hashable
from django.utils.text import capfirst

from streamreports.admin.markup import plain_text
from streamreports.columns import Column, attributes, lookups

CHECKBOX = "action_checkbox"


def list_display_columns(model_admin: Any, request: HttpRequest) -> list[Column]:
    """Return the columns that the changelist of a ModelAdmin shows, with the same labels.

    Password hashes are left out.
    """
    return [
        column_for(entry, model_admin, number)
        for number, entry in enumerate(model_admin.get_list_display(request))
        if entry != CHECKBOX and not is_password(entry, model_admin.model)
    ]


def report_column(entry: Any, model_admin: Any) -> Any:
    """Return an entry of ``report_columns`` as a column of a report.

    A string that is not a name of the model may name a method of the ModelAdmin.
    """
    if not isinstance(entry, str) or not callable(getattr(model_admin, entry, None)):
        return entry
    model = model_admin.model
    names = (attributes.find_field(model, entry), attributes.find_attribute(model, entry))
    return entry if any(name is not None for name in names) else column_for(entry, model_admin)


def column_for(entry: Any, model_admin: Any, number: int = 0) -> Column:
    """Return an entry of ``list_display`` as a column; a database column if it names a field.

    ``number``: the position in the list, since lambdas have no name.
    """
    model = model_admin.model
    label, attribute = label_for_field(entry, model, model_admin, return_attr=True)
    label = capfirst(" ".join(str(plain_text(label)).split()))
    if attribute is None or isinstance(attribute, (str, Field)):
        return field_column(entry, model, label)
    name = (
        entry if isinstance(entry, str) else entry.__name__.replace("<lambda>", f"lambda{number}")
    )
    return Column(reader(entry, attribute, model_admin), label, name=name)


# Fields


def field_column(path: str, model: type[Model], label: str) -> Column:
    """Return the column of a path of fields: choices by their labels, objects by their str()."""
    followed = lookups.follow(model, path)
    if not followed.rest:
        return Column(LOOKUP_SEP.join((path, lookups.STR)), label, name=path)
    field: Any = followed.field
    if not getattr(field, "flatchoices", None):
        return Column(path, label)
    display = LOOKUP_SEP.join((*followed.prefix, f"get_{field.name}_display"))
    if lookups.follow(model, display).display_field is not None:
        return Column(display, label, name=path)
    labels = lookups.labels_of(field)  # The admin ignores a get_<field>_display() of the model.
    return Column(path, label, format=lambda value: labels.get(make_hashable(value), value))


def is_password(entry: Any, model: type[Model]) -> bool:
    """Return True for the password of a user; the admin shows at most a part of the hash."""
    return entry == "password" and issubclass(model, AbstractBaseUser)


# Functions, methods and properties


def reader(entry: Any, attribute: Any, model_admin: Any) -> Callable[[Model], object]:
    """Return a function that returns the value in the changelist for an instance."""
    if callable(entry):
        function = entry
    elif entry != lookups.STR and hasattr(model_admin, entry):
        function = getattr(model_admin, entry)
    else:
        function = attributes.reader((), (entry,))
    is_boolean = getattr(attributes.function_of(attribute), "boolean", False)

    def read(instance: Model) -> object:
        try:
            value = function(instance)
        except ObjectDoesNotExist:  # The changelist shows nothing either.
            return None
        if is_boolean:
            return None if value in EMPTY_VALUES else bool(value)
        return plain_text(value)

    return read
