"""After a record was withdrawn nothing of it is left on the device but what its user typed.

Looked for in every decrypted page of the file, stale ones included, and in every frame of the write-ahead log.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from app.contract.errors import Unreachable
from app.services.views_model import SyncState
from app.sync.engine import Wake
from gateway.crm.embedded.files import NewFile
from tests.failures.world import MESSAGE, Device, World
from tests.store.world import all_plain_bytes

SECRET = "canaryQX"  # the vendor's; must vanish
TYPED = "typedZW"  # the user's; must stay


def residue(device: Device, word: str = SECRET) -> bool:
    return word.lower().encode() in all_plain_bytes(device.path).lower()


def shared_deal(world: World) -> str:
    """A deal that is full of what may not stay: fields, a message, a file."""
    gid = world.deal(cust_name=f"{SECRET} Foods", pain=f"{SECRET} loses its tills when the line drops.")
    row = world.row(gid)
    world.desk.comment(
        row, f"{SECRET} is our words", [NewFile(f"{SECRET}.txt", "text/plain", f"{SECRET} bytes".encode())]
    )
    world.read()
    return gid


def with_its_file(device: Device, gid: str) -> str:
    """Pull the deal's file, open it once and have its text indexed; returns the file's hash."""
    (file,) = device.portal.records.files(gid)
    device.portal.documents.pull(file.gid)
    device.sync()
    assert device.portal.documents.state(file.gid).have == file.size
    device.store.search.add_text(file.sha256, f"{SECRET} in the text")
    return file.sha256


def test_revocation_residue_in_rows_index_blobs_log_and_history(world: World) -> None:
    gid = shared_deal(world)
    maya = world.device()
    sha256 = with_its_file(maya, gid)
    maya.edit(gid, competitor=f"{TYPED} rival")
    maya.sync()
    assert maya.portal.search.query(SECRET)
    assert residue(maya)

    world.desk.move(world.row(gid), world.crm.calder)
    world.read()
    maya.sync()
    assert maya.shown(gid) is None
    assert maya.portal.search.query(SECRET) == []
    assert maya.store.blobs.get(sha256) is None
    assert not residue(maya)
    assert maya.path.with_name(maya.path.name + "-wal").stat().st_size < 50_000, "the log was emptied"
    assert maya.outbox() == []
    assert maya.in_step()


def test_revocation_residue_of_unsent_work_conflict_and_message(world: World) -> None:
    gid = shared_deal(world)
    maya = world.device()
    maya.edit(gid, next_steps=f"{TYPED} steps")
    world.desk.edit(world.row(gid), {"next_action": f"{SECRET} steps"})
    maya.sync()
    assert [row.state for row in maya.outbox()] == [SyncState.CONFLICT]
    maya.line.down = True
    maya.cycle()
    maya.edit(gid, contact_name=f"{TYPED} person")
    maya.portal.intents.message(gid, f"{TYPED} words")

    world.desk.move(world.row(gid), world.crm.calder)
    world.read()
    maya.line.down = False
    maya.sync()
    assert not residue(maya)
    kept = maya.portal.outbox.export_all()
    assert [word in kept for word in ("steps", "person", "words")] == [True, True, True]
    assert {row.state for row in maya.outbox()} == {SyncState.QUARANTINED}
    assert all("no longer shared with you" in row.reason for row in maya.outbox())
    for row in maya.outbox():
        maya.portal.outbox.discard(row.mutation_id)
    maya.store.cursors.require_scrub()
    maya.sync()
    assert not residue(maya, TYPED), "discarded is discarded"


def test_revocation_residue_when_it_comes_by_a_snapshot_over_an_undecided_conflict(world: World) -> None:
    """The position has expired, so nobody says why the record is missing; the base and theirs must go all the same."""
    gid = shared_deal(world)
    maya = world.device()
    copy = world.backup()
    maya.edit(gid, next_steps=f"{TYPED} steps")
    world.desk.edit(world.row(gid), {"next_action": f"{SECRET} steps"})
    maya.sync()
    assert len(maya.portal.conflicts.list()) == 1

    world.restore(copy)
    world.desk.move(world.row(gid), world.crm.calder)
    world.read()
    maya.sync()
    assert not residue(maya)
    (row,) = maya.outbox()
    assert f"{TYPED} steps" in maya.portal.outbox.export_all()
    (view,) = maya.portal.conflicts.list()
    assert (row.state, view.kind) == (SyncState.CONFLICT, "gone")
    assert "deleted this while you edited it" not in view.headline, "nobody said that"
    maya.portal.conflicts.resolve_gone(gid, keep=False)
    assert (maya.outbox(), maya.shown(gid)) == ([], None)


def test_revocation_residue_when_it_comes_by_a_snapshot_over_what_was_set_aside(world: World) -> None:
    gid = shared_deal(world)
    maya = world.device()
    copy = world.backup()
    maya.edit(gid, amount="9000000.00")
    maya.sync()
    assert [row.state for row in maya.outbox()] == [SyncState.REJECTED], "the CRM wants a named account"

    world.restore(copy)
    world.desk.move(world.row(gid), world.crm.calder)
    world.read()
    maya.sync()
    assert not residue(maya)
    assert "9000000.00" in maya.portal.outbox.export_all()


@pytest.mark.parametrize("how", ["offline", "offline by choice"])
def test_revocation_residue_is_removed_after_a_crash_though_there_is_no_network_any_more(
    world: World, how: str
) -> None:
    gid = shared_deal(world)
    maya = world.device()
    with_its_file(maya, gid)
    world.desk.move(world.row(gid), world.crm.calder)
    world.read()
    # The page with the revocation is stored; what follows it in the same cycle fails.
    maya.line.faults["digest"] = [Unreachable()]
    maya.clock.off_by = timedelta(hours=3)
    maya.again()
    maya.cycle()
    assert maya.shown(gid) is None
    maya.line.down = True
    if how == "offline by choice":
        maya.engine.set_offline(True)
    maya.kill()
    maya.cycle(Wake.START)
    assert not residue(maya)
    assert not maya.store.scrub_due


def test_revocation_residue_of_a_file_that_was_being_pulled(world: World) -> None:
    gid = world.deal()
    content = (SECRET * 100_000).encode()
    world.desk.comment(world.row(gid), "Look at this.", [NewFile("big.txt", "text/plain", content)])
    world.read()
    maya = world.device()
    sha256 = hashlib.sha256(content).hexdigest()
    (file,) = maya.portal.records.files(gid)
    maya.portal.documents.pull(file.gid)
    assert maya.transfers.step()
    assert residue(maya)
    world.desk.move(world.row(gid), world.crm.calder)
    world.read()
    maya.cycle()
    assert maya.store.blobs.get(sha256) is None
    maya.sync()
    assert not residue(maya)
    assert maya.portal.records.count(MESSAGE) == 0
