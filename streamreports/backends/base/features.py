"""Capabilities of a database, with defaults for unknown vendors."""

from django.db.backends.base.base import BaseDatabaseWrapper


class Features:
    """Capabilities of a database that decide how a report is read from it.

    The defaults are safe for any database that Django supports.
    """

    # Can the database write the CSV of a query itself?
    can_copy_csv = False

    # Can the request's connection run other queries while a report is being read?
    leaves_connection_free = False

    # Can a small number of rows be fetched at a time without a round trip to the server for each?
    fetches_without_round_trip = False

    # Does a CASE expression distinguish uppercase from lowercase letters?
    distinguishes_case_in_choices = False

    # Is it faster to join the cells of a CSV line in the database than in Python?
    joins_cells = False

    # Can a subquery join the values of a to-many relation, whatever their length?
    can_join_to_many = False

    # Does an expression of decimals return the same digits as Python's decimals?
    exact_decimal_expressions = False

    connection: BaseDatabaseWrapper

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    @property
    def has_default_output_settings(self) -> bool:
        """Return True if the server uses the default settings for printing and encoding values."""
        return True

    @property
    def allows_concurrent_writes(self) -> bool:
        """Return True if other connections can write to the database while a report is read."""
        return True
