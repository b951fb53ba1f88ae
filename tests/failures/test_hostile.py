"""A hostile or confused gateway: refused, bounded, told; what is here stays, and it goes on once the gateway does."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.contract.canonical import record_hash
from app.contract.changes import ChangesPage, SnapshotPage
from app.contract.mutations import Outcome, PushAnswer, Status
from app.contract.records import Gone
from app.services.views_model import Mode, SyncState
from app.sync.engine import Engine, Wake
from app.sync.http_transport import HttpTransport
from app.sync.settings import EngineSettings
from app.sync.transport import ManifestAnswer, RawPage
from app.sync.wire import MAX_ANSWER, Wire
from tests.failures.world import DEAL, Device, World
from tests.gateway.serving import serving

MIB, GIB = 1024**2, 1024**3


@pytest.fixture
def maya(world: World) -> Device:
    for n in range(3):
        world.deal(cust_name=f"Kestrel {n}")
    world.read()
    return world.device()


def told(device: Device, words: str) -> None:
    """It is refused, said in the banner and the list of what happened, and nothing of what is here has gone."""
    assert device.status.mode is Mode.PROBLEM
    assert words in device.status.cause
    assert device.status.kept == "Everything you entered is kept on this computer."
    assert device.status.next_step
    banner = device.banner
    assert banner is not None
    assert words in banner.text
    assert any(words in line for line in device.lines())
    assert device.portal.records.count(DEAL) == 3


def mended(world: World, device: Device) -> None:
    """The gateway is itself again: nobody has to do anything."""
    device.line.alter.clear()
    world.wait(300)
    device.sync()
    assert device.status.mode is Mode.LIVE
    assert device.portal.records.count(DEAL) == 3
    assert device.in_step()


def deals(device: Device) -> list[str]:
    records = device.portal.records
    return [row.gid for row in records.rows(records.ids(DEAL))]


# -- pages -------------------------------------------------------------------------------------------------------
def test_hostile_cursor_that_goes_backwards_is_refused_bounded_and_told(world: World, maya: Device) -> None:
    early = maya.store.cursors.read().cursor
    assert early is not None
    world.desk.edit(world.row(deals(maya)[0]), {"next_action": "Halden calls them."})
    world.read()
    turns = iter(range(100))

    def back(page: RawPage[ChangesPage]) -> RawPage[ChangesPage]:
        cursor = page.envelope.cursor if next(turns) % 2 == 0 else early
        return replace(page, envelope=page.envelope.model_copy(update={"cursor": cursor, "more": True}))

    maya.line.alter["changes"] = back
    calls = maya.line.calls["changes"]
    maya.cycle()
    assert maya.line.calls["changes"] - calls < 5
    told(maya, "keeps leading back to a position that was read already")
    mended(world, maya)


def test_hostile_endless_more_with_nothing_is_refused_bounded_and_told(world: World, maya: Device) -> None:
    count = iter(range(10_000))

    def more(page: RawPage[ChangesPage]) -> RawPage[ChangesPage]:
        cursor = f"{page.envelope.cursor}"
        # The position moves on for ever; the real one is found again by its beginning.
        update = {"cursor": f"{cursor.partition('~')[0]}~{next(count)}", "more": True}
        return replace(page, envelope=page.envelope.model_copy(update=update))

    maya.line.alter["changes"] = more
    changes = maya.line.changes
    maya.line.changes = lambda cursor, limit: changes(cursor.partition("~")[0], limit)  # type: ignore[method-assign]
    calls = maya.line.calls["changes"]
    maya.cycle()
    assert maya.line.calls["changes"] - calls <= maya.settings.most_empty_pages + 2
    told(maya, "says for ever that there is more")
    mended(world, maya)


def test_hostile_endless_more_with_ever_new_records_is_refused_bounded_and_told(
    world: World, maya: Device
) -> None:
    maya.with_settings(most_pages=20)
    count = iter(range(10_000))

    def more(page: RawPage[ChangesPage]) -> RawPage[ChangesPage]:
        n = next(count)
        data = {"customer": f"Nobody {n}"}
        row = [f"{n:08x}-0000-7000-8000-{n:012x}", "lead", "v", record_hash(data), data]
        update = {"cursor": f"{page.envelope.cursor.partition('~')[0]}~{n}", "more": True}
        envelope = page.envelope.model_copy(update=update)
        return replace(page, envelope=envelope, puts=json.dumps([row]).encode())

    maya.line.alter["changes"] = more
    changes = maya.line.changes
    maya.line.changes = lambda cursor, limit: changes(cursor.partition("~")[0], limit)  # type: ignore[method-assign]
    maya.cycle()
    told(maya, "says for ever that there is more")
    mended(world, maya)
    assert maya.portal.records.count("lead") == 0, "and the comparison took out what was never there"


def test_hostile_snapshot_that_goes_in_circles_is_refused_bounded_and_told(
    world: World, maya: Device
) -> None:
    maya.with_settings(page_rows=1)
    first: list[str] = []

    def circle(page: RawPage[SnapshotPage]) -> RawPage[SnapshotPage]:
        first.append(page.envelope.after or "")
        return replace(page, envelope=page.envelope.model_copy(update={"after": first[0], "cursor": None}))

    maya.line.alter["snapshot"] = circle
    maya.engine._pull.start_over()
    maya.cycle()
    told(maya, "keeps leading back to a page that was read already")
    mended(world, maya)


class Heavy(bytes):
    """A page's rows that count for 64 MB, so that the shipped bound is met within a second."""

    def __len__(self) -> int:
        return 64 * MIB


