"""Options and limits of a stream."""

from dataclasses import dataclass
from typing import Any

from streamreports.exceptions import ReportError
from streamreports.streaming.compression import validate_compression


@dataclass(frozen=True, kw_only=True)
class StreamOptions:
    """Options and limits of a stream.

    ``buffered_up_to``: size in bytes; streams up to this size are sent with a Content-Length.
    ``early_header``: send the header before the query returns; a later error truncates the file.
    ``max_rows``: larger reports are rejected.
    ``max_concurrent_streams``: the limit per process and ``sender``.
    ``slot_timeout``: seconds that a request waits for another stream to end. After that, the
    response is 503 with ``retry_after`` as the Retry-After header, in seconds.
    ``compression``: compress the report with gzip if the client accepts it and the format allows
    it.
    """

    buffered_up_to: int = 64 * 1024
    early_header: bool = False
    max_rows: int | None = None
    max_concurrent_streams: int | None = None
    slot_timeout: float = 5
    retry_after: int = 10
    compression: bool = False

    def validate(self, owner: str) -> None:
        """Raise ReportError if an option is invalid."""
        validate_compression(owner, self.compression)
        for name in MINIMUMS:
            if hasattr(self, name):
                validate_number(owner, name, getattr(self, name))


# The smallest valid value of each number. Where the default is None, None is valid as well.
MINIMUMS = {
    "buffer_size": 1,
    "buffered_up_to": 0,
    "chunk_size": 1,
    "max_concurrent_streams": 1,
    "max_rows": 1,
    "retry_after": 0,
    "slot_timeout": 0,
}


def validate_number(owner: str, name: str, value: Any) -> None:
    """Raise ReportError unless the value is a valid number for the option called ``name``."""
    minimum, is_optional = MINIMUMS[name], getattr(StreamOptions, name, 0) is None
    types = (int, float) if name == "slot_timeout" else int
    if value is None and is_optional:
        return
    if isinstance(value, bool) or not isinstance(value, types) or value < minimum:
        kind = "an integer" if types is int else "a number"
        hint = f"Use {kind} of at least {minimum}{', or None' if is_optional else ''}."
        raise ReportError(f"{owner}.{name} is {value!r}.", hint)
