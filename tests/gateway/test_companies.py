"""Companies that belong to companies, and documents for companies in a stage: every call goes by them, at once."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from app.contract.mutations import Status
from gateway.companies import DEEPEST
from gateway.crm.port import Ref
from gateway.identity.session import Session
from gateway.problems import Problem
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.pushes import code
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE


class Tree:
    """A distributor above two levels of resellers, each with a deal, beside the world's own two companies."""

    def __init__(self) -> None:
        self.world = World()
        self.top = self.world.north
        self.middle = self.company("Middle", self.top)
        self.low = self.company("Low", self.middle)
        self.deals = {ref: self.world.deal(ref, person="Lou") for ref in (self.top, self.middle, self.low)}
        self.paper = self.world.port.add_file(
            "paper", b"quote", on_id=self.deals[self.low].id, on_kind="D", label="q.pdf"
        )
        self.world.deal(self.world.south)
        self.world.read()

    def company(self, title: str, over: Ref | None) -> Ref:
        """Add a company."""
        return self.world.port.add("account", title=title, level="R", over=over.id if over else None)

    def sees(self, session: Session) -> set[str]:
        """The companies whose deals a fresh mirror holds, by name."""
        return self.held(Mirror(self.world, session).snapshot())

    def held(self, client: Mirror) -> set[str]:
        """The companies whose deals a mirror holds, by name."""
        names = {
            self.world.gid(ref): str(row.fields["title"])
            for ref, row in self.world.port.rows.items()
            if ref.obj == "account"
        }
        return {names[client.data(gid)["company"]] for gid in client.of("deal_registration")}


@pytest.fixture
def tree() -> Tree:
    return Tree()


@ON_BOTH
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("admin", {"Northwind", "Middle", "Low"}),
        ("manager", {"Northwind", "Middle", "Low"}),
        ("read_only", {"Northwind"}),
        ("rep", set()),
        ("support", set()),
        ("channel_manager", {"Northwind"}),
        ("field_rep", {"Northwind"}),
        ("approver", {"Northwind"}),
        ("operations", set()),
    ],
)
def test_who_sees_the_companies_below(tree: Tree, role: str, expected: set[str]) -> None:
    tree.world.gateway.identity.set_role(tree.world.admin.user, role)
    assert tree.sees(tree.world.admin) == expected


def test_nobody_sees_upwards_or_sideways(tree: Tree) -> None:
    middle = tree.world.user("Mia Middle", "admin", tree.middle)
    low = tree.world.user("Lara Low", "admin", tree.low)
    assert tree.sees(middle) == {"Middle", "Low"}
    assert tree.sees(low) == {"Low"}
    assert tree.sees(tree.world.other) == {"Southgate"}


def test_every_call_goes_by_it(tree: Tree) -> None:
    world, gid = tree.world, tree.world.gid(tree.deals[tree.low])
    sha = hashlib.sha256(b"quote").hexdigest()
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    client = Mirror(world, world.admin).snapshot()
    page = json.loads(world.gateway.records(world.admin, [gid], client.cursor))
    assert [row[0] for row in page["puts"]] == [gid]
    bucket = world.gateway.bucket(world.admin, "deal_registration", int(gid[-1], 16), client.cursor)
    assert gid in bucket.hashes
    assert world.gateway.blob(world.admin, sha).size == 5
    assert world.push_one(world.admin, edit).status is Status.APPLIED
    # One of the middle's colleagues from another branch has none of it.
    beside = world.user("Bea Beside", "admin", tree.company("Beside", tree.top))
    world.read()
    assert world.push_one(beside, edit.model_copy(update={"mutation_id": "m"})).status is Status.GONE
    with pytest.raises(Problem) as caught:
        world.gateway.blob(beside, sha)
    assert caught.value.status == 404


def test_deals_are_registered_for_ones_own_companies_alone(tree: Tree) -> None:
    new = tree.world.new_deal(company=tree.world.gid(tree.low))
    outcome = tree.world.push_one(tree.world.admin, new)
    assert outcome.status is Status.REJECTED
    assert outcome.problem is not None
    assert "company" in outcome.problem.fields