def lead(n: int) -> list[Any]:
    """A record that the digest does not have."""
    data = {"customer": f"Nobody {n}"}
    return [f"{n:08x}-0000-7000-8000-{n:012x}", "lead", "v", record_hash(data), data]


def test_hostile_changes_that_fill_the_disk_are_given_up_at_the_shipped_bound_and_told(
    world: World, maya: Device
) -> None:
    maya.with_settings(most_bytes=EngineSettings().most_bytes, most_pages=EngineSettings().most_pages)
    count = iter(range(10_000))

    def more(page: RawPage[ChangesPage]) -> RawPage[ChangesPage]:
        n = next(count)
        update = {"cursor": f"{page.envelope.cursor.partition('~')[0]}~{n}", "more": True}
        envelope = page.envelope.model_copy(update=update)
        return replace(page, envelope=envelope, puts=Heavy(json.dumps([lead(n)]).encode()))

    maya.line.alter["changes"] = more
    changes = maya.line.changes
    maya.line.changes = lambda cursor, limit: changes(cursor.partition("~")[0], limit)  # type: ignore[method-assign]
    calls = maya.line.calls["changes"]
    maya.cycle()
    assert maya.line.calls["changes"] - calls == 2 * GIB // (64 * MIB) + 1
    told(maya, "says for ever that there is more")
    mended(world, maya)


def test_hostile_snapshot_that_fills_the_disk_is_given_up_at_the_shipped_bound_and_told(
    world: World, maya: Device
) -> None:
    maya.with_settings(most_bytes=EngineSettings().most_bytes, most_pages=EngineSettings().most_pages)
    calls = maya.line.calls["snapshot"]
    endless(maya, lambda page, n: replace(page, puts=Heavy(json.dumps([lead(n)]).encode())))
    maya.cycle()
    assert maya.line.calls["snapshot"] - calls == 2 * GIB // (64 * MIB) + 1
    told(maya, "snapshot has no end")
    del maya.line.snapshot
    mended(world, maya)


def endless(device: Device, filled: Callable[[RawPage[SnapshotPage], int], RawPage[SnapshotPage]]) -> None:
    """Let a snapshot begin that goes on for ever, with pages filled like that."""
    count = iter(range(10_000))

    def more(page: RawPage[SnapshotPage]) -> RawPage[SnapshotPage]:
        n = next(count)
        update = {"after": f"page {n}", "cursor": None}
        return filled(replace(page, envelope=page.envelope.model_copy(update=update)), n)

    device.line.alter["snapshot"] = more
    snapshot = device.line.snapshot
    device.line.snapshot = lambda after, limit: snapshot(None, limit)  # type: ignore[method-assign]
    device.engine._pull.start_over()


