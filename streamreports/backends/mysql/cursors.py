"""A cursor of MariaDB and MySQL that leaves rows on the server until they are fetched."""

from MySQLdb.cursors import SSCursor


class UnbufferedCursor(SSCursor):
    """Fetch rows one by one; if the connection is closed already, discard the others at once."""

    def close(self) -> None:
        """Close the cursor; only an open connection has rows that must be fetched first."""
        if self.connection is not None and not self.connection.open:
            self.connection = self._result = None
        super().close()
