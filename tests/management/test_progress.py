"""What shows how far a report is, and how large it is in the end."""

import sys
from io import StringIO

import pytest
from django.utils import translation

from streamreports.management import progress as module
from streamreports.management.progress import (
    BarProgress,
    LineProgress,
    is_terminal,
    open_progress,
    summary,
)


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose last item is the time."""
    times = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: times[-1])
    return times


def lines(clock, total, *updates):
    """Return what plain lines say: each update is a time, a number of rows and one of bytes."""
    stream = StringIO()
    progress = LineProgress(stream, total)
    for seconds, rows, size in updates:
        clock.append(100.0 + seconds)
        progress.update(rows, size)
    progress.close()
    return stream.getvalue().splitlines()


def test_a_line_has_rows_bytes_share_and_speed(clock):
    assert lines(clock, 4000, (10, 1000, 2048)) == ["1,000 rows, 2.0 KB, 25%, 100 rows/s"]


def test_a_line_has_no_share_if_the_total_is_not_known(clock):
    assert lines(clock, None, (10, 1, 1)) == ["1 row, 1 byte, 0 rows/s"]


def test_a_share_is_never_more_than_all(clock):
    """Rows may be added after they were counted."""
    assert lines(clock, 10, (10, 20, 1024)) == ["20 rows, 1.0 KB, 100%, 2 rows/s"]


def test_a_line_is_printed_every_five_seconds(clock):
    updates = [(second, second, 1024) for second in range(13)]
    assert lines(clock, None, *updates) == [
        "5 rows, 1.0 KB, 1 rows/s",
        "10 rows, 1.0 KB, 1 rows/s",
    ]


def test_a_bar_has_rows_bytes_share_and_speed():
    stream = StringIO()
    progress = BarProgress(stream, 4000)
    progress._bar.mininterval = 0
    progress.update(1000, 2048)
    shown = stream.getvalue()
    progress.close()
    assert " 25%" in shown
    assert "1.00k/4.00k" in shown
    assert "rows/s" in shown
    assert "2.0 KB" in shown


def test_a_bar_is_removed_in_the_end():
    stream = StringIO()
    progress = BarProgress(stream, 4000)
    progress._bar.mininterval = 0
    progress.update(1000, 2048)
    progress.close()
    assert stream.getvalue().endswith("\r")
    assert stream.getvalue().rsplit("\r", 2)[1].strip() == ""


def test_there_is_a_bar_with_tqdm():
    progress = open_progress(StringIO(), None)
    progress.close()
    assert isinstance(progress, BarProgress)


def test_there_are_lines_without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert isinstance(open_progress(StringIO(), None), LineProgress)


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ((1_000_000, 94_200_000, 3.14), "1,000,000 rows, 89.8 MB in 3.1 s"),
        ((1, 1, 0.04), "1 row, 1 byte in 0.0 s"),
        ((None, 2048, 61.0), "2.0 KB in 61.0 s"),
    ],
)
def test_the_summary_has_rows_bytes_and_seconds(figures, text):
    assert summary(*figures) == text


def test_the_summary_is_in_the_active_language():
    with translation.override("de"):
        assert summary(None, 1536, 3.14) == "1,5 KB in 3,1 s"


def test_a_stream_in_memory_is_no_terminal():
    assert is_terminal(StringIO()) is False
    assert is_terminal(object()) is False
