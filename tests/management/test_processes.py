"""dumpreport as a process: pipes, signals, full disks and terminals."""

import fcntl
import os
import pty
import resource
import signal
import struct
import subprocess
import termios
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.management.conftest import ROWS

CARGO = "".join(f"{line}\r\n" for line in ["ID", *range(1, ROWS + 1)]).encode()
INTERRUPTED = "CommandError: Interrupted. {}\n".format


# Results


def test_a_report_is_written_to_standard_output(manage):
    status, stdout, stderr = manage.run("dumpreport", "cargo")
    assert (status, stdout) == (0, CARGO)
    assert stderr.startswith("/cargo/: 200 rows, 896 bytes in ")
    assert stderr.count("\n") == 1


def test_a_report_is_written_to_a_file(manage, tmp_path):
    file = tmp_path / "cargo.csv"
    status, stdout, stderr = manage.run("dumpreport", "cargo", "-o", file)
    assert (status, stdout, file.read_bytes()) == (0, b"", CARGO)
    assert stderr.startswith(f"{file}: 200 rows, 896 bytes in ")


def test_a_quiet_command_says_nothing(manage):
    assert manage.run("dumpreport", "cargo", "--quiet") == (0, CARGO, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["private", "--user", "ana"],
            "No user has the username ana. Use that of an active user.",
        ),
        (
            ["cargo", "--param", "a=1"],
            "/cargo/?a=1 returned 400 Bad Request. a: Unknown parameter.",
        ),
        (
            ["failing"],
            "/failing/ raised ZeroDivisionError: division by zero. --traceback shows where.",
        ),
    ],
)
def test_an_error_is_one_line(manage, arguments, message):
    status, _, stderr = manage.run("dumpreport", *arguments)
    assert (status, stderr) == (1, f"CommandError: {message}\n")


def test_an_error_is_shown_with_its_traceback(manage):
    status, _, stderr = manage.run("dumpreport", "failing", "--traceback")
    assert status == 1
    assert "ZeroDivisionError: division by zero\n" in stderr
    assert "tests/management/site/urls.py" in stderr


@pytest.mark.parametrize(
    "arguments", [[], ["cargo", "--param", "a"], ["cargo", "--explain", "-o", "a.csv"]]
)
def test_bad_usage_has_a_status_of_its_own(manage, arguments):
    assert manage.run("dumpreport", *arguments)[0] == 2


# Pipes and full disks


