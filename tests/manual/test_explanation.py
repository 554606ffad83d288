"""The pages that explain: their examples print what they show, and their tables are true."""

import doctest
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Count, F
from django.db.models.functions import TruncMonth
from django.utils import timezone

from benchmarks.report import peers_table
from demo_project.cargo.factories import CargoFactory, CarrierFactory, PortFactory, TagFactory
from demo_project.cargo.models import Cargo
from streamreports.backends import registry
from streamreports.backends.mysql.features import MysqlFeatures
from streamreports.backends.mysql.operations import MysqlOperations
from streamreports.backends.postgresql.features import PostgresqlFeatures
from streamreports.backends.postgresql.operations import PostgresqlOperations
from streamreports.columns import Column
from streamreports.conf import Settings
from streamreports.formats.parquet import ParquetFormat
from streamreports.parameters import MAX_ECHOED
from streamreports.reading import monitor, planner, rows
from streamreports.reports import Report
from streamreports.streaming import cancellation
from streamreports.values import TextOptions
from streamreports.views import StreamingReportView
from streamreports.writing import base, batches
from tests.models import Specimen

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted([*DOCS.glob("explanation/*.md"), DOCS / "benchmarks.md", DOCS / "comparison.md"])
BLOCK = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.M | re.S)
CHARTS = ["postgresql", "sqlite", "mysql"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="The pages show what the demo on SQLite prints."
    ),
]


def blocks_of(page):
    """Return the language, the line and the text of each block of Python."""
    text = page.read_text()
    return [
        (match[1], text[: match.start(2)].count("\n"), match[2]) for match in BLOCK.finditer(text)
    ]


def table_after(page, heading):
    """Return the rows of the first table below a heading, without its header."""
    text = page.read_text().split(f"# {heading}\n", 1)[1]
    lines = re.search(r"(^\|.*\n)+", text, re.M)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.fixture
def cargoes():
    """Two cargoes; the second has a formula, and neither a carrier nor a date."""
    hamburg = PortFactory(port=("DEHAM", "Hamburg", "Germany"))
    santos = PortFactory(port=("BRSSZ", "Santos", "Brazil"))
    tea = CargoFactory(
        pk=1,
        commodity="Tea",
        weight="1200.5",
        price="4.25",
        status=Cargo.Status.HELD,
        picked_up_at=datetime(2026, 3, 14, 9, 30, tzinfo=UTC),
        origin=santos,
        destination=hamburg,
        carrier=CarrierFactory(name="Nordstern, Reederei"),
    )
    tea.tags.set([TagFactory(name="insured"), TagFactory(name="fragile")])
    CargoFactory(
        pk=2,
        commodity="=1+1 Widgets",
        weight="80",
        price="19.9",
        status=Cargo.Status.BOOKED,
        picked_up_at=None,
        origin=hamburg,
        destination=santos,
        carrier=None,
    )


@pytest.mark.parametrize("page", [each for each in PAGES if blocks_of(each)], ids=lambda p: p.stem)
def test_examples_print_what_the_page_shows(page, cargoes, settings):
    settings.STREAMREPORTS = {}
    namespace, problems = {"__name__": page.stem}, []
    runner = doctest.DocTestRunner(verbose=False)
    for language, line, text in blocks_of(page):
        if language == "python":
            exec(compile("\n" * line + text, str(page), "exec"), namespace)
            continue
        test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), line)
        assert test.examples, f"{page.name}, line {line}: a session without a prompt"
        test.globs = namespace
        runner.run(test, out=problems.append, clear_globs=False)
    assert not problems, "".join(problems)


# Who prints a column


class Connection:
    """What the planning of a vendor asks of its connection, as none is needed."""

    timezone, timezone_name, in_atomic_block = UTC, "UTC", False

    def __init__(self, vendor):
        self.display_name = vendor
        self.ops = connection.ops
        self.features = self
        self.has_native_uuid_field = vendor != "MySQL"


class OfflinePostgresqlFeatures(PostgresqlFeatures):
    can_copy_csv = has_default_output_settings = True


def backend_of(features, operations, name):
    backend = registry.Backend(Connection(name))
    backend.features, backend.operations = features(None), operations(backend.connection)
    return backend


