"""When a report is recorded, and what happens if it cannot be."""

import asyncio
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.signals import request_finished
from django.db import DatabaseError, close_old_connections, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from streamreports.logs import receivers
from streamreports.logs.models import ReportLog
from streamreports.streaming.threads import has_event_loop
from tests.asgi import HANGS, Exchange
from tests.connections import in_thread
from tests.models import Maker
from tests.responses.asgi.helpers import at_message, leave, run, run_as_a_server_does
from tests.streams.support import MakersView
from tests.views import FailingCsvView, MakerCsvView, body, get, make, save

SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


@pytest.fixture
def open_connections():
    """Have closing a response close no connection, as a test's transaction needs it."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def broken_log():
    """Have the database refuse entries."""
    with patch.object(ReportLog._meta, "db_table", "no_such_table"):
        yield


def outcomes():
    return list(ReportLog.objects.order_by("pk").values_list("outcome", flat=True))


def errors(caplog):
    return [record for record in caplog.records if record.name == "streamreports"]


# Ways to end


def test_a_completed_report_is_recorded_once(own_log, rf):
    make(1000)
    file = b"".join(get(rf, MakerCsvView))
    entry = ReportLog.objects.get()
    assert (entry.outcome, entry.rows, entry.bytes) == ("completed", 1000, len(file))


def test_nothing_is_recorded_before_the_end(own_log, rf):
    make(1000)
    response = get(rf, MakerCsvView)
    next(iter(response))
    assert outcomes() == []
    response.close()
    assert outcomes() == ["aborted"]


def test_an_aborted_report_is_recorded_with_what_was_sent(own_log, rf, open_connections):
    make(1000)
    response = get(rf, MakerCsvView)
    block = next(iter(response))
    response.close()
    entry = ReportLog.objects.get()
    assert (entry.outcome, entry.bytes) == ("aborted", len(block))
    assert 0 < entry.rows < 1000


def test_a_report_that_fails_is_recorded_with_the_class_of_the_exception(own_log, rf):
    make(1000)
    response = get(rf, FailingCsvView, fails_at=900)
    with pytest.raises(LookupError):
        list(response)
    entry = ReportLog.objects.get()
    assert (entry.outcome, entry.exception) == ("failed", "builtins.LookupError")
    assert 0 < entry.rows <= 900


def test_a_report_that_fails_at_once_is_recorded(own_log, rf):
    make(1)
    with pytest.raises(LookupError):
        get(rf, FailingCsvView)
    assert outcomes() == ["failed"]


def test_a_report_whose_query_fails_is_recorded(own_log, rf):
    queryset = Maker.objects.extra(where=["no_such_column = 1"])
    with pytest.raises(DatabaseError):
        get(rf, type("View", (MakerCsvView,), {"queryset": queryset, "model": None}))
    assert outcomes() == ["failed"]


def test_a_buffered_report_is_recorded(own_log, rf):
    save("Ann")
    get(rf, MakerCsvView, buffered_up_to=100_000)
    assert outcomes() == ["completed"]


# What is not recorded


def test_a_head_request_is_not_recorded(db, rf):
    MakerCsvView.as_view()(rf.head("/"))
    assert outcomes() == []


def test_a_rejected_request_is_not_recorded(db, client, site):
    assert client.get(f"{site()}?no=1").status_code == 400
    assert outcomes() == []


def test_a_stream_that_is_no_report_is_not_recorded(db, rf):
    assert b"".join(get(rf, MakersView)) == b"<ul></ul>"
    assert outcomes() == []


@pytest.mark.parametrize("given", [{}, {"LOG_REPORTS": False}])
def test_reports_are_recorded_only_if_the_settings_say_so(db, rf, settings, given):
    settings.STREAMREPORTS = given
    b"".join(get(rf, MakerCsvView))
    assert outcomes() == []


# Queries


def test_a_report_costs_one_insert(own_log, rf, open_connections):
    save("Ann")
    response = get(rf, MakerCsvView)
    blocks = iter(response)
    assert next(blocks)
    with CaptureQueriesContext(connections["default"]) as queries:
        assert list(blocks) == [b"\r\n"]
    statements = [query["sql"] for query in queries if "reportlog" in query["sql"]]
    assert len(statements) == 1
    assert statements[0].startswith("INSERT")


def test_nothing_but_the_insert_is_run_for_a_loaded_user(own_log, rf):
    user = User.objects.create_user("ann")
    request = rf.get("/")
    request.user = user
    response = MakerCsvView.as_view(buffered_up_to=100_000)
    b"".join(response(request))  # A connection may have queries of its own at first.
    with CaptureQueriesContext(connections["default"]) as with_log:
        b"".join(response(request))
    receivers.report_finished.disconnect(receivers.record)
    try:
        with CaptureQueriesContext(connections["default"]) as without_log:
            b"".join(response(request))
    finally:
        receivers.report_finished.connect(receivers.record)
    assert len(with_log) - len(without_log) == 1


def test_the_user_is_the_one_who_started_the_report(own_log, client, site, settings):
    """The view does not look at the user, and the session ends before the report does."""
    settings.MIDDLEWARE = [SESSION, AUTHENTICATION]
    make(1000)
    user = User.objects.create_user("ann")
    client.force_login(user)
    response = client.get(site())
    client.session.flush()
    b"".join(response)
    assert ReportLog.objects.get().user == user


# Failures


def test_an_entry_that_cannot_be_saved_does_not_break_the_report(own_log, rf, caplog, broken_log):
    make(1000)
    assert b"".join(get(rf, MakerCsvView)) == body(1000)
    (record,) = errors(caplog)
    assert record.levelname == "ERROR"
    assert record.getMessage() == "The report of tests.views.MakerCsvView could not be recorded."
    assert issubclass(record.exc_info[0], DatabaseError)


def test_an_entry_that_cannot_be_saved_does_not_break_a_transaction(db, rf, caplog, broken_log):
    save("Ann")
    assert b"".join(get(rf, MakerCsvView)) == b"Name,Size\r\nAnn,\r\n"
    assert len(errors(caplog)) == 1
    assert Maker.objects.count() == 1


def test_a_transaction_without_atomic_stays_usable(own_log, broken_log):
    transaction.set_autocommit(False)
    try:
        save("Ann")
        with pytest.raises(DatabaseError):
            receivers.save_entry(an_entry())
        assert Maker.objects.count() == 1
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)


def an_entry():
    from django.utils import timezone

    now = timezone.now()
    return ReportLog(started=now, finished=now, seconds=0, rows=0, bytes=0)


def test_an_entry_that_cannot_be_made_does_not_break_the_report(db, rf, caplog, monkeypatch):
    def fail(**kwargs):
        raise LookupError("no entry")

    monkeypatch.setattr(receivers, "create_entry", fail)
    assert b"".join(get(rf, MakerCsvView)) == b"Name,Size\r\n"
    (record,) = errors(caplog)
    assert record.exc_info[0] is LookupError


def test_a_connection_that_the_report_broke_is_replaced(own_log, rf):
    if connection.vendor != "postgresql":
        pytest.skip("For PostgreSQL.")

    def end_other_sessions():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    class View(FailingCsvView):
        def name_of(self, maker):
            if maker.name.startswith("0700"):
                in_thread(end_other_sessions)
            return maker.name

    make(2000)
    with pytest.raises(DatabaseError, match="terminating connection"):
        list(get(rf, View))
    entry = ReportLog.objects.get()
    assert entry.outcome == "failed"
    assert entry.exception.endswith("OperationalError")


def kill(session):
    """End a session of the database from another one."""
    statement = {"postgresql": "SELECT pg_terminate_backend(%s)", "mysql": "KILL %s"}
    with connection.cursor() as cursor:
        cursor.execute(statement[connection.vendor], [session])


def test_a_connection_that_the_database_closed_is_replaced(own_log):
    """It may have been idle for a long time while rows were read through another one."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no sessions.")
    query = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}
    with connection.cursor() as cursor:
        cursor.execute(query[connection.vendor])
        (session,) = cursor.fetchone()
    in_thread(lambda: kill(session))
    receivers.save_entry(an_entry())
    assert ReportLog.objects.count() == 1


