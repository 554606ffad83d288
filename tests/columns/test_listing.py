"""What a report takes for its queryset and its list of columns."""

import re
from collections import OrderedDict

import pytest
from django.db.models import Count, F
from django.utils.functional import lazystr

from streamreports.columns import Column
from streamreports.columns.listing import bind, duplicates, name_errors
from streamreports.exceptions import ColumnError, ReportError
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from tests.factories import SpecimenFactory
from tests.models import Maker, Specimen

specimens = Specimen.objects.all()


def refusal(columns):
    with pytest.raises(ColumnError) as caught:
        Report(specimens, columns)
    return caught.value.problem, caught.value.hint


READ_ONCE = "can be read only once; the next report would have no columns."


@pytest.mark.parametrize(
    ("columns", "problem", "hint"),
    [
        ("id", "'id' is a string, not a list of columns.", "Write ['id']."),
        ((c for c in ["id"]), f"A generator {READ_ONCE}", "Write a list: [...]."),
        (iter([]), f"A list_iterator {READ_ONCE}", "Write a list: [...]."),
        (map(str, ["id"]), f"A map {READ_ONCE}", "Write a list: [...]."),
        (
            {"id", "char"},
            "A set has no order.",
            "Write a list, with the columns in the order of the file.",
        ),
        (
            {"id": "Nr", "char": "Text"},
            "The columns are of type dict, not a list.",
            "Write [Column('id', label='Nr'), Column('char', label='Text')].",
        ),
        (
            OrderedDict(id="Nr"),
            "The columns are of type OrderedDict, not a list.",
            "Write [Column('id', label='Nr')].",
        ),
        (
            b"id",
            "The columns are of type bytes, not a list.",
            "Write a list of strings and Column objects.",
        ),
        (
            Column("id"),
            "The columns are of type Column, not a list.",
            "Write a list of strings and Column objects.",
        ),
        (
            5,
            "The columns are of type int, not a list.",
            "Write a list of strings and Column objects.",
        ),
        (
            None,
            "The columns are of type NoneType, not a list.",
            "Write a list of strings and Column objects.",
        ),
        ([], "A report has no columns.", "List the columns to export."),
        ((), "A report has no columns.", "List the columns to export."),
    ],
    ids=str,
)
def test_anything_but_a_list_of_columns_is_refused(columns, problem, hint):
    assert refusal(columns) == (problem, hint)


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [["char"], ("char",)])
def test_list_and_tuple_are_lists_of_columns(columns):
    SpecimenFactory(char="a")
    report = Report(specimens, columns)
    assert [list(report.rows()), list(report.rows())] == [[("a",)]] * 2


def twice(specimen):
    return 2


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        (("id", "Nr"), "Write Column('id', label='Nr')."),
        (["id", "Nr"], "Write Column('id', label='Nr')."),
        ({"id": "Nr"}, "Write Column('id', label='Nr')."),
        (["id"], "List strings and Column objects."),
        (5, "List strings and Column objects."),
        (None, "List strings and Column objects."),
        (lazystr("id"), "List strings and Column objects."),
        (Specimen._meta.get_field("char"), "Write 'char'."),
        (Specimen.char, "Write 'char'."),
        (F("id"), "Wrap it: Column(..., label=...)."),
        (Count("parts"), "Wrap it: Column(..., label=...)."),
        (twice, "Wrap it: Column(..., label=...)."),
        (Column, "Wrap it: Column(..., label=...)."),
    ],
    ids=str,
)
def test_entry_that_is_not_a_column_is_refused(entry, hint):
    assert refusal(["id", entry]) == (f"{entry!r} is not a column.", hint)


def test_queryset_in_the_list_is_refused_and_not_run():
    """The database is closed to this test."""
    assert refusal([Specimen.objects.values("char")]) == (
        "A queryset of Specimen is not a column.",
        "Wrap it: Column(..., label=...).",
    )


# The queryset


@pytest.mark.parametrize(
    ("queryset", "message"),
    [
        (
            Maker.objects.raw("SELECT 1"),
            "The queryset of a report is a RawQuerySet. "
            "Give a QuerySet; RawSQL() annotates it with an expression in SQL.",
        ),
        ([1], "The queryset of a report is a list. Give a QuerySet."),
        (None, "The queryset of a report is a NoneType. Give a QuerySet."),
        (Maker.objects, "The queryset of a report is a Manager. Call its all()."),
        (Maker, "The queryset of a report is Maker. Give Maker.objects.all()."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_but_a_queryset_is_refused(queryset, message):
    with pytest.raises(ReportError, match=f"^{re.escape(message)}$"):
        Report(queryset, ["id"])


# Names


def bound(*columns):
    return [bind(column, specimens) for column in columns]


def texts(errors):
    return [str(error) for error in errors]


def test_report_tells_the_names_of_its_columns():
    columns = ["id", "maker__name", Column(lambda specimen: 1, label="x"), Column(twice)]
    assert Report(specimens, columns).names == ["id", "maker__name", "", "twice"]


def test_names_that_are_unique_have_no_errors():
    assert list(name_errors(bound("id", Column("char", name="text")), "JsonFormat")) == []


def test_missing_and_repeated_names_are_errors():
    columns = bound(Column(lambda specimen: 1, label="One"), "id", "id", "char")
    assert texts(name_errors(columns, "JsonFormat")) == [
        "The column labelled 'One' has no name, and JsonFormat needs one. "
        'Give it one: Column(..., name="...").',
        "Several columns have the name 'id', and JsonFormat needs different ones. "
        'Give each a unique name: Column(..., name="...").',
    ]


class KeyedFormat(CsvFormat):
    needs_names = True


def test_format_that_needs_names_refuses_a_column_without_one():
    report = Report(specimens, [Column(lambda specimen: 1, label="One")])
    with pytest.raises(ColumnError, match=r"^The column labelled 'One' has no name"):
        report.stream(KeyedFormat())


@pytest.mark.django_db
def test_format_that_needs_names_takes_columns_that_have_them():
    report = Report(specimens, ["id", Column(lambda specimen: 1, label="One", name="one")])
    assert b"".join(report.stream(KeyedFormat())) == b"ID,One\r\n"


# Duplicates


def test_column_that_is_listed_twice_is_reported():
    assert texts(duplicates(bound("id", "char", "id"))) == ["'id' is listed twice. Remove one."]


def test_equal_labels_are_reported():
    columns = bound("char", Column("text", label="Char"), Column(lambda specimen: 1, label="Char"))
    assert texts(duplicates(columns)) == [
        "Several columns have the label 'Char': 'char', 'text', 'Char'. "
        'Give each a unique label: Column(..., label="...").'
    ]


def test_one_source_with_two_labels_is_right():
    assert list(duplicates(bound("id", Column("id", label="Nr")))) == []


def test_columns_without_label_are_right():
    assert list(duplicates(bound("id", "char", "maker__name"))) == []
