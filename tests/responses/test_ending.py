import gc

import pytest

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.signals import report_finished
from tests.models import Maker
from tests.responses.helpers import Sender, messages, outcomes, read, respond, serve
from tests.views import FailingCsvView, MakerCsvView, body, make, rows_in

# The end: the signal


def test_a_completed_report_is_signalled_once_with_everything(own_connection, rf, finished):
    make(1000)
    request = rf.get("/")
    response = respond(request)
    file = read(response)
    response.close()
    (sent,) = finished
    seconds, report = sent.pop("seconds"), sent.pop("report")
    assert isinstance(sent.pop("format"), CsvFormat)
    assert sent == {
        "signal": report_finished,
        "sender": Sender,
        "request": request,
        "rows": 1000,
        "bytes": len(file),
        "outcome": "completed",
        "exception": None,
    }
    assert isinstance(report, Report)
    assert 0 < seconds < 60


def test_a_report_that_is_not_read_to_its_end_is_signalled_when_it_is_closed(
    own_connection, rf, finished
):
    make(1000)
    response = respond(rf.get("/"))
    first = next(iter(response))
    assert finished == []
    response.close()
    (sent,) = finished
    assert (sent["outcome"], sent["exception"]) == ("aborted", None)
    assert (sent["rows"], sent["bytes"]) == (rows_in(first), len(first))


