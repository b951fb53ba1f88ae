"""Forgets a record that is no longer this user's to see, and everything that was derived from it.

What the user typed and had not sent is kept aside in the outbox, for export or discard: the changed values, the
message, the names of files. Everything else goes: base values, the vendor's values, the words of labels and problems,
lines of the activity list, and what was sent, since it is part of the record now; its receipt stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.contract.manifest import Manifest
from app.contract.merge import same
from app.contract.mutations import Kind, Mutation
from app.store.conflicts import Conflict, Conflicts
from app.store.connection import Connection
from app.store.cursors import Cursors
from app.store.documents import Blobs
from app.store.failpoints import StorePoint
from app.store.projection import Projection
from app.store.search import Search
from app.store.states import ItemState

_PROBLEM = json.dumps({"kind": "revoked", "message": ""})

#: Kind of the problem of what waits for something else; its words are our own.
_DEPENDENCY = "dependency"


class Revocation:
    """Forgets records; call it in the transaction of the page or outcome that revoked them."""

    def __init__(
        self,
        connection: Connection,
        cursors: Cursors,
        projection: Projection,
        search: Search,
        blobs: Blobs,
        conflicts: Conflicts,
    ) -> None:
        self._connection = connection
        self._cursors = cursors
        self._projection = projection
        self._search = search
        self._blobs = blobs
        self._conflicts = conflicts

    def forget(self, gid: str, *, for_good: bool = True) -> None:
        """Forget a record with its children, and note that the file is to be scrubbed.

        Not `for_good`: what is still to be sent to them waits for its outcome, which says what became of them.
        """
        with self._connection.transaction():
            going = self._family(gid)
            named = {sha256 for one in going for sha256 in self._forget_one(one, for_good=for_good)}
            self._blobs.release(named)
            self._cursors.require_scrub()
            self._connection.failpoints.reached(StorePoint.FORGOTTEN)

    def forget_seen(self, gid: str) -> None:
        """Of a record that may be out of sight, keep what waits for a person with only what was typed.

        What is still to be sent waits for its outcome. A decision starts from the record, should it come back.
        """
        with self._connection.transaction():
            for conflict in self._conflicts.of(gid):
                self._conflicts.add(_typed_only(conflict))
            self._empty_history(gid)
            self._set_items_aside(gid, for_good=False)
            self._connection.run("UPDATE draft SET problems = '{}', note = '' WHERE gid = ?", (gid,))
            self._connection.run("DELETE FROM activity WHERE gid = ?", (gid,))
            self._projection.refresh(gid)

    def narrow(self, manifest: Manifest) -> None:
        """Forget the values of fields that a new manifest no longer shows, where a page does not reach.

        That is in what was seen before an edit, in undecided conflicts and in deleted records. A body that may have
        been sent stays as it is until its outcome, since the gateway knows it by its hash.
        """
        with self._connection.transaction():
            rows = self._connection.rows(
                "SELECT mutation_id, gid, body FROM outbox WHERE state <> 'settled' AND NOT frozen"
            )
            for mutation_id, gid, text in rows:
                mutation = Mutation.model_validate_json(text)
                seen = _visible(manifest, mutation.entity, mutation.base)
                if seen != mutation.base:
                    body = mutation.model_copy(update={"base": seen}).model_dump_json()
                    self._connection.run(
                        "UPDATE outbox SET body = ? WHERE mutation_id = ?", (body, mutation_id)
                    )
                    self._projection.refresh(gid)
            for conflict in self._conflicts.all():
                self._conflicts.add(_narrowed(manifest, conflict))
            rows = self._connection.rows("SELECT gid, entity, last FROM shadow WHERE last IS NOT NULL")
            for gid, entity, last in rows:
                text = json.dumps(_visible(manifest, entity, json.loads(last)), ensure_ascii=False)
                self._connection.run("UPDATE shadow SET last = ? WHERE gid = ?", (text, gid))
                self._projection.refresh(gid)

    def _family(self, gid: str) -> list[str]:
        """The record, its children, and theirs."""
        going = [gid]
        for one in going:
            rows = self._connection.rows(
                "SELECT gid FROM record WHERE parent = ?1 UNION SELECT gid FROM shadow WHERE parent = ?1"
                # What was sent below it may have moved on since: a merge at the source takes children along.
                " UNION SELECT gid FROM outbox WHERE parent = ?1 AND NOT EXISTS"
                " (SELECT 1 FROM record WHERE record.gid = outbox.gid AND record.parent <> ?1)",
                (one,),
            )
            going.extend(child for (child,) in rows if child not in going)
        return going

    def _forget_one(self, gid: str, *, for_good: bool) -> set[str]:
        """Forget one record; return the SHA-256 its rows named."""
        rows = self._connection.rows(
            "SELECT sha256 FROM record WHERE gid = ?1 UNION SELECT sha256 FROM shadow WHERE gid = ?1", (gid,)
        )
        self._set_conflicts_aside(gid)
        self._empty_history(gid)
        self._set_items_aside(gid, for_good=for_good)
        self._connection.run("UPDATE draft SET problems = '{}', note = '' WHERE gid = ?", (gid,))
        for table in ("record", "shadow", "quarantine_row", "activity"):
            self._connection.run(f"DELETE FROM {table} WHERE gid = ?", (gid,))
        # A draft, or what was set aside, still counts as local: the projection keeps its own account of that.
        self._projection.refresh(gid)
        return {row[0] for row in rows if row[0] is not None}

    def _set_conflicts_aside(self, gid: str) -> None:
        """An undecided edit goes back to the outbox, with the values the user wanted."""
        rows = self._connection.rows(
            "SELECT mutation_id, entity, mutation, mine, base, mine_at,"
            " coalesce((SELECT clock_off FROM outbox WHERE outbox.mutation_id = conflict.mutation_id), 0)"
            " FROM conflict WHERE gid = ?",
            (gid,),
        )
        for mutation_id, entity, text, mine, base, mine_at, off in rows:
            wanted = Mutation.model_validate_json(text)
            if wanted.kind is Kind.PATCH:
                wanted = wanted.model_copy(update={"changes": json.loads(mine), "base": json.loads(base)})
            self._connection.run("DELETE FROM outbox WHERE mutation_id = ?", (mutation_id,))
            self._connection.run(
                "INSERT INTO outbox(mutation_id, entity, gid, kind, state, body, frozen, captured_at, clock_off)"
                " VALUES(?, ?, ?, ?, 'quarantined', ?, 1, ?, ?)",
                (mutation_id, entity, gid, wanted.kind, wanted.model_dump_json(), mine_at, off),
            )
        self._connection.run("DELETE FROM conflict WHERE gid = ?", (gid,))

    def _empty_history(self, gid: str) -> None:
        """What was written into the record is part of what is out of scope; the receipts stay."""
        rows = self._connection.rows(
            "SELECT seq, body FROM outbox WHERE gid = ? AND state = ?", (gid, ItemState.SETTLED)
        )
        for seq, text in rows:
            emptied = _emptied(_stripped(Mutation.model_validate_json(text)))
            self._connection.run(
                "UPDATE outbox SET body = ?, label = '', detail = '', problem = NULL WHERE seq = ?",
                (emptied.model_dump_json(), seq),
            )

    def _set_items_aside(self, gid: str, *, for_good: bool) -> None:
        """Leave of open items what was typed; those that need not wait for their outcome are nobody's to send."""
        rows = self._connection.rows(
            "SELECT seq, state, coalesce(json_extract(problem, '$.kind'), ''), body FROM outbox"
            " WHERE gid = ? AND state <> ?",
            (gid, ItemState.SETTLED),
        )
        for seq, state, problem, text in rows:
            stripped = _stripped(Mutation.model_validate_json(text)).model_dump_json()
            if for_good or (state == ItemState.QUARANTINED and problem != _DEPENDENCY):
                self._connection.run(
                    "UPDATE outbox SET state = 'quarantined', body = ?, label = '', detail = '', problem = ?,"
                    " due_at = NULL WHERE seq = ?",
                    (stripped, _PROBLEM, seq),
                )
            else:
                body = stripped if state == ItemState.QUARANTINED else text
                self._connection.run(
                    "UPDATE outbox SET body = ?, label = '', detail = '' WHERE seq = ?", (body, seq)
                )


