"""Pages need the app with their templates."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import path

from streamreports.pages import ReportIndexView, ReportView
from tests.models import Maker

pytestmark = pytest.mark.django_db


class MakerView(ReportView):
    model = Maker
    columns = ["name"]


urlpatterns = [path("", ReportIndexView.as_view()), path("makers/", MakerView.as_view())]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("url", "name"), [("/", "ReportIndexView"), ("/makers/", "MakerView")])
def test_a_page_without_the_app_is_an_error_that_says_what_to_add(client, settings, url, name):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "streamreports"]
    with pytest.raises(ImproperlyConfigured) as raised:
        client.get(url)
    assert str(raised.value) == (
        f"{name} renders a page, but 'streamreports' is not installed."
        " Add 'streamreports' to INSTALLED_APPS."
    )


@pytest.mark.urls(__name__)
def test_the_file_needs_no_app(client, settings):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "streamreports"]
    assert b"".join(client.get("/makers/?format=csv")) == b"Name\r\n"
