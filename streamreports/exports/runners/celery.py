"""Run exports with Celery."""

from collections.abc import Iterator
from typing import Any

from streamreports.conf import get_settings
from streamreports.exceptions import ReportError

try:
    import celery
except ModuleNotFoundError as error:
    if error.name != "celery":
        raise
    raise ReportError(
        "Celery is not installed.",
        'Install the extra "celery": pip install "django-streamreports[celery]".',
    ) from error

from streamreports.exports.tasks import run

TIMEOUT = 2.0  # seconds that a request waits for a broker that does not respond
VISIBILITY_TIMEOUT = 3600  # seconds: Celery's default for Redis


class CeleryRunner:
    """Run exports with Celery. ``queue``: the queue's name; None to use ``task_routes``."""

    queue: str | None = None

    def submit(self, export_id: Any) -> None:
        """Submit an export to the queue.

        This uses a separate connection, since Celery retries its own connections forever while the
        broker is down.
        """
        with self._connect() as connection:
            options = {"queue": self.queue} if self.queue else {}
            run.apply_async([str(export_id)], connection=connection, retry=False, **options)

    def problems(self) -> Iterator[tuple[str, ReportError]]:
        """Yield the problems in the Celery settings."""
        conf = celery.current_app.conf
        if conf.task_always_eager:
            yield (
                "E024",
                ReportError(
                    "Celery's task_always_eager runs exports within the request.",
                    "Set it to False. Tests may call run_export() instead.",
                ),
            )
        options = conf.broker_transport_options or {}
        timeout = options.get("visibility_timeout", VISIBILITY_TIMEOUT)
        lease = get_settings().export_lease
        if run.acks_late and is_redis(conf) and timeout < lease:
            yield (
                "W022",
                ReportError(
                    f"The task {run.name} has acks_late. If a worker is killed, Redis delivers its"
                    f" export after {timeout} seconds, but its lease ends after {lease} seconds.",
                    "Remove acks_late from task_annotations, or raise visibility_timeout in"
                    " broker_transport_options above STREAMREPORTS['EXPORT_LEASE'].",
                ),
            )

    def _connect(self) -> Any:
        """Return a connection to the broker with a short timeout in all cases."""
        app = celery.current_app
        limits: dict[str, Any] = {"max_retries": 1, "interval_start": 0}
        if is_redis(app.conf):
            limits |= {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
        else:
            limits |= {"read_timeout": TIMEOUT, "write_timeout": TIMEOUT}
        return app.connection_for_write(
            connect_timeout=TIMEOUT,
            transport_options={**(app.conf.broker_transport_options or {}), **limits},
        )


def is_redis(conf: Any) -> bool:
    """Return True if Celery's broker is Redis."""
    url = conf.broker_write_url or ""
    return str(url[0] if isinstance(url, list) else url).startswith(("redis", "sentinel"))