# Servers


def test_an_asynchronous_server_records_a_report(own_log, site):
    make(1000)
    exchange = run(Exchange(site()))
    entry = ReportLog.objects.get()
    assert (entry.outcome, entry.bytes) == ("completed", len(exchange.body))
    assert entry.remote_address == "127.0.0.1"


@pytest.mark.parametrize("run_exchange", [run, run_as_a_server_does])
def test_an_asynchronous_server_records_that_the_client_left(own_log, site, run_exchange):
    if connection.vendor == "sqlite" and run_exchange is run_as_a_server_does:
        pytest.skip("Other threads do not see a database in memory.")
    make(3000)
    run_exchange(Exchange(site(), on_send=at_message(2, leave)))
    entry = ReportLog.objects.get()
    assert entry.outcome == "aborted"
    assert 0 < entry.rows < 3000


def test_a_response_that_is_closed_in_an_event_loop_is_recorded(own_log, site, async_client):
    if connection.vendor == "sqlite":
        pytest.skip("Other threads do not see a database in memory.")
    make(3000)
    url = site()

    @async_to_sync
    async def leave_early():
        async with asyncio.timeout(HANGS):
            response = await async_client.get(url)
            response.body.close()

    leave_early()
    assert outcomes() == ["aborted"]


def test_a_report_that_ends_in_an_event_loop_is_recorded(own_log, rf, finished, settings):
    """The entry is saved in a thread of its own."""
    if connection.vendor == "sqlite":
        pytest.skip("Other threads do not see a database in memory.")
    settings.STREAMREPORTS = {}
    b"".join(get(rf, MakerCsvView))
    settings.STREAMREPORTS = {"LOG_REPORTS": True}
    (sent,) = finished

    @async_to_sync
    async def record():
        assert has_event_loop()
        receivers.load_user(**{name: sent[name] for name in ("request", "report")})
        receivers.record(**sent)

    record()
    assert outcomes() == ["completed"]


