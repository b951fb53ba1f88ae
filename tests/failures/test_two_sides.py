"""Both sides change the same record: again and again, while it is being decided, or by taking it away."""

from __future__ import annotations

import pytest

from app.contract.errors import Refused
from app.services.views_model import Choice, ChoiceKind, OutboxAction, SyncState
from gateway.failpoints import Failpoint
from tests.failures.world import Device, World

MINE, THEIRS = Choice(ChoiceKind.MINE), Choice(ChoiceKind.THEIRS)


def clashing(world: World, device: Device) -> str:
    """A deal whose next steps both sides have changed; nothing decided."""
    gid = world.deal()
    world.read()
    device.sync()
    world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
    device.edit(gid, next_steps="We call them.")
    device.sync()
    assert len(device.portal.conflicts.list()) == 1
    return gid


# -- a dirty record starved by both directions ------------------------------------------------------------------
def test_dirty_record_starved_by_both_directions_moves_both_ways_in_every_round(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    for n in range(5):
        maya.edit(gid, competitor=f"rival {n}")
        world.desk.edit(world.row(gid), {"close_on": f"2027-02-{n + 1:02}"})
        # One more of each while the push and the pull are on their way.
        maya.line.meanwhile["push"] = lambda n=n: (  # type: ignore[misc]
            maya.edit(gid, contact_name=f"person {n}"),
            world.desk.edit(world.row(gid), {"next_action": f"step {n}"}),
        )
        maya.line.meanwhile["changes"] = lambda n=n: maya.edit(gid, contact_phone=f"+44 20 {n:04}")  # type: ignore[misc]
        world.read()
        maya.cycle()
        world.read()
        maya.cycle()
        assert world.value(gid, "rival") == f"rival {n}", "upwards"
        assert maya.see(gid, "target_close") == f"2027-02-{n + 1:02}", "downwards"
    maya.sync()
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], [])
    assert world.written(gid, "rival") == [f"rival {n}" for n in range(5)], "nothing twice, nothing left out"
    assert maya.see(gid, "next_steps") == "step 4"
    assert world.value(gid, "ct_phone") == "+44 20 0004"
    assert maya.in_step()


def test_dirty_record_starved_by_both_directions_while_a_conflict_on_it_is_open(world: World) -> None:
    maya = world.device()
    gid = clashing(world, maya)
    for n in range(4):
        maya.edit(gid, competitor=f"rival {n}")
        world.desk.edit(world.row(gid), {"close_on": f"2027-02-{n + 1:02}"})
        world.read()
        maya.cycle()
        assert world.value(gid, "rival") == f"rival {n}", "other fields do not wait for the decision"
        assert maya.see(gid, "target_close") == f"2027-02-{n + 1:02}"
        assert maya.see(gid, "next_steps") == "We call them.", "and what is undecided stays in sight"
    with pytest.raises(Refused, match="1 field needs mending"):
        maya.edit(gid, next_steps="We write to them.")
    assert len(maya.portal.conflicts.list()) == 1
    assert maya.in_step()


def test_dirty_record_whose_vendor_writes_into_every_write_is_not_given_up(world: World) -> None:
    """Each time the gateway is about to write, the vendor's automation has touched the row: it comes through."""
    gid = world.deal()
    world.read()
    maya = world.device()
    touched = iter(range(7))

    def touch(_: object) -> None:
        if next(touched, None) is not None:
            world.desk.touch(world.row(gid))

    world.gateway.failpoints.hook = touch
    maya.edit(gid, competitor="Northwall")
    maya.sync()
    assert world.written(gid, "rival") == ["Northwall"]
    assert (maya.outbox(), maya.portal.conflicts.list()) == ([], [])


def test_an_edit_that_the_gateway_reads_while_it_is_about_to_write_is_not_overwritten(world: World) -> None:
    maya = world.device()
    gid = world.deal(next_action="Nobody calls them.")
    world.read()
    maya.sync()
    points: list[Failpoint] = []

    def meanwhile(point: Failpoint) -> None:
        points.append(point)
        if points.count(point) > 1:
            return
        if point is Failpoint.BEFORE_CRM_WRITE:
            world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
        if point is Failpoint.AFTER_CRM_WRITE:
            world.gateway.ingest.hints_step()

    world.gateway.failpoints.hook = meanwhile
    maya.edit(gid, next_steps="We call them.")
    maya.sync()
    assert {Failpoint.BEFORE_CRM_WRITE, Failpoint.AFTER_CRM_WRITE} <= {*points}
    assert world.value(gid, "next_action") == "Halden calls them."
    (view,) = maya.portal.conflicts.list()
    (field,) = view.fields
    assert (field.theirs_words, field.mine_words) == ("Halden calls them.", "We call them.")


