"""The variants: several ways to make the same file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from benchmarks import formats, views

# The modules that each package needs, separated by a space.
CHARTED_PEERS = {"django-import-export": "import_export", "django-queryset-csv": "djqscsv six"}
PEERS = {
    **CHARTED_PEERS,
    "django-tables2[tablib]": "django_tables2 tablib",
    "djangorestframework-csv": "rest_framework rest_framework_csv",
}
FORMAT_PEERS = {"openpyxl": "openpyxl", "pyarrow": "pyarrow"}
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Variant:
    """A way to make the file.

    ``is_peer``: what people use today. Some need gigabytes, so they are measured on fewer rows.
    ``header_lines``: lines above those of the rows; None if the file has no lines.
    ``shipments``: the same way to make a file with a column of a related object.
    """

    label: str
    view: View
    is_peer: bool = False
    header_lines: int | None = 1
    shipments: View | None = None


def missing(peers: Mapping[str, str]) -> str:
    """Return how to install the packages to compare with, or "" if they are installed."""
    packages = [
        package
        for package, modules in peers.items()
        if not all(find_spec(module) for module in modules.split())
    ]
    return f"{' and '.join(packages)}: pip install {' '.join(packages)}" if packages else ""


def peer(label: str, module: str, suffix: str = "") -> Variant:
    """Return the variant of a module of ``benchmarks.peers``, imported by its first request."""

    def load(name: str) -> View:
        def view(request: HttpRequest) -> HttpResponseBase:
            found: View = import_string(f"benchmarks.peers.{module}.{name}{suffix}")
            return found(request)

        return view

    return Variant(label, load("cargoes"), is_peer=True, shipments=load("shipments"))


def peers(packages: Mapping[str, str]) -> dict[str, Variant]:
    """Return the export views of those packages that are installed."""
    drf = "djangorestframework-csv"
    found = {
        "import_export": ("django-import-export", peer("django-import-export", "import_export")),
        "queryset_csv": ("django-queryset-csv", peer("django-queryset-csv", "queryset_csv")),
        "tables2": ("django-tables2[tablib]", peer("django-tables2", "tables2")),
        "rest": (drf, peer(drf, "rest")),
        "rest_streamed": (drf, peer(f"{drf}, streaming renderer", "rest", "_streamed")),
    }
    return {
        name: variant
        for name, (package, variant) in found.items()
        if package in packages and not missing({package: packages[package]})
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
    **peers(CHARTED_PEERS),
    "project": Variant(
        "streamreports", views.ProjectView.as_view(), shipments=views.ProjectShipmentView.as_view()
    ),
    "project_unknown": Variant("streamreports, unknown field", views.ProjectUnknownView.as_view()),
    "project_python": Variant("streamreports, callable", views.ProjectPythonView.as_view()),
    "python_by_hand": Variant("callable, loop in batches", views.python_by_hand),
}
COMPARED: dict[str, Variant] = {
    "project": CSV["project"],
    "iterator": replace(CSV["iterator"], shipments=views.shipments),
    "values_list": Variant(
        "hand-written values_list() view, in batches",
        views.values_list,
        is_peer=True,
        shipments=views.shipment_values,
    ),
    **peers(PEERS),
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
VARIANTS = {**CSV, **FORMATS, **COMPARED}
