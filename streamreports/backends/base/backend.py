"""The interface of a backend: all that reports need to know about a database."""

from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from streamreports.backends.base.features import Features
from streamreports.backends.base.session import ReadSession


class Backend:
    """What depends on the database behind a connection.

    A vendor is a subclass whose attributes name its own classes, as in Django's database backends.
    """

    features_class: type[Features] = Features
    session_class: type[ReadSession] = ReadSession

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.features = self.features_class(connection)

    def open_session(
        self, *, has_related_queries: bool = False
    ) -> AbstractContextManager[ReadSession]:
        """Return the context manager in which one long query is read.

        ``has_related_queries``: whether other queries are run for its rows, which must see the
        same state of the database.
        """
        return self.session_class.open(self.connection, has_related_queries=has_related_queries)

    def copy_csv(
        self, queryset: QuerySet[Any], options: str, line_end: bytes
    ) -> Generator[tuple[int, bytes], None, None]:
        """Yield the rows of a queryset as CSV lines that the database writes.

        Each item is a number of rows, and their lines without the last line end. Only backends
        with the feature ``can_copy_csv`` implement this.
        """
        raise NotImplementedError

    @staticmethod
    def explain_error(error: BaseException) -> str:
        """Return which setting of the database caused an error, and the cure; "" if none did."""
        return ""
