"""The variants: several ways to make the same file."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from django.http.response import HttpResponseBase

from benchmarks import views

PEERS = {"django-import-export": "import_export", "django-queryset-csv": "djqscsv"}


@dataclass(frozen=True)
class Variant:
    """A way to make the file.

    ``is_peer``: what people use today. Some need gigabytes, so they are measured on fewer rows.
    """

    label: str
    view: Callable[..., HttpResponseBase]
    is_peer: bool = False


def missing() -> str:
    """Return how to install the packages to compare with, or "" if they are installed."""
    packages = [package for package, module in PEERS.items() if find_spec(module) is None]
    return f"{' and '.join(packages)}: pip install {' '.join(packages)}" if packages else ""


def peers() -> dict[str, Variant]:
    """Return the export views of other packages, if all of them are installed."""
    if missing():
        return {}
    from benchmarks.peers import ImportExportView, queryset_csv

    return {
        "import_export": Variant("django-import-export", ImportExportView.as_view(), is_peer=True),
        "queryset_csv": Variant("django-queryset-csv", queryset_csv, is_peer=True),
    }


VARIANTS: dict[str, Variant] = {
    "response": Variant("article: HttpResponse", views.response, is_peer=True),
    "streaming": Variant("article: StreamingHttpResponse", views.streaming),
    "iterator": Variant("hand-written iterator() view", views.iterator, is_peer=True),
    **peers(),
    "project": Variant("streamreports", views.ProjectView.as_view()),
    "project_unknown": Variant("streamreports, unknown field", views.ProjectUnknownView.as_view()),
    "project_python": Variant("streamreports, callable", views.ProjectPythonView.as_view()),
    "python_by_hand": Variant("callable, loop in batches", views.python_by_hand),
}
