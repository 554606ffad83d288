"""Suggest a correction for a name that does not exist."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from os.path import commonprefix

from django.db.models import Field, Model
from django.db.models.constants import LOOKUP_SEP

from streamreports.columns.attributes import alters_data, find_attribute, requires_arguments
from streamreports.columns.lookups import LookupPath, follow
from streamreports.exceptions import UnknownNameError

# Methods that Django adds to each model. Some are listed with their fields, others run a query.
GENERATED = re.compile(r"get_(next_by_|previous_by_|.+_display$)")

SEPARATORS = re.compile(r"\.|->|/")  # used by other languages instead of "__"


def unknown_name(model: type[Model], path: str, annotations: Iterable[str]) -> UnknownNameError:
    """Return the error for an invalid path, with the name that was probably meant."""
    followed = follow(model, path)
    names = sorted({*names_of(followed.model), *(() if followed.relations else annotations)})
    problem = (
        f"'{path}' is not a field, annotation, property or method of "
        f"{followed.model._meta.object_name}."
    )
    for first, second in two_paths(model, path, annotations):
        return UnknownNameError(problem, f"Is a comma missing between '{first}' and '{second}'?")
    if meant := suggestion(model, path, followed, names):
        return UnknownNameError(problem, f"Did you mean '{meant}'?", suggestion=meant)
    return UnknownNameError(problem, f"Choose from: {', '.join(names)}.")


def two_paths(
    model: type[Model], path: str, annotations: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield two valid paths that form an invalid one: Python joins adjacent strings in a list."""
    known = set(annotations)
    for end in range(1, len(path)):
        parts = path[:end], path[end:]
        if all(part in known or leads_somewhere(follow(model, part)) for part in parts):
            yield parts


def suggestion(
    model: type[Model], path: str, followed: LookupPath, names: Iterable[str]
) -> str | None:
    """Return the path that was probably meant; None if no name is similar."""
    dunder = SEPARATORS.sub(LOOKUP_SEP, path)
    if dunder != path and leads_somewhere(follow(model, dunder)):
        return dunder
    wrong, *rest = followed.rest
    others = [name for name in names if name != wrong]
    same = [name for name in others if name.lower() == wrong.strip().lower()]
    for meant in same or get_close_matches(wrong, others, n=1):
        return LOOKUP_SEP.join((*followed.prefix, meant, *rest))
    return None


def is_typo(name: str, meant: str) -> bool:
    """Return True if names differ by one letter or by two swapped letters; digits are no typos."""
    if re.sub(r"\d", "", name) == re.sub(r"\d", "", meant):
        return False
    start = len(commonprefix([name, meant]))  # noqa: RUF071  It accepts any strings.
    wrong, right = name[start:], meant[start:]
    edited = wrong[1:] in (right, right[1:]) or wrong == right[1:]
    return edited or (wrong[:2] == right[1::-1] and wrong[2:] == right[2:])


def leads_somewhere(path: LookupPath) -> bool:
    """Return True if a path ends in a field, a relation, a property or a method."""
    return path.field is not None or path.attribute is not None


def names_of(model: type[Model]) -> Iterator[str]:
    """Yield the names of a model that can be the source of a column, without annotations."""
    for field in model._meta.get_fields():
        yield field.name
        if isinstance(field, Field) and field.choices:
            yield f"get_{field.name}_display"
    for name in dir(model):
        attribute = None if name.startswith("_") else find_attribute(model, name)
        if attribute is None or hasattr(Model, name) or GENERATED.match(name):
            continue
        if not alters_data(attribute) and not requires_arguments(model, name):
            yield name


def cure_of(error: Exception) -> str:
    """Return how to correct an expression that the query cannot resolve."""
    unknown = re.search(r"keyword '(.+)' into field\. Choices are: (.+)", str(error))
    for meant in get_close_matches(unknown[1], unknown[2].split(", "), n=1) if unknown else ():
        return f"Did you mean '{meant}'?"
    if "output_field" in str(error):
        return "Set its type: ExpressionWrapper(..., output_field=...)."
    return "Correct its names."
