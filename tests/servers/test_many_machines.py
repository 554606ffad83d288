"""The demo as in its compose file: a server, a Celery worker, PostgreSQL, Redis and S3."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

import boto3
import pytest
import redis
import yaml

from benchmarks.servers import HOST, free_port, stop, wait_for
from tests.servers.databases import PostgreSQL

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "demo_project" / "compose.yaml").read_text())
PATIENCE = 120  # seconds
ROWS = 20_000
REPORT = "/reports/cargoes/?format=csv"
REDIS = "redis://127.0.0.1:6379/13"


class Browser:
    """A client that is logged in."""

    def __init__(self, port):
        self.site = f"http://{HOST}:{port}"
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def open(self, path, *, data=None, **headers):
        request = Request(urljoin(self.site, path), data=data, headers=headers)
        return self.opener.open(request, timeout=PATIENCE)

    def log_in(self, name):
        self.open("/accounts/login/").read()
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        fields = {"username": name, "password": name, "csrfmiddlewaretoken": token}
        self.open("/accounts/login/", data=urlencode(fields).encode()).read()


@contextmanager
def running(environment, *command, port=None):
    """Run a program until the end of this context."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment)
    try:
        if port:
            wait_for(process, port)
        yield process
    finally:
        stop(process)


@pytest.fixture(scope="module")
def environment():
    """Start the servers, and return the variables of the compose file with their addresses."""
    with ExitStack() as stack:
        port, broker = free_port(), redis.Redis.from_url(REDIS)
        stack.enter_context(closing(broker))
        broker.flushdb()
        stack.callback(broker.flushdb)
        database = PostgreSQL()
        stack.callback(database._connection.close)
        database.name += "_many"
        database.drop()
        database.execute(f"CREATE DATABASE {database.name}")
        stack.callback(database.drop)
        variables = {
            **COMPOSE["x-app"]["environment"],
            **{name: os.environ.get(name, "") for name in ["PGHOST", "PGUSER", "PGPASSWORD"]},
            "PGDATABASE": database.name,
            "CELERY_BROKER_URL": REDIS,
            "AWS_ENDPOINT_URL_S3": f"http://{HOST}:{port}",
        }
        environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        server = ["moto.server", "-H", HOST, "-p", str(port)]
        stack.enter_context(running(environment, *server, port=port))
        bucket(variables).create()
        setup = ["manage.py", "demo", "--no-serve", "--rows", str(ROWS)]
        subprocess.run([sys.executable, *setup], cwd=ROOT, env=environment, check=True)
        yield environment


def bucket(variables):
    return boto3.resource(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL_S3"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    ).Bucket(variables["S3_BUCKET"])


@pytest.fixture(scope="module")
def browser(environment, tmp_path_factory):
    """Run the site and a worker with beat, and return a client of the site."""
    port = free_port()
    schedule = str(tmp_path_factory.mktemp("beat") / "schedule")
    web = ["gunicorn", "demo_project.wsgi", "--bind", f"{HOST}:{port}", "--threads", "8"]
    worker = ["celery", "-A", "demo_project", "worker", "-B", "-s", schedule, "--concurrency", "2"]
    with running(environment, *web, port=port), running(environment, *worker):
        browser = Browser(port)
        browser.log_in("admin")
        yield browser


def prepared(browser, path):
    """Return what the site says of an export when it is done."""
    with browser.open(path, Prefer="respond-async") as response:
        assert response.status == 202
        address = response.headers["Location"]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with browser.open(address, Accept="application/json") as response:
            status = json.load(response)
        if status["state"] not in ("queued", "running"):
            return status
        time.sleep(0.2)
    raise AssertionError(f"The export is still {status}.")


def test_an_export_has_the_bytes_of_the_live_download(browser, environment):
    status = prepared(browser, REPORT)
    assert status["state"] == "done"
    with browser.open(status["file_url"]) as response:
        exported = response.read()
    with browser.open(REPORT) as response:
        assert exported == response.read()
    assert status["rows"] == ROWS
    assert [each.size for each in bucket(environment).objects.all()] == [len(exported)]


def test_the_compose_file_runs_what_is_tested():
    services = COMPOSE["services"]
    assert set(services) == {"setup", "web", "worker", "beat", "postgresql", "redis", "s3"}
    assert services["setup"]["command"] == "python manage.py demo --no-serve"
    assert services["web"]["command"].startswith("gunicorn demo_project.wsgi ")
    assert services["worker"]["command"].startswith("celery -A demo_project worker ")
    assert services["beat"]["command"].startswith("celery -A demo_project beat ")
    assert all(":" in each["image"] for each in services.values() if "image" in each)
