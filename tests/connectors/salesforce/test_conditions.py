"""Writes on condition, over a header that counts whole seconds."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from gateway.crm.port import CrmConflict, CrmUnavailable, RowUpdate
from gateway.systems import System
from tests.connectors.salesforce.lab import Clock, SalesforceLab
from tests.connectors.salesforce.standin.org import STAFF
from tests.connectors.salesforce.standin.refusals import Refused
from tests.connectors.walking import gid_at

_NEXT, _RIVAL = "Counterpart_Next_Steps__c", "Counterpart_Competitor__c"


def _mark(lab: SalesforceLab) -> str:
    return gid_at(lab.clock.now())


def test_the_header_alone_lets_a_write_of_the_same_second_through(lab: SalesforceLab) -> None:
    """What the connector has to make up for: Salesforce compares stamps, and these are equal."""
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    read_at = lab.org.stamp()
    lab.clock.turn(0.3)
    lab.edit(ref, next_steps="Staff's")
    assert lab.org.stamp() == read_at
    lab.org.update("Lead", ref.id, {_NEXT: "Ours"}, unless=read_at)
    assert lab.look(ref)["next_steps"] == "Ours"
    lab.clock.turn(1)
    lab.edit(ref, next_steps="Staff's, a second later")
    with pytest.raises(Refused):
        lab.org.update("Lead", ref.id, {_NEXT: "Ours"}, unless=read_at)


def test_a_second_write_in_one_second_changes_the_revision(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    [before] = lab.port.fetch([ref])
    lab.edit(ref, next_steps="Staff's")
    [after] = lab.port.fetch([ref])
    assert after.modified_at == before.modified_at
    assert after.revision != before.revision
    lab.org.touch("Lead", ref.id)
    lab.clock.turn(2)
    lab.org.touch("Lead", ref.id)  # what only moves the system's stamp is a new revision too
    assert lab.port.fetch([ref])[0].revision != after.revision


def test_what_was_written_in_the_second_of_the_reading_is_a_conflict(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    [row] = lab.port.fetch([ref])
    lab.edit(ref, next_steps="Staff's")
    with pytest.raises(CrmConflict):
        lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.look(ref)["next_steps"] == "Staff's"


def test_a_row_that_was_written_this_very_second_is_written_when_it_is_over(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    [row] = lab.port.fetch([ref])
    written_at = lab.org.stamp()
    lab.before_write(lambda: lab.edit(ref, next_steps="Staff's, between reading and writing"))
    with pytest.raises(CrmConflict):
        lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.org.stamp() >= written_at + timedelta(seconds=1)
    assert lab.look(ref)["next_steps"] == "Staff's, between reading and writing"


def test_a_row_at_rest_is_written_at_once(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    lab.tick(5)
    [row] = lab.port.fetch([ref])
    before = lab.clock.now()
    row = lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.clock.now() == before
    assert row.fields[_NEXT] == "Ours"


def test_a_row_that_never_rests_is_left_for_later(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")

    def wait(seconds: float) -> None:
        lab.clock.turn(seconds)
        lab.edit(ref, competitor=str(seconds))

    lab.system = System(lab.connector(wait=wait), lab.mapping)
    [row] = lab.port.fetch([ref])
    with pytest.raises(CrmUnavailable, match="Nothing was written"):
        lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.look(ref)["next_steps"] == "Call"


def test_the_first_call_of_all_knows_no_time_and_trusts_none(lab: SalesforceLab) -> None:
    """Our clock may be ahead: until the org has told the time, the second of a stamp is not taken to be over."""
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    [row] = lab.port.fetch([ref])
    lab.clock.turn(0.2)
    ahead = lab.clock.now() + timedelta(hours=1)
    clock = Clock()
    clock.at = ahead

    def wait(seconds: float) -> None:
        clock.turn(seconds)
        lab.clock.turn(seconds)

    crm = lab.connector(clock=clock, wait=wait)
    lab.before_write(lambda: lab.edit(ref, next_steps="Staff's"))
    with pytest.raises(CrmConflict):
        crm.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.look(ref)["next_steps"] == "Staff's"


def test_a_stamp_that_lies_ahead_is_not_waited_for(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    lab.org.put("Lead", ref.id, {}, lab.org.stamp() + timedelta(minutes=5), STAFF)
    [row] = lab.port.fetch([ref])
    before = lab.clock.now()
    with pytest.raises(CrmUnavailable, match="Nothing was written") as caught:
        lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.clock.now() == before
    assert caught.value.retry_after == 60


def test_many_writes_hold_to_their_conditions_each(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    refs = [lab.deal(company, title=f"Deal {n}", next_steps="Call") for n in range(30)]
    lab.tick(5)
    rows = {row.ref: row for row in lab.port.fetch(refs)}
    lab.edit(refs[3], next_steps="Staff's before")
    lab.tick(3)
    # 25 go in the first call: somebody acts before it, on a row of it and on one of the second.

    def between() -> None:
        for n in (7, 28):
            lab.edit(refs[n], next_steps="Staff's between")

    lab.before_write(between)
    lab.wire.calls.clear()
    writes = [RowUpdate(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, rows[ref].revision) for ref in refs]
    done = lab.crm.write_many(writes)
    refused = [n for n, one in enumerate(done) if isinstance(one, CrmConflict)]
    assert refused == [3, 7, 28]
    assert [lab.look(ref)["next_steps"] for ref in refs] == [
        {3: "Staff's before", 7: "Staff's between", 28: "Staff's between"}.get(n, "Ours") for n in range(30)
    ]
    assert [path.rsplit("/", 1)[1] for method, path in lab.wire.calls if method == "POST"] == [
        "composite"
    ] * 2


def test_a_deletion_holds_to_its_condition(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    lab.tick(5)
    [row] = lab.port.fetch([ref])
    mark = _mark(lab)
    lab.before_write(lambda: lab.edit(ref, next_steps="Staff's"))
    with pytest.raises(CrmConflict):
        lab.port.archive(ref, mark, lab.actor, row.revision)
    assert lab.look(ref)["next_steps"] == "Staff's"
    assert not lab.port.was_written(ref, mark)
    lab.tick(5)
    [row] = lab.port.fetch([ref])
    lab.lose_answer()
    with pytest.raises(CrmUnavailable):
        lab.port.archive(ref, mark, lab.actor, row.revision)
    assert lab.look(ref) == {}
    assert lab.port.was_written(ref, mark)


def test_a_deletion_that_did_not_come_about_has_left_no_mark(lab: SalesforceLab) -> None:
    """The mark stands in the row before it goes: it counts only once it has gone."""
    ref, mark = lab.deal(lab.company("Brightwater IT")), _mark(lab)
    lab.org.update("Lead", ref.id, {"Counterpart_Marks__c": f"-{mark}"}, by=STAFF)
    assert not lab.port.was_written(ref, mark)
    lab.archive(ref)
    assert lab.port.was_written(ref, mark)


def test_a_row_another_transaction_holds_is_tried_later(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    lab.tick(5)
    [row] = lab.port.fetch([ref])
    commit = lab.begin_late(ref, next_steps="Late")
    with pytest.raises(CrmUnavailable):
        lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    commit()
    with pytest.raises(CrmConflict):
        lab.port.update(ref, {_NEXT: "Ours"}, _mark(lab), lab.actor, row.revision)
    assert lab.look(ref)["next_steps"] == "Late"


def test_the_condition_is_the_systems_stamp_which_is_never_older_than_the_other(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), next_steps="Call")
    lab.tick(5)
    lab.org.touch("Lead", ref.id)  # the last modified date stays where it was
    lab.tick(5)
    [row] = lab.port.fetch([ref])
    heard: list[str | bytes | None] = []
    lab.adapter.watch = lambda request: heard.append(request.headers.get("If-Unmodified-Since"))
    lab.port.update(ref, {_RIVAL: "Norrland"}, _mark(lab), lab.actor, row.revision)
    assert [one for one in heard if one] == [format_datetime(row.modified_at, usegmt=True)]
