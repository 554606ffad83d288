"""A project of its own, in an environment with the wheel and Django alone."""

import gzip
import io
import subprocess
import time
import zipfile
from contextlib import suppress
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from benchmarks.servers import HOST, free_port
from tests.release.conftest import ROOT, succeed

MODELS = """
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
    pages = models.IntegerField()
"""

URLS = """
from django.db.models import F
from django.urls import path
from library.models import Book

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.xlsx import XlsxFormat
from streamreports.pages import ReportView


class BookReportView(ReportView):
    model = Book
    ordering = ["pk"]
    columns = ["title", Column(F("pages") * 2, label="Sides")]
    formats = [CsvFormat, gzipped(CsvFormat), XlsxFormat]


urlpatterns = [path("books/", BookReportView.as_view(), name="books")]
"""

ROWS = """
from library.models import Book

Book.objects.create(title="=1+1", pages=10)
Book.objects.create(title="Moby, Dick", pages=300)
"""

CSV = b'Title,Sides\r\n\'=1+1,20\r\n"Moby, Dick",600\r\n'

PATIENCE = 60  # seconds until the server must answer


@pytest.fixture(scope="module")
def project(python, environment, tmp_path_factory):
    """Start a project, add a report to it, and return its folder and what runs its manage.py."""
    folder = tmp_path_factory.mktemp("project")

    def manage(*arguments, **options):
        return succeed(
            python, "-W", "error", "manage.py", *arguments, cwd=folder, env=environment, **options
        )

    django = [python, "-m", "django"]
    succeed(*django, "startproject", "site_of_books", folder, cwd=folder, env=environment)
    manage("startapp", "library")
    (folder / "library" / "models.py").write_text(MODELS)
    (folder / "site_of_books" / "urls.py").write_text(URLS)
    with (folder / "site_of_books" / "settings.py").open("a") as settings:
        settings.write('\nINSTALLED_APPS += ["library", "streamreports"]\n')
    manage("makemigrations", "library")
    manage("migrate")
    manage("shell", "-c", ROWS)
    return SimpleNamespace(folder=folder, manage=manage)


@pytest.fixture(scope="module")
def get(project, python, environment):
    """Run the project's server, and return what fetches a path."""
    port = free_port()
    server = subprocess.Popen(
        [python, "-W", "error", "manage.py", "runserver", "--noreload", f"{HOST}:{port}"],
        cwd=project.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def get(path):
        with urlopen(f"http://{HOST}:{port}{path}", timeout=PATIENCE) as response:
            return response.read()

    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(URLError):
                get("/books/")
                break
            time.sleep(0.1)
        yield get
    finally:
        server.terminate()
        server.wait()


def test_django_alone_is_installed_with_it(python):
    lines = succeed(python, "-m", "pip", "list", "--format=freeze").split()
    names = {line.partition("==")[0].lower() for line in lines}
    assert names - {"pip", "setuptools"} == {
        "asgiref",
        "django",
        "django-streamreports",
        "sqlparse",
    }


def test_the_project_passes_the_checks(project):
    assert project.manage("check") == "System check identified no issues (0 silenced).\n"


def test_a_request_gets_the_file(get):
    assert get("/books/?format=csv") == CSV


def test_the_command_writes_the_file(project):
    path = project.folder / "books.csv"
    project.manage("dumpreport", "books", "--quiet", "-o", path)
    assert path.read_bytes() == CSV


def test_a_file_is_compressed_without_the_extra(get):
    assert gzip.decompress(get("/books/?format=csv.gz")) == CSV


def test_a_workbook_is_written_without_its_extra(get):
    with zipfile.ZipFile(io.BytesIO(get("/books/?format=xlsx"))) as workbook:
        assert b"Moby, Dick" in workbook.read("xl/worksheets/sheet1.xml")


def test_a_page_has_its_templates(get):
    assert b"<td>Moby, Dick</td>" in get("/books/").replace(b"\n", b"")


def test_a_page_has_its_style_sheet(get):
    path = "static/streamreports/reports.css"
    assert get(f"/{path}") == (ROOT / "streamreports" / path).read_bytes()


# What is said if an extra is missing. The extras "compression", "progress" and "xlsx" only make
# things faster or prettier, and projects import django_filters themselves.

PARQUET = """
from streamreports.formats.parquet import ParquetFormat
ParquetFormat().validate()
"""

TEMPLATE = """
from streamreports.rendering.engines import find_engines
find_engines(None)
"""

TASKS = """
import sys
sys.modules["django.tasks"] = None  # as in Django 5.2
import streamreports.exports.runners.tasks
"""


def database(engine):
    return f"""
from django.db.utils import ConnectionHandler
ConnectionHandler({{"default": {{"ENGINE": "django.db.backends.{engine}"}}}})["default"]
"""


MISSING = {
    "parquet": (
        PARQUET,
        "Parquet files are written with pyarrow, which is not installed."
        ' Install the extra "parquet": pip install "django-streamreports[parquet]".',
    ),
    "html": (
        TEMPLATE,
        "Templates are rendered piece by piece with Jinja2, which is not installed."
        ' Install the extra "html": pip install "django-streamreports[html]".',
    ),
    "celery": (
        "import streamreports.exports.runners.celery",
        "Celery is not installed."
        ' Install the extra "celery": pip install "django-streamreports[celery]".',
    ),
    "s3": (
        "import streamreports.exports.s3",
        "django-storages or boto3 is not installed."
        ' Install the extra "s3": pip install "django-streamreports[s3]".',
    ),
    "tasks": (
        TASKS,
        "Django 5.2 has no django.tasks, and its backport is not installed."
        ' Install the extra "tasks": pip install "django-streamreports[tasks]".',
    ),
    "postgres": (database("postgresql"), "Error loading psycopg2 or psycopg module"),
    "mysql": (database("mysql"), "Error loading MySQLdb module.\nDid you install mysqlclient?"),
}


@pytest.mark.parametrize("extra", MISSING)
def test_a_missing_extra_is_named(extra, project, python, environment):
    code, message = MISSING[extra]
    result = subprocess.run(
        [python, "-c", f"import django; django.setup()\n{code}"],
        cwd=project.folder,
        env=environment | {"DJANGO_SETTINGS_MODULE": "site_of_books.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.rstrip().endswith(f": {message}")
