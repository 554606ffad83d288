"""Capabilities of PostgreSQL."""

from streamreports.backends.base.features import Features

OUTPUT_SETTINGS = {"server_encoding": "UTF8", "IntervalStyle": "postgres"}


class PostgresqlFeatures(Features):
    """Capabilities of PostgreSQL, with psycopg 2 or 3."""

    distinguishes_case_in_choices = True
    joins_cells = True
    can_join_to_many = True
    exact_decimal_expressions = True

    @property
    def can_copy_csv(self) -> bool:  # type: ignore[override]
        """Return True with psycopg 3: the COPY of psycopg 2 cannot be read in pieces."""
        version: str = self.connection.Database.__version__  # type: ignore[attr-defined]
        return version.startswith("3")

    @property
    def has_default_output_settings(self) -> bool:
        """Return True if the server uses the default date, interval and encoding settings."""
        self.connection.ensure_connection()
        driver = self.connection.connection
        status = getattr(driver, "get_parameter_status", None) or driver.info.parameter_status
        return all(status(name) == value for name, value in OUTPUT_SETTINGS.items()) and str(
            status("DateStyle")
        ).startswith("ISO")
