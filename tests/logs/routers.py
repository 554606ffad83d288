"""Routers that store the log in another database than the users."""


class LogsRouter:
    """Store the log in the database "logs", and everything else elsewhere."""

    alias = "logs"

    def db_for_read(self, model, **hints):
        return self.alias if model._meta.app_label == "streamreports_logs" else None

    db_for_write = db_for_read

    def allow_relation(self, first, second, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return (db == self.alias) is (app_label == "streamreports_logs")


class PooledRouter(LogsRouter):
    """Store the log through a pool of the test database."""

    alias = "pooled"
