"""The demo's own source code, highlighted by Pygments with the colours of code.css."""

import inspect
from functools import cache
from pathlib import Path
from typing import Any

from django.http import Http404
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

FOLDER = Path(__file__).parent


def source_of(view: type[Any]) -> SafeString:
    """Return the source of a view class as HTML."""
    return highlighted(inspect.getsource(view))


@cache
def highlighted(code: str) -> SafeString:
    """Return Python code as HTML: Pygments escapes it, and marks its words by classes."""
    return SafeString(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip())


class SourceView(TemplateView):
    """Show a module of this folder."""

    template_name = "cargo/source.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the code of the module; the URLconf admits no slashes and dots in its name."""
        path = FOLDER / f"{kwargs['module']}.py"
        if path not in FOLDER.glob("*.py"):
            raise Http404(_("There is no such module."))
        return super().get_context_data(
            title=path.name, code=highlighted(path.read_text(encoding="utf-8")), **kwargs
        )
