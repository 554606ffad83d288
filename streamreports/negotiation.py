"""Choose a format by the Accept header of a request (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from django.http import HttpRequest

from streamreports.exceptions import NotAcceptableError
from streamreports.formats.base import Format


def accepts(request: HttpRequest, media_type: str) -> bool:
    """Return True if the client accepts a media type. Without the header, it accepts any."""
    return accepts_all(request) or request.accepts(media_type)


def preferred_format(
    request: HttpRequest, formats: Sequence[type[Format]], *, others: Sequence[str] = ()
) -> type[Format]:
    """Return the format that the client prefers; the first one if it prefers several equally.

    ``others``: the media types of other content at the URL.

    Raises NotAcceptableError, which names all media types, if the client accepts no format.
    """
    if accepts_all(request):
        return formats[0]
    by_type: dict[str, type[Format]] = {}
    for each in formats:  # If several have the same type, the first is chosen.
        by_type.setdefault(media_type(each), each)
    preferred = request.get_preferred_type(list(by_type))
    if preferred is None:
        raise NotAcceptableError(list(dict.fromkeys([*others, *by_type])))
    return by_type[preferred]


def accepts_all(request: HttpRequest) -> bool:
    """Return True if the request has no Accept header, or an empty one."""
    return not request.headers.get("Accept", "").strip()


def media_type(format_class: type[Format]) -> str:
    """Return the media type of a format without its parameters."""
    return format_class.content_type.partition(";")[0].strip()
