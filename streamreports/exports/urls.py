"""URLconf of the exports of a user: ``path("exports/", include("streamreports.exports.urls"))``."""

from django.urls import path

from streamreports.exports import views
from streamreports.exports.link_views import LinkView

app_name = "exports"

urlpatterns = [
    path("", views.ExportListView.as_view(), name="list"),
    path("<uuid:pk>/", views.ExportView.as_view(), name="detail"),
    path("<uuid:pk>/file/", views.ExportFileView.as_view(), name="file"),
    path("links/<str:token>/", LinkView.as_view(), name="link"),
    path("<uuid:pk>/cancel/", views.CancelView.as_view(), name="cancel"),
    path("<uuid:pk>/delete/", views.DeleteView.as_view(), name="delete"),
]
