"""Follow a lookup path from a model: relations, fields and attributes."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import FileField, ForeignObjectRel, Model
from django.db.models.constants import LOOKUP_SEP
from django.utils.hashable import make_hashable
from django.utils.text import capfirst

from streamreports.columns.attributes import find_attribute, find_field, short_description

DISPLAY = re.compile(r"get_(?P<field>.+)_display")

DJANGO_DISPLAY = Model._get_FIELD_display  # type: ignore[attr-defined]

STR = "__str__"  # the only name that may contain the separator


@dataclass(frozen=True)
class LookupPath:
    """A lookup path, followed as far as its relations go.

    ``relations`` are the fields that were followed, and ``model`` is the model they lead to.
    ``rest`` is the remaining path: a field and its transforms, attributes, or nothing.
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
        """Return the field that the rest begins with, or the last relation, or None."""
        return find_field(self.model, self.rest[0]) if self.rest else self.relations[-1]

    @property
    def to_many(self) -> bool:
        """Return True if one object may have several values at the end of the path."""
        return any(is_to_many(relation) for relation in self.relations)

    @property
    def display_field(self) -> Any | None:
        """Return the field of ``get_<field>_display`` at the end of the path."""
        match = DISPLAY.fullmatch(self.rest[0]) if len(self.rest) == 1 else None
        field = find_field(self.model, match["field"]) if match else None
        if field is None or not getattr(field, "choices", None):
            return None
        return field if getattr(self.attribute, "func", None) is DJANGO_DISPLAY else None

    @property
    def attribute(self) -> Any | None:
        """Return the property or method that the rest begins with; None if there is none."""
        return find_attribute(self.model, self.rest[0]) if self.rest else None

    @property
    def reads_instance(self) -> bool:
        """Return True if the rest must be read from an instance, since it is not a database column.

        These are properties, methods, generic foreign keys, and attributes of a file
        (``image__url``).
        """
        if self.attribute is not None:
            return self.display_field is None
        return is_generic(self.field) or self._names_file_attribute

    @property
    def _names_file_attribute(self) -> bool:
        field = self.field
        if not isinstance(field, FileField) or len(self.rest) < 2:
            return False
        name = self.rest[1]
        is_attribute = name == "name" or hasattr(field.attr_class, name)
        return is_attribute and field.get_transform(name) is None

    @property
    def label(self) -> str:
        """Return the verbose names along the path, joined and capitalized."""
        names = [verbose_name(relation) for relation in self.relations]
        rest = self.rest
        if field := self.display_field or (rest and self.field):
            names.append(verbose_name(field))
            rest = rest[1:]
        elif self.relations and rest == (STR,):  # The label is that of the object.
            rest = ()
        elif self.attribute:
            names.append(self._attribute_label)
            rest = rest[1:]
        words = attribute_words if self.reads_instance else pretty
        return capfirst(" ".join([*names, *map(words, rest)]))

    @property
    def _attribute_label(self) -> str:
        """Return the label of a property or method: its description, or its name as words."""
        if description := short_description(self.attribute):
            return description
        match = DISPLAY.fullmatch(self.rest[0])
        field = find_field(self.model, match["field"]) if match else None
        return verbose_name(field) if field else attribute_words(self.rest[0])


def follow(model: type[Model], path: str) -> LookupPath:
    """Follow the relations of a path from a model."""
    if find_attribute(model, path) is not None:  # "__str__" is a name, not a path.
        return LookupPath((), model, (path,))
    relations: list[Any] = []
    parts = names_in(path)
    while parts:
        field = find_field(model, parts[0])
        related = getattr(field, "related_model", None)
        if related is None or (is_key(field, parts[0]) and len(parts) == 1):
            break
        relations.append(field)
        model = related
        parts = parts[1:]
    return LookupPath(tuple(relations), model, tuple(parts))


def names_in(path: str) -> list[str]:
    """Return the names in a lookup path; the last one may be ``__str__``."""
    if path.endswith(LOOKUP_SEP + STR):
        return [*path.removesuffix(LOOKUP_SEP + STR).split(LOOKUP_SEP), STR]
    return path.split(LOOKUP_SEP)


def is_key(field: Any, name: str) -> bool:
    """Return True if a name is the attname of a foreign key (``carrier_id``)."""
    return name != field.name and name == getattr(field, "attname", None)


def is_to_many(field: Any) -> bool:
    """Return True if a relation can lead to several objects."""
    return bool(field.one_to_many or field.many_to_many)


def is_generic(field: Any) -> bool:
    """Return True for a generic foreign key, which can be followed only from instances."""
    return field is not None and field.is_relation and field.related_model is None


def is_reverse_generic(field: Any) -> bool:
    """Return True for the reverse of a ``GenericRelation``, which only queries can follow."""
    return isinstance(field, ForeignObjectRel) and bool(field.many_to_one)


def pretty(name: str) -> str:
    """Return a Python name as words for a label."""
    return " ".join(name.replace("_", " ").split())


def attribute_words(name: str) -> str:
    """Return the name of a property, method or function as words: "get_full_name", "full name"."""
    return pretty(name.removeprefix("get_")) or pretty(name)


def verbose_name(field: Any) -> str:
    """Return the verbose name of a field, or of a reverse relation."""
    if isinstance(field, ForeignObjectRel):
        options = field.related_model._meta
        return str(options.verbose_name_plural if is_to_many(field) else options.verbose_name)
    return str(getattr(field, "verbose_name", None) or pretty(field.name))


def accessor(relation: Any) -> str:
    """Return the name of the attribute that accesses the objects of a relation."""
    if isinstance(relation, ForeignObjectRel):
        return str(relation.get_accessor_name())
    return str(relation.name)


def labels_of(field: Any) -> dict[Any, str]:
    """Return the labels of a field's choices, in the active language."""
    return {make_hashable(value): str(label) for value, label in field.flatchoices}
