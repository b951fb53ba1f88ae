"""Who sees what: the roles, one by one."""

from __future__ import annotations

import hashlib
import json

import pytest

from app.contract.manifest import Role
from gateway.grants import Views
from gateway.identity.session import Session
from gateway.mapping import ScopeMap
from gateway.problems import Problem
from gateway.scope import ROLES as DECLARED
from gateway.scope import Reach, Terms, reach_of, tags_for, tags_of, together
from tests.gateway.world import Mirror, World, partner_manifest

COMPANY = "c0"
ALL_FAMILIES = ("sales", "support", "finance", "account")

ROLES: list[tuple[str, set[str]]] = [
    ("admin", {"sales", "support", "finance", "account"}),
    ("manager", {"sales", "support", "finance", "account"}),
    ("read_only", {"sales", "support", "finance", "account"}),
    ("field_rep", {"sales", "support", "finance", "account"}),
    ("channel_manager", {"sales", "support", "finance", "account"}),
    ("approver", {"sales", "account"}),
    ("operations", {"support", "finance", "account"}),
    ("rep", {"account"}),
    ("support", {"support", "account"}),
    ("finance", {"finance", "account"}),
    ("a role nobody has thought of", {"account"}),
]


@pytest.mark.parametrize(("role", "families"), ROLES)
def test_the_families_of_a_role(role: str, families: set[str]) -> None:
    tags = tags_of("u1", role, {COMPANY: Terms("gold")})
    own = {"all", "tier:gold", "company:c0:owner:u1"}
    above = {"below:c0"} if role in ("admin", "manager") else set()
    assert tags == own | above | {f"company:c0:{family}" for family in families}


def test_every_role_of_the_manifest_is_declared() -> None:
    assert {role.name for role in partner_manifest().roles} == set(DECLARED)


@pytest.mark.parametrize(
    ("role", "spec", "own", "below"),
    [
        pytest.param("rep", {}, ("account",), (), id="what is usual"),
        pytest.param("rep", {"reach": ["sales"]}, ("sales",), (), id="what the manifest says"),
        pytest.param("admin", {"reach": ["account"]}, ("account",), ALL_FAMILIES, id="each part by itself"),
        pytest.param("admin", {"reach_below": []}, ALL_FAMILIES, (), id="nothing below"),
        pytest.param("member", {"reach": ["finance", "moons"]}, ("finance",), (), id="a family of nobody's"),
    ],
)
def test_the_manifest_says_what_a_role_reaches(
    role: str, spec: dict[str, object], own: tuple[str, ...], below: tuple[str, ...]
) -> None:
    named = Role.model_validate({"name": role, "label": role, **spec})
    assert reach_of(role, named) == Reach(own, below)  # type: ignore[arg-type]
    tags = tags_of("u1", role, {COMPANY: Terms()}, (), named)
    assert {tag for tag in tags if tag.startswith("company:c0:") and ":owner:" not in tag} == {
        f"company:c0:{family}" for family in own
    }


def test_companies_below_are_seen_without_what_they_are_entitled_to() -> None:
    below = tags_of("u1", "manager", {COMPANY: Terms("gold")}, ("c1",)) - tags_of(
        "u1", "manager", {COMPANY: Terms("gold")}
    )
    families = {f"company:c1:{family}" for family in ("sales", "support", "finance", "account")}
    assert below == families | {"below:c1"}
    assert tags_of("u1", "rep", {COMPANY: Terms()}, ("c1",)) == tags_of("u1", "rep", {COMPANY: Terms()})


def test_conjunctions_hold_within_a_company_and_never_between_two() -> None:
    one, two = Terms("gold", "onboarding"), Terms("silver", "active")
    tags = tags_of("u1", "admin", {"c0": one, "c1": two})
    held = {tag for tag in tags if tag.startswith(("tier", "stage"))}
    assert held == {
        "tier:gold",
        "stage:onboarding",
        "tier:gold&stage:onboarding",
        "tier:silver",
        "stage:active",
        "tier:silver&stage:active",
    }
    forged = tags_of("u1", "admin", {"c0": Terms("silver&stage:active")})
    assert not {tag for tag in forged if tag.startswith(("tier", "stage"))}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["all"], "all"),
        (["all", "stage:active"], "stage:active"),
        (["stage:active", "tier:gold"], "tier:gold&stage:active"),
        (["tier:gold", "stage:active"], "tier:gold&stage:active"),
        (["tier:gold&stage:active", "stage:active"], "tier:gold&stage:active"),
    ],
)
def test_a_conjunction_is_one_tag(tags: list[str], expected: str) -> None:
    assert together(tags) == expected


def test_somebody_without_a_company_sees_what_everybody_does() -> None:
    assert tags_of("u1", "admin", {}) == {"all"}


IN_STAGE: dict[str, object] = {
    "entitlement": {"property": "a", "tags": {"g": ["tier:gold"], "e": ["all"]}},
    "conditions": [{"property": "s", "tags": {"1": ["stage:active"], "2": ["stage:new"]}}],
}
GOLD_IN_STAGE = ("tier:gold&stage:active", "tier:gold&stage:new")


