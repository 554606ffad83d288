"""Errors that a real database raises, and their explanations."""

import pytest
from django.db import DatabaseError, connection

from streamreports.backends.registry import explain_error

BY_SLOW_CLIENTS = (
    ": raise it for reports, or use a buffering proxy. The time that slow clients need counts, too."
)


def explanation_of_failing(*statements):
    """Return the cause of what the last of some statements raises."""
    with pytest.raises(DatabaseError) as caught:
        execute(*statements)
    return explain_error(caught.value)


def execute(*statements):
    """Run some statements."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
