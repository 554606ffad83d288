"""The variants: several ways to make the same file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from django.http.response import HttpResponseBase

from benchmarks import formats, views

PEERS = {"django-import-export": "import_export", "django-queryset-csv": "djqscsv"}
FORMAT_PEERS = {"openpyxl": "openpyxl", "pyarrow": "pyarrow"}


@dataclass(frozen=True)
class Variant:
    """A way to make the file.

    ``is_peer``: what people use today. Some need gigabytes, so they are measured on fewer rows.
    ``header_lines``: lines above those of the rows; None if the file has no lines.
    """

    label: str
    view: Callable[..., HttpResponseBase]
    is_peer: bool = False
    header_lines: int | None = 1


def missing(peers: Mapping[str, str] = PEERS) -> str:
    """Return how to install the packages to compare with, or "" if they are installed."""
    packages = [package for package, module in peers.items() if find_spec(module) is None]
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


def format_peers() -> dict[str, Variant]:
    """Return the views that write other formats with packages, if these are installed."""
    if missing(FORMAT_PEERS):
        return {}
    openpyxl, loop = formats.openpyxl_write_only, formats.pyarrow_loop
    parquet = formats.ProjectParquetView.as_view()
    return {
        "openpyxl": Variant("openpyxl, write-only", openpyxl, is_peer=True, header_lines=None),
        "project_parquet": Variant("streamreports, Parquet", parquet, header_lines=None),
        "pyarrow_loop": Variant("pyarrow over iterator()", loop, header_lines=None),
    }


CSV: dict[str, Variant] = {
    "response": Variant("article: HttpResponse", views.response, is_peer=True),
    "streaming": Variant("article: StreamingHttpResponse", views.streaming),
    "iterator": Variant("hand-written iterator() view", views.iterator, is_peer=True),
    **peers(),
    "project": Variant("streamreports", views.ProjectView.as_view()),
    "project_unknown": Variant("streamreports, unknown field", views.ProjectUnknownView.as_view()),
    "project_python": Variant("streamreports, callable", views.ProjectPythonView.as_view()),
    "python_by_hand": Variant("callable, loop in batches", views.python_by_hand),
}
FORMATS: dict[str, Variant] = {
    "project": CSV["project"],
    "project_gzip": Variant(
        "streamreports, csv.gz", formats.ProjectGzipView.as_view(), header_lines=None
    ),
    "project_json_lines": Variant(
        "streamreports, JSON Lines", formats.ProjectJsonLinesView.as_view(), header_lines=0
    ),
    "json_loop": Variant("json.dumps() over iterator()", formats.json_loop, header_lines=0),
    "project_xlsx": Variant(
        "streamreports, XLSX", formats.ProjectXlsxView.as_view(), header_lines=None
    ),
    "project_html": Variant(
        "streamreports, HTML", formats.ProjectHtmlView.as_view(), header_lines=None
    ),
    **format_peers(),
}
VARIANTS = {**CSV, **FORMATS}
