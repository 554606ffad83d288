import datetime
import re

import pytest
from django.db import connection
from django.db.models import (
    Count,
)
from django.utils import translation
from django.utils.functional import Promise
from hypothesis import given

from streamreports.columns import Column
from streamreports.escaping import escape_formula
from streamreports.exceptions import ColumnError, ReportError
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import (
    SpecimenFactory,
)
from tests.models import Drawer
from tests.reports.support import specimens, values_of
from tests.strategies import hostile_text

pytestmark = pytest.mark.django_db


# The report


def test_header_is_the_labels():
    report = Report(specimens, ["id", "maker__name", Column("char", label="A label")])
    assert report.header == ["ID", "Maker name", "A label"]


@pytest.mark.parametrize(
    ("label", "header"), [("=1", "'=1"), ("a\0\ud800", "a\ufffd\ufffd"), ("'+1", "''+1"), ("", "")]
)
def test_header_is_made_safe_like_any_text(label, header):
    assert Report(specimens, [Column("id", label=label)]).header == [header]


@given(hostile_text)
def test_header_is_defused_like_any_text(label):
    assert Report(specimens, [Column("id", label=label)]).header == [escape_formula(label)]


def test_header_follows_the_switch_of_its_column():
    assert Report(specimens, [Column("id", label="=1", escape_formulas=False)]).header == ["=1"]


def test_header_follows_the_options_of_the_format():
    class Format(CsvFormat):
        escape_formulas = False
        decimal_separator = ","

    columns = [Column("id", label="=1.5"), Column("char", label="=2", escape_formulas=True)]
    file = b"".join(Report(specimens, columns).stream(Format()))
    assert file == b"=1.5,'=2\r\n"


def test_header_is_not_formatted_like_the_values():
    assert Report(specimens, [Column("id", label="ID", format=">9")]).header == ["ID"]


def test_labels_are_in_the_language_in_which_the_report_was_made():
    with translation.override("de"):
        report = Report(Drawer.objects.all(), ["described"])
    assert report.header == ["E-Mail-Adresse"]
    assert not isinstance(report.header[0], Promise)


def test_rows_follow_the_style():
    SpecimenFactory(char="=1", floating=1.5)
    style = TextOptions(escape_formulas=False, decimal_separator=",")
    assert list(Report(specimens, ["char", "floating"]).rows(style)) == [("=1", "1,5")]


def test_rows_can_be_read_again():
    report = Report(specimens, ["char", "parts__name", "maker__shout"])
    assert list(report.rows()) == []
    SpecimenFactory(char="a", maker=None)
    assert list(report.rows()) == [("a", "", "")]


def test_report_of_a_queryset_that_was_evaluated_reads_the_database():
    queryset = specimens.all()
    assert list(queryset) == []
    SpecimenFactory(char="a")
    assert values_of(queryset, "char") == ["a"]
    assert values_of(queryset, "__str__") != []


def test_making_a_report_runs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        columns = ["char", "parts__name", "maker__shout", Column(Count("parts"))]
        report = Report(specimens, columns)
        assert report.header
        assert report.explain()


def test_report_of_no_columns_is_told():
    with pytest.raises(
        ColumnError, match=r"^A report has no columns\. List the columns to export\.$"
    ):
        Report(specimens, [])


@pytest.mark.parametrize("chunk_size", [0, -1, "10", None])
def test_invalid_chunk_size_is_refused(chunk_size):
    message = f"chunk_size is {chunk_size!r}. Use an integer of at least 1."
    with pytest.raises(ReportError, match=f"^{re.escape(message)}$"):
        Report(specimens, ["id"], chunk_size=chunk_size)


# Explaining


def test_explanation_of_a_report_of_text_rows():
    report = Report(specimens, ["id", "maker__name", "floating"])
    assert str(report.explain()) == (
        "Reads text rows: no column needs the model instance.\n"
        "  ID          printed by the database\n"
        "  Maker name  printed by the database\n"
        f"  Floating    printed in Python: {connection.display_name} prints FloatField differently"
    )


def test_explanation_of_a_report_that_the_database_prints():
    report = Report(specimens, ["id", "maker__name"])
    assert str(report.explain()).splitlines()[0] == (
        "Reads text rows: the database prints every column."
    )


def test_explanation_of_a_report_of_instances():
    report = Report(specimens, ["id", "__str__", Column(str, label="Text")])
    first, *ways = str(report.explain()).splitlines()
    assert first.startswith("Reads model instances: needed by ")
    assert first.endswith(", Text.")
    assert ways[-1] == "  Text  needs the instance: a property, method or callable"


def test_explanation_can_be_read_by_a_program():
    explanation = Report(specimens, ["id", "maker__shout"]).explain()
    assert explanation.reader == "model instances"
    assert explanation.reason == "needed by Maker shout"
    assert explanation.columns == [
        ("ID", "printed in Python: the instance has it already"),
        ("Maker shout", "needs the instance: a property, method or callable"),
    ]


# The statement


def run(report):
    """Return the rows that the statement of a report reads, each as a line."""
    list(report.rows())  # Its functions are known to the connection from here on.
    with connection.cursor() as cursor:
        cursor.execute(report.sql())
        return [",".join(row) for row in cursor.fetchall()]


def test_the_sql_of_a_report_reads_its_rows():
    SpecimenFactory(char="50 % 'off'", slug="a")
    SpecimenFactory(char="full price", slug="b")
    report = Report(specimens.filter(char__contains="% 'o"), ["char", "slug"])
    assert run(report) == ["50 % 'off',a"]


def test_the_sql_of_a_report_without_parameters_reads_its_rows():
    SpecimenFactory(char="a", date=datetime.date(2026, 11, 20))
    report = Report(specimens, ["char", Column("date", format="%d/%m/%Y")])
    assert "%%" not in report.sql()
    assert run(report) == ["a,20/11/2026"]


def test_the_sql_depends_on_the_format():
    class NativeFormat(CsvFormat):
        wants = "native"

    report = Report(specimens, ["char", "slug"])
    assert "_report_" in report.sql()
    assert "_report_" not in report.sql(NativeFormat())


def test_a_report_that_needs_no_query_has_no_sql():
    assert Report(specimens.none(), ["char"]).sql() == ""
