"""One session of the client over a disk whose power is cut again and again, at any write of it."""

from __future__ import annotations

import hashlib
import json
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract.canonical import record_hash
from app.store.database import Store
from app.store.drafts import Draft
from app.store.states import BlobState
from app.sync.settings import EngineSettings
from tests.crash.power import Disk, Loss, Said, store_on
from tests.store import world as stored
from tests.sync.world import DEAL, FakeGateway, TestClock, World

#: Records that the vendor works on; the user edits those above, so that an outcome moves none of these.
_VENDORS, _USERS = range(1, 31), range(31, 37)

_ROUNDS = 8

#: Rounds from which the log is folded into the file every few pages, so that cuts fall into that too.
_FOLDED_FROM, _FOLD = 3, 25

#: A record that is withdrawn in a round in which it is not edited, after which the file is written anew.
_WITHDRAWN = 8


@dataclass(frozen=True)
class Session:
    """What was done to the disk, and what the gateway held of the vendor's records at each of its positions."""

    disk: Disk
    positions: Sequence[int]
    states: Sequence[dict[str, str]]

    def at(self, position: int) -> dict[str, str]:
        """Gid to hash at a position."""
        return self.states[bisect_right(self.positions, position) - 1]


@dataclass(frozen=True)
class Outcome:
    """What one cut led to."""

    at: int
    loss: Loss
    violations: tuple[str, ...]


def play(synchronous: str = "") -> Session:
    """Play the session; `synchronous` puts another value in the place of the store's own FULL."""
    disk, gateway = Disk(), FakeGateway()
    positions, states = [0], [dict[str, str]()]

    def note() -> None:
        positions.append(gateway.position)
        states.append(
            {stored.gid(n): record_hash(gateway.data(n)) for n in _VENDORS if stored.gid(n) in gateway.held}
        )

    for number in (*_VENDORS, *_USERS):
        gateway.put(number, title="at first", customer=f"Customer {number}")
        note()
    with store_on(disk) as store:
        if synchronous:
            store.connection.run(f"PRAGMA synchronous = {synchronous}")
        settings = EngineSettings(page_rows=5, batch=3, greet=1e9)
        world = World(store, gateway, TestClock(), [], None, settings, [True])  # type: ignore[arg-type]
        world.again()
        world.sync()
        for turn in range(_ROUNDS):
            if turn == _FOLDED_FROM:
                store.connection.run(f"PRAGMA wal_autocheckpoint = {_FOLD}")
            _use(world, disk, turn)
            for number in range(1 + turn % 3, 31, 3):
                if stored.gid(number) in gateway.held:
                    gateway.edit(number, title=f"round {turn}")
                    note()
            if turn == _ROUNDS - 2:
                gateway.take(_WITHDRAWN, "revoked")
                note()
            world.clock.advance(120)
            world.sync()
            position = int((store.cursors.read().cursor or ".0").partition(".")[2])
            disk.do(Said(json.dumps({"what": "position", "value": position})))
    return Session(disk, positions, states)


def _use(world: World, disk: Disk, turn: int) -> None:
    """What the user does in a round; after each step the app says that it is saved."""
    number, value = _USERS[turn % len(_USERS)], f"typed in round {turn}"
    world.edit(f"edit {turn}", number, title=value)
    disk.do(Said(json.dumps({"what": "edit", "id": f"edit {turn}", "value": value})))
    gid, now = stored.gid(900 + turn), world.clock.now()
    world.store.drafts.save(Draft(gid, DEAL, {"title": value}, now))
    disk.do(Said(json.dumps({"what": "draft", "gid": gid, "value": value})))
    body = f"{value} ".encode() * 1000
    sha256 = hashlib.sha256(body).hexdigest()
    world.store.blobs.add(sha256, len(body), "text/plain", "proof.txt", [body], now)
    disk.do(Said(json.dumps({"what": "file", "value": sha256})))


def cut(session: Session, cuts: int, seed: int) -> Iterator[Outcome]:
    """Cut the power so often: each time the app has just said something, and at writes by chance."""
    rng = random.Random(seed)
    log = session.disk.log
    told = [at + 1 for at, op in enumerate(log) if isinstance(op, Said)]
    places = [*rng.sample(told, min(len(told), cuts // 3))]
    places += [rng.randrange(len(log) + 1) for _ in range(cuts - len(places))]
    for at in places:
        loss = rng.choice([*Loss])
        yield Outcome(at, loss, tuple(_violations(session, at, loss, rng)))


def _violations(session: Session, at: int, loss: Loss, rng: random.Random) -> Iterator[str]:
    said = [json.loads(op.what) for op in session.disk.log[:at] if isinstance(op, Said)]
    try:
        with store_on(session.disk.after_cut(at, loss, rng)) as store:
            for (text,) in store.connection.rows("PRAGMA integrity_check"):
                if text != "ok":
                    yield f"the file is damaged: {text}"
            yield from (f"promise 7: {text}" for text in _not_kept(store, said))
            yield from _torn(session, store, said)
    except Exception as error:  # noqa: BLE001  # whatever keeps the store from being opened and read
        yield f"the store cannot be opened: {error!r}"


def _not_kept(store: Store, said: Sequence[dict[str, Any]]) -> Iterator[str]:
    bodies = {
        name: json.loads(text) for name, text in store.connection.rows("SELECT mutation_id, body FROM outbox")
    }
    for line in said:
        match line["what"]:
            case "edit":
                if bodies.get(line["id"], {}).get("changes") != {"title": line["value"]}:
                    yield f"the edit {line['value']!r} is gone"
            case "draft":
                draft = store.drafts.load(line["gid"])
                if draft is None or draft.data["title"] != line["value"]:
                    yield f"the draft {line['value']!r} is gone"
            case "file":
                blob = store.blobs.get(line["value"])
                if blob is None or blob.state is not BlobState.COMPLETE:
                    yield "a file is gone"
                elif hashlib.sha256(store.blobs.content(line["value"])).hexdigest() != line["value"]:
                    yield "a file is damaged"
            case _:
                continue


def _torn(session: Session, store: Store, said: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A complete mirror is the gateway's at its cursor, no less and no more, and not behind what was reached."""
    checkpoint = store.cursors.read()
    reached = max((line["value"] for line in said if line["what"] == "position"), default=0)
    if checkpoint.cursor is None or not checkpoint.complete:
        if reached:
            yield "promise 7: the first sync had ended, and has not"
        return
    position = int(checkpoint.cursor.partition(".")[2])
    vendors = {stored.gid(number) for number in _VENDORS}
    held = {gid: digest for _, gid, digest in store.mirror.hashes(rehash=True) if gid in vendors}
    if held != session.at(position):
        wrong = sorted(set(held.items()) ^ set(session.at(position).items()))
        yield f"promises 5 and 8: at {position} {len(wrong)} of the mirror's rows are another checkpoint's"
    if position < reached:
        yield f"promise 7: position {reached} was reached, now it is {position}"
