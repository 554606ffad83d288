"""The interface of a backend: what reports need to know about one connection."""

from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.features import Features


class Backend:
    """What depends on the database behind a connection.

    A vendor is a subclass whose attributes name its own classes, as in Django's database backends.
    """

    features_class: type[Features] = Features

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.features = self.features_class(connection)
