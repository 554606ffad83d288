"""Signed links to the files of exports, over HTTP."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.core.signing import Signer
from django.test import AsyncClient, Client
from django.utils import timezone

from streamreports.exports import links
from streamreports.exports.links import link_to, sign
from streamreports.exports.models import Export
from streamreports.exports.pruning import delete_export
from tests.exports.support import create, done, user_called
from tests.models import Maker
from tests.views import body, make

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
INVALID = (404, "This link is invalid, or no longer valid.")
EXPIRED = (410, "This link has expired. Log in and open your exports.")
DENIED = (403, "The report of this link is no longer accessible.")
GONE = (410, "This file is no longer kept. Start the export again.")


@pytest.fixture
def anonymous(site, settings):
    settings.STREAMREPORTS = {"EXPORT_ANONYMOUS_LINKS": True}
    return Client()


def path_of(export):
    return f"/exports/links/{sign(export)}/"


def get(client, path, **headers):
    """Return the status and the detail of a refusal; check that it stays private."""
    response = client.get(path, headers={**JSON, **headers})
    assert is_private(response)
    return response.status_code, response.json()["detail"]


def fetched(client, path):
    """Return the content of a file."""
    response = client.get(path)
    assert response.status_code == 200
    return b"".join(response)


def is_private(response):
    return (
        response.headers["Referrer-Policy"] == "no-referrer"
        and response.headers["Cache-Control"] == "private, no-store"
        and response.headers["X-Content-Type-Options"] == "nosniff"
    )


def signed(value, **options):
    return f"/exports/links/{Signer(sep='.', **{'salt': links.SALT, **options}).sign(value)}/"


def seconds_left(export):
    return links.read_token(sign(export)).expires - timezone.now()


# The link


def test_the_link_is_on_the_site_of_the_export(site):
    export = done(scheme="https", host="testserver:8443", script_name="/shop")
    assert re.fullmatch(
        r"https://testserver:8443/shop/exports/links/[\w.-]+/", link_to(export), re.ASCII
    )


def test_the_link_is_valid_for_as_long_as_the_file_is_kept(site):
    export = done()
    link = links.read_token(sign(export))
    assert (link.export_id, link.expires) == (export.pk, export.expires.replace(microsecond=0))


def test_the_link_may_be_valid_for_less_long(site, settings):
    settings.STREAMREPORTS = {"EXPORT_LINK_EXPIRY": 3600}
    assert timedelta(minutes=59) < seconds_left(done()) <= timedelta(hours=1)


def test_the_link_is_never_valid_for_longer(site, settings):
    settings.STREAMREPORTS = {"EXPORT_LINK_EXPIRY": 3600, "EXPORT_EXPIRY": 60}
    assert seconds_left(done()) <= timedelta(minutes=1)


def test_an_export_without_a_file_has_no_link(site):
    with pytest.raises(ValueError, match="has no file"):
        link_to(create())


# Who gets the file


def test_the_owner_gets_the_file(ana):
    make(1000)
    response = ana.get(path_of(done()))
    assert b"".join(response) == body(1000)
    assert response.headers["Content-Disposition"] == 'attachment; filename="makers.csv"'
    assert is_private(response)


def test_others_log_in_and_come_back(site, client):
    path = path_of(done())
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (302, f"/log-in/?next={path}")
    assert is_private(response)


def test_an_invalid_link_leads_to_the_same_log_in(site, client):
    response = client.get("/exports/links/x/")
    assert response.headers["Location"] == "/log-in/?next=/exports/links/x/"


def test_another_user_is_told_what_all_are(bea):
    export = done()
    assert get(bea, path_of(export)) == INVALID
    expired = signed(f"{export.pk.hex}.0")
    assert get(bea, expired) == INVALID


def test_anonymous_users_get_the_file_if_the_settings_say_so(anonymous):
    make(1000)
    response = anonymous.get(path_of(done()))
    assert b"".join(response) == body(1000)
    assert is_private(response)


def test_an_asynchronous_server_sends_the_file(anonymous):
    make(1000)
    export = done()

    async def get():
        response = await AsyncClient().get(path_of(export))
        return response.status_code, b"".join([block async for block in response])

    assert async_to_sync(get)() == (200, body(1000))


def test_login_required_middleware_lets_anonymous_users_through(anonymous, settings):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    assert fetched(anonymous, path_of(done())) == body(0)


def test_another_user_gets_the_file_if_the_settings_say_so(bea, settings):
    settings.STREAMREPORTS = {"EXPORT_ANONYMOUS_LINKS": True}
    assert fetched(bea, path_of(done())) == body(0)


def test_scanners_of_mails_do_no_harm(anonymous, ana):
    make(3)
    export = done()
    path, before = path_of(export), Export.objects.values().get()
    for client in (anonymous, ana):
        assert client.head(path).status_code == 200
        assert b"".join(client.get(path)) == body(3)
        assert b"".join(client.get(path, headers={"range": "bytes=0-3"})) == body(3)[:4]
    assert Export.objects.values().get() == before
    assert anonymous.post(path).status_code == 405


# The view is asked again


@pytest.fixture
def private(site):
    """Return an export that needs a permission, which its owner has."""
    permission = Permission.objects.get(codename="view_maker")
    user_called("ana").user_permissions.add(permission)
    return done(path="/private/")


def test_the_view_is_asked_as_the_owner(private, anonymous):
    assert fetched(anonymous, path_of(private)) == body(0)


@pytest.mark.parametrize("path", ["/private/", "/private-async/", "/log-in-first/"])
def test_async_views_and_redirects_know_the_owner(private, anonymous, path):
    Export.objects.update(path=path)
    assert fetched(anonymous, path_of(private)) == body(0)


@pytest.mark.parametrize("path", ["/private/", "/private-async/"])
def test_lost_rights_stop_links(private, anonymous, ana, path):
    Export.objects.update(path=path)
    user_called("ana").user_permissions.clear()
    assert get(anonymous, path_of(private)) == DENIED
    assert get(ana, path_of(private)) == DENIED


def test_the_rights_of_a_visitor_do_not_count(private, anonymous):
    user_called("ana").user_permissions.clear()
    boss = user_called("boss")
    boss.user_permissions.add(Permission.objects.get(codename="view_maker"))
    anonymous.force_login(boss)
    assert get(anonymous, path_of(private)) == DENIED


def test_an_inactive_owner_has_no_links(private, anonymous):
    owner = user_called("ana")
    owner.is_active = False
    owner.save()
    assert get(anonymous, path_of(private)) == DENIED


def test_a_view_that_refuses_says_nothing_to_visitors(anonymous, ana):
    Maker.objects.create(name="x", size=1)
    export = done(path="/choosy/", query_string="name=x")
    Export.objects.update(query_string="nome=x")
    assert get(anonymous, path_of(export)) == DENIED


def test_the_visitor_is_no_owner_in_the_pages_of_the_site(private, anonymous, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.tell_user"]
    response = anonymous.get(path_of(private))
    assert (b"".join(response), response.headers["X-User"]) == (body(0), "")


def tell_user(get_response):
    """Tell who the user is after the view."""

    def middleware(request):
        response = get_response(request)
        response.headers["X-User"] = request.user.get_username()
        return response

    return middleware


# Links that lead nowhere


@pytest.fixture(params=["owner", "anonymous"])
def visitor(request, site, settings):
    """Return the client of the owner, or of anyone where links are for anyone."""
    client = Client()
    if request.param == "owner":
        client.force_login(user_called("ana"))
    else:
        settings.STREAMREPORTS = {"EXPORT_ANONYMOUS_LINKS": True}
    return client


def far(export):
    return f"{export.pk.hex}.{int(export.expires.timestamp())}"


def test_a_link_that_was_tampered_with_is_invalid(visitor):
    mine, other = sign(done()), sign(done(owner="bea"))
    (key, expires, signature), (other_key, *_rest) = mine.split("."), other.split(".")
    for token in (
        f"{other_key}.{expires}.{signature}",
        f"{key}.{int(expires) + 1}.{signature}",
        f"{key}.{expires}.{signature[:-1]}",
        f"{key}.{expires}.",
        f"{key}.{expires}",
        key,
        ".",
        "%00",
        "%F0%9F%98%80",
    ):
        assert get(visitor, f"/exports/links/{token}/") == INVALID


def test_a_token_of_another_salt_or_key_is_invalid(visitor):
    export = done()
    assert get(visitor, signed(far(export), salt="other")) == INVALID
    assert get(visitor, signed(far(export), key="other")) == INVALID
    assert fetched(visitor, signed(far(export))) == body(0)


def test_an_old_key_still_counts(visitor, settings):
    path = path_of(done())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new"
    if visitor.cookies:
        visitor.force_login(user_called("ana"))
    assert fetched(visitor, path) == body(0)
    settings.SECRET_KEY_FALLBACKS = []
    if visitor.cookies:
        visitor.force_login(user_called("ana"))
    assert get(visitor, path) == INVALID


def test_a_link_expires(visitor):
    export, now = done(), int(datetime.now(UTC).timestamp())
    assert get(visitor, signed(f"{export.pk.hex}.{now}")) == EXPIRED
    assert fetched(visitor, signed(f"{export.pk.hex}.{now + 60}")) == body(0)


def test_the_link_of_a_deleted_export_is_invalid(visitor):
    export = done()
    path = path_of(export)
    delete_export(export)
    assert get(visitor, path) == INVALID


def test_the_link_of_an_expired_export_is_gone(visitor):
    export = done()
    path = path_of(export)
    export.expire()
    assert get(visitor, path) == GONE


def test_the_link_of_a_file_that_the_storage_has_lost_is_gone(visitor, site):
    export = done()
    site.delete(export.file)
    assert get(visitor, path_of(export)) == GONE


@pytest.mark.parametrize("state", ["queued", "cancelled", "failed"])
def test_the_link_of_an_export_that_is_not_done_is_invalid(visitor, state):
    ends = {"active_key": None, "finished": timezone.now()} if state != "queued" else {}
    export = create(state=state, **ends)
    assert get(visitor, signed(f"{export.pk.hex}.{2**33}")) == INVALID


def test_a_browser_gets_a_page(anonymous):
    response = anonymous.get("/exports/links/x/", headers={"accept": "text/html"})
    assert (response.status_code, is_private(response)) == (404, True)
    assert "This link is invalid, or no longer valid." in response.content.decode()
