"""A damaged file: what only this computer has is brought over, whatever part of the file broke."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pytest

from app.contract.changes import Me
from app.contract.errors import StoreDamaged
from app.contract.mutations import Kind
from app.contract.receipts import Receipt, ReceiptBody
from app.store.conflicts import Conflict
from app.store.connection import Connection, salvaged_beside
from app.store.database import Store
from app.store.documents import CHUNK
from app.store.drafts import Draft, DraftChild
from app.store.migrations.steps import migrations
from app.store.pages import PAGE_SIZE
from app.store.rawfile import RawFile
from app.store.receipts import KeptReceipt
from app.store.salvage import salvage
from app.store.states import ConflictKind, ItemState
from app.store.timestamps import stamp
from tests.store import world
from tests.store.world import DEAL, FILE, LATER, NOW, gid, mutation, patch, puts, row, shown

EVIDENCE = bytes(index % 255 for index in range(2 * CHUNK + 7))
SHA256 = hashlib.sha256(EVIDENCE).hexdigest()
ME = Me(
    user="u",
    name="Ann",
    email="",
    role="admin",
    role_label="",
    companies=(),
    vendor="H",
    device="d",
    grant="g",
)
RECEIPT = Receipt(
    body=ReceiptBody(
        mutation_id="old", body_hash="h", gid=gid(2), status="applied", captured_at=NOW, received_at=NOW,
        written_at=None,
    ),
    path=(("r", "0" * 64),), root="1" * 64, signature="2" * 128, key="3" * 64,
)  # fmt: skip


def fill(store: Store, records: int = 100) -> None:
    """A store with everything a user can have made, among records that come from the gateway."""
    store.mirror.apply_puts(
        puts(row(n, title=f"title {n}", next_steps="x" * 200) for n in range(records)), world.manifest()
    )
    store.blobs.add(SHA256, len(EVIDENCE), "application/pdf", "evidence.pdf", [EVIDENCE], NOW)
    store.drafts.save(
        Draft(gid(900), DEAL, {"title": "typed"}, NOW, (DraftChild(FILE, gid(901), {"sha256": SHA256}),))
    )
    edit = patch("sent", 1, {"title": "title 1"}, {"title": "mine", "next_steps": "y" * 9000})
    store.outbox.enqueue(edit, "Edit", "of 1")
    store.outbox.mark_sending(["sent"])
    store.outbox.enqueue(mutation("c", 902, Kind.CREATE, changes={"title": "new"}), "Create")
    store.outbox.enqueue(patch("old", 2, {"title": "title 2"}, {"title": "two"}), "Edit")
    store.outbox.mark_sending(["old"])
    store.outbox.settle("old", "applied", NOW, receipt="receipt")
    clash = patch("clash", 3, {"title": "title 3"}, {"title": "three"})
    store.conflicts.add(
        Conflict(
            "clash",
            gid(3),
            DEAL,
            ConflictKind.FIELDS,
            (),
            clash,
            clash.changes,
            clash.base,
            None,
            "Edit",
            NOW,
            NOW,
        )
    )
    store.settings.put("session.tokens", {"access": "secret"})
    store.receipts.keep(RECEIPT, NOW)
    store.receipts.trust(RECEIPT.key, NOW)
    store.cursors.save_me(ME)


def assert_all_there(store: Store) -> None:
    assert [item.mutation.mutation_id for item in store.outbox.open_items()] == ["sent", "c"]
    sent = store.outbox.get("sent")
    assert sent is not None
    assert (sent.state, sent.frozen, sent.mutation.changes["next_steps"]) == (
        ItemState.QUEUED,
        True,
        "y" * 9000,
    )
    settled, trace = store.outbox.settled("old"), store.receipts.trace("old")
    assert settled is not None
    assert trace is not None
    assert (settled.receipt, trace.name) == ("receipt", "receipt")
    assert trace.body_hash == patch("old", 2, {"title": "title 2"}, {"title": "two"}).body_hash()
    draft = store.drafts.load(gid(900))
    assert draft is not None
    assert draft.data == {"title": "typed"}
    assert store.blobs.content(SHA256) == EVIDENCE
    [conflict] = store.conflicts.all()
    assert conflict.mine == {"title": "three"}
    assert store.settings.get("session.tokens") == {"access": "secret"}
    assert store.receipts.all() == [KeptReceipt(RECEIPT, NOW)]
    assert [one.key for one in store.receipts.known_keys()] == [RECEIPT.key]
    assert store.cursors.me() == ME
    assert store.manifest == world.manifest()
    checkpoint = store.cursors.read()
    assert (checkpoint.cursor, checkpoint.complete) == (None, False), "the records are read afresh"
    assert store.proofs.counts() == {}
    assert shown(store, 902) == {"title": "new", "state": "draft"}
    assert shown(store, 900) == {"title": "typed", "state": "draft"}


@pytest.mark.parametrize("folded", [True, False], ids=["in the file", "in the log"])
def test_everything_comes_over_when_the_first_page_is_gone(path: Path, folded: bool) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        store.connection.run("PRAGMA wal_autocheckpoint = 0")
        store.connection.truncate_log()
        fill(store)
        if folded:
            store.connection.truncate_log()
        for suffix in ("", "-wal"):
            shutil.copy(path.with_name(path.name + suffix), path.with_name("copy.db" + suffix))
    copy = path.with_name("copy.db")
    with copy.open("r+b") as file:
        file.write(bytes(PAGE_SIZE))
    if folded:
        with pytest.raises(StoreDamaged):
            Store.open(copy, world.KEY)
    report = salvage(copy, world.KEY, LATER)
    assert (report.items, report.history, report.drafts, report.conflicts, report.blobs, report.settings) == (
        2,
        1,
        1,
        1,
        1,
        2,
    )
    assert report.complete is not folded, "the log still has the first page"
    assert report.set_aside.exists()
    with Store.open(copy, world.KEY) as store:
        assert_all_there(store)
        store.mirror.apply_puts(puts(row(n, title=f"title {n}") for n in range(5)), world.manifest())
        assert shown(store, 1) == {"title": "mine", "next_steps": "y" * 9000}
        store.cursors.require_scrub()
        assert store.scrub()
        assert not report.set_aside.exists(), "a copy set aside holds what may be revoked later"


def test_an_undamaged_file_comes_over_whole(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        fill(store)
    assert salvage(path, world.KEY, LATER).complete
    with Store.open(path, world.KEY) as store:
        assert_all_there(store)


@pytest.mark.parametrize("step", ["m004_body_hash", "m006_clock_off"])
def test_rows_of_an_older_version_come_over_too(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Their last columns are not in the file: a step that adds one leaves the rows as they are."""
    monkeypatch.setattr(Connection, "_migrate", lambda self: migrations.apply(self.db, stop_before=step))
    edit = patch("p", 1, {"title": "a"}, {"title": "b"})
    with Store.open(path, world.KEY) as store, store.transaction():
        store.connection.run(
            "INSERT INTO outbox(mutation_id, entity, gid, kind, state, body, captured_at)"
            " VALUES(?, ?, ?, ?, 'queued', ?, ?)",
            (
                edit.mutation_id,
                edit.entity,
                edit.gid,
                edit.kind,
                edit.model_dump_json(),
                stamp(edit.captured_at),
            ),
        )
    monkeypatch.undo()
    Store.open(path, world.KEY).close()
    assert salvage(path, world.KEY, LATER).items == 1
    with Store.open(path, world.KEY) as store:
        assert [item.mutation for item in store.outbox.open_items()] == [edit]