# -- conflict resolved while theirs moves again -----------------------------------------------------------------
def test_conflict_resolved_while_theirs_moves_again_at_the_vendor_is_a_new_conflict(world: World) -> None:
    maya = world.device()
    gid = clashing(world, maya)
    (view,) = maya.portal.conflicts.list()
    world.desk.edit(world.row(gid), {"next_action": "Halden writes to them."})
    maya.portal.conflicts.resolve(gid, {"next_steps": MINE}, view)
    maya.sync()
    assert world.written(gid, "next_action") == ["Halden calls them.", "Halden writes to them."]
    (again,) = maya.portal.conflicts.list()
    (field,) = again.fields
    assert (field.base_words, field.theirs_words, field.mine_words) == (
        "Halden calls them.",
        "Halden writes to them.",
        "We call them.",
    )
    maya.portal.conflicts.resolve(gid, {"next_steps": MINE}, again)
    maya.sync()
    assert world.value(gid, "next_action") == "We call them."
    assert (maya.outbox(), maya.in_step()) == ([], True)


def test_conflict_resolved_while_theirs_moves_again_under_the_open_page_is_looked_at_again(
    world: World,
) -> None:
    maya = world.device()
    gid = clashing(world, maya)
    (view,) = maya.portal.conflicts.list()
    world.desk.edit(world.row(gid), {"next_action": "Halden writes to them."})
    world.read()
    maya.sync()  # the newer value is here by now, but the person still looks at the older one
    with pytest.raises(Refused) as refused:
        maya.portal.conflicts.resolve(gid, {"next_steps": MINE}, view)
    assert refused.value.code == "moved"
    assert "changed this again while you decided" in refused.value.text
    maya.sync()
    assert world.value(gid, "next_action") == "Halden writes to them."
    (again,) = maya.portal.conflicts.list()
    maya.portal.conflicts.resolve(gid, {"next_steps": MINE}, again)
    maya.sync()
    assert world.value(gid, "next_action") == "We call them."


def test_conflict_resolved_as_theirs_while_theirs_moves_again_sends_nothing(world: World) -> None:
    maya = world.device()
    gid = clashing(world, maya)
    (view,) = maya.portal.conflicts.list()
    world.desk.edit(world.row(gid), {"next_action": "Halden writes to them."})
    world.read()
    maya.sync()
    pushes = len(maya.line.pushed)
    maya.portal.conflicts.resolve(gid, {"next_steps": THEIRS}, view)
    maya.sync()
    assert len(maya.line.pushed) == pushes
    assert maya.see(gid, "next_steps") == "Halden writes to them."
    assert maya.outbox() == []


# -- local delete against remote edit, local edit against remote delete -----------------------------------------
def test_local_delete_against_remote_edit_keeps_the_edit_and_tells(world: World) -> None:
    gid = world.ids.new_id()
    world.crm.deal(gid)
    world.read()
    maya = world.device()
    maya.portal.intents.delete(gid)
    assert maya.shown(gid) is None
    world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
    maya.sync()
    assert not world.crm.crm.read(world.row(gid)).archived
    assert maya.see(gid, "next_steps") == "Halden calls them.", "it is back, with what the vendor wrote"
    (row,) = maya.outbox()
    assert (row.state, row.what.split()[0]) == (SyncState.REJECTED, "Delete")
    assert "Somebody changed this since you saw it" in row.reason
    maya.portal.outbox.discard(row.mutation_id)
    maya.portal.intents.delete(gid)
    maya.sync()
    assert (maya.shown(gid), maya.outbox()) == (None, [])
    assert world.crm.crm.read(world.row(gid)).archived


def test_local_delete_against_a_remote_edit_that_is_here_already_deletes(world: World) -> None:
    gid = world.ids.new_id()
    world.crm.deal(gid)
    world.read()
    maya = world.device()
    world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
    world.read()
    maya.sync()
    maya.portal.intents.delete(gid)
    maya.sync()
    assert world.crm.crm.read(world.row(gid)).archived
    assert maya.in_step()


