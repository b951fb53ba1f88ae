"""Records with long texts: a page ends before it is more than a client takes, and leads on all the same."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.store.database import Store
from app.sync.engine import Engine, Wake
from app.sync.events import Mode
from app.sync.http_transport import HttpTransport
from app.sync.settings import EngineSettings
from app.sync.wire import MAX_ANSWER, Wire
from gateway.api.app import Shape, build_app
from gateway.crm.port import Ref
from gateway.limits import Limits
from tests.gateway.serving import serving
from tests.gateway.test_identity import signed_in
from tests.gateway.world import Mirror, World
from tests.patience import PATIENCE

KEY = bytes(range(32))


def noise(rng: random.Random, size: int) -> str:
    """Text that hardly packs."""
    return "".join(rng.choices(string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~", k=size))


def notes(world: World, deal: Ref, *sizes: int) -> list[Ref]:
    """Add messages of so many characters."""
    more: dict[str, Any] = {"on_id": deal.id, "on_kind": "D", "internal": False, "who": "Ingrid"}
    return [world.port.add("note", text=noise(world.rng, size), **more) for size in sizes]


class Weighed(Mirror):
    """A mirror that notes how much text each page brought."""

    def __init__(self, world: World, *args: Any) -> None:
        super().__init__(world, *args)
        self.weights: list[list[int]] = []

    def _put(self, puts: list[Any]) -> None:
        self.weights.append([len(json.dumps(row[4], separators=(",", ":"))) for row in puts])
        super()._put(puts)


SIZES = (900, 30, 2000, 2000, 9000, 10, 2000, 2500, 9000, 9000, 20)


@pytest.fixture
def world() -> World:
    return World(Limits(page_text=4000))


@pytest.mark.parametrize("way", ["snapshot", "changes", "difference"])
def test_a_page_ends_with_its_texts_after_one_record_at_least_and_leads_to_the_head(
    world: World, way: str
) -> None:
    client = Weighed(world, world.other)
    if way != "snapshot":
        client.snapshot()
    deal = world.deal(world.north if way == "difference" else world.south)
    held = notes(world, deal, *SIZES)
    world.read()
    if way == "difference":
        world.gateway.identity.set_companies(world.other.user, [world.gid(world.north)])
    client.weights.clear()
    (client.snapshot if way == "snapshot" else client.pull)()
    assert client.of("message") == {world.gid(ref) for ref in held}
    assert client.hashes() == Mirror(world, world.other, 1).snapshot().hashes()
    assert len(client.weights) > 5
    assert max(len(page) for page in client.weights) > 1
    for page in client.weights:
        assert sum(page[:-1]) < 4000, "the record that makes it full is its last"


def test_the_number_of_records_a_page_holds_counts_too(world: World) -> None:
    notes(world, world.deal(), *[10] * 9)
    world.read()
    client = Weighed(world, world.admin, 3)
    client.snapshot()
    assert max(len(page) for page in client.weights) == 3


class _Tokens:
    def __init__(self, token: str) -> None:
        self._token = token

    def access(self) -> str:
        return self._token

    def renew(self, refused: str) -> str:
        raise AssertionError("nobody refuses it")


@pytest.mark.nightly
def test_many_long_messages_reach_the_head_over_http(tmp_path: Path) -> None:
    """More than four megabytes of them when packed, which came in one page and was refused for ever."""
    world = World(folder=tmp_path)
    deal = world.deal()
    first = notes(world, deal, *[20_000] * 290)
    world.read()
    token = signed_in(world).access
    store = Store.open(tmp_path / "store.db", KEY)
    with (
        serving(build_app(world.gateway, Shape())) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        transport = HttpTransport(Wire(client, world.clock), _Tokens(token))
        engine = Engine(
            store, transport, world.clock, random.Random(1), lambda _: None, settings=EngineSettings()
        )
        engine.cycle(Wake.START)
        assert (engine.status.mode, engine.status.cause) == (Mode.LIVE, "")
        assert store.proofs.counts()["message"] == 290
        for ref in first[:60]:
            world.port.edit(ref, text=noise(world.rng, 20_000))
        world.read()
        engine.cycle(Wake.USER)
        assert (engine.status.mode, engine.status.cause) == (Mode.LIVE, "")
        assert engine.verify(rehash=True).identical
        transport.close()
    store.close()
    world.gateway.close()


def test_the_longest_page_is_far_below_what_a_client_takes() -> None:
    """Each character may be four bytes long, and the last record as long as a page."""
    assert 2 * 4 * Limits().page_text < MAX_ANSWER
