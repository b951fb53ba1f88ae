"""21. The audit log is only appended to and each entry's hash covers the one before: changes, gaps and a cut tail
show. Every write names who did it, on which device, and for which partner; nothing of what was written stands
there.

More: `tests/gateway/test_audit.py`, `tests/gateway/test_console_trail.py`.
"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from app.contract.mutations import Status
from gateway.audit_walk import Kept, Trusted, Verdict, entries, verify
from gateway.tables import audit
from tests.gateway.world import World


def kept(world: World) -> list[Kept]:
    with world.database.read() as connection:
        return list(entries(connection))


def judged(world: World) -> Verdict:
    with world.database.read() as connection:
        return verify(connection, Trusted(world.gateway.audit.seal))


@pytest.fixture
def written(world: World) -> World:
    """A few writes by two people of two partners."""
    mine, theirs = world.deal(person="Remy"), world.deal(world.south)
    world.read()
    for session, ref in ((world.admin, mine), (world.rep, mine), (world.other, theirs)):
        outcome = world.push_one(session, world.message(world.gid(ref), "canary-of-a-message"))
        assert outcome.status is Status.APPLIED, outcome
    outcome = world.push_one(
        world.admin, world.patch(world.gid(mine), {"competitor": None}, {"competitor": "Northwall"})
    )
    assert outcome.status is Status.APPLIED, outcome
    return world


def test_every_write_names_actor_device_and_partner_and_no_value(written: World) -> None:
    found = [entry.line for entry in kept(written) if entry.line.event == "mutation"]
    assert [(line.actor, line.device) for line in found] == [
        (written.admin.user, "Ada's laptop"),
        (written.rep.user, "Remy's laptop"),
        (written.other.user, "Olga's laptop"),
        (written.admin.user, "Ada's laptop"),
    ]
    north, south = written.gid(written.north), written.gid(written.south)
    assert [json.loads(line.companies) for line in found] == [[north], [north], [south], [north]]
    assert all(line.subject and line.entity and json.loads(line.facts)["mutation"] for line in found)
    whole = json.dumps([entry.as_json() for entry in kept(written)])
    for word in ("canary-of-a-message", "Northwall", "example.test", "correct horse"):
        assert word not in whole


def test_it_is_written_in_the_transaction_of_what_it_tells(written: World) -> None:
    """As many entries as settled mutations, and none for what did nothing."""
    before = len(kept(written))
    refused = written.push_one(written.admin, written.patch("x" * 36, {}, {"title": "b"}))
    assert refused.status is not Status.APPLIED
    settled = [json.loads(entry.line.facts) for entry in kept(written)[before:]]
    assert all(fact.get("written") is not True for fact in settled)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET event = 'x' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 1",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_it(written: World, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only appended to"), written.database.write() as connection:
        connection.execute(text(statement))
    assert judged(written).broken is None


@pytest.mark.parametrize("what", ["edited", "removed", "cut off"])
def test_who_goes_around_the_database_shows(written: World, what: str) -> None:
    assert judged(written).broken is None
    last = len(kept(written))
    with written.database.write() as connection:
        for (name,) in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        match what:
            case "edited":
                connection.execute(update(audit).where(audit.c.seq == 2).values(actor="somebody else"))
            case "removed":
                connection.execute(delete(audit).where(audit.c.seq == 2))
            case _:
                connection.execute(delete(audit).where(audit.c.seq == last))
    assert judged(written).broken is not None


def test_every_write_of_the_gateway_goes_through_the_ledger_that_tells(written: World) -> None:
    """What reached the system has an entry for it: none less, none more."""
    facts = [json.loads(entry.line.facts) for entry in kept(written) if entry.line.event == "mutation"]
    assert sum(bool(fact.get("written")) for fact in facts) == written.port.writes
