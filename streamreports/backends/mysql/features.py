"""Capabilities of MariaDB and MySQL."""

from streamreports.backends.base.features import Features


class MysqlFeatures(Features):
    """Capabilities of MariaDB and MySQL."""

    leaves_connection_free = True  # A report has a separate connection.
    fetches_without_round_trip = True  # The server has already sent the rows.
    exact_decimal_expressions = True
