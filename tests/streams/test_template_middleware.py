"""What middleware finishes before a template is rendered."""

import re

import django
import pytest
from django.contrib import messages
from django.http import HttpResponse
from django.urls import path
from django.utils import translation

from streamreports.shortcuts import stream_template
from tests import middleware
from tests.asgi import Exchange
from tests.responses.asgi.helpers import run
from tests.streams.support import serve
from tests.templates import use_templates

SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
MESSAGES = "django.contrib.messages.middleware.MessageMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"
CSP = "django.middleware.csp.ContentSecurityPolicyMiddleware"

PROCESSORS = ["django.contrib.messages.context_processors.messages"]


def page(request):
    return stream_template(request, "page.html", buffer_size=1)


def read(response):
    return b"".join(response).decode()


# The CSRF token and its cookie


def test_the_cookie_of_the_csrf_token_is_sent(client, settings):
    use_templates(settings, {"page.html": "<form>{{ csrf_input }}</form>"})
    serve(settings, page, CSRF)
    response = client.get("/report/")
    assert "csrftoken" in response.cookies
    assert re.fullmatch(
        r'<form><input type="hidden" name="csrfmiddlewaretoken" value="\w{64}"></form>',
        read(response),
    )


def test_a_form_of_the_page_is_accepted(settings):
    from django.test import Client

    use_templates(settings, {"page.html": "{{ csrf_token }}"})
    serve(settings, page, CSRF)
    settings.ROOT_URLCONF = (*settings.ROOT_URLCONF, path("post/", lambda r: HttpResponse("ok")))
    client = Client(enforce_csrf_checks=True)
    token = read(client.get("/report/"))
    assert client.post("/post/", {"csrfmiddlewaretoken": token}).content == b"ok"
    assert client.post("/post/", {"csrfmiddlewaretoken": "x"}).status_code == 403


# The nonce of the content security policy


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django 5.2 has no such middleware.")
def test_the_nonce_of_the_content_security_policy_is_sent(client, settings):
    from django.utils import csp

    settings.SECURE_CSP = {"script-src": [csp.CSP.NONCE]}
    use_templates(
        settings,
        {"page.html": "<script nonce={{ csp_nonce }}>"},
        context_processors=["django.template.context_processors.csp"],
    )
    serve(settings, page, CSP)
    response = client.get("/report/")
    nonce = re.fullmatch(r"<script nonce=(.+)>", read(response))[1]
    assert response.headers["Content-Security-Policy"] == f"script-src 'nonce-{nonce}'"


def test_the_nonce_of_another_package_is_made_in_time(client, settings, monkeypatch):
    """django-csp makes it when its attribute of the request is printed."""
    made = []

    class Nonce:
        def __str__(self):
            made.append(True)
            return "abc"

    def add_nonce(get_response):
        def inner(request):
            request.csp_nonce = Nonce()
            response = get_response(request)
            assert made
            return response

        return inner

    monkeypatch.setattr(middleware, "add_nonce", add_nonce, raising=False)
    use_templates(settings, {"page.html": "{{ request.csp_nonce }}"})
    serve(settings, page, "add_nonce")
    assert read(client.get("/report/")) == "abc"


# Messages


SHOWN = "{% for message in messages %}<p>{{ message }}</p>{% endfor %}"


@pytest.fixture
def site(db, settings):
    """Have a view that adds a message, beside the page that a template makes."""

    def use(source, **others):
        use_templates(settings, {"page.html": source, **others}, context_processors=PROCESSORS)
        serve(settings, page, SESSION, MESSAGES)
        settings.ROOT_URLCONF = (*settings.ROOT_URLCONF, path("add/", add))

    def add(request):
        messages.success(request, "Saved & sent")
        return HttpResponse()

    return use


@pytest.mark.parametrize(
    "storage", ["session.SessionStorage", "cookie.CookieStorage", "fallback.FallbackStorage"]
)
def test_messages_that_the_template_shows_are_used(client, settings, site, storage):
    settings.MESSAGE_STORAGE = f"django.contrib.messages.storage.{storage}"
    site(SHOWN)
    client.get("/add/")
    assert read(client.get("/report/")) == "<p>Saved &amp; sent</p>"
    assert read(client.get("/report/")) == ""


def test_messages_that_a_base_template_shows_are_used(client, site):
    site('{% extends "base.html" %}', **{"base.html": SHOWN})
    client.get("/add/")
    assert read(client.get("/report/")) == "<p>Saved &amp; sent</p>"
    assert read(client.get("/report/")) == ""


def test_messages_that_the_template_does_not_show_are_kept(client, site):
    site("<p>")
    client.get("/add/")
    assert read(client.get("/report/")) == "<p>"
    site(SHOWN)
    assert read(client.get("/report/")) == "<p>Saved &amp; sent</p>"


def test_messages_are_kept_by_a_head_request(client, site):
    site(SHOWN)
    client.get("/add/")
    client.head("/report/")
    assert read(client.get("/report/")) == "<p>Saved &amp; sent</p>"


def test_without_messages_the_storage_is_in_the_context(client, site):
    site("{{ messages|length }} {{ messages.used }}")
    assert read(client.get("/report/")) == "0 False"


def test_messages_of_the_view_itself_are_another_variable(rf, settings):
    use_templates(settings, {"page.html": "{{ messages|join }}"})
    assert read(stream_template(rf.get("/"), "page.html", {"messages": ["a", "b"]})) == "ab"


# The context of the request


def test_context_processors_are_applied(rf, settings):
    use_templates(
        settings,
        {"page.html": "{{ LANGUAGE_CODE }}"},
        context_processors=["django.template.context_processors.i18n"],
    )
    with translation.override("de"):
        assert read(stream_template(rf.get("/"), "page.html")) == "de"


def test_the_context_of_the_request_is_active(own_connection, client, settings):
    use_templates(settings, {"page.html": "{% for i in '123' %}{{ context() }} {% endfor %}"})
    serve(settings, context_page, "activate_context")
    assert read(client.get("/report/")) == "de acme de acme de acme "


def test_the_context_of_the_request_is_active_under_asgi(own_connection, settings):
    use_templates(settings, {"page.html": "{% for i in '123' %}{{ context() }} {% endfor %}"})
    serve(settings, context_page, "activate_context")
    assert run(Exchange("/report/")).body == b"de acme de acme de acme "


def context_page(request):
    return stream_template(request, "page.html", {"context": context}, buffer_size=1)


def context():
    return f"{translation.get_language()} {middleware.tenant.get()}"


# Sessions


def test_what_a_template_writes_into_the_session_is_lost(db, client, settings):
    """After the first block, as in every streaming response: the session has been saved then."""
    source = "<p>{{ request.session.update({'colour': 'green'}) }}"
    use_templates(settings, {"page.html": source})
    serve(settings, page, SESSION)
    read(client.get("/report/"))
    assert "colour" not in client.session
