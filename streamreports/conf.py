"""The settings of the app: the dictionary ``STREAMREPORTS`` in the settings of the project."""

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, get_args

from django.conf import settings

from streamreports.exceptions import ReportError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings, each an upper-case key of ``STREAMREPORTS``.

    ``log_reports``: record each report in a ``ReportLog``, if ``streamreports.logs`` is installed.
    ``log_addresses``: record the address of the client, too.
    ``export_runner``: the dotted path of what starts exports; None leaves them to ``manage.py
    exports run``.
    ``export_request``: the dotted path of the function that sends the request of an export to the
    site; None sends it through the middleware.
    ``export_lease``: seconds after which another worker takes over the export of one that no longer
    answers.
    ``export_attempts``: how many workers may start an export before it fails.
    ``export_expiry``: seconds for which the file of an export is kept.
    ``export_max_active``: how many exports of a user may wait or run at a time.
    ``export_max_kept``: how many exports of a user are kept, the files of all included.
    ``export_max_active_total``, ``export_max_kept_total``: the same for all users together; None
    for no limit.
    ``export_link_expiry``: seconds for which a signed link is valid; None for as long as its file
    is kept.
    ``export_anonymous_links``: send the file to whoever has the link; else the owner has to log in.
    ``export_send_mail``: mail the owner of an export when it is done or has failed.
    ``export_sendfile``: the header with which the web server sends files, ``X-Accel-Redirect`` or
    ``X-Sendfile``; None has Django send them.
    ``export_sendfile_prefix``: of the internal path in ``X-Accel-Redirect``.
    """

    log_reports: bool = False
    log_addresses: bool = True
    export_runner: str | None = None
    export_request: str | None = None
    export_lease: float = 60
    export_attempts: int = field(default=3, metadata={"least": 1})
    export_expiry: float = 7 * 24 * 60 * 60
    export_max_active: int = 5
    export_max_kept: int = 100
    export_max_active_total: int | None = None
    export_max_kept_total: int | None = None
    export_link_expiry: float | None = None
    export_anonymous_links: bool = False
    export_send_mail: bool = False
    export_sendfile: str | None = None
    export_sendfile_prefix: str = "/exports/"


def get_settings() -> Settings:
    """Return the settings of the project.

    Raises ReportError for an unknown key, and for a value of another type.
    """
    given = getattr(settings, "STREAMREPORTS", {})
    if not isinstance(given, Mapping):
        raise ReportError(f"STREAMREPORTS is {given!r}.", "Define it as a dictionary.")
    values = {attribute_of(key): value for key, value in given.items()}
    for each in fields(Settings):
        if each.name in values and not is_valid(each, values[each.name]):
            key, value = each.name.upper(), values[each.name]
            raise ReportError(
                f"STREAMREPORTS[{key!r}] is {value!r}.", f"Set it to {description_of(each)}."
            )
    return Settings(**values)


def is_valid(setting: Field[Any], value: Any) -> bool:
    """Return True if a value is one of a setting."""
    kind, is_optional = kind_of(setting)
    if value is None or isinstance(value, bool):
        return is_optional if value is None else kind is bool
    if kind is float:
        return isinstance(value, int | float) and 0 < value < math.inf
    return isinstance(value, kind) and (
        kind is not int or value >= setting.metadata.get("least", 0)
    )


def description_of(setting: Field[Any]) -> str:
    """Return which values a setting may have, in words."""
    kind, is_optional = kind_of(setting)
    least = setting.metadata.get("least", 0)
    text = {
        bool: "True or False",
        float: "a number of seconds greater than 0",
        int: f"a whole number, {least} or greater",
        str: "a string",
    }[kind]
    return f"{text}, or None" if is_optional else text


def kind_of(setting: Field[Any]) -> tuple[type, bool]:
    """Return the type of a setting, and whether it may be None."""
    types: Any = get_args(setting.type) or (setting.type,)
    return types[0], len(types) == 2


def attribute_of(key: Any) -> str:
    """Return the attribute of ``Settings`` for a key."""
    keys = {each.name.upper(): each.name for each in fields(Settings)}
    if key in keys:
        return keys[key]
    similar = get_close_matches(str(key).upper(), keys, n=1)
    raise ReportError(
        f"STREAMREPORTS has an unknown key, {key!r}.",
        f"Did you mean {similar[0]!r}?" if similar else f"The keys are {', '.join(keys)}.",
    )
