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
    ``log_addresses``: record the IP address of the client as well.
    ``export_runner``: the dotted path of the runner, which starts exports; None if
    ``manage.py exports run`` runs them.
    ``export_request``: the dotted path of a function that handles the request of an export; by
    default, the request passes through the middleware.
    ``export_lease``: seconds after which another worker takes over the export of a worker that no
    longer responds.
    ``export_attempts``: the number of times that an export is started before it fails.
    ``export_expiry``: seconds after which the file of an export may be deleted.
    ``export_max_active``: the number of waiting and running exports per user.
    ``export_max_kept``: the number of exports kept per user.
    ``export_max_active_total``, ``export_max_kept_total``: the same limits for all users together;
    None for no limit.
    ``export_link_expiry``: seconds for which a signed link is valid; by default, as long as the
    file is kept.
    ``export_anonymous_links``: send the file to anyone who has the link; by default, the owner must
    log in.
    ``export_send_mail``: send an email to the owner of an export when it is done or has failed.
    ``export_sendfile``: the header with which the web server sends files, ``X-Accel-Redirect`` or
    ``X-Sendfile``; by default, Django sends them.
    ``export_sendfile_prefix``: the prefix of the internal path in ``X-Accel-Redirect``.
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

    Raises ReportError for an unknown key and for a value of the wrong type.
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
    """Return True if a value is valid for a setting."""
    kind, is_optional = kind_of(setting)
    if value is None or isinstance(value, bool):
        return is_optional if value is None else kind is bool
    if kind is float:
        return isinstance(value, int | float) and 0 < value < math.inf
    return isinstance(value, kind) and (
        kind is not int or value >= setting.metadata.get("least", 0)
    )


def description_of(setting: Field[Any]) -> str:
    """Return a description of the valid values of a setting."""
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
