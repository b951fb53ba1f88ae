"""What it takes to bring edits and new records to the CRM, and to settle edits that were made on both sides.

Ours: the client's push over its encrypted store, real HTTP, a real gateway process with the embedded CRM, until every
mutation is settled on the client. That the CRM holds the values is looked up in its file afterwards.

The floor: the same JSON bodies in the same batches, POSTed by httpx to a server that reads the JSON, writes the very
rows the gateway and the CRM write for them (CRM row, history, marker or number; ledger, mirror, feed, receipt batch,
position and stamp) with prepared statements, in one transaction a batch and file, into copies of the same files with
the same indexes and pragmas, and sends the outcomes that the gateway sent. Then the client's side hands those to SQLite
(same encryption, durability, indexes and full text): record, search entry, outbox row and line of activity, one
transaction a batch. It checks nothing, decides nothing, reads nothing beforehand, marks nothing as being sent and keeps
nothing twice. What it writes was recorded from a push of ours before.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from app.contract.ids import time_ordered_id
from app.contract.mutations import Kind, Mutation, PushAnswer, PushBody
from app.store.cipher import dbapi2
from app.store.database import Store
from app.store.search import _body, _title
from app.sync.clock import SystemClock
from app.sync.engine import Wake
from app.sync.http_transport import HttpTransport
from app.sync.push import Push
from app.sync.settings import EngineSettings
from benchmarks import floor
from benchmarks.client import KEY, Client, client, manifest, transport
from benchmarks.first_sync import copied_store
from benchmarks.gateway_folder import Planted, copied, edit, prepared
from benchmarks.gateway_process import gateway_process
from benchmarks.harness import Bound, Goal, Result, Scale, compared, interleaved, slope, timed
from benchmarks.push_server import Prepared, Work, push_server
from benchmarks.records import ENTITY, VOCABULARY, Deals

_RATIO = Goal(Bound.RATIO, 0.5)


def push(scale: Scale) -> Iterator[Result]:
    """A batch of edits and a batch of new records at both sizes."""
    found: dict[str, list[Result]] = {"edits": [], "creates": []}
    for count in scale.sizes:
        for what, results in found.items():
            results.append(_measured(scale, count, what))
            yield results[-1]
    for what, (small, large) in found.items():
        yield slope(f"push.{what}", small, large)


def conflicts(scale: Scale) -> Iterator[Result]:
    """Edits made on both sides, until settled; against two pushes and a pull of as many."""
    results: list[Result] = []
    for count in scale.sizes:
        results.append(_clashes(scale, count))
        yield results[-1]
    yield slope(f"conflicts.{scale.clashes}", *results)


# ---------------------------------------------------------------------------------------------------------- the push
@dataclass(frozen=True)
class _Sent:
    """One batch as it went over the wire."""

    body: PushBody
    answer: PushAnswer


class _Desk:
    """A client whose user edits and registers, and the files its changes end up in."""

    def __init__(self, scale: Scale, planted: Planted, at: Client, wire: HttpTransport) -> None:
        self._planted = planted
        self._store = at.store
        self._wire = wire
        self._draw = random.Random(planted.count)  # noqa: S311
        self._clock = SystemClock()
        deals = Deals()
        editable = [i for i in range(planted.count) if deals.data(i)["state"] == "approved"]
        self._draw.shuffle(editable)
        self.many = min(scale.batch, len(editable) // 2)
        self.others, self._editable = editable[: self.many], editable[self.many :]
        self._deals = deals

    def enqueue(self, what: str) -> list[Mutation]:
        """Enter edits or new records, as a user far from any network would."""
        made = self.edits(self.next_ones()) if what == "edits" else [self._new() for _ in range(self.many)]
        self._keep(made)
        return made

    def next_ones(self) -> list[int]:
        """Return records to edit, as long as there are some others than the last time."""
        self._editable = self._editable[self.many :] + self._editable[: self.many]
        return self._editable[: self.many]

    def edits(self, indices: Sequence[int]) -> list[Mutation]:
        """Return an edit of each record's next steps."""
        shown = self._store.projection.many(self._planted.gid(index) for index in indices)
        return [
            self._mutation(
                Kind.PATCH,
                gid,
                base_version=record.version,
                base={"next_steps": record.data.get("next_steps")},
                changes={"next_steps": self._words(5)},
            )
            for gid, record in shown.items()
        ]

    def keep(self, mutations: Sequence[Mutation]) -> None:
        """Put mutations into the outbox."""
        self._keep(mutations)

    def push(self, wire: Any = None) -> None:
        """Push until nothing is left. Raises RuntimeError when something is."""
        rng = random.Random(1)  # noqa: S311
        Push(self._store, wire or self._wire, self._clock, rng, EngineSettings(), lambda _: None).run(
            lambda: True
        )
        if left := self._store.outbox.open_items():
            raise RuntimeError(f"{len(left)} mutations were not settled: {left[0].problem}")

    def recorded(self, what: str) -> list[_Sent]:
        """Push edits or new records, and return what went over the wire."""
        self.enqueue(what)
        recorder = _Recorder(self._wire)
        self.push(recorder)
        return recorder.sent

    def timed(self, what: str) -> float:
        """Return the seconds a push takes; afterwards the CRM holds what was entered."""
        made = self.enqueue(what)
        seconds = timed(self.push)
        self._confirm(made)
        return seconds

    def _confirm(self, made: Sequence[Mutation]) -> None:
        """Look the values up in the CRM's file. Raises RuntimeError when one is not there."""
        with closing(sqlite3.connect(self._planted.folder / "crm.sqlite3")) as connection:
            found = dict(connection.execute("SELECT coalesce(portal_ref, id), next_action FROM registration"))
        for mutation in made:
            born = mutation.kind is Kind.CREATE
            key = mutation.gid if born else self._ids[mutation.gid]
            if key not in found or found[key] != mutation.changes["next_steps"]:
                raise RuntimeError("the CRM does not hold what was pushed")

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {self._planted.gid(index): index + 1 for index in range(self._planted.count)}

    def _keep(self, mutations: Sequence[Mutation]) -> None:
        with self._store.transaction():
            for mutation in mutations:
                self._store.outbox.enqueue(mutation, "Next steps", "Kestrel Foods")

    def _new(self) -> Mutation:
        data = self._deals.data(self._draw.randrange(10**6, 10**7))
        names = "customer website country industry contact_name contact_email title type amount currency"
        changes = {name: data[name] for name in f"{names} products problem sales_stage next_steps".split()}
        changes |= {"company": self._planted.company, "target_close": "2099-01-29"}
        return self._mutation(Kind.CREATE, self._new_id(), changes=changes)

    def _mutation(self, kind: Kind, gid: str, **members: Any) -> Mutation:
        now = datetime.now(UTC)
        return Mutation(
            mutation_id=self._new_id(), entity=ENTITY, gid=gid, kind=kind, captured_at=now, **members
        )

    def _new_id(self) -> str:
        return time_ordered_id(datetime.now(UTC), self._draw.randbytes(10))

    def _words(self, count: int) -> str:
        return " ".join(self._draw.choices(VOCABULARY, k=count))


