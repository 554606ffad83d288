from contextvars import ContextVar

import pytest
from django.db import connection, connections
from django.utils import timezone, translation

from streamreports.backends.registry import get_backend
from streamreports.streaming.context import RequestContext
from tests.connections import in_thread
from tests.models import Maker

colour = ContextVar("colour", default="none")

only_where_kept = pytest.mark.skipif(
    get_backend(connection).features.leaves_connection_free,
    reason="Reports leave its connection free.",
)


def raise_value_error():
    raise ValueError("no")


# What a call is given and gives


def test_a_call_is_given_its_arguments_and_gives_its_result(db):
    assert RequestContext("default").run(divmod, 7, 3) == (2, 1)


def test_a_call_that_raises_raises(db):
    with pytest.raises(ValueError, match=r"^no$"):
        RequestContext("default").run(raise_value_error)


def test_a_stop_iteration_leaves_a_call_as_it_is(db):
    with pytest.raises(StopIteration):
        RequestContext("default").run(next, iter([]))


# Language


def test_the_language_is_put_back(db):
    with translation.override("de"):
        surroundings = RequestContext("default")
    assert surroundings.run(translation.get_language) == "de"


def test_the_language_is_put_back_every_time(db):
    with translation.override("de"):
        surroundings = RequestContext("default")
    surroundings.run(translation.activate, "pt-br")
    assert surroundings.run(translation.get_language) == "de"


def test_the_language_is_put_back_in_every_thread(own_connection):
    with translation.override("de"):
        surroundings = RequestContext("default")
    languages = [surroundings.run(translation.get_language)]
    languages += [in_thread(lambda: surroundings.run(translation.get_language)) for _ in range(2)]
    languages.append(surroundings.run(translation.get_language))
    surroundings.release()
    assert languages == ["de"] * 4


def test_translations_turned_off_are_turned_off_again(db):
    with translation.override(None):
        surroundings = RequestContext("default")
    assert surroundings.run(translation.get_language) is None


def test_the_language_does_not_leak(db):
    with translation.override("de"):
        surroundings = RequestContext("default")
    with translation.override("pt-br"):
        surroundings.run(translation.activate, "en")
        assert translation.get_language() == "pt-br"


def test_the_language_does_not_leak_from_a_call_that_raises(db):
    with translation.override("de"):
        surroundings = RequestContext("default")
    with pytest.raises(ValueError, match="no"):
        surroundings.run(raise_value_error)
    assert translation.get_language() == "en"


# Time zone


def test_the_time_zone_is_put_back(db):
    with timezone.override("Asia/Tokyo"):
        surroundings = RequestContext("default")
    assert surroundings.run(timezone.get_current_timezone_name) == "Asia/Tokyo"


def test_the_time_zone_is_put_back_every_time(db):
    with timezone.override("Asia/Tokyo"):
        surroundings = RequestContext("default")
    surroundings.run(timezone.activate, "America/Lima")
    assert surroundings.run(timezone.get_current_timezone_name) == "Asia/Tokyo"


def test_the_time_zone_is_put_back_in_every_thread(own_connection):
    with timezone.override("Asia/Tokyo"):
        surroundings = RequestContext("default")
    names = [surroundings.run(timezone.get_current_timezone_name)]
    names.append(in_thread(lambda: surroundings.run(timezone.get_current_timezone_name)))
    surroundings.release()
    assert names == ["Asia/Tokyo"] * 2


def test_the_time_zone_does_not_leak(db):
    with timezone.override("Asia/Tokyo"):
        surroundings = RequestContext("default")
    surroundings.run(timezone.activate, "America/Lima")
    assert timezone.get_current_timezone_name() == "UTC"


# Context variables


def test_context_variables_are_put_back(db):
    token = colour.set("green")
    surroundings = RequestContext("default")
    colour.reset(token)
    assert surroundings.run(colour.get) == "green"


def test_a_context_variable_that_is_set_later_is_not_there(db):
    surroundings = RequestContext("default")
    token = colour.set("green")
    seen = surroundings.run(colour.get)
    colour.reset(token)
    assert seen == "none"


def test_context_variables_do_not_leak(db):
    RequestContext("default").run(colour.set, "green")
    assert colour.get() == "none"


def test_two_surroundings_do_not_mix(db):
    with translation.override("de"):
        german = RequestContext("default")
    with translation.override("pt-br"):
        portuguese = RequestContext("default")
    languages = german.run(
        lambda: (portuguese.run(translation.get_language), translation.get_language())
    )
    assert languages == ("pt-br", "de")


