"""Views that tests request, and their files."""

from streamreports.columns import Column
from streamreports.views import StreamingCsvView
from tests.models import Maker


class MakerCsvView(StreamingCsvView):
    """Send makers, a thousand of them in several blocks.

    On PostgreSQL it is COPY that writes them, outside of a transaction.
    """

    model = Maker
    ordering = ["name"]
    columns = ["name", "size"]
    filename = "makers.csv"
    chunk_size = 100
    buffered_up_to = 0


class FailingCsvView(MakerCsvView):
    """Send makers, read as instances, and fail at the one called as ``fails_at`` says."""

    fails_at = 0

    def get_columns(self):
        return [Column(self.name_of, label="Name"), "size"]

    def name_of(self, maker):
        if maker.name == name(self.fails_at):
            raise LookupError(f"no name for {maker.name}")
        return maker.name


def name(number):
    """Return the name of a maker: long, so that a thousand of them do not fit one block."""
    return f"{number:04d}{'x' * 96}"


def make(count):
    """Save some makers."""
    Maker.objects.bulk_create(Maker(name=name(number)) for number in range(count))


def body(count):
    """Return the whole file of some makers."""
    rows = (f"{name(number)}," for number in range(count))
    return "".join(f"{line}\r\n" for line in ["Name,Size", *rows]).encode()


def rows_in(start):
    """Return how many rows there are in the start of a file: line ends stand before rows."""
    return start.count(b"\r\n")


class PlainCsvView(StreamingCsvView):
    model = Maker
    columns = ["name"]


def get(rf, view_class, **initkwargs):
    """Return the response of a view to a GET request."""
    return view_class.as_view(**initkwargs)(rf.get("/report/"))


def file_of(rf, view_class, **initkwargs):
    """Return the file of a view as text."""
    return b"".join(get(rf, view_class, **initkwargs)).decode()


def disposition(rf, view_class, **initkwargs):
    return get(rf, view_class, **initkwargs).headers["Content-Disposition"]


def save(*names, **kwargs):
    Maker.objects.bulk_create(Maker(name=name, **kwargs) for name in names)
