"""The embedded CRM over a file that an earlier version made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import Ref
from tests.gateway.crm_world import build_world


@pytest.mark.databases("sqlite")
def test_an_older_file_gets_the_columns_that_came_since(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.sqlite3'}"
    build_world(url).crm.close()
    with closing(sqlite3.connect(tmp_path / "crm.sqlite3")) as file:
        for table, column in (("account", "stage_code"), ("document", "for_stages")):
            file.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        file.commit()
    for _ in range(2):  # the second time there is nothing to be done
        crm = EmbeddedCrm.open(url)
        (row,) = crm.fetch([Ref("account", "1")])
        assert (row.fields["acct_name"], row.fields["stage_code"]) == ("Brightwater IT Ltd", None)
        crm.close()
