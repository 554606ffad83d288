"""Check the pages of reports."""

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.http import QueryDict
from django.template import TemplateDoesNotExist
from django.template.loader import select_template

from streamreports.checks.declared import declared_queryset
from streamreports.exceptions import ReportError
from streamreports.pages import ReportView
from streamreports.views import StreamingReportView


def check_page(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the page of a report."""
    if isinstance(view, ReportView):
        for error in page_errors(view):
            yield error.as_message("E012")


def page_errors(view: ReportView) -> Iterator[ReportError]:
    """Yield an error if requests cannot choose between page and files, or templates are missing."""
    name, names = type(view).__name__, view.get_template_names()
    if view.format_param is None:
        problem = f"{name}.format_param is None, but the page and the files have the same URL."
        yield ReportError(problem, f"Give {name}.format_param a name.")
    try:
        select_template(names)
    except TemplateDoesNotExist:
        yield ReportError(
            f"{name}: the template {' or '.join(map(repr, names))} does not exist.",
            "Create it. Those of streamreports need 'streamreports' in INSTALLED_APPS and"
            " 'APP_DIRS': True in TEMPLATES.",
        )
    for template in missing_widgets(view):
        yield ReportError(
            f"{name}: the template {template!r} of a filter does not exist.",
            f"Add {template.partition('/')[0]!r} to INSTALLED_APPS.",
        )


def missing_widgets(view: ReportView) -> Iterator[str]:
    """Yield the templates of the filters' widgets that do not exist."""
    filterset_class = view.get_filterset_class()
    if filterset_class is None:
        return
    form = filterset_class(QueryDict(), queryset=declared_queryset(view)).form
    for template in {field.widget.template_name for field in form.fields.values()}:
        try:
            form.renderer.get_template(template)
        except TemplateDoesNotExist:
            yield template
