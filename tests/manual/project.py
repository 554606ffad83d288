"""A project of a page of the manual, made from its blocks and run by its commands.

The first line of a block of code names its file. A block for a file that exists has what is new or
changed in it: a definition of the same name is replaced, the rest of the file stays.
"""

import ast
import doctest
import importlib.metadata
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.manual.pages import BLOCK, DOCS

NAME = re.compile(r"(?:# |\{# |<!-- )([\w./-]+\.\w+)(?: #\}| -->)?\n")
ADDRESS = "127.0.0.1:8000"
CODE = {"python", "html"}
# Commands that set up what others must not find: they have processes of their own.
STARTED = {"startapp", "test"}

# The commands that are not run, each with the reason.
NOT_RUN = {
    "python -m venv .venv": "the tests run in an environment already",
    "source .venv/bin/activate": "the tests run in an environment already",
}

# Runs commands and requests in one process, as starting Django takes most of the time of each.
WORKER = """
import contextlib, json, os, sys, tempfile
import django
from django.core.management import execute_from_command_line
from django.test import Client

django.setup()
answers = os.fdopen(os.dup(1), "w")


def command(*words):
    with tempfile.TemporaryFile() as output:
        kept = os.dup(1), os.dup(2)
        os.dup2(output.fileno(), 1), os.dup2(output.fileno(), 2)
        try:
            with contextlib.suppress(SystemExit):
                execute_from_command_line(["manage.py", *words])
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os.dup2(kept[0], 1), os.dup2(kept[1], 2)
        output.seek(0)
        return output.read().decode()


def visit(url, user, headers):
    headers = {"host": url.split("/")[2], **dict(each.split(": ", 1) for each in headers)}
    client = Client(headers=headers, raise_request_exception=False)
    if user:
        from django.contrib.auth import get_user_model

        client.force_login(get_user_model().objects.get(username=user))
    response = client.get(url)
    body = b"".join(response) if response.streaming else response.content
    return response.get("Content-Type", ""), body.decode()


for line in sys.stdin:
    name, *arguments = json.loads(line)
    answers.write(json.dumps(globals()[name](*arguments)) + "\\n")
    answers.flush()
"""


