"""External links: each host is listed here, and reached by HTTPS."""

import re
import runpy
import tomllib
from urllib.parse import urlsplit

from tests.manual.pages import DOCS
from tests.manual.test_links import PAGES, ROOT, links, prose

# Who links to another host adds it, after a look at the page. The linkcheck builder of Sphinx tries
# the links, as CONTRIBUTING.md says; that needs the network, and CI does without.
HOSTS = {
    "django-storages.readthedocs.io",
    "docs.astral.sh",
    "docs.celeryq.dev",
    "docs.djangoproject.com",
    "owasp.org",
    "pypi.org",
    "semver.org",
}
AUTOLINK = re.compile(r"<(https?://[^>\s]+)>")


def addresses():
    """Return the external links of all pages."""
    return {
        link
        for page in PAGES
        for link in [*links(page), *AUTOLINK.findall(prose(page))]
        if re.match(r"[a-z]+:", link)
    }


def test_the_hosts_of_external_links_are_listed():
    assert {urlsplit(address).hostname for address in addresses()} == HOSTS


def test_external_links_have_https():
    assert [address for address in addresses() if not address.startswith("https://")] == []


def test_links_to_the_documentation_of_django_are_to_a_supported_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = {
        urlsplit(address).path.split("/")[2]
        for address in addresses()
        if urlsplit(address).hostname == "docs.djangoproject.com"
    }
    assert [
        v for v in versions if f"Framework :: Django :: {v}" not in project["classifiers"]
    ] == []


def test_the_check_of_external_links_is_set_up():
    settings = runpy.run_path(str(DOCS / "conf.py"))
    assert (settings["linkcheck_timeout"], settings["linkcheck_retries"]) == (20, 3)
