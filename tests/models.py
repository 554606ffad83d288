"""Models with every kind of field and relation that a report can meet."""

import functools

from django.contrib import admin
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Maker(models.Model):
    """The far end of a foreign key."""

    class Size(models.IntegerChoices):
        SMALL = 1, "Small works"
        LARGE = 2, "Large works"

    name = models.CharField(max_length=100)
    size = models.IntegerField(choices=Size, null=True)

    def __str__(self):
        return self.name

    @property
    def shout(self):
        return self.name.upper()


class SmallMaker(Maker):
    """A proxy."""

    class Meta:
        proxy = True


class Specimen(models.Model):
    """One field of each class that Django has."""

    class Kind(models.TextChoices):
        RARE = "r", "Rare kind"
        COMMON = "c", "Common kind"

    big = models.BigIntegerField(null=True)
    binary = models.BinaryField(null=True)
    boolean = models.BooleanField(null=True)
    char = models.CharField(max_length=200, null=True)
    date = models.DateField(null=True)
    datetime = models.DateTimeField(null=True)
    decimal = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    short_decimal = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    duration = models.DurationField(null=True)
    email = models.EmailField(null=True)
    file = models.FileField(null=True)
    floating = models.FloatField(null=True)
    integer = models.IntegerField(null=True)
    ip = models.GenericIPAddressField(null=True)
    json = models.JSONField(null=True)
    kind = models.CharField(max_length=20, choices=Kind, null=True)
    slug = models.SlugField(null=True)
    text = models.TextField(null=True)
    time = models.TimeField(null=True)
    url = models.URLField(null=True)
    uuid = models.UUIDField(null=True)
    maker = models.ForeignKey(Maker, models.SET_NULL, null=True, related_name="specimens")
    notes = GenericRelation("Note", related_query_name="specimen")


class Part(models.Model):
    """What many a specimen has: the far end of a reverse foreign key."""

    specimen = models.ForeignKey(Specimen, models.CASCADE, related_name="parts")
    name = models.CharField(max_length=50, null=True)
    quantity = models.IntegerField(default=1)

    class Meta:
        ordering = ["-name"]


class Certificate(models.Model):
    """What a specimen may have one of: the far end of a reverse one-to-one relation."""

    specimen = models.OneToOneField(Specimen, models.CASCADE)
    number = models.CharField("certificate number", max_length=20)

    @property
    def stamp(self):
        return f"<{self.number}>"


class Note(models.Model):
    """What can be said of anything: a generic foreign key."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    content_object = GenericForeignKey()
    body = models.CharField(max_length=100)

    @property
    def drawer(self):
        """Return a drawer; the reverse relation of ``Drawer.note`` has the same name."""
        return self.drawer_set.order_by("code").last()


if connection.vendor == "postgresql":
    from django.contrib.postgres.fields import ArrayField

    class Shelf(models.Model):
        """A field that only PostgreSQL has."""

        labels = ArrayField(models.CharField(max_length=50), null=True)
        counts = ArrayField(ArrayField(models.IntegerField(null=True)), null=True)


class Tag(models.Model):
    """The far end of a many-to-many relation, with no order of its own."""

    name = models.CharField(max_length=50)


class Drawer(models.Model):
    """Relations, choices and attributes that a specimen has none of."""

    code = models.CharField(max_length=20, primary_key=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    tags = models.ManyToManyField(Tag, related_name="drawers")
    note = models.ForeignKey(Note, models.SET_NULL, null=True)
    # Each label is the value of the other: a label that is looked up again shows.
    side = models.CharField(max_length=5, choices=[("left", "right"), ("right", "left")], null=True)
    mood = models.CharField(max_length=9, choices=[("g", "Good"), ("b", "Bad")], null=True)
    answer = models.CharField(
        max_length=9,
        choices=[("Sure", [("y", _("Yes")), ("n", _("No"))]), ("u", _("Unknown"))],
        null=True,
    )
    options = models.JSONField(choices=[("none", "No options")], null=True)
    shape = models.JSONField(choices=[([1, 2], "A pair")], null=True)
    weight = models.FloatField("net_weight (kg)", null=True)

    def __str__(self):
        return f"Drawer {self.code}"

    def get_mood_display(self):
        return f"Mood: {self.mood}"

    @property
    def loud(self):
        return self.code.upper()

    @cached_property
    def length(self):
        return len(self.code)

    @functools.cached_property
    def doubled(self):
        return self.code * 2

    @admin.display(description=_("Email address"))
    def described(self):
        return f"={self.code}"

    @property
    @admin.display(description="Told")
    def told(self):
        return None

    def get_parent(self):
        return self.parent

    def in_parent(self):
        return self.parent and self.parent.code

    @staticmethod
    def fixed():
        return "fixed"

    @classmethod
    def of_class(cls):
        return cls.__name__

    def empty(self):
        return self.children.all().delete()

    empty.alters_data = True


class LockedDrawer(Drawer):
    """A model of two tables, whose primary key is a relation."""

    key = models.CharField(max_length=20, null=True)


class Slot(models.Model):
    """A primary key of two columns."""

    pk = models.CompositePrimaryKey("drawer_id", "number")
    drawer = models.ForeignKey(Drawer, models.CASCADE, related_name="slots")
    number = models.IntegerField()


class BracketField(models.CharField):
    """A field that converts each value, null included."""

    def from_db_value(self, value, expression, connection):
        return f"[{value}]"


class Seal(models.Model):
    mark = BracketField(max_length=20, null=True)


class Box(models.Model):
    """What letters are kept in."""


class Letter(models.Model):
    """What may have a seal or not."""

    box = models.ForeignKey(Box, models.CASCADE, related_name="letters")
    seal = models.ForeignKey(Seal, models.SET_NULL, null=True, related_name="letters")
