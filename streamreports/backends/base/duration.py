"""Print durations in SQL: arithmetic shared by all vendors."""

from streamreports.backends.base.operations import MICROSECONDS_PER_DAY

DAY = MICROSECONDS_PER_DAY


def duration_parts(
    micros: str, two: str, six: str, *, divide: str = "/", cast: str = ""
) -> list[str]:
    """Return SQL for the parts of the output of ``duration_string()``.

    ``micros``: the whole microseconds. ``two`` and ``six``: templates that pad ``{n}`` to two and
    six digits. ``divide``: the operator of integer division. ``cast``: appended to print a number.
    """
    rest = f"((({micros}) % {DAY} + {DAY}) % {DAY})"
    days = f"((({micros}) - {rest}) {divide} {DAY})"
    return [
        f"CASE WHEN {days} <> 0 THEN {days}{cast} ELSE '' END",
        f"CASE WHEN {days} <> 0 THEN ' ' ELSE '' END",
        two.replace("{n}", f"({rest} {divide} 3600000000)"),
        "':'",
        two.replace("{n}", f"({rest} {divide} 60000000 % 60)"),
        "':'",
        two.replace("{n}", f"({rest} {divide} 1000000 % 60)"),
        f"CASE WHEN {rest} % 1000000 <> 0 THEN '.' ELSE '' END",
        f"CASE WHEN {rest} % 1000000 <> 0 THEN {six} ELSE '' END".replace(
            "{n}", f"({rest} % 1000000)"
        ),
    ]
