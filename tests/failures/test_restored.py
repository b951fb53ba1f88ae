"""The gateway's database is restored from last night's backup while the CRM and the devices have moved on.

In each case the devices come before the gateway has read the CRM again, which is the worst order. Each is played twice:
the gateway was told that it was restored (`counterpart-gateway restored`), or somebody forgot to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.views_model import Choice, ChoiceKind, SyncState
from tests.failures.world import DEAL, World


@pytest.fixture(params=["told", "not told"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.tells_restored = request.param == "told"
    yield made
    made.close()


def test_gateway_restored_from_backup_makes_nothing_twice_and_loses_no_acknowledged_edit(
    world: World,
) -> None:
    old = world.deal()
    world.read()
    maya = world.device()
    copy = world.backup()
    maya.edit(old, competitor="Northwall")
    new = maya.register("Kestrel")
    maya.sync()
    assert maya.outbox() == []

    world.restore(copy)
    maya.sync()
    world.read()
    maya.sync()
    assert (maya.see(old, "competitor"), maya.see(new, "customer")) == ("Northwall", "Kestrel")
    assert len(world.deals_of("Kestrel")) == 1
    assert world.written(old, "rival") == ["Northwall"]
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], [])
    assert len(maya.portal.records.files(new)) == 1
    assert maya.in_step()
    assert any(line.startswith("Read ") for line in maya.lines()[3:]), "what was read afresh is told"


def test_gateway_restored_from_backup_and_an_edit_was_sent_whose_answer_got_lost(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    copy = world.backup()
    maya.edit(gid, competitor="Northwall")
    maya.line.lost["push"] = 1
    maya.cycle()
    world.desk.edit(world.row(gid), {"rival": "Southgate"})
    world.restore(copy)
    maya.sync()
    assert world.written(gid, "rival") == ["Northwall", "Southgate"], (
        "it was written once, and is history now"
    )
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], []), "the vendor saw it and changed it after"
    world.read()
    maya.sync()
    assert maya.see(gid, "competitor") == "Southgate"


def test_gateway_restored_from_backup_and_a_command_was_carried_out_whose_answer_got_lost(
    world: World,
) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    copy = world.backup()
    maya.portal.intents.command(gid, "convert", {"po_reference": "PO 7"})
    maya.line.lost["push"] = 1
    maya.cycle()
    world.restore(copy)
    maya.sync()
    assert maya.outbox() == [], "it was done; nobody is told that it cannot be done"
    assert world.written(gid, "stage_code").count("WON") == 1
    world.read()
    maya.sync()
    found = maya.shown(gid)
    assert found is not None
    assert found.state == "converted"
    assert maya.in_step()


def test_gateway_restored_from_backup_and_a_registration_was_submitted_whose_answer_got_lost(
    world: World,
) -> None:
    maya = world.device()
    copy = world.backup()
    gid = maya.register("Kestrel")
    maya.move_bytes()
    maya.line.lost["push"] = 1
    maya.cycle()
    assert world.value(gid, "stage_code") == "NEW"
    world.restore(copy)
    maya.sync()
    world.read()
    maya.sync()
    assert maya.outbox() == [], "no draft comes back of what the vendor has"
    assert len(world.deals_of("Kestrel")) == 1
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1
    assert maya.in_step()


def test_gateway_restored_from_backup_and_a_file_it_held_for_a_record_is_sent_once_more(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    copy = world.backup()
    path = world.folder / "plan.txt"
    path.write_text("The plan of the network.")
    maya.portal.intents.attach(gid, path)
    maya.move_bytes()
    world.restore(copy)
    maya.sync()
    assert maya.outbox() == [], "nobody has to try again"
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1
    world.read()
    maya.sync()
    assert len(maya.portal.records.files(gid)) == 1
    assert maya.in_step()


def test_gateway_restored_from_backup_and_the_evidence_it_held_of_a_registration_is_sent_once_more(
    world: World,
) -> None:
    maya = world.device()
    copy = world.backup()
    gid = maya.register("Kestrel")
    maya.move_bytes()
    world.restore(copy)
    maya.sync()
    assert (maya.outbox(), world.value(gid, "stage_code")) == ([], "NEW"), (
        "it is handed in, and no draft again"
    )
    assert len(world.deals_of("Kestrel")) == 1
    assert len(world.crm.crm.children("attachment", world.row(gid))) == 1
    world.read()
    maya.sync()
    assert maya.in_step()


def test_gateway_restored_from_backup_and_a_deal_it_no_longer_knows_was_edited_offline(world: World) -> None:
    maya = world.device()
    copy = world.backup()
    gid = maya.register("Kestrel")
    maya.sync()
    world.desk.ask_information(world.row(gid), "Who is it for?")
    world.read()
    maya.sync()
    maya.line.down = True
    maya.edit(gid, contact_name="Ailsa")
    maya.portal.intents.message(gid, "It is for the shops.")

    world.restore(copy)
    maya.line.down = False
    maya.sync()
    assert {row.state for row in maya.outbox()} <= {SyncState.WAITING}, "not known yet is not gone"
    assert all(row.reason for row in maya.outbox()), "and it says why it waits"
    world.read(5)
    maya.sync()
    assert (world.value(gid, "ct_name"), world.notes(gid)) == ("Ailsa", ["It is for the shops."])
    assert maya.see(gid, "contact_name") == "Ailsa"
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], [])
    assert maya.in_step()


def test_gateway_restored_from_backup_and_a_request_it_no_longer_knows_was_answered_offline(
    world: World,
) -> None:
    maya = world.device()
    copy = world.backup()
    gid = world.request()
    world.read()
    maya.sync()
    maya.portal.intents.message(gid, "We need it by Friday.")
    world.restore(copy)
    maya.sync()
    assert [row.state for row in maya.outbox()] == [SyncState.WAITING]
    world.read(5)
    maya.sync()
    assert world.notes(gid) == ["We need it by Friday."]
    assert maya.outbox() == []


def test_gateway_restored_from_backup_and_what_was_never_shared_stays_gone(world: World) -> None:
    """Waiting for the gateway to have read everything ends: what is not there then is gone."""
    gid = world.deal()
    world.read()
    maya = world.device()
    copy = world.backup()
    maya.edit(gid, contact_name="Ailsa")
    world.desk.move(world.row(gid), world.crm.calder)
    world.restore(copy)
    maya.sync()
    world.read(5)
    maya.sync()
    (row,) = maya.outbox()
    assert (row.state, row.reason.split(".")[0]) == (
        SyncState.QUARANTINED,
        "This deal is no longer shared with you",
    )
    assert maya.shown(gid) is None
    assert world.value(gid, "ct_name") is None


def test_gateway_restored_from_backup_while_a_conflict_waits_for_a_decision(world: World) -> None:
    old, new = world.deal(), ""
    world.read()
    maya = world.device()
    copy = world.backup()
    new = world.deal()
    world.read()
    maya.sync()
    for gid in (old, new):
        world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
        maya.edit(gid, next_steps="We call them.")
    maya.sync()
    assert len(maya.portal.conflicts.list()) == 2

    world.restore(copy)
    maya.sync()
    world.read(5)
    maya.sync()
    assert {view.gid for view in maya.portal.conflicts.list()} >= {old}
    group = maya.portal.conflicts.list()[0].fields[0].group
    maya.portal.conflicts.resolve(old, {group: Choice(ChoiceKind.MINE)})
    maya.sync()
    assert world.value(old, "next_action") == "We call them."
    kept = maya.portal.outbox.export_all()
    assert maya.see(new, "next_steps") == "We call them." or "We call them." in kept, "still to be decided"
    assert maya.in_step()


def test_gateway_restored_from_backup_does_not_bring_back_what_was_deleted_since(world: World) -> None:
    gid = world.ids.new_id()
    world.crm.deal(gid)
    world.read()
    maya = world.device()
    copy = world.backup()
    maya.portal.intents.delete(gid)
    maya.sync()
    assert maya.shown(gid) is None
    world.restore(copy)
    maya.sync()
    world.read()
    maya.sync()
    assert maya.shown(gid) is None
    assert maya.portal.records.count(DEAL) == 0
    assert maya.in_step()


def test_gateway_restored_from_backup_and_written_to_before_the_device_comes_back(world: World) -> None:
    """The head has passed the device's position again, so only the stamp tells that it is another history."""
    gid, other = world.deal(), world.deal()
    world.read()
    maya, tomasz = world.device(), world.device("Tomasz Wilk", "admin")
    copy = world.backup()
    maya.edit(gid, competitor="Northwall")
    maya.sync()
    world.restore(copy)
    world.read()
    for n in range(4):
        tomasz.edit(other, contact_name=f"Ailsa {n}")
        tomasz.sync()
    maya.sync()
    assert maya.see(other, "contact_name") == "Ailsa 3"
    assert maya.see(gid, "competitor") == "Northwall"
    assert maya.in_step()
    assert tomasz.in_step()
