"""The programs that read files."""

import csv
import subprocess
from xml.etree import ElementTree

# Commas, double quotes, UTF-8, from line 1; cells as shown, results of formulas, every sheet.
CSV_FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def run(*arguments):
    """Return the exit status of a program, and what it says."""
    result = subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    return result.returncode, result.stdout + result.stderr


def converted(path, target, *more):
    """Return the files that LibreOffice converts a file to; none if it cannot load it.

    ``more``: further options.
    """
    profile = path.parent / "profile"
    folder = path.parent / "converted"
    options = [f"-env:UserInstallation={profile.as_uri()}", "--headless", *more]
    status, said = run("soffice", *options, "--convert-to", target, "--outdir", folder, path)
    if "source file could not be loaded" in said:
        return []
    assert status == 0, said
    return sorted(folder.iterdir())


def shown_sheets(path, *options):
    """Return the sheets of a file as LibreOffice shows them: lists of rows, by name."""
    sheets = {}
    for file in converted(path, CSV_FILTER, *options):
        with file.open(newline="", encoding="utf-8") as lines:
            sheets[file.stem.removeprefix(f"{path.stem}-")] = list(csv.reader(lines))
    return sheets


def cell_types(path):
    """Return the type of each cell in the first column, as LibreOffice has read it."""
    (file,) = converted(path, "fods")
    rows = ElementTree.parse(file).iter(f"{TABLE}table-row")
    return [row.find(f"{TABLE}table-cell").get(VALUE_TYPE) for row in rows]
