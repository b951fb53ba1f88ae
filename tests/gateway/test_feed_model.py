"""Random histories: whatever the vendor, other partners and administrators do between two pages, a client that applies
pages ends with exactly what its user may see."""

from __future__ import annotations

import random

import pytest

from gateway.identity.session import Session
from gateway.problems import Problem
from tests.gateway.world import Mirror, World

ROLES = ("admin", "rep", "support", "finance", "read_only")
STAGES = ("0", "1", "2", "3", "5")


def visible_now(world: World, session: Session) -> dict[str, str]:
    """What the user may see: gid to the text that tells its content, worked out from the system and the rules alone."""
    user = world.gateway.identity.people.get(session.user)
    assert user is not None
    rows = {ref: row.fields for ref, row in world.port.rows.items() if not row.archived}
    accounts = {ref.id: ref for ref in rows if ref.obj == "account" and world.gid(ref) in user.companies}
    found = {world.gid(ref): str(rows[ref]["level"]) for ref in accounts.values()}
    deals = {
        ref.id
        for ref, fields in rows.items()
        if ref.obj == "deal"
        and fields["account_id"] in accounts
        and (user.role in ("admin", "read_only") or fields["person"] == "Remy")
    }
    for ref, fields in rows.items():
        if ref.obj == "deal" and ref.id in deals:
            found[world.gid(ref)] = str(fields["todo"])
        if ref.obj == "note" and not fields["internal"] and fields["on_id"] in deals:
            found[world.gid(ref)] = str(fields["text"])
    return found


def held(client: Mirror) -> dict[str, str]:
    """What a client holds, told the same way."""
    levels = {"gold": "G", "silver": "S", "registered": "R"}
    return {
        gid: levels.get(data.get("tier", ""), "") or data.get("next_steps") or data["body"]
        for gid, (_, _, _, data) in client.rows.items()
    }


class History:
    """Random things that happen."""

    def __init__(self, world: World, rng: random.Random, session: Session) -> None:
        self.world, self.rng, self.session = world, rng, session
        self.deals = [world.deal(person="Remy") for _ in range(3)]
        self.notes = [
            world.port.add("note", on_id=d.id, on_kind="D", text="hello", internal=False) for d in self.deals
        ]
        self.accounts = (world.north, world.south)

    def happen(self) -> None:
        """Let one thing happen."""
        rng, port = self.rng, self.world.port
        self.world.clock.forward(rng.choice((0.2, 1, 7)))
        deal = rng.choice(self.deals)
        alive = deal in port.rows
        match rng.randrange(13):
            case 0:
                self.deals.append(
                    self.world.deal(rng.choice(self.accounts), person=rng.choice(("Remy", "Ada")))
                )
            case 1 | 2 if alive:
                port.edit(deal, todo=f"step {rng.random()}")
            case 3 if alive:
                port.edit(deal, account_id=rng.choice(self.accounts).id)
            case 4 if alive:
                port.edit(deal, person=rng.choice(("Remy", "Ada")))
            case 5 if alive:
                port.archive_row(deal)
            case 6 if alive:
                port.restore_row(deal)
            case 7 if alive and rng.random() < 0.3:
                port.delete(deal)
            case 8 if alive:
                self.notes.append(port.add("note", on_id=deal.id, on_kind="D", text="more", internal=False))
            case 9:
                port.edit(rng.choice(self.notes), internal=rng.random() < 0.4)
            case 10:
                self.world.gateway.identity.set_role(self.session.user, rng.choice(ROLES))
            case 11:
                chosen = rng.sample(self.accounts, rng.randrange(3))
                gids = [self.world.gid(ref) for ref in chosen]
                self.world.gateway.identity.set_companies(self.session.user, gids)
            case 12:
                port.edit(rng.choice(self.accounts), level=rng.choice("GSR"))
            case _:
                pass
        if rng.random() < 0.7:
            self.world.gateway.ingest_step()

    def end(self) -> None:
        """Let every lane come round, the sweep of each object too."""
        self.world.clock.forward(3600)
        for _ in range(8):
            self.world.gateway.ingest_step()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("seed", range(6))
def test_a_client_that_applies_pages_sees_what_it_may(seed: int) -> None:
    pages(seed)


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("seed", range(6, 8))
def test_a_client_that_applies_pages_sees_what_it_may_on_postgresql(seed: int) -> None:
    pages(seed)


def pages(seed: int) -> None:
    """Let things happen between pages, and hold what the client ends with against the rules alone."""
    world = World()
    rng = random.Random(seed)
    history = History(world, rng, world.rep)
    client = Mirror(world, world.rep, limit=rng.choice((1, 2, 5, 500))).snapshot()
    for _ in range(60):
        history.happen()
        if rng.random() < 0.5:
            client.page()
    history.end()
    client.pull()
    assert held(client) == visible_now(world, world.rep)
    assert world.gateway.digest(world.rep, client.cursor).current


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("seed", range(6))
def test_a_snapshot_paged_through_a_busy_day_is_completed_by_changes(seed: int) -> None:
    busy_day(seed)


@pytest.mark.databases("postgresql")
def test_a_snapshot_paged_through_a_busy_day_is_completed_by_changes_on_postgresql() -> None:
    busy_day(6)


def busy_day(seed: int) -> None:
    """Let things happen between the pages of a snapshot."""
    world = World()
    rng = random.Random(seed)
    history = History(world, rng, world.rep)
    world.read()
    client = Mirror(world, world.rep, limit=2)
    for _ in range(20):
        history.happen()
        try:
            client.snapshot_page()
        except Problem:  # the grant changed: begun again
            client = Mirror(world, world.rep, limit=2)
        if client.cursor:
            break
    if not client.cursor:
        client.snapshot()
    history.end()
    client.pull()
    assert held(client) == visible_now(world, world.rep)
