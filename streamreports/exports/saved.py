"""The saved request of an export, which a worker sends later."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import tzinfo
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, QueryDict
from django.utils import timezone, translation

from streamreports.exceptions import ReportError
from streamreports.requests import wsgi_request

OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d):?(\d\d)")  # the name of a fixed time zone


@dataclass(frozen=True, kw_only=True)
class SavedRequest:
    """A GET request for a report, with everything except the user that affects its content.

    ``path``: the path without the script name. ``accept``: the Accept header, or an empty string.
    ``language`` and ``time_zone``: the active ones.
    """

    scheme: str
    host: str
    script_name: str
    path: str
    query_string: str
    accept: str
    language: str
    time_zone: str

    @classmethod
    def of(cls, request: HttpRequest, *, path: str, query_string: str, accept: str = "") -> Self:
        """Return a request for a path of the same site as another request.

        Raises ReportError if the active time zone has no name by which it can be restored.
        """
        time_zone = timezone.get_current_timezone_name()
        find_time_zone(time_zone)
        return cls(
            scheme=request.scheme or "http",
            host=request.get_host(),
            script_name=request.META.get("SCRIPT_NAME", ""),
            path=path,
            query_string=query_string,
            accept=accept,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            time_zone=time_zone,
        )

    @classmethod
    def from_fields(cls, export: Any) -> Self:
        """Return the saved request of an export."""
        return cls(**{field.name: getattr(export, field.name) for field in fields(cls)})

    def as_fields(self) -> dict[str, str]:
        """Return the values of the fields in which an export saves the request."""
        return asdict(self)

    def build(self, method: str = "GET") -> WSGIRequest:
        """Return the request, in its language, with this machine as the client.

        The language is in a cookie and in a header, from which Django reads it.
        """
        environ = {
            "HTTP_ACCEPT_LANGUAGE": self.language,
            "HTTP_COOKIE": f"{settings.LANGUAGE_COOKIE_NAME}={self.language}",
        }
        if self.accept:
            environ["HTTP_ACCEPT"] = self.accept
        if self.scheme == "https" and settings.SECURE_PROXY_SSL_HEADER:
            header, value = settings.SECURE_PROXY_SSL_HEADER
            environ[header] = value
        return wsgi_request(
            self.path,
            self.query_string,
            host=self.host,
            scheme=self.scheme,
            script_name=self.script_name,
            method=method,
            environ=environ,
        )

    def key_for(self, user: Any, content_type: str) -> str:
        """Return a key that is identical for identical exports of a user, and fits into a column.

        Different Accept headers may lead to the same content type. The order of the parameters is
        ignored, but not the order of the values of one parameter.
        """
        parts: Mapping[str, object] = {
            **asdict(self),
            "accept": content_type,
            "query_string": sorted(QueryDict(self.query_string).lists()),
            "user": str(user.pk),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def find_time_zone(name: str) -> tzinfo:
    """Return a time zone by its name: a key of the IANA database, or an offset from UTC.

    Raises ReportError for any other name.
    """
    if offset := OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        return timezone.get_fixed_timezone(int(f"{sign}1") * (int(hours) * 60 + int(minutes)))
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ReportError(
            f"The time zone {name!r} is not in the IANA database, so an export cannot keep it.",
            "Activate a zoneinfo.ZoneInfo or a fixed offset.",
        ) from error
