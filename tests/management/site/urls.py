"""Reports that are large, or that wait until a signal ends them."""

import sys

from django.contrib.auth.decorators import login_required
from django.urls import path

from demo_project.cargo.models import Cargo
from streamreports.columns import Column
from streamreports.views import StreamingCsvView


class CargoCsvView(StreamingCsvView):
    model = Cargo
    ordering = ["id"]
    columns = ["id"]
    buffered_up_to = 0


class LargeCsvView(CargoCsvView):
    """Send some megabytes."""

    columns = ["id", Column(lambda cargo: "x" * 20_000, label="Text")]


class WaitingCsvView(CargoCsvView):
    """Say "waiting" at a row, and wait there until standard input says something."""

    waits_at = 0

    def get_columns(self):
        return ["id", Column(self.wait_at, label="Text")]

    def wait_at(self, cargo):
        if cargo.pk == self.waits_at:
            sys.stderr.write("waiting\n")
            sys.stderr.flush()
            sys.stdin.readline()
        return ""


class FailingCsvView(CargoCsvView):
    """Fail in the middle."""

    columns = ["id", Column(lambda cargo: 1 / (150 - cargo.pk), label="Number")]


urlpatterns = [
    path("cargo/", CargoCsvView.as_view(), name="cargo"),
    path("large/", LargeCsvView.as_view(), name="large"),
    path("start/", WaitingCsvView.as_view(waits_at=1), name="start"),
    path("middle/", WaitingCsvView.as_view(waits_at=150), name="middle"),
    path("failing/", FailingCsvView.as_view(), name="failing"),
    path("private/", login_required(CargoCsvView.as_view()), name="private"),
]
