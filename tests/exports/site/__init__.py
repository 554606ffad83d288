"""A site whose Celery app, if there is one, is the one of all its processes."""

import os

if "EXPORTS_BROKER" in os.environ:
    from tests.exports.site import queue as queue
