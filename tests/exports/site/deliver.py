"""Deliver exports to many workers of a process at the same instant: ``deliver.py KEY...``."""

import sys
import time
from threading import Barrier, Thread

import django
from django.conf import settings
from django.db import connections

THREADS = 4


def main(keys):
    """Write the key of an export each time that it was made."""
    from streamreports.exports.running import run_export

    barrier = Barrier(THREADS)

    def deliver():
        for key in keys:
            barrier.wait()
            if run_export(key):
                sys.stdout.write(f"{key}\n")
        connections.close_all()

    while not (settings.FOLDER / "deliver.go").exists():
        time.sleep(0.001)
    threads = [Thread(target=deliver) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1:])
