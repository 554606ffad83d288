"""The shell lines of the manual, run by bash with programs that only record their arguments."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

PROGRAMS = [
    "docker", "mkdir", "pip", "python", "uv",
    ".ci/messages", ".venv/bin/mypy", ".venv/bin/pip", ".venv/bin/python", ".venv/bin/ruff",
]  # fmt: skip
RECORD = """#!/bin/bash
{ printf '%s\\x1f' "TEST_DATABASE=$TEST_DATABASE" "${0##*/}" "$@"; printf '\\x1e'; } >> "$CALLS"
"""


class Call(NamedTuple):
    """A program that was called: its name, its arguments, and the database of its environment."""

    program: str
    arguments: list[str]
    database: str


def called(text: str, folder: Path) -> list[Call]:
    """Run a text in bash, in a folder, and return the calls of its programs."""
    for name in PROGRAMS:
        program = folder / name if "/" in name else folder / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(RECORD)
        program.chmod(0o755)
    calls = folder / "calls"
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-euc", text],
        cwd=folder,
        env={"PATH": f"{folder / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", "CALLS": str(calls)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{text}\n{done.stderr}"
    found = []
    for record in calls.read_text().split("\x1e")[:-1] if calls.exists() else ():
        database, program, *arguments = record.split("\x1f")[:-1]
        found.append(Call(program, arguments, database.partition("=")[2]))
    return found
