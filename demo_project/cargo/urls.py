"""URLconf of the home page and the reports."""

from django.urls import path

from demo_project.cargo import views
from demo_project.cargo.home import HomeView

app_name = "cargo"

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("reports/cargo.csv", views.CargoCsvView.as_view(), name="simple"),
    path("reports/cargo-full.csv", views.FullCargoCsvView.as_view(), name="full"),
    path("reports/cargo-excel.csv", views.ExcelCargoCsvView.as_view(), name="excel"),
    path("reports/cargo-private.csv", views.PrivateCargoCsvView.as_view(), name="private"),
]
