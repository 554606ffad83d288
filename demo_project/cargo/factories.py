"""Factories for ports, carriers, tags and cargoes, used by the tests and the demo."""

# factory-boy's declarations have no type hints.
# mypy: allow-untyped-calls, allow-untyped-decorators

from datetime import UTC, datetime
from typing import Any

from factory.declarations import Iterator, LazyAttribute, Maybe, SubFactory, Trait
from factory.django import DjangoModelFactory
from factory.fuzzy import FuzzyChoice, FuzzyDateTime, FuzzyDecimal
from factory.helpers import post_generation

from demo_project.cargo.models import Cargo, Carrier, Port, Tag

PORTS = [
    ("DEHAM", "Hamburg", "Germany"),
    ("BRSSZ", "Santos", "Brazil"),
    ("NLRTM", "Rotterdam", "Netherlands"),
    ("SGSIN", "Singapore", "Singapore"),
    ("CNSHA", "Shanghai", "China"),
    ("CLSAI", "San Antonio", "Chile"),
    ("PLGDN", "Gdańsk", "Poland"),
    ("ESVLC", "València", "Spain"),
    ("ZADUR", "Durban", "South Africa"),
    ("SEGOT", "Göteborg", "Sweden"),
    ("JPYOK", "Yokohama", "Japan"),
    ("USLAX", "Los Angeles", "United States"),
    ("CIABJ", "Abidjan", "Côte d'Ivoire"),
    ("AUMEL", "Melbourne", "Australia"),
]
CARRIERS = [
    ("Blue Anchor Line", Carrier.Kind.LINER),
    ("Frères Corsaire & Fils", Carrier.Kind.TRAMP),
    ("Nordstern, Reederei", Carrier.Kind.LINER),
    ("Rhine Barge Company", Carrier.Kind.BARGE),
    ("Transalpine Rail", Carrier.Kind.RAIL),
    ("Three Capes Shipping", Carrier.Kind.TRAMP),
]
TAGS = ["bulk", "flammable", "fragile", "insured", "oversize", "perishable", "refrigerated"]
COMMODITIES = [
    "Coffee beans",
    "Cotton bales",
    "Frozen fish",
    "Machine tools",
    "Olive oil",
    "Paper reels",
    "Solar panels",
    "Steel coils",
    "Tea",
    "Timber",
    "Wheat",
    "Wool",
]
AWKWARD_COMMODITIES = [
    "=1+1 Widgets",  # executed as a formula by spreadsheets
    "@home goods",
    "-40°C vaccines",
    "+ Vitamins",
    'Pipes, 6" wide',  # quoted in CSV
    "Paint: red,\nblue",
    "Café crème; чай",
]

PICK_UP_TIME = FuzzyDateTime(
    datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), force_microsecond=0
)


class PortFactory(DjangoModelFactory[Port]):
    """Create real ports in turn. If the code exists, return the existing port."""

    class Meta:
        model = Port
        django_get_or_create = ["code"]

    class Params:
        port = Iterator(PORTS)

    code = LazyAttribute(lambda made: made.port[0])
    name = LazyAttribute(lambda made: made.port[1])
    country = LazyAttribute(lambda made: made.port[2])


class CarrierFactory(DjangoModelFactory[Carrier]):
    """Create fictional carriers in turn. If the name exists, return the existing carrier."""

    class Meta:
        model = Carrier
        django_get_or_create = ["name"]

    class Params:
        carrier = Iterator(CARRIERS)

    name = LazyAttribute(lambda made: made.carrier[0])
    kind = LazyAttribute(lambda made: made.carrier[1])


class TagFactory(DjangoModelFactory[Tag]):
    """Create tags in turn. If the name exists, return the existing tag."""

    class Meta:
        model = Tag
        django_get_or_create = ["name"]

    name = Iterator(TAGS)


class CargoFactory(DjangoModelFactory[Cargo]):
    """Create cargoes.

    ``awkward=True``: use a commodity that needs quoting or escaping.
    ``tags=[...]``: add these tags, given as instances or names. There are none by default.
    """

    class Meta:
        model = Cargo
        skip_postgeneration_save = True

    class Params:
        awkward = Trait(commodity=FuzzyChoice(AWKWARD_COMMODITIES))
        is_under_way = LazyAttribute(lambda made: made.status != Cargo.Status.BOOKED)

    commodity = FuzzyChoice(COMMODITIES)
    weight = FuzzyDecimal(0.5, 25_000, precision=3)
    price = FuzzyDecimal(0.1, 80, precision=2)
    status = FuzzyChoice(Cargo.Status.values)
    picked_up_at = Maybe("is_under_way", PICK_UP_TIME, None)
    origin = SubFactory(PortFactory)
    destination = SubFactory(PortFactory)
    carrier = SubFactory(CarrierFactory)

    @post_generation
    def tags(self: Cargo, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Add the given tags to the cargo."""
        if create and extracted:
            self.tags.set(
                tag if isinstance(tag, Tag) else TagFactory.create(name=tag) for tag in extracted
            )
