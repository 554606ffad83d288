"""A file out of the storage of exports, as its parameters describe it."""

from datetime import UTC, datetime

from django.http import HttpResponseGone

from streamreports.exports.serving import serve


def stored(request):
    """Send a file."""
    given = request.GET
    try:
        return serve(
            request,
            name=given["name"],
            filename="Größe.csv",
            content_type="text/csv; charset=utf-8",
            size=int(given["size"]),
            sha256=given["sha256"],
            last_modified=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        )
    except FileNotFoundError:
        return HttpResponseGone()
