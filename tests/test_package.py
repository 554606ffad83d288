import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import streamreports

ROOT = Path(__file__).parent.parent


@pytest.fixture
def manage(tmp_path):
    """Return what runs a command of the demo project, with warnings as errors."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "demo_project.settings",
        "DATABASE": "sqlite",
        "SQLITE_NAME": str(tmp_path / "demo.sqlite3"),
    }

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_version_is_a_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", streamreports.__version__)


def test_the_app_is_called_as_the_package(settings):
    from django.apps import apps

    assert apps.get_app_config("streamreports").name == "streamreports"


def test_the_app_has_no_table():
    from django.apps import apps

    assert list(apps.get_app_config("streamreports").get_models()) == []


def test_django_is_all_that_it_needs():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert pyproject["project"]["dependencies"] == ["django>=5.2"]


def test_importing_the_package_needs_no_settings():
    code = "import streamreports, streamreports.signals, streamreports.exceptions"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_views_need_no_installed_apps():
    """A view can be imported before the apps are loaded, as in an app's own apps.py."""
    code = (
        "from django.conf import settings; settings.configure(); "
        "import streamreports.views, streamreports.checks"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_nothing_but_django_is_imported():
    code = (
        "import sys; from django.conf import settings; settings.configure(); "
        "import streamreports.views, streamreports.checks, streamreports.apps; "
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    others = set(result.stdout.split()) - sys.stdlib_module_names
    assert {name for name in others if not name.startswith("_")} <= {
        "asgiref",
        "django",
        "sqlparse",
        "streamreports",
        "typing_extensions",
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the names of the files in the wheel."""
    builder = WheelBuilder(str(ROOT))
    (path,) = builder.build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        return Path(path).name, set(archive.namelist())


def test_the_wheel_is_of_this_version(wheel):
    name, _ = wheel
    assert name == f"django_streamreports-{streamreports.__version__}-py3-none-any.whl"


def test_the_wheel_has_every_file_of_the_package(wheel):
    _, files = wheel
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "streamreports").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert package <= files


def test_the_wheel_says_that_the_package_is_typed(wheel):
    assert "streamreports/py.typed" in wheel[1]


def test_the_wheel_has_the_licence_and_nothing_else(wheel):
    _, files = wheel
    others = {name for name in files if not name.startswith("streamreports/")}
    information = f"django_streamreports-{streamreports.__version__}.dist-info"
    assert others == {
        f"{information}/METADATA",
        f"{information}/RECORD",
        f"{information}/WHEEL",
        f"{information}/licenses/LICENSE",
    }


def test_the_demo_passes_the_checks(manage):
    result = manage("check", "--fail-level", "WARNING")
    assert (result.stdout, result.stderr, result.returncode) == (
        "System check identified no issues (0 silenced).\n",
        "",
        0,
    )


def test_no_migration_is_missing(manage):
    result = manage("makemigrations", "--check", "--dry-run")
    assert (result.stdout, result.stderr, result.returncode) == ("No changes detected\n", "", 0)