@pytest.mark.parametrize(
    ("scope", "data", "fields", "expected"),
    [
        ({"company": "c", "families": ["sales"]}, {"c": COMPANY}, {}, {"company:c0:sales"}),
        ({"company": "c", "families": ["sales"]}, {}, {}, set()),
        ({"company": "@self", "families": ["account"]}, {}, {}, {"company:me:account"}),
        (
            {"company": "c", "owner": "o", "families": ["finance", "sales"]},
            {"c": COMPANY, "o": "u1"},
            {},
            {"company:c0:finance", "company:c0:sales", "company:c0:owner:u1"},
        ),
        ({"owner": "o"}, {"o": "u1"}, {}, set()),
        ({"entitlement": {"property": "a", "tags": {"g": ["tier:gold"]}}}, {}, {"a": "g"}, {"tier:gold"}),
        (
            {"entitlement": {"property": "a", "tags": {"g": ["x"], "s": ["y"]}}},
            {},
            {"a": ["g", "s"]},
            {"x", "y"},
        ),
        ({"entitlement": {"property": "a", "tags": {"g": ["tier:gold"]}}}, {}, {"a": "new"}, set()),
        ({"entitlement": {"property": "a", "tags": {"g": ["tier:gold"]}}}, {}, {}, set()),
        ({"company": "@self", "above": "up"}, {"up": "d"}, {}, {"below", "below:d"}),
        ({"company": "@self", "above": "up"}, {"up": "me"}, {}, set()),
        ({"company": "@self", "above": "up"}, {}, {}, set()),
        (IN_STAGE, {}, {"a": ["g", "e"]}, {"tier:gold", "all"}),
        (IN_STAGE, {}, {"a": ["g", "e"], "s": ["1", "2"]}, {*GOLD_IN_STAGE, "stage:active", "stage:new"}),
        (IN_STAGE, {}, {"a": "g", "s": []}, {"tier:gold"}),
        (IN_STAGE, {}, {"a": "g", "s": "a stage nobody knows"}, set()),
        (IN_STAGE, {}, {"s": "1"}, set()),
    ],
)
def test_the_tags_of_a_record(
    scope: dict[str, object], data: dict[str, str], fields: dict[str, object], expected: set[str]
) -> None:
    assert tags_for(ScopeMap.model_validate(scope), "me", data, fields) == expected


def populated() -> tuple[World, dict[str, str]]:
    """One record of each kind in both companies; what belongs to the first company, by name."""
    world = World()
    mine: dict[str, str] = {}
    for account, people in ((world.north, "Remy"), (world.south, "Olga")):
        own = world.deal(account, person=people)
        deal = world.deal(account)
        ticket = world.port.add("ticket", account_id=account.id, head="Help", stage="N")
        note = world.port.add("note", on_id=ticket.id, on_kind="T", text="Hello", internal=False)
        paper = world.port.add_file("paper", account.id.encode(), on_id=deal.id, on_kind="D", label="a.pdf")
        if account is world.north:
            rows = {
                "own": own,
                "deal": deal,
                "ticket": ticket,
                "note": note,
                "paper": paper,
                "company": account,
            }
            mine = {name: world.gid(ref) for name, ref in rows.items()}
    mine["gold"] = world.gid(world.port.add_file("doc", b"gold", title="Gold", stage="C", audience="gold"))
    mine["all"] = world.gid(world.port.add_file("doc", b"all", title="All", stage="C", audience="everyone"))
    world.port.add_file("doc", b"unmarked", title="Unmarked", stage="C", audience="")
    world.read()
    return world, mine


VISIBLE = {
    "admin": {"own", "deal", "ticket", "note", "paper", "company", "gold", "all"},
    "read_only": {"own", "deal", "ticket", "note", "paper", "company", "gold", "all"},
    "rep": {"own", "company", "gold", "all"},
    "support": {"own", "ticket", "note", "company", "gold", "all"},
    "finance": {"own", "company", "gold", "all"},
}


@pytest.mark.parametrize("role", VISIBLE)
def test_each_call_shows_a_role_its_records_and_no_other(role: str) -> None:
    world, mine = populated()
    session = world.rep
    world.gateway.identity.set_role(session.user, role)
    client = Mirror(world, session).snapshot()
    assert set(client.rows) == {mine[name] for name in VISIBLE[role]}
    counted = {
        entity: sum(count for count, _ in item) for entity, item in sums(world, session, client).items()
    }
    assert sum(counted.values()) == len(client.rows)
    with world.gateway.ground.database.read() as connection:
        everything = set(connection.exec_driver_sql("select gid from mirror where status = 'live'").scalars())
    hidden = sorted(everything - set(client.rows))
    page = json.loads(world.gateway.records(session, hidden, client.cursor))
    assert page["puts"] == []
    assert {row[2] for row in page["gone"]} == {"revoked"}
    for body, name in ((world.north.id.encode(), "paper"), (b"gold", "gold"), (world.south.id.encode(), "")):
        assert readable(world, session, body) is (name in VISIBLE[role])


def sums(world: World, session: Session, client: Mirror) -> dict[str, tuple[tuple[int, str], ...]]:
    """The digest's buckets."""
    return world.gateway.digest(session, client.cursor).entities


def readable(world: World, session: Session, body: bytes) -> bool:
    """Whether the bytes can be read; anything but *not found* is an error."""
    try:
        world.gateway.blob(session, hashlib.sha256(body).hexdigest())
    except Problem as problem:
        if problem.status != 404:
            raise
        return False
    return True


def test_a_view_knows_what_it_shows_whole() -> None:
    manifest = partner_manifest()
    assert Views(manifest).of("admin").whole == frozenset(e.name for e in manifest.entities)
    order = Views(manifest).of("admin").order
    assert (
        order.index("company")
        < order.index("deal_registration")
        < order.index("message")
        < order.index("file")
    )
