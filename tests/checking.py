"""Check views as `manage.py check` does."""

from django.urls import path

from streamreports.checks import check_report_views
from streamreports.views import StreamingCsvView
from tests.models import Maker


class CargoView(StreamingCsvView):
    """A view with which nothing is wrong."""

    model = Maker
    columns = ["name"]


class BareView(StreamingCsvView):
    """A view of which nothing is said."""

    columns = ["name"]


def check(settings, *patterns):
    """Return what the checks say of a URLconf."""
    settings.ROOT_URLCONF = patterns
    return check_report_views()


def check_view(settings, base=CargoView, **attributes):
    """Return what the checks say of a view called CargoView, with some attributes of its own."""
    view_class = type("CargoView", (base,), attributes)
    return check(settings, path("cargo.csv", view_class.as_view()))
