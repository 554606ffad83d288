"""The parts of a workbook except its rows, as XML."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from streamreports.formats.xlsx.text import xml_text

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# The styles of cells: their positions in styles().
HEADER, DATE, DATETIME, TIME = 1, 2, 3, 4
FIRST_FORMAT = 164  # Lower ids are built-in number formats.

MAX_NAME = 31  # characters in the name of a sheet
FORBIDDEN = re.compile(r"[\[\]:*?/\\\s]+")


def sheet_name(title: str, number: int) -> str:
    """Return the name of a sheet: the title without forbidden characters; from 2, the number."""
    suffix = f" ({number})" if number > 1 else ""
    name = FORBIDDEN.sub(" ", xml_text(title)).strip(" '")
    if name.lower() in ("", "history"):  # Excel reserves "history".
        name = f"Sheet {name}"
    return name[: MAX_NAME - len(suffix)].strip(" '") + suffix


def column_name(number: int) -> str:
    """Return the letters of a column, given its number starting at 1."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def sheet_start(widths: Sequence[int]) -> str:
    """Return the start of a worksheet, up to its rows; the first row is frozen."""
    columns = (
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, start=1)
    )
    return (
        f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{''.join(columns)}</cols><sheetData>"
    )


def sheet_end(area: str) -> str:
    """Return the end of a worksheet, with filters for an area."""
    return f'</sheetData><autoFilter ref="{area.replace("$", "")}"/></worksheet>'


def styles(formats: Sequence[str]) -> str:
    """Return the styles of cells: plain, header, and one for each number format."""
    numbered = list(enumerate(formats, start=FIRST_FORMAT))
    codes = (f'<numFmt numFmtId="{n}" formatCode={quoteattr(code)}/>' for n, code in numbered)
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    cells = (
        f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n, _ in numbered
    )
    font = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'{DECLARATION}<styleSheet xmlns="{MAIN}">'
        f'<numFmts count="{len(formats)}">{"".join(codes)}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'  # Excel expects both.
        '<borders count="1"><border/></borders>'
        f'<cellStyleXfs count="1">{plain}/></cellStyleXfs>'
        f'<cellXfs count="{2 + len(formats)}">{plain} xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        f"{''.join(cells)}</cellXfs>"
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def workbook(sheets: Sequence[tuple[str, str]]) -> str:
    """Return the list of sheets, given the name and the area of each."""
    entries = (
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, (name, _) in enumerate(sheets, start=1)
    )
    filters = (  # Excel looks for the filtered areas here as well.
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{index}" hidden="1">'
        f"{escape(quoted_name(name))}!{area}</definedName>"
        for index, (name, area) in enumerate(sheets)
    )
    return (
        f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">'
        "<bookViews><workbookView/></bookViews>"
        f"<sheets>{''.join(entries)}</sheets><definedNames>{''.join(filters)}</definedNames>"
        "</workbook>"
    )


def quoted_name(name: str) -> str:
    """Return the name of a sheet, quoted for a formula."""
    return "'" + name.replace("'", "''") + "'"


def package() -> str:
    """Return the relationship to the workbook."""
    return relationships([("officeDocument", "xl/workbook.xml")])


def sheet_path(number: int) -> str:
    """Return the path of a worksheet in the archive."""
    return f"xl/worksheets/sheet{number}.xml"


def links(sheets: int) -> str:
    """Return the relationships of a workbook to its sheets and styles."""
    paths = (sheet_path(number).removeprefix("xl/") for number in range(1, sheets + 1))
    return relationships([*(("worksheet", path) for path in paths), ("styles", "styles.xml")])


def relationships(targets: Sequence[tuple[str, str]]) -> str:
    """Return the types and paths of the parts that another part refers to."""
    entries = (
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{path}"/>'
        for number, (kind, path) in enumerate(targets, start=1)
    )
    start = f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
    return f"{start}{''.join(entries)}</Relationships>"


def content_types(sheets: int) -> str:
    """Return the media type of each part."""
    kinds = {"xl/workbook.xml": "sheet.main", "xl/styles.xml": "styles"}
    kinds |= {sheet_path(number): "worksheet" for number in range(1, sheets + 1)}
    entries = (
        f'<Override PartName="/{path}" ContentType="{SPREADSHEET}.{kind}+xml"/>'
        for path, kind in kinds.items()
    )
    return (
        f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{''.join(entries)}</Types>"
    )