VENDORS = {
    "PostgreSQL": (OfflinePostgresqlFeatures, PostgresqlOperations),
    "SQLite": None,
    "MariaDB": (MysqlFeatures, MysqlOperations),
    "MySQL": (MysqlFeatures, MysqlOperations),
}
BERLIN = ZoneInfo("Europe/Berlin")
# By what the page calls a column: the column, and the time zone in which it is printed.
COLUMNS = {
    "integer, key": (Specimen, "integer", UTC),
    "text, email, URL, slug, file": (Specimen, "text", UTC),
    "boolean": (Specimen, "boolean", UTC),
    "date, time": (Specimen, "time", UTC),
    "datetime, in UTC": (Specimen, "datetime", UTC),
    "datetime, in another time zone": (Specimen, "datetime", BERLIN),
    "decimal of at most 15 digits": (Specimen, "short_decimal", UTC),
    "decimal of more digits": (Specimen, "decimal", UTC),
    "float": (Specimen, "floating", UTC),
    "duration": (Specimen, "duration", UTC),
    "UUID": (Specimen, "uuid", UTC),
    "IP address": (Specimen, "ip", UTC),
    "JSON, bytes": (Specimen, "json", UTC),
    "label of a choice": (Specimen, "get_kind_display", UTC),
    "to-many path": (Specimen, "parts__name", UTC),
    "`Count()`": (Specimen, Column(Count("parts"), label="Parts"), UTC),
    "`TruncMonth()`, in UTC": (Specimen, Column(TruncMonth("datetime"), label="Month"), UTC),
    "sum or product of integers": (Specimen, Column(F("integer") * F("big"), label="Big"), UTC),
    "product of decimals": (
        Specimen,
        Column(F("short_decimal") * F("short_decimal"), label="Square"),
        UTC,
    ),
    '`format="%d/%m/%Y"`, in UTC': (Specimen, Column("datetime", format="%d/%m/%Y"), UTC),
    '`format=".2f"` of a decimal with two places': (
        Specimen,
        Column("short_decimal", format=".2f"),
        UTC,
    ),
    "any other `format`": (Specimen, Column("short_decimal", format=",.2f"), UTC),
    "property, method, callable, `batch=`": (Specimen, Column(str, label="Text"), UTC),
}


def printer_of(vendor, model, column, monkeypatch):
    """Return who prints a column on a vendor."""
    (bound,) = Report(model.objects.all(), [column]).columns
    with monkeypatch.context() as patch:
        if VENDORS[vendor]:
            backend = backend_of(*VENDORS[vendor], vendor)
            patch.setattr(planner, "get_backend", lambda connection: backend)
        plan = planner.Planner(model.objects.all(), TextOptions()).of(bound)
    return "Python" if plan.expression is None else "database"


@pytest.mark.parametrize("row", table_after(DOCS / "explanation/values.md", "Who prints what"))
def test_the_table_says_who_prints_a_column(row, monkeypatch):
    name, *printers = row
    model, column, zone = COLUMNS[name]
    with timezone.override(zone):
        found = [printer_of(vendor, model, column, monkeypatch) for vendor in VENDORS]
    maria, mysql = found[2:]
    found[2:] = [maria if maria == mysql else f"{maria}; MySQL: {mysql}"]
    assert printers == found


def test_the_table_names_every_column_that_is_tried():
    listed = [row[0] for row in table_after(DOCS / "explanation/values.md", "Who prints what")]
    assert listed == list(COLUMNS)


# Numbers in the text

KB = 1024
NUMBERS = {
    "how-a-row-travels": [
        f"The first batch has at most {rows.FIRST_ROWS} rows",
        f"as many rows as fit into about {batches.BATCH_SIZE // KB} KiB of text",
        f"`chunk_size` ({StreamingReportView.chunk_size:,} by default)",
        f"For the first {monitor.MONITORED_ROWS} rows",
        f"about {base.BLOCK_SIZE // KB} KiB, or {base.ASYNC_BLOCK_SIZE // KB} KiB under",
        f"`buffered_up_to` ({StreamingReportView.buffered_up_to // KB} KiB)",
    ],
    "memory": [
        f"`chunk_size` ({StreamingReportView.chunk_size:,}) on PostgreSQL, {rows.FIRST_ROWS} on",
        f"| {rows.CACHED_INSTANCES}; `chunk_size`",
        f"a block: {base.BLOCK_SIZE // KB} KiB, or {base.ASYNC_BLOCK_SIZE // KB} KiB under",
        f"`buffered_up_to`: {StreamingReportView.buffered_up_to // KB} KiB",
        f"`max_bytes`: {ParquetFormat.max_bytes / KB / KB:g} MiB",
    ],
    "connections": [
        f"`slot_timeout` seconds ({StreamingReportView.slot_timeout})",
        f"every {cancellation.RETRY_SECONDS} s",
    ],
    "background-exports": [
        f"`EXPORT_LEASE` seconds ({Settings.export_lease})",
        f"`EXPORT_ATTEMPTS` attempts ({Settings.export_attempts})",
    ],
    "parameters": [f"at most {MAX_ECHOED} characters"],
}


