"""Signed links to the files of exports, for emails."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from streamreports.conf import get_settings
from streamreports.exports.models import Export
from streamreports.exports.saved import SavedRequest
from streamreports.exports.sending import restored_context

SALT = "streamreports.exports.links"


@dataclass(frozen=True)
class Link:
    """The content of a link: the primary key of an export, and the expiry of the link."""

    export_id: UUID
    expires: datetime

    @property
    def is_expired(self) -> bool:
        """True if the link is no longer valid."""
        return timezone.now() >= self.expires


def link_to(export: Export) -> str:
    """Return the signed URL of an export's file, on the site where it was requested.

    It is valid for ``EXPORT_LINK_EXPIRY`` seconds, but not longer than the file is kept.

    Raises ValueError if the export has no file.
    """
    return absolute_url(export, "link", sign(export))


def absolute_url(export: Export, name: str, *args: object) -> str:
    """Return the URL of a view of exports, on the site where an export was requested."""
    with restored_context(SavedRequest.from_fields(export)):
        path = reverse(f"exports:{name}", args=args)
    return f"{export.scheme}://{export.host}{path}"


def sign(export: Export) -> str:
    """Return the token of a link. It contains only letters, digits, ``.``, ``-`` and ``_``.

    Raises ValueError for an export without a file.
    """
    if export.expires is None:
        raise ValueError(f"The export {export.pk} has no file.")
    expires = export.expires
    seconds = get_settings().export_link_expiry
    if seconds is not None:
        expires = min(expires, timezone.now() + timedelta(seconds=seconds))
    return signer().sign(f"{export.pk.hex}.{int(expires.timestamp())}")


def read_token(token: str) -> Link | None:
    """Return the content of a token; None if this site has not signed it."""
    try:
        key, expires = signer().unsign(token).split(".")
    except BadSignature:
        return None
    return Link(UUID(key), datetime.fromtimestamp(int(expires), UTC))


def signer() -> Signer:
    """Return the signer of links. The salt distinguishes its tokens from those of other uses."""
    return Signer(salt=SALT, sep=".")
