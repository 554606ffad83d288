"""A strict security policy: nothing inline, and nothing of other hosts.

A response that has a policy keeps it, as with the middleware of Django 6.
"""


def strict_policy(get_response):
    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", "default-src 'self'")
        return response

    return middleware
