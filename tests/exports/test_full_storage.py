"""A file system that is too small for an export."""

from pathlib import Path

FAILED = "The report could not be generated. Try again, or contact the site administrator."
SMALL = 'mount -t tmpfs -o size=256k tmpfs {folder} && exec "$@"'  # in a mount namespace


def test_an_export_that_does_not_fit_fails(worker_site):
    folder = worker_site.folder / "files"
    folder.mkdir()
    command = ["unshare", "-rm", "sh", "-c", SMALL.format(folder=folder), "sh"]
    large = worker_site.export("/large/", 0)
    worker = worker_site.start_worker(within=command)
    large = worker_site.wait_for(large, "failed")
    assert (
        large.error
        == "The report could not be generated. Try again, or contact the site administrator."
    )
    assert large.traceback.endswith("OSError: [Errno 28] No space left on device\n")
    small = worker_site.make("/groups/", 1)
    seen_by_worker = Path(f"/proc/{worker.pid}/root{folder}")
    assert [path.name for path in seen_by_worker.iterdir()] == [small.file]
    assert (seen_by_worker / small.file).read_bytes() == worker_site.expected(waiting=False)
