"""Lookups are checked for the database that a changelist reads from."""

import pytest
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import connections
from django.http import QueryDict

from demo_project.settings import database
from streamreports.admin.lookups import require_valid_lookups
from tests.models import Specimen


@pytest.fixture
def rows_on(monkeypatch):
    """Return a function that returns rows of a kind of database, filtered by a lookup."""

    def rows_on(kind):
        configured = connections.configure_settings({"default": {}, "other": database(kind)})
        monkeypatch.setitem(connections.settings, "other", configured["other"])
        return Specimen.objects.using("other").filter(json__contains={"a": 1})

    yield rows_on
    if hasattr(connections._connections, "other"):
        del connections["other"]


def test_a_lookup_that_the_database_has_is_valid(rows_on):
    pytest.importorskip("psycopg")
    require_valid_lookups(rows_on("postgresql"), QueryDict("json__contains={}"))


def test_a_lookup_that_the_database_lacks_is_invalid(rows_on):
    with pytest.raises(IncorrectLookupParameters):
        require_valid_lookups(rows_on("sqlite"), QueryDict("json__contains={}"))
