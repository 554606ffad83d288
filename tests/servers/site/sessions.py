"""Settings of the site, with sessions that every request saves."""

from tests.servers.site.settings import *  # noqa: F403
from tests.servers.site.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.sessions"]
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
SESSION_SAVE_EVERY_REQUEST = True
