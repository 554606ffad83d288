"""What visitors of the site do."""

import csv
from pathlib import Path


def log_in(page, name):
    """Fill in the log-in form of a page; each password is the name."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Log in").click()


def read(download):
    """Return the rows of a file that the browser has saved."""
    with Path(download.path()).open(newline="") as file:
        return list(csv.reader(file))
