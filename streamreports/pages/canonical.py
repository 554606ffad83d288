"""The canonical form of query strings that request the same report."""

from collections.abc import Mapping, Sequence
from math import inf

from django.http import QueryDict

from streamreports.parameters import without_blanks

POSITION = "position-"  # followed by the name of a column; the value is its position

Move = tuple[float, int]  # the new position of a column, and -1 if it moves up


def canonical_query(
    query: QueryDict,
    *,
    columns_param: str | None,
    ordering_param: str | None,
    selectable: Sequence[str],
    default: Sequence[str],
) -> QueryDict:
    """Return a query string without blank values, repeated lists, positions and default columns.

    ``selectable``: the names of the columns that may be chosen, in the order of the positions.
    ``default``: the names of the columns of a report without a choice.
    """
    canonical = without_blanks(query)
    moves = moves_in(query, selectable)
    for name in moves:
        canonical.pop(POSITION + name, None)
    columns = names_in(canonical, columns_param)
    columns.sort(key=lambda name: moves.get(name, (inf, 0)))
    set_names(canonical, columns_param, [] if columns == list(default) else columns)
    set_names(canonical, ordering_param, names_in(canonical, ordering_param))
    return canonical


def moves_in(query: QueryDict, selectable: Sequence[str]) -> Mapping[str, Move]:
    """Return where the positions in a query string move each column.

    A browser sends the fields of a form in their order on the page, so the previous positions are
    known. If two columns have the same position, the column that was moved gets it.
    """
    fields = [name.removeprefix(POSITION) for name in query if name.startswith(POSITION)]
    moves = {}
    for place, name in enumerate((name for name in fields if name in selectable), start=1):
        position = number(query.get(POSITION + name, ""))
        moves[name] = (position, (position > place) - (position < place))
    return moves


def number(text: str) -> float:
    """Return a position as a number; any other text comes last."""
    try:
        return int(text)
    except ValueError:
        return inf


def names_in(query: QueryDict, param: str | None) -> list[str]:
    """Return the names in a parameter, separated by commas or as repeated parameters."""
    values = query.getlist(param) if param else []
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def set_names(query: QueryDict, param: str | None, names: Sequence[str]) -> None:
    """Set a parameter to a list of names; remove it if there are none."""
    if param and names:
        query[param] = ",".join(names)
    elif param:
        query.pop(param, None)