# Execute wrappers


def count_makers():
    return Maker.objects.count()


def test_execute_wrappers_are_put_back(db):
    statements = []

    def wrapper(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        surroundings = RequestContext("default")
    surroundings.run(count_makers)
    assert len(statements) == 1


def test_execute_wrappers_that_come_later_are_left_out(db):
    def wrapper(execute, sql, params, many, context):
        raise AssertionError("This wrapper belongs to something else.")

    surroundings = RequestContext("default")
    with connection.execute_wrapper(wrapper):
        assert surroundings.run(count_makers) == 0


def test_execute_wrappers_do_not_leak(db):
    def wrapper(execute, sql, params, many, context):
        raise AssertionError("This wrapper is gone.")

    with connection.execute_wrapper(wrapper):
        surroundings = RequestContext("default")
    with pytest.raises(AssertionError, match="gone"):
        surroundings.run(count_makers)
    assert count_makers() == 0


# The connection


def test_inside_a_transaction_the_connection_is_shared(db):
    before = connections["default"]
    surroundings = RequestContext("default")
    inside = surroundings.run(lambda: connections["default"])
    assert inside is connections["default"] is before


def test_the_connection_is_the_same_in_every_call(own_connection):
    surroundings = RequestContext("default")
    inside = [surroundings.run(lambda: connections["default"]) for _ in range(2)]
    surroundings.release()
    assert inside == [own_connection, own_connection]


@only_where_kept
def test_the_connection_is_kept_from_everybody_else(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)
    between = connections["default"]
    surroundings.run(count_makers)
    assert connections["default"] is between is not own_connection
    surroundings.release()
    between.close()


@only_where_kept
def test_execute_wrappers_go_with_whoever_takes_the_place_of_the_connection(own_connection):
    """A guard that middleware put around everything guards what inner middleware does as well."""
    statements = []

    def wrapper(execute, sql, params, many, context):
        if "COUNT" in sql:
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        surroundings = RequestContext("default")
        surroundings.run(count_makers)
        count_makers()
    count_makers()
    connections["default"].close()
    surroundings.release()
    assert len(statements) == 2


@only_where_kept
def test_no_connection_is_made_for_somebody_who_does_not_ask(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)
    connected = [each for each in connections.all(initialized_only=True) if each.connection]
    surroundings.release()
    assert connected == []


def test_a_call_that_raises_leaves_the_connections_as_they_were(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)
    between = connections["default"]
    with pytest.raises(ValueError, match="no"):
        surroundings.run(raise_value_error)
    assert connections["default"] is between
    surroundings.release()


def test_release_gives_the_connection_back(own_connection):
    RequestContext("default").release()
    assert connections["default"] is own_connection


@only_where_kept
def test_release_closes_the_connection_where_another_has_taken_its_place(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)
    count_makers()
    other = connections["default"]
    surroundings.release()
    assert connections["default"] is other
    assert own_connection.connection is None
    other.close()


def test_a_second_release_does_nothing(own_connection):
    surroundings = RequestContext("default")
    surroundings.release()
    other = connections["default"]
    surroundings.release()
    assert connections["default"] is other
    assert own_connection.allow_thread_sharing is False


def test_after_release_the_thread_reads_and_writes(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)
    surroundings.release()
    Maker.objects.create(name="Ann")
    assert count_makers() == 1


def test_a_call_may_be_made_in_another_thread(own_connection):
    surroundings = RequestContext("default")
    count = in_thread(lambda: surroundings.run(count_makers))
    surroundings.release()
    assert count == 0


def test_released_in_another_thread_the_connection_is_not_left_there(own_connection):
    """A connection works in the thread that made it alone: another's would break that one."""
    surroundings = RequestContext("default")
    surroundings.run(count_makers)

    def release_and_count():
        surroundings.release()
        return count_makers()

    assert in_thread(release_and_count) == 0


@only_where_kept
def test_released_in_another_thread_the_connection_is_closed(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)

    def release():
        surroundings.release()
        return own_connection.connection

    assert in_thread(release) is None


@only_where_kept
def test_released_in_another_thread_that_has_one_the_connection_is_closed(own_connection):
    surroundings = RequestContext("default")
    surroundings.run(count_makers)

    def count_release_count():
        counts = [count_makers()]
        surroundings.release()
        return [*counts, count_makers(), own_connection.connection]

    assert in_thread(count_release_count) == [0, 0, None]
