import sys

import jinja2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from streamreports.rendering.engines import find_template
from tests.templates import jinja2_engine, use_templates

DJANGO = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "NAME": "django",
    "OPTIONS": {
        "loaders": [("django.template.loaders.locmem.Loader", {"old.html": "x", "both.html": "x"})]
    },
}


def error_of(*args):
    with pytest.raises(ImproperlyConfigured) as raised:
        find_template(*args)
    return str(raised.value)


def test_a_template_is_found(settings):
    use_templates(settings, {"a.html": "a"})
    assert find_template("a.html").template.name == "a.html"


def test_the_first_template_that_exists_is_found(settings):
    use_templates(settings, {"b.html": "b", "c.html": "c"})
    assert find_template(["a.html", "b.html", "c.html"]).template.name == "b.html"


def test_only_engines_of_jinja2_are_asked(settings):
    settings.TEMPLATES = [DJANGO, jinja2_engine({"both.html": "x"})]
    assert find_template("both.html").backend.name == "jinja"


def test_an_engine_can_be_named(settings):
    settings.TEMPLATES = [
        jinja2_engine({"a.html": "first"}),
        {**jinja2_engine({"a.html": "second"}), "NAME": "second"},
    ]
    assert find_template("a.html").backend.name == "jinja"
    assert find_template("a.html", "second").backend.name == "second"


def test_a_template_that_does_not_exist_is_said(settings):
    use_templates(settings, {"a.html": ""})
    with pytest.raises(TemplateDoesNotExist, match=r"^b\.html, c\.html$") as raised:
        find_template(["b.html", "c.html"])
    assert [error.args for error in raised.value.chain] == [("b.html",), ("c.html",)]


def test_a_template_that_is_invalid_is_said(settings):
    use_templates(settings, {"a.html": "{% for %}"})
    with pytest.raises(TemplateSyntaxError):
        find_template("a.html")


def test_a_template_of_django_is_refused(settings):
    settings.TEMPLATES = [jinja2_engine({}), DJANGO]
    assert error_of("old.html") == (
        "'old.html' is a template of the engine 'django', which cannot render it piece by piece."
        ' Write it for Jinja2, and put it into the folder "jinja2" of an app.'
    )


def test_a_project_without_jinja2_is_told_how_to_use_it(settings):
    settings.TEMPLATES = [DJANGO]
    assert error_of("a.html") == (
        "TEMPLATES has no engine of Jinja2, which renders templates piece by piece. Add"
        ' {"BACKEND": "django.template.backends.jinja2.Jinja2", "APP_DIRS": True} to TEMPLATES,'
        ' and put the template into the folder "jinja2" of an app.'
    )


def test_an_engine_that_does_not_exist_is_said(settings):
    settings.TEMPLATES = [DJANGO, jinja2_engine({"a.html": ""})]
    assert error_of("a.html", "django").startswith(
        "TEMPLATES has no engine of Jinja2 called 'django', which renders templates piece by piece."
    )


def test_a_missing_package_is_said(settings, monkeypatch):
    settings.TEMPLATES = [DJANGO]
    monkeypatch.setitem(sys.modules, "django.template.backends.jinja2", None)
    assert error_of("a.html") == (
        "Templates are rendered piece by piece with Jinja2, which is not installed. Install the"
        ' extra "html": pip install "django-streamreports[html]".'
    )


def test_an_asynchronous_environment_is_refused(settings):
    use_templates(settings, {"a.html": ""}, enable_async=True)
    assert error_of("a.html") == (
        "The engine 'jinja' of TEMPLATES has enable_async, with which Jinja2 renders the whole page"
        " before its first piece. Remove it, or add another engine without it. Asynchronous"
        " iterators in the context can be used in any case."
    )


@pytest.mark.parametrize("autoescape", [False, lambda name: False])
def test_an_environment_that_does_not_escape_is_refused(settings, autoescape):
    use_templates(settings, {"a.html": ""}, autoescape=autoescape)
    assert error_of("a.html") == (
        "The engine 'jinja' of TEMPLATES does not escape values in 'a.html'. Remove autoescape from"
        " its options or its environment: Django sets it to True."
    )


def test_an_environment_may_choose_what_it_escapes(settings):
    templates = {"a.html": "", "a.txt": ""}
    use_templates(settings, templates, autoescape=jinja2.select_autoescape())
    assert find_template("a.html").template.name == "a.html"
    assert "does not escape values in 'a.txt'" in error_of("a.txt")
