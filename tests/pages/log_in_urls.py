"""URLconf of a list without reports, and of a log-in page."""

from django.contrib.auth.views import LoginView
from django.urls import path

from streamreports.pages import ReportIndexView

urlpatterns = [
    path("reports/", ReportIndexView.as_view()),
    path("accounts/login/", LoginView.as_view()),
]
