"""Queues that deliver an export several times at the same instant, to threads and processes."""

from tests.asgi import HANGS

PROCESSES = 2


def test_an_export_is_made_once(worker_site):
    exports = [worker_site.export("/groups/", number) for number in range(5)]
    keys = [str(export.pk) for export in exports]
    arguments = ["-m", "tests.exports.site.deliver", *keys]
    deliveries = [worker_site.start(*arguments) for _ in range(PROCESSES)]
    worker_site.let_go("deliver")
    made = []
    for delivery in deliveries:
        output, error = delivery.communicate(timeout=HANGS)
        assert (delivery.returncode, error) == (0, b"")
        made += output.decode().split()
    assert sorted(made) == sorted(keys)
    found = worker_site.exports.all()
    assert [(each.state, each.attempts) for each in found] == [("done", 1)] * len(keys)
    assert worker_site.files(hidden=True) == sorted(each.file for each in found)
    assert {worker_site.content(each) for each in found} == {worker_site.expected(waiting=False)}
