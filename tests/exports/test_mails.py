"""The mail about an export that has ended."""

import socket
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from streamreports.exports.checks import check_mail
from streamreports.exports.links import link_to
from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from streamreports.exports.signals import export_finished
from tests.exports.smtp import mail_server, send_through
from tests.exports.support import create, done, reloaded, user_called
from tests.views import body, make

pytestmark = pytest.mark.django_db

TEXT = """\
Your export "Makers" is ready.

Download: {url}

File: makers.csv
Rows: 1,000 rows
Size: 100.6 KB
Kept until: 11/26/2026 11:30 p.m.

The export: http://testserver/exports/{pk}/
"""


@pytest.fixture
def ana(site, settings):
    """Return a user with an address, who gets mails."""
    settings.STREAMREPORTS = {"EXPORT_SEND_MAIL": True}
    user = user_called("ana")
    user.email = "ana@example.com"
    user.save()
    return user


def announced(export, **fields):
    """Return the mails about an export as if it had fields; its run has sent others."""
    Export.objects.update(**fields)
    mail.outbox.clear()
    export_finished.send(sender=Export, export=reloaded(export))
    return mail.outbox


def lines(message):
    return message.body.splitlines()


def test_the_owner_of_a_finished_export_gets_a_mail(ana):
    make(1000)
    export = done()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        ["ana@example.com"],
        "Your export on testserver is ready",
    )
    assert message.from_email == "webmaster@localhost"
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert f"Download: {link_to(export)}" in message.body


def test_the_mail_describes_the_file(ana):
    make(1000)
    export = done()
    when = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    (message,) = announced(export, expires=when)
    assert len(body(1000)) == 103011
    assert message.body == TEXT.format(url=link_to(reloaded(export)), pk=export.pk)


def test_the_mail_is_in_the_language_and_the_time_zone_of_the_export(ana):
    export = done(language="de", time_zone="America/Sao_Paulo")
    (message,) = announced(export, expires=datetime(2026, 11, 26, 23, 30, tzinfo=UTC))
    assert message.subject == "Ihr Export auf testserver ist fertig"
    assert "Verfügbar bis: 26.11.2026 20:30" in lines(message)


def test_the_mail_has_the_address_of_the_site_of_the_export(ana):
    export = done(scheme="https", host="testserver:8443", script_name="/shop")
    (message,) = mail.outbox
    assert f"https://testserver:8443/shop/exports/{export.pk}/" in message.body
    assert message.subject == "Your export on testserver:8443 is ready"


def test_the_link_in_the_mail_leads_to_the_file(ana):
    make(3)
    done()
    (url,) = [each.split()[-1] for each in lines(mail.outbox[0]) if each.startswith("Download")]
    client = Client()
    assert client.get(url.removeprefix("http://testserver")).status_code == 302
    client.force_login(ana)
    assert b"".join(client.get(url.removeprefix("http://testserver"))) == body(3)


def test_the_mail_says_who_may_follow_the_link(ana, settings):
    sentence = "Anyone who has this link can download the file."
    export = done()
    assert sentence not in lines(mail.outbox[0])
    settings.STREAMREPORTS = {"EXPORT_SEND_MAIL": True, "EXPORT_ANONYMOUS_LINKS": True}
    (message,) = announced(export)
    assert sentence in lines(message)


def test_the_owner_of_a_failed_export_gets_a_mail(ana):
    make(200)
    export = done(path="/broken/")
    (message,) = mail.outbox
    assert (export.state, message.subject) == ("failed", "Your export on testserver has failed")
    assert message.body == (
        'Your export "Makers" has failed.\n'
        "\n"
        "The report could not be generated. Try again, or contact the site administrator.\n"
        "\n"
        f"The export: http://testserver/exports/{export.pk}/\n"
    )


def test_an_export_that_was_given_up_has_a_mail(ana):
    export = create(attempts=3)
    run_export(export.pk)
    assert [each.subject for each in mail.outbox] == ["Your export on testserver has failed"]


