"""The reference of signals lists what the signals send."""

import re

import pytest
from django.test import RequestFactory

from demo_project.cargo.models import Cargo
from streamreports import signals
from streamreports.exports.models import Export
from streamreports.exports.signals import export_finished
from streamreports.shortcuts import stream_report
from tests.manual.reference import code, package_source, sections

SECTIONS = [each for each in sections() if each.kind == "Signal"]


def arguments_sent(signal, action):
    """Return the arguments that a signal sends while a function runs, and the last values."""
    sent = {}

    def receive(sender, signal, **kwargs):
        sent.update(kwargs)

    signal.connect(receive)
    try:
        action()
    finally:
        signal.disconnect(receive)
    return sent


def arguments_listed(path):
    [section] = [each for each in SECTIONS if each.path == path]
    return {code(first) for first in section.tables["Argument"]}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["report_started", "report_finished"])
def test_the_arguments_of_the_signals_of_reports(name):
    def send():
        response = stream_report(RequestFactory().get("/"), Cargo.objects.all(), ["id"])
        b"".join(response)
        response.close()

    sent = arguments_sent(getattr(signals, name), send)
    assert arguments_listed(f"streamreports.signals.{name}") == set(sent)


def test_the_argument_of_the_signal_of_exports(monkeypatch):
    from streamreports.exports import running

    class Found:
        def filter(self, **kwargs):
            return self

        def first(self):
            return Export(state=Export.State.DONE)

    monkeypatch.setattr(running.Export, "objects", Found())
    sent = arguments_sent(export_finished, lambda: running.announce(1))
    assert arguments_listed("streamreports.exports.signals.export_finished") == set(sent)


def test_all_signals_are_documented():
    listed = {each.path for each in SECTIONS}
    defined = set()
    for text in package_source():
        defined.update(re.findall(r"^(\w+) = Signal\(\)", text, re.MULTILINE))
    assert {path.rpartition(".")[2] for path in listed} == defined
