"""The guides of exports: a project is built from their blocks, and makes an export."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string

from tests.manual.pages import DOCS, blocks

SETTINGS = """
from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "of a test only"
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "streamreports",
    "streamreports.exports",
    "shop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["testserver"]
LOGIN_URL = "/log-in/"
"""

MODELS = """
from django.db import models


class Cargo(models.Model):
    commodity = models.CharField(max_length=100)
"""

VISIT = """
import django

django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from streamreports.exports.models import Export
from shop.models import Cargo

call_command("check", fail_level="WARNING")
call_command("migrate", run_syncdb=True, verbosity=0)
Cargo.objects.create(commodity="Tea")
client = Client()
client.force_login(User.objects.create(username="ana"))

response = client.get("/cargo/?format=csv", headers={"prefer": "respond-async"})
assert response.status_code == 202, response.status_code
assert response["Location"].endswith(f"/exports/{Export.objects.get().pk}/"), response["Location"]
call_command("exports", "run", "--once")
export = Export.objects.get()
"""

FETCH = """
def fetched(path):
    return b"".join(client.get(path).streaming_content)


found = client.get(response["Location"], headers={"accept": "application/json"}).json()
assert found["state"] == "done", found
assert fetched(found["file_url"]) == b"ID,Commodity\\r\\n1,Tea\\r\\n"
assert fetched(link_to(export)) == b"ID,Commodity\\r\\n1,Tea\\r\\n"
"""


def test_the_project_of_the_guide_makes_an_export_and_a_link_to_it(tmp_path):
    storages, databases, urls, view = blocks("how-to/background.md")
    [link] = blocks("how-to/mails.md")
    shop = tmp_path / "shop"
    shop.mkdir()
    files = {
        tmp_path / "project.py": SETTINGS + storages + databases,
        shop / "__init__.py": "",
        shop / "models.py": MODELS,
        shop / "views.py": f"from shop.models import Cargo\n{view}",
        shop / "urls.py": f"from shop.views import CargoReportView\n{urls}",
        tmp_path / "visit.py": VISIT + link + FETCH,
    }
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "visit.py"],
        cwd=tmp_path,
        env={"DJANGO_SETTINGS_MODULE": "project", "PYTHONPATH": f"{tmp_path}:{DOCS.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_runners_of_the_queues_exist(settings):
    runners = []
    for block in blocks("how-to/queues.md"):
        names = {}
        if "TasksRunner):" in block:
            names["TasksRunner"] = runners[0]
        exec(compile(block, "queues", "exec"), names)
        if "STREAMREPORTS" in names:
            runners.append(import_string(names["STREAMREPORTS"]["EXPORT_RUNNER"]))
    assert [runner.__name__ for runner in runners] == ["TasksRunner", "CeleryRunner"]


def test_the_tasks_of_beat_exist():
    pytest.importorskip("celery")
    from streamreports.exports import tasks

    names = {}
    exec(compile(blocks("how-to/queues.md")[-1], "queues", "exec"), names)
    scheduled = [entry["task"] for entry in names["CELERY_BEAT_SCHEDULE"].values()]
    defined = {getattr(value, "name", None) for value in vars(tasks).values()}
    assert set(scheduled) <= defined


def test_the_function_of_tenants_sends_a_request_through_their_middleware(monkeypatch):
    seen = []

    def tenant_middleware(get_response):
        def middleware(request):
            seen.append(request.path)
            return HttpResponse("Oslo")

        return middleware

    module = ModuleType("django_tenants.middleware")
    module.TenantMainMiddleware = tenant_middleware
    monkeypatch.setitem(sys.modules, "django_tenants", ModuleType("django_tenants"))
    monkeypatch.setitem(sys.modules, "django_tenants.middleware", module)
    names = {}
    exec(compile(blocks("how-to/tenants.md")[1], "tenants", "exec"), names)
    response = names["send_export"](RequestFactory().get("/cargo/"), SimpleNamespace())
    assert (response.content, seen) == (b"Oslo", ["/cargo/"])


def test_the_s3_storage_is_named():
    pytest.importorskip("storages")
    names = {"STORAGES": {}}
    [block] = blocks("how-to/s3.md")
    exec(compile(block, "s3", "exec"), names)
    entry = names["STORAGES"]["streamreports"]
    storage = import_string(entry["BACKEND"])(**entry["OPTIONS"])
    assert (storage.bucket_name, storage.region_name) == ("my-exports", "eu-central-1")