def test_a_cancelled_export_has_no_mail(ana):
    ends = {"state": "cancelled", "active_key": None, "finished": timezone.now()}
    assert announced(create(), **ends) == []


def test_there_are_no_mails_by_default(ana, settings):
    settings.STREAMREPORTS = {}
    done()
    assert mail.outbox == []


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_an_owner_without_an_address_and_an_inactive_one_get_no_mail(ana, fields):
    export = done()
    type(ana).objects.update(**fields)
    assert announced(export) == []


def test_the_address_may_be_in_another_field(ana, monkeypatch):
    monkeypatch.setattr(type(ana), "EMAIL_FIELD", "first_name")
    type(ana).objects.update(first_name="other@example.com")
    done()
    assert mail.outbox[0].to == ["other@example.com"]


def test_titles_are_no_markup_and_no_headers(ana):
    title = "<b>&\nBcc: eve@example.com"
    done(title=title)
    (message,) = mail.outbox
    assert 'Your export "<b>&' in message.body
    assert message.recipients() == ["ana@example.com"]
    assert "eve" not in str(message.message()["Subject"])


# The templates of a project


@pytest.fixture
def templates(settings, tmp_path):
    """Return the function that writes a template of the project."""
    folder = tmp_path / "templates" / "streamreports" / "exports"
    folder.mkdir(parents=True)
    settings.TEMPLATES = [
        {**engine, "DIRS": [tmp_path / "templates"]} for engine in settings.TEMPLATES
    ]
    return lambda name, content: (folder / name).write_text(content)


def test_a_project_overrides_the_templates(ana, templates):
    templates("mail_subject.txt", "{{ export.title|safe }}\n")
    templates("mail.txt", "{{ user.get_username }}: {{ file_url }}")
    templates("mail.html", '<a href="{{ file_url }}">{{ export.title }}</a>')
    export = done(title="Makers &\nBcc: eve@example.com")
    (message,) = mail.outbox
    assert message.subject == "Makers & Bcc: eve@example.com"
    assert message.body == f"ana: {link_to(export)}"
    html = f'<a href="{link_to(export)}">Makers &amp;\nBcc: eve@example.com</a>'
    assert [tuple(each) for each in message.alternatives] == [(html, "text/html")]


def test_a_template_that_fails_is_logged(ana, templates, caplog):
    templates("mail.txt", "{% nothing %}")
    export = done()
    assert (export.state, mail.outbox) == ("done", [])
    assert f"The mail about the export {export.pk} could not be sent." in caplog.text


# A real server


def test_a_server_gets_the_mail(ana, settings):
    make(3)
    with mail_server() as server:
        send_through(settings, server.port)
        export = done(title="Märkte")
    (message,) = server.mails
    assert (message["To"], message["From"]) == ("ana@example.com", "webmaster@localhost")
    assert message["Subject"] == "Your export on testserver is ready"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert 'Your export "Märkte" is ready.' in text
    assert link_to(export) in text.splitlines()[2]


def test_a_server_that_is_down_leaves_the_export_done(ana, settings, caplog):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    send_through(settings, port)
    export = done()
    assert export.state == "done"
    assert f"The mail about the export {export.pk} could not be sent." in caplog.text
    assert "ConnectionRefusedError" in caplog.text


# The check


def test_mail_servers_need_a_time_limit(settings):
    settings.STREAMREPORTS = {"EXPORT_SEND_MAIL": True}
    send_through(settings, 25)
    assert check_mail() == []
    if hasattr(mail, "mailers"):
        settings.MAILERS = {"default": {"BACKEND": settings.MAILERS["default"]["BACKEND"]}}
    else:
        settings.EMAIL_TIMEOUT = None
    (warning,) = check_mail()
    assert (warning.id, "EMAIL_TIMEOUT" in warning.hint) == ("streamreports.W021", True)
    settings.STREAMREPORTS = {}
    assert check_mail() == []
