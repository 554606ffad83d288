"""Find templates that can be rendered incrementally."""

from collections.abc import Sequence
from typing import Any

from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.loader import select_template

from streamreports.exceptions import ReportError

BACKEND = "django.template.backends.jinja2.Jinja2"


def find_template(names: str | Sequence[str], using: str | None = None) -> Any:
    """Return the first template that exists, as Django's backend for Jinja2 represents it.

    ``using``: the name of the engine; None for all Jinja2 engines.

    Raises ReportError if it cannot be rendered incrementally, and TemplateDoesNotExist.
    """
    names = [names] if isinstance(names, str) else list(names)
    tried: list[TemplateDoesNotExist] = []
    for name in names:
        for engine in find_engines(using):
            try:
                template = engine.get_template(name)
            except TemplateDoesNotExist as error:
                tried.append(error)
            else:
                require_streamable(template)
                return template
    refuse_other_engines(names)
    raise TemplateDoesNotExist(", ".join(names), chain=tried)


def refuse_other_engines(names: Sequence[str]) -> None:
    """Raise ReportError if one of some templates exists in an engine other than Jinja2's."""
    try:
        template: Any = select_template(list(names))
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return
    raise ReportError(
        f"{template.origin.template_name!r} is a template of the engine {template.backend.name!r},"
        " which cannot render it piece by piece.",
        'Write it for Jinja2, and put it into the folder "jinja2" of an app.',
    )


def find_engines(using: str | None) -> list[Any]:
    """Return the Jinja2 template engines; raise ReportError if there are none."""
    try:
        from django.template.backends.jinja2 import Jinja2
    except ImportError as error:
        raise ReportError(
            "Templates are rendered piece by piece with Jinja2, which is not installed.",
            'Install the extra "html": pip install "django-streamreports[html]".',
        ) from error
    found = [
        engine
        for engine in engines.all()
        if isinstance(engine, Jinja2) and using in (None, engine.name)
    ]
    if not found:
        named = "" if using is None else f" called {using!r}"
        raise ReportError(
            f"TEMPLATES has no engine of Jinja2{named}, which renders templates piece by piece.",
            f'Add {{"BACKEND": "{BACKEND}", "APP_DIRS": True}} to TEMPLATES, and put the template'
            ' into the folder "jinja2" of an app.',
        )
    return found


def require_streamable(template: Any) -> None:
    """Raise ReportError for a template whose environment is asynchronous, or does not escape."""
    environment, name = template.backend.env, template.template.name
    engine = f"The engine {template.backend.name!r} of TEMPLATES"
    if environment.is_async:
        raise ReportError(
            f"{engine} has enable_async, with which Jinja2 renders the whole page before its first"
            " piece.",
            "Remove it, or add another engine without it. Asynchronous iterators in the context"
            " can be used in any case.",
        )
    autoescape = environment.autoescape
    if not (autoescape(name) if callable(autoescape) else autoescape):
        raise ReportError(
            f"{engine} does not escape values in {name!r}.",
            "Remove autoescape from its options or its environment: Django sets it to True.",
        )
