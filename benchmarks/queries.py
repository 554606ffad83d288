"""Count the queries that a variant runs for a column of a related object."""

from dataclasses import replace
from typing import Any

from django.db import connection
from django.test import Client

from benchmarks.data import fill_shipments
from benchmarks.figures import Figure
from benchmarks.variants import VARIANTS

ROWS = 1000  # of the table with a relation


def counted(figure: Figure) -> Figure:
    """Return the figure with the number of queries, if its variant has a file to count them."""
    if VARIANTS[figure.name].shipments is None:
        return figure
    return replace(figure, queries=(count(figure.name), count(figure.name, "carrier")))


def count(name: str, select_related: str = "") -> int:
    """Return how many statements the connections execute for the file of a variant.

    Raises RuntimeError if the file does not have each row.
    """
    executed: list[str] = []

    def record(execute: Any, sql: str, *args: Any) -> Any:
        executed.append(sql)
        return execute(sql, *args)

    parameters = {"rows": ROWS} | ({"select_related": select_related} if select_related else {})
    with connection.execute_wrapper(record):
        response = Client(SERVER_NAME="127.0.0.1").get(f"/{name}/shipments/", parameters)
        lines = response.getvalue().count(b"\n")
    if lines != ROWS + 1:
        raise RuntimeError(f"{name} sent {lines} lines for {ROWS} rows and a header.")
    return len(executed)


def prepare() -> None:
    """Fill the table with a relation."""
    fill_shipments(ROWS)
