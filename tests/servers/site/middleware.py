"""Middleware of the site's own."""


def count_visits(get_response):
    """Have every request write to its session, which is saved when the view has answered."""

    def middleware(request):
        request.session["visits"] = request.session.get("visits", 0) + 1
        return get_response(request)

    return middleware
