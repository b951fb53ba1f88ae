"""Invitations: a link that works once, and the password that is set with it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from gateway.identity.invitations import Invited, Link, shortcomings
from gateway.identity.options import OidcOptions
from gateway.identity.people import NewUser
from gateway.logs import configure_logs
from gateway.problems import Problem
from gateway.tables import invitation
from tests.gateway.signing_in import browser, with_options, witnessed
from tests.gateway.test_identity import code_from, exchange, signed_in, works
from tests.gateway.world import World

GOOD = "seven grey otters"
NINA = "nina@example.test"


def invited(world: World) -> Link:
    """Somebody new, and their link."""
    return world.gateway.identity.invite(NewUser("Nina New", NINA, "rep", (world.gid(world.north),)))


def fails(world: World, token: str, password: str = GOOD) -> int:
    """The status with which a link is refused."""
    with pytest.raises(Problem) as caught:
        world.gateway.identity.invitations.use(token, password, password)
    return caught.value.status


def test_a_link_sets_a_password_once(world: World) -> None:
    link = invited(world)
    assert (
        link.address("https://partners.example/") == f"https://partners.example/oauth/invitation/{link.token}"
    )
    invitations = world.gateway.identity.invitations
    assert invitations.look(link.token) == Invited(link.user, "Nina New", NINA)
    assert invitations.use(link.token, GOOD, GOOD).user == link.user
    assert code_from(world, GOOD, NINA)
    assert fails(world, link.token) == 404


def test_only_a_hash_of_a_link_is_kept(world: World) -> None:
    link = invited(world)
    with world.database.read() as connection:
        kept = connection.execute(select(invitation)).one()
    assert link.token not in str(kept)


def test_nobody_signs_in_before_the_link_was_used(world: World) -> None:
    invited(world)
    with pytest.raises(Problem):
        code_from(world, "", NINA)


def test_a_link_is_good_for_seven_days(world: World) -> None:
    link = invited(world)
    world.clock.forward(7 * 86400 - 1)
    assert world.gateway.identity.invitations.look(link.token).user == link.user
    world.clock.forward(1)
    assert fails(world, link.token) == 404


def test_a_new_link_takes_the_place_of_the_one_before(world: World) -> None:
    link = invited(world)
    another = world.gateway.identity.new_link(link.user)
    assert fails(world, link.token) == 404
    assert world.gateway.identity.invitations.use(another.token, GOOD, GOOD).user == link.user


def test_a_closed_account_has_no_link(world: World) -> None:
    link = invited(world)
    world.gateway.identity.deactivate(link.user)
    assert fails(world, link.token) == 404
    world.gateway.identity.reactivate(link.user)
    assert fails(world, link.token) == 404, "opening it again does not bring old links back"
    world.gateway.identity.deactivate(link.user)
    for user in (link.user, "nobody"):
        with pytest.raises(Problem) as caught:
            world.gateway.identity.new_link(user)
        assert caught.value.status == 404


def test_a_forgotten_password_is_a_new_link_and_ends_what_was_open(world: World) -> None:
    tokens = signed_in(world)
    link = world.gateway.identity.new_link(world.admin.user)
    assert works(world, tokens.access), "until it is used nothing changes"
    assert code_from(world)
    world.gateway.identity.invitations.use(link.token, GOOD, GOOD)
    assert not works(world, tokens.access)
    with pytest.raises(Problem):
        code_from(world)
    assert works(world, exchange(world, code_from(world, GOOD)).access)


def test_a_new_password_ends_the_wait(world: World) -> None:
    for _ in range(9):
        with pytest.raises(Problem):
            code_from(world, "wrong")
    link = world.gateway.identity.new_link(world.admin.user)
    world.gateway.identity.invitations.use(link.token, GOOD, GOOD)
    assert code_from(world, GOOD)


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("short pwd", None, "password"),
        (NINA, None, "password"),
        ("NINA@Example.Test", None, "password"),
        ("example.test", None, "password"),
        ("Nina Newling", None, "password"),
        ("nina newling", None, "password"),
        ("aaaaaaaaaaaa", None, "password"),
        ("abababababab", None, "password"),
        (GOOD, "seven grey otter", "again"),
        (GOOD, "", "again"),
    ],
)
def test_passwords_that_are_not_taken(password: str, again: str | None, field: str) -> None:
    whose = Invited("u", "Nina Newling", NINA)
    assert list(shortcomings(password, password if again is None else again, whose)) == [field]


@pytest.mark.parametrize("password", [GOOD, "x" * 9 + "yzw", "日本語のパスワード長い"])
def test_passwords_that_are_taken(password: str) -> None:
    assert shortcomings(password, password, Invited("u", "Nina Newling", NINA)) == {}


def test_the_page(world: World) -> None:
    witness = witnessed(world)
    link = invited(world)
    with browser(world) as client:
        path = f"/oauth/invitation/{link.token}"
        page = client.get(path)
        assert page.status_code == 200
        assert "Nina New" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        short = client.post(path, data={"password": "short", "again": "short"})
        assert (short.status_code, "10 characters" in short.text) == (422, True)
        assert client.get(path).status_code == 200, "neither looking nor a bad try uses it up"
        differing = client.post(path, data={"password": GOOD, "again": GOOD + "s"})
        assert (differing.status_code, "not the same" in differing.text) == (422, True)
        assert GOOD not in differing.text
        done = client.post(path, data={"password": GOOD, "again": GOOD})
        assert (done.status_code, NINA in done.text) == (200, True)
        for answer in (client.get(path), client.post(path, data={"password": GOOD, "again": GOOD})):
            assert (answer.status_code, "not good any more" in answer.text) == (404, True)
    assert code_from(world, GOOD, NINA)
    assert witness.names == ["account_added", "invitation_made", "invitation_used"]
    assert not any(secret in str(witness.events) for secret in (link.token, GOOD))


def test_where_there_are_no_passwords_none_is_set(world: World) -> None:
    with_options(world, oidc=OidcOptions("https://issuer.example", "us", label="Contoso", only=True))
    link = invited(world)
    with browser(world) as client:
        path = f"/oauth/invitation/{link.token}"
        assert "sign in with Contoso" in client.get(path).text
        client.post(path, data={"password": GOOD, "again": GOOD})
    assert world.gateway.identity.invitations.look(link.token).user == link.user


def test_links_do_not_stand_in_the_log(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    link = invited(world)
    configure_logs("INFO", as_json=True)
    try:
        with browser(world) as client:
            client.get(f"/oauth/invitation/{link.token}")
    finally:
        # Quiet again before what it writes to is gone.
        configure_logs("CRITICAL")
    said = "".join(capfd.readouterr())
    assert "/oauth/invitation/…" in json.loads(said.splitlines()[-1])["path"]
    assert link.token not in said
