"""The queue: a poison item at its head, uploads that fail, and children whose parent was not taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.contract.errors import Busy, Refused
from app.contract.mutations import PushAnswer
from app.services.views_model import Mode, OutboxAction, SyncState
from app.sync.engine import Wake
from gateway.crm.port import CrmError
from tests.failures.world import DEAL, Device, World


# -- parent rejected while children wait -------------------------------------------------------------------------
def refused_with_children(world: World, tmp_path: Path) -> tuple[Device, str]:
    """A registration the CRM refuses, with a message and a file added to it while it waited."""
    maya = world.device()
    gid = maya.register("Kestrel")
    drafts = maya.portal.drafts
    drafts.take_back(gid)
    drafts.save(gid, maya.form(gid, "Kestrel", country="KP"))
    drafts.submit(gid)
    path = tmp_path / "plan.txt"
    path.write_text("The plan of the shop")
    maya.portal.intents.message(gid, "Here is the plan.", [path])
    maya.sync()
    return maya, gid


def test_parent_rejected_while_children_wait_keeps_and_explains_them(world: World, tmp_path: Path) -> None:
    maya, gid = refused_with_children(world, tmp_path)
    assert world.deals_of("Kestrel") == []
    rows = {row.what.partition(":")[0].partition(",")[0]: row for row in maya.outbox()}
    parent, message, file = rows["Register a deal"], rows["Message on Kestrel"], rows["plan.txt"]
    assert (parent.state, parent.actions) == (
        SyncState.REJECTED,
        (OutboxAction.EDIT, OutboxAction.DISCARD),
    )
    for child in (message, file):
        assert child.state is SyncState.QUARANTINED
        assert child.reason.startswith("This follows ")
        assert "was not taken." in child.reason
        assert OutboxAction.RETRY in child.actions
    # What was refused in the same answer is named; what was to follow later only says that there is something.
    assert any("“Register a deal: Kestrel network · Kestrel”" in child.reason for child in (message, file))
    (said,) = maya.portal.records.conversation(gid)
    assert (said.body, said.sync) == ("Here is the plan.", SyncState.QUARANTINED)
    assert "Here is the plan." in maya.portal.outbox.export_all()


def test_parent_rejected_while_children_wait_and_resubmitted_sends_them_by_itself(
    world: World, tmp_path: Path
) -> None:
    maya, gid = refused_with_children(world, tmp_path)
    maya.kill()
    maya.portal.drafts.save(gid, maya.form(gid, "Kestrel", country="GB"))
    maya.portal.drafts.submit(gid)
    maya.sync()
    assert len(world.deals_of("Kestrel")) == 1
    assert world.notes(gid) == ["Here is the plan."]
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 2
    (said,) = maya.portal.records.conversation(gid)
    assert [file.name for file in said.files] == ["plan.txt"], "the file hangs on its message"
    assert maya.outbox() == [], "nobody had to press anything"
    assert maya.in_step()


def test_parent_rejected_while_children_wait_and_rejected_again(world: World, tmp_path: Path) -> None:
    maya, gid = refused_with_children(world, tmp_path)
    maya.portal.drafts.save(gid, maya.form(gid, "Kestrel", country="SY"))
    maya.portal.drafts.submit(gid)
    maya.sync()
    assert sorted(row.state for row in maya.outbox()) == [
        SyncState.QUARANTINED,
        SyncState.QUARANTINED,
        SyncState.REJECTED,
    ]
    maya.portal.drafts.save(gid, maya.form(gid, "Kestrel"))
    maya.portal.drafts.submit(gid)
    maya.sync()
    assert (maya.outbox(), world.notes(gid)) == ([], ["Here is the plan."])


def test_parent_rejected_while_children_wait_and_a_child_is_retried_too_early(
    world: World, tmp_path: Path
) -> None:
    """Sent now it would be said of it that its record is not shared: then it could never be sent again."""
    maya, gid = refused_with_children(world, tmp_path)
    child = next(row for row in maya.outbox() if row.what.startswith("Message"))
    with pytest.raises(Refused) as refused:
        maya.portal.outbox.retry(child.mutation_id)
    assert "follows by itself" in refused.value.text
    maya.portal.drafts.save(gid, maya.form(gid, "Kestrel"))
    maya.portal.drafts.submit(gid)
    maya.portal.outbox.retry(child.mutation_id)  # in the queue again, behind its parent
    maya.sync()
    assert (maya.outbox(), world.notes(gid)) == ([], ["Here is the plan."])


def test_parent_rejected_and_retried_under_a_new_id_frees_its_child(world: World, tmp_path: Path) -> None:
    """A message is refused since the request is closed, and its file with it; the request is opened again."""
    gid = world.request()
    world.read()
    maya = world.device()
    world.desk.resolve(world.row(gid))
    world.desk.close(world.row(gid))
    path = tmp_path / "plan.txt"
    path.write_text("The plan of the shop")
    maya.portal.intents.message(gid, "One more thing.", [path])
    maya.sync()
    message = next(row for row in maya.outbox() if row.state is SyncState.REJECTED)
    file = next(row for row in maya.outbox() if row.state is SyncState.QUARANTINED)
    assert (message.what.partition(" ")[0], file.what.partition(",")[0]) == ("Message", "plan.txt")
    assert OutboxAction.RETRY in message.actions

    with world.crm.crm.writing() as unit:
        unit.connection.exec_driver_sql("update ticket set status_code = 'WORK'")
    world.gateway.hint([world.row(gid)])
    world.read()
    maya.portal.outbox.retry(message.mutation_id)
    maya.sync()
    assert world.notes(gid) == ["One more thing."]
    (said,) = maya.portal.records.conversation(gid)
    assert [one.name for one in said.files] == ["plan.txt"]
    assert maya.outbox() == []


# -- poison item at the head -------------------------------------------------------------------------------------
def test_poison_item_at_the_head_that_the_gateway_cannot_carry_out_holds_back_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = world.deal(), world.deal()
    world.read()
    maya = world.device()
    poison = maya.edit(bad, competitor="Poison")
    maya.edit(good, competitor="Northwall")
    port, update = world.crm.crm, world.crm.crm._write

    def fails(unit: object, write: object) -> object:
        if getattr(write, "marker", "") == poison:
            raise CrmError("a fault of the vendor's own")
        return update(unit, write)  # type: ignore[arg-type]

    monkeypatch.setattr(port, "_write", fails)
    maya.cycle()
    maya.cycle()
    assert world.value(good, "rival") == "Northwall"
    (row,) = maya.outbox()
    assert (row.state, row.gid) == (SyncState.WAITING, bad)
    assert row.reason, "it says why it waits"
    maya.edit(good, competitor="Southgate")
    maya.cycle(Wake.ENQUEUE)
    assert world.value(good, "rival") == "Southgate", "later work passes by as well"
    for _ in range(12):
        world.read(11)
        maya.cycle()
    (row,) = maya.outbox()
    assert row.state is SyncState.REJECTED, "in the end a person is asked"
    assert maya.see(bad, "competitor") is None
    assert maya.status.mode is Mode.LIVE
    assert maya.in_step()


def test_poison_item_at_the_head_that_makes_every_answer_unusable_is_found_and_put_aside(
    world: World,
) -> None:
    bad, good, other = world.deal(), world.deal(), world.deal()
    world.read()
    maya = world.device()
    poison = maya.edit(bad, competitor="Poison")
    maya.edit(good, competitor="Northwall")
    maya.edit(other, competitor="Southgate")
    push = maya.line.push

    def fails(body: object) -> PushAnswer:
        if poison in [mutation.mutation_id for mutation in body.mutations]:  # type: ignore[attr-defined]
            raise Busy("The gateway met a fault of its own.")
        return push(body)  # type: ignore[arg-type]

    maya.line.push = fails  # type: ignore[method-assign]
    for _ in range(8):
        world.wait(5)
        maya.cycle()
    assert (world.value(good, "rival"), world.value(other, "rival")) == ("Northwall", "Southgate")
    (row,) = maya.outbox()
    assert (row.gid, row.state) == (bad, SyncState.WAITING)
    assert maya.see(bad, "competitor") == "Poison", "what was typed stays in sight"
    maya.line.push = push  # type: ignore[method-assign]
    world.wait(400)
    maya.sync()
    assert (maya.outbox(), world.value(bad, "rival")) == ([], "Poison")


def test_poison_item_at_the_head_that_the_gateway_cannot_read_is_refused_alone(world: World) -> None:
    bad, good = world.deal(), world.deal()
    world.read()
    maya = world.device()
    maya.edit(bad, competitor="Poison")
    maya.edit(good, competitor="Northwall")
    # A number that has no one exact form: written by a fault, such as no form of ours would let through.
    body = "json_set(body, '$.changes.competitor', 0.1)"
    maya.store.connection.run(f"UPDATE outbox SET body = {body} WHERE gid = ?", (bad,))
    maya.kill()
    maya.sync()
    assert world.value(good, "rival") == "Northwall"
    (row,) = maya.outbox()
    assert (row.gid, row.state) == (bad, SyncState.REJECTED)


# -- failed upload not retried until the next write --------------------------------------------------------------
@pytest.mark.parametrize("method", ["begin_upload", "upload"])
def test_failed_upload_is_retried_though_nobody_writes_again(world: World, method: str) -> None:
    maya = world.device()
    gid = maya.register("Kestrel")
    maya.line.faults[method] = [Busy(retry_after=20.0), Busy(), Busy()]
    maya.cycle()
    assert not maya.transfers.step()
    file = next(row for row in maya.outbox() if row.transfer)
    assert (file.state, file.what.partition(" ")[0]) == (SyncState.WAITING, "Kestrel")
    assert maya.transfers.wait() >= 20.0, "the wait the gateway named"
    for _ in range(6):
        world.wait(30)
        maya.cycle()
        maya.move_bytes()
    maya.sync()
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1
    assert maya.outbox() == []


def test_failed_upload_of_a_killed_program_goes_on_after_the_start(world: World) -> None:
    maya = world.device()
    gid = maya.register("Kestrel", file="x" * 600_000)
    maya.line.faults["upload"] = []
    assert maya.transfers.step()
    maya.line.faults["upload"] = [Busy()]
    assert not maya.transfers.step()
    maya.kill()
    uploads = maya.line.calls["upload"]
    maya.sync()
    assert maya.line.calls["upload"] - uploads == 2, "it goes on from the first 256 KiB"
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1


def test_failed_upload_that_the_gateway_forgot_with_its_files_starts_over(world: World) -> None:
    """The gateway's disk was lost between the upload and the mutation that names the file."""
    maya = world.device()
    gid = maya.register("Kestrel")
    maya.move_bytes()
    copy = world.backup()
    copy.execute("DELETE FROM blob")
    copy.execute("DELETE FROM upload")
    copy.commit()
    world.restore(copy)
    world.read()
    maya.sync()
    assert (maya.outbox(), len(world.deals_of("Kestrel"))) == ([], 1), "without a click"
    assert maya.line.calls["begin_upload"] == 2
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1
    assert maya.portal.records.count(DEAL) == 1


def test_failed_upload_that_will_never_be_taken_asks_and_can_be_tried_again(world: World) -> None:
    gid = world.request()
    world.read()
    maya = world.device()
    path = world.folder / "plan.txt"
    path.write_text("The plan")
    maya.portal.intents.attach(gid, path)
    maya.line.faults["begin_upload"] = [Refused("This kind of file is not taken.", code="unacceptable")]
    maya.sync()
    (row,) = maya.outbox()
    assert (row.state, row.reason) == (
        SyncState.QUARANTINED,
        "This kind of file is not taken.",
    )
    assert OutboxAction.RETRY in row.actions
    maya.portal.outbox.retry(row.mutation_id)
    maya.sync()
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1
    assert maya.outbox() == []
