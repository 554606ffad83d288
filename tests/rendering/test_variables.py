import jinja2
import pytest

from streamreports.rendering.variables import mentions

BASE = "{% block messages %}{% for each in messages %}{{ each }}{% endfor %}{% endblock %}"


def is_mentioned(source, **others):
    loader = jinja2.DictLoader({"page.html": source, **others})
    environment = jinja2.Environment(loader=loader, autoescape=True)
    return mentions(environment.get_template("page.html"), "messages")


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages }}",
        "{% for each in messages %}{{ each }}{% endfor %}",
        "{% if messages %}x{% endif %}",
        "{% set found = messages|list %}",
        "{% macro show() %}{{ messages }}{% endmacro %}",
        "{% block a %}{{ messages }}{% endblock %}",
    ],
)
def test_a_template_that_uses_the_variable_mentions_it(source):
    assert is_mentioned(source)


@pytest.mark.parametrize(
    "source",
    [
        "messages",
        "{{ other }}",
        "{# {{ messages }} #}",
        "{{ other.messages }}",
        "{% for messages in other %}{{ messages }}{% endfor %}",
        "{% set messages = [] %}{{ messages }}",
    ],
)
def test_a_template_that_does_not_use_it_does_not_mention_it(source):
    assert not is_mentioned(source)


@pytest.mark.parametrize(
    "source",
    [
        '{% extends "base.html" %}',
        '{% include "base.html" %}',
        '{% include ["missing.html", "base.html"] %}',
        '{% include "missing.html" ignore missing %}{% include "base.html" %}',
        '{% import "base.html" as base with context %}',
        '{% from "base.html" import show with context %}',
        '{% extends "middle.html" %}',
    ],
)
def test_a_template_that_refers_to_one_that_does_mentions_it(source):
    middle = '{% extends "base.html" %}'
    assert is_mentioned(source, **{"base.html": BASE, "middle.html": middle})


def test_a_template_whose_references_are_computed_may_mention_it():
    assert is_mentioned("{% include name %}")


def test_templates_that_refer_to_each_other_are_looked_at_once():
    assert not is_mentioned("{% include 'a.html' %}", **{"a.html": "{% include 'page.html' %}"})


def test_templates_without_a_source_may_mention_it(tmp_path):
    source = jinja2.Environment(loader=jinja2.DictLoader({"page.html": ""}), autoescape=True)
    source.compile_templates(tmp_path, zip=None)
    environment = jinja2.Environment(loader=jinja2.ModuleLoader(tmp_path), autoescape=True)
    assert mentions(environment.get_template("page.html"), "messages")


def test_paths_are_resolved_as_the_environment_does():
    class Relative(jinja2.Environment):
        def join_path(self, template, parent):
            return f"shared/{template}"

    templates = {"page.html": "{% include 'a.html' %}", "shared/a.html": "{{ messages }}"}
    environment = Relative(loader=jinja2.DictLoader(templates), autoescape=True)
    assert mentions(environment.get_template("page.html"), "messages")
