"""Fill the tables with as many cargoes as asked for, fast and always with the same ones.

A factory, or ``bulk_create()``, spends many times longer on a cargo than the database does. So the
factory makes a few hundred samples, their values are made ready for the database once, and every
cargo is put together from parts of several samples.
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

BATCH_SIZE = 5_000  # cargoes a transaction: a fraction of a second, and little to lose
GROUP_SIZE = 100  # rows a statement: one by one takes 1.6 times as long
SAMPLES = 300
AWKWARD_SHARE = 0.2  # of the samples have texts that are hard to print: see the factory
SAMPLES_SEED = "streamreports"
BATCHES_SEED = 39  # one whose first rows show much: quotes, a formula, empty cells

# Fields that only make sense together are taken from the same sample.
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
    """Add cargoes and their tags; call back after each batch with the number added so far.

    A batch is a transaction, so an interrupted load leaves whole cargoes behind.
    """
    before = Cargo.objects.count()
    with transaction.atomic():
        samples, tag_sets = _samples(), _tag_sets()
    pools = [_ready(samples, part) for part in PARTS]
    for start in range(0, rows, BATCH_SIZE):
        size = min(BATCH_SIZE, rows - start)
        # Seeded by the place in the table: a load that was interrupted goes on as it would have.
        random = Random(f"{BATCHES_SEED} {before + start}")  # noqa: S311
        parts = zip(*(random.choices(pool, k=size) for pool in pools), strict=True)
        with transaction.atomic():
            _insert(Cargo, FIELDS, [tuple(chain.from_iterable(row)) for row in parts])
            # Asked for rather than returned, because MySQL cannot return them.
            keys = sorted(Cargo.objects.order_by("-pk").values_list("pk", flat=True)[:size])
            tagged = zip(keys, random.choices(tag_sets, k=size), strict=True)
            links = [(key, tag) for key, tags in tagged for tag in tags]
            _insert(Cargo.tags.through, ["cargo", "tag"], links)
        on_batch(start + size)


def _samples() -> list[Cargo]:
    """Build cargoes that are not saved, between ports and with carriers that are."""
    randgen.seed(SAMPLES_SEED)  # the factory draws from this one too
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
    """Return sets of the keys of up to three tags, half of them empty."""
    keys = [TagFactory.create(name=name).pk for name in TAGS]
    random = Random(SAMPLES_SEED)  # noqa: S311
    return [random.sample(keys, size) for size in (0, 0, 0, 1, 2, 3) for _ in range(SAMPLES // 6)]


def _ready(samples: list[Cargo], part: list[str]) -> list[Row]:
    """Return the values of some fields of each sample, as the database takes them."""
    fields = [_field(Cargo, name) for name in part]
    return [
        tuple(
            field.get_db_prep_save(getattr(sample, field.attname), connection) for field in fields
        )
        for sample in samples
    ]


def _insert(model: type[models.Model], names: list[str], rows: Sequence[Row]) -> None:
    """Insert rows of values that are ready for the database."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(_field(model, name).column)) for name in names)
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608
    places = f"({', '.join(['%s'] * len(names))})"
    groups = [rows[start : start + GROUP_SIZE] for start in range(0, len(rows), GROUP_SIZE)]
    with connection.cursor() as cursor:
        for size, alike in groupby(groups, key=len):  # all of full size, and then a last one
            values = [list(chain.from_iterable(group)) for group in alike]
            cursor.executemany(insert + ", ".join([places] * size), values)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    """Return a field that has a column."""
    return cast("models.Field[Any, Any]", model._meta.get_field(name))
