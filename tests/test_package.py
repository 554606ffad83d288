import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from trove_classifiers import classifiers

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


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def tested():
    """Return what CI runs: the versions of Python and Django, and the databases."""
    pattern = r"\bpython(3\.\d+) (\d+\.\d+)((?: (?:sqlite|postgresql|mysql))+)"
    lines = re.findall(pattern, (ROOT / ".ci/run").read_text())
    assert len(lines) == 3
    return [(python, django, databases.split()) for python, django, databases in lines]


def classified(project, prefix):
    """Return the versions that the classifiers with a prefix name."""
    names = [name.removeprefix(prefix) for name in project["classifiers"] if prefix in name]
    return [name for name in names if re.fullmatch(r"\d+\.\d+", name)]


def test_pypi_knows_the_classifiers(project):
    assert set(project["classifiers"]) <= classifiers


def test_the_classifiers_name_the_lines_of_python_that_ci_runs(project, tested):
    pythons = [python for python, _, _ in tested]
    assert classified(project, "Programming Language :: Python :: ") == pythons


def test_the_classifiers_name_the_lines_of_django_that_ci_runs(project, tested):
    djangos = [django for _, django, _ in tested]
    assert classified(project, "Framework :: Django :: ") == djangos


def test_the_oldest_line_that_ci_runs_is_required(project, tested):
    python, django, _ = tested[0]
    assert project["requires-python"] == f">={python}"
    assert project["dependencies"] == [f"django>={django}"]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_lines_and_databases_that_ci_runs_are_named(tested, page):
    assert "apt_install postgresql mariadb-server" in (ROOT / ".ci/run").read_text()
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}
    *lines, last = [
        f"with Python {python} and Django {django} on "
        + " and ".join(", ".join(names[each] for each in databases).rsplit(", ", 1))
        for python, django, databases in tested
    ]
    words = " ".join((ROOT / page).read_text().split())
    assert (
        f"Every change is tested {', '.join(lines)}, and {last}. Python 3.14 and MySQL are expected"
        " to work, but are not tested." in words
    )


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
