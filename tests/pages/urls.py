"""URLconf of the pages that tests request."""

from django.urls import path

from streamreports.pages import ReportIndexView
from tests.pages import views

urlpatterns = [
    path("index/", ReportIndexView.as_view(), name="index"),
    path("makers/", views.MakerReport.as_view()),
    path("plain/", views.PlainReport.as_view()),
    path("context/", views.OwnContext.as_view()),
    path("formats/", views.TwoFormats.as_view()),
    path("some/", views.SomeColumns.as_view()),
    path("own/", views.OwnParameters.as_view()),
    path("own-queryset/", views.OwnQueryset.as_view()),
    path("<path:anything>/under/", views.MakerReport.as_view()),
    path("failing/", views.FailingReport.as_view()),
]