class _Recorder:
    """The transport, with a note of each push."""

    def __init__(self, wire: HttpTransport) -> None:
        self._wire = wire
        self.sent: list[_Sent] = []

    def push(self, body: PushBody) -> PushAnswer:
        """Send a batch and note it."""
        answer = self._wire.push(body)
        self.sent.append(_Sent(body, answer))
        return answer

    def begin_push(self, body: PushBody) -> Callable[[], PushAnswer]:
        """Send a batch at once; its answer is told when it is asked for."""
        answer = self.push(body)
        return lambda: answer


def _measured(scale: Scale, count: int, what: str) -> Result:
    with ExitStack() as stack:
        theirs = scale.folder / "push-floor"
        shutil.rmtree(theirs, ignore_errors=True)
        shutil.copytree(prepared(scale, count).folder, theirs)
        mine, other = copied_store(scale, count, "push.db"), copied_store(scale, count, "push-floor.db")
        planted = stack.enter_context(copied(scale, count))
        gateway = stack.enter_context(gateway_process(planted))
        wire = stack.enter_context(transport(gateway.url, gateway.token))
        desk = _Desk(scale, planted, stack.enter_context(client(mine, gateway.url, gateway.token)), wire)
        recordings = [desk.recorded(what) for _ in range(scale.runs + 1)]
        with Store.open(mine, KEY) as store:
            least = _Floor(planted.folder, store, recordings, what)
        least.begin(stack, theirs, other)

        least.run()
        taken = interleaved(scale.runs, lambda: desk.timed(what), least.run)
        many = desk.many
    note = f"{many:,} {what} in batches of {len(recordings[0][0].body.mutations)}, confirmed in the CRM"
    return compared(f"push.{what}.{_words(count)}", "s", _RATIO, count, taken, note)


