"""Capabilities of SQLite."""

from streamreports.backends.base.features import Features


class SqliteFeatures(Features):
    """Capabilities of SQLite."""

    leaves_connection_free = True
    fetches_without_round_trip = True  # There is no server.
    distinguishes_case_in_choices = True
    joins_cells = True
    can_join_to_many = True
