"""Files that appear when they are complete, and other places that a report is written to."""

import os
import stat
import threading
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import path

from streamreports.management.files import atomic_file, open_output, require_writable
from tests.views import FailingCsvView, MakerCsvView, body, make


class StopError(Exception):
    """What ends the writing of a file in these tests."""


@pytest.fixture
def _umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


def write(file, data=b"new", error=None):
    """Write a file; raise an exception before it is complete, if there is one."""
    with open_output(file, BytesIO()) as output:
        output.write(data)
        if error:
            raise error


def mode(file):
    return stat.S_IMODE(file.stat().st_mode)


# A file


def test_a_file_appears_when_it_is_complete(tmp_path):
    file = tmp_path / "makers.csv"
    with atomic_file(file) as output:
        output.write(b"new")
        assert not file.exists()
    assert file.read_bytes() == b"new"


def test_a_file_is_replaced_when_it_is_complete(tmp_path):
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old")
    with atomic_file(file) as output:
        output.write(b"new")
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("error", [StopError(), KeyboardInterrupt(), SystemExit(1)])
def test_a_file_that_is_not_complete_leaves_nothing(tmp_path, error):
    with pytest.raises(type(error)):
        write(tmp_path / "makers.csv", error=error)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_complete_leaves_the_old_one(tmp_path):
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old")
    with suppress(StopError):
        write(file, error=StopError())
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.usefixtures("_umask")
def test_a_new_file_has_the_permissions_of_the_umask(tmp_path):
    write(tmp_path / "makers.csv")
    assert mode(tmp_path / "makers.csv") == 0o640


@pytest.mark.usefixtures("_umask")
@pytest.mark.parametrize("permissions", [0o600, 0o664, 0o777])
def test_a_file_keeps_its_permissions(tmp_path, permissions):
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old")
    file.chmod(permissions)
    write(file)
    assert mode(file) == permissions


def test_a_file_is_never_open_to_more_people_than_the_old_one(tmp_path):
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old")
    file.chmod(0o600)
    with atomic_file(file):
        modes = [mode(each) for each in tmp_path.iterdir()]
    assert modes == [0o600, 0o600]


def test_a_file_keeps_its_owner(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(os, "chown", lambda file, user, group: given.append((user, group)))
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old")
    write(file)
    assert given == [(os.getuid(), os.getgid())]


def test_a_file_of_somebody_else_can_be_replaced(tmp_path, monkeypatch):
    def refuse(*args):
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old")
    write(file)
    assert file.read_bytes() == b"new"


def test_a_link_is_kept(tmp_path):
    link, file = tmp_path / "latest.csv", tmp_path / "makers.csv"
    link.symlink_to(file)
    write(link)
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path):
    write(tmp_path / ("x" * 255))
    assert [each.name for each in tmp_path.iterdir()] == ["x" * 255]


# Other places


def test_a_pipe_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join()
    assert read == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_to():
    write(Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_the_path_of_standard_output_is_standard_output(tmp_path):
    """``-o /dev/stdout >> file`` keeps the file and what it has."""
    file = tmp_path / "makers.csv"
    file.write_bytes(b"old,")
    with file.open("ab") as stdout, open_output(file, stdout) as output:
        output.write(b"new")
    assert file.read_bytes() == b"old,new"


def test_standard_output_takes_what_python_has_buffered_first(tmp_path):
    file = tmp_path / "makers.csv"
    with file.open("w") as stdout:
        stdout.write("first,")
        with open_output(None, stdout) as output:
            output.write(b"second")
    assert file.read_bytes() == b"first,second"


def test_standard_output_may_be_in_memory():
    stdout = BytesIO()
    with open_output(None, stdout) as output:
        output.write(b"new")
    assert stdout.getvalue() == b"new"


def test_standard_output_may_not_be_text():
    with (
        pytest.raises(
            CommandError, match=r"^Standard output does not accept bytes\. Use io\.BytesIO\.$"
        ),
        open_output(None, StringIO()),
    ):
        pass


# Places that cannot be written to


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("makers.csv", None),
        ("other/makers.csv", FileNotFoundError),
        ("folder", IsADirectoryError),
    ],
)
def test_what_cannot_be_written_is_known_before(tmp_path, name, error):
    (tmp_path / "folder").mkdir()
    if error is None:
        require_writable(tmp_path / name)
    else:
        with pytest.raises(error):
            require_writable(tmp_path / name)


@pytest.mark.parametrize("protected", ["folder", "folder/old.csv"])
def test_what_must_not_be_written_is_known_before(tmp_path, monkeypatch, protected):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old.csv").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / protected)
    with pytest.raises(PermissionError):
        require_writable(folder / "old.csv")


def test_a_place_that_cannot_be_written_costs_no_query(
    settings, db, tmp_path, django_assert_num_queries
):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    file = tmp_path / "other" / "makers.csv"
    with django_assert_num_queries(0), pytest.raises(CommandError) as raised:
        call_command("dumpreport", "/report/", output=str(file))
    assert str(raised.value) == f"{file} cannot be written: No such file or directory."


# Reports


def test_a_report_that_fails_leaves_no_file(settings, own_connection, tmp_path):
    settings.ROOT_URLCONF = (path("report/", FailingCsvView.as_view(fails_at=150)),)
    make(250)
    with pytest.raises(CommandError) as raised:
        call_command("dumpreport", "/report/", output=str(tmp_path / "makers.csv"))
    assert str(raised.value).startswith("/report/ raised LookupError: no name for 0150xxx")
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_is_truncated_leaves_no_file(settings, own_connection, tmp_path):
    def view(request):
        response = MakerCsvView.as_view()(request)
        blocks = response.streaming_content
        response.streaming_content = (block for block in [next(blocks)])
        return response

    settings.ROOT_URLCONF = (path("report/", view),)
    make(1000)
    with pytest.raises(CommandError, match=r"^/report/ was truncated\.$"):
        call_command("dumpreport", "/report/", output=str(tmp_path / "makers.csv"))
    assert list(tmp_path.iterdir()) == []


def test_a_report_may_be_written_in_another_thread(settings, own_connection, tmp_path):
    """Signals are left alone there; a task of a queue may run the command so."""
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    file = tmp_path / "makers.csv"

    def write_report():
        call_command("dumpreport", "/report/", output=str(file), quiet=True)
        if connections["default"].vendor == "sqlite":  # Django keeps a database in memory open.
            connections["default"].connection.close()
        connections.close_all()

    thread = threading.Thread(target=write_report)
    thread.start()
    thread.join()
    assert file.read_bytes() == body(0)
