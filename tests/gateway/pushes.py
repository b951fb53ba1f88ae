"""What the tests of push have in common."""

from __future__ import annotations

from typing import Any

from app.contract.mutations import Outcome
from gateway.crm.port import Ref
from tests.gateway.world import Mirror, World


def code(outcome: Outcome) -> str:
    """Return the code of an outcome's problem."""
    assert outcome.problem is not None, outcome
    return outcome.problem.code


def draft(world: World, **fields: Any) -> tuple[Ref, str]:
    """Add a deal that has been read; return its row and gid."""
    ref = world.deal(**fields)
    world.read()
    return ref, world.gid(ref)


def version_of(world: World, gid: str) -> str:
    return Mirror(world, world.admin).snapshot().rows[gid][1]
