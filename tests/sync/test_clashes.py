"""The filter of registrations on its way in: kept with its tag, told its age, and gone when it is not offered."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.contract.clashing import make_filter
from app.contract.errors import BadAnswer, Busy, CounterpartError, SignInNeeded, Unreachable
from app.store.clashes import ClashStore
from app.sync.clashes import Clashes
from app.sync.engine import Wake
from app.sync.settings import EngineSettings
from app.sync.transport import ClashAnswer
from tests.sync.world import World

MADE_AT = datetime(2026, 11, 24, 8, 55, tzinfo=UTC)


class Office:
    """What the scripted gateway answers when it is asked for the filter."""

    def __init__(self, client: World) -> None:
        self.client = client
        self.asked: list[str | None] = []
        self.error: CounterpartError | None = None
        self.answer = ClashAnswer(filter_of("d:kestrel.example"), '"one"')
        client.gateway.clashes = self.clashes  # type: ignore[attr-defined]

    def clashes(self, etag: str | None) -> ClashAnswer:
        self.asked.append(etag)
        if self.error is not None:
            raise self.error
        same = self.answer.offered and etag == self.answer.etag
        return ClashAnswer(None, etag or "") if same else self.answer

    @property
    def kept(self) -> ClashStore:
        return ClashStore(self.client.store.settings)

    def holds(self, key: str) -> bool:
        found = self.kept.read()
        return found is not None and found[0].may_hold(key)


def filter_of(*keys: str) -> str:
    return make_filter(b"salt", keys, MADE_AT).model_dump_json()


@pytest.fixture
def office(client: World) -> Office:
    return Office(client)


def later(client: World) -> None:
    client.clock.advance(301)
    client.engine.cycle(Wake.TIMER)


def test_it_comes_after_a_pull_and_not_with_every_one(client: World, office: Office) -> None:
    later(client)
    assert office.holds("d:kestrel.example")
    assert not office.holds("d:other.example")
    kept = office.kept.read()
    assert kept is not None
    assert kept[1] == MADE_AT
    client.engine.cycle(Wake.POKE)
    assert office.asked == [None]
    later(client)
    again = office.kept.read()
    assert again is not None
    assert (office.asked[-1], again[1]) == ('"one"', client.clock.now())


def test_another_one_takes_its_place(client: World, office: Office) -> None:
    later(client)
    office.answer = ClashAnswer(filter_of("d:other.example"), '"two"')
    later(client)
    assert office.holds("d:other.example")
    assert not office.holds("d:kestrel.example")


def test_it_goes_when_the_vendor_switches_it_off(client: World, office: Office) -> None:
    later(client)
    office.answer = ClashAnswer(None, "", offered=False)
    later(client)
    assert office.kept.read() is None
    assert office.kept.etag() is None
    assert client.store.settings.keys("clashes.") == ()


def test_it_goes_with_the_manifest_that_gives_no_hints(client: World, office: Office) -> None:
    later(client)
    manifest = client.store.manifest
    assert manifest is not None
    client.gateway.manifest_text = manifest.changed(clash_hints=False).model_dump_json()
    client.gateway.etag = "other"
    client.clock.advance(301)
    later(client)
    assert office.kept.read() is None
    assert len(office.asked) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps({"salt": "x"}), "[" * 20_000])
def test_what_cannot_be_read_leaves_the_one_before(client: World, office: Office, text: str) -> None:
    later(client)
    office.answer = ClashAnswer(text, '"broken"')
    later(client)
    assert office.holds("d:kestrel.example")
    assert client.engine.status.cause == ""


@pytest.mark.parametrize(("error", "waits"), [(Busy(), True), (BadAnswer(), True), (Unreachable(), False)])
def test_trouble_with_it_is_no_trouble_of_the_records(
    client: World, office: Office, error: CounterpartError, waits: bool
) -> None:
    office.error = error
    later(client)
    assert (client.engine.status.cause == "") == waits


def test_a_session_that_has_ended_is_told(client: World, office: Office) -> None:
    office.error = SignInNeeded()
    fetcher = Clashes(client.store, client.gateway, client.clock, EngineSettings())
    with pytest.raises(SignInNeeded):
        fetcher.fetch_when_due()
