"""Memory goes back without anything being lost, and the collector passes over what stays."""

from __future__ import annotations

import gc
from pathlib import Path

from app.composition.memory import give_back, settle_program
from tests.services.conftest import open_world


def test_a_store_at_rest_still_answers(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db")
    deal = world.deal()
    world.portal.rest()
    give_back()
    assert world.portal.records.title_of(deal) == "Kestrel Foods"
    world.store.close()


def test_the_collector_passes_over_the_program() -> None:
    before = gc.get_freeze_count()
    try:
        settle_program()
        assert gc.get_freeze_count() > before + 1000
    finally:
        gc.unfreeze()
