"""A small site that demonstrates streamreports. The tests use its models."""

import os

if os.environ.get("EXPORTS") == "celery":  # Tasks belong to the app that is imported first.
    from demo_project.celery import app as app
