import pytest
from django.db import connection, connections

from streamreports.backends.registry import get_backend
from streamreports.streaming.connections import ReservedConnection
from tests.connections import in_thread
from tests.models import Maker

only_where_reserved = pytest.mark.skipif(
    get_backend(connection).features.leaves_connection_free,
    reason="Reports leave its connection free.",
)


def count_makers():
    return Maker.objects.count()


def raise_value_error():
    raise ValueError("no")


def test_inside_a_transaction_the_connection_is_shared(db):
    before = connections["default"]
    reserved = ReservedConnection("default")
    inside = reserved.run(lambda: connections["default"])
    assert inside is connections["default"] is before


def test_the_connection_is_the_same_in_every_call(own_connection):
    reserved = ReservedConnection("default")
    inside = [reserved.run(lambda: connections["default"]) for _ in range(2)]
    reserved.release()
    assert inside == [own_connection, own_connection]


@only_where_reserved
def test_other_code_gets_another_connection(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)
    between = connections["default"]
    reserved.run(count_makers)
    assert connections["default"] is between is not own_connection
    reserved.release()
    between.close()


@only_where_reserved
def test_the_connection_in_between_has_the_execute_wrappers(own_connection):
    """A wrapper of outer middleware also applies to the queries of inner middleware."""
    statements = []

    def wrapper(execute, sql, params, many, context):
        if "COUNT" in sql:
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        reserved = ReservedConnection("default")
        reserved.run(count_makers)
        count_makers()
    count_makers()
    connections["default"].close()
    reserved.release()
    assert len(statements) == 2


@only_where_reserved
def test_the_connection_in_between_does_not_connect_without_a_query(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)
    connected = [each for each in connections.all(initialized_only=True) if each.connection]
    reserved.release()
    assert connected == []


def test_a_call_that_raises_leaves_the_connections_as_they_were(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)
    between = connections["default"]
    with pytest.raises(ValueError, match="no"):
        reserved.run(raise_value_error)
    assert connections["default"] is between
    reserved.release()


def test_release_gives_the_connection_back(own_connection):
    ReservedConnection("default").release()
    assert connections["default"] is own_connection


@only_where_reserved
def test_release_closes_the_connection_where_another_has_taken_its_place(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)
    count_makers()
    other = connections["default"]
    reserved.release()
    assert connections["default"] is other
    assert own_connection.connection is None
    other.close()


def test_a_second_release_does_nothing(own_connection):
    reserved = ReservedConnection("default")
    reserved.release()
    other = connections["default"]
    reserved.release()
    assert connections["default"] is other
    assert own_connection.allow_thread_sharing is False


def test_after_release_the_thread_reads_and_writes(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)
    reserved.release()
    Maker.objects.create(name="Ann")
    assert count_makers() == 1


def test_a_call_may_be_made_in_another_thread(own_connection):
    reserved = ReservedConnection("default")
    count = in_thread(lambda: reserved.run(count_makers))
    reserved.release()
    assert count == 0


def test_released_in_another_thread_the_connection_is_not_left_there(own_connection):
    """A connection works in the thread that made it alone: another's would break that one."""
    reserved = ReservedConnection("default")
    reserved.run(count_makers)

    def release_and_count():
        reserved.release()
        return count_makers()

    assert in_thread(release_and_count) == 0


@only_where_reserved
def test_released_in_another_thread_the_connection_is_closed(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)

    def release():
        reserved.release()
        return own_connection.connection

    assert in_thread(release) is None


@only_where_reserved
def test_released_in_another_thread_that_has_one_the_connection_is_closed(own_connection):
    reserved = ReservedConnection("default")
    reserved.run(count_makers)

    def count_release_count():
        counts = [count_makers()]
        reserved.release()
        return [*counts, count_makers(), own_connection.connection]

    assert in_thread(count_release_count) == [0, 0, None]
