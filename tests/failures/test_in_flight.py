"""Edits while a push is under way, answers that get lost, and the same thing sent more than once."""

from __future__ import annotations

import pytest

from app.contract.errors import Refused
from app.services.views_model import SyncState
from gateway.failpoints import Failpoint
from tests.failures.world import World


def test_edit_during_an_in_flight_push_of_the_same_field_is_sent_after_it(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    maya.edit(gid, competitor="Northwall")
    maya.line.meanwhile["push"] = lambda: maya.edit(gid, competitor="Southgate")
    maya.cycle()
    assert maya.see(gid, "competitor") == "Southgate", "what was typed last is what is shown"
    maya.sync()
    assert world.written(gid, "rival") == ["Northwall", "Southgate"]
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], []), "nobody clashes with themselves"
    assert maya.in_step()


def test_edit_during_an_in_flight_push_that_ends_in_a_conflict_joins_it(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
    maya.edit(gid, next_steps="We call them.")
    maya.line.meanwhile["push"] = lambda: maya.edit(gid, next_steps="We call them on Monday.")
    maya.sync()
    (conflict,) = maya.portal.conflicts.list()
    (field,) = conflict.fields
    assert (field.theirs_words, field.mine_words) == ("Halden calls them.", "We call them on Monday.")
    assert world.value(gid, "next_action") == "Halden calls them."
    assert maya.see(gid, "next_steps") == "We call them on Monday."
    assert [row.state for row in maya.outbox()] == [SyncState.CONFLICT]


def test_edit_during_an_in_flight_push_whose_answer_is_lost(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    first = maya.edit(gid, competitor="Northwall")
    maya.line.meanwhile["push"] = lambda: maya.edit(gid, competitor="Southgate", contact_name="Ailsa")
    maya.line.lost["push"] = 1
    maya.cycle()
    maya.kill()
    assert maya.see(gid, "competitor") == "Southgate"
    maya.sync()
    assert world.written(gid, "rival") == ["Northwall", "Southgate"]
    assert world.value(gid, "ct_name") == "Ailsa"
    assert [batch.count(first) for batch in maya.line.pushed if first in batch] == [1, 1]
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], [])
    assert maya.in_step()


def test_edit_of_a_registration_while_its_create_is_in_flight(world: World) -> None:
    maya = world.device()
    gid = maya.register("Kestrel")

    def think_again() -> None:
        with pytest.raises(Refused, match="on its way already"):
            maya.portal.drafts.take_back(gid)
        maya.edit(gid, next_steps="Ring them first.")

    maya.line.meanwhile["push"] = think_again
    maya.sync()
    assert world.value(gid, "next_action") == "Ring them first."
    assert world.value(gid, "stage_code") == "NEW"
    assert maya.outbox() == []


@pytest.mark.parametrize("point", [None, *Failpoint], ids=lambda point: str(point or "answer lost"))
def test_create_committed_answer_lost_makes_one_deal_and_says_sent_once(
    world: World, point: Failpoint | None
) -> None:
    maya = world.device()
    gid = maya.register("Kestrel")
    if point is None:
        maya.line.lost["push"] = 1
    else:
        world.crash_at(point)
    maya.sync()
    world.read(130)  # a lease nobody freed has run out
    maya.sync()
    (ref,) = world.deals_of("Kestrel")
    assert world.row(gid) == ref
    assert [line.new for line in world.crm.crm.history(ref) if line.field == "stage_code"][-1] == "NEW"
    assert len(world.crm.crm.children("attachment", ref)) == 1
    assert maya.outbox() == []
    assert sum("Register a deal" in line for line in maya.lines()) == 2, "the deal and its submission"
    assert maya.in_step()


def test_create_committed_answer_lost_and_the_program_killed(world: World) -> None:
    maya = world.device()
    gid = maya.register("Kestrel")
    maya.move_bytes()
    maya.line.lost["push"] = 2
    maya.cycle()
    maya.kill()
    (row, *_) = maya.outbox()
    assert (row.state, row.gid) == (SyncState.WAITING, gid)
    maya.sync()
    assert len(world.deals_of("Kestrel")) == 1
    assert maya.outbox() == []


def test_message_committed_answer_lost_is_said_once(world: World) -> None:
    gid = world.request()
    world.read()
    maya = world.device()
    maya.portal.intents.message(gid, "Is there any news?")
    maya.line.lost["push"] = 3
    for _ in range(4):
        maya.cycle()
        world.read(5)
    maya.kill()
    maya.sync()
    assert world.notes(gid) == ["Is there any news?"]
    assert [message.body for message in maya.portal.records.conversation(gid)] == ["Is there any news?"]
    assert maya.outbox() == []


def test_same_command_twice_on_one_device_is_refused_before_it_is_sent(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    maya.portal.intents.command(gid, "convert", {"po_reference": "PO 7"})
    with pytest.raises(Refused) as refused:
        maya.portal.intents.command(gid, "convert", {"po_reference": "PO 7"})
    assert refused.value.code == "state"
    maya.sync()
    assert world.written(gid, "stage_code").count("WON") == 1
    assert maya.outbox() == []


def test_same_command_twice_by_the_network_happens_once(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    maya.portal.intents.command(gid, "convert", {"po_reference": "PO 7"})
    maya.line.lost["push"] = 2
    maya.sync()
    assert world.written(gid, "stage_code").count("WON") == 1
    assert maya.outbox() == []
    shown = maya.shown(gid)
    assert shown is not None
    assert (shown.state, shown.sync) == ("converted", SyncState.SYNCED)


def test_same_command_twice_by_two_people_happens_once_and_the_second_is_told(world: World) -> None:
    gid = world.deal()
    world.read()
    maya, tomasz = world.device(), world.device("Tomasz Wilk", "admin")
    maya.portal.intents.command(gid, "convert", {"po_reference": "PO 7"})
    tomasz.portal.intents.command(gid, "convert", {"po_reference": "PO 8"})
    maya.sync()
    tomasz.sync()
    assert world.written(gid, "stage_code").count("WON") == 1
    assert world.value(gid, "po_ref") == "PO 7"
    (row,) = tomasz.outbox()
    assert row.state is SyncState.REJECTED
    assert "converted" in row.reason.lower(), row.reason
    tomasz.portal.outbox.discard(row.mutation_id)
    assert tomasz.outbox() == []
    assert tomasz.in_step()
