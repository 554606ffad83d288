"""Build the archives once, and install the wheel once."""

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Archives(NamedTuple):
    """The paths of what would be published."""

    sdist: Path
    wheel: Path


def succeed(*command, **options):
    """Run a command, and return what it wrote to standard output."""
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    succeed(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return Archives(sdist, wheel)


@pytest.fixture(scope="session")
def python(archives, tmp_path_factory):
    """Return the Python of an environment in which the wheel was installed, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    executable = folder / "bin" / "python"
    succeed(executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", archives.wheel)
    return executable


@pytest.fixture(scope="session")
def environment():
    """Return the environment variables of another project."""
    ours = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "COVERAGE_PROCESS_START")
    return {name: value for name, value in os.environ.items() if name not in ours}
