"""The shell lines of README, CONTRIBUTING and the manual call what exists, with valid arguments."""

import re
import shlex
import subprocess
import tomllib

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, get_commands, load_command_class
from sphinx.cmd.build import get_parser

from benchmarks import __main__ as benchmarks
from demo_project.settings import database
from tests.manual.pages import BLOCK, DOCS, blocks
from tests.manual.shell import Call, called

ROOT = DOCS.parent
GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
LANGUAGES = {"sh", "shell"}
WRONG = AssertionError, CommandError, ImproperlyConfigured, pytest.fail.Exception
REAL = {"formats.md"}  # Its line calls only programs of the system, and is tested below.
TEXTS = [
    pytest.param(found[3], id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    for number, found in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")))
    if found[2] in LANGUAGES and page.name not in REAL
]


def extras_of(arguments):
    """Check the extras that an argument of pip names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for argument in arguments:
        found = re.fullmatch(r"([\w.-]*)(?:\[([\w,]+)\])?", argument)
        assert found, argument
        if not argument.startswith("-"):
            assert found[1] in (".", project["name"])
            missing = set(found[2].split(",")) if found[2] else set()
            assert missing - set(project["optional-dependencies"]) == set()


def manage(name, *arguments):
    """Parse the arguments of a management command; a wrong one raises CommandError."""
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def python(arguments, monkeypatch):
    match arguments:
        case ["manage.py", *rest]:
            manage(*rest)
        case ["-m", "venv", ".venv"]:
            pass
        case ["-m", "pip", "install", *rest]:
            extras_of(rest)
        case ["-m", "pytest", *rest]:
            assert [each for each in rest if "/" in each and not (ROOT / each).exists()] == []
        case ["-m", "sphinx", *rest]:
            options = get_parser().parse_args(rest)
            assert (ROOT / options.sourcedir / "conf.py").exists()
            assert options.builder in ("linkcheck", "html")
            assert options.builder != "html" or " ".join(rest) in GATE
        case ["-m", "benchmarks", *rest]:
            monkeypatch.setattr("sys.argv", ["benchmarks", *rest])
            benchmarks.parse()
        case [script]:
            assert (ROOT / script).exists()
        case _:
            pytest.fail(f"python {shlex.join(arguments)}")


def check(call, monkeypatch):
    """Fail if a call names what there is not."""
    if call.database:
        database(call.database)
    match call.program, call.arguments:
        case "python", arguments:
            python(arguments, monkeypatch)
        case "pip", ["install", *arguments]:
            extras_of(arguments)
        case "uv", ["run", "--extra", extra, "manage.py", *arguments]:
            extras_of([f".[{extra}]"])
            manage(*arguments)
        case "uv", ["run", "--extra", extra, "pytest"]:
            extras_of([f".[{extra}]"])
        case "mkdir", ["-p", folder]:
            assert (ROOT / folder).parents[1].is_dir()
        case "messages", []:
            assert (ROOT / ".ci" / "messages").exists()
        case "docker", ["compose", "-f", file, "up", "--scale", scale]:
            services = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["services"]
            assert scale.partition("=")[0] in services
        case (("ruff" | "mypy"), arguments):
            command = " ".join([f".venv/bin/{call.program}", *arguments])
            assert command.removesuffix(" .") in GATE
        case _:
            pytest.fail(f"{call.program} {shlex.join(call.arguments)}")


@pytest.mark.parametrize("text", TEXTS)
def test_the_lines_of_a_block_call_what_exists(text, tmp_path, monkeypatch):
    calls = called(text, tmp_path)
    assert calls
    for call in calls:
        check(call, monkeypatch)


@pytest.mark.parametrize(
    "call",
    [
        Call("pip", ["install", "django-streamreports[postgre]"], ""),
        Call("python", ["manage.py", "dumpreport", "cargoes", "--fromat", "csv"], ""),
        Call("python", ["-m", "pytest", "tests/test_gone.py"], ""),
        Call("python", ["-m", "pytest"], "oracle"),
        Call("docker", ["compose", "-f", "demo_project/compose.yaml", "up", "--scale", "x=3"], ""),
        Call("make", ["all"], ""),
    ],
    ids=lambda call: call.program,
)
def test_a_call_of_what_does_not_exist_fails(call, monkeypatch):
    with pytest.raises(WRONG):
        check(call, monkeypatch)


# Lines that call programs of the system


@pytest.mark.parametrize(("data", "status"), [(b"ID\r\n1\r\n", 0), (b"ID\r\n1", 1)])
def test_the_test_of_a_file_finds_a_truncated_one(data, status, tmp_path):
    (tmp_path / "cargo.csv").write_bytes(data)
    [line] = blocks("formats.md", "shell")
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, check=False)
    assert done.returncode == status


def test_the_line_for_cron_calls_a_valid_command(tmp_path, monkeypatch):
    [line] = blocks("how-to/cron.md", "text")
    fields = re.match(r"(?:[\d*/,-]+ ){5}", line)
    site = tmp_path / "srv" / "site"
    site.mkdir(parents=True)
    [call] = called(line[fields.end() :].replace("/srv/site", "."), tmp_path)
    check(call, monkeypatch)
    assert call.arguments[1] == "dumpreport"
