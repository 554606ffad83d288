"""The interface of a backend: all that reports need to know about a database."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from streamreports.backends.base.errors import explain
from streamreports.backends.base.features import Features
from streamreports.backends.base.operations import Operations
from streamreports.backends.base.session import ReadSession


class Backend:
    """What depends on the database behind a connection.

    A vendor is a subclass whose attributes name its own classes, as in Django's database backends.
    """

    features_class: type[Features] = Features
    operations_class: type[Operations] = Operations
    session_class: type[ReadSession] = ReadSession

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.features = self.features_class(connection)
        self.operations = self.operations_class(connection)

    @contextmanager
    def open_session(self, *, has_related_queries: bool = False) -> Iterator[ReadSession]:
        """Yield the session in which one long query is read.

        ``has_related_queries``: whether other queries are run for its rows, which must see the
        same state of the database. Errors get a note that explains them, where that is known.
        """
        opened = self.session_class.open(self.connection, has_related_queries=has_related_queries)
        try:
            with opened as session:
                yield session
        except Exception as error:
            if explanation := explain(error, [self.explain_error]):
                error.add_note(explanation)
            raise

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
        """Return why the database raised an error, and how to avoid it; "" if not known."""
        return ""
