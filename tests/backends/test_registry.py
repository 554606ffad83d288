import pytest
from django.db import connection

from streamreports.backends import registry
from streamreports.backends.base.backend import Backend
from streamreports.backends.registry import get_backend, register_backend


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
