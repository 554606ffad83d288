"""Cancel the statement of a stream whose client has disconnected."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from streamreports.writing.base import BlockStream

logger = logging.getLogger("streamreports")

RETRY_SECONDS = 0.2  # between attempts to cancel a statement


class Canceller:
    """Cancel the database statements of a stream, from another thread.

    ``name``: the name of the report, for the log.
    """

    cancelled = False

    def __init__(self, stream: BlockStream, name: str) -> None:
        self._stream = stream
        self._name = name
        self._is_running = False
        self._lock = Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Allow the stream to be cancelled within this context, and only there."""
        self._is_running = True
        try:
            yield
        finally:
            with self._lock:  # A later attempt would cancel an unrelated statement.
                self._is_running = False

    def cancel(self) -> None:
        """Cancel the stream's statement, and retry until the stream stops running.

        The database may not have started the statement yet, or may refuse a connection.
        """
        self.cancelled = True
        while self._is_running:
            with self._lock:
                if self._is_running:
                    self._try_to_cancel()
            time.sleep(RETRY_SECONDS)

    def _try_to_cancel(self) -> None:
        try:
            self._stream.cancel()
        except Exception:
            logger.warning(
                "%s: the query of a disconnected client could not be cancelled. Retrying.",
                self._name,
                exc_info=True,
            )
