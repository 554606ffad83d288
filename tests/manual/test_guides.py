"""Each guide continues the project of the tutorial: its blocks are written, its commands run."""

import shutil

import pytest
from django.db import connection

from tests.manual.project import CODE, Project, parts

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="The project of the tutorial uses SQLite."
)

# The guides, each with the commands that are not run and the reason.
GUIDES = {
    "how-to/filters.md": {},
    "how-to/excel.md": {},
    "how-to/permissions.md": {},
    "how-to/admin.md": {},
    "how-to/replace-a-view.md": {},
    "how-to/cron.md": {},
    "how-to/test-reports.md": {},
    "how-to/rest.md": {},
    "how-to/replace-import-export.md": {},
    "how-to/slow-reports.md": {},
    "how-to/several-databases.md": {},
}
# What guides need besides.
MODULES = {
    "how-to/excel.md": ["openpyxl"],
    "how-to/rest.md": ["rest_framework", "ninja"],
    "how-to/replace-import-export.md": ["import_export"],
}
# The commands of the tutorial that make its project and its data.
SETUP = (
    "django-admin startproject ",
    "python manage.py startapp ",
    "python manage.py makemigrations ",
    "python manage.py migrate",
    "python manage.py shell ",
    "python manage.py createsuperuser ",
)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """The folder of the tutorial's project, with its rows and its user."""
    project = Project(tmp_path_factory.mktemp("guides") / "tutorial")
    project.folder.mkdir()
    for language, line, text in parts("tutorial.md"):
        if language in CODE:
            project.write(text)
        for command in text.splitlines() if language == "console" else ():
            if command.startswith(tuple(f"$ {each}" for each in SETUP)):
                project.run(command.removeprefix("$ "), f"tutorial.md, line {line}", ())
    project.stop_worker()
    return project.folder


@pytest.mark.parametrize("page", GUIDES)
def test_the_guide_works_in_the_project_of_the_tutorial(page, tutorial, tmp_path):
    for name in MODULES.get(page, ()):
        pytest.importorskip(name)
    project = Project(shutil.copytree(tutorial, tmp_path / "project"))
    try:
        project.run_all(page, not_run=GUIDES[page])
        printed = project.execute("python manage.py check")
    finally:
        project.stop_worker()
    assert printed == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize("page", GUIDES)
def test_the_guide_shows_what_its_code_does(page):
    sessions = [text for language, _, text in parts(page) if language in ("console", "pycon")]
    assert any("\n" in text.strip() for text in sessions)
