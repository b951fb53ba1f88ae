"""The running Odoo that the tests marked `live` share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.odoo.lab import OdooLab
from tests.connectors.odoo.server import Odoo, live_odoo


@pytest.fixture(scope="session")
def odoo() -> Iterator[Odoo]:
    """An Odoo whose database has what the mapping needs."""
    with live_odoo() as running:
        lab = OdooLab(running)
        missing = lab.prepare()
        lab.close()
        assert missing == []
        running.keep()
        yield running