def test_a_pipe_that_is_closed_ends_the_report_quietly(manage):
    command = " ".join([*manage.command, "dumpreport", "large", "|", "head", "-1"])
    shell = ["bash", "-c", f'{command}; exit "${{PIPESTATUS[0]}}"']
    with subprocess.Popen(
        shell, env=manage.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        stdout, stderr = process.communicate()
    assert (process.returncode, stdout, stderr) == (141, b"ID,Text\r\n", b"")


def test_a_pipe_that_is_closed_before_is_no_error_either(manage):
    with manage.start("dumpreport", "cargo") as process:
        process.stdout.close()
        stderr = process.stderr.read()
    assert (process.returncode, stderr) == (141, b"")


FULL = "CommandError: {} cannot be written: No space left on device.\n".format


def test_a_full_device_is_said(manage):
    status, _, stderr = manage.run("dumpreport", "cargo", "-o", "/dev/full")
    assert (status, stderr) == (1, FULL("/dev/full"))


def test_a_full_standard_output_is_said(manage):
    with Path("/dev/full").open("wb") as full:
        status, _, stderr = manage.run("dumpreport", "cargo", stdout=full)
    assert (status, stderr) == (1, FULL("Standard output"))


@contextmanager
def small_disk(folder):
    """Yield the arguments of a process for which there is little space in a folder."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield {}
        finally:
            subprocess.run(["umount", folder], check=True)
    else:  # Only root may mount, and not in every container.
        limit = 64 * 1024
        yield {
            "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        }


def test_a_full_disk_leaves_the_old_file(manage, tmp_path):
    with small_disk(tmp_path) as kwargs:
        file = tmp_path / "cargo.csv"
        file.write_bytes(b"old")
        status, _, stderr = manage.run("dumpreport", "large", "-o", file, **kwargs)
        assert status == 1
        assert stderr in [
            FULL(file),
            f"CommandError: {file} cannot be written: File too large.\n",
        ]
        assert [each.name for each in tmp_path.iterdir()] == ["cargo.csv"]
        assert file.read_bytes() == b"old"


# Signals


def signalled(process, signum):
    """Send a signal when the report waits; return the exit status and what was said."""
    assert process.stderr.readline() == b"waiting\n"
    process.send_signal(signum)
    process.stdin.close()  # The row that waits goes on.
    return process.wait(), process.stderr.read().decode()


def start(manage, *arguments):
    return manage.start("dumpreport", *arguments, stdin=subprocess.PIPE)


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_in_the_middle_leaves_no_file(manage, tmp_path, signum, status):
    with start(manage, "middle", "-o", tmp_path / "cargo.csv") as process:
        ended = signalled(process, signum)
    assert ended == (status, INTERRUPTED("No file was written."))
    assert list(tmp_path.iterdir()) == []


def test_a_signal_in_the_middle_leaves_the_old_file(manage, tmp_path):
    file = tmp_path / "cargo.csv"
    file.write_bytes(b"old")
    with start(manage, "middle", "-o", file) as process:
        signalled(process, signal.SIGINT)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == b"old"


def test_a_second_signal_does_not_wait_for_the_row(manage, tmp_path):
    with start(manage, "middle", "-o", tmp_path / "cargo.csv") as process:
        assert process.stderr.readline() == b"waiting\n"
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        ended = process.wait(), process.stderr.read().decode()
    assert ended == (130, INTERRUPTED("No file was written."))
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_before_the_first_row_is_one_line(manage, tmp_path):
    with start(manage, "start", "-o", tmp_path / "cargo.csv") as process:
        ended = signalled(process, signal.SIGINT)
    assert ended == (130, INTERRUPTED("No file was written."))
    assert list(tmp_path.iterdir()) == []


def test_sigterm_before_the_first_row_ends_the_process_at_once(manage, tmp_path):
    with start(manage, "start", "-o", tmp_path / "cargo.csv") as process:
        ended = signalled(process, signal.SIGTERM)
    assert ended == (-signal.SIGTERM, "")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_output_is_incomplete(manage):
    with start(manage, "middle") as process:
        ended = signalled(process, signal.SIGINT)
        stdout = process.stdout.read()
    assert ended == (130, INTERRUPTED("The output is incomplete."))
    assert stdout.startswith(b"ID,Text\r\n1,\r\n")
    assert not stdout.endswith(b"\n")


# Terminals


def on_terminal(manage, *arguments, streams=("stderr",), **kwargs):
    """Return what a terminal shows that is the standard error of a process, or more of it."""
    ours, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    kwargs |= dict.fromkeys(streams, terminal)
    shown = b""
    with manage.start(*arguments, **kwargs) as process:
        os.close(terminal)
        while block := read(ours):
            shown += block
        process.communicate()
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def read(descriptor):
    """Return what a terminal shows next; Linux raises an error when nobody writes to it."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_a_terminal_shows_a_progress_bar(manage, tmp_path):
    file = tmp_path / "cargo.csv"
    shown = on_terminal(manage, "dumpreport", "cargo", "-o", file)
    assert "  0%|" in shown
    assert "/200 " in shown
    assert "rows/s" in shown
    assert f"\r{file}: 200 rows, 896 bytes in " in shown


def test_a_terminal_shows_lines_without_the_extra(manage, tmp_path):
    (tmp_path / "tqdm.py").write_text("raise ModuleNotFoundError(name='tqdm')\n")
    path = os.pathsep.join([str(tmp_path), manage.environment["PYTHONPATH"]])
    environment = {"PYTHONPATH": path}
    file = tmp_path / "cargo.csv"
    shown = on_terminal(manage, "dumpreport", "cargo", "-o", file, environment=environment)
    assert shown.startswith(f"{file}: 200 rows, 896 bytes in ")


def test_a_terminal_that_shows_the_rows_shows_no_bar(manage):
    shown = on_terminal(manage, "dumpreport", "cargo", streams=["stdout", "stderr"])
    assert shown.startswith("ID\r\r\n1\r\r\n")
    assert "rows/s" not in shown


def test_a_quiet_command_shows_no_bar(manage, tmp_path):
    arguments = ["dumpreport", "cargo", "-o", tmp_path / "cargo.csv", "--quiet"]
    assert on_terminal(manage, *arguments) == ""


# The list


def test_the_reports_are_listed(manage):
    status, stdout, stderr = manage.run("listreports")
    assert (status, stderr) == (0, "")
    assert stdout.startswith(b"/cargo/\n  name     cargo\n")


@pytest.mark.parametrize("arguments", [["listreports"], ["dumpreport", "large", "--explain"]])
def test_text_for_a_pipe_that_is_closed_is_no_error(manage, arguments):
    with manage.start(*arguments) as process:
        process.stdout.close()
        stderr = process.stderr.read()
    assert (process.returncode, stderr) == (141, b"")
