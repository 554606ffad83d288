"""Reject lookups of a changelist that no query can have."""

import math
import re
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.http import QueryDict

REGULAR_EXPRESSIONS = ("__regex", "__iregex")
LARGE_QUANTIFIER = re.compile(r"\{(\d+,)?\d{5,}")  # MariaDB raises an OperationalError.
BIG = 2**63  # Integers of databases have 64 bits.


def require_valid_lookups(rows: QuerySet[Any], query: QueryDict) -> None:
    """Raise IncorrectLookupParameters if the database would reject the values of a query string.

    Some lookups convert their values when the query is compiled, and a changelist does not handle
    the exceptions that they raise. No query is run.
    """
    for name, values in query.lists():
        for value in values:
            require_valid_text(name, value)
    if query:
        require_valid_parameters(rows)


def require_valid_text(name: str, value: str) -> None:
    """Raise IncorrectLookupParameters for NUL, and for an invalid regular expression."""
    if "\0" in name or "\0" in value:  # PostgreSQL has no such text.
        raise IncorrectLookupParameters(name)
    if name.endswith(REGULAR_EXPRESSIONS):
        if LARGE_QUANTIFIER.search(value):
            raise IncorrectLookupParameters(name)
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            raise IncorrectLookupParameters(name) from error


def require_valid_parameters(rows: QuerySet[Any]) -> None:
    """Raise IncorrectLookupParameters if the query cannot be compiled with its parameters."""
    try:
        sql, parameters = rows.all().query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return
    except Exception as error:  # ChangeList does so as well: lookups raise anything.
        raise IncorrectLookupParameters(error) from error
    is_complete = sql.replace("%%", "").count("%s") == len(parameters)
    if not (is_complete and all(map(is_in_range, parameters))):
        raise IncorrectLookupParameters(parameters)


def is_in_range(parameter: Any) -> bool:
    """Return False for a number that some databases reject."""
    if isinstance(parameter, int):
        return -BIG <= parameter < BIG
    return not isinstance(parameter, float) or math.isfinite(parameter)
