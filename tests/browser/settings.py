"""Settings of the site that the browser visits: the demo, under a strict security policy."""

import os
from pathlib import Path

from demo_project.settings import *  # noqa: F403
from demo_project.settings import MIDDLEWARE, STORAGES, TEMPLATES

ROOT_URLCONF = "tests.browser.urls"
STORAGES["streamreports"]["OPTIONS"]["location"] = (
    Path(os.environ["SQLITE_NAME"]).parent / "exports"
)
MIDDLEWARE = ["tests.browser.middleware.strict_policy", *MIDDLEWARE]
TEMPLATES = [
    *TEMPLATES,
    {  # The templates of the apps, which the demo overrides.
        **TEMPLATES[0],
        "NAME": "plain",
        "DIRS": [Path(__file__).parent / "templates"],
    },
]
