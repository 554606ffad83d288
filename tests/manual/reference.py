"""The tables of the reference, and what the code says about the same classes."""

import functools
import inspect
import json
import re
from dataclasses import MISSING, fields, is_dataclass
from functools import cached_property
from pathlib import Path

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from tests.manual.pages import DOCS

REFERENCE = DOCS / "reference"
OBJECT = re.compile(
    r"^(Class|Function|Signal|Model) `(streamreports[\w.]+)(\([^`]*)?`", re.MULTILINE
)
LONG = 70  # characters: longer defaults are described in words


class Section:
    """What the reference says about an object, from its line to the next object or heading.

    ``call``: the parameters in its line, if it has any.
    ``tables``: by the header of the first column, a dictionary by the first cell of each row, whose
    values are the other cells by header.
    """

    def __init__(self, page, kind, path, call, text):
        self.page, self.kind, self.path, self.text = page, kind, path, text
        self.call = call and " ".join(call.split())
        self.tables = tables_in(text)

    def __repr__(self):
        return f"{self.page}: {self.path}"

    @cached_property
    def object(self):
        return import_string(self.path)


def sections():
    """Return the sections of all pages that are about an object."""
    found = []
    for page in sorted(REFERENCE.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        starts = list(OBJECT.finditer(text))
        for start in starts:
            rest = text[start.start() :]
            end = re.search(r"\n(?=#{1,2} |(?:Class|Function|Signal|Model) `streamreports)", rest)
            found.append(Section(page.name, *start.groups(), rest[: end and end.start()]))
    return found


def tables_in(text, *, is_section=True):
    """Return the tables of a text by their first header; a section has a name only once."""
    tables = {}
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if number and re.fullmatch(r"\|[\s|:-]+\|", line):
            headers = cells(lines[number - 1])
            table = tables.setdefault(headers[0], {})
            for row in lines[number + 1 :]:
                if not row.startswith("|"):
                    break
                first, *others = cells(row)
                if is_section and code(first) and first in table:
                    raise AssertionError(f"{first} is listed twice.")
                table[first] = dict(zip(headers[1:], others, strict=True))
    return tables


def cells(line):
    """Return the cells of a row; a bar in a cell is escaped."""
    parts = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return [part.strip().replace("\\|", "|") for part in parts]


def page_tables(name):
    """Return the tables of a page by their first header."""
    return tables_in((REFERENCE / name).read_text(encoding="utf-8"), is_section=False)


def code(text):
    """Return the text of a cell that is code; None for another one."""
    found = re.fullmatch(r"`([^`]+)`", text)
    return found and found[1]


def own_classes(cls, documented):
    """Return the classes of the package that a class has from no other documented class."""
    others = {
        base
        for each in documented
        if each is not cls and issubclass(cls, each)
        for base in each.__mro__
    }
    return [each for each in cls.__mro__ if is_ours(each) and each not in others]


def is_ours(cls):
    return cls.__module__.partition(".")[0] == "streamreports"


def attributes_of(cls, documented):
    """Return the public attributes that a class and its undocumented bases declare, with types.

    They are annotated, have a value in the body of the class, are in its docstring, or are
    properties.
    """
    found = {}
    for each in own_classes(cls, documented):
        docstring = re.findall(r"``(\w+)``(?=[^.:]*: )", each.__doc__ or "")
        values = [name for name, value in vars(each).items() if is_value(value)]
        for name in [*inspect.get_annotations(each), *values, *docstring]:
            if not name.startswith("_") and (name not in docstring or has(cls, name)):
                found.setdefault(name, type_of(cls, name))
    return found


def has(cls, name):
    return hasattr(cls, name) or any(name in inspect.get_annotations(c) for c in cls.__mro__)


def is_value(value):
    """Return True for an attribute of a class that is no method."""
    if isinstance(value, (property, functools.cached_property)):
        return is_property(value)
    return isinstance(value, type) or not (callable(value) or hasattr(value, "__func__"))


def is_property(value):
    """Return True for a property of the package that says what it returns."""
    function = getattr(value, "fget", None) or getattr(value, "func", None)
    return "return" in getattr(function, "__annotations__", ())


def type_of(cls, name):
    """Return the type of an attribute as the reference has it; None if nothing says it."""
    for each in cls.__mro__:
        value = vars(each).get(name)
        if is_property(value):
            function = getattr(value, "fget", None) or value.func
            return type_text(inspect.signature(function).return_annotation)
        annotations = inspect.get_annotations(each)
        if name in annotations:
            return type_text(annotations[name])
    value = getattr(cls, name)
    return None if value is None else type(value).__name__


def type_text(annotation):
    """Return an annotation without the names of modules."""
    text = inspect.formatannotation(annotation)
    text = re.sub(r"(?:ForwardRef\()?'(\w+\[.*?\])'\)?", r"\1", text.strip("'"))
    return re.sub(r"ClassVar\[(.*)\]$", r"\1", re.sub(r"[\w.]+\.(?=\w)", "", text))


def default_of(cls, name):
    """Return the default of an attribute as text; None if it has none, or one of words."""
    own = [each for each in fields(cls) if each.name == name] if is_dataclass(cls) else []
    value = own[0].default if own else inspect.getattr_static(cls, name, MISSING)
    return None if value is MISSING or is_property(value) else default_text(value)


def default_text(value):
    """Return a value as it is written in the reference; None for a long text."""
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(str(default_text(each)) for each in value)}]"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(str(default_text(each)) for each in value))}}}"
    if inspect.isfunction(value):
        return None  # described in words
    if isinstance(value, (str, Promise)):
        return json.dumps(str(value)) if len(str(value)) <= LONG else None
    return repr(value) if len(repr(value)) <= LONG else "..."


def package_source():
    """Yield the text of each module of the package."""
    import streamreports

    for path in sorted(Path(streamreports.__file__).parent.rglob("*.py")):
        yield path.read_text(encoding="utf-8")


def arguments_of(function):
    """Yield the name, type and default of each argument of a function, or of a class.

    Where None stands for a class attribute of the same name, the default is that of the attribute.
    """
    is_class = isinstance(function, type)
    signature = inspect.signature(function.__init__ if is_class else function)
    for name, parameter in signature.parameters.items():
        if name == "self":
            continue
        annotation, default = parameter.annotation, parameter.default
        if (
            default is None
            and is_class
            and name in inspect.get_annotations(function)
            and hasattr(function, name)
        ):
            default = getattr(function, name)
        yield (
            name,
            None if annotation is parameter.empty else type_text(annotation),
            None if default is parameter.empty else default_text(default),
        )