def test_remote_delete_against_local_edit_asks_and_keeps_what_was_typed(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    maya.edit(gid, next_steps="We call them.")
    world.desk.archive(world.row(gid))
    maya.sync()
    (view,) = maya.portal.conflicts.list()
    assert (view.kind, [field.mine_words for field in view.fields]) == ("gone", ["We call them."])
    (row,) = maya.outbox()
    assert (row.state, row.actions) == (SyncState.CONFLICT, (OutboxAction.COMPARE,))
    done = maya.portal.conflicts.resolve_gone(gid, keep=True)
    draft = maya.portal.drafts.load(done.gid)
    assert (draft.data["next_steps"], draft.data["customer"]) == ("We call them.", "Kestrel Foods")
    maya.sync()
    assert (maya.shown(gid), maya.outbox()) == (None, [])
    assert maya.in_step()


def test_remote_delete_against_an_undecided_conflict_asks_again_and_loses_nothing(world: World) -> None:
    maya = world.device()
    gid = clashing(world, maya)
    world.desk.archive(world.row(gid))
    world.read()
    maya.sync()
    (view,) = maya.portal.conflicts.list()
    assert view.kind == "gone"
    assert "deleted this while you edited it" in view.headline
    assert [field.mine_words for field in view.fields] == ["We call them."]
    (row,) = maya.outbox()
    assert "deleted this while you edited it" in row.reason
    with pytest.raises(Refused, match="This record is gone"):
        maya.portal.conflicts.resolve(gid, {"next_steps": MINE}, view)
    done = maya.portal.conflicts.resolve_gone(gid, keep=True)
    assert maya.portal.drafts.load(done.gid).data["next_steps"] == "We call them."
    assert maya.outbox() == []


def test_remote_delete_that_is_taken_back_leaves_a_conflict_to_decide_field_by_field(world: World) -> None:
    maya = world.device()
    gid = clashing(world, maya)
    world.desk.archive(world.row(gid))
    world.read()
    maya.sync()
    world.desk.restore(world.row(gid))
    world.read()
    maya.sync()
    (view,) = maya.portal.conflicts.list()
    assert (view.kind, [field.theirs_words for field in view.fields]) == ("fields", ["Halden calls them."])
    with pytest.raises(Refused, match="This record is back"):
        maya.portal.conflicts.resolve_gone(gid, keep=False)
    maya.portal.conflicts.resolve(gid, {"next_steps": MINE}, view)
    maya.sync()
    assert world.value(gid, "next_action") == "We call them."
    assert (maya.outbox(), maya.in_step()) == ([], True)


# -- two devices of one user -----------------------------------------------------------------------------------
def test_two_devices_of_one_user_edit_different_fields_and_both_arrive(world: World) -> None:
    gid = world.deal()
    world.read()
    desk, train = world.device(), world.device()
    desk.edit(gid, competitor="Northwall")
    train.edit(gid, contact_name="Ailsa")
    desk.sync()
    train.sync()
    desk.sync()
    assert (world.value(gid, "rival"), world.value(gid, "ct_name")) == ("Northwall", "Ailsa")
    assert desk.see(gid, "contact_name") == "Ailsa"
    assert (desk.outbox(), train.outbox()) == ([], [])
    assert (desk.in_step(), train.in_step()) == (True, True)


def test_two_devices_of_one_user_edit_the_same_field_and_are_told_it_was_themselves(world: World) -> None:
    gid = world.deal()
    world.read()
    desk, train = world.device(), world.device()
    desk.edit(gid, competitor="Northwall")
    train.edit(gid, competitor="Southgate")
    desk.sync()
    train.sync()
    assert world.written(gid, "rival") == ["Northwall"], "the later one is not simply written over it"
    (view,) = train.portal.conflicts.list()
    assert "You changed the same field on another device as well" in view.headline
    train.portal.conflicts.resolve(gid, {"competitor": MINE}, view)
    train.sync()
    desk.sync()
    assert (desk.see(gid, "competitor"), train.outbox()) == ("Southgate", [])


def test_two_devices_of_one_user_one_deletes_what_the_other_edits(world: World) -> None:
    gid = world.ids.new_id()
    world.crm.deal(gid)
    world.read()
    desk, train = world.device(), world.device()
    desk.portal.intents.delete(gid)
    train.edit(gid, next_steps="We call them.")
    desk.sync()
    train.sync()
    (view,) = train.portal.conflicts.list()
    assert (view.kind, desk.outbox()) == ("gone", [])
    train.portal.conflicts.resolve_gone(gid, keep=False)
    assert train.in_step()


def test_two_devices_of_one_user_one_decides_a_conflict_that_both_have(world: World) -> None:
    gid = world.deal()
    world.read()
    desk, train = world.device(), world.device()
    world.desk.edit(world.row(gid), {"next_action": "Halden calls them."})
    for device in (desk, train):
        device.edit(gid, next_steps="We call them.")
        device.sync()
    (view,) = desk.portal.conflicts.list()
    desk.portal.conflicts.resolve(gid, {"next_steps": MINE}, view)
    desk.sync()
    train.sync()
    (left,) = train.portal.conflicts.list()
    assert left.fields == (), "the vendor holds what was wanted"
    train.portal.conflicts.resolve(gid, {}, left)
    train.sync()
    assert world.written(gid, "next_action") == ["Halden calls them.", "We call them."]
    assert (train.outbox(), train.in_step()) == ([], True)