def test_hostile_snapshot_of_far_more_records_than_it_says_has_bounds_and_is_told(
    world: World, maya: Device
) -> None:
    """It may also be an honest gateway that is still being filled, so it is tried again and nobody is alarmed."""
    maya.with_settings(most_grown=100)
    endless(maya, lambda page, n: replace(page, puts=json.dumps(rows_from(n * 50, 50)).encode()))
    calls = maya.line.calls["snapshot"]
    maya.cycle()
    assert 2 < maya.line.calls["snapshot"] - calls < 5
    words = "far more records than it said there were"
    assert (maya.status.mode, words in maya.status.cause) == (Mode.SYNCING, True)
    assert maya.status.next_step == "It is tried again by itself."
    calls = maya.line.calls["snapshot"]
    maya.cycle()
    assert maya.line.calls["snapshot"] == calls, "not without a wait"
    del maya.line.snapshot
    mended(world, maya)


def rows_from(first: int, count: int) -> list[Any]:
    return [lead(n) for n in range(first, first + count)]


def test_hostile_snapshot_of_ever_new_pages_with_nothing_is_refused_and_told(
    world: World, maya: Device
) -> None:
    endless(maya, lambda page, _: replace(page, puts=b"[]"))
    calls = maya.line.calls["snapshot"]
    maya.cycle()
    assert maya.line.calls["snapshot"] - calls == maya.settings.most_empty_pages + 1
    told(maya, "snapshot has no end")
    del maya.line.snapshot
    mended(world, maya)


@pytest.mark.parametrize("call", ["changes", "snapshot"])
def test_hostile_page_with_more_records_than_were_asked_for_is_refused_and_told(
    world: World, maya: Device, call: str
) -> None:
    most = maya.settings.page_rows
    maya.line.alter[call] = lambda page: replace(page, puts=json.dumps(rows_from(0, most + 1)).encode())
    if call == "snapshot":
        maya.engine._pull.start_over()
    maya.cycle()
    told(maya, "more records in a page than it was asked for")
    assert maya.portal.records.count("lead") == 0
    mended(world, maya)


def test_hostile_page_with_more_that_left_than_were_asked_for_is_refused_and_told(
    world: World, maya: Device
) -> None:
    left = tuple(Gone(row[0], "lead", "revoked", None) for row in rows_from(0, maya.settings.page_rows + 1))
    maya.line.alter["changes"] = lambda page: replace(
        page, envelope=page.envelope.model_copy(update={"gone": left})
    )
    maya.cycle()
    told(maya, "more records in a page than it was asked for")
    mended(world, maya)


def test_hostile_history_that_is_another_one_in_every_answer_is_no_endless_loop(
    world: World, maya: Device
) -> None:
    count = iter(range(10_000))

    def another(page: RawPage[Any]) -> RawPage[Any]:
        return replace(page, envelope=page.envelope.model_copy(update={"epoch": f"e{next(count)}"}))

    maya.line.alter |= {"changes": another, "snapshot": another}
    calls = maya.line.calls.total()
    maya.cycle()
    assert maya.line.calls.total() - calls < 20
    told(maya, "The gateway's history has changed")
    mended(world, maya)


# -- other partners' records ---------------------------------------------------------------------------------------
def test_hostile_outcome_with_another_record_is_refused_and_told(world: World, maya: Device) -> None:
    mine, other = deals(maya)[:2]
    maya.edit(mine, competitor="Northwall")
    before = maya.shown(other)

    def swapped(answer: PushAnswer) -> PushAnswer:
        (outcome,) = answer.outcomes
        assert outcome.record is not None
        record = outcome.record.model_copy(update={"gid": other, "data": {"customer": "Somebody else"}})
        return answer.model_copy(update={"outcomes": (outcome.model_copy(update={"record": record}),)})

    maya.line.alter["push"] = swapped
    maya.cycle()
    told(maya, "another record than the one that was changed")
    assert maya.shown(other) == before
    assert maya.see(mine, "competitor") == "Northwall"
    assert [row.state for row in maya.outbox()] == [SyncState.WAITING]
    mended(world, maya)
    assert (maya.outbox(), world.written(mine, "rival")) == ([], ["Northwall"])


def test_hostile_answer_with_outcomes_of_other_mutations_is_not_used(world: World, maya: Device) -> None:
    mine = deals(maya)[0]
    maya.edit(mine, competitor="Northwall")
    stranger = Outcome(mutation_id="somebody-elses", status=Status.REJECTED)
    maya.line.alter["push"] = lambda answer: answer.model_copy(update={"outcomes": (stranger,)})
    maya.cycle()
    assert maya.see(mine, "competitor") == "Northwall"
    assert "did not answer each change that was sent" in maya.status.cause
    mended(world, maya)
    assert (maya.outbox(), world.written(mine, "rival")) == ([], ["Northwall"])


