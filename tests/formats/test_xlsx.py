"""Excel workbooks of reports, on every database."""

import datetime
import io
import subprocess
import sys
import zipfile
import zlib
from decimal import Decimal

import pytest
from django.db.models import Max
from django.utils import timezone

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.base import OutputColumn
from streamreports.formats.xlsx import XlsxFormat, archive, sheets
from streamreports.reports import Report
from tests.factories import MakerFactory, PartFactory, SpecimenFactory
from tests.formats.workbooks import opened, values_of, variant, written
from tests.models import Maker, Specimen

specimens = Specimen.objects.order_by("pk")

NOON = datetime.datetime(2026, 11, 20, 12, 30)


def workbook_of(*columns, queryset=specimens, format=None):
    return opened(b"".join(Report(queryset, columns).stream(format or XlsxFormat())))


# Reports


@pytest.mark.django_db
def test_fields_have_their_types():
    SpecimenFactory(
        full=True,
        char="=1+1",
        decimal=Decimal("0.125"),
        short_decimal=Decimal("12.50"),
        maker__pk=7,
    )
    columns = {
        "big": "9223372036854775807",
        "binary": "AP4=",
        "boolean": True,
        "char": "=1+1",
        "date": NOON.replace(hour=0, minute=0),
        "datetime": NOON,
        "decimal": 0.125,
        "short_decimal": 12.5,
        "duration": "1 02:03:04",
        "file": "reports/a.txt",
        "floating": 0.1,
        "integer": -7,
        "ip": "2001:db8::1",
        "json": '{"a": [1, null, "ü"]}',
        "kind": "r",
        "text": "two\nlines",
        "time": datetime.time(9, 30),
        "url": "https://example.com/?a=1",
        "uuid": "00000000-0000-0000-0000-000000000005",
        "maker": 7,
    }
    ((*values,),) = values_of(workbook_of(*columns).active)
    assert dict(zip(columns, values, strict=True)) == columns


@pytest.mark.django_db
def test_nulls_are_empty_cells():
    SpecimenFactory(maker=None, integer=None, char="x")
    sheet = workbook_of("integer", "maker__name", "date", "json", "char").active
    assert values_of(sheet) == [(None, None, None, None, "x")]


@pytest.mark.django_db
def test_column_with_a_format_is_text():
    SpecimenFactory(integer=7, date=NOON.date())
    columns = [Column("integer", format="05d"), Column("date", format="%d.%m.%Y")]
    assert values_of(workbook_of(*columns).active) == [("00007", "20.11.2026")]


@pytest.mark.django_db
def test_python_columns_have_their_types_and_lists_are_joined():
    specimen = SpecimenFactory(integer=7, kind="r")
    PartFactory.create_batch(2, specimen=specimen, name="=p")
    columns = [
        Column(lambda s: s.integer / 2, label="Half"),
        Column(lambda s: NOON, label="Noon"),
        "parts__name",
        "get_kind_display",
    ]
    assert values_of(workbook_of(*columns).active) == [(3.5, NOON, "=p, =p", "Rare kind")]


@pytest.mark.django_db
def test_aggregates_are_numbers():
    SpecimenFactory(short_decimal=Decimal("1.25"), maker=MakerFactory(name="Acme"))
    makers = Maker.objects.values("name").annotate(most=Max("specimens__short_decimal"))
    sheet = workbook_of("name", "most", queryset=makers).active
    assert values_of(sheet) == [("Acme", 1.25)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 12), ("Europe/Berlin", 13), ("America/Sao_Paulo", 9)]
)
def test_datetimes_are_in_the_current_time_zone_which_the_header_names(zone, hour):
    SpecimenFactory(full=True)
    with timezone.override(zone):
        sheet = workbook_of("datetime", "date").active
    assert [cell.value for cell in sheet[1]] == [f"Datetime ({zone})", "Date"]
    assert sheet["A2"].value == NOON.replace(hour=hour)


