"""The compose file of the demo is valid, and agrees with the settings and the package."""

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from tests.manual.pages import DOCS

ROOT = DOCS.parent
FILE = ROOT / "demo_project" / "compose.yaml"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def test_the_names_in_the_compose_file_are_those_of_its_format(compose):
    keys = {
        "build", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image",
        "ports", "stop_grace_period",
    }  # fmt: skip
    assert {key for service in compose["services"].values() for key in service} == keys
    assert {key for key in compose if not key.startswith("x-")} == {"services"}
    conditions = {"service_completed_successfully", "service_healthy", "service_started"}
    for service in compose["services"].values():
        assert ("image" in service) != ("build" in service)
        for name, entry in service.get("depends_on", {}).items():
            assert name in compose["services"]
            assert entry["condition"] in conditions


def test_docker_accepts_the_compose_file():
    docker = shutil.which("docker") or "docker"
    try:
        subprocess.run([docker, "compose", "version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("Docker or its compose plugin is not installed.")
    command = [docker, "compose", "-f", FILE, "config", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_variables_in_the_compose_file_are_read(compose):
    """By the settings, and by boto3 as the settings say."""
    settings = (ROOT / "demo_project/settings.py").read_text(encoding="utf-8")
    variables = compose["x-app"]["environment"]
    assert {name for name in variables if not re.search(rf"\b{name}\b", settings)} == set()


def test_the_services_share_names_and_passwords(compose):
    app, services = compose["x-app"]["environment"], compose["services"]
    assert services["postgresql"]["environment"] == {
        "POSTGRES_DB": app["PGDATABASE"],
        "POSTGRES_USER": app["PGUSER"],
        "POSTGRES_PASSWORD": app["PGPASSWORD"],
    }
    assert services["s3"]["environment"] == {
        "MINIO_ROOT_USER": app["AWS_ACCESS_KEY_ID"],
        "MINIO_ROOT_PASSWORD": app["AWS_SECRET_ACCESS_KEY"],
    }
    assert f"/data/{app['S3_BUCKET']} " in services["s3"]["entrypoint"]
    hosts = [re.fullmatch(r"(?:\w+://)?(\w+)(?::\d+)?", app[name])[1] for name in (
        "PGHOST", "CELERY_BROKER_URL", "AWS_ENDPOINT_URL_S3")]  # fmt: skip
    assert hosts == ["postgresql", "redis", "s3"]


def test_the_image_is_built_with_extras_of_the_package_and_a_tested_python(compose):
    build = compose["x-app"]["build"]["dockerfile_inline"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [extras] = re.findall(r"-e \"\.\[([\w,]+)\]\"", build)
    assert set(extras.split(",")) - set(project["optional-dependencies"]) == set()
    [python] = re.findall(r"^FROM python:([\d.]+)-slim$", build, re.MULTILINE)
    assert f"Programming Language :: Python :: {python}" in project["classifiers"]
