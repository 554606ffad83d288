"""One address for each way that a report can go."""

from django.urls import path

from tests.servers.site import views

urlpatterns = [
    path("ping", views.ping),
    path("pool", views.pool),
    path("whole.csv", views.Whole.as_view()),
    path("text.csv", views.OneColumn.as_view()),
    path("python.csv", views.Python.as_view()),
    path("unreadable.csv", views.Unreadable.as_view()),
    path("slow.csv", views.Slow.as_view()),
    path("limited.csv", views.Limited.as_view()),
]
