"""Judges what a kill left: at once, and after both sides have come to rest.

By the journal of what the app told its user, the CRM's own rows and history, and plain SQL; nothing of the engine, the
merge or the ledger is asked.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.store.connection import Connection
from app.store.database import Store
from app.store.states import BlobState, ItemState
from gateway.crm.port import Ref
from tests.crash.journal import lines
from tests.crash.look import Reader
from tests.crash.victim import COLUMNS
from tests.crash.world import KEY, World


@dataclass
class Told:
    """What the journal says: what was said to be saved, what was tried, and which records were moved away."""

    saved: list[dict[str, Any]] = field(default_factory=list)
    tried: list[dict[str, Any]] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    torn: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Told:
        told = cls()
        for line in lines(folder / "journal"):
            match line["word"]:
                case "saved":
                    told.saved.append(line)
                case "trying":
                    told.tried.append(line)
                case "refused":
                    told.tried = [one for one in told.tried if one["value"] != line["value"]]
                case "moving":
                    told.moved.add(line["gid"])
                case "torn":
                    told.torn += line["found"]
                case _:
                    raise ValueError(line)
        return told

    def said(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.saved if line["what"] == what]

    def values_after(self, line: dict[str, Any]) -> set[str]:
        """Values that were tried later for the same field of the same record: they may have taken its place."""
        same = [
            one["value"]
            for one in self.tried
            if one["what"] == "edit" and (one["gid"], one["field"]) == (line["gid"], line["field"])
        ]
        return {*same[same.index(line["value"]) + 1 :]}


# -- at once ----------------------------------------------------------------------------------------------------


def at_once(folder: Path) -> list[str]:
    """Return what is violated as the files lie there, before anything has been mended."""
    told = Told.read(folder)
    found = [*told.torn, *_unsound(folder)]
    reader = Reader(folder)
    try:
        found += reader.look()
    finally:
        reader.close()
    with Store.open(folder / "client.db", KEY) as store:
        found += [
            f"client: {text}" for (text,) in store.connection.rows("PRAGMA integrity_check") if text != "ok"
        ]
        found += [f"promise 7: {text}" for text in _not_kept(store.connection, told)]
    return found


def _not_kept(client: Connection, told: Told) -> Iterator[str]:
    """What was said to be saved and is not on the disk."""
    bodies = {gid: json.loads(body) for gid, body in client.rows("SELECT mutation_id, body FROM outbox")}
    drafts = {
        gid: (data, children) for gid, data, children in client.rows("SELECT gid, data, children FROM draft")
    }
    created = {body["gid"]: body for body in bodies.values() if body["kind"] == "create"}
    for line in told.said("edit"):
        body = bodies.get(line["id"])
        values = {line["value"], *told.values_after(line)}
        if body is None or (
            line["gid"] not in told.moved and body["changes"].get(line["field"]) not in values
        ):
            yield f"the edit {line['field']} = {line['value']} is not in the outbox"
    for line in told.said("message"):
        if line["id"] not in bodies or bodies[line["id"]]["changes"].get("body") != line["value"]:
            yield f"the message {line['value']} is not in the outbox"
    for line in told.said("draft"):
        data = drafts.get(line["gid"], ("", ""))[0] or json.dumps(created.get(line["gid"]))
        if line["gid"] not in drafts and line["gid"] not in created:
            yield f"the draft {line['gid']} is gone"
        elif line["value"] is not None and line["value"] not in data:
            yield f"the draft {line['gid']} lacks {line['value']}"
    for line in told.said("file"):
        files = " ".join(
            [drafts.get(line["gid"], ("", ""))[1], *(json.dumps(body) for body in bodies.values())]
        )
        if line["value"] not in files:
            yield f"the file {line['value']} is nowhere"
    for line in told.said("deal"):
        if line["gid"] not in created:
            yield f"the submitted deal {line['value']} is not in the outbox"
    for line in told.said("asked"):
        if not client.value(
            "SELECT wanted OR state = ? FROM blob WHERE sha256 = ?", (BlobState.COMPLETE, line["value"])
        ):
            yield f"the document {line['value']} was asked for and is not wanted any more"


def _unsound(folder: Path) -> Iterator[str]:
    """What does not fit together in the gateway's and the CRM's databases, as any reader would find it."""
    for name in ("gateway", "crm"):
        with closing(sqlite3.connect(folder / f"{name}.sqlite3")) as database:
            yield from (
                f"{name}: {text}" for (text,) in database.execute("PRAGMA integrity_check") if text != "ok"
            )
            if name == "gateway":
                yield from (f"gateway: {text}" for text in _inconsistent(database, folder))


def _inconsistent(gateway: sqlite3.Connection, folder: Path) -> Iterator[str]:
    [(head,)] = gateway.execute("SELECT value FROM position").fetchall()
    stamped, moved, fed = (
        gateway.execute(f"SELECT max(position) FROM {table}").fetchone()[0] or 0
        for table in ("commit_stamp", "mirror", "feed")
    )
    if stamped != head:
        yield f"the head is {head}, the last stamp is of {stamped}"
    if max(moved, fed) > head:
        yield f"the head is {head}, behind a record at {moved} or a feed row at {fed}"
    standing: dict[str, set[str]] = {}
    for gid, tag in gateway.execute("SELECT gid, tag FROM feed WHERE present = 1"):
        standing.setdefault(gid, set()).add(tag)
    for gid, status, tags in gateway.execute("SELECT gid, status, tags FROM mirror"):
        expected = {*json.loads(tags)} if status == "live" else set()
        if standing.pop(gid, set()) != expected:
            yield f"the feed has {gid} under other tags than the mirror"
    yield from (f"the feed has {gid}, the mirror has not" for gid in standing)
    for mutation, state, outcome in gateway.execute("SELECT mutation_id, state, outcome FROM ledger"):
        if (state == "done") != (outcome is not None):
            yield f"the ledger has {mutation} {state} with outcome {outcome}"
    for sha256, size in gateway.execute("SELECT sha256, size FROM blob"):
        path = folder / "blobs" / sha256[:2] / sha256
        if not path.is_file() or path.stat().st_size != size:
            yield f"the blob {sha256} is not what the database says"


# -- at rest ----------------------------------------------------------------------------------------------------


def at_rest(folder: Path, life: int, seed: object) -> list[str]:
    """Let both sides come to rest, and return what is violated then."""
    told = Told.read(folder)
    world = World(folder, life, seed)
    try:
        rested = world.rest()
        proof = world.engine.verify(rehash=True)
        found = [] if rested else ["promise 10: both sides do not come to rest"]
        if not proof.identical or proof.repaired:
            found.append(f"promise 1: not proven identical ({proof.note}, {proof.repaired} repaired)")
        found += [f"promise 3: {text}" for text in _twice(world, told)]
        found += [f"promise 2: {text}" for text in _lost(world, told)]
        found += [f"left: {text}" for text in _left_over(world, told)]
    finally:
        world.close()
    return found + at_once(folder)


def _registrations(world: World) -> dict[str, Ref]:
    ids: list[str] = []
    while batch := world.crm.sweep("registration", ids[-1] if ids else None, 200):
        ids += batch
    refs = [Ref("registration", number) for number in ids]
    return {world.gid(ref): ref for ref in refs}


def _born(world: World) -> Counter[str]:
    """How many registrations there are of each customer; no two that were typed in have the same."""
    with closing(sqlite3.connect(world.folder / "crm.sqlite3")) as crm:
        return Counter(name for (name,) in crm.execute("SELECT cust_name FROM registration"))


def _notes(world: World) -> Counter[str]:
    return Counter(
        str(row.fields.get("body")) for ref in world.requests for row in world.crm.children("note", ref)
    )


def _written(world: World, line: dict[str, Any], known: dict[str, Ref]) -> list[str]:
    """Under which marker the value of an edit was written, once for each time."""
    ref = known.get(line["gid"])
    if ref is None:
        return []
    column = COLUMNS[line["field"]]
    return [old.marker for old in world.crm.history(ref) if old.field == column and old.new == line["value"]]


def _twice(world: World, told: Told) -> Iterator[str]:
    """Whatever was tried, said to be saved or not, has at most one effect."""
    known, born, notes = _registrations(world), _born(world), _notes(world)
    for line in told.tried:
        match line["what"]:
            case "edit":
                if len(markers := _written(world, line, known)) > 1:
                    yield f"{line['field']} = {line['value']} was written by {markers}"
            case "message":
                if notes[line["value"]] > 1:
                    yield f"the message {line['value']} stands {notes[line['value']]} times"
            case "deal":
                if born[line["value"]] > 1:
                    yield f"the deal {line['value']} stands {born[line['value']]} times"
            case _:
                raise ValueError(line)
    for line in told.said("deal"):
        if (ref := known.get(line["gid"])) is None:
            continue
        files = Counter(row.fields.get("digest") for row in world.crm.children("attachment", ref))
        if files[line["sha256"]] > 1:
            yield f"the evidence of {line['value']} stands {files[line['sha256']]} times"


def _lost(world: World, told: Told) -> Iterator[str]:
    """Whatever was said to be saved is in the CRM under its own marker, or stands in front of the user."""
    known, born, notes = _registrations(world), _born(world), _notes(world)
    for line in told.said("edit"):
        later = [one for one in told.tried if one["value"] in told.values_after(line)]
        markers = [marker for one in (line, *later) for marker in _written(world, one, known)]
        if line["id"] not in markers and not _in_sight(world, line):
            yield f"{line['field']} = {line['value']} ({line['id']}) is nowhere"
    for line in told.said("message"):
        if notes[line["value"]] != 1 and not _in_sight(world, line):
            yield f"the message {line['value']} is nowhere"
    for line in told.said("deal"):
        ref = known.get(line["gid"])
        if not born[line["value"]] or ref is None:
            yield f"the deal {line['value']} is nowhere"
            continue
        row = world.crm.read(ref).fields
        files = [one.fields.get("digest") for one in world.crm.children("attachment", ref)]
        if row["cust_name"] != line["value"] or row["stage_code"] == "DRAFT" or line["sha256"] not in files:
            yield f"the deal {line['value']} arrived in parts: {row['cust_name']} {row['stage_code']} {files}"


def _in_sight(world: World, line: dict[str, Any]) -> bool:
    """Whether the user is told of it: set aside, in conflict, or revoked together with its record."""
    item = world.store.outbox.get(line["id"])
    if item is not None:
        return item.state is ItemState.QUARANTINED
    if any(conflict.mutation_id == line["id"] for conflict in world.store.conflicts.all()):
        return True
    done = world.store.outbox.settled(line["id"])
    return done is not None and done.status in ("rejected", "gone")


def _left_over(world: World, told: Told) -> Iterator[str]:
    """What should have come to its end by now."""
    store = world.store
    waiting = [item for item in store.outbox.open_items() if item.state is not ItemState.QUARANTINED]
    yield from (f"{item.mutation.kind} is still {item.state}" for item in waiting)
    if store.scrub_due:
        yield "a scrub is still due"
    yield from (f"the blob {blob.name} was not sent" for blob in store.blobs.uploads())
    for line in told.said("asked"):
        blob = store.blobs.get(line["value"])
        if blob is None or blob.state is not BlobState.COMPLETE:
            yield f"the document {line['value']} has not arrived"
    with closing(sqlite3.connect(world.folder / "gateway.sqlite3")) as gateway:
        open_entries = gateway.execute("SELECT mutation_id FROM ledger WHERE state <> 'done'").fetchall()
    yield from (f"the ledger has not finished {mutation}" for (mutation,) in open_entries)
