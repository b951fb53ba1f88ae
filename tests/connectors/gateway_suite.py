"""The contract as a partner meets it: a gateway over the system, whatever the system does meanwhile.

Subclasses bring a `lab`. What stands in the system is always looked at by the system's own interface.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contract.mutations import Status
from gateway.failpoints import Crash, Failpoint
from tests.connectors.lab import Lab
from tests.connectors.portal import Portal


class GatewaySuite:
    """What every system must come to, with its gateway."""

    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        """The system under test."""
        raise NotImplementedError

    @pytest.fixture
    def portal(self, lab: Lab) -> Portal:
        """A gateway that has read all of it."""
        return Portal(lab)

    # -------------------------------------------------------------------------------------------------- reading

    def test_each_company_sees_its_own_records(self, lab: Lab, portal: Portal) -> None:
        mine = lab.deal(portal.north, customer="Kestrel", title="Edge for 14 sites")
        theirs = lab.deal(portal.south, customer="Harrier")
        request = lab.request(portal.north, "Where is our order?")
        public = lab.note(request, "It ships on Friday", public=True)
        internal = lab.note(request, "Slow payer", public=False)
        portal.read()
        seen = portal.seen()
        assert seen[portal.gid(mine)]["customer"] == "Kestrel"
        assert seen[portal.gid(mine)]["title"] == "Edge for 14 sites"
        assert seen[portal.gid(mine)]["amount"] == "184250.00"
        assert seen[portal.gid(mine)]["company"] == portal.gid(portal.north)
        assert seen[portal.gid(mine)]["state"] == "under_review"
        assert seen[portal.gid(request)]["subject"] == "Where is our order?"
        assert seen[portal.gid(public)]["body"] == "It ships on Friday"
        assert seen[portal.gid(public)]["parent"] == portal.gid(request)
        assert portal.gid(internal) not in seen
        assert not any("Slow payer" in str(record) for record in seen.values())
        assert portal.gid(theirs) not in seen
        assert portal.gid(theirs) in portal.seen(portal.ailsa)

    def test_an_edit_shows_though_the_index_lags(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north)
        portal.read()
        lab.edit(ref, title="Edited")
        portal.step()  # too early, where the index lags
        portal.read()
        assert portal.seen()[portal.gid(ref)]["title"] == "Edited"

    def test_a_second_edit_in_the_same_instant_shows(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north)
        portal.read()
        lab.edit(ref, title="First")
        portal.step()
        lab.edit(ref, title="Second")
        portal.read()
        assert portal.seen()[portal.gid(ref)]["title"] == "Second"

    def test_a_late_commit_shows(self, lab: Lab, portal: Portal) -> None:
        if not lab.commits_late:
            assert lab.port.capabilities.late_commit == 0
            return
        late, other = lab.deal(portal.north), lab.deal(portal.north)
        portal.read()
        commit = lab.begin_late(late, title="Late")
        # Longer than the lanes look back without knowing of such transactions, and no longer than declared.
        lab.tick(min(lab.port.capabilities.late_commit * 0.8, 25))
        lab.edit(other, title="Meanwhile")
        portal.step()
        commit()
        portal.read()
        assert portal.seen()[portal.gid(late)]["title"] == "Late"
        assert portal.seen()[portal.gid(other)]["title"] == "Meanwhile"

    def test_what_is_deleted_or_archived_goes(self, lab: Lab, portal: Portal) -> None:
        deleted, archived, kept = (lab.deal(portal.north, title=f"Deal {n}") for n in range(3))
        portal.read()
        cursor = portal.cursor()
        lab.delete(deleted)
        lab.archive(archived)
        portal.read()
        portal.sweep(kept.obj)
        assert {gid: reason for gid, (reason, _) in portal.gone_since(cursor).items()} == {
            portal.gid(deleted): "tombstone",
            portal.gid(archived): "tombstone",
        }
        assert portal.gid(kept) in portal.seen()

    def test_what_is_merged_leads_on(self, lab: Lab, portal: Portal) -> None:
        loser, winner = lab.deal(portal.north), lab.deal(portal.north)
        portal.read()
        cursor = portal.cursor()
        lab.merge(loser, winner)
        portal.read()
        portal.sweep(loser.obj)
        assert portal.gone_since(cursor)[portal.gid(loser)] == ("tombstone", portal.gid(winner))

    def test_a_record_that_changes_hands_changes_sides(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north)
        portal.read()
        cursor = portal.cursor()
        lab.move(ref, portal.south)
        portal.read()
        portal.sweep(ref.obj)
        portal.read()
        assert portal.gone_since(cursor)[portal.gid(ref)][0] == "revoked"
        assert portal.gid(ref) in portal.seen(portal.ailsa)

    def test_reading_goes_on_after_a_restart_in_the_middle(self, lab: Lab, portal: Portal) -> None:
        refs = [lab.deal(portal.north, title=f"Deal {n}") for n in range(30)]
        lab.settle()
        lab.cut(after=3)
        portal.step()
        portal.restart()
        lab.mend()
        lab.tick(5)
        portal.read()
        seen = portal.seen()
        assert {portal.gid(ref) for ref in refs} <= seen.keys()

    def test_a_system_that_takes_no_more_calls_is_read_to_the_end(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, title="In spite of it")
        lab.settle()
        lab.answer(429, retry_after=2.0, times=3)
        portal.step()
        assert portal.gid(ref) not in portal.seen()
        portal.read()
        assert portal.gid(ref) in portal.seen()

    def test_a_system_that_is_down_says_so_and_keeps_what_is_known(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north)
        portal.read()
        [before] = portal.gateway.sources()
        lab.cut()
        lab.tick(60)
        portal.step()
        [source] = portal.gateway.sources()
        assert lab.port.label in source.stale_reason
        assert source.read_at == before.read_at
        assert portal.gid(ref) in portal.seen()
        lab.mend()
        lab.tick(60)
        portal.read()
        [source] = portal.gateway.sources()
        assert source.stale_reason == ""

    # -------------------------------------------------------------------------------------------------- writing

    def test_a_deal_is_registered(self, lab: Lab, portal: Portal) -> None:
        deal = portal.new_deal(customer="Merlin Foods")
        outcome = portal.until_done(deal)
        assert outcome.status is Status.APPLIED, outcome
        assert lab.count("Merlin Foods") == 1
        item = lab.item("deal_registration")
        ref = lab.port.find_created(item.object, deal.gid)
        assert ref is not None
        assert lab.look(ref)["state"] == "draft"
        outcome = portal.until_done(portal.command(deal.gid, "withdraw", "draft"))
        assert outcome.status is Status.APPLIED, outcome
        assert lab.look(ref)["state"] == "withdrawn"
        portal.read()
        assert portal.seen()[deal.gid]["state"] == "withdrawn"
        assert portal.seen()[deal.gid]["customer"] == "Merlin Foods"

    def test_what_was_entered_is_read_back_as_it_was(self, lab: Lab, portal: Portal) -> None:
        """A system that brings values into a form of its own must not make a deal that cannot be handed in."""
        deal = portal.new_deal(customer="As it was")
        assert portal.until_done(deal).status is Status.APPLIED
        portal.read()
        seen = portal.seen()[deal.gid]
        assert {name: seen.get(name) for name in deal.changes} == dict(deal.changes)

    def test_a_deal_is_registered_once_though_the_answer_was_lost(self, lab: Lab, portal: Portal) -> None:
        deal = portal.new_deal(customer="Lost and found")
        lab.lose_answer()
        [first] = portal.push(deal)
        assert first.status is Status.DEFERRED
        assert portal.until_done(deal).status is Status.APPLIED
        assert lab.count("Lost and found") == 1
        portal.read()
        assert sum(record.get("customer") == "Lost and found" for record in portal.seen().values()) == 1

    @pytest.mark.parametrize("point", [Failpoint.BEFORE_CRM_WRITE, Failpoint.AFTER_CRM_WRITE])
    def test_a_deal_is_registered_once_though_the_process_ended(
        self, lab: Lab, portal: Portal, point: Failpoint
    ) -> None:
        deal = portal.new_deal(customer=f"Ended {point.name}")

        def end(reached: Failpoint) -> None:
            if reached is point:
                raise Crash

        portal.gateway.failpoints.hook = end
        with pytest.raises(Crash):
            portal.push(deal)
        portal.restart()
        portal.gateway.recover(alone=True)
        assert portal.until_done(deal).status is Status.APPLIED
        assert lab.count(f"Ended {point.name}") == 1

    def test_an_edit_whose_answer_was_lost_is_made_once(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, next_steps="Call")
        portal.read()
        edit = portal.patch(portal.gid(ref), {"next_steps": "Call"}, {"next_steps": "Visit"})
        lab.lose_answer()
        [first] = portal.push(edit)
        assert first.status is Status.DEFERRED
        # Staff write over it before anybody comes back: it was written once, and not again.
        lab.tick(2)
        lab.edit(ref, next_steps="Staff's")
        assert portal.until_done(edit).status is Status.APPLIED
        assert lab.look(ref)["next_steps"] == "Staff's"
        portal.read()
        assert portal.seen()[portal.gid(ref)]["next_steps"] == "Staff's"

    def test_edits_of_different_fields_meet(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, next_steps="Call", title="Edge")
        portal.read()
        lab.edit(ref, title="Staff's title")
        outcome = portal.until_done(
            portal.patch(portal.gid(ref), {"next_steps": "Call"}, {"next_steps": "Visit"})
        )
        assert outcome.status in (Status.APPLIED, Status.MERGED), outcome
        assert (lab.look(ref)["title"], lab.look(ref)["next_steps"]) == ("Staff's title", "Visit")

    def test_edits_of_one_field_are_a_conflict(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, next_steps="Call")
        portal.read()
        lab.edit(ref, next_steps="Staff's")
        outcome = portal.until_done(
            portal.patch(portal.gid(ref), {"next_steps": "Call"}, {"next_steps": "Mine"})
        )
        assert outcome.status is Status.CONFLICT, outcome
        assert lab.look(ref)["next_steps"] == "Staff's"

    def test_an_edit_of_another_field_just_before_the_write_is_kept(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, next_steps="Call", title="Edge")
        portal.read()
        lab.before_write(lambda: lab.edit(ref, title="Slipped in"))
        outcome = portal.until_done(
            portal.patch(portal.gid(ref), {"next_steps": "Call"}, {"next_steps": "Visit"})
        )
        assert outcome.status in (Status.APPLIED, Status.MERGED), outcome
        assert (lab.look(ref)["title"], lab.look(ref)["next_steps"]) == ("Slipped in", "Visit")
        portal.read()
        assert portal.seen()[portal.gid(ref)]["title"] == "Slipped in"

    def test_a_command_meets_the_state_as_it_is(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north)
        portal.read()
        lab.edit(ref, state="rejected")
        outcome = portal.until_done(portal.command(portal.gid(ref), "withdraw", "submitted"))
        assert outcome.status in (Status.REJECTED, Status.CONFLICT), outcome
        assert lab.look(ref)["state"] == "rejected"

    def test_a_message_is_added_once_though_the_answer_was_lost(self, lab: Lab, portal: Portal) -> None:
        request = lab.request(portal.north, "Where is our order?")
        portal.read()
        message = portal.message(portal.gid(request), "Any news?")
        lab.lose_answer()
        assert portal.push(message)[0].status is Status.DEFERRED
        assert portal.until_done(message).status is Status.APPLIED
        assert lab.texts(request) == ["Any news?"]
        portal.read()
        assert [r["body"] for r in portal.seen().values() if r["@entity"] == "message"] == ["Any news?"]

    def test_what_the_system_refuses_is_said_at_the_field(self, lab: Lab, portal: Portal) -> None:
        field, value = lab.refused()
        deal = portal.new_deal(**{field: value, "customer": "Refused Ltd"})
        outcome = portal.until_done(deal)
        assert outcome.status is Status.REJECTED, outcome
        assert outcome.problem is not None
        assert outcome.problem.fields[field].strip()
        assert lab.count("Refused Ltd") == 0

    def test_what_was_deleted_meanwhile_is_said_to_be_gone(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, next_steps="Call")
        portal.read()
        lab.delete(ref)
        outcome = portal.until_done(
            portal.patch(portal.gid(ref), {"next_steps": "Call"}, {"next_steps": "Visit"})
        )
        assert outcome.status is Status.GONE, outcome

    def test_a_system_that_is_down_puts_writes_off(self, lab: Lab, portal: Portal) -> None:
        ref = lab.deal(portal.north, next_steps="Call")
        portal.read()
        edit = portal.patch(portal.gid(ref), {"next_steps": "Call"}, {"next_steps": "Visit"})
        lab.cut()
        [outcome] = portal.push(edit)
        assert outcome.status is Status.DEFERRED
        assert lab.look(ref)["next_steps"] == "Call"
        lab.mend()
        lab.tick(60)
        assert portal.until_done(edit).status is Status.APPLIED
        assert lab.look(ref)["next_steps"] == "Visit"
