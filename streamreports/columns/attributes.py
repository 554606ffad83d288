"""Find properties and methods of models, and read them from an instance along a path."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import ForeignObjectRel, Model
from django.db.models.fields.files import FieldFile
from django.db.models.fields.related_descriptors import (
    ForwardManyToOneDescriptor,
    ReverseOneToOneDescriptor,
)
from django.utils.functional import cached_property

from streamreports.exceptions import ColumnError

PROPERTIES = (property, cached_property, functools.cached_property)
METHODS = (functools.partialmethod, staticmethod, classmethod)
RELATIONS = (ForwardManyToOneDescriptor, ReverseOneToOneDescriptor)


def find_field(model: type[Model], name: str) -> Any | None:
    """Return the field or relation with a name in lookups; None if there is none.

    A property or method takes precedence over a reverse relation of the same name, as it does when
    the attribute of an instance is read.
    """
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    hidden = isinstance(field, ForeignObjectRel) and static_attribute(model, name) is not None
    return None if hidden else field


def find_attribute(model: type[Model], name: str) -> Any | None:
    """Return the property or method of a model by its name; None if there is none."""
    attribute = static_attribute(model, name)
    return attribute if attribute is None or find_field(model, name) is None else None


def static_attribute(model: type[Model], name: str) -> Any | None:
    """Return the property or method that a class defines, without calling it."""
    attribute = inspect.getattr_static(model, name, None)
    readable = inspect.isfunction(attribute) or isinstance(attribute, (*PROPERTIES, *METHODS))
    return attribute if readable else None


def function_of(attribute: Any) -> Any:
    """Return the function behind a property or method."""
    for name in ("fget", "func", "__func__"):
        attribute = getattr(attribute, name, attribute)
    return attribute


def short_description(attribute: Any) -> str | None:
    """Return the description of a function or method, as set by ``@admin.display``."""
    described = getattr(function_of(attribute), "short_description", None)
    return None if described is None else str(described)


def requires_arguments(model: type[Model], name: str) -> bool:
    """Return True if a method cannot be called without arguments."""
    attribute = find_attribute(model, name)
    if isinstance(attribute, PROPERTIES):
        return False
    signature = inspect.signature(getattr(model, name))
    try:
        signature.bind(*() if isinstance(attribute, (staticmethod, classmethod)) else (None,))
    except TypeError:
        return True
    return False


def alters_data(attribute: Any) -> bool:
    """Return True if a method is marked with ``alters_data``."""
    return bool(getattr(function_of(attribute), "alters_data", False))


def reader(relations: Sequence[str], names: Sequence[str]) -> Callable[[Model], object]:
    """Return the function that follows relations of an instance, then attributes.

    Methods are called. The result is None if a value along the path is None, a related object does
    not exist, or a file field is empty.
    """

    def read(instance: Model) -> object:
        value: Any = instance
        for name in (*relations, *names):
            if value is None or (isinstance(value, FieldFile) and not value):
                return None
            value = read_attribute(value, name)
        return value

    return read


def read_attribute(owner: Any, name: str) -> Any:
    """Return an attribute of an object; call it if it is a method. None for a missing object."""
    try:
        value = getattr(owner, name)
    except ObjectDoesNotExist:
        if isinstance(inspect.getattr_static(owner, name, None), RELATIONS):
            return None
        raise
    if not callable(value) or getattr(value, "do_not_call_in_templates", False):
        return value
    if alters_data(value):
        raise ColumnError(
            f"{type(owner).__name__}.{name} is a method that alters data.",
            "Name a method that only reads.",
        )
    return value()
