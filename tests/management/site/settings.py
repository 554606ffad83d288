"""Those of the demo, with the database of the tests and without its log."""

from demo_project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.management.site.urls"
LOGGING = {}
LOGIN_URL = "/accounts/login/"
