"""Switch the log on, and leave no entry behind."""

import pytest
from django.contrib.auth.models import User
from django.urls import path

from streamreports.logs.models import ReportLog
from tests.views import MakerCsvView


@pytest.fixture(autouse=True)
def _log_reports(settings):
    settings.STREAMREPORTS = {"LOG_REPORTS": True}


@pytest.fixture
def site(settings):
    """Return what has a view answer at a URL, and returns the URL."""

    def serve(view_class=MakerCsvView, name="makers", **initkwargs):
        view = view_class.as_view(**initkwargs) if isinstance(view_class, type) else view_class
        settings.ROOT_URLCONF = (path("reports/makers.csv", view, name=name),)
        return "/reports/makers.csv"

    return serve


@pytest.fixture
def own_log(own_connection):
    """Be outside any transaction, as ``own_connection``, and delete entries and users."""
    yield own_connection
    ReportLog.objects.using("default").delete()
    User.objects.using("default").delete()


@pytest.fixture
def ann(db):
    return User.objects.create_user("ann", email="ann@example.com", password="ann")