def parts(page):
    """Return the blocks of a page, in order: the language, the line and the text of each."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        (found[2], text[: found.start()].count("\n") + 1, textwrap.dedent(found[3]))
        for found in BLOCK.finditer(text)
    ]


def untimed(text):
    """Return a text without the seconds that something took."""
    return re.sub(r"\bin \d+\.\d+( ?)s\b", r"in 0\1s", text)


def names_of(statement):
    """Return the names that a statement of a module defines."""
    if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return set()


def source_of(statement, lines):
    """Return the first and the last line of a statement, counted from 0."""
    decorators = getattr(statement, "decorator_list", [])
    start = min([statement.lineno, *(each.lineno for each in decorators)])
    return start - 1, statement.end_lineno


def merged(old, new):
    """Return the module ``old`` with the statements of ``new`` added or put in their place."""
    added, imports = new.splitlines(), []
    lines, end = old.splitlines(), []
    for statement in ast.parse(new).body:
        first, last = source_of(statement, added)
        text = added[first:last]
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imports += text
            continue
        names = names_of(statement)
        same = [each for each in ast.parse("\n".join(lines)).body if names & names_of(each)]
        if same:
            first, last = source_of(same[-1], lines)
            lines[first:last] = text
        else:
            end += ["", *text]
    return "\n".join([*imports, *lines, *end]) + "\n"


class Project:
    """A folder in which the blocks of a page are written and its commands are run."""

    def __init__(self, folder, *, serve=False):
        self.folder, self.serve = folder, serve
        self.server = self.user = self.worker = None
        self.code_changed = False

    @property
    def root(self):
        """The folder of manage.py, once there is one."""
        found = sorted(self.folder.rglob("manage.py"))
        return found[0].parent if found else self.folder

    def write(self, block):
        """Write a block of code to the file that its first line names."""
        found = NAME.match(block)
        assert found, f"The first line of this block names no file:\n{block}"
        file, code = self.root / found[1], block[found.end() :]
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".py" and file.exists():
            code = merged(file.read_text(encoding="utf-8"), code)
        file.write_text(code.lstrip("\n"), encoding="utf-8")
        self.code_changed = True
        self.stop_worker()

    def run_all(self, page, *, not_run=()):
        """Write the blocks of a page and run its commands, in order."""
        differences = []
        for language, line, text in parts(page):
            where = f"{page}, line {line}"
            if language in CODE:
                self.write(text)
            elif language == "console":
                differences += self.converse(text, where, not_run)
            else:
                assert language in {"text", "shell"}, f"{where}: a block in {language}"
                if language == "shell":
                    for command in text.splitlines():
                        self.run(command, where, not_run)
        assert not differences, "\n".join(differences)

    def converse(self, text, where, not_run):
        """Run the commands of a session; return how what they print differs from what it shows."""
        differences = []
        assert text.startswith("$ "), f"{where}: a session without a prompt"
        for each in re.split(r"^\$ ", text, flags=re.M)[1:]:
            command, _, expected = each.partition("\n")
            printed = self.run(command, where, not_run)
            if printed is not None:
                flags = doctest.ELLIPSIS
                expected, printed = untimed(expected), untimed(printed)
                checker, example = doctest.OutputChecker(), doctest.Example("", expected)
                if not checker.check_output(expected, printed, flags):
                    difference = checker.output_difference(example, printed, flags)
                    differences.append(f"{where}: $ {command}\n{difference}")
        return differences

    def run(self, command, where, not_run):
        """Run a command, and return what it prints; None for those that are not run."""
        if command in NOT_RUN or command in not_run:
            return None
        if command.startswith("python -m pip install "):
            for name in shlex.split(command)[4:]:
                importlib.metadata.version(name.partition("[")[0])
            return None
        if command.startswith("curl "):
            return self.fetch(shlex.split(command)[1:])
        if command == "python manage.py runserver":
            return self.start_server() if self.serve else None
        return self.execute(command)

    def environment(self):
        settings = next(self.root.glob("*/settings.py"), None)
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(DOCS.parent), os.environ.get("PYTHONPATH", "")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "DJANGO_SUPERUSER_PASSWORD": "pass",
            **({"DJANGO_SETTINGS_MODULE": f"{settings.parent.name}.settings"} if settings else {}),
        }

    def execute(self, command):
        """Run a command in a shell, and return what it prints, to both outputs."""
        if command.startswith("python manage.py createsuperuser"):
            # Without a terminal, Django takes the password from the environment, and asks nothing.
            asked = "Password:\nPassword (again):\n"
            return asked + self._output_of(f"{command} --noinput")
        if match := re.fullmatch(r"cd ([\w/]+)", command):
            assert (self.folder / match[1]).is_dir()
            return ""
        return self._output_of(command)

    def _output_of(self, command):
        words = shlex.split(command)
        if words[:2] == ["python", "manage.py"] and words[2] not in STARTED and "|" not in words:
            return self.ask_worker("command", *words[2:]).replace("\r\n", "\n")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.root,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def fetch(self, arguments):
        """Return the body of a response. The line ends of a CSV file are compared exactly."""
        headers = [arguments[i + 1] for i, word in enumerate(arguments) if word == "-H"]
        [url] = [word for word in arguments if word.startswith("http")]
        assert url.startswith(f"http://{ADDRESS}/")
        kind, body = (self.ask if self.serve else self.visit)(url, headers)
        if kind.startswith("text/csv") and body:
            assert body.endswith(b"\r\n"), body
            assert body.count(b"\n") == body.count(b"\r\n"), body
        return body.decode().replace("\r\n", "\n").rstrip("\n") + "\n"

    # Without a server, in a process that lasts until the code changes

    def visit(self, url, headers=()):
        """Return the media type and the body of the response to the test client."""
        kind, body = self.ask_worker("visit", url, self.user, list(headers))
        return kind, body.encode()

    def ask_worker(self, *job):
        """Return what a function of the worker returns."""
        if self.worker is None:
            self.worker = subprocess.Popen(
                [sys.executable, "-c", WORKER],
                cwd=self.root,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.worker.stdin.write(json.dumps(job) + "\n")
        self.worker.stdin.flush()
        answer = self.worker.stdout.readline()
        assert answer, f"The process ended: {job}"
        return json.loads(answer)

    def stop_worker(self):
        """End the process, if there is one."""
        if self.worker is not None:
            self.worker.communicate()
            self.worker = None

    # With a real server

    def start_server(self):
        """Start the development server on a free port, and return what it prints."""
        self.stop_server()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        log = self.folder / "server.log"
        with log.open("w") as output:
            self.server = subprocess.Popen(
                [sys.executable, "-u", "manage.py", "runserver", "--noreload", str(self.port)],
                cwd=self.root,
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while "Quit the server" not in log.read_text():
            assert self.server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        self.code_changed = False
        return log.read_text().replace(str(self.port), "8000")

    def stop_server(self):
        """End the server, if there is one."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(timeout=30)
            self.server = None

    def ask(self, url, headers=()):
        """Return the media type and the body of the response of the development server."""
        assert self.server, "No server was started."
        if self.code_changed:  # The reader's server reloads by itself.
            self.start_server()
        url = url.replace(ADDRESS, f"127.0.0.1:{self.port}")
        request = urllib.request.Request(url, headers=dict(each.split(": ", 1) for each in headers))
        try:
            response = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return response.headers.get("Content-Type", ""), response.read()
