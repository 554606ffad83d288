"""One address for each way that a report can go."""

from django.urls import path

from tests.servers.site import files, pages, views

urlpatterns = [
    path("ping", views.ping),
    path("pool", views.pool),
    path("whole.csv", views.Whole.as_view()),
    path("text.csv", views.OneColumn.as_view()),
    path("python.csv", views.Python.as_view()),
    path("compressed.csv", views.Compressed.as_view()),
    path("formats", views.Formats.as_view()),
    path("compressed-formats", views.CompressedFormats.as_view()),
    path("page", pages.Page.as_view()),
    path("template", pages.TemplatePage.as_view()),
    path("unreadable.csv", views.Unreadable.as_view()),
    path("slow.csv", views.Slow.as_view()),
    path("limited.csv", views.Limited.as_view()),
    path("stored.csv", files.stored),
]