@pytest.mark.django_db
def test_header_is_the_label_itself():
    sheet = workbook_of(
        Column("integer", label="=1 <b>"), Column("char", label=" _x0041_\n")
    ).active
    assert [cell.value for cell in sheet[1]] == ["=1 <b>", " _x005F_x0041_\n"]


# Sheets


@pytest.mark.django_db
def test_sheet_is_named_after_the_model():
    assert workbook_of("integer").sheetnames == ["Specimens"]


@pytest.mark.django_db
def test_sheet_may_have_another_title():
    format = variant(title="Cargo: 2026/27")
    assert workbook_of("integer", format=format).sheetnames == ["Cargo 2026 27"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "Sheet"),
        ("[]:*?/\\", "Sheet"),
        ("history", "Sheet history"),
        ("'quoted'", "quoted"),
        ("A & <B> 'C'", "A & <B> 'C"),
        ("a" * 40, "a" * 31),
        ("a\0b\nc", "a\ufffdb c"),
        ("上海", "上海"),
    ],
    ids=ascii,
)
def test_name_of_a_sheet_is_one_that_excel_allows(title, name):
    assert opened(written([(1,)], format=variant(title=title))).sheetnames == [name]


def test_rows_continue_on_another_sheet_under_the_same_header():
    rows = [(number, str(number)) for number in range(7)]
    book = opened(written(rows, ["A", "B"], variant(title="b" * 31, max_rows=3)))
    assert book.sheetnames == ["b" * 31, "b" * 27 + " (2)", "b" * 27 + " (3)"]
    for sheet, part in zip(book, (rows[:3], rows[3:6], rows[6:]), strict=True):
        assert [cell.value for cell in sheet[1]] == ["A", "B"]
        assert values_of(sheet) == part
        assert sheet.auto_filter.ref == f"A1:B{len(part) + 1}"


def test_rows_continue_on_another_sheet_before_the_xml_is_too_large(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_SIZE", 1)
    book = opened(written([(1,), (2,), (3,)]))
    assert [values_of(sheet) for sheet in book] == [[(1,), (2,)], [(3,)]]


def test_full_sheet_is_not_followed_by_an_empty_one():
    assert len(opened(written([(1,)] * 4, format=variant(max_rows=2))).sheetnames) == 2


def test_report_without_rows_has_a_header():
    (sheet,) = opened(written([], ["A", "B"]))
    assert [cell.value for cell in sheet[1]] == ["A", "B"]
    assert sheet.auto_filter.ref == "A1:B1"


def test_header_is_bold_and_frozen_and_has_filters():
    (sheet,) = opened(written([(1, 2), (3, 4)]))
    assert [cell.font.bold for cell in sheet[1]] == [True, True]
    assert [cell.font.bold for cell in sheet[2]] == [False, False]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_columns_are_as_wide_as_their_first_values():
    rows = [("a" * 20, "a" * 90, 1, NOON, "one\n" + "line" * 5)]
    (sheet,) = opened(written(rows, ["A", "B", "a longer label", "D", "E"]))
    assert [sheet.column_dimensions[name].width for name in "ABCDE"] == [23, 60, 17, 22, 23]


@pytest.mark.parametrize(
    ("attributes", "number_format"),
    [
        ({"datetime_format": 'dd.mm.yyyy "<&>"'}, 'dd.mm.yyyy "<&>"'),
        ({"datetime_format": "d/m/yy h:mm AM/PM"}, "d/m/yy h:mm AM/PM"),
    ],
    ids=str,
)
def test_number_formats_can_be_changed(attributes, number_format):
    (sheet,) = opened(written([(NOON,)], format=variant(**attributes)))
    assert sheet["A2"].number_format == number_format


def test_more_columns_than_a_sheet_has_are_refused():
    with pytest.raises(ReportError) as caught:
        written([], ["A"] * 16_385)
    assert caught.value.problem == "The report has 16385 columns; a sheet has at most 16384."
    assert opened(written([], ["A"] * 16_384)).active.auto_filter.ref == "A1:XFD1"


@pytest.mark.parametrize(
    ("attributes", "problem", "hint"),
    [
        ({"max_rows": 0}, "Variant.max_rows is 0.", "Use an integer from 1 to 1048575."),
        (
            {"max_rows": 1_048_576},
            "Variant.max_rows is 1048576.",
            "Use an integer from 1 to 1048575.",
        ),
        (
            {"date_format": ""},
            "Variant.date_format is ''.",
            "Use a number format of Excel, such as 'yyyy-mm-dd'.",
        ),
    ],
    ids=str,
)
def test_attributes_are_validated(attributes, problem, hint):
    with pytest.raises(ReportError) as caught:
        variant(**attributes).validate()
    assert (caught.value.problem, caught.value.hint) == (problem, hint)


# The file


def test_file_is_an_archive_that_is_the_same_each_time():
    data = written([(1, "a")])
    assert data == written([(1, "a")])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        assert file.namelist() == [
            "_rels/.rels",
            "xl/styles.xml",
            "xl/worksheets/sheet1.xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "[Content_Types].xml",
        ]


def test_file_is_compressed_without_isal(monkeypatch):
    monkeypatch.setattr(archive, "compressobj", zlib.compressobj)
    monkeypatch.setattr(archive, "crc32", zlib.crc32)
    rows = [(number, "text") for number in range(1000)]
    data = written(rows)
    assert values_of(opened(data).active) == rows
    assert len(data) < 15_000


def test_archive_of_more_than_4_gib_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_SIZE", 1000)
    with pytest.raises(ReportError) as caught:
        written([(1,)])
    assert caught.value.hint == "Select fewer rows, or use CSV."


@pytest.mark.parametrize("missing", [1, 22, 100])
def test_truncated_file_is_no_archive(missing):
    data = written([(1, "a")])[:-missing]
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(data))