# --------------------------------------------------------------------------------------------------------- the floor
class _Floor:
    """Recorded pushes, each to be carried out once more by nothing but HTTP and prepared statements."""

    def __init__(self, folder: Path, store: Store, recordings: Sequence[Sequence[_Sent]], what: str) -> None:
        self._recordings = recordings
        self._left = [*range(len(recordings))]
        self._prepared: dict[str, Prepared] = {}
        self._settled: dict[str, Work] = {}
        self._entered: dict[str, Work] = {}
        crm = _reading(folder / "crm.sqlite3")
        gateway = _reading(folder / "gateway.sqlite3")
        with closing(crm), closing(gateway):
            for number, batches in enumerate(recordings):
                for place, sent in enumerate(batches):
                    path = f"/{number}/{place}"
                    ids = [mutation.mutation_id for mutation in sent.body.mutations]
                    gids = [mutation.gid for mutation in sent.body.mutations]
                    answer = sent.answer.model_dump_json()
                    written = _in_crm(crm, ids, gids, what)
                    self._prepared[path] = Prepared(written, _in_gateway(gateway, ids, gids, number), answer)
                    self._entered[path], self._settled[path] = _in_store(store, ids, gids)

    def begin(self, stack: ExitStack, folder: Path, store: Path) -> None:
        """Serve the copies in `folder`, and open the client's copy."""
        url = stack.enter_context(push_server(folder, self._prepared))
        self._http = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        self._connection = stack.enter_context(floor.plain(store))

    def run(self) -> float:
        """Carry out one of the recordings; returns the seconds."""
        number = self._left.pop(0)
        batches = self._recordings[number]
        paths = [f"/{number}/{place}" for place in range(len(batches))]
        for path in paths:
            _write(self._connection, self._entered[path])
        bodies = [sent.body.model_dump_json().encode() for sent in batches]

        def least() -> None:
            for path, body in zip(paths, bodies, strict=True):
                answer = self._http.post(path, content=body).content.decode()
                _write(
                    self._connection, [(_RECORDS, [(answer,)]), (_FOUND, [(answer,)]), *self._settled[path]]
                )

        return timed(least)


_OUTCOMES = "FROM jsonb_each(jsonb(?), '$.outcomes') AS each"
_RECORDS = (
    "INSERT INTO record(gid, entity, version, hash, data, sync, generation)"
    " SELECT each.value ->> '$.record.gid', each.value ->> '$.record.entity', each.value ->> '$.record.version',"
    f" each.value ->> '$.record.hash', each.value -> '$.record.data', 'synced', 1 {_OUTCOMES} WHERE 1"
    " ON CONFLICT(gid) DO UPDATE SET version = excluded.version, hash = excluded.hash, data = excluded.data,"
    " sync = excluded.sync, generation = excluded.generation"
)
_DEAL = next(entity for entity in manifest().entities if entity.name == ENTITY)
_FOUND = (
    f"INSERT INTO search(rowid, title, body) SELECT record.id, {_title(_DEAL)}, {_body(_DEAL)} {_OUTCOMES}"
    " JOIN record ON record.gid = each.value ->> '$.record.gid'"
)


