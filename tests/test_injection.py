"""Hostile values in every parameter: they end in a 400, or as a value of the query."""

from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.views import StreamingCsvView
from tests.filtered import ChoosingView, DateFilter, FilteredView, SpecimenView, User, send
from tests.models import Maker, Specimen
from tests.test_view_permissions import PrivateView

MARK = "hostile"
HOSTILE = [
    f"{MARK}'; DROP TABLE tests_maker; --",
    f'{MARK}" OR 1=1 --',
    f"name) FROM tests_maker {MARK} --",
    f"name` {MARK}",
    f"specimens__json__{MARK}' = '1') OR 1=1 OR ('a",  # CVE-2024-42005
    f"name__{MARK}__exact",
    f"size FROM tests_maker {MARK}; --",
    f"%({MARK})s",
    f"%s {MARK}",
    f"{MARK}\\",
    f"{MARK}\r\nX-Header: 1",
    f"{{{MARK}}}",
    f"-{MARK}",
    f"{MARK}/*",
    f"ﬀ{MARK}\u202e",
    f"__class__{MARK}",
    f"pk__in=(SELECT {MARK})",
    f"{MARK}\ud7ff",
]
PARAMETERS = ["columns", "ordering", "format", "size", "key_min", "key_max", "sort", "page_"]
DATES = ["date_after", "date_before", "datetime_after", "maker", "decimal", "decimal_lookup"]


@contextmanager
def statements():
    """Yield a list of the SQL that runs inside."""
    found = []

    def wrapper(execute, sql, params, many, context):
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield found


class EverythingView(ChoosingView):
    """Send makers with every choice that a request can have."""

    filterset_class = FilteredView.filterset_class


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_hostile_value_is_rejected(db, rf, name, value):
    with statements() as found:
        assert send(rf, EverythingView, f"{name}={quote(value)}")[0] == 400
    assert found == []


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", DATES)
def test_a_hostile_date_number_or_key_is_rejected(db, rf, name, value):
    with statements() as found:
        assert send(rf, SpecimenView, f"{name}={quote(value)}")[0] == 400
    assert found == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_a_parameter_is_rejected(db, rf, name):
    with statements() as found:
        assert send(rf, EverythingView, f"{quote(name)}=1")[0] == 400
    assert found == []


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_text_is_a_value_of_the_query(db, rf, value):
    Maker.objects.create(name=value)
    Maker.objects.create(name="Ann")
    with statements() as found:
        status, text = send(rf, EverythingView, f"columns=name&name={quote(value)}")
    assert status == 200
    assert MARK in text
    assert "Ann" not in text
    assert not any(MARK in sql for sql in found)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_tells_nothing_of_hidden_columns(db, rf, value):
    for name in ("columns", "ordering", "exact_size"):
        status, text = send(rf, PrivateView, f"{name}={quote(value)}", User())
        assert status == 400
        assert "size" not in text.replace(name, "").replace(value, "")


class AnyView(StreamingCsvView):
    """Send specimens in any way that a request asks for."""

    model = Specimen
    columns = ["char", "json", "integer"]
    selectable_columns = True
    ordering_fields = ["integer"]
    filterset_class = DateFilter


TEXT = st.characters(exclude_categories=["Cs"])
NAMES = st.sampled_from([*DATES, "columns", "ordering", "format", "page"]) | st.text(
    TEXT, max_size=9
)
VALUES = (
    st.text(TEXT, max_size=20) | st.integers().map(str) | st.floats().map(str) | st.dates().map(str)
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_string_is_answered(db, rf, items):
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in items)
    assert send(rf, AnyView, query)[0] in (200, 400)


@pytest.mark.parametrize(
    "query",
    [
        f"key_min={10**30}",
        f"key_max=-{10**30}",
        "key_min=1e50",
        "key_min=NaN",
        "key_min=Infinity",
        f"exact_size={10**30}",
        f"size={10**30}",
    ],
)
def test_a_number_out_of_range_is_answered(db, rf, query):
    status, text = send(rf, PrivateView, query, User("tests.view_size"))
    assert (status, text) == (200, "Name,Size\r\n") or status == 400


@pytest.mark.parametrize(
    "query",
    [
        "date_after=0001-01-01",
        "date_before=9999-12-31",
        "datetime_after=0001-01-01T00:00:00Z",
        "datetime_after=0001-01-01T00:00:00%2B14:00",
        "datetime_before=9999-12-31T23:59:59-12:00",
        f"maker={10**30}",
        "decimal=1e49&decimal_lookup=gt",
        "decimal=1e400&decimal_lookup=gt",
        "decimal=1e-400&decimal_lookup=gt",
        "decimal=NaN&decimal_lookup=exact",
        "decimal=1e999999999&decimal_lookup=exact",
    ],
)
def test_a_date_or_decimal_out_of_range_is_answered(db, rf, query):
    assert send(rf, SpecimenView, query)[0] in (200, 400)
