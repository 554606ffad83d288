"""Programs that read files: each returns how many rows it finds, None if it reports an error."""

import csv
import json
import zipfile

import duckdb
import jq
import openpyxl
import pandas
import pyarrow
import pyarrow.parquet

from tests.readers.programs import converted, run


def read_with_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        try:
            return len(list(csv.reader(file, delimiter=delimiter(path), strict=True))) - 1
        except csv.Error:
            return None


def read_with_json(path):
    try:
        if path.suffix == ".json":
            return len(json.loads(path.read_bytes()))
        return len([json.loads(line) for line in path.read_bytes().splitlines()])
    except ValueError:
        return None


def read_with_jq(path):
    program = ".[]" if path.suffix == ".json" else "."
    try:
        return len(jq.compile(program).input_text(path.read_text()).all())
    except ValueError:
        return None


def read_with_pandas(path):
    try:
        if path.suffix in (".json", ".jsonl"):
            return len(pandas.read_json(path, lines=path.suffix == ".jsonl"))
        if path.suffix == ".parquet":
            return len(pandas.read_parquet(path))
        return len(pandas.read_csv(path, delimiter=delimiter(path)))
    except (EOFError, ValueError):
        return None


def read_with_duckdb(path):
    try:
        return len(duckdb.sql(f"FROM '{path}'").fetchall())
    except duckdb.Error:
        return None


def read_with_pyarrow(path):
    try:
        return pyarrow.parquet.read_table(path).num_rows
    except pyarrow.ArrowInvalid:
        return None


def read_with_openpyxl(path):
    try:
        return openpyxl.load_workbook(path).active.max_row - 1
    except zipfile.BadZipFile:
        return None


def open_in_libreoffice(path):
    for file in converted(path, "csv"):
        return file.read_bytes().count(b"\n") - 1
    return None


def delimiter(path):
    return "\t" if path.suffix == ".tsv" else ","


# Those that check a file do not count: they find nothing, or an error.


def check_with_gzip(path):
    return run("gzip", "-t", path)[0] == 0


def check_with_unzip(path):
    return run("unzip", "-t", path)[0] == 0


def has_line_end(path):
    return run("sh", "-c", 'test "$(tail -c 1 "$0" | od -An -tx1)" = " 0a"', path)[0] == 0