def _reading(path: Path) -> sqlite3.Connection:
    """Open a database to read what a push has left in it."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def _in_crm(connection: sqlite3.Connection, ids: Sequence[str], gids: Sequence[str], what: str) -> Work:
    if what == "creates":
        rows = _rows(connection, "registration", "portal_ref", gids)
        history = _rows(connection, "history", "marker", gids)
        number = "INSERT OR REPLACE INTO numbering SELECT series, next_no + ? FROM numbering WHERE series LIKE 'DR-%'"
        return [rows, history, (number, [[len(gids)]])]
    marked = ",".join("?" * len(ids))
    changed = connection.execute(
        "SELECT next_action, rev, modified_ms, id FROM registration"  # noqa: S608
        f" WHERE id IN (SELECT row_id FROM write_marker WHERE marker IN ({marked}))",
        ids,
    ).fetchall()
    update = "UPDATE registration SET next_action = ?, rev = ?, modified_ms = ? WHERE id = ?"
    history, markers = (_rows(connection, table, "marker", ids) for table in ("history", "write_marker"))
    return [(update, changed), history, markers]


def _in_gateway(connection: sqlite3.Connection, ids: Sequence[str], gids: Sequence[str], number: int) -> Work:
    ledger = _rows(connection, "ledger", "mutation_id", ids)
    mirror = _rows(connection, "mirror", "gid", gids)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(mirror)")]
    values = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    put = mirror[0].replace("INSERT OR REPLACE", "INSERT") + f" ON CONFLICT(gid) DO UPDATE SET {values}"
    feed = _rows(connection, "feed", "gid", gids)
    raise_ = " ON CONFLICT(tag, gid) DO UPDATE SET position = excluded.position, present = excluded.present"
    told = feed[0].replace("INSERT OR REPLACE", "INSERT") + raise_
    batch = _rows(connection, "receipt_batch", "id", sorted(_batches(connection, ids)))
    last = max(row[columns.index("position")] for row in mirror[1])
    stamp = ("INSERT OR REPLACE INTO commit_stamp VALUES (?, ?)", [[last, f"{number:024x}"]])
    return [
        ledger,
        (put, mirror[1]),
        (told, feed[1]),
        batch,
        ("UPDATE position SET value = ?", [[last]]),
        stamp,
    ]


def _batches(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    marks = ",".join("?" * len(ids))
    found = connection.execute(f"SELECT batch FROM ledger WHERE mutation_id IN ({marks})", ids)  # noqa: S608
    return {row[0] for row in found}


def _rows(
    connection: sqlite3.Connection, table: str, column: str, values: Sequence[str]
) -> tuple[str, list[list[Any]]]:
    """Return a statement that writes the rows of a table anew whose column has one of these values, and those rows.

    Numbers the database gives out by itself are left to it.
    """
    info = connection.execute(f"PRAGMA table_info({table})").fetchall()
    own = {row[1] for row in info if row[5] == 1 and row[2] == "INTEGER" and row[1] in ("id", "seq")}
    names = [row[1] for row in info if row[1] not in own]
    found: list[list[Any]] = []
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT {', '.join(names)} FROM {table} WHERE {column} IN ({marks})"  # noqa: S608
        found += [list(row) for row in connection.execute(query, list(part))]
    marks = ",".join("?" * len(names))
    return f"INSERT OR REPLACE INTO {table}({', '.join(names)}) VALUES ({marks})", found  # noqa: S608


def _in_store(store: Store, ids: Sequence[str], gids: Sequence[str]) -> tuple[Work, Work]:
    """Return what has to be in the floor's outbox before, and what settling writes besides records."""
    columns = "mutation_id, entity, gid, kind, body, captured_at, label, detail, outcome, settled_at, receipt"
    marks = ",".join("?" * len(ids))
    rows = store.connection.rows(f"SELECT {columns} FROM outbox WHERE mutation_id IN ({marks})", ids)  # noqa: S608
    enter = (
        "INSERT INTO outbox(mutation_id, entity, gid, kind, state, body, captured_at, label, detail, frozen)"
        " VALUES (?, ?, ?, ?, 'sending', ?, ?, ?, ?, 1)"
    )
    settle = (
        "UPDATE outbox SET state = 'settled', outcome = ?, settled_at = ?, receipt = ?, body = ?"
        " WHERE mutation_id = ?"
    )
    lines = store.connection.rows(
        f"SELECT at, kind, text, gid FROM activity WHERE gid IN ({marks}) ORDER BY id DESC LIMIT ?",  # noqa: S608
        (*gids, len(gids)),
    )
    tell = "INSERT INTO activity(at, kind, text, gid) VALUES (?, ?, ?, ?)"
    return [(enter, [row[:8] for row in rows])], [
        (settle, [(row[8], row[9], row[10], row[4], row[0]) for row in rows]),
        (tell, lines),
    ]


def _write(connection: dbapi2.Connection, work: Work) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for sql, rows in work:
        connection.executemany(sql, rows)
    connection.execute("COMMIT")


# --------------------------------------------------------------------------------------------------------- both sides
def _clashes(scale: Scale, count: int) -> Result:
    with ExitStack() as stack:
        mine = copied_store(scale, count, "push.db")
        planted = stack.enter_context(copied(scale, count))
        gateway = stack.enter_context(gateway_process(planted))
        wire = stack.enter_context(transport(gateway.url, gateway.token))
        at = stack.enter_context(client(mine, gateway.url, gateway.token))
        desk = _Desk(scale, planted, at, wire)
        many = min(scale.clashes, len(desk.others) // 2)
        both, pulled = desk.others[:many], desk.others[many : 2 * many]
        editions = iter(range(1, 1000))

        def cycle() -> None:
            at.engine.cycle(Wake.USER)

        def clash() -> float:
            desk.keep(desk.edits(both))
            edit(planted, both, next(editions))
            seconds = timed(cycle)
            found = at.store.conflicts.all()
            if len(found) != many or at.store.outbox.open_items():
                raise RuntimeError(f"{len(found)} of {many} became conflicts")
            for one in found:
                at.store.conflicts.resolve(one.mutation_id)
            return seconds

        def apart() -> float:
            desk.keep(desk.edits(desk.next_ones()[:many]))
            push_seconds = timed(desk.push)
            cycle()
            edit(planted, pulled, next(editions))
            return 2 * push_seconds + timed(cycle)

        cycle()
        clash()
        apart()
        taken = interleaved(scale.runs, clash, apart)
    note = f"{many} edits of both sides until settled, against two pushes and a pull of {many}"
    return compared(
        f"conflicts.{scale.clashes}.{_words(count)}", "s", Goal(Bound.FLAT, 1.0), count, taken, note
    )


def _words(count: int) -> str:
    return f"{count // 1000}k" if count >= 1000 else str(count)
