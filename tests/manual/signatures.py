"""The signatures of functions and methods, as the reference writes them.

``self``, the names of modules and the type ``Any`` are left out: ``-> QuerySet``, not
``-> django.db.models.query.QuerySet[Any]``.
"""

import contextlib
import inspect
import re

from tests.manual.reference import arguments_of, default_text, is_ours, own_classes, type_text


def methods_of(cls, documented):
    """Return the public methods that a class and its undocumented bases define, by name."""
    found = {}
    for each in own_classes(cls, documented):
        for name, function in own_methods(each).items():
            found.setdefault(name, function)
    return found


def own_methods(cls):
    """Return the public methods in the body of a class, by name."""
    functions = {name: getattr(value, "__func__", value) for name, value in vars(cls).items()}
    return {
        name: function
        for name, function in functions.items()
        if inspect.isfunction(function) and is_ours(function) and not name.startswith("_")
    }


def signature_of(function):
    """Return the name of a function, its parameters with types and defaults, and its type."""
    return f"{function.__name__}{parameters_of(function)} -> {return_type_of(function)}"


def created_by(cls):
    """Return the name of an exception, and its parameters with types and defaults, if any."""
    is_plain = cls.__init__ is Exception.__init__
    return cls.__name__ if is_plain else f"{cls.__name__}{parameters_of(cls.__init__)}"


def parameters_of(function):
    """Return the parameters of a function in parentheses, with types and defaults."""
    parameters = [
        each.replace(annotation=annotation_of(each.annotation), default=default_of(each.default))
        for each in inspect.signature(function).parameters.values()
        if each.name not in ("self", "cls")
    ]
    return str(inspect.Signature(parameters))


def return_type_of(function):
    """Return the type of the result of a function; that of a generator for ``with`` has another."""
    annotation = inspect.signature(function).return_annotation
    result = short_type(annotation)
    if function.__globals__ is vars(contextlib):  # of contextmanager()
        return re.sub(r"^\w+\[(.*)\]$", r"AbstractContextManager[\1]", result)
    return result


def call_of(obj):
    """Return the parameters of a function or a class, whose types a table has."""
    function = obj.__init__ if isinstance(obj, type) else obj
    kinds = inspect.signature(function).parameters
    parameters = [
        inspect.Parameter(
            name,
            kinds[name].kind,
            default=inspect.Parameter.empty
            if kinds[name].default is inspect.Parameter.empty
            else Written(default or "..."),
        )
        for name, _, default in arguments_of(obj)
    ]
    result = "" if isinstance(obj, type) else f" -> {return_type_of(obj)}"
    return f"{inspect.Signature(parameters)}{result}"


class Written:
    """Print text without quotes, as a type or as a default."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def annotation_of(annotation):
    """Return an annotation as the reference has it; none for ``Any``."""
    text = short_type(annotation)
    return inspect.Parameter.empty if text == "Any" else Written(text)


def short_type(annotation):
    """Return a type in its short form."""
    text = re.sub(r"['~]", "", type_text(annotation))
    text = re.sub(r"\[Any(?:, Any)*\]", "", text)
    return re.sub(r"Generator\[(.*), None, None\]", r"Generator[\1]", text)


def default_of(default):
    """Return a default as the reference has it."""
    is_missing = default is inspect.Parameter.empty
    return default if is_missing else Written(default_text(default) or "...")
