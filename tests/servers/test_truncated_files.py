"""Which programs notice that a file is truncated, by the place where it ends."""

import pytest

from tests.servers import counting, truncated
from tests.servers.client import CUT, WHOLE, get

LINES = {
    "csv": counting.read_with_csv,
    "pandas": counting.read_with_pandas,
    "DuckDB": counting.read_with_duckdb,
    "LibreOffice": counting.open_in_libreoffice,
    "`tail -c 1`": counting.has_line_end,
}
JSON = {
    "json": counting.read_with_json,
    "jq": counting.read_with_jq,
    "pandas": counting.read_with_pandas,
    "DuckDB": counting.read_with_duckdb,
    "`tail -c 1`": counting.has_line_end,
}
GZIP = {
    "`gzip -t`": counting.check_with_gzip,
    "pandas": counting.read_with_pandas,
    "DuckDB": counting.read_with_duckdb,
}
WORKBOOK = {
    "`unzip -t`": counting.check_with_unzip,
    "openpyxl": counting.read_with_openpyxl,
    "LibreOffice": counting.open_in_libreoffice,
}
PARQUET = {
    "pyarrow": counting.read_with_pyarrow,
    "pandas": counting.read_with_pandas,
    "DuckDB": counting.read_with_duckdb,
}
PROGRAMS = {
    "csv": LINES,
    "tsv": LINES,
    "csv.gz": GZIP,
    "jsonl": JSON,
    "json": JSON,
    "xlsx": WORKBOOK,
    "parquet": PARQUET,
}
each_program = pytest.mark.parametrize(
    ("format", "program"), [(name, each) for name in PROGRAMS for each in PROGRAMS[name]]
)


@pytest.fixture(scope="module")
def files(site):
    """Return the complete file of each format, and what is received if the report fails."""
    found = {}
    for format in [*PROGRAMS, "html"]:
        complete = get(site.port, truncated.path_of(format, truncated.COMPLETE))
        failed = get(site.port, truncated.path_of(format, truncated.FAILING))
        assert (complete.ending, failed.ending) == (WHOLE, CUT)
        found[format] = complete.body, failed.body
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder that all files share, as LibreOffice starts faster the second time."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture
def rows_in(folder):
    """Return the function that has a program count the rows of a file."""

    def count(program, format, content):
        path = folder / f"report.{format}"
        path.write_bytes(content)
        return PROGRAMS[format][program](path)

    return count


@each_program
def test_program_reads_a_complete_file(format, program, files, rows_in):
    complete, _ = files[format]
    assert rows_in(program, format, complete) in (True, truncated.ROWS)


@pytest.mark.parametrize("place", truncated.PLACES)
@each_program
def test_program_reads_a_truncated_file(format, program, place, files, rows_in):
    content = content_of(files, format, place)
    if content is None:
        words = truncated.NO_SUCH_PLACE
    else:
        words = impression(rows_in(program, format, content))
    truncated.FILES.seen((format, program), place, words)


@pytest.fixture
def shows_row_count(page, folder):
    """Return the function that opens a page and tells whether it ends with its number of rows."""

    def shows(content):
        path = folder / "report.html"
        path.write_bytes(content)
        page.goto(path.as_uri())
        return page.get_by_text("6,000 rows, complete").count() == 1

    return shows


def test_chromium_shows_that_a_page_is_complete(files, shows_row_count):
    complete, _ = files["html"]
    assert shows_row_count(complete)


@pytest.mark.parametrize("place", truncated.PLACES)
def test_chromium_shows_a_truncated_page(place, files, shows_row_count):
    content = content_of(files, "html", place)
    if content is None:
        words = truncated.NO_SUCH_PLACE
    else:
        words = truncated.ALL_ROWS if shows_row_count(content) else truncated.NO_ROW_COUNT
    truncated.FILES.seen(("html", "Chromium"), place, words)


def content_of(files, format, place):
    """Return a truncated file; None if the format has no such place."""
    complete, failed = files[format]
    return failed if place == truncated.FAILED else truncated.cut(complete, format, place)


def impression(rows):
    """Return what a program makes of a file: whether it checks it, or how many rows it finds."""
    if rows is None or rows is False:
        return truncated.DETECTED
    return truncated.ALL_ROWS if rows == truncated.ROWS else truncated.NOT_DETECTED
