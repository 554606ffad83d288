import gc
import os
import subprocess
import sys

import pytest
from django.db import OperationalError, connection, connections

from streamreports.backends.registry import get_backend
from streamreports.formats.csv import CsvFormat
from streamreports.signals import report_finished
from tests.connections import in_thread, open_transactions
from tests.models import Maker
from tests.responses.helpers import outcomes, read, respond, serve
from tests.views import FailingCsvView, body, make

# The end: the connection


def use(response):
    read(response)


def abort(response):
    blocks = iter(response)
    next(blocks)
    next(blocks)
    response.close()


def drop(response):
    next(iter(response))


@pytest.mark.parametrize("end", [use, abort, drop])
def test_after_a_report_the_connection_reads_and_writes(own_connection, rf, end):
    make(1000)
    end(respond(rf.get("/")))
    gc.collect()
    make(1)
    assert Maker.objects.count() == 1001
    assert connection.in_atomic_block is False


@pytest.mark.parametrize("end", [use, abort, drop])
def test_after_a_report_no_transaction_is_open(own_connection, rf, end):
    make(1000)
    end(respond(rf.get("/")))
    gc.collect()
    assert (connections["default"], open_transactions()) == (own_connection, [])


def test_after_a_report_that_fails_no_transaction_is_open(own_connection, client, settings):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    with pytest.raises(LookupError):
        read(client.get("/report/"))
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (251, [])


def drop_in_another_thread(request):
    """Drop a report as a garbage collection that happens to run in another thread does.

    Return how many makers are counted there afterwards.
    """
    responses = [respond(request)]

    def drop():
        responses.clear()
        return Maker.objects.count()

    return in_thread(drop)


def test_a_report_that_is_dropped_in_another_thread_is_signalled(own_connection, rf, finished):
    make(1000)
    drop_in_another_thread(rf.get("/"))
    assert outcomes(finished) == ["aborted"]


def test_a_report_that_is_dropped_in_another_thread_leaves_no_transaction(own_connection, rf):
    make(1000)
    drop_in_another_thread(rf.get("/"))
    assert open_transactions() == []


def test_a_report_that_is_dropped_in_another_thread_does_not_break_that_one(own_connection, rf):
    make(1000)
    assert drop_in_another_thread(rf.get("/")) == 1000


def test_a_report_that_is_dropped_in_another_thread_does_not_break_this_one(own_connection, rf):
    make(1000)
    drop_in_another_thread(rf.get("/"))
    make(1)
    assert Maker.objects.count() == 1001


def kill(wrapper):
    """End the session of a connection from another, as the administrator of a database may."""
    pid = wrapper.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.skipif(
    get_backend(connection).features.leaves_connection_free,
    reason="Reports leave the connection of the thread free.",
)
def test_a_report_in_a_reference_cycle_ends_before_its_connection_is_finalized(
    own_connection, rf, finished
):
    """The garbage collector finalizes in any order, and Django's connections have finalizers."""
    make(1000)
    ended = []

    class Part:
        def __del__(self):
            ended.append(outcomes(finished))

    def send():
        connections["default"].part = Part()
        response = respond(rf.get("/"))
        next(iter(response))
        response.itself = response

    assert in_thread(send) is None
    gc.collect()
    gc.collect()
    assert (ended, open_transactions()) == ([["aborted"]], [])


only_one_by_one = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="Other databases send all rows at once."
)


@only_one_by_one
def test_a_session_that_is_killed_fails_the_report_alone(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    blocks = iter(response)
    next(blocks)
    kill(own_connection)
    with pytest.raises(OperationalError):
        list(blocks)
    response.close()
    assert outcomes(finished) == ["failed"]
    assert Maker.objects.count() == 1000


@only_one_by_one
def test_a_report_may_be_closed_after_its_session_was_killed(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    next(iter(response))
    kill(own_connection)
    response.close()
    assert outcomes(finished) == ["aborted"]
    assert Maker.objects.count() == 1000


@pytest.mark.parametrize("end", [use, abort, drop])
def test_a_format_may_clean_up_whatever_ends_it(own_connection, rf, end):
    ends = []

    class TidyFormat(CsvFormat):
        def encode(self, columns, batches):
            try:
                yield from super().encode(columns, batches)
            finally:
                ends.append("tidied up")

    make(1000)
    end(respond(rf.get("/"), format_class=TidyFormat))
    gc.collect()
    assert ends == ["tidied up"]


def test_a_report_may_be_of_another_database(archive, rf, finished):
    make(1000)
    response = respond(rf.get("/"), Maker.objects.using(archive).order_by("name"))
    file = read(response)
    assert (file, outcomes(finished)) == (body(1000), ["completed"])


def test_an_asynchronous_receiver_is_called(own_connection, rf):
    told = []

    async def receive(outcome, **kwargs):
        told.append(outcome)

    report_finished.connect(receive)
    try:
        read(respond(rf.get("/")))
    finally:
        report_finished.disconnect(receive)
    assert told == ["completed"]


def test_a_report_that_is_still_open_when_python_exits_is_no_trouble(tmp_path):
    code = """
import django
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.sqlite3"}},
    INSTALLED_APPS=["django.contrib.contenttypes"],
)
django.setup()
from django.core.management import call_command
from django.test import RequestFactory
from streamreports.columns import Column
from streamreports.views import StreamingCsvView
from django.contrib.contenttypes.models import ContentType
call_command("migrate", verbosity=0)
ContentType.objects.bulk_create(ContentType(app_label="a", model=str(n)) for n in range(500))
view = StreamingCsvView.as_view(model=ContentType, columns=["model"])
response = view(RequestFactory().get("/"))
print(len(next(iter(response))) > 0)
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr, result.returncode) == ("True\n", "", 0)
