"""What a role may ever do with a kind of record, and that it is not asked for more."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.portal import Portal
from tests.services.conftest import World, open_world


def answers(portal: Portal, entity: str) -> tuple[bool, bool, bool]:
    may = portal.may
    return may.edit(entity), may.decide(entity), may.talk(entity)


def test_a_manager_may_do_what_the_kind_of_record_has(world: World) -> None:
    assert answers(world.portal, "deal_registration") == (True, True, True)
    assert answers(world.portal, "order") == (True, False, False), "its reference is the partner's"
    assert answers(world.portal, "invoice") == (False, False, False)
    assert answers(world.portal, "of_tomorrow") == (False, False, False)


def test_who_only_reads_may_nothing(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db", role="read_only")
    assert {answers(world.portal, entity.name) for entity in world.portal.manifest.entities} == {
        (False, False, False)
    }
    world.store.close()


@pytest.mark.parametrize(("role", "asked"), [("manager", 3), ("read_only", 0)])
def test_nobody_is_asked_for_what_their_role_may_not_do(tmp_path: Path, role: str, asked: int) -> None:
    world = open_world(tmp_path / "store.db", role=role)
    world.request(state="waiting_on_partner")
    world.deal(state="action_required")
    world.put(
        "renewal", "r", customer="Oriel", product="Vault", state="quoted", term_end="2026-12-01", quantity=3
    )
    assert len(world.portal.home.needs_me()) == asked
    world.store.close()
