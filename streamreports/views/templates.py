"""A view that streams a template."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.views.generic.base import ContextMixin

from streamreports.exceptions import ReportError
from streamreports.rendering import find_template, make_context, render
from streamreports.streaming.options import validate_number
from streamreports.views.pieces import StreamingView


class StreamingTemplateView(ContextMixin, StreamingView):
    """Respond with a Jinja2 template, sent while it is rendered.

    ``template_name``, ``template_engine``, ``extra_context``: as in Django's ``TemplateView``.
    ``buffer_size``: the number of pieces sent together; a template has about one piece for each
    text and each value.
    ``chunk_size``: the number of rows held in memory for each queryset in the context.

    The context may contain querysets, iterators and asynchronous iterators, which are read while
    the template is rendered. The variable ``streaming_padding`` is added to the context, see
    ``streamreports.padding``.
    """

    template_name: str | None = None
    template_engine: str | None = None
    buffer_size: int = 5
    chunk_size: int = 2000

    def generate(self) -> Iterator[str]:
        """Return the pieces of the template.

        Raises TemplateDoesNotExist if there is no such template, and ReportError if it cannot be
        rendered in pieces or ``chunk_size`` is invalid.
        """
        validate_number(type(self).__name__, "chunk_size", self.chunk_size)
        template = find_template(self.get_template_names(), self.template_engine)
        context = self.get_context_data(**self.kwargs)
        return render(template, make_context(template, context, self.request), self.chunk_size)

    def get_template_names(self) -> Sequence[str]:
        """Return template names; the first that exists is rendered.

        Raises ReportError if ``template_name`` is missing.
        """
        if self.template_name is None:
            name = type(self).__name__
            raise ReportError(
                f"{name} is missing template_name.",
                f"Define {name}.template_name, or override {name}.get_template_names().",
            )
        return [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the template, with the URL arguments and the view."""
        return super().get_context_data(**kwargs)
