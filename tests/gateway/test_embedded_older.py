"""The embedded CRM over a database that an earlier version made."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Ref
from tests.gateway.crm_world import build_world
from tests.gateway.databases import lender


def test_an_older_database_gets_the_columns_that_came_since(tmp_path: Path) -> None:
    url = lender.crm_address(tmp_path)
    crm = build_world(url).crm
    with crm.database.engine.connect() as plain, plain.begin():
        for table, column in (("account", "stage_code"), ("document", "for_stages")):
            plain.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        for table in ("account", "contract", "registration", "document"):
            plain.execute(text(f"ALTER TABLE {table} DROP COLUMN extra"))
        for table in ("deliverable", "milestone", "project", "approval", "acknowledgement"):
            plain.execute(text(f"DROP TABLE {table}"))
    crm.close()
    for _ in range(2):  # the second time there is nothing to be done
        crm = EmbeddedCrm.open(url)
        (row,) = crm.fetch([Ref("account", "1")])
        assert (row.fields["acct_name"], row.fields["stage_code"]) == ("Brightwater IT Ltd", None)
        with crm.writing() as unit:
            unit.change("account", 1, {"x_region": "north"}, AUTOMATION)
            unit.insert("approval", {"account_id": 1, "subject": "Quote"}, AUTOMATION)
        assert crm.read(Ref("account", "1")).fields["x_region"] == "north"
        crm.close()
