"""A cursor of MariaDB and MySQL that leaves rows on the server until they are fetched."""

from MySQLdb.cursors import SSCursor


class UnbufferedCursor(SSCursor):
    """Fetch rows one by one; if the connection is already closed, discard unread rows."""

    def close(self) -> None:
        """Close the cursor; unread rows must be fetched first only if the connection is open."""
        if self.connection is not None and not self.connection.open:
            self.connection = self._result = None
        super().close()
