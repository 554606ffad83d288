"""The variables that a template uses."""

from typing import Any


def mentions(template: Any, variable: str) -> bool:
    """Return True if a template, or one that it refers to, may use a variable of the context.

    ``template``: one of Jinja2, that has been loaded by its name.
    """
    from jinja2 import TemplateNotFound, meta

    environment, seen = template.environment, set()
    names: list[str | None] = [template.name]
    while names:
        name = names.pop()
        if name is None or not environment.loader.has_source_access:
            return True  # The name is computed, or the template is compiled.
        if name in seen:
            continue
        seen.add(name)
        try:
            source, _, _ = environment.loader.get_source(environment, name)
        except TemplateNotFound:  # It may be one of several, or be marked to be ignored.
            continue
        tree = environment.parse(source)
        if variable in meta.find_undeclared_variables(tree):
            return True
        references = meta.find_referenced_templates(tree)
        names += [each and environment.join_path(each, name) for each in references]
    return False
