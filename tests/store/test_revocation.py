"""After a revocation no byte of what was revoked is left: decrypted pages, stale ones included, and the log."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from app.contract.mutations import ClashReason, FieldClash, Kind, Mutation
from app.contract.receipts import Receipt, ReceiptBody
from app.store.conflicts import Conflict
from app.store.database import Store
from app.store.drafts import Draft, DraftChild
from app.store.states import ConflictKind, ItemState, SyncState
from tests.store import world
from tests.store.world import (
    DEAL,
    DOCUMENT,
    FILE,
    MESSAGE,
    NOW,
    command,
    gid,
    mutation,
    patch,
    puts,
    row,
    shown,
)

SECRET = "canaryQX"  # of the vendor; must vanish
TYPED = "typedZW"  # of the user; must stay


def blob(store: Store, content: bytes, sent: bool = True) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    store.blobs.add(sha256, len(content), "text/plain", f"{SECRET}.txt", [content], NOW)
    if sent:
        store.blobs.mark_sent(sha256)
    return sha256


def apply(store: Store, *rows: list[object]) -> None:
    store.mirror.apply_puts(puts(rows), world.manifest())


def residue(store: Store, path: Path, word: str = SECRET) -> bool:
    """Whether the word is anywhere in the decrypted bytes of file and log, whatever the case."""
    return word.lower().encode() in world.all_plain_bytes(path).lower()


def test_nothing_is_left_of_a_revoked_record(path: Path, store: Store) -> None:
    apply(
        store,
        row(1, title=f"{SECRET} title", customer=SECRET, next_steps=f"{SECRET} a\nb"),
        row(2, title="other"),
    )
    apply(store, row(3, entity=MESSAGE, parent=gid(1), body=f"{SECRET} body"))
    document = blob(store, f"{SECRET} bytes".encode() * 5000)
    apply(store, row(4, entity=FILE, parent=gid(1), name=f"{SECRET}.pdf", sha256=document))
    store.search.add_text(document, f"{SECRET} in the text of the document")
    store.activity.add(NOW, "pulled", f"Pulled {SECRET}", gid(4))
    store.activity.add(NOW, "edit", "Edited something else", gid(2))
    store.outbox.enqueue(patch("old", 1, {"title": SECRET}, {"title": f"{SECRET} title"}), f"Edited {SECRET}")
    store.outbox.mark_sending(["old"])
    store.outbox.settle("old", "applied", NOW, receipt="r1")
    assert residue(store, path)

    store.mirror.remove(gid(1), "revoked")
    assert store.cursors.scrub_due
    assert store.scrub()
    assert not store.scrub_due
    assert path.with_name(path.name + "-wal").stat().st_size < 40_000, "the log was emptied"
    assert not residue(store, path)
    assert store.proofs.counts() == {DEAL: 1}
    assert store.blobs.get(document) is None
    assert [line.text for line in store.activity.recent(10)] == ["Edited something else"]
    assert store.connection.value("SELECT count(*) FROM shadow") == 0


def test_before_the_scrub_what_was_revoked_cannot_be_found_and_the_scrub_is_due(
    path: Path, store: Store
) -> None:
    apply(store, row(1, title=SECRET, problem=f"{SECRET} words"), row(2, title="other", problem="more words"))
    store.mirror.remove(gid(1), "revoked")
    assert store.search.find(SECRET, 5) == []
    assert [hit.gid for hit in store.search.find("words", 5)] == [gid(2)]
    assert store.scrub_due
    apply(store, row(2, version="v2", title="another"))
    assert [hit.gid for hit in store.search.find("another", 5)] == [gid(2)]
    assert store.scrub()
    assert not residue(store, path)


def test_unsent_work_is_kept_aside_with_only_what_was_typed(path: Path, store: Store) -> None:
    apply(
        store, row(1, title=SECRET, amount="10.00", currency=SECRET[:3], state="approved", next_steps=SECRET)
    )
    apply(store, row(3, entity=MESSAGE, parent=gid(1), body=SECRET))
    seen = {"amount": "10.00", "currency": SECRET[:3], "next_steps": SECRET}
    # Who goes on writing in a text sends it whole, with what stood there before.
    edit = {"amount": "12.00", "currency": SECRET[:3], "next_steps": f"{SECRET}\n{TYPED}"}
    store.outbox.enqueue(patch("p", 1, seen, edit, base_version=SECRET), f"Edit {SECRET}", SECRET)
    store.outbox.enqueue(command("k", 1, "convert", SECRET, po_reference=f"{TYPED} PO"), f"Convert {SECRET}")
    message = {"parent": gid(1), "body": f"{TYPED} message"}
    store.outbox.enqueue(mutation("m", 8, Kind.APPEND, MESSAGE, changes=message), f"Message to {SECRET}")
    store.outbox.quarantine("k", {"kind": "rejected", "message": f"{SECRET} says no"})

    removed = store.mirror.remove(gid(1), "revoked")
    assert removed.pending
    assert store.scrub()
    assert not residue(store, path)
    assert residue(store, path, TYPED)
    items = {item.mutation.mutation_id: item for item in store.outbox.open_items()}
    assert {item.state for item in items.values()} == {ItemState.QUARANTINED}
    assert all(item.problem == {"kind": "revoked", "message": ""} for item in items.values())
    assert items["p"].mutation.changes == {"amount": "12.00", "next_steps": TYPED}
    assert items["p"].mutation.base == {}
    assert items["p"].mutation.base_version is None
    asked = items["k"].mutation.command
    assert asked is not None
    assert (asked.expected_state, asked.args) == ("", {"po_reference": f"{TYPED} PO"})
    assert items["m"].mutation.changes["body"] == f"{TYPED} message"
    assert {item.label for item in items.values()} == {""}
    assert store.projection.get(gid(1)) is None
    assert store.projection.get(gid(8)) is None, "a message to what is gone is not shown"

    store.outbox.discard("p", NOW)
    assert store.outbox.settled("p") is None, "of what was revoked the history keeps nothing"
    with pytest.raises(ValueError, match="no longer visible"):
        store.outbox.retry("m", "new", NOW)


def test_what_was_sent_below_it_and_has_moved_to_another_record_since_stays(store: Store) -> None:
    """The source merges two records: the children of the one go to the other."""
    apply(store, row(1), row(2))
    sent = {"parent": gid(1), "body": f"{TYPED} message"}
    store.outbox.enqueue(mutation("m", 8, Kind.APPEND, MESSAGE, changes=sent), "Message")
    store.mirror.apply_puts(puts([row(8, entity=MESSAGE, **sent)]), world.manifest())
    store.outbox.settle("m", "applied", NOW)
    apply(store, row(8, entity=MESSAGE, version="v2", parent=gid(2), body=f"{TYPED} message"))
    store.mirror.remove(gid(1), "revoked")
    assert (shown(store, 8) or {}).get("body") == f"{TYPED} message"


def test_an_undecided_conflict_keeps_mine_and_drops_theirs(path: Path, store: Store) -> None:
    apply(store, row(1, title=f"{SECRET} theirs", next_steps=SECRET))
    edit = patch("p", 1, {"title": f"{SECRET} base"}, {"title": TYPED})
    store.outbox.enqueue(edit, f"Edit {SECRET}")
    store.outbox.mark_sending(["p"])
    clash = FieldClash(
        group="title",
        reason=ClashReason.BOTH_CHANGED,
        base={"title": f"{SECRET} base"},
        theirs={"title": f"{SECRET} theirs"},
        mine={"title": TYPED},
        theirs_by=SECRET,
    )
    store.conflicts.add(
        Conflict(
            "p",
            gid(1),
            DEAL,
            ConflictKind.FIELDS,
            (clash,),
            edit,
            edit.changes,
            edit.base,
            None,
            SECRET,
            NOW,
            NOW,
        )
    )
    store.outbox.settle("p", "conflict", NOW)
    store.conflicts.fold("p", {"next_steps": f"{TYPED} too"}, {"next_steps": SECRET})
    assert shown(store, 1) == {"title": TYPED, "next_steps": f"{TYPED} too"}

    store.mirror.remove(gid(1), "revoked")
    assert store.scrub()
    assert not residue(store, path)
    assert store.conflicts.all() == []
    [item] = store.outbox.open_items()
    assert item.mutation.changes == {"title": TYPED, "next_steps": f"{TYPED} too"}
    assert item.state is ItemState.QUARANTINED


def test_a_draft_that_came_back_stays_without_the_vendors_words(path: Path, store: Store) -> None:
    store.mirror.put(world.record(1, title=SECRET, number=SECRET, state="draft"))
    store.drafts.save(Draft(gid(1), DEAL, {"title": TYPED}, NOW))
    store.drafts.reopen(gid(1), {"title": f"{SECRET} no"}, f"{SECRET} note", NOW)
    assert shown(store, 1) == {"title": TYPED, "number": SECRET, "state": "draft"}
    store.mirror.remove(gid(1), "revoked")
    assert store.scrub()
    assert not residue(store, path)
    draft = store.drafts.load(gid(1))
    assert draft is not None
    assert draft.data == {"title": TYPED}
    assert shown(store, 1) == {"title": TYPED, "state": "draft"}


def test_bytes_that_something_else_names_stay_until_the_last_of_them_goes(path: Path, store: Store) -> None:
    shared = blob(store, f"{SECRET} shared".encode())
    apply(
        store,
        row(1, entity=DOCUMENT, title="one", sha256=shared),
        row(2, entity=DOCUMENT, title="two", sha256=shared),
    )
    apply(store, row(3, title="deal"))
    file = {"parent": gid(3), "name": "x", "sha256": shared}
    store.outbox.enqueue(mutation("f", 5, Kind.APPEND, FILE, changes=file), "Attach", blobs=[shared])
    store.drafts.save(
        Draft(gid(6), DEAL, {}, NOW, (DraftChild(FILE, gid(7), {"sha256": shared, "size": 1}),))
    )
    store.search.add_text(shared, "shared words")

    store.mirror.remove(gid(1), "revoked")
    assert store.blobs.content(shared) == f"{SECRET} shared".encode()
    store.mirror.remove(gid(2), "revoked")
    assert store.blobs.get(shared) is not None, "the outbox and a draft still name it"
    store.outbox.cancel("f", NOW)
    assert store.blobs.get(shared) is not None, "the draft still names it"
    assert store.search.has_text(shared)
    store.drafts.discard(gid(6))
    assert store.blobs.get(shared) is None
    assert not store.search.has_text(shared)
    assert store.scrub()
    assert not residue(store, path)


def test_unsent_bytes_of_the_user_stay_when_their_record_goes(store: Store) -> None:
    apply(store, row(1, title="deal"))
    mine = blob(store, b"my evidence", sent=False)
    file = {"parent": gid(1), "name": "x", "sha256": mine}
    store.outbox.enqueue(mutation("f", 5, Kind.APPEND, FILE, changes=file), "Attach", blobs=[mine])
    store.mirror.remove(gid(1), "revoked")
    assert store.blobs.content(mine) == b"my evidence"
    assert [item.mutation.changes["sha256"] for item in store.outbox.open_items()] == [mine]
    assert store.blobs.uploads() == []


def test_what_a_snapshot_no_longer_holds_is_gone_without_residue(path: Path, store: Store) -> None:
    apply(store, row(1, title=SECRET), row(2, title="stays"), row(3, title=SECRET, next_steps="a"))
    store.outbox.enqueue(patch("p", 3, {"next_steps": "a"}, {"next_steps": TYPED}), "Edit")
    store.cursors.write(replace(store.cursors.read(), generation=1))
    apply(store, row(2, title="stays"))
    store.mirror.sweep_generation(1)
    assert store.scrub()
    assert not residue(store, path)
    assert residue(store, path, TYPED)


def test_pending_work_alone_makes_a_scrub_due_after_a_snapshot(path: Path, store: Store) -> None:
    apply(store, row(3, title=SECRET, next_steps="a"))
    store.outbox.enqueue(patch("p", 3, {"next_steps": "a"}, {"next_steps": TYPED}), "Edit")
    store.mirror.sweep_generation(1)
    assert store.scrub_due
    assert store.scrub()
    assert not residue(store, path)


def test_what_was_sent_to_a_revoked_record_leaves_the_history(path: Path, store: Store) -> None:
    apply(store, row(1, title="deal"))
    message = {"parent": gid(1), "body": f"{TYPED} words"}
    store.outbox.enqueue(mutation("m", 8, Kind.APPEND, MESSAGE, changes=message), "Message")
    store.mirror.put(world.record(8, entity=MESSAGE, **message))
    store.outbox.settle("m", "applied", NOW, receipt="r")
    store.mirror.remove(gid(8), "tombstone")
    assert residue(store, path, TYPED)
    store.mirror.remove(gid(1), "revoked")
    assert store.scrub()
    assert not residue(store, path, TYPED)
    line = store.outbox.settled("m")
    assert line is not None
    assert (line.receipt, line.mutation.changes) == ("r", {})


def test_a_receipt_stays_for_it_names_nothing_but_ids_and_times(path: Path, store: Store) -> None:
    apply(store, row(1, title="deal"))
    store.outbox.enqueue(patch("m", 1, {"next_steps": ""}, {"next_steps": TYPED}), "Edit")
    store.outbox.settle("m", "applied", NOW, receipt="r")
    body = ReceiptBody(
        mutation_id="m", body_hash="0" * 32, gid=gid(1), status="applied", captured_at=NOW, received_at=NOW,
        written_at=NOW,
    )  # fmt: skip
    store.receipts.keep(Receipt(body=body, path=(), root="1" * 64, signature="2" * 128, key="3" * 64), NOW)
    store.mirror.remove(gid(1), "revoked")
    assert store.scrub()
    assert not residue(store, path, TYPED)
    kept = store.receipts.get("m")
    assert kept is not None
    assert kept.receipt.body == body


def without_field(name: str) -> str:
    """The manifest of a role that may not see a field of deals."""
    data = json.loads(world.manifest_text())
    deal = next(one for one in data["entities"] if one["name"] == DEAL)
    deal["fields"] = [field for field in deal["fields"] if field["name"] != name]
    deal["search"] = [field for field in deal["search"] if field != name]
    return json.dumps(data)


def test_a_field_that_is_no_longer_shown_leaves_everything_that_was_seen_of_it(
    path: Path, store: Store
) -> None:
    apply(store, *(row(n, title="x", next_steps=f"{SECRET} {n}") for n in range(1, 5)))
    store.outbox.enqueue(
        patch("p", 1, {"next_steps": f"{SECRET} 1", "title": "x"}, {"next_steps": TYPED}), "Edit"
    )
    edit = patch("q", 2, {"next_steps": SECRET, "title": "x"}, {"next_steps": TYPED, "title": "mine"})
    clash = FieldClash(
        group="next_steps",
        reason=ClashReason.BOTH_CHANGED,
        base={"next_steps": SECRET},
        theirs={"next_steps": SECRET},
        mine={"next_steps": TYPED},
    )
    last = {"title": "x", "next_steps": SECRET}
    store.conflicts.add(
        Conflict(
            "q", gid(2), DEAL, ConflictKind.GONE, (clash,), edit, edit.changes, edit.base, last, "", NOW, NOW
        )
    )
    store.outbox.enqueue(patch("r", 3, {"title": "x"}, {"title": "mine"}), "Edit")
    store.mirror.remove(gid(3), "tombstone")
    assert shown(store, 3) == {"title": "mine", "next_steps": f"{SECRET} 3"}

    store.adopt_manifest(without_field("next_steps"), "etag-2")
    apply(store, *(row(n, version="v2", title="x") for n in (1, 2, 4)))
    while store.search.build():
        pass
    assert store.scrub_due
    assert store.scrub()
    assert not residue(store, path)
    assert residue(store, path, TYPED), "what the user typed is the user's"
    assert shown(store, 3) == {"title": "mine"}
    [conflict] = store.conflicts.all()
    assert (conflict.base, conflict.last) == ({"title": "x"}, {"title": "x"})
    assert conflict.mine == {"next_steps": TYPED, "title": "mine"}


def test_a_body_that_may_have_been_sent_is_not_changed_by_a_manifest(store: Store) -> None:
    apply(store, row(1, title="x", next_steps="seen"))
    store.outbox.enqueue(patch("p", 1, {"next_steps": "seen"}, {"next_steps": TYPED}), "Edit")
    store.outbox.mark_sending(["p"])
    before = store.outbox.get("p")
    store.adopt_manifest(without_field("next_steps"), "etag-2")
    assert store.outbox.get("p") == before


@pytest.mark.parametrize("seed", range(3))
def test_random_histories_leave_no_residue(path: Path, store: Store, seed: int) -> None:
    """Rows grow, shrink and move between pages, so that stale copies arise; then the secret ones are revoked."""
    rng = random.Random(seed)
    secret: set[int] = set()
    words = [f"w{rng.randrange(9999):04d}" for _ in range(800)]
    for _ in range(25):
        numbers = [rng.randrange(300) for _ in range(25)]
        secret.update(number for number in numbers if rng.random() < 0.2)
        rows = []
        for number in numbers:
            text = rng.choices(words, k=rng.randrange(2, 80))
            text += [f"{SECRET}{rng.randrange(10**9)}" for _ in range(3)] if number in secret else []
            rng.shuffle(text)
            rows.append(
                row(number, version=str(rng.random()), title=" ".join(text[:5]), problem=" ".join(text))
            )
        apply(store, *rows)
        if rng.random() < 0.3:
            store.connection.truncate_log()
    store.mirror.build_indexes(world.manifest())
    with store.transaction():
        for number in sorted(secret):
            store.mirror.remove(gid(number), "revoked")
    assert store.scrub()
    assert not residue(store, path)
    assert store.search.find(SECRET, 5) == []
    [(states,)] = {(found.sync,) for found in store.projection.rows(store.projection.ids(DEAL))}
    assert states is SyncState.SYNCED


def test_the_keys_of_the_search_index_keep_no_beginnings_of_words(path: Path, store: Store) -> None:
    rng = random.Random(1)
    rows = [
        row(n, title="x", problem=" ".join(f"{SECRET}{rng.randrange(10**9)}" for _ in range(40)))
        for n in range(200)
    ]
    apply(store, *rows, row(999, title="stays"))
    for number in range(200):
        store.mirror.remove(gid(number), "revoked")
    assert store.scrub()
    assert not residue(store, path)
    assert [hit.gid for hit in store.search.find("stays", 5)] == [gid(999)]


def test_a_mutation_with_nothing_typed_is_still_readable(store: Store) -> None:
    apply(store, row(1, title="x"))
    store.outbox.enqueue(mutation("d", 1, Kind.DELETE, base_version="v1"), "Delete")
    store.mirror.remove(gid(1), "revoked")
    [item] = store.outbox.open_items()
    assert item.mutation == Mutation(
        mutation_id="d", entity=DEAL, gid=gid(1), kind=Kind.DELETE, captured_at=NOW
    )
