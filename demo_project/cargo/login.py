"""Log in, and go on with a page."""

from urllib.parse import urlsplit

from django.contrib.auth.views import LoginView
from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

from streamreports.pages import ReportView
from streamreports.views import StreamingReportView


class DownloadLoginView(LoginView):
    """Log in; if the next address is a file, go to the home page, which starts the download.

    A browser that is sent to a file stays on the page that it shows: the log-in form.
    """

    redirect_authenticated_user = True

    def get_success_url(self) -> str:
        """Return the next address, or that of the home page."""
        url = super().get_success_url()
        if urlsplit(url).path == self.request.path:
            return reverse("cargo:home")  # Django raises an error for a user who is logged in.
        if is_download(url):
            return f"{reverse('cargo:home')}?{urlencode({'download': url})}"
        return url


def is_download(url: str) -> bool:
    """Return True if a URL of this site leads to the file of a report."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as //[
        return False
    if parts.scheme or parts.netloc:
        return False
    try:
        view_class = getattr(resolve(parts.path).func, "view_class", None)
    except Resolver404:
        return False
    if not isinstance(view_class, type) or not issubclass(view_class, StreamingReportView):
        return False
    names_format = bool(QueryDict(parts.query).get(view_class.format_param or ""))
    return names_format or not issubclass(view_class, ReportView)
