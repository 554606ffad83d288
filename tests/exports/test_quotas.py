"""How many exports a user may have, and all users together."""

import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from streamreports.exports.exceptions import QuotaError
from streamreports.exports.models import Export
from streamreports.exports.submitting import create_export
from tests.connections import in_thread
from tests.exports.support import MODEL_BACKEND, create, done, saved_request, user_called

JSON = {"accept": "application/json"}


@pytest.fixture
def ana(site, client, db):
    client.force_login(user_called("ana"))
    return client


def post(client, report, **headers):
    return client.post("/exports/", {"report": report}, headers={**JSON, **headers})


def start(owner):
    """Start an export as a request does, after its checks."""
    return create_export(
        active_key=uuid.uuid4().hex,
        owner_id=owner.pk,
        auth_backend=MODEL_BACKEND,
        title="Makers",
        **saved_request().as_fields(),
    )


def refusal(owner):
    """Return the error that starting an export raises, None if it is started."""
    try:
        start(owner)
    except QuotaError as error:
        return error


def test_the_exports_of_a_user_at_a_time_are_limited(ana, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_ACTIVE": 1}
    assert post(ana, "/choosy/?name=x").status_code == 202
    response = post(ana, "/choosy/?name=y")
    assert (response.status_code, Export.objects.count()) == (429, 1)
    assert "1 export is already in preparation" in response.json()["detail"]


def test_the_exports_of_a_user_that_are_kept_are_limited(ana, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_KEPT": 1}
    done()
    response = post(ana, "/makers/")
    assert (response.status_code, Export.objects.count()) == (429, 1)
    assert "You have 1 export. Delete it" in response.json()["detail"]


def test_the_exports_of_all_users_at_a_time_are_limited(ana, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_ACTIVE_TOTAL": 2}
    create(owner="bea")
    assert post(ana, "/choosy/?name=x").status_code == 202
    response = post(ana, "/choosy/?name=y")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    assert response.json()["detail"] == (
        "Too many exports are in preparation on this site. Try again later."
    )
    assert Export.objects.count() == 2


def test_the_exports_of_all_users_that_are_kept_are_limited(ana, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_KEPT_TOTAL": 1}
    export = done(owner="bea")
    response = post(ana, "/makers/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3600")
    assert response.json()["detail"] == (
        "There is no room for more exports on this site. Try again later."
    )
    export.expire()
    assert post(ana, "/makers/").status_code == 202


def test_the_limit_of_the_user_is_told_before_that_of_all(ana, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_ACTIVE": 1, "EXPORT_MAX_ACTIVE_TOTAL": 1}
    create()
    assert post(ana, "/choosy/").status_code == 429


def test_an_export_that_waits_is_given_over_the_limit(ana, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_ACTIVE": 1, "EXPORT_MAX_ACTIVE_TOTAL": 1}
    first, second = post(ana, "/makers/"), post(ana, "/makers/")
    assert second.status_code == 202
    assert second.headers["Location"] == first.headers["Location"]


@pytest.fixture
def owner(own_connection):
    """Return a user whom other threads see."""
    if not connection.features.has_select_for_update:
        pytest.skip("Other connections wait for the one that writes.")
    yield User.objects.create(username="ana")
    User.objects.all().delete()


def test_two_requests_at_once_do_not_exceed_the_limit(owner, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_ACTIVE": 1}
    with ThreadPoolExecutor(1) as executor:
        with transaction.atomic():
            start(owner)
            other = executor.submit(in_thread, partial(refusal, owner))
            wait([other], timeout=0.5)  # It waits for the end of the transaction.
    assert isinstance(other.result(), QuotaError)
    assert Export.objects.count() == 1


def test_requests_of_other_users_do_not_wait(owner, settings):
    settings.STREAMREPORTS = {"EXPORT_MAX_ACTIVE": 1}
    other = User.objects.create(username="bea")
    with transaction.atomic():
        start(owner)
        assert isinstance(in_thread(partial(start, other)), Export)


def test_the_user_is_locked_or_the_database_is(db):
    owner = user_called("ana")
    with CaptureQueriesContext(connection) as queries:
        start(owner)
    found = [each["sql"] for each in queries if "SAVEPOINT" not in each["sql"]]
    if connection.features.has_select_for_update:
        assert "FOR " in found[0]
    else:
        assert found[0].startswith("INSERT INTO")
