"""Read related objects from the database that a report is read from."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import router
from django.db.models import Model

_alias: ContextVar[str | None] = ContextVar("streamreports_alias", default=None)


class ReportRouter:
    """Override the project's routers while related objects are read.

    A router that chooses a replica at random would read a row from one replica and its prefetched
    objects from another. Models that are not in the report's database are left to the other
    routers.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Return the current alias, if its database contains the model."""
        alias = _alias.get()
        if alias is None or not router.allow_migrate_model(alias, model):
            return None
        return alias


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Route queries without an explicit database to an alias, overriding the project's routers."""
    routers = router.routers
    if routers and not isinstance(routers[0], ReportRouter):
        routers.insert(0, ReportRouter())
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)