def test_the_insert_finds_a_connection_in_a_full_pool(own_log, pooled, rf, settings):
    """The report has returned its own before it is recorded."""
    settings.DATABASE_ROUTERS = ["tests.logs.routers.PooledRouter"]
    make(1000)

    class View(MakerCsvView):
        queryset = Maker.objects.using(pooled)
        model = None

    responses = [get(rf, View) for _ in range(3)]
    pool = connections[pooled].pool
    last = pool.getconn()
    try:
        files = [b"".join(response) for response in responses]
    finally:
        pool.putconn(last)
    assert files == [body(1000)] * 3
    assert ReportLog.objects.using("default").count() == 3


# Databases


@pytest.fixture
def other_database(own_log, settings, monkeypatch, tmp_path):
    """Have a router store the log, and nothing else, in a database of its own."""
    database = {
        **connections.settings["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "logs.sqlite3"),
        "OPTIONS": {},
    }
    monkeypatch.setitem(connections.settings, "logs", database)
    settings.DATABASE_ROUTERS = ["tests.logs.routers.LogsRouter"]
    with connections["logs"].schema_editor() as editor:
        editor.create_model(ReportLog)
    yield "logs"
    connections["logs"].close()
    del connections["logs"]


def test_a_router_chooses_the_database(other_database, rf):
    make(1000)
    assert b"".join(get(rf, MakerCsvView)) == body(1000)
    assert ReportLog.objects.using(other_database).count() == 1
    assert ReportLog.objects.using("default").count() == 0


def test_a_user_is_deleted_whose_entries_are_in_another_database(other_database, rf):
    user = User.objects.create_user("ann")
    request = rf.get("/")
    request.user = user
    b"".join(MakerCsvView.as_view()(request))
    pk = user.pk
    user.delete()
    entry = ReportLog.objects.get()
    assert (entry.user_id, entry.username) == (pk, "ann")
