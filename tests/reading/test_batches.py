import tracemalloc

import pytest
from django.db import connection

from streamreports.columns import Column
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import (
    pairs_of_specimens,
)
from tests.models import Part, Specimen

pytestmark = pytest.mark.django_db

where_rows_are_streamed = pytest.mark.skipif(
    connection.vendor == "mysql", reason="Django's cursors hold the whole result on MySQL."
)

specimens = Specimen.objects.order_by("pk")


def select_all_related(queryset):
    """Do what select_related() without arguments does, which Django 6.1 deprecates."""
    queryset.query.select_related = True
    return queryset


# Batches


def batches_of(queryset, *columns, **options):
    reader = Report(queryset, columns, **options)._reader(TextOptions())
    return [len(batch) for batch in reader.batches()]


@pytest.mark.parametrize(
    ("number", "chunk_size", "sizes"),
    [
        (0, 2000, []),
        (3, 2000, [3]),
        (100, 2000, [100]),
        (101, 2000, [100, 1]),
        (150, 60, [60, 60, 30]),
        (300, 150, [100, 150, 50]),
    ],
)
@pytest.mark.parametrize("columns", [["id"], ["id", "__str__"]], ids=str)
def test_first_batch_is_small_and_no_other_is_longer_than_a_chunk(
    number, chunk_size, sizes, columns
):
    Specimen.objects.bulk_create([Specimen() for _ in range(number)])
    assert batches_of(specimens, *columns, chunk_size=chunk_size) == sizes


@pytest.mark.parametrize("columns", [["id"], ["id", "__str__"], ["id", "parts__name"]], ids=str)
def test_batches_have_as_many_rows_as_the_consumer_wants(columns):
    Specimen.objects.bulk_create([Specimen() for _ in range(250)])
    reader = Report(specimens, columns)._reader(TextOptions())
    batches = reader.batches()
    sizes = [len(next(batches))]
    for reader.wanted in (7, 30, 200):
        sizes.append(len(next(batches)))
    assert sizes == [100, 7, 30, 113]


@pytest.mark.parametrize(
    ("queryset", "columns"),
    [
        (specimens.prefetch_related("notes"), ["__str__"]),
        (select_all_related(specimens.all()), ["maker__shout"]),
    ],
    ids=["prefetch_related", "select_related"],
)
def test_batches_of_instances_for_which_each_chunk_costs_a_query_are_chunks(queryset, columns):
    Specimen.objects.bulk_create([Specimen() for _ in range(300)])
    assert batches_of(queryset, *columns, chunk_size=150) == [100, 50, 150]


# Memory


def peak_of(report):
    """Return how many rows a report has, and the bytes that Python held at most."""
    tracemalloc.start()
    try:
        rows = sum(1 for _ in report.rows())
        return rows, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@where_rows_are_streamed
def test_memory_does_not_hold_the_instances():
    """Of 6,000 instances, which take about 25 MB."""
    columns = ["id", "text", Column(lambda specimen: specimen.other, label="Other")]
    queryset = pairs_of_specimens(78, text="x" * 100)
    rows, peak = peak_of(Report(queryset, columns, chunk_size=250))
    assert rows == 6_084
    assert peak < 4_000_000


@where_rows_are_streamed
def test_memory_does_not_hold_the_to_many_values():
    """Of 600 objects with 6,000 values, which take about 2 MB."""
    Specimen.objects.bulk_create([Specimen(pk=n) for n in range(1, 601)])
    Part.objects.bulk_create(
        [Part(specimen_id=n, name="x" * 50) for n in range(1, 601) for _ in range(10)]
    )
    rows, peak = peak_of(Report(specimens, ["id", "parts__name"], chunk_size=50))
    assert rows == 600
    assert peak < 600_000
