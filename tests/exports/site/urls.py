"""Reports that wait until they are let go on, and a large one."""

import time
from select import select

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.db.backends.signals import connection_created
from django.urls import include, path

from streamreports.columns import Column
from streamreports.views import StreamingCsvView

HELD = {
    "postgresql": "(SELECT pg_advisory_xact_lock_shared(11))::text = ''",
    "mysql": "(SELECT GET_LOCK(CONCAT('held ', DATABASE()), 600)) = 1",
    "sqlite": "held() = 1",
}


class GroupsView(StreamingCsvView):
    model = Group
    ordering = ["id"]
    columns = ["id"]
    parameters = ["number"]
    background = True


class WaitingView(GroupsView):
    """Tell by a file that the middle is reached, and wait there for another one."""

    def get_columns(self):
        ids = list(Group.objects.order_by("id").values_list("id", flat=True)[100:101])
        return ["id", Column(lambda group: self.wait() if group.pk in ids else "", label="Text")]

    def wait(self):
        number = self.request.GET["number"]
        (settings.FOLDER / f"{number}.reached").touch()
        while not (settings.FOLDER / f"{number}.go").exists():
            select([], [], [], 0.02)  # With libfaketime, time.sleep() raises EINVAL at times.
        return ""


class LargeView(GroupsView):
    """Send two megabytes."""

    columns = ["id", Column(lambda group: "x" * 10_000, label="Text")]


class HeldView(GroupsView):
    """Send a query that the database holds until the test lets it go."""

    def get_queryset(self):
        return super().get_queryset().extra(where=[HELD[connection.vendor]])


def add_function(connection, **kwargs):
    """Give SQLite a function that waits, as it has no locks to wait for."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("held", 0, wait_until_let_go)


def wait_until_let_go():
    while not (settings.FOLDER / "held.go").exists():
        time.sleep(0.02)
    return 1


connection_created.connect(add_function)

urlpatterns = [
    path("exports/", include("streamreports.exports.urls")),
    path("groups/", GroupsView.as_view()),
    path("held/", HeldView.as_view()),
    path("large/", LargeView.as_view()),
    path("waiting/", WaitingView.as_view()),
]