@pytest.mark.parametrize("page", NUMBERS)
def test_numbers_in_the_text_are_those_of_the_code(page):
    text = " ".join((DOCS / f"explanation/{page}.md").read_text().split())
    assert [number for number in NUMBERS[page] if number not in text] == []


# Figures


def chart_of(database):
    """Return the label and the figure of each bar of a chart."""
    svg = (DOCS / f"benchmark-{database}.svg").read_text()
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)[1:]
    return list(zip(texts[::2], texts[1::2], strict=True))


def test_the_page_of_benchmarks_has_the_figures_of_the_charts():
    bars = zip(*map(chart_of, CHARTS), strict=True)
    expected = [[bar[0][0], *[figure for _, figure in bar]] for bar in bars]
    expected[-1][0] = "the database's own client"
    assert table_after(DOCS / "benchmarks.md", "The charts in figures") == expected


@pytest.mark.parametrize("number", range(3), ids=CHARTS)
def test_the_ratios_are_those_of_the_charts(number):
    text = (DOCS / "benchmarks.md").read_text()
    seconds = {
        label: float(figure.partition(" s")[0]) for label, figure in chart_of(CHARTS[number])
    }
    *_, client = seconds
    ratios = {
        "times as fast as the streaming": ("article: StreamingHttpResponse", "streamreports"),
        "of the speed of the database's": (client, "streamreports"),
        "one callable, against": ("callable, loop in batches", "streamreports, callable"),
        "one field that only Python": ("streamreports", "streamreports, unknown field"),
    }
    for label, (slow, fast) in ratios.items():
        row = re.search(rf"^\| {label}.*\|$", text, re.M)[0].strip("|").split("|")
        assert float(row[number + 1]) == float(f"{seconds[slow] / seconds[fast]:.2g}"), label


def test_the_comparison_has_the_figures_of_the_charts():
    bars = dict(chart_of("postgresql"))
    rows = table_after(DOCS / "comparison.md", "Measured")
    assert len(rows) == 6
    assert [", ".join(figure) for _, *figure in rows] == [bars[label] for label, *_ in rows]


@pytest.mark.parametrize("database", ["PostgreSQL", "SQLite"])
def test_the_comparison_has_the_tables_that_the_benchmark_prints(database):
    text = (DOCS / "comparison.md").read_text().split(f"### {database}\n", 1)[1]
    assert text.strip().splitlines()[:2] == peers_table([]).splitlines()


@pytest.mark.parametrize("database", ["PostgreSQL", "SQLite"])
def test_the_comparison_measures_each_package_that_it_names(database):
    page = DOCS / "comparison.md"
    packages = {re.findall(r"\[([\w-]+)\]", row[0])[0] for row in table_after(page, "Comparison")}
    labels = {row[0] for row in table_after(page, database)}
    assert len(packages) == 4
    assert packages - labels == set()


@pytest.mark.parametrize("database", ["PostgreSQL", "SQLite"])
def test_the_comparison_divides_by_the_seconds_of_streamreports(database):
    (label, *first), *others = table_after(DOCS / "comparison.md", database)
    seconds = float(first[0].removesuffix(" s"))
    assert (label, first[1]) == ("streamreports", "1.0")
    for other, total, ratio, *_ in others:
        # Both are rounded: the seconds of streamreports to two digits, the ratio to one.
        bounds = [float(total.removesuffix(" s")) / (seconds + error) for error in (0.006, -0.006)]
        assert bounds[0] - 0.1 <= float(ratio) <= bounds[1] + 0.1, other
