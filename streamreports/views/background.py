"""Reports that run in the background: on request, or because they are large."""

from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from streamreports import background
from streamreports.background import exports_url, is_export, prefers_async
from streamreports.problems import message_response, prefers_page
from streamreports.views.files import FileMixin


class BackgroundMixin(FileMixin):
    """Run a report in the background, as an export.

    This requires the app ``streamreports.exports``.

    ``background``: whether users may run the report in the background.
    ``background_above``: if the report has more rows than this, the response is 413 and offers to
    run the report in the background. None for no such limit.
    ``background_template_name``: the template of the page that offers an export.
    """

    background: bool = False
    background_above: int | None = None
    background_template_name: str = "streamreports/background.html"

    def start_export(self) -> HttpResponseBase | None:
        """Start an export and return the response, if the request prefers it; otherwise None."""
        start, request = background.start_export, self.request
        is_wanted = self.background and request.method == "GET" and prefers_async(request)
        return start(request) if is_wanted and start and not is_export(request) else None

    def get_background_above(self) -> int | None:
        """Return the number of rows above which an export is offered; None for no limit."""
        return self.background_above

    def get_background_url(self) -> str | None:
        """Return the URL that starts an export of the report; None if exports are not available."""
        user = getattr(self.request, "user", None)
        can_start = self.background and user is not None and user.is_authenticated
        return exports_url() if can_start else None

    def get_response(self) -> HttpResponseBase:
        """Return the file, or the response that offers an export."""
        above = self.get_background_above()
        if above is not None and self.is_for_background(above):
            return self.offer_background(above)
        return super().get_response()

    def is_for_background(self, above: int) -> bool:
        """Return True if the report has too many rows for a response, but not for an export."""
        is_live = self.request.method == "GET" and not is_export(self.request)
        if not (is_live and self.background and exports_url() and self.report.exceeds(above)):
            return False
        max_rows = self.get_max_rows()
        return max_rows is None or not self.report.exceeds(max_rows)

    def offer_background(self, above: int) -> HttpResponseBase:
        """Return the response to a request for more than ``background_above`` rows."""
        from django.contrib.auth.views import redirect_to_login  # requires installed apps

        message = ngettext(
            "This report has more than %(number)s row.",
            "This report has more than %(number)s rows.",
            above,
        ) % {"number": number_format(above, force_grouping=True)}
        title = _("Large report")
        if not prefers_page(self.request):
            cure = _(
                "Send the header “Prefer: respond-async” to have it prepared in the background."
            )
            return message_response(self.request, 413, title, f"{message} {cure}")
        context = {
            "title": title,
            "message": message,
            "background_url": self.get_background_url(),
            "log_in_url": redirect_to_login(self.request.get_full_path()).url,
            "downloads": [{"url": self.request.get_full_path()}],
        }
        response = TemplateResponse(
            self.request, self.background_template_name, context, status=413
        )
        add_never_cache_headers(response)
        patch_vary_headers(response, ["Accept"])
        return response
