"""Load a given number of cargoes, fast and reproducibly.

A factory, or ``bulk_create()``, takes many times longer per cargo than the database does. The
factory therefore builds a few hundred samples, whose values are prepared for the database once.
Each cargo combines values of several samples.
"""

from collections.abc import Callable, Sequence
from itertools import chain, groupby
from random import Random
from typing import Any, cast

from django.db import connection, models, transaction
from factory.random import randgen

from demo_project.cargo.factories import (
    CARRIERS,
    PORTS,
    TAGS,
    CargoFactory,
    CarrierFactory,
    PortFactory,
    TagFactory,
)
from demo_project.cargo.models import Cargo

BATCH_SIZE = 5_000  # cargoes per transaction, which takes a fraction of a second
GROUP_SIZE = 100  # rows per statement: single rows take 1.6 times as long
SAMPLES = 300
AWKWARD_SHARE = 0.2  # of the samples have an awkward commodity: see the factory
SAMPLES_SEED = "streamreports"
BATCHES_SEED = 39  # chosen so that the first rows have quotes, a formula and empty cells

# Fields that depend on each other are taken from the same sample.
PARTS = [
    ["commodity"],
    ["weight"],
    ["price"],
    ["status", "picked_up_at"],
    ["origin", "destination"],
    ["carrier"],
]
FIELDS = list(chain.from_iterable(PARTS))

Row = tuple[Any, ...]


def load(rows: int, on_batch: Callable[[int], object] = lambda added: None) -> None:
    """Add cargoes and their tags. Call ``on_batch`` with the number added after each batch.

    Each batch is a transaction: an interrupted load leaves no cargo without its tags.
    """
    before = Cargo.objects.count()
    with transaction.atomic():
        samples, tag_sets = _samples(), _tag_sets()
    pools = [_ready(samples, part) for part in PARTS]
    for start in range(0, rows, BATCH_SIZE):
        size = min(BATCH_SIZE, rows - start)
        # The seed depends on the position: a resumed load adds the same cargoes as a whole one.
        random = Random(f"{BATCHES_SEED} {before + start}")  # noqa: S311
        parts = zip(*(random.choices(pool, k=size) for pool in pools), strict=True)
        with transaction.atomic():
            _insert(Cargo, FIELDS, [tuple(chain.from_iterable(row)) for row in parts])
            # Queried rather than returned, since MySQL has no RETURNING.
            keys = sorted(Cargo.objects.order_by("-pk").values_list("pk", flat=True)[:size])
            tagged = zip(keys, random.choices(tag_sets, k=size), strict=True)
            links = [(key, tag) for key, tags in tagged for tag in tags]
            _insert(Cargo.tags.through, ["cargo", "tag"], links)
        on_batch(start + size)


def _samples() -> list[Cargo]:
    """Return unsaved cargoes with saved ports and carriers."""
    randgen.seed(SAMPLES_SEED)  # the random generator of the factories
    ports = [PortFactory.create(port=port) for port in PORTS]
    carriers = [*(CarrierFactory.create(carrier=carrier) for carrier in CARRIERS), None]
    samples = []
    for _ in range(SAMPLES):
        origin, destination = randgen.sample(ports, 2)
        samples.append(
            CargoFactory.build(
                origin=origin,
                destination=destination,
                carrier=randgen.choice(carriers),
                awkward=randgen.random() < AWKWARD_SHARE,
            )
        )
    return samples


def _tag_sets() -> list[list[int]]:
    """Return lists of up to three tag keys. Half of the lists are empty."""
    keys = [TagFactory.create(name=name).pk for name in TAGS]
    random = Random(SAMPLES_SEED)  # noqa: S311
    return [random.sample(keys, size) for size in (0, 0, 0, 1, 2, 3) for _ in range(SAMPLES // 6)]


def _ready(samples: list[Cargo], part: list[str]) -> list[Row]:
    """Return the values of some fields of each sample, prepared for the database."""
    fields = [_field(Cargo, name) for name in part]
    return [
        tuple(
            field.get_db_prep_save(getattr(sample, field.attname), connection) for field in fields
        )
        for sample in samples
    ]


def _insert(model: type[models.Model], names: list[str], rows: Sequence[Row]) -> None:
    """Insert rows of values prepared for the database."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(_field(model, name).column)) for name in names)
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608
    places = f"({', '.join(['%s'] * len(names))})"
    groups = [rows[start : start + GROUP_SIZE] for start in range(0, len(rows), GROUP_SIZE)]
    with connection.cursor() as cursor:
        for size, alike in groupby(groups, key=len):  # the full groups, then a shorter last one
            values = [list(chain.from_iterable(group)) for group in alike]
            cursor.executemany(insert + ", ".join([places] * size), values)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    """Return a concrete field of a model."""
    return cast("models.Field[Any, Any]", model._meta.get_field(name))
