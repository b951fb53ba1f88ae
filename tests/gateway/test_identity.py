"""Accounts, sign-in, tokens: what is granted once, what is granted again, and what ends a session."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update

from gateway.crm.port import Ref
from gateway.feed.pokes import Pokes
from gateway.identity.identity import user_tag
from gateway.identity.passwords import Passwords, decoy
from gateway.identity.people import Contact, NewUser
from gateway.identity.sessions import InvalidGrant, Tokens
from gateway.identity.sign_in import SignInRequest
from gateway.problems import Problem
from gateway.tables import access_token, account, auth_code, refresh_token
from tests.gateway.databases import AT_THE_SURFACE
from tests.gateway.world import World

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BACK = "http://127.0.0.1:50123/callback"
QUERY = {
    "response_type": "code",
    "client_id": "counterpart-desktop",
    "redirect_uri": BACK,
    "state": "s1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "device_id": "d1",
    "device_name": "BW-MO14",
}


def code_from(world: World, password: str = "correct horse", email: str = "ada@example.test") -> str:
    """Sign in and return the code."""
    sign_in = world.gateway.identity.sign_in
    target = sign_in.submit(sign_in.request(QUERY), email, password)
    assert target.startswith(BACK + "?")
    answer = parse_qs(urlsplit(target).query)
    assert answer["state"] == ["s1"]
    return answer["code"][0]


def exchange(world: World, code: str, **changed: str) -> Tokens:
    """Turn a code into tokens."""
    given = {"verifier": VERIFIER, "redirect_uri": BACK, "client_id": "counterpart-desktop", **changed}
    return world.gateway.identity.exchange(code, **given)


def signed_in(world: World) -> Tokens:
    """Sign in whole."""
    return exchange(world, code_from(world))


def works(world: World, access: str) -> bool:
    """Whether an access token is good."""
    try:
        return world.gateway.identity.authenticate(access).user == world.admin.user
    except Problem as problem:
        return problem.status != 401


# ---------------------------------------------------------------------------------------------------------- sign-in


def test_a_sign_in_from_the_page_to_a_session(world: World) -> None:
    tokens = signed_in(world)
    session = world.gateway.identity.authenticate(tokens.access)
    assert (session.user, session.device, session.device_name) == (world.admin.user, "d1", "BW-MO14")
    assert tokens.expires_in == 15 * 60
    assert world.gateway.me(session).device == "BW-MO14"


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "another"},
        {"response_type": "token"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example:80/"},
        {"redirect_uri": "http://localhost:5000/"},
        {"redirect_uri": "http://127.0.0.1/no-port"},
        {"redirect_uri": "http://user@127.0.0.1:5000/"},
        {"redirect_uri": "http://127.0.0.1:5000/#part"},
        {"redirect_uri": "http://127.0.0.1:99999/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1:5000/\x00"},
        {"redirect_uri": "http://127.0.0.1:5000/\nx"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"state": ""},
    ],
)
def test_requests_that_are_not_answered(world: World, changed: dict[str, str]) -> None:
    with pytest.raises(Problem) as caught:
        world.gateway.identity.sign_in.request({**QUERY, **changed})
    assert (caught.value.status, list(caught.value.fields)) == (
        422,
        [next(iter(changed)).replace("_method", "")],
    )


def test_a_page_carries_its_request_signed_and_for_a_while(world: World) -> None:
    sign_in = world.gateway.identity.sign_in
    request = sign_in.request(QUERY)
    sealed = sign_in.seal(request)
    assert sign_in.unseal(sealed) == request
    for bad in (sealed[:-2], "x" + sealed, ""):
        with pytest.raises(Problem):
            sign_in.unseal(bad)
    world.clock.forward(16 * 60)
    with pytest.raises(Problem):
        sign_in.unseal(sealed)


def test_a_wrong_password_and_an_unknown_address_sound_the_same(world: World) -> None:
    words = set()
    for email, password in (("ada@example.test", "wrong"), ("nobody@example.test", "wrong"), ("", "")):
        with pytest.raises(Problem) as caught:
            code_from(world, password, email)
        assert caught.value.status == 401
        words.add(caught.value.detail)
    assert len(words) == 1


def test_an_address_is_found_however_it_is_written(world: World) -> None:
    assert code_from(world, email=" Ada@Example.TEST ")


def test_control_characters_come_no_further(world: World) -> None:
    sign_in = world.gateway.identity.sign_in
    request = sign_in.request({**QUERY, "device_id": "d\x001", "device_name": "\x00\n"})
    assert (request.device_id, request.device_name) == ("d1", "a computer")
    assert code_from(world, email="ada\x00@example.test")


def test_many_wrong_passwords_make_an_account_wait(world: World) -> None:
    for _ in range(8):
        with pytest.raises(Problem):
            code_from(world, "wrong")
    with pytest.raises(Problem) as caught:
        code_from(world)
    assert (caught.value.status, caught.value.retry_after) == (429, 300.0)
    world.clock.forward(301)
    assert code_from(world)


def test_a_right_password_forgets_the_wrong_ones(world: World) -> None:
    for _ in range(3):
        for _ in range(7):
            with pytest.raises(Problem):
                code_from(world, "wrong")
        assert code_from(world)


@pytest.mark.parametrize(
    "changed",
    [
        {"verifier": "w" * 50},
        {"verifier": "v"},
        {"redirect_uri": "http://127.0.0.1:50124/callback"},
        {"client_id": "another"},
    ],
)
def test_a_code_is_good_only_for_who_asked_for_it(world: World, changed: dict[str, str]) -> None:
    code = code_from(world)
    with pytest.raises(InvalidGrant):
        exchange(world, code, **changed)
    assert works(world, exchange(world, code).access), "a wrong try does not use it up"


def test_a_code_of_another_client(world: World) -> None:
    code = code_from(world)
    with world.database.write() as connection:
        connection.execute(update(auth_code).values(client_id="another"))
    with pytest.raises(InvalidGrant):
        exchange(world, code)


def test_a_code_that_is_unknown_or_late(world: World) -> None:
    with pytest.raises(InvalidGrant):
        exchange(world, "never given")
    code = code_from(world)
    world.clock.forward(121)
    with pytest.raises(InvalidGrant):
        exchange(world, code)


def test_a_code_used_twice_ends_the_session_it_led_to(world: World) -> None:
    code = code_from(world)
    tokens = exchange(world, code)
    assert works(world, tokens.access)
    with pytest.raises(InvalidGrant):
        exchange(world, code)
    assert not works(world, tokens.access)


def test_an_account_without_a_password_cannot_sign_in(world: World) -> None:
    world.gateway.identity.add_user(NewUser("Nina", "nina@example.test", "rep"))
    with pytest.raises(Problem):
        code_from(world, "", "nina@example.test")


def test_a_back_address_keeps_its_own_query() -> None:
    request = SignInRequest("c", BACK + "?a=1", "s", "x", "d", "n")
    assert request.back(code="c d") == BACK + "?a=1&code=c+d&state=s"


# ---------------------------------------------------------------------------------------------------------- tokens


def test_nothing_a_thief_could_use_is_kept(world: World) -> None:
    code = code_from(world)
    tokens = exchange(world, code)
    with world.database.read() as connection:
        kept = [
            text
            for column in (access_token.c.hash, refresh_token.c.hash, auth_code.c.hash, account.c.password)
            for text in connection.execute(select(column)).scalars()
        ]
    for secret in (code, tokens.access, tokens.refresh, "correct horse"):
        assert not any(secret in text for text in kept)
    assert any(text.startswith("$argon2id$") for text in kept)


def test_an_access_token_runs_out(world: World) -> None:
    tokens = signed_in(world)
    world.clock.forward(15 * 60 + 1)
    assert not works(world, tokens.access)
    assert works(world, world.gateway.identity.sessions.refresh(tokens.refresh).access)


def test_a_refresh_token_is_good_once_and_its_answer_may_be_asked_for_again(world: World) -> None:
    sessions = world.gateway.identity.sessions
    tokens = signed_in(world)
    following = sessions.refresh(tokens.refresh)
    world.clock.forward(30)
    assert sessions.refresh(tokens.refresh) == following
    assert following.refresh != tokens.refresh
    assert works(world, tokens.access), "the one before is good until it runs out"


@pytest.mark.parametrize("seconds", [61, 300, 16 * 60, 3 * 86400])
def test_who_lost_an_answer_gets_another_however_long_the_lid_was_closed(world: World, seconds: int) -> None:
    sessions = world.gateway.identity.sessions
    tokens = signed_in(world)
    lost = following = sessions.refresh(tokens.refresh)
    for _ in range(2):
        world.clock.forward(seconds)
        world.gateway.tidy()
        following = sessions.refresh(tokens.refresh)
        assert following.refresh != lost.refresh
        assert sessions.refresh(tokens.refresh) == following, "for a minute it is the same one"
    assert works(world, following.access)
    assert not works(world, lost.access)
    assert works(world, sessions.refresh(following.refresh).access)


def test_a_thief_who_renews_in_step_is_told_by_the_owners_next_renewal(world: World) -> None:
    sessions = world.gateway.identity.sessions
    tokens = signed_in(world)
    owners = sessions.refresh(tokens.refresh)
    world.clock.forward(7 * 60)
    thiefs = sessions.refresh(tokens.refresh)
    world.clock.forward(8 * 60)
    with pytest.raises(InvalidGrant):
        sessions.refresh(owners.refresh)
    assert not works(world, thiefs.access)
    with pytest.raises(InvalidGrant):
        sessions.refresh(thiefs.refresh)


def test_a_refresh_token_used_again_after_days_ends_that_devices_session_alone(world: World) -> None:
    sessions = world.gateway.identity.sessions
    tokens = signed_in(world)
    following = sessions.refresh(tokens.refresh)
    world.clock.forward(4 * 86400 + 1)
    other = signed_in(world)
    with pytest.raises(InvalidGrant):
        sessions.refresh(tokens.refresh)
    with pytest.raises(InvalidGrant):
        sessions.refresh(following.refresh)
    assert works(world, other.access)


@pytest.mark.parametrize("seconds", [0, 30, 300])
def test_a_refresh_token_whose_successor_was_used_is_a_theft_at_once(world: World, seconds: int) -> None:
    sessions = world.gateway.identity.sessions
    tokens, other = signed_in(world), signed_in(world)
    following = sessions.refresh(tokens.refresh)
    third = sessions.refresh(following.refresh)
    world.clock.forward(seconds)
    with pytest.raises(InvalidGrant):
        sessions.refresh(tokens.refresh)
    assert not works(world, third.access)
    with pytest.raises(InvalidGrant):
        sessions.refresh(third.refresh)
    assert works(world, other.access)


def test_a_refresh_token_runs_out_after_long_silence(world: World) -> None:
    tokens = signed_in(world)
    world.clock.forward(15 * 86400)
    with pytest.raises(InvalidGrant):
        world.gateway.identity.sessions.refresh(tokens.refresh)
    assert works(world, signed_in(world).access), "signing in again begins a new session"


@pytest.mark.parametrize("token", ["access", "refresh"])
def test_signing_out_ends_the_session(world: World, token: str) -> None:
    tokens = signed_in(world)
    world.gateway.identity.revoke_token({"token": getattr(tokens, token), "client_id": "counterpart-desktop"})
    assert not works(world, tokens.access)
    with pytest.raises(InvalidGrant):
        world.gateway.identity.sessions.refresh(tokens.refresh)
    world.gateway.identity.revoke_token({"token": "never given", "client_id": "counterpart-desktop"})


def test_a_revoked_device_is_out_and_the_others_are_not(world: World) -> None:
    identity = world.gateway.identity
    tokens = signed_in(world)
    elsewhere = identity.session_for(world.admin.user, "At home", "d2")
    assert identity.revoke_device(world.admin.user, "d1") == 1
    assert not works(world, tokens.access)
    identity.sessions.check(elsewhere)


def test_a_closed_account_is_out_everywhere_at_once(world: World) -> None:
    identity = world.gateway.identity
    tokens = signed_in(world)
    assert identity.deactivate(world.admin.user) == 2
    assert not works(world, tokens.access)
    with pytest.raises(InvalidGrant):
        identity.sessions.refresh(tokens.refresh)
    with pytest.raises(Problem):
        code_from(world)
    with pytest.raises(Problem):
        identity.sessions.check(world.admin)


def test_what_has_run_out_is_forgotten_and_nothing_else(world: World) -> None:
    tokens = signed_in(world)
    world.clock.forward(20 * 60)
    following = world.gateway.identity.sessions.refresh(tokens.refresh)
    world.gateway.tidy()
    with world.database.read() as connection:
        kept = [
            len(connection.execute(select(table)).all()) for table in (access_token, refresh_token, auth_code)
        ]
    assert kept == [1, 2, 0], "a used refresh token tells a theft until it would have run out"
    assert works(world, following.access)


def test_a_token_of_another_gateway_is_not_good(world: World) -> None:
    assert not works(World(), signed_in(world).access)


# ---------------------------------------------------------------------------------------------------------- people


def test_who_stands_for_a_contact_has_the_contacts_id(world: World) -> None:
    contact = Contact("memory", Ref("person", "Zoe"))
    new = NewUser("Zoe", "zoe@example.test", "rep", (world.gid(world.north),), "", (contact,))
    assert world.gateway.identity.add_user(new) == contact.user
    with pytest.raises(Problem) as caught:
        world.gateway.identity.add_user(replace(new, email="other@example.test"))
    assert caught.value.status == 409
    with pytest.raises(Problem):
        world.gateway.identity.add_user(NewUser("Zoe", "ZOE@example.test", "rep"))


def test_a_role_the_manifest_does_not_know(world: World) -> None:
    with pytest.raises(Problem) as caught:
        world.gateway.identity.set_role(world.rep.user, "emperor")
    assert "field_rep" in caught.value.detail


def test_people_are_listed_with_their_companies(world: World) -> None:
    people = world.gateway.identity.people
    assert [user.name for user in people.everybody()] == ["Ada Admin", "Olga Other", "Remy Rep"]
    found = people.find("REMY@example.test")
    assert found is not None
    assert (found.id, found.companies, found.active) == (world.rep.user, (world.gid(world.north),), True)
    assert people.find("nobody@example.test") is None
    people.set_password(found.id, "another one")
    assert code_from(world, "another one", "remy@example.test")


def test_a_change_of_grant_pokes_its_user(world: World) -> None:
    heard: list[frozenset[str]] = []
    world.gateway.subscribe(lambda tags, _position: heard.append(tags))
    world.gateway.identity.set_role(world.rep.user, "admin")
    world.gateway.identity.set_companies(world.rep.user, [])
    assert heard == [frozenset({user_tag(world.rep.user)})] * 2


def test_a_listener_may_stop_twice() -> None:
    pokes = Pokes()
    stop = pokes.subscribe(lambda _tags, _position: None)
    stop()
    stop()
    pokes.tell(frozenset({"all"}), 1)


@AT_THE_SURFACE
def test_passwords_are_hashed_as_they_should_be() -> None:
    stored = Passwords().stored("x")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=2$")
    assert Passwords().fits(stored, "x")
    assert not Passwords().fits("not a hash", "x")
    assert not Passwords().fits(None, "nobody has this password")


def test_looking_for_nobody_takes_the_same_effort() -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=128, parallelism=3)
    assert extract_parameters(decoy(hasher)) == extract_parameters(hasher.hash("x"))
    with pytest.raises(VerifyMismatchError):  # and not that it is no hash
        hasher.verify(decoy(hasher), "x")
