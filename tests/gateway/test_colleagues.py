"""Colleagues: whom a partner's administrator may invite, change and remove, and what stays out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.contract.colleagues import Colleagues, Invited, NewColleague
from app.contract.manifest import parse_manifest
from gateway.identity.colleagues import Change, Member, refusal
from gateway.identity.identity import user_tag
from gateway.identity.people import NewUser
from gateway.identity.session import Session
from gateway.problems import Problem
from tests.gateway.databases import AT_THE_SURFACE
from tests.gateway.signing_in import browser, witnessed
from tests.gateway.test_identity import code_from
from tests.gateway.world import World, partner_manifest

ADA = Member("ada", "Ada", "ada@example.test", "admin", frozenset({"n"}))
REMY = Member("remy", "Remy", "remy@example.test", "rep", frozenset({"n"}))
BOTH = replace(REMY, companies=frozenset({"n", "s"}))
LONE = replace(ADA, id="lone")


@pytest.mark.parametrize(
    ("name", "change", "target", "keeps", "administrators", "code"),
    [
        ("another role", Change.ROLE, REMY, False, {"ada"}, ""),
        ("a link", Change.LINK, REMY, False, {"ada"}, ""),
        ("removal", Change.REMOVE, REMY, False, {"ada"}, ""),
        ("their own role", Change.ROLE, ADA, True, {"ada"}, "not_allowed"),
        ("their own link", Change.LINK, ADA, False, {"ada"}, "not_allowed"),
        ("themselves", Change.REMOVE, ADA, False, {"ada", "x"}, "not_allowed"),
        ("a role that counts elsewhere too", Change.ROLE, BOTH, False, {"ada"}, "not_allowed"),
        ("a link that opens more than theirs", Change.LINK, BOTH, False, {"ada"}, "not_allowed"),
        ("only their company is taken away", Change.REMOVE, BOTH, False, {"ada"}, ""),
        ("the last administrator goes", Change.REMOVE, LONE, False, {"lone"}, "last_administrator"),
        ("the last administrator becomes less", Change.ROLE, LONE, False, {"lone"}, "last_administrator"),
        ("the last administrator stays one", Change.ROLE, LONE, True, {"lone"}, ""),
        ("one of two administrators goes", Change.REMOVE, LONE, False, {"lone", "ada"}, ""),
        ("a link for the last administrator", Change.LINK, LONE, False, {"lone"}, ""),
    ],
)
def test_what_an_administrator_may(
    name: str, change: Change, target: Member, keeps: bool, administrators: set[str], code: str
) -> None:
    problem = refusal(change, ADA, target, {"n": frozenset(administrators)}, keeps=keeps)
    assert (problem.code if problem else "") == code, name


# ------------------------------------------------------------------------------------------------------ the calls


def names(world: World, session: Session) -> dict[str, str]:
    """Whom somebody sees, with their roles."""
    return {item.name: item.role for item in world.gateway.identity.colleagues.listed(session).items}


def status(call: Any, *arguments: Any) -> int:
    """The status with which a call is refused."""
    with pytest.raises(Problem) as caught:
        call(*arguments)
    return caught.value.status


def new(email: str = "nina@example.test", role: str = "rep", name: str = "Nina New") -> NewColleague:
    """Somebody to invite."""
    return NewColleague(name=name, email=email, role=role)


def invite(world: World, session: Session | None = None, **members: str) -> Invited:
    """Invite somebody."""
    return world.gateway.identity.invite_colleague(
        session or world.admin, new(**members), "https://partners.example"
    )


def test_everybody_of_ones_own_companies_is_listed(world: World) -> None:
    world.user("Vera Vendor", "channel_manager", world.north)
    assert names(world, world.admin) == {"Ada Admin": "admin", "Remy Rep": "rep"}
    assert names(world, world.other) == {"Olga Other": "admin"}
    listed = world.gateway.identity.colleagues.listed(world.admin)
    assert [item.you for item in listed.items] == [True, False]
    assert [item.role_label for item in listed.items] == ["Partner administrator", "Sales representative"]
    given = {role.name for role in listed.roles}
    assert given == {role.name for role in partner_manifest().roles if role.side == "partner"}
    assert "field_rep" not in given


def test_only_roles_that_keep_colleagues_do(world: World) -> None:
    identity = world.gateway.identity
    for session in (world.rep, world.user("Vera Vendor", "channel_manager", world.north)):
        assert world.gateway.me(session).keeps_colleagues is False
        assert status(identity.colleagues.listed, session) == 403
        assert status(identity.invite_colleague, session, new(), "") == 403
        assert status(identity.colleagues.new_link, session, world.rep.user, "") == 403
        assert status(identity.set_colleague_role, session, world.rep.user, "support") == 403
        assert status(identity.remove_colleague, session, world.admin.user) == 403
    assert world.gateway.me(world.admin).keeps_colleagues is True


def test_an_invited_colleague_signs_in_for_the_inviters_companies(world: World) -> None:
    invited = invite(world, email=" Nina@Example.Test ".strip())
    assert invited.link.startswith("https://partners.example/oauth/invitation/")
    assert invited.colleague.invited_until == invited.link_until
    assert (invited.link_until - world.clock.now()).days == 7
    token = invited.link.rsplit("/", 1)[1]
    world.gateway.identity.invitations.use(token, "seven grey otters", "seven grey otters")
    assert code_from(world, "seven grey otters", "nina@example.test")
    found = world.gateway.identity.people.get(invited.colleague.id)
    assert found is not None
    assert (found.role, found.companies) == ("rep", (world.gid(world.north),))
    listed = world.gateway.identity.colleagues.listed(world.admin).items
    assert {item.name: item.invited_until for item in listed}["Nina New"] is None


def test_an_address_is_invited_once(world: World) -> None:
    invite(world)
    for email in ("nina@example.test", "NINA@example.test", "olga@example.test"):
        with pytest.raises(Problem) as caught:
            invite(world, email=email)
        assert (caught.value.status, caught.value.code, list(caught.value.fields)) == (
            409,
            "exists",
            ["email"],
        )
    assert "Olga" not in str(names(world, world.admin))


@pytest.mark.parametrize("role", ["field_rep", "channel_manager", "operations", "emperor"])
def test_roles_that_are_not_a_partners_to_give(world: World, role: str) -> None:
    with pytest.raises(Problem) as caught:
        invite(world, role=role)
    assert (caught.value.status, list(caught.value.fields)) == (422, ["role"])
    assert status(world.gateway.identity.set_colleague_role, world.admin, world.rep.user, role) == 422


def test_another_role_counts_at_once(world: World) -> None:
    heard: list[frozenset[str]] = []
    world.gateway.subscribe(lambda tags, _position: heard.append(tags))
    changed = world.gateway.identity.set_colleague_role(world.admin, world.rep.user, "support")
    assert (changed.role, changed.role_label) == ("support", "Support engineer")
    assert world.gateway.grant(world.rep).role == "support"
    assert heard == [frozenset({user_tag(world.rep.user)})]


def test_a_removed_colleague_is_out_at_once_and_their_address_free(world: World) -> None:
    world.gateway.identity.remove_colleague(world.admin, world.rep.user)
    with pytest.raises(Problem):
        world.gateway.identity.sessions.check(world.rep)
    with pytest.raises(Problem):
        code_from(world, email="remy@example.test")
    assert names(world, world.admin) == {"Ada Admin": "admin"}
    again = invite(world, email="remy@example.test")
    assert again.colleague.id != world.rep.user, "whoever comes now is not who went"


def test_who_works_for_others_too_only_leaves(world: World) -> None:
    identity = world.gateway.identity
    both = world.user("Bo Both", "rep", world.north, world.south)
    for call, more in (
        (identity.set_colleague_role, "admin"),
        (identity.colleagues.new_link, "https://x.example"),
    ):
        assert status(call, world.admin, both.user, more) == 403
    identity.remove_colleague(world.admin, both.user)
    identity.sessions.check(both)
    found = identity.people.get(both.user)
    assert found is not None
    assert (found.companies, found.active) == ((world.gid(world.south),), True)
    assert "Bo Both" in names(world, world.other)


def test_nobody_reaches_others(world: World) -> None:
    identity = world.gateway.identity
    vendor = world.user("Vera Vendor", "channel_manager", world.north)
    closed = world.user("Cleo Closed", "rep", world.north)
    identity.deactivate(closed.user)
    for user in (world.other.user, vendor.user, closed.user, "nobody"):
        assert status(identity.remove_colleague, world.admin, user) == 404
        assert status(identity.set_colleague_role, world.admin, user, "rep") == 404
        assert status(identity.colleagues.new_link, world.admin, user, "") == 404


def test_two_administrators_who_remove_one_another(world: World) -> None:
    """The second of them is none any more, although their call was let in."""
    anton = world.colleague()
    world.gateway.identity.remove_colleague(world.admin, anton.user)
    assert status(world.gateway.identity.remove_colleague, anton, world.admin.user) == 401
    assert names(world, world.admin) == {"Ada Admin": "admin", "Remy Rep": "rep"}
    world.gateway.identity.set_colleague_role(world.admin, world.rep.user, "admin")
    world.gateway.identity.set_colleague_role(world.rep, world.admin.user, "rep")
    assert status(world.gateway.identity.set_colleague_role, world.admin, world.rep.user, "rep") == 403


def test_an_administrator_without_a_company_keeps_nobody(world: World) -> None:
    world.gateway.identity.set_companies(world.admin.user, [])
    assert status(world.gateway.identity.colleagues.listed, world.admin) == 403


def test_when_a_colleague_was_seen_is_noted_when_tokens_are_renewed(world: World) -> None:
    def seen() -> dict[str, Any]:
        items = world.gateway.identity.colleagues.listed(world.admin).items
        return {item.name: item.last_seen_at for item in items}

    world.gateway.identity.add_user(
        NewUser("Nora Never", "nora@example.test", "rep", (world.gid(world.north),))
    )
    began = world.clock.now()
    assert seen() == {"Ada Admin": began, "Nora Never": None, "Remy Rep": began}
    code = code_from(world, email="remy@example.test")
    from tests.gateway.test_identity import exchange

    tokens = exchange(world, code)
    world.clock.forward(600)
    world.gateway.identity.authenticate(tokens.access)
    assert seen()["Remy Rep"] == began
    world.gateway.identity.sessions.refresh(tokens.refresh)
    assert seen()["Remy Rep"] == world.clock.now()


def test_a_witness_hears_who_did_it(world: World) -> None:
    witness = witnessed(world)
    invited = invite(world)
    world.gateway.identity.set_colleague_role(world.admin, invited.colleague.id, "finance")
    world.gateway.identity.colleagues.new_link(world.admin, invited.colleague.id, "")
    world.gateway.identity.remove_colleague(world.admin, invited.colleague.id)
    assert witness.names == [
        "account_added",
        "invitation_made",
        "role_changed",
        "invitation_made",
        "companies_changed",
        "account_closed",
    ]
    assert {(user, facts["by"]) for _, user, _, facts in witness.events} == {
        (invited.colleague.id, world.admin.user)
    }


def test_a_refused_invitation_leaves_nothing(world: World) -> None:
    before = len(world.gateway.identity.people.everybody())
    for name in ("   ", "Nina\x00New"):
        with pytest.raises(Problem):
            invite(world, name=name)
    with pytest.raises(Problem):
        invite(world, email="nina\x00@example.test")
    with pytest.raises(Problem):
        invite(world, role="emperor")
    assert len(world.gateway.identity.people.everybody()) == before


# ------------------------------------------------------------------------------------------------------- over HTTP


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    """A client that is signed in as the administrator."""
    tokens = world.gateway.identity.exchange(
        code_from(world), "v" * 50, "http://127.0.0.1:50123/callback", "counterpart-desktop"
    )
    with browser(world, headers={"Authorization": f"Bearer {tokens.access}"}) as found:
        yield found


def test_the_calls_over_http(world: World, client: httpx.Client) -> None:
    body = {"name": "Nina New", "email": "nina@example.test", "role": "rep"}
    answer = client.post("/v1/colleagues", json=body)
    assert answer.status_code == 201
    invited = Invited.model_validate(answer.json())
    assert invited.link.startswith(f"{str(client.base_url).rstrip('/')}/oauth/invitation/")
    assert client.get(invited.link).status_code == 200
    path = f"/v1/colleagues/{invited.colleague.id}"
    another = client.post(f"{path}/link")
    assert (another.status_code, client.get(invited.link).status_code) == (201, 404)
    changed = client.patch(path, json={"role": "support"})
    assert (changed.status_code, changed.json()["role_label"]) == (200, "Support engineer")
    listed = Colleagues.model_validate(client.get("/v1/colleagues").json())
    assert [item.name for item in listed.items] == ["Ada Admin", "Nina New", "Remy Rep"]
    assert (client.delete(path).status_code, client.delete(path).status_code) == (204, 404)
    assert client.get("/v1/me").json()["keeps_colleagues"] is True


@AT_THE_SURFACE
@pytest.mark.parametrize(
    "changed",
    [
        {"email": "no address"},
        {"email": "a@b@c.example"},
        {"email": "x" * 250 + "@example.test"},
        {"name": ""},
        {"name": "n" * 201},
        {"role": ""},
        {"companies": ["somebody else's"]},
    ],
)
def test_invitations_that_are_not_understood(client: httpx.Client, changed: dict[str, Any]) -> None:
    body = {"name": "Nina New", "email": "nina@example.test", "role": "rep", **changed}
    answer = client.post("/v1/colleagues", json=body)
    assert answer.status_code == 422
    assert any(next(iter(changed)) in field for field in answer.json()["fields"])


def test_what_the_manifest_says_about_roles() -> None:
    roles = {role.name: role for role in partner_manifest().roles}
    assert [name for name, role in roles.items() if role.keeps_colleagues] == ["admin"]
    assert {name for name, role in roles.items() if role.side == "vendor"} == {
        "field_rep",
        "channel_manager",
        "approver",
        "operations",
    }
    old = partner_manifest().model_dump(mode="json")
    for role in old["roles"]:
        del role["keeps_colleagues"]
    assert not any(role.keeps_colleagues for role in parse_manifest(old).roles)
