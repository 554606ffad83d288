"""Route the report that is exported, and the pages of exports."""

from django.urls import include, path

from benchmarks.views import ProjectView

urlpatterns = [
    path("project/", ProjectView.as_view(background=True)),
    path("exports/", include("streamreports.exports.urls")),
]
