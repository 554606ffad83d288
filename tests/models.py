"""Models with every kind of field and relation that a report can meet."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models


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
    notes = GenericRelation("Note")


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


if connection.vendor == "postgresql":
    from django.contrib.postgres.fields import ArrayField

    class Shelf(models.Model):
        """A field that only PostgreSQL has."""

        labels = ArrayField(models.CharField(max_length=50), null=True)
        counts = ArrayField(ArrayField(models.IntegerField(null=True)), null=True)
