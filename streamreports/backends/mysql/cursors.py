"""The driver of MariaDB and MySQL, told to leave rows on the server until they are read."""

from MySQLdb.cursors import SSCursor


class UnbufferedCursor(SSCursor):
    """Read rows as they come; forget the rest at once where the connection is closed already."""

    def close(self) -> None:
        """Close the cursor; only an open connection has rows that must be read away."""
        if self.connection is not None and not self.connection.open:
            self.connection = self._result = None
        super().close()