def test_a_company_that_moves_takes_its_records_along_and_says_so(tree: Tree) -> None:
    world = tree.world
    client = Mirror(world, world.admin).snapshot()
    other = Mirror(world, world.other).snapshot()
    poked: list[str] = []
    for name, session in (("admin", world.admin), ("other", world.other)):
        tags, _ = world.gateway.reading.listened_for(session)
        world.gateway.subscribe(
            lambda changed, _at, tags=tags, name=name: poked.append(name) if changed & tags else None  # type: ignore[misc]
        )
    world.port.edit(tree.middle, over=world.south.id)
    world.read()
    assert sorted(set(poked)) == ["admin", "other"]
    assert tree.held(client.pull()) == {"Northwind"}
    assert {reason for _, reason, _ in client.gone} == {"revoked"}
    assert tree.held(other.pull()) == {"Southgate", "Middle", "Low"}
    assert client.hashes() == Mirror(world, world.admin).snapshot().hashes()
    assert other.hashes() == Mirror(world, world.other).snapshot().hashes()


def test_a_company_that_is_gone_cuts_off_what_is_below_it(tree: Tree) -> None:
    client = Mirror(tree.world, tree.world.admin).snapshot()
    tree.world.port.archive_row(tree.middle)
    tree.world.read()
    assert tree.held(client.pull()) == {"Northwind"}


def test_a_ring_ends_where_it_began(tree: Tree) -> None:
    tree.world.port.edit(tree.top, over=tree.low.id)
    tree.world.read()
    everybody = {"Northwind", "Middle", "Low"}
    assert tree.sees(tree.world.admin) == everybody
    assert tree.sees(tree.world.user("Lara Low", "admin", tree.low)) == everybody
    tree.world.port.edit(tree.world.south, over=tree.world.south.id)
    tree.world.read()
    assert tree.sees(tree.world.other) == {"Southgate"}


def test_it_goes_so_deep_and_no_deeper(tree: Tree) -> None:
    over = tree.low
    for number in range(DEEPEST):
        over = tree.company(f"Level {number}", over)
        tree.world.deal(over)
    tree.world.read()
    levels = {f"Level {number}" for number in range(DEEPEST - 2)}
    assert tree.sees(tree.world.admin) == {"Northwind", "Middle", "Low", *levels}


def test_documents_by_tier_and_stage(tree: Tree) -> None:
    world = tree.world
    audiences: dict[str, dict[str, Any]] = {
        "gold, active": {"audience": "gold", "phases": ["ac"]},
        "active": {"audience": "everyone", "phases": ["ac"]},
        "gold": {"audience": "gold", "phases": None},
        "gold, unknown": {"audience": "gold", "phases": ["x"]},
    }
    refs = {
        name: world.port.add_file("doc", name.encode(), title=name, stage="C", **fields)
        for name, fields in audiences.items()
    }
    world.read()
    client = Mirror(world, world.admin).snapshot()

    def seen() -> set[str]:
        found = {name for name, ref in refs.items() if world.gid(ref) in client.pull().rows}
        readable = set()
        for name in refs:
            try:
                world.gateway.blob(world.admin, hashlib.sha256(name.encode()).hexdigest())
            except Problem:
                continue
            readable.add(name)
        assert readable == found
        return found

    assert seen() == {"gold"}
    world.port.edit(world.north, phase="ac")
    world.read()
    assert seen() == {"gold", "active", "gold, active"}
    world.port.edit(world.north, phase="su")
    world.read()
    assert seen() == {"gold"}
    # Of two companies one is gold and the other active: neither is both.
    world.port.edit(world.south, phase="ac")
    world.read()
    world.gateway.identity.set_companies(world.admin.user, [world.gid(world.north), world.gid(world.south)])
    assert seen() == {"gold", "active"}


def test_what_is_pushed_to_a_company_that_moved_away_is_gone(tree: Tree) -> None:
    world, gid = tree.world, tree.world.gid(tree.deals[tree.low])
    world.port.edit(tree.middle, over=None)
    world.read()
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "x"}))
    assert (outcome.status, code(outcome), outcome.record) == (Status.GONE, "revoked", None)
