"""The title and the description of a report."""

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from streamreports.views.querysets import QuerysetMixin


class TitleMixin(QuerysetMixin):
    """The title and the description of a report, for pages and lists of reports.

    ``title``: by default, the plural name of the model. ``description``: a sentence or two.
    """

    title: str | Promise | None = None
    description: str | Promise = ""

    def get_title(self) -> str:
        """Return the title of the report."""
        if self.title is not None:
            return str(self.title)
        try:
            model = self.get_queryset().model
        except ValidationError:  # get_queryset() has rejected the parameters.
            return _("Report")
        return capfirst(str(model._meta.verbose_name_plural))

    def get_description(self) -> str:
        """Return the description of the report."""
        return str(self.description)
