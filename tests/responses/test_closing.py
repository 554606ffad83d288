"""What a response keeps alive, and what closing it closes."""

import gc
from weakref import ref

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from tests.views import MakerCsvView, make


@pytest.fixture
def _no_gc():
    """Disable the garbage collector, so that only reference counts free objects."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def read(response):
    return b"".join(response)


def close(response):
    next(iter(response))
    response.close()


def drop(response):
    next(iter(response))


@pytest.mark.usefixtures("_no_gc")
@pytest.mark.parametrize("end", [read, close, drop])
def test_a_request_is_freed_without_the_garbage_collector(own_connection, end):
    make(1000)
    request = RequestFactory().get("/report/")
    response = MakerCsvView.as_view()(request)
    request_ref = ref(request)
    end(response)
    del request, response
    assert request_ref() is None


@pytest.mark.usefixtures("_no_gc")
def test_a_request_with_two_reports_is_freed_without_the_garbage_collector(own_connection):
    request = RequestFactory().get("/report/")
    responses = [MakerCsvView.as_view()(request) for _ in range(2)]
    request_ref = ref(request)
    for response in responses:
        read(response)
    del request, response, responses
    assert request_ref() is None


def test_closing_a_request_closes_all_of_its_reports(own_connection, finished):
    make(1000)
    request = RequestFactory().get("/report/")
    responses = [MakerCsvView.as_view()(request) for _ in range(2)]
    request.close()
    assert [sent["outcome"] for sent in finished] == ["aborted", "aborted"]
    assert [read(response) for response in responses] == [b"", b""]


def test_closing_a_request_closes_it_as_its_class_does(own_connection, monkeypatch):
    closed = []
    monkeypatch.setattr(HttpRequest, "close", closed.append)
    request = RequestFactory().get("/report/")
    responses = [MakerCsvView.as_view()(request) for _ in range(2)]
    request.close()
    assert (len(responses), closed) == (2, [request])
