"""A view that sends a template piece by piece."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.views.generic.base import ContextMixin

from streamreports.exceptions import ReportError
from streamreports.rendering import find_template, make_context, render
from streamreports.streaming.options import validate_number
from streamreports.views.pieces import StreamingView


class StreamingTemplateView(ContextMixin, StreamingView):
    """Respond with a template of Jinja2, sent while it is being rendered.

    ``template_name``, ``template_engine``, ``extra_context``: as in Django's ``TemplateView``.
    ``buffer_size``: the number of pieces that are sent together, of which a template has about one
    for each of its texts and values.
    ``chunk_size``: the number of rows of a queryset in the context that are held in memory.

    Values of the context may be querysets, iterators and asynchronous iterators, which are read
    while they are shown. The context has ``streaming_padding`` besides, see
    ``streamreports.padding``.
    """

    template_name: str | None = None
    template_engine: str | None = None
    buffer_size: int = 5
    chunk_size: int = 2000

    def generate(self) -> Iterator[str]:
        """Return the pieces of the template."""
        validate_number(type(self).__name__, "chunk_size", self.chunk_size)
        template = find_template(self.get_template_names(), self.template_engine)
        context = self.get_context_data(**self.kwargs)
        return render(template, make_context(template, context, self.request), self.chunk_size)

    def get_template_names(self) -> Sequence[str]:
        """Return the names of templates; the first that exists is rendered."""
        if self.template_name is None:
            name = type(self).__name__
            raise ReportError(
                f"{name} is missing template_name.",
                f"Define {name}.template_name, or override {name}.get_template_names().",
            )
        return [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the template, with the arguments of the URL and the view."""
        return super().get_context_data(**kwargs)
