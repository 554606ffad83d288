"""What a lookup path of a model leads to: fields, relations, attributes, and what was meant."""

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Field, ForeignObjectRel, Model
from django.db.models.constants import LOOKUP_SEP
from django.utils.functional import cached_property
from django.utils.text import capfirst

from streamreports.exceptions import ColumnError

DISPLAY = re.compile(r"get_(?P<field>.+)_display")

READABLE = (
    property,
    cached_property,
    functools.cached_property,
    functools.partialmethod,
    staticmethod,
    classmethod,
)


@dataclass(frozen=True)
class LookupPath:
    """A lookup path, followed as far as its relations go.

    ``relations`` are the fields that were followed; ``model`` is where they lead; ``rest`` is what
    the path still names there: a field and its transforms, an attribute, or nothing.
    """

    relations: tuple[Any, ...]
    model: type[Model]
    rest: tuple[str, ...]

    @property
    def prefix(self) -> tuple[str, ...]:
        """Return the names of the relations that were followed."""
        return tuple(relation.name for relation in self.relations)

    @property
    def field(self) -> Any | None:
        """Return the field that the rest begins with, or the last relation; None for no field."""
        return find_field(self.model, self.rest[0]) if self.rest else self.relations[-1]

    @property
    def to_many(self) -> bool:
        """Tell whether one object may have several values at the end of the path."""
        return any(is_to_many(relation) for relation in self.relations)

    @property
    def display_field(self) -> Any | None:
        """Return the field whose choice labels the path names in Django's own words."""
        match = DISPLAY.fullmatch(self.rest[0]) if len(self.rest) == 1 else None
        field = find_field(self.model, match["field"]) if match else None
        if field is None or not getattr(field, "choices", None):
            return None
        attribute = find_attribute(self.model, self.rest[0])
        return field if getattr(attribute, "func", None) is DJANGO_DISPLAY else None

    @property
    def attribute(self) -> Any | None:
        """Return the property or method that the path ends with, None if it ends otherwise."""
        return find_attribute(self.model, self.rest[0]) if len(self.rest) == 1 else None

    @property
    def label(self) -> str:
        """Return the verbose names along the path, joined, with a capital."""
        names = [verbose_name(relation) for relation in self.relations]
        rest = self.rest
        if field := self.display_field or (rest and self.field):
            names.append(verbose_name(field))
            rest = rest[1:]
        elif attribute := self.attribute:
            names.append(short_description(attribute) or pretty(rest[0]))
            rest = rest[1:]
        return capfirst(" ".join([*names, *map(pretty, rest)]))


DJANGO_DISPLAY = Model._get_FIELD_display  # type: ignore[attr-defined]


def follow(model: type[Model], path: str) -> LookupPath:
    """Follow the relations of a path, from a model to where they end."""
    if find_attribute(model, path) is not None:  # "__str__" is a name, not a path.
        return LookupPath((), model, (path,))
    relations: list[Any] = []
    parts = path.split(LOOKUP_SEP)
    while parts:
        field = find_field(model, parts[0])
        related = getattr(field, "related_model", None)
        if related is None or (is_key(field, parts[0]) and len(parts) == 1):
            break
        relations.append(field)
        model = related
        parts = parts[1:]
    return LookupPath(tuple(relations), model, tuple(parts))


def is_key(field: Any, name: str) -> bool:
    """Tell whether a name is that of a foreign key's own column (``carrier_id``)."""
    return name != field.name and name == getattr(field, "attname", None)


def is_to_many(field: Any) -> bool:
    """Tell whether a relation leads to several objects."""
    return bool(field.one_to_many or field.many_to_many)


def is_generic(field: Any) -> bool:
    """Tell whether a field is a generic foreign key, which only instances can follow."""
    return field is not None and field.is_relation and field.related_model is None


def find_field(model: type[Model], name: str) -> Any | None:
    """Return the field, or the relation, that a lookup calls by a name."""
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def find_attribute(model: type[Model], name: str) -> Any | None:
    """Return the property or method of a model by its name, None where there is none."""
    attribute = inspect.getattr_static(model, name, None)
    readable = inspect.isfunction(attribute) or isinstance(attribute, READABLE)
    return attribute if readable and find_field(model, name) is None else None


def function_of(attribute: Any) -> Any:
    """Return the function behind a property or method."""
    for name in ("fget", "func", "__func__"):
        attribute = getattr(attribute, name, attribute)
    return attribute


def short_description(attribute: Any) -> str | None:
    """Return what ``@admin.display(description=...)`` says of a function or method."""
    described = getattr(function_of(attribute), "short_description", None)
    return None if described is None else str(described)


def wants_arguments(model: type[Model], name: str) -> bool:
    """Tell whether a method cannot be called without arguments."""
    attribute = find_attribute(model, name)
    if isinstance(attribute, (property, cached_property, functools.cached_property)):
        return False
    signature = inspect.signature(getattr(model, name))
    try:
        signature.bind(*() if isinstance(attribute, (staticmethod, classmethod)) else (None,))
    except TypeError:
        return True
    return False


def alters_data(attribute: Any) -> bool:
    """Tell whether a method says of itself that calling it changes the database."""
    return bool(getattr(function_of(attribute), "alters_data", False))


def pretty(name: str) -> str:
    """Return a name in Python as a label's words."""
    return " ".join(name.replace("_", " ").split())


def verbose_name(field: Any) -> str:
    """Return the words for a field, or for the relation back to a model."""
    if isinstance(field, ForeignObjectRel):
        options = field.related_model._meta
        return str(options.verbose_name_plural if is_to_many(field) else options.verbose_name)
    return str(getattr(field, "verbose_name", None) or pretty(field.name))


def reader_of(path: LookupPath) -> Callable[[Model], object]:
    """Return the function that reads the attribute at a path's end from an instance."""
    (name,) = path.rest
    accessors = [accessor(relation) for relation in path.relations]

    def read(instance: Model) -> object:
        for relation in accessors:
            try:
                instance = getattr(instance, relation)
            except ObjectDoesNotExist:  # The other side of a one-to-one relation.
                return None
            if instance is None:
                return None
        value = getattr(instance, name)
        return value() if callable(value) else value

    return read


def accessor(relation: Any) -> str:
    """Return the attribute under which an instance holds what a relation leads to."""
    if isinstance(relation, ForeignObjectRel):
        return str(relation.get_accessor_name())
    return str(relation.name)


def names_of(model: type[Model]) -> Iterator[str]:
    """Yield what a column can name on a model, besides annotations."""
    for field in model._meta.get_fields():
        yield field.name
        if isinstance(field, Field) and field.choices:
            yield f"get_{field.name}_display"
    for name in dir(model):
        attribute = None if name.startswith("_") else find_attribute(model, name)
        if attribute is None or hasattr(Model, name) or DISPLAY.fullmatch(name):
            continue
        if not alters_data(attribute):
            yield name


def unknown(model: type[Model], path: str, annotations: Iterable[str]) -> ColumnError:
    """Return the error for a path that leads nowhere, with what was probably meant."""
    followed = follow(model, path)
    names = sorted({*names_of(followed.model), *(() if followed.relations else annotations)})
    wrong, *rest = followed.rest
    end = followed.model._meta.object_name
    problem = f"'{path}' is not a field, annotation, property or method of {end}."
    for meant in get_close_matches(wrong, names, n=1):
        meant = LOOKUP_SEP.join((*followed.prefix, meant, *rest))
        return ColumnError(problem, f"Did you mean '{meant}'?")
    return ColumnError(problem, f"Choose from: {', '.join(names)}.")
