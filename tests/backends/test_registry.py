import pytest
from django.db import connection

from streamreports.backends import registry
from streamreports.backends.base.backend import Backend
from streamreports.backends.registry import explain_error, get_backend, register_backend
from tests.backends.failing import explanation_of_failing


class OtherBackend(Backend):
    pass


@pytest.fixture
def other_vendor(monkeypatch):
    """Give the connection the name of a vendor for which there is no backend."""
    monkeypatch.setattr(registry, "_backends", dict(registry._backends))
    monkeypatch.setattr(connection._connections[connection._alias], "vendor", "other")
    return "other"


def test_the_backend_is_the_one_of_the_vendor():
    backend = get_backend(connection)
    assert type(backend).__module__ == f"streamreports.backends.{connection.vendor}.backend"
    assert backend.connection.alias == connection.alias


def test_a_vendor_that_is_not_registered_has_the_base_backend(other_vendor):
    assert type(get_backend(connection)) is Backend


def test_a_vendor_can_be_registered(other_vendor):
    register_backend(other_vendor, OtherBackend)
    assert type(get_backend(connection)) is OtherBackend


def test_features_know_their_connection():
    assert get_backend(connection).features.connection.alias == connection.alias


def test_errors_of_no_database_are_not_explained():
    assert explain_error(ValueError(2013, "canceling statement due to statement timeout")) == ""


@pytest.mark.django_db
def test_a_mistake_in_a_query_is_not_explained():
    assert explanation_of_failing("SELECT nothing FROM nowhere") == ""


def test_errors_that_led_to_each_other_in_a_circle_are_not_explained():
    first, second = ValueError(), ValueError()
    first.__context__, second.__context__ = second, first
    assert explain_error(first) == ""
