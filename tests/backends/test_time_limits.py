import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from streamreports.backends.base.backend import Backend
from streamreports.backends.registry import get_backend
from streamreports.exceptions import TimeLimitError
from tests.backends.slow import SLOW_STATEMENT
from tests.models import Maker

SHORT = 0.1  # seconds
LONG = 600  # seconds: nothing takes as long
SETTINGS = {"mysql": "SELECT @@SESSION.max_statement_time", "postgresql": "SHOW statement_timeout"}


def run(statement):
    """Return the first value of a statement's result."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def limit_time(seconds):
    return get_backend(connections["default"]).limit_time(seconds)


def run_too_long(seconds=SHORT):
    """Return the error of a statement that takes longer than a time limit."""
    with pytest.raises(TimeLimitError) as caught, limit_time(seconds):
        run(SLOW_STATEMENT)
    return caught.value


def setting():
    """Return the time limit in force, where the database tells it."""
    return run(SETTINGS[connection.vendor]) if connection.vendor in SETTINGS else None


def test_a_statement_that_takes_longer_is_ended(own_connection):
    error = run_too_long()
    assert str(error) == "The time limit of 0.1 s has passed."
    assert isinstance(error.__cause__, DatabaseError)
    assert run("SELECT 1") == 1


def test_a_transaction_stays_usable(db):
    Maker.objects.create(name="before")
    run_too_long()
    Maker.objects.create(name="after")
    assert set(Maker.objects.values_list("name", flat=True)) == {"before", "after"}


def test_a_transaction_in_autocommit_mode_stays_usable(own_connection):
    with transaction.atomic():
        Maker.objects.create(name="before")
        run_too_long()
    assert Maker.objects.count() == 1


def test_a_statement_in_time_is_not_affected(own_connection):
    with limit_time(LONG):
        assert run("SELECT 1") == 1


def test_the_limit_ends_with_the_block(own_connection):
    before = setting()
    with limit_time(LONG):
        inside = setting()
    assert setting() == before
    assert inside != before or before is None


def test_the_limit_ends_with_the_block_in_a_transaction(db):
    before = setting()
    with limit_time(LONG):
        inside = setting()
    assert setting() == before
    assert inside != before or before is None


@pytest.mark.parametrize("error", [LookupError, TimeLimitError])
def test_the_limit_ends_with_an_error(db, error):
    before = setting()
    with pytest.raises(error), limit_time(LONG):
        raise error(1)
    assert setting() == before


def test_an_outer_limit_is_not_extended(db):
    with pytest.raises(TimeLimitError), limit_time(SHORT), limit_time(LONG):
        run(SLOW_STATEMENT)
    assert run("SELECT 1") == 1


def test_an_outer_limit_is_in_force_after_an_inner_one(db):
    with limit_time(SHORT):
        with limit_time(LONG):
            pass
        run_too_long(LONG)


def test_no_statement_begins_after_the_time(db):
    with pytest.raises(TimeLimitError), limit_time(0):
        run("SELECT 1")
    assert run("SELECT 1") == 1


def test_other_errors_are_raised_as_they_are(db):
    maker = Maker.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic(), limit_time(LONG):
        Maker.objects.bulk_create([Maker(pk=maker.pk)])


def test_an_error_that_a_timeout_led_to_is_a_timeout(db):
    def read():
        try:
            run(SLOW_STATEMENT)
        except DatabaseError as error:
            raise LookupError("nothing found") from error

    with pytest.raises(TimeLimitError), limit_time(SHORT):
        read()


def test_a_vendor_that_is_not_known_has_no_limit(db):
    with Backend(connections["default"]).limit_time(LONG):
        assert run("SELECT 1") == 1
    assert Backend.is_timeout(DatabaseError()) is False
