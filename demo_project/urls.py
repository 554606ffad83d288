"""URLconf of the demo site."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

from demo_project.cargo.login import DownloadLoginView

urlpatterns = [
    path("", include("demo_project.cargo.urls")),
    path("exports/", include("streamreports.exports.urls")),
    path("accounts/login/", DownloadLoginView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),  # for servers other than runserver, with DEBUG
]
