"""From a bare account to what a partner would see: the wizard over the stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.connections import Connection
from gateway.first_connection import wizard as wizards
from gateway.first_connection.wizard import Place, Wizard
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.connectors.hubspot.lab import HubSpotLab, set_up_pipelines
from tests.connectors.walking import gid_at
from tests.gateway.test_first_connection import Script
from tests.gateway.world import partner_manifest

_KEY = "pat-eu1-service-key"


class _Admin(Script):
    """Answers the wizard, and sets the account's pipelines up when they are all that is left."""

    def __init__(self, lab: HubSpotLab, mapping: SystemMapping, *answers: tuple[str, str]) -> None:
        super().__init__(*answers)
        self._lab, self._mapping = lab, mapping

    def confirm(self, question: str, *, default: bool) -> bool:
        if question.startswith("Look once more"):
            set_up_pipelines(self._lab.server, self._mapping)
            company = self._lab.company("Brightwater IT")
            self._lab.deal(company, customer="Kestrel Foods")
            self._lab.tick(60)
            return True
        return super().confirm(question, default=default)


class _Ids:
    def __init__(self, lab: HubSpotLab) -> None:
        self._lab = lab

    def new_id(self) -> str:
        return gid_at(self._lab.clock.now())


def test_an_account_is_connected_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = HubSpotLab(bare=True)
    given: list[Any] = []

    def opened(connections: Mapping[str, Connection], outlets: object) -> tuple[System, ...]:
        [(name, connection)] = connections.items()
        given.append(connection)
        mapping = lab.mapping.changed(system=name)
        key = connection.service_key  # type: ignore[union-attr]  # the kind that was chosen
        return (System(lab.connector(name=name, mapping=mapping, service_key=key), mapping),)

    monkeypatch.setattr(wizards, "open_systems", opened)
    admin = _Admin(
        lab,
        lab.mapping,
        ("Which system", "HubSpot"),
        ("How does", "A service key"),
        ("Service key", _KEY),
        ("Have HubSpot make these", "y"),
        ("Look with", "y"),
        ("Which company", "Brightwater IT"),
        ("In which role", "Sales manager"),
        ("Look with", "n"),
    )
    place = Place(tmp_path / "gateway.toml", tmp_path / "secrets", {})
    try:
        Wizard(admin, place, partner_manifest(), lab.clock, _Ids(lab)).run()
    finally:
        lab.close()
    assert admin.unused == []
    assert "crm: deals.counterpart_id was made." in admin.text
    assert "deals lacks pipeline.label (Partner deals)." in admin.text
    assert "are set up by an administrator in HubSpot's settings." in admin.text
    assert "1 Deals: Kestrel Foods" in admin.text
    assert "HubSpot answers, and the mapping fits." in admin.text
    assert _KEY not in admin.text
    assert (tmp_path / "secrets" / "systems.crm.service_key").read_text() == _KEY
