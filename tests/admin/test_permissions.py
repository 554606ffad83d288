"""The permission to export, and when it is created."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.sites import all_sites
from django.contrib.auth.models import Group, Permission
from django.core.management.sql import emit_post_migrate_signal
from django.db.migrations.state import ProjectState

from streamreports.admin import ReportAdminMixin
from streamreports.admin.permissions import create_permissions
from tests.models import Maker, SmallMaker, Specimen


class ReportAdmin(ReportAdminMixin, admin.ModelAdmin):
    pass


@pytest.fixture
def site(db):
    """Return the only site of the admin, in a database without permissions to export."""
    Permission.objects.filter(codename__startswith="export_").delete()
    before = list(all_sites)
    all_sites.clear()
    yield admin.AdminSite(name="site")
    all_sites.clear()
    all_sites.update(before)


def migrate(**kwargs):
    """Do what the commands migrate and flush do in the end."""
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default", **kwargs)


def permissions():
    """Return the permissions to export: the model, the codename and the name of each."""
    found = Permission.objects.filter(codename__startswith="export_").order_by("codename")
    return [
        f"{each.content_type.app_label}.{each.content_type.model} {each.codename} {each.name}"
        for each in found.select_related("content_type")
    ]


def test_a_permission_is_created_for_each_exported_model(site):
    site.register([Maker, Specimen], ReportAdmin)
    migrate()
    assert permissions() == [
        "tests.maker export_maker Can export maker",
        "tests.specimen export_specimen Can export specimen",
    ]


def test_models_of_other_apps_count(site):
    site.register(Group, ReportAdmin)
    migrate()
    assert permissions() == ["auth.group export_group Can export group"]


def test_a_proxy_has_a_permission_of_its_own(site):
    site.register(SmallMaker, ReportAdmin)
    migrate()
    assert permissions() == ["tests.smallmaker export_smallmaker Can export small maker"]


def test_other_admins_need_no_permission(site):
    site.register(Maker, admin.ModelAdmin)
    migrate()
    assert permissions() == []


def test_any_site_counts(site):
    site.register(Maker, admin.ModelAdmin)
    other = admin.AdminSite(name="other")
    other.register(Maker, ReportAdmin)
    migrate()
    assert permissions() == ["tests.maker export_maker Can export maker"]


def test_the_name_is_not_translated(site, settings):
    settings.LANGUAGE_CODE = "de"
    site.register(Permission, ReportAdmin)
    migrate()
    assert permissions() == ["auth.permission export_permission Can export permission"]


def test_a_permission_is_created_once(site):
    site.register(Maker, ReportAdmin)
    migrate()
    migrate()
    assert permissions() == ["tests.maker export_maker Can export maker"]


def test_a_permission_that_exists_keeps_its_name(site):
    site.register(Maker, ReportAdmin)
    migrate()
    Permission.objects.filter(codename="export_maker").update(name="May take makers home")
    migrate()
    assert permissions() == ["tests.maker export_maker May take makers home"]


def test_a_database_without_permissions_gets_none(site, settings):
    settings.DATABASE_ROUTERS = ["tests.admin.test_permissions.NoPermissions"]
    site.register(Maker, ReportAdmin)
    migrate()
    assert permissions() == []


class NoPermissions:
    """A router to a database that has no tables of django.contrib.auth."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label != "auth"


def test_nothing_is_created_before_auth_is_migrated(site):
    create_permissions([Maker], "default", ProjectState().apps)
    assert permissions() == []


def test_nothing_is_created_for_a_model_that_is_not_migrated(site):
    state = ProjectState.from_apps(apps)
    state.remove_model("tests", "smallmaker")
    create_permissions([Maker, SmallMaker], "default", state.apps)
    assert permissions() == ["tests.maker export_maker Can export maker"]


def test_a_query_finds_that_nothing_is_missing(site, django_assert_num_queries):
    create_permissions([Maker, Specimen], "default")
    with django_assert_num_queries(1):  # Content types are cached.
        create_permissions([Maker, Specimen], "default")
