"""The filter of registrations as the gateway keeps it: what is in it, when it is made, and who gets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.contract.clashing import OpenFilter, read_filter
from gateway.api.app import build_app
from gateway.clashes import Clashes, Shipped
from gateway.identity.session import Session
from gateway.tables import meta
from tests.gateway.serving import serving
from tests.gateway.world import World, partner_manifest
from tests.patience import PATIENCE


@pytest.fixture
def world() -> World:
    return World()


def filled(clashes: Clashes) -> OpenFilter:
    text, _ = clashes.shipped()
    found = read_filter(json.loads(text))
    assert found is not None
    return found


def test_it_holds_what_is_open_and_handed_in_of_all_partners(world: World) -> None:
    world.deal(world.south, www="https://www.Kestrel.example/shop", cust="Kestrel Ltd", stage="1")
    world.deal(world.north, www="own.example", cust="Own", stage="5")
    world.deal(world.south, www="draft.example", cust="Draft", stage="0")
    world.deal(world.south, www="lost.example", cust="Lost", stage="8")
    world.read()
    found = filled(world.gateway.clashes)
    assert found.may_hold("d:kestrel.example")
    assert found.may_hold("n:kestrel|GB")
    assert found.may_hold("d:own.example")
    assert not found.may_hold("d:draft.example")
    assert not found.may_hold("d:lost.example")
    assert not found.may_hold("n:kestrel|DE")


def test_it_is_made_anew_when_something_changed_and_not_too_often(world: World) -> None:
    clashes = world.gateway.clashes
    assert clashes.refresh()
    assert not clashes.refresh()
    first, etag = clashes.shipped()
    world.clock.forward(600)
    assert not clashes.refresh()  # nothing has changed
    world.clock.forward(-600)
    world.deal(world.south, www="new.example", stage="1")
    world.read()
    assert not clashes.refresh()  # too soon
    world.clock.forward(180)
    assert clashes.refresh()
    second, changed = clashes.shipped()
    assert (second, changed) != (first, etag)
    assert filled(clashes).may_hold("d:new.example")
    world.port.add("account", title="Elsewhere", level="G")
    world.read()
    world.clock.forward(180)
    assert clashes.refresh()
    assert clashes.shipped() == (second, changed)  # the same registrations are the same filter


def test_one_that_takes_long_to_make_is_made_less_often(world: World) -> None:
    shipped = Shipped("e", 1, "s", world.clock.now(), took=20.0)
    assert shipped.stands == timedelta(minutes=10)
    assert Shipped("e", 1, "s", world.clock.now(), took=0.5).stands == timedelta(minutes=3)


def test_another_process_answers_alike_and_another_gateway_has_another_salt(world: World) -> None:
    world.deal(world.south, www="kestrel.example", stage="1")
    world.read()
    here = world.gateway.clashes.shipped()
    assert world.restarted().clashes.shipped() == here
    elsewhere = World()
    elsewhere.rng.seed(11)
    assert filled(elsewhere.restarted().clashes).salt != filled(world.gateway.clashes).salt


@contextmanager
def asking(world: World, session: Session) -> Iterator[Callable[..., httpx.Response]]:
    """Serve the gateway; yields what asks for the filter with that session, and with the tag that is given."""
    with world.database.write() as connection:
        token = world.gateway.identity.sessions.first_tokens(connection, session.id).access
    with serving(build_app(world.gateway)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield lambda tag="": client.get("/v1/clashes", headers={"If-None-Match": tag} if tag else {})


def test_it_comes_with_an_etag_and_goes_when_it_is_switched_off(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    world.deal(world.south, www="kestrel.example", cust="Kestrel", stage="1")
    world.read()
    with asking(world, world.admin) as ask:
        answer = ask()
        assert answer.status_code == 200
        assert set(answer.json()) == {"format", "salt", "hashes", "body", "as_of"}
        again = ask(answer.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
    reader = world.user("Rita Reader", "read_only", world.north)
    with asking(world, reader) as ask:  # who may not register anything has no use for it
        assert (ask().status_code, ask().content) == (204, b"")
    world.gateway = world.restarted(partner_manifest().changed(clash_hints=False))
    with asking(world, world.admin) as ask:
        assert ask(answer.headers["etag"]).status_code == 204
    assert world.gateway.clashes.refresh()
    assert not world.gateway.clashes.refresh()
    with world.database.read() as connection:
        names = set(connection.execute(select(meta.c.name)).scalars())
    assert {"clash_filter", "clash_state"}.isdisjoint(names)
    world.gateway.close()
