import pytest
from django.db import connection

from streamreports.backends import registry
from streamreports.backends.base.backend import Backend
from streamreports.backends.base.session import ReadSession
from streamreports.backends.registry import explain_error, get_backend, register_backend
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from tests.backends.failing import explanation_of_failing
from tests.factories import MakerFactory, SpecimenFactory
from tests.models import Maker, Specimen


class OtherSession(ReadSession):
    """Keep what is fetched."""

    fetched = []

    def fetch(self, function):
        rows = super().fetch(function)
        self.fetched.append(rows)
        return rows


class OtherBackend(Backend):
    session_class = OtherSession

    @staticmethod
    def explain_error(error):
        return "Raise max_rows." if isinstance(error, LookupError) else ""


@pytest.fixture
def other_vendor(monkeypatch):
    """Give the connection the name of a vendor for which there is no backend."""
    monkeypatch.setattr(registry, "_backends", dict(registry._backends))
    monkeypatch.setattr(OtherSession, "fetched", [])
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


@pytest.mark.django_db
def test_a_report_is_read_from_a_vendor_that_is_not_registered(other_vendor):
    SpecimenFactory(full=True, char="=1")
    report = Report(Specimen.objects.all(), ["char", "date", "maker__name", "get_kind_display"])
    (row,) = report.rows()
    assert (row[0], row[1], row[3]) == ("'=1", "2026-11-20", "Rare kind")
    assert b"".join(report.stream(CsvFormat())).endswith(b",Rare kind\r\n")
    assert "printed by the database" not in str(report.explain())


@pytest.mark.django_db
def test_a_report_is_read_in_the_session_of_a_registered_vendor(other_vendor):
    register_backend(other_vendor, OtherBackend)
    MakerFactory(name="first")
    assert list(Report(Maker.objects.all(), ["name"]).rows()) == [("first",)]
    assert OtherSession.fetched == [[("first",)], []]


@pytest.mark.django_db
def test_errors_are_explained_by_a_registered_vendor(other_vendor):
    register_backend(other_vendor, OtherBackend)
    MakerFactory()
    report = Report(Maker.objects.all(), [Column(lambda maker: {}[maker], label="x")])
    with pytest.raises(KeyError) as caught:
        list(report.rows())
    assert caught.value.__notes__[-1] == "Raise max_rows."
    assert explain_error(caught.value) == "Raise max_rows."


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