def test_rows_and_bytes_are_counted_block_by_block(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    blocks = iter(response)
    start = next(blocks) + next(blocks)
    response.close()
    (sent,) = finished
    assert (sent["rows"], sent["bytes"]) == (rows_in(start), len(start))


def test_nothing_is_counted_of_what_never_left(own_connection, rf, finished):
    make(3)
    respond(rf.get("/")).close()
    (sent,) = finished
    assert (sent["outcome"], sent["rows"], sent["bytes"]) == ("aborted", 0, 0)


def test_a_report_that_is_closed_twice_is_signalled_once(own_connection, rf, finished):
    response = respond(rf.get("/"))
    response.close()
    response.close()
    assert outcomes(finished) == ["aborted"]


def test_a_response_that_is_closed_twice_ends_the_request_once(
    own_connection, rf, requests_finished
):
    response = respond(rf.get("/"))
    response.close()
    response.close()
    assert len(requests_finished) == 1


def test_a_report_that_is_closed_gives_no_more(own_connection, rf):
    make(1000)
    response = respond(rf.get("/"))
    blocks = iter(response)
    response.close()
    assert list(blocks) == []


def test_a_report_that_is_dropped_is_signalled(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    next(iter(response))
    del response
    gc.collect()
    assert outcomes(finished) == ["aborted"]


def test_a_report_that_is_dropped_unread_is_signalled(own_connection, rf, finished):
    respond(rf.get("/"))
    gc.collect()
    assert outcomes(finished) == ["aborted"]


def test_a_report_that_fails_is_signalled_once_with_its_exception(
    own_connection, client, settings, finished
):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    response = client.get("/report/")
    blocks = iter(response)
    first = next(blocks)
    with pytest.raises(LookupError) as raised:
        list(blocks)
    response.close()
    (sent,) = finished
    assert (sent["outcome"], sent["exception"]) == ("failed", raised.value)
    assert (sent["rows"], sent["bytes"]) == (rows_in(first), len(first))
    assert sent["sender"] is FailingCsvView


def test_a_report_that_fails_does_not_end_with_a_line_end(own_connection, client, settings):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    left = []
    with pytest.raises(LookupError):
        left.extend(client.get("/report/"))  # what a list had so far, it keeps
    assert body(250).startswith(b"".join(left))
    assert not b"".join(left).endswith((b"\r", b"\n"))


def test_an_interrupt_in_the_body_aborts_the_report(own_connection, rf, finished):
    def interrupt(maker):
        raise KeyboardInterrupt

    make(1)
    with pytest.raises(KeyboardInterrupt):
        respond(rf.get("/"), columns=[Column(interrupt, label="x")])
    assert outcomes(finished) == ["aborted"]


def test_a_stop_iteration_in_a_column_does_not_pass_for_the_end(own_connection, rf, finished):
    make(150)
    values = iter(range(120))
    response = respond(rf.get("/"), columns=[Column(lambda maker: next(values), label="x")])
    with pytest.raises(RuntimeError):
        read(response)
    assert outcomes(finished) == ["failed"]


def test_a_stop_iteration_in_a_format_does_not_pass_for_the_end(own_connection, rf, finished):
    make(150)
    values = iter(range(120))
    response = respond(rf.get("/"), columns=[Column("name", format=lambda name: next(values))])
    with pytest.raises(RuntimeError):
        read(response)
    assert outcomes(finished) == ["failed"]


def test_a_receiver_that_raises_breaks_nothing(own_connection, rf, finished):
    def receive(**kwargs):
        raise RuntimeError("receiver failed")

    make(3)
    report_finished.connect(receive)
    try:
        file = read(respond(rf.get("/")))
    finally:
        report_finished.disconnect(receive)
    assert (file, outcomes(finished)) == (body(3), ["completed"])


def test_a_receiver_that_closes_the_response_breaks_nothing(own_connection, rf, finished):
    make(3)
    response = respond(rf.get("/"))

    def receive(**kwargs):
        response.close()

    report_finished.connect(receive)
    try:
        file = read(response)
    finally:
        report_finished.disconnect(receive)
    assert (file, outcomes(finished)) == (body(3), ["completed"])


@pytest.mark.parametrize("ending", ["completed", "aborted", "failed"])
def test_a_receiver_may_write_to_the_database(own_connection, rf, ending):
    def receive(outcome, **kwargs):
        Maker.objects.create(name=outcome)

    def fail_late(maker):
        return 1 / (ending != "failed" or not maker.name.startswith("0150"))

    make(250)
    report_finished.connect(receive)
    try:
        response = respond(rf.get("/"), columns=[Column(fail_late, label="x")])
        if ending == "aborted":
            response.close()
        else:
            list(response)
    except ZeroDivisionError:
        pass
    finally:
        report_finished.disconnect(receive)
    assert Maker.objects.filter(name=ending).count() == 1


# The end: the log


def test_a_completed_report_is_logged_once(db, client, settings, log):
    serve(settings, MakerCsvView)
    make(3)
    file = read(client.get("/report/"))
    assert messages(log) == [
        ("INFO", f"MakerCsvView completed: 3 rows, {len(file)} bytes in ? s"),
    ]


def test_an_aborted_report_is_logged_once(db, client, settings, log):
    serve(settings, MakerCsvView)
    make(1000)
    response = client.get("/report/")
    first = next(iter(response))
    response.close()
    assert messages(log) == [
        ("INFO", f"MakerCsvView aborted: {rows_in(first)} rows, {len(first)} bytes in ? s"),
    ]


def test_a_failed_report_is_logged_once_as_an_error(db, client, settings, log):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    blocks = iter(client.get("/report/"))
    first = next(blocks)
    with pytest.raises(LookupError) as raised:
        list(blocks)
    assert messages(log) == [
        ("ERROR", f"FailingCsvView failed: {rows_in(first)} rows, {len(first)} bytes in ? s"),
    ]
    (record,) = (record for record in log.records if record.name == "streamreports")
    assert record.exc_info[1] is raised.value


def test_the_log_record_has_the_request(db, rf, log):
    request = rf.get("/")
    read(respond(request))
    (record,) = (record for record in log.records if record.name == "streamreports")
    assert (record.request, record.exc_info) == (request, None)


def test_a_view_of_another_class_is_called_by_its_full_name(db, rf, log):
    class Local(MakerCsvView):
        pass

    read(Local.as_view()(rf.get("/")))
    name = f"{test_a_view_of_another_class_is_called_by_its_full_name.__name__}.<locals>.Local"
    assert messages(log) == [("INFO", f"{name} completed: 0 rows, 11 bytes in ? s")]
