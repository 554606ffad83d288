"""The signatures and exceptions in the reference are those of the code; no method is missing."""

import ast
import inspect
import re
import textwrap

import pytest

from streamreports import exceptions
from tests.manual.reference import code, is_ours, own_classes, package_source, page_tables, sections
from tests.manual.signatures import call_of, created_by, methods_of, own_methods, signature_of

SECTIONS = sections()
CLASSES = [each for each in SECTIONS if each.kind == "Class"]
DOCUMENTED = [each.object for each in CLASSES]
EXCEPTION = re.compile(r"\b(?:[A-Z]\w*(?:Error|NotExist)|PermissionDenied|Http404)\b")

# Exceptions that a row does not name, with the reason.
NOT_NAMED = {
    "AssertionError": "The page of the helpers for tests says that they all raise it.",
    "NotImplementedError": "The row says who implements the method.",
}
# Public names that the reference does not have, with the reason.
NOT_LISTED = {
    "actions": "ModelAdmin has this attribute.",
    "deconstruct": "Django's decorator for storages adds it.",
    "filterset": "FilterView of django-filter has this attribute.",
    "media": "Django adds this property of ModelAdmin to each subclass.",
    "streaming_content": "StreamingHttpResponse has this attribute.",
}
# Classes that the reference names and does not list, with the reason.
DESCRIBED = {
    "BinaryFile": "Report.write() accepts any binary file.",
    "BlockStream": "Views pass the stream on; Report.stream() says what a stream is.",
    "BoundColumn": "The row of RepeatedQuery says what of it is of use.",
    "ReportBody": "The row of ReportResponse says which attributes it has.",
    "RowReader": "Formats and previews read it; projects read Report.rows().",
    "Stream": "Report.stream() says what it is.",
    "Written": "Report.write() says what it has.",
}
# Methods of models that the reference does not have: the functions and views of the app call them.
TRANSITIONS = {
    "acknowledge_cancel", "cancel", "cancel_waiting", "claim", "complete", "expire", "fail",
    "give_up", "release", "renew", "request_cancel", "retry",
}  # fmt: skip


def by_path(found):
    return [pytest.param(each, id=each.path) for each in found]


def rows_of(section, kind):
    """Return the last cell of each row of a table, by the name of the method or attribute."""
    table = section.tables.get(kind, {})
    return {re.match(r"\w+", code(first))[0]: [*row.values()][-1] for first, row in table.items()}


@pytest.mark.parametrize("section", by_path(CLASSES))
def test_a_class_has_a_row_for_each_method_with_its_signature(section):
    methods = methods_of(section.object, DOCUMENTED).values()
    listed = {code(first) for first in section.tables.get("Method", {})}
    assert listed == {signature_of(each) for each in methods}


@pytest.mark.parametrize("section", by_path(SECTIONS))
def test_an_object_that_is_called_has_its_parameters(section):
    is_called = section.kind in ("Class", "Function") and "Argument" in section.tables
    assert section.call == (call_of(section.object) if is_called else None)


def test_an_exception_with_arguments_has_them_in_its_row():
    classes = {each for each in vars(exceptions).values() if inspect.isclass(each)}
    own = [each for each in classes if each.__module__ == exceptions.__name__]
    listed = {code(first) for first in page_tables("exceptions.md")["Exception"]}
    assert listed == {created_by(each) for each in own}


@pytest.mark.parametrize("section", by_path(CLASSES))
def test_no_public_name_of_a_class_is_missing(section):
    listed = {
        name for kind in ("Attribute", "Argument", "Method") for name in rows_of(section, kind)
    }
    public = {
        name
        for each in own_classes(section.object, DOCUMENTED)
        for name in vars(each)
        if not name.startswith("_")
    }
    assert public - listed - set(NOT_LISTED) == set()


@pytest.mark.parametrize("section", by_path(CLASSES))
def test_no_public_attribute_of_an_instance_is_missing(section):
    listed = rows_of(section, "Attribute") | rows_of(section, "Argument")
    public = {
        node.attr
        for each in own_classes(section.object, DOCUMENTED)
        for node in ast.walk(ast.parse(inspect.getsource(each)))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if ast.unparse(node.value) == "self" and not node.attr.startswith("_")
    }
    assert public - set(listed) - set(NOT_LISTED) == set()


@pytest.mark.parametrize("section", by_path(each for each in SECTIONS if each.kind == "Model"))
def test_the_methods_of_a_model_are_its_transitions(section):
    assert set(own_methods(section.object)) <= TRANSITIONS


@pytest.mark.parametrize("section", by_path(CLASSES))
def test_the_row_of_a_method_names_the_exceptions_of_its_docstring(section):
    rows = rows_of(section, "Method") | rows_of(section, "Attribute")
    wrong = {}
    for name, function in functions_of(section.object).items():
        expected = set(EXCEPTION.findall(inspect.getdoc(function) or ""))
        if set(EXCEPTION.findall(rows.get(name, ""))) != expected:
            wrong[name] = expected
    assert wrong == {}


@pytest.mark.parametrize("section", by_path(CLASSES))
def test_the_docstring_of_a_method_names_the_exceptions_that_it_raises(section):
    wrong = {
        name: raised(function) - set(EXCEPTION.findall(inspect.getdoc(function) or ""))
        for name, function in functions_of(section.object).items()
    }
    assert {name: missing for name, missing in wrong.items() if missing} == {}


@pytest.mark.parametrize("section", by_path(each for each in SECTIONS if each.kind == "Function"))
def test_a_function_names_the_exceptions_that_it_raises(section):
    documented = set(EXCEPTION.findall(inspect.getdoc(section.object)))
    assert raised(section.object) <= documented <= set(EXCEPTION.findall(section.text))


@pytest.mark.parametrize("section", by_path(CLASSES))
def test_the_section_of_a_class_names_the_exceptions_of_its_docstring(section):
    documented = set(EXCEPTION.findall(inspect.getdoc(section.object)))
    assert documented <= set(EXCEPTION.findall(section.text))


@pytest.mark.parametrize("section", by_path(SECTIONS))
def test_a_class_of_the_package_that_a_section_names_is_documented(section):
    own = set(re.findall(r"^class (\w+)", "".join(package_source()), re.MULTILINE))
    cells = [code(first) for first in section.tables.get("Method", {})]
    cells += [
        code(row.get("Type", "")) for table in section.tables.values() for row in table.values()
    ]
    named = set(re.findall(r"\w+", " ".join([section.call or "", *filter(None, cells)])))
    documented = {each.path.rpartition(".")[2] for each in SECTIONS} | set(vars(exceptions))
    assert (named & own) - documented - set(DESCRIBED) == set()


def functions_of(cls):
    """Return the methods and the functions of properties that a class defines, by name."""
    found = methods_of(cls, DOCUMENTED)
    for each in own_classes(cls, DOCUMENTED):
        for name, value in vars(each).items():
            function = getattr(value, "fget", None) or getattr(value, "func", None)
            if function is not None and is_ours(function) and not name.startswith("_"):
                found.setdefault(name, function)
    return found


def raised(function):
    """Return the exceptions that a function raises itself, except those that no row names."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found = [each.exc for each in ast.walk(tree) if isinstance(each, ast.Raise)]
    called = [each.func if isinstance(each, ast.Call) else each for each in found]
    names = {each.id for each in called if isinstance(each, ast.Name)}
    return {name for name in names if EXCEPTION.fullmatch(name)} - set(NOT_NAMED)
