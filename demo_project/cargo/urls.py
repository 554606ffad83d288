"""URLconf of the home page and the reports."""

from django.urls import path

from demo_project.cargo import failing, streamed, views
from demo_project.cargo.home import HomeView
from demo_project.cargo.manual import manual
from demo_project.cargo.memory import memory
from demo_project.cargo.source import SourceView

app_name = "cargo"

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("reports/cargoes/", views.CargoReportView.as_view(), name="cargoes"),
    path("reports/cargo.csv", views.CargoCsvView.as_view(), name="simple"),
    path("reports/cargo-full.csv", views.FullCargoCsvView.as_view(), name="full"),
    path("reports/cargo-excel.csv", views.ExcelCargoCsvView.as_view(), name="excel"),
    path("reports/cargo-private.csv", views.PrivateCargoCsvView.as_view(), name="private"),
    path("reports/cargo-failing.csv", failing.FailingCargoCsvView.as_view(), name="failing"),
    path("streamed/comments/", streamed.CommentsView.as_view(), name="comments"),
    path("streamed/template/", streamed.CommentsTemplateView.as_view(), name="template"),
    path("streamed/hello/", streamed.HelloView.as_view(), name="hello"),
    path("memory/", memory, name="memory"),
    path("source/<slug:module>/", SourceView.as_view(), name="source"),
    path("manual/<path:path>", manual, name="manual"),
]
