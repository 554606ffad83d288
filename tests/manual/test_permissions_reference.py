"""The tables of permissions name those that the models have."""

import pytest
from django.contrib.auth import get_permission_codename

from demo_project.cargo.models import Cargo
from streamreports.admin.permissions import permission_of
from streamreports.exports.models import Export
from streamreports.logs.models import ReportLog
from tests.manual.reference import REFERENCE, code, page_tables


@pytest.mark.parametrize(
    ("page", "model", "unused"),
    [("exports.md", Export, {"add_export"}), ("logs.md", ReportLog, set())],
    ids=["exports", "logs"],
)
def test_the_permissions_of_a_model(page, model, unused):
    """``unused``: those that Django creates, and that nothing asks for."""
    options = model._meta
    created = {get_permission_codename(each, options) for each in options.default_permissions}
    created |= {codename for codename, _ in options.permissions}
    table = page_tables(page)["Permission"]
    assert {code(first) for first in table} == created - unused
    assert all(row["Allows"] for row in table.values())


def test_the_permission_to_export_a_changelist():
    text = " ".join((REFERENCE / "admin.md").read_text(encoding="utf-8").split())
    assert permission_of(Cargo._meta) == "cargo.export_cargo"
    assert "`<app label>.export_<model>`, such as `cargo.export_cargo`" in text
