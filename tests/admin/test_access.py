"""Who may export, and what they must have."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from tests.models import Maker
from tests.views import save


def status(pages):
    """Return the status of the report, and of its changelist."""
    return pages.report().status_code, pages.changelist().status_code


@pytest.mark.parametrize(
    ("actions", "statuses"),
    [
        ([], (403, 403)),
        (["export"], (403, 403)),
        (["view"], (403, 200)),
        (["change"], (403, 200)),
        (["add", "delete"], (403, 403)),
        (["add", "change", "delete", "view"], (403, 200)),
        (["view", "export"], (200, 200)),
        (["change", "export"], (200, 200)),
    ],
)
def test_the_report_needs_two_permissions(make_pages, client_of, actions, statuses):
    assert status(make_pages(Maker, client=client_of(Maker, *actions))) == statuses


def test_superusers_may_export(make_pages):
    assert status(make_pages(Maker)) == (200, 200)


def test_the_permission_may_come_from_a_group(make_pages, client_of):
    client = client_of(Maker, "view", "export")
    user = User.objects.get(username="sam")
    group = Group.objects.create(name="exporters")
    group.permissions.set(user.user_permissions.all())
    user.user_permissions.clear()
    user.groups.add(group)
    assert status(make_pages(Maker, client=client)) == (200, 200)


def test_an_inactive_user_may_not_export(make_pages, client_of):
    pages = make_pages(Maker, client=client_of(Maker, "view", "export"))
    User.objects.filter(username="sam").update(is_active=False)
    assert status(pages) == (302, 302)


def test_who_is_not_of_the_staff_is_asked_to_log_in(make_pages, client_of):
    pages = make_pages(Maker, client=client_of(Maker, "view", "export"))
    User.objects.filter(username="sam").update(is_staff=False)
    response = pages.report("?q=a")
    url = "/admin/login/?next=/admin/tests/maker/report/%3Fq%3Da"
    assert (response.status_code, response.url) == (302, url)


def test_strangers_are_asked_to_log_in(make_pages, client, db):
    response = make_pages(Maker, client=client).report()
    url = "/admin/login/?next=/admin/tests/maker/report/"
    assert (response.status_code, response.url) == (302, url)


def test_a_project_may_decide_otherwise(make_pages, client_of):
    def has_report_permission(self, request):
        return request.user.username == "sam"

    pages = make_pages(
        Maker, has_report_permission=has_report_permission, client=client_of(Maker, "view")
    )
    assert status(pages) == (200, 200)


def test_the_permission_of_another_model_is_not_enough(make_pages, client_of):
    from tests.models import Box

    client = client_of(Box, "export")
    User.objects.get(username="sam").user_permissions.add(
        Permission.objects.get(codename="view_maker")
    )
    assert status(make_pages(Maker, client=client)) == (403, 200)


def test_a_post_needs_the_permissions_too(make_pages, client_of):
    save("Ann")
    pages = make_pages(Maker, client=client_of(Maker, "view"))
    keys = {"_selected_action": [Maker.objects.get().pk]}
    assert pages.client.post(pages.url("report"), keys).status_code == 403


def test_a_head_request_needs_the_permissions_too(make_pages, client_of):
    pages = make_pages(Maker, client=client_of(Maker, "view"))
    assert pages.client.head(pages.url("report")).status_code == 403


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_allowed(make_pages, method):
    pages = make_pages(Maker)
    assert getattr(pages.client, method)(pages.url("report")).status_code == 405
