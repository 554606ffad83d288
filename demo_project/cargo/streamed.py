"""Pages that one can watch while they arrive."""

import time
from collections.abc import Iterator
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from streamreports.padding import PADDING
from streamreports.views import StreamingTemplateView, StreamingView

PAUSE = 0.6  # seconds between two pieces, so that one sees them arrive

COMMENTS = [
    ("Ana", _("The crates from Santos have arrived, all dry.")),
    ("Bo", _("Customs want to see the papers once more.")),
    ("Chen", _("Who signed for <pallet 7>? I cannot read it.")),
    ("Dara", _("The crane is free from two o'clock.")),
    ("Eve", _("Then let us load the tea & the coffee first.")),
    ("Femi", _("Done. The ship sails with the tide.")),
]


class PageMixin:
    """The page around what a view streams, in the design of the demo."""

    request: Any
    title: Any

    def surround(self) -> tuple[SafeString, SafeString]:
        """Return what stands before and after the streamed part."""
        context = {"title": self.title, "padding": PADDING, "mark": "\0"}
        before, after = render_to_string("cargo/streamed.html", context, self.request).split("\0")
        return SafeString(before), SafeString(after)


class CommentsView(PageMixin, StreamingView):
    """Show comments one after the other."""

    title = _("Comments, one after the other")
    description = _("A generator that yields an element of a list at a time.")

    def generate(self) -> Iterator[str]:
        """Yield the comments, with a pause before each."""
        before, after = self.surround()
        yield before + SafeString("<ul>\n")
        for name, text in COMMENTS:
            time.sleep(PAUSE)
            yield format_html("<li><b>{}</b>: {}</li>\n", name, text)
        yield SafeString("</ul>\n") + after


class CommentsTemplateView(StreamingTemplateView):
    """Show comments with a template, five pieces of it at a time."""

    template_name = "cargo/comments.html"
    buffer_size = 5
    title = _("A template, five pieces at a time")
    description = _("A template of Jinja2 whose loop runs while the page arrives.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the comments, as an iterator that is read while they are shown."""
        return super().get_context_data(title=self.title, comments=self.comments(), **kwargs)

    def comments(self) -> Iterator[tuple[str, str]]:
        """Yield the names and texts of the comments, with a pause before each."""
        for name, text in COMMENTS:
            time.sleep(PAUSE)
            yield name, str(text)


class HelloView(PageMixin, StreamingView):
    """Say hello, then the name in the query string: the request is there all along."""

    title = _("Hello, and the name in the address")
    description = _("The request can be read while the page arrives.")

    def generate(self) -> Iterator[str]:
        """Yield what precedes the name, the name, and what follows it."""
        before, after = self.surround()
        hello, end = gettext("Hello {name}!").split("{name}")
        yield before + format_html("<p>{}", hello)
        time.sleep(PAUSE)
        yield self.request.GET.get("name", gettext("World"))
        time.sleep(PAUSE)
        yield format_html("{}</p>\n", end) + after