def test_file_has_no_end_if_reading_fails():
    def batches():
        yield [(1,)]
        raise RuntimeError

    pieces = []
    with pytest.raises(RuntimeError):
        pieces.extend(XlsxFormat().encode([OutputColumn("a", "A")], batches()))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


@pytest.mark.django_db
def test_first_block_is_sent_with_the_first_rows():
    Specimen.objects.bulk_create([Specimen(integer=number) for number in range(3000)])
    stream = Report(specimens, ["integer"]).stream(XlsxFormat())
    assert next(stream).startswith(b"PK\3\4")
    assert stream.rows == 100
    stream.close()


def test_rows_that_are_slow_do_not_wait_in_the_compressor(monkeypatch):
    monkeypatch.setattr(archive, "FLUSH_SECONDS", 0)
    rows = iter([[("first",)], [("second",)]])
    pieces = XlsxFormat().encode([OutputColumn("", "A")], rows)
    sheet = b""
    for piece in pieces:
        sheet = piece if b"sheet1.xml" in piece else sheet + piece
        if rows.__length_hint__() == 1 and b"first" in inflated(sheet):
            break
    else:
        pytest.fail("The first row was not written before the second was read.")


def inflated(data):
    """Return the beginning of a file in an archive, decompressed."""
    _, _, compressed = data.partition(b"sheet1.xml")
    return zlib.decompressobj(wbits=-15).decompress(compressed)


def test_memory_does_not_grow_with_the_rows():
    """In a process of its own, whose peak counts what C code allocates as well."""
    result = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    few, many = map(int, result.stdout.split())
    assert many - few < 10_000  # kB


MEMORY = """
import datetime, decimal, resource
from django.conf import settings
settings.configure(USE_TZ=False)
from streamreports.formats.base import OutputColumn
from streamreports.formats.xlsx import XlsxFormat

for batches in (20, 600):
    values = ("text & more", datetime.datetime(2026, 11, 20), decimal.Decimal("1.5"), None)
    rows = ([(n, *values) for n in range(500)] for _ in range(batches))
    for piece in XlsxFormat().encode([OutputColumn("", "A")] * 5, rows):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