def test_hostile_mending_with_records_that_were_not_asked_for_takes_none_of_ours_away(
    world: World, maya: Device
) -> None:
    mine, other = deals(maya)[:2]
    maya.store.connection.run(
        "UPDATE record SET data = json_set(data, '$.customer', 'Rot') WHERE gid = ?", (mine,)
    )

    def also(page: RawPage[ChangesPage]) -> RawPage[ChangesPage]:
        gone = (*page.envelope.gone, Gone(other, DEAL, "revoked", None))
        return replace(page, envelope=page.envelope.model_copy(update={"gone": gone}))

    maya.line.alter["records"] = also
    proof = maya.engine.verify(rehash=True)
    assert proof.repaired == 1
    assert maya.shown(other) is not None
    mended(world, maya)


@pytest.mark.parametrize("which", ["another partner's", "one of ours"])
def test_hostile_mending_with_records_that_were_not_asked_for_is_refused_and_told(
    world: World, maya: Device, which: str
) -> None:
    mine, other = deals(maya)[:2]
    before = maya.shown(other)
    maya.store.connection.run(
        "UPDATE record SET data = json_set(data, '$.customer', 'Rot') WHERE gid = ?", (mine,)
    )
    data = {"customer": "Somebody else"}
    stranger = [other, DEAL, "v", record_hash(data), data] if which == "one of ours" else lead(7)
    maya.line.alter["records"] = lambda page: replace(
        page, puts=json.dumps([*json.loads(page.puts), stranger]).encode()
    )
    proof = maya.engine.verify(rehash=True)
    assert (proof.identical, proof.inconclusive) == (False, True)
    told(maya, "sent a record that it was not asked for")
    assert maya.shown(other) == before
    assert maya.store.mirror.truth(lead(7)[0]) is None
    mended(world, maya)
    assert maya.see(mine, "customer") != "Rot"


def test_hostile_page_with_another_partners_record_loses_it_at_the_next_comparison_and_it_is_told(
    world: World, maya: Device
) -> None:
    mine = deals(maya)[0]
    world.desk.edit(world.row(mine), {"next_action": "Halden calls them."})
    world.read()
    data = {"customer": "Another partner's customer"}
    gid = "00000007-0000-7000-8000-000000000007"
    foreign = [gid, DEAL, "v", record_hash(data), data]
    maya.line.alter["changes"] = lambda page: replace(
        page, puts=json.dumps([*json.loads(page.puts), foreign]).encode()
    )
    maya.cycle()
    assert maya.see(mine, "next_steps") == "Halden calls them."
    assert maya.portal.records.count(DEAL) == 4, "a single page cannot be told from an honest one"
    maya.line.alter.clear()
    world.wait(maya.settings.verify)
    maya.sync()
    assert maya.shown(gid) is None
    assert maya.portal.search.query("Another partner's") == []
    assert "Incident: 1 deal differed from the gateway, repaired" in maya.lines()
    mended(world, maya)


# -- rows and manifests that are not what they should be -----------------------------------------------------------
ODD: dict[str, Callable[[list[Any]], Any]] = {
    "too deep": lambda row: [*row[:4], {"customer": "DEEP"}],
    "endless number": lambda row: [*row[:4], {"customer": "ENDLESS"}],
    "no hash": lambda row: [*row[:3], "none", row[4]],
    "no object": lambda row: [*row[:4], "text"],
    "no row": lambda row: "row",
    "no id": lambda row: ["../../etc/passwd", *row[1:]],
}


def postponed(answer: PushAnswer) -> PushAnswer:
    """Not now, to everything."""
    later = (Outcome(mutation_id=one.mutation_id, status=Status.DEFERRED) for one in answer.outcomes)
    return answer.model_copy(update={"outcomes": tuple(later)})


