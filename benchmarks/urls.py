"""One address for each contender."""

from django.urls import path

from benchmarks.views import CONTENDERS

urlpatterns = [path(f"{name}/", view) for name, (_label, view) in CONTENDERS.items()]
