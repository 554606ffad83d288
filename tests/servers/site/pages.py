"""Pages that go well, fail, and take their time; parameters say where."""

import time
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from benchmarks.models import Cargo
from streamreports.views import StreamingTemplateView, StreamingView


class CommoditiesMixin:
    """Have a paragraph for each row.

    ``rows``: how many. ``raises_in``: the row that fails. ``milliseconds``: what each row takes.
    ``waits_in``: the row that waits until the file ``until`` exists.
    """

    def cargoes(self):
        """Return the rows."""
        return Cargo._default_manager.filter(pk__lte=self.number("rows")).order_by("pk")

    def paragraph(self, cargo):
        """Return the text of a row."""
        if cargo.pk == self.number("raises_in"):
            raise ValueError(f"no paragraph for {cargo.pk}")
        while cargo.pk == self.number("waits_in") and not Path(self.request.GET["until"]).exists():
            time.sleep(0.01)
        time.sleep(self.number("milliseconds") / 1000)
        return f"No. {cargo.pk}, {cargo.commodity}"

    def number(self, name):
        """Return a number that the request gives."""
        return int(self.request.GET.get(name, 0))


class Page(CommoditiesMixin, StreamingView):
    """Send the page by a generator."""

    buffer_size = 100

    def generate(self):
        """Yield the page."""
        yield mark_safe("<!doctype html><title>Cargoes</title>\n")
        for cargo in self.cargoes().iterator():
            yield format_html("<p>{}</p>\n", self.paragraph(cargo))
        yield mark_safe("<p>That was all.</p>\n")


class TemplatePage(CommoditiesMixin, StreamingTemplateView):
    """Send the page by a template."""

    template_name = "cargoes.html"

    def get_context_data(self, **kwargs):
        """Return the rows, which are read while the template is rendered."""
        return super().get_context_data(cargoes=self.cargoes(), **kwargs)
