import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.models import Maker
from tests.views import MakerCsvView, PlainCsvView, body, file_of, get, make, save

# Limits


def test_a_report_of_more_rows_than_may_be_is_refused(db, rf):
    save("A", "B", "C")
    response = get(rf, PlainCsvView, max_rows=2)
    assert (response.status_code, response.headers["Content-Type"]) == (
        413,
        "text/plain; charset=utf-8",
    )
    assert response.content.decode() == (
        "This report is limited to 2 rows. Use filters to select fewer rows, or download it in"
        " parts.\n"
    )


def test_a_report_of_as_many_rows_as_may_be_is_sent(db, rf):
    save("A", "B")
    assert file_of(rf, PlainCsvView, max_rows=2, ordering="name") == "Name\r\nA\r\nB\r\n"


def test_rows_are_counted_no_further_than_need_be(db, rf, django_assert_num_queries):
    save("A", "B", "C")
    with django_assert_num_queries(1) as queries:
        get(rf, PlainCsvView, max_rows=1)
    assert "COUNT" not in queries[0]["sql"]
    assert "LIMIT 1 OFFSET 1" in queries[0]["sql"]


def test_the_rows_of_a_slice_are_counted(db, rf):
    save("A", "B", "C")
    queryset = Maker.objects.order_by("name")[:2]
    assert file_of(rf, PlainCsvView, max_rows=2, queryset=queryset) == "Name\r\nA\r\nB\r\n"


def test_head_counts_no_rows(db, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = PlainCsvView.as_view(max_rows=1)(rf.head("/report/"))
    assert response.status_code == 200


def test_a_small_report_has_a_length(db, rf):
    save("A")
    response = get(rf, PlainCsvView)
    assert response.headers["Content-Length"] == str(len(b"".join(response)))


def test_a_report_of_as_many_bytes_as_are_buffered_has_a_length(db, rf):
    save("A")
    size = len("Name\r\nA\r\n")
    assert get(rf, PlainCsvView, buffered_up_to=size).has_header("Content-Length")
    response = get(rf, PlainCsvView, buffered_up_to=size - 3)
    assert not response.has_header("Content-Length")
    assert len(b"".join(response)) == size


def test_a_small_report_has_ended_before_it_is_sent(db, rf, finished):
    save("A", "B")
    get(rf, PlainCsvView)
    assert [(sent["outcome"], sent["rows"], sent["bytes"]) for sent in finished] == [
        ("completed", 2, len("Name\r\nA\r\nB\r\n"))
    ]


def test_a_header_that_is_early_leaves_before_any_query(db, rf, django_assert_num_queries):
    save("A")
    with django_assert_num_queries(0):
        response = get(rf, PlainCsvView, early_header=True)
        blocks = iter(response)
        assert next(blocks) == b"Name"
    assert b"".join(blocks) == b"\r\nA\r\n"


class OneAtATimeView(MakerCsvView):
    max_concurrent_streams = 1


@pytest.fixture
def stream(own_connection, rf):
    """Return a stream that holds the only slot of its view."""
    make(1000)
    response = get(rf, OneAtATimeView)
    yield response
    response.close()


def test_more_streams_than_the_limit_are_rejected(stream, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = get(rf, OneAtATimeView)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert response.content == b"Too many reports are being downloaded. Try again later.\n"


def test_retry_after_can_be_set(stream, rf):
    assert get(rf, OneAtATimeView, retry_after=60).headers["Retry-After"] == "60"


def test_a_stream_that_is_closed_releases_its_slot(stream, rf):
    stream.close()
    assert get(rf, OneAtATimeView).status_code == 200


def test_a_stream_that_is_sent_releases_its_slot(stream, rf):
    assert b"".join(stream) == body(1000)
    assert get(rf, OneAtATimeView).status_code == 200


def test_a_refused_report_takes_no_slot(db, rf):
    save("A", "B")
    for _ in range(3):
        assert get(rf, OneAtATimeView, max_rows=1).status_code == 413


def test_a_report_that_fails_at_once_takes_no_slot(db, rf):
    class BadView(OneAtATimeView):
        columns = ["nmae"]

    for _ in range(3):
        with pytest.raises(ImproperlyConfigured, match="nmae"):
            get(rf, BadView)


def test_head_takes_no_slot(db, rf):
    for _ in range(3):
        assert OneAtATimeView.as_view()(rf.head("/report/")).status_code == 200
