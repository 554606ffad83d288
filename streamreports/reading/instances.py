"""Create model instances faster than Django, if creation only sets attributes."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.signals import post_init, pre_init
from django.db.models.sql.constants import MULTI

from streamreports.reading.conversion import convert

CONVERTED_ROWS = 100  # rows converted at a time

# Methods that a model or its base classes may override to customize the creation of instances.
HOOKS = {"__init__", "__new__", "from_db"}


class InstanceIterable(ModelIterable):  # type: ignore[type-arg]
    """Yield the same instances as ``ModelIterable``.

    Values are converted a column at a time. ``Model.__init__()`` is not called, just as when an
    instance is copied or unpickled. A test compares the instances with Django's.
    """

    def __iter__(self) -> Iterator[Any]:
        queryset: Any = self.queryset
        model, db = queryset.model, queryset.db
        fetch_mode = getattr(queryset, "_fetch_mode", None)  # Django 6.1 and later
        tracks_peers = getattr(fetch_mode, "track_peers", False)
        if has_hooks(model) or queryset._known_related_objects or tracks_peers:
            yield from super().__iter__()
            return
        compiler = queryset.query.get_compiler(db)
        results = compiler.execute_sql(
            MULTI, chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size
        )
        names = attribute_names(compiler)
        state = {"db": db, "adding": False}
        if fetch_mode is not None:
            state["fetch_mode"] = fetch_mode
        options: Any = [db] if fetch_mode is None else [db, fetch_mode]
        populators = get_related_populators(compiler.klass_info, compiler.select, *options)
        size = min(self.chunk_size, CONVERTED_ROWS)
        for row in converted(compiler, chain.from_iterable(results), size):
            instance = model.__new__(model)
            instance._state = ModelState()
            for name, value in state.items():
                setattr(instance._state, name, value)
            for name, value in zip(names, row, strict=False):
                setattr(instance, name, value)
            for populator in populators:
                populator.populate(row, instance)
            yield instance


def attribute_names(compiler: Any) -> list[str]:
    """Return the attributes for the first values of a row; the rest belong to related objects."""
    names = {n: compiler.select[n][0].target.attname for n in compiler.klass_info["select_fields"]}
    names |= {number: name for name, number in compiler.annotation_col_map.items()}
    return [names[number] for number in range(len(names))]


def converted(compiler: Any, rows: Iterator[Any], size: int) -> Iterator[Any]:
    """Yield rows with their values converted as in Django, in chunks."""
    selected = [expression for expression, *_ in compiler.select]
    converters = compiler.get_converters(selected)
    while chunk := list(islice(rows, size)):
        columns = convert(list(zip(*chunk, strict=True)), converters, compiler.connection)
        values: Any = zip(*columns, strict=True)
        if compiler.has_composite_fields(selected):
            values = compiler.composite_fields_to_tuples(values, selected)
        yield from values


def has_hooks(model: type[Model]) -> bool:
    """Return True if the creation of an instance does more than set attributes."""
    if pre_init.has_listeners(model) or post_init.has_listeners(model):
        return True
    return any(HOOKS & vars(base).keys() for base in model.__mro__ if base not in (Model, object))