def _stripped(mutation: Mutation) -> Mutation:
    """A mutation with nothing in it but what its user typed."""
    command = mutation.command
    if command is not None:
        command = command.model_copy(update={"expected_state": ""})
    return mutation.model_copy(
        update={
            "base": {},
            "base_version": None,
            "changes": _typed(mutation.changes, mutation.base),
            "command": command,
        }
    )


def _visible(manifest: Manifest, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of fields that the manifest shows; all of them when it does not know the entity type."""
    spec = manifest.entity(entity)
    return {name: value for name, value in values.items() if spec is None or spec.field(name) is not None}


def _narrowed(manifest: Manifest, conflict: Conflict) -> Conflict:
    """A conflict without the vendor's values of fields that the manifest no longer shows."""

    def visible(values: Mapping[str, Any]) -> dict[str, Any]:
        return _visible(manifest, conflict.entity, values)

    clashes = (
        clash.model_copy(update={"base": visible(clash.base), "theirs": visible(clash.theirs)})
        for clash in conflict.clashes
    )
    return replace(
        conflict,
        clashes=tuple(clashes),
        base=visible(conflict.base),
        last=None if conflict.last is None else visible(conflict.last),
        mutation=conflict.mutation.model_copy(update={"base": visible(conflict.mutation.base)}),
    )


def _typed_only(conflict: Conflict) -> Conflict:
    """A conflict with nothing in it but what its user typed."""
    wanted = conflict.mutation.model_copy(
        update={"changes": dict(conflict.mine), "base": dict(conflict.base)}
    )
    stripped = _stripped(wanted)
    return replace(
        conflict, clashes=(), mutation=stripped, mine=stripped.changes, base={}, last=None, label=""
    )


def _emptied(mutation: Mutation) -> Mutation:
    """A mutation of which only its id, kind and times are left."""
    command = mutation.command
    if command is not None:
        command = command.model_copy(update={"args": {}})
    return mutation.model_copy(update={"changes": {}, "command": command})


def _typed(changes: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """The changed values. A value equal to what was seen travelled along with its group and was not typed."""
    return {
        name: _own_lines(value, base.get(name))
        for name, value in changes.items()
        if name not in base or not same(value, base[name])
    }


def _own_lines(value: Any, seen: Any) -> Any:
    """Of a text that somebody went on writing, the lines that are theirs."""
    if not isinstance(value, str) or not isinstance(seen, str):
        return value
    others = set(seen.splitlines())
    return "\n".join(line for line in value.splitlines() if line not in others)
