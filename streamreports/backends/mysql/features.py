"""What MariaDB and MySQL can do."""

from streamreports.backends.base.features import Features


class MysqlFeatures(Features):
    """Capabilities of MariaDB and MySQL."""

    leaves_connection_free = True  # A report has a connection of its own.
    fetches_without_round_trip = True  # The server has sent the rows already.
    exact_decimal_expressions = True