def test_a_lost_page_costs_what_was_on_it_and_nothing_more(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        for n in range(60):
            store.outbox.enqueue(
                mutation(f"m{n:02d}", n, Kind.CREATE, changes={"title": f"t{n}", "problem": "z" * 700}), "New"
            )
    content = bytearray(path.read_bytes())
    pages = len(content) // PAGE_SIZE
    for page in random.Random(4).sample(range(pages), pages // 3):
        content[page * PAGE_SIZE + 100] ^= 255
    path.write_bytes(content)
    report = salvage(path, world.KEY, LATER)
    assert not report.complete
    assert 20 < report.items < 60
    with Store.open(path, world.KEY) as store:
        for item in store.outbox.open_items():
            assert item.mutation.changes["title"] == f"t{int(item.mutation.mutation_id[1:])}"


def test_only_the_committed_part_of_a_log_counts(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        store.connection.truncate_log()
        store.settings.put("a.first", 1)
        log = path.with_name(path.name + "-wal")
        kept = log.stat().st_size
        store.settings.put("a.second", 2)
        content = bytearray(log.read_bytes())
        shutil.copy(path, path.with_name("copy.db"))
    # The last frame of a transaction carries the commit; without it the pages are whole and do not count.
    last = len(content) - 24 - PAGE_SIZE
    assert last >= kept
    content[last + 4 : last + 8] = bytes(4)
    path.with_name("copy.db-wal").write_bytes(content + content[kept : kept + 3000])
    salvage(path.with_name("copy.db"), world.KEY, LATER)
    with Store.open(path.with_name("copy.db"), world.KEY) as store:
        assert store.settings.keys() == ("a.first",)


def test_nothing_is_taken_from_a_file_of_another_key(path: Path) -> None:
    with Store.open(path, bytes(32)) as store:
        world.complete(store)
        fill(store, 3)
    raw = RawFile(path, world.KEY)
    assert [*raw.rows()] == []
    assert raw.lost == path.stat().st_size // PAGE_SIZE


@pytest.mark.parametrize("moment", ["before the move", "between the moves"])
def test_a_crash_during_a_salvage_loses_nothing(
    path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        fill(store, 5)
    replace = Path.replace
    moves = 0

    def crash(source: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves == (1 if moment == "before the move" else 2):
            raise KeyboardInterrupt
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        salvage(path, world.KEY, LATER)
    monkeypatch.undo()
    if moment == "before the move":
        salvage(path, world.KEY, LATER)
    with Store.open(path, world.KEY) as store:
        assert_all_there(store)
    assert not salvaged_beside(path).exists()
