"""Exports of a site with tenants, and the function that sends their requests."""

import pytest
from django.db import connection
from django.http import HttpResponseRedirect
from django.urls import path

from streamreports.exports import sending
from streamreports.exports.running import run_export
from streamreports.exports.sending import through_middleware, without_middleware
from streamreports.exports.worker import run_exports
from tests.exports.support import MakersView, create, reloaded
from tests.exports.support import urlpatterns as all_patterns
from tests.models import Maker

pytestmark = pytest.mark.django_db

TENANTS = ["oslo", "rome"]


class TenantView(MakersView):
    """Makers of a tenant. Where it has no schema, a filter chooses them."""

    def get_queryset(self):
        makers = super().get_queryset()
        if connection.vendor == "postgresql":
            return makers
        return makers.filter(name__startswith=f"{self.request.tenant} ")


urlpatterns = [path("tenant/", TenantView.as_view()), *all_patterns]


def choose_tenant(get_response):
    """Choose the schema of a tenant by the host, as django-tenants does."""

    def middleware(request):
        request.tenant = request.get_host().partition(".")[0]
        search_in(request.tenant)
        return get_response(request)

    return middleware


def search_in(schema):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'SET search_path TO "{schema}", public')


def demand_second_factor(get_response):
    """Redirect who has not shown a second factor in the session, as every request of an export."""
    return lambda request: HttpResponseRedirect("/second-factor/")


def send_to_tenant(request, export):
    """Send a request through one middleware alone."""
    assert export.host == request.get_host()
    return choose_tenant(without_middleware)(request)


def send_through_all(request, export):
    """Choose the tenant, and go through all the middleware."""
    return choose_tenant(through_middleware)(request)


def send_nowhere(request, export):
    pass


@pytest.fixture
def tenants(site, settings):
    """Have a site with tenants, each with makers of its own."""
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["*"]
    for tenant in TENANTS:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE SCHEMA {tenant}")
                cursor.execute(
                    f"CREATE TABLE {tenant}.{Maker._meta.db_table}"
                    f" (LIKE {Maker._meta.db_table} INCLUDING ALL)"
                )
            search_in(tenant)
        Maker.objects.bulk_create(Maker(name=f"{tenant} {number}") for number in range(3))
        search_in("public")
    Maker.objects.create(name="site 0")
    yield site
    search_in("public")


@pytest.fixture
def by_middleware(tenants, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.choose_tenant"]
    sending.get_handler.cache_clear()
    return tenants


def content(storage, export):
    with storage.open(reloaded(export).file) as file:
        return file.read().decode().splitlines()


def expected(tenant):
    return ["Name,Size", *(f"{tenant} {number}," for number in range(3))]


def export_of(tenant):
    return create("/tenant/", host=f"{tenant}.example.com", active_key=tenant)


def test_each_export_has_the_rows_of_its_tenant(by_middleware):
    exports = {name: export_of(name) for name in TENANTS}
    site = export_of("site")
    assert len(list(run_exports(poll=0, once=True))) == 3  # in one process
    for name, export in exports.items():
        assert content(by_middleware, export) == expected(name)
    assert content(by_middleware, site) == ["Name,Size", "site 0,"]


@pytest.mark.parametrize("sender", ["send_to_tenant", "send_through_all"])
def test_a_function_of_the_project_chooses_the_tenant(tenants, settings, sender):
    settings.STREAMREPORTS = {"EXPORT_REQUEST": f"{__name__}.{sender}"}
    exports = {name: export_of(name) for name in TENANTS}
    assert len(list(run_exports(poll=0, once=True))) == 2
    for name, export in exports.items():
        assert content(tenants, export) == expected(name)


def test_a_function_of_the_project_leaves_middleware_out(tenants, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.demand_second_factor"]
    sending.get_handler.cache_clear()
    refused, made = export_of("oslo"), export_of("rome")
    run_export(refused.pk)
    assert "its URL redirects to another page (302)" in reloaded(refused).error
    settings.STREAMREPORTS = {"EXPORT_REQUEST": f"{__name__}.send_to_tenant"}
    run_export(made.pk)
    assert content(tenants, made) == expected("rome")


def test_a_view_without_middleware_knows_the_user_and_the_language(site, settings):
    settings.STREAMREPORTS = {"EXPORT_REQUEST": f"{__name__}.send_to_tenant"}
    export = create("/private/", language="de")
    run_export(export.pk)
    assert reloaded(export).error == "Sie dürfen diesen Bericht nicht mehr ansehen (403)."


def test_a_function_that_returns_nothing_is_named(site, settings, caplog):
    settings.STREAMREPORTS = {"EXPORT_REQUEST": f"{__name__}.send_nowhere"}
    export = create()
    run_export(export.pk)
    assert reloaded(export).state == "failed"
    assert f"{__name__}.send_nowhere returned None. Return the response." in caplog.text
