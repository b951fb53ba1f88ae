"""Any sequence of what a user, the gateway and the engine can do keeps the projection's invariants.

a shadow exists for a gid exactly while something local about it exists
the mirror is what the gateway said, byte for byte, whatever is local
what is shown is server truth with everything local replayed over it
what is indexed is what is shown
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.contract.canonical import record_hash
from app.contract.digest import buckets
from app.contract.mutations import Kind
from app.store.conflicts import Conflict
from app.store.database import Store
from app.store.drafts import Draft
from app.store.outbox import Item
from app.store.query import json_field
from app.store.states import ConflictKind, ItemState
from tests.examples import played
from tests.store import world
from tests.store.world import DEAL, NOW, gid, mutation, patch, puts, row

NUMBERS = st.integers(1, 4)
FIELDS = st.dictionaries(
    st.sampled_from(["title", "customer", "problem"]), st.sampled_from(["", "a", "b", "b\nc"]), min_size=1
)


class ProjectionMachine(RuleBasedStateMachine):
    """Four records, one store; `server` is what the gateway said last."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.folder.name) / "store.db", world.KEY)
        self.store.connection.run("PRAGMA synchronous = OFF")
        self.store.connection.run("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)")
        world.complete(self.store)
        self.server: dict[int, dict[str, Any]] = {}
        self.count = 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def name(self) -> str:
        self.count += 1
        return f"m{self.count}"

    def shown(self, number: int) -> dict[str, Any]:
        return world.shown(self.store, number) or {}

    def items(self) -> list[Item]:
        return self.store.outbox.open_items()

    @rule(pages=st.dictionaries(NUMBERS, FIELDS, min_size=1))
    def page(self, pages: dict[int, dict[str, Any]]) -> None:
        self.server.update(pages)
        self.store.mirror.apply_puts(
            puts(row(n, version=self.name(), **data) for n, data in pages.items()), world.manifest()
        )

    @rule(number=NUMBERS, reason=st.sampled_from(["tombstone", "revoked"]))
    def leaves(self, number: int, reason: str) -> None:
        self.server.pop(number, None)
        self.store.mirror.remove(gid(number), reason)

    @rule(number=NUMBERS, changes=FIELDS)
    def edits(self, number: int, changes: dict[str, Any]) -> None:
        seen = self.shown(number)
        self.store.outbox.enqueue(
            patch(self.name(), number, {name: seen.get(name) for name in changes}, changes), "Edit"
        )

    @rule(number=NUMBERS, changes=FIELDS, kind=st.sampled_from([Kind.CREATE, Kind.DELETE]))
    def creates_or_deletes(self, number: int, changes: dict[str, Any], kind: Kind) -> None:
        given = changes if kind is Kind.CREATE else {}
        self.store.outbox.enqueue(mutation(self.name(), number, kind, changes=given), "Create or delete")

    @rule(number=NUMBERS, data=FIELDS)
    def drafts(self, number: int, data: dict[str, Any]) -> None:
        self.store.drafts.save(Draft(gid(number), DEAL, data, NOW))

    @rule(number=NUMBERS, action=st.sampled_from(["submit", "discard", "reopen"]))
    def draft_moves(self, number: int, action: str) -> None:
        if self.store.drafts.load(gid(number)) is None:
            return
        match action:
            case "submit":
                self.store.drafts.submit(gid(number))
            case "discard":
                self.store.drafts.discard(gid(number))
            case _:
                self.store.drafts.reopen(gid(number), {"title": "no"}, "", NOW)

    @precondition(lambda self: self.items())
    @rule(
        data=st.data(),
        action=st.sampled_from(
            ["send", "defer", "reject", "settle", "cancel", "conflict", "retry", "discard"]
        ),
    )
    def item_moves(self, data: st.DataObject, action: str) -> None:
        item = data.draw(st.sampled_from(self.items()))
        name = item.mutation.mutation_id
        outbox = self.store.outbox
        match action:
            case "send" if item.state is not ItemState.QUARANTINED:
                outbox.mark_sending([name])
            case "defer":
                outbox.defer(name, None, "later")
            case "reject":
                outbox.quarantine(name, {"kind": "rejected", "message": "no"})
            case "settle":
                outbox.settle(name, "applied", NOW)
            case "cancel":
                outbox.cancel(name, NOW)
            case "retry" if (
                item.state is ItemState.QUARANTINED and (item.problem or {}).get("kind") == "rejected"
            ):
                outbox.retry(name, self.name(), NOW)
            case "discard" if item.state is not ItemState.SENDING:
                outbox.discard(name, NOW)
            case "conflict" if item.mutation.kind is Kind.PATCH:
                self.conflict(item)
            case _:
                pass

    def conflict(self, item: Item) -> None:
        one = item.mutation
        with self.store.transaction():
            self.store.outbox.settle(one.mutation_id, "conflict", NOW)
            self.store.conflicts.add(
                Conflict(
                    one.mutation_id,
                    one.gid,
                    DEAL,
                    ConflictKind.FIELDS,
                    (),
                    one,
                    one.changes,
                    one.base,
                    None,
                    "",
                    NOW,
                    NOW,
                )
            )

    @precondition(lambda self: self.store.conflicts.all())
    @rule(data=st.data())
    def decides(self, data: st.DataObject) -> None:
        self.store.conflicts.resolve(data.draw(st.sampled_from(self.store.conflicts.all())).mutation_id)

    @invariant()
    def a_shadow_exists_while_something_is_local(self) -> None:
        shadows = {found for (found,) in self.store.connection.rows("SELECT gid FROM shadow")}
        local = {item.mutation.gid for item in self.items()}
        local |= {one.gid for one in self.store.conflicts.all()}
        local |= {one.gid for one in self.store.drafts.all() if one.state == "open"}
        assert shadows == local

    @invariant()
    def the_mirror_is_what_the_gateway_said(self) -> None:
        said = {(DEAL, gid(number), record_hash(data)) for number, data in self.server.items()}
        assert {*self.store.mirror.hashes()} == said
        assert {*self.store.mirror.hashes(rehash=True)} == said
        sums = {DEAL: buckets((one, digest) for _, one, digest in said)} if said else {}
        assert self.store.proofs.sums() == self.store.proofs.rehashed() == sums
        assert self.store.proofs.counts() == ({DEAL: len(said)} if said else {})

    @invariant()
    def without_anything_local_truth_is_shown(self) -> None:
        shadows = {found for (found,) in self.store.connection.rows("SELECT gid FROM shadow")}
        for number in range(1, 5):
            if gid(number) not in shadows:
                assert world.shown(self.store, number) == self.server.get(number)

    @invariant()
    def a_pending_edit_is_never_lost_from_sight(self) -> None:
        for number in range(1, 5):
            shown = world.shown(self.store, number)
            items = self.store.outbox.pending(gid(number))
            draft = self.store.drafts.load(gid(number))
            if shown is None or not items or (draft is not None and draft.state == "open"):
                continue
            last = items[-1]
            if last.mutation.kind is Kind.PATCH and last.state is not ItemState.QUARANTINED:
                for name, value in last.mutation.changes.items():
                    kept = (
                        value == (last.mutation.base.get(name) or "") or "\n" in f"{shown.get(name)}{value}"
                    )
                    assert kept or (shown.get(name) or "") == value

    @invariant()
    def what_is_indexed_is_what_is_shown(self) -> None:
        rows = self.store.connection.rows(f"SELECT id, coalesce({json_field('customer')}, '') FROM record")
        shown = {row_id: Counter(title.lower().split()) for row_id, title in rows}
        words = self.store.connection.rows("SELECT doc, term FROM words WHERE col = 'title'")
        indexed: dict[int, Counter[str]] = {row_id: Counter() for row_id in shown}
        for row_id, word in words:
            indexed[row_id][word] += 1
        assert indexed == shown
        entries = self.store.connection.rows("SELECT id FROM search_docsize")
        assert {row_id for (row_id,) in entries} == shown.keys()


TestProjection = ProjectionMachine.TestCase
TestProjection.settings = played(40)
