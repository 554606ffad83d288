"""Templates of Jinja2 that a test defines."""

from typing import Any

import jinja2

JINJA2 = "django.template.backends.jinja2.Jinja2"


def use_templates(settings: Any, templates: dict[str, str], **options: Any) -> None:
    """Have the project render these templates with Jinja2."""
    settings.TEMPLATES = [jinja2_engine(templates, **options)]


def jinja2_engine(templates: dict[str, str], **options: Any) -> dict[str, Any]:
    """Return an entry of TEMPLATES."""
    loader = jinja2.DictLoader(templates)
    return {"BACKEND": JINJA2, "NAME": "jinja", "OPTIONS": {"loader": loader, **options}}
