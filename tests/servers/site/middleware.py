"""Middleware of the site's own."""

from django.db import connection


def count_visits(get_response):
    """Have every request write to its session, which is saved when the view has answered."""

    def middleware(request):
        request.session["visits"] = request.session.get("visits", 0) + 1
        return get_response(request)

    return middleware


def query_around(get_response):
    """Run a query before and after the view of a report, as a session and a log of visits do."""

    def query():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def middleware(request):
        if not request.path.endswith(".csv"):  # The others tell about the pool, and take none.
            return get_response(request)
        query()
        response = get_response(request)
        query()
        return response

    return middleware
