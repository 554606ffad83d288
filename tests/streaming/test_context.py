from contextvars import ContextVar

import pytest
from django.db import connection
from django.utils import timezone, translation

from streamreports.streaming.context import RequestContext
from tests.connections import in_thread
from tests.models import Maker

colour = ContextVar("colour", default="none")


def raise_value_error():
    raise ValueError("no")


# What a call is given and gives


def test_a_call_is_given_its_arguments_and_gives_its_result(db):
    assert RequestContext().run(divmod, 7, 3) == (2, 1)


def test_a_call_that_raises_raises(db):
    with pytest.raises(ValueError, match=r"^no$"):
        RequestContext().run(raise_value_error)


def test_a_stop_iteration_leaves_a_call_as_it_is(db):
    with pytest.raises(StopIteration):
        RequestContext().run(next, iter([]))


# Language


def test_the_language_is_restored(db):
    with translation.override("de"):
        context = RequestContext()
    assert context.run(translation.get_language) == "de"


def test_the_language_is_restored_every_time(db):
    with translation.override("de"):
        context = RequestContext()
    context.run(translation.activate, "pt-br")
    assert context.run(translation.get_language) == "de"


def test_the_language_is_restored_in_every_thread(own_connection):
    with translation.override("de"):
        context = RequestContext()
    languages = [context.run(translation.get_language)]
    languages += [in_thread(lambda: context.run(translation.get_language)) for _ in range(2)]
    languages.append(context.run(translation.get_language))
    assert languages == ["de"] * 4


def test_translations_turned_off_are_turned_off_again(db):
    with translation.override(None):
        context = RequestContext()
    assert context.run(translation.get_language) is None


def test_the_language_does_not_leak(db):
    with translation.override("de"):
        context = RequestContext()
    with translation.override("pt-br"):
        context.run(translation.activate, "en")
        assert translation.get_language() == "pt-br"


def test_the_language_does_not_leak_from_a_call_that_raises(db):
    with translation.override("de"):
        context = RequestContext()
    with pytest.raises(ValueError, match="no"):
        context.run(raise_value_error)
    assert translation.get_language() == "en"


# Time zone


def test_the_time_zone_is_restored(db):
    with timezone.override("Asia/Tokyo"):
        context = RequestContext()
    assert context.run(timezone.get_current_timezone_name) == "Asia/Tokyo"


def test_the_time_zone_is_restored_every_time(db):
    with timezone.override("Asia/Tokyo"):
        context = RequestContext()
    context.run(timezone.activate, "America/Lima")
    assert context.run(timezone.get_current_timezone_name) == "Asia/Tokyo"


def test_the_time_zone_is_restored_in_every_thread(own_connection):
    with timezone.override("Asia/Tokyo"):
        context = RequestContext()
    names = [context.run(timezone.get_current_timezone_name)]
    names.append(in_thread(lambda: context.run(timezone.get_current_timezone_name)))
    assert names == ["Asia/Tokyo"] * 2


def test_the_time_zone_does_not_leak(db):
    with timezone.override("Asia/Tokyo"):
        context = RequestContext()
    context.run(timezone.activate, "America/Lima")
    assert timezone.get_current_timezone_name() == "UTC"


# Context variables


def test_context_variables_are_restored(db):
    token = colour.set("green")
    context = RequestContext()
    colour.reset(token)
    assert context.run(colour.get) == "green"


def test_a_context_variable_that_is_set_later_is_not_there(db):
    context = RequestContext()
    token = colour.set("green")
    seen = context.run(colour.get)
    colour.reset(token)
    assert seen == "none"


def test_context_variables_do_not_leak(db):
    RequestContext().run(colour.set, "green")
    assert colour.get() == "none"


def test_two_contexts_do_not_mix(db):
    with translation.override("de"):
        german = RequestContext()
    with translation.override("pt-br"):
        portuguese = RequestContext()
    languages = german.run(
        lambda: (portuguese.run(translation.get_language), translation.get_language())
    )
    assert languages == ("pt-br", "de")


# Execute wrappers


def count_makers():
    return Maker.objects.count()


def test_execute_wrappers_are_restored(db):
    statements = []

    def wrapper(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        context = RequestContext()
    context.run(count_makers)
    assert len(statements) == 1


def test_execute_wrappers_that_come_later_are_left_out(db):
    def wrapper(execute, sql, params, many, context):
        raise AssertionError("This wrapper belongs to something else.")

    context = RequestContext()
    with connection.execute_wrapper(wrapper):
        assert context.run(count_makers) == 0


def test_execute_wrappers_do_not_leak(db):
    def wrapper(execute, sql, params, many, context):
        raise AssertionError("This wrapper is gone.")

    with connection.execute_wrapper(wrapper):
        context = RequestContext()
    with pytest.raises(AssertionError, match="gone"):
        context.run(count_makers)
    assert count_makers() == 0
