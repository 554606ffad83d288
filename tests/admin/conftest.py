"""An admin with one model, whose pages a test requests."""

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.sites import all_sites
from django.urls import path, reverse

from streamreports.admin import ReportAdminMixin


class Pages:
    """The pages of one model's admin, requested as a user."""

    def __init__(self, client, model_admin):
        self.client = client
        self.model_admin = model_admin

    def url(self, page, query=""):
        options = self.model_admin.opts
        return reverse(f"admin:{options.app_label}_{options.model_name}_{page}") + query

    def changelist(self, query=""):
        """Return the page of the changelist."""
        return self.client.get(self.url("changelist", query))

    def report(self, query=""):
        """Return the response of the report."""
        return self.client.get(self.url("report", query))

    def lines(self, query=""):
        """Return the lines of the report."""
        response = self.report(query)
        assert response.status_code == 200, response.content
        return b"".join(response).decode().split("\r\n")[:-1]

    def export(self, *keys, query="", across=False):
        """Return the response of the action to some ticked rows."""
        data = {
            "action": "export_selected",
            "index": "0",
            "select_across": "1" if across else "0",
            ACTION_CHECKBOX_NAME: list(keys),
        }
        return self.client.post(self.url("changelist", query), data)


@pytest.fixture
def make_pages(settings, admin_client):
    """Return a function that makes the pages of a model's admin, seen by a superuser."""
    sites = []

    def make(model, *, bases=(ReportAdminMixin, admin.ModelAdmin), client=None, **attributes):
        site = admin.AdminSite()
        sites.append(site)
        site.register(model, type(f"{model.__name__}Admin", bases, attributes))
        settings.ROOT_URLCONF = (path("admin/", site.urls),)
        return Pages(client or admin_client, site.get_model_admin(model))

    yield make
    for site in sites:  # No other test shall check it.
        all_sites.discard(site)


@pytest.fixture
def client_of(client):
    """Return a function that logs in a member of the staff with some permissions."""
    from django.contrib.auth.models import Permission, User
    from django.contrib.contenttypes.models import ContentType

    def log_in(model, *actions, **fields):
        user = User.objects.create_user("sam", is_staff=True, **fields)
        content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
        for action in actions:
            codename = f"{action}_{model._meta.model_name}"
            permission, _ = Permission.objects.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": codename}
            )
            user.user_permissions.add(permission)
        client.force_login(user)
        return client

    return log_in