@pytest.mark.parametrize(
    ("odd", "dirty"), [*((odd, True) for odd in ODD), *((odd, False) for odd in ODD if odd.startswith("no "))]
)
def test_hostile_row_is_set_aside_and_the_others_count(
    world: World, maya: Device, odd: str, dirty: bool
) -> None:
    bad, good = deals(maya)[:2]
    if dirty:
        maya.line.faults["push"] = []
        maya.edit(bad, competitor="Northwall")
        world.crm.crm.on_commit(lambda _: None)
        maya.line.alter["push"] = lambda answer: answer.model_copy(
            update={
                "outcomes": tuple(
                    Outcome(mutation_id=o.mutation_id, status=Status.DEFERRED) for o in answer.outcomes
                )
            }
        )
    for gid in (bad, good):
        world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
    world.read()

    def spoilt(page: RawPage[ChangesPage]) -> RawPage[ChangesPage]:
        rows = [ODD[odd](row) if row[0] == bad else row for row in json.loads(page.puts)]
        text = json.dumps(rows).replace('"DEEP"', "[" * 985 + "]" * 985)
        return replace(page, puts=text.replace('"ENDLESS"', "9" * 5000).encode())

    maya.line.alter["changes"] = spoilt
    maya.cycle()
    assert maya.see(good, "next_steps") == "Halden calls them.", "the others count"
    assert maya.shown(bad) is not None, "and what was there before stays"
    if dirty:
        assert maya.see(bad, "competitor") == "Northwall"
    mended(world, maya)
    assert maya.see(bad, "next_steps") == "Halden calls them."


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{}", "null", '{"format": 99}', "\x00"],
    ids=["deep", "empty", "null", "newer", "no text"],
)
def test_hostile_manifest_is_not_adopted_and_the_portal_stays(world: World, maya: Device, text: str) -> None:
    maya.line.alter["manifest"] = lambda _: ManifestAnswer(text, "another")
    maya.again()
    maya.cycle()
    assert maya.status.cause
    assert maya.portal.manifest.entity(DEAL) is not None
    assert maya.portal.records.count(DEAL) == 3
    mended(world, maya)


# -- over the wire -----------------------------------------------------------------------------------------------
class _Tokens:
    def access(self) -> str:
        return "token"

    def renew(self, refused: str) -> str:
        raise AssertionError("nobody refuses it")


@contextmanager
def connected(world: World, device: Device, app: Flood) -> Iterator[Engine]:
    """The device's engine over real HTTP to an application on a real port."""
    with serving(app) as url, httpx.Client(base_url=url, timeout=5.0) as client:
        transport = HttpTransport(Wire(client, device.clock), _Tokens())
        engine = Engine(
            device.store, transport, device.clock, world.rng, device.events.append, settings=device.settings
        )
        try:
            yield engine
        finally:
            transport.close()


class Flood:
    """An application that answers like the gateway, but for the changes: there comes a body of 2 GB."""

    def __init__(self, device: Device, begins: bytes, goes_on: bytes, encoding: str) -> None:
        self._device = device
        self._begins = begins
        self._goes_on = goes_on
        self._encoding = encoding
        self.sent = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for word in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{word}.complete"})
            return
        headers = [(b"content-type", b"application/json")]
        line = self._device.line
        match scope["path"]:
            case "/v1/me":
                await _whole(send, headers, line.me().model_dump_json())
            case "/v1/manifest":
                await _whole(send, headers, line.manifest(None).text or "")
            case _:
                if self._encoding:
                    headers.append((b"content-encoding", self._encoding.encode()))
                await self._endless(receive, send, headers)

    async def _endless(self, receive: Any, send: Any, headers: list[tuple[bytes, bytes]]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await receive()  # the request's own body
        left = asyncio.ensure_future(receive())
        part = self._begins
        while self.sent < 2 * GIB and not left.done():
            self.sent += len(part)
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
            part = self._goes_on
        left.cancel()


async def _whole(send: Any, headers: list[tuple[bytes, bytes]], text: str) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


FLOODS = {
    "plain": (b" " * 500_000, b" " * 500_000, ""),
    "small on the wire": (gzip.compress(b" " * 40_000_000), b"", "gzip"),
    "packed, and going on after its end": (gzip.compress(b" "), b"\0" * 500_000, "gzip"),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_hostile_page_of_2_gb_is_cut_at_its_bound_and_told(world: World, maya: Device, flood: str) -> None:
    app = Flood(maya, *FLOODS[flood])
    with connected(world, maya, app) as engine:
        maya.engine = engine
        engine.cycle(Wake.START)
        told(maya, "was larger than")
    assert app.sent < 3 * MAX_ANSWER, "nobody read on"
    maya.again()
    mended(world, maya)
