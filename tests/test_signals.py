import pytest

from streamreports.signals import Outcome, report_started
from tests.models import Maker
from tests.views import FailingCsvView, MakerCsvView, make


@pytest.fixture
def started():
    """Return the arguments of each ``report_started`` that was sent, in order."""
    sent = []

    def receive(**kwargs):
        sent.append(kwargs)

    report_started.connect(receive)
    yield sent
    report_started.disconnect(receive)


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Outcome.COMPLETED, "completed"),
        (Outcome.ABORTED, "aborted"),
        (Outcome.FAILED, "failed"),
    ],
)
def test_an_outcome_is_its_text(outcome, text):
    assert outcome == text
    assert str(outcome) == text


def test_the_start_of_a_report_is_sent_with_everything(db, rf, started):
    request = rf.get("/report/")
    b"".join(MakerCsvView.as_view()(request))
    (sent,) = started
    report = sent.pop("report")
    assert report.header == ["Name", "Size"]
    assert sent == {
        "signal": report_started,
        "sender": MakerCsvView,
        "request": request,
    }


def test_the_start_is_sent_before_any_query(own_connection, rf):
    """A receiver may therefore write to the database, and the report includes its rows."""

    def receive(**kwargs):
        Maker.objects.create(name="created by a receiver")

    report_started.connect(receive)
    try:
        file = b"".join(MakerCsvView.as_view()(rf.get("/report/")))
    finally:
        report_started.disconnect(receive)
    assert file == b"Name,Size\r\ncreated by a receiver,\r\n"


def test_each_report_starts_and_finishes_once(own_connection, rf, started, finished):
    make(1000)
    b"".join(MakerCsvView.as_view()(rf.get("/report/")))
    assert (len(started), len(finished)) == (1, 1)
    assert started[0]["report"] is finished[0]["report"]


def test_a_report_that_fails_has_started(own_connection, rf, started, finished):
    make(1)
    with pytest.raises(LookupError):
        FailingCsvView.as_view()(rf.get("/report/"))
    assert (len(started), [sent["outcome"] for sent in finished]) == (1, [Outcome.FAILED])


def test_a_receiver_that_raises_does_not_stop_the_report(db, rf):
    def receive(**kwargs):
        raise RuntimeError("receiver failed")

    report_started.connect(receive)
    try:
        response = MakerCsvView.as_view()(rf.get("/report/"))
    finally:
        report_started.disconnect(receive)
    assert b"".join(response) == b"Name,Size\r\n"


def test_a_head_request_starts_no_report(rf, started):
    MakerCsvView.as_view()(rf.head("/report/"))
    assert started == []
