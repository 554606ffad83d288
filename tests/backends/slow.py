"""What takes a database a long time."""

from django.db import connection
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

SECONDS = 60  # never waited for unless something is wrong

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"

# A scalar that is 0 or more, when it has been computed.
SLOW = {
    "mysql": f"SLEEP({SECONDS})",
    "postgresql": f"(SELECT 0 FROM pg_sleep({SECONDS}))",
    "sqlite": f"({NUMBERS} SELECT count(*) FROM n)",
}[connection.vendor]

SLOW_STATEMENT = f"SELECT {SLOW}"


def slow_expression():
    """Return an integer expression that takes long."""
    return RawSQL(SLOW, [], output_field=IntegerField())
