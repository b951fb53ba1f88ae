"""The contract of `CrmPort`, as tests: every connector passes them over its system. Subclasses bring a `lab`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.contract.ids import time_ordered_id
from gateway.crm.port import (
    ChangedId,
    CrmBusy,
    CrmConflict,
    CrmError,
    CrmMissing,
    CrmRefused,
    CrmUnauthorised,
    CrmUnavailable,
    DescribesObjects,
    FileBody,
    KeepsPeople,
    Ref,
)
from gateway.crm.schema import WantedProperty
from tests.connectors.lab import Lab

_DEAL = "deal_registration"


class PortSuite:
    """What every connector does, and every system is met with."""

    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        """The system under test, without any rows of an earlier test that could be mistaken for this one's."""
        raise NotImplementedError

    @pytest.fixture
    def new_id(self, lab: Lab) -> Callable[[], str]:
        """Makes gids as clients do."""
        return lambda: gid_at(lab.clock.now())

    # ------------------------------------------------------------------------------------------------- creating

    def test_a_row_is_made_once_for_a_marker(self, lab: Lab, new_id: Callable[[], str]) -> None:
        item, gid = lab.item(_DEAL), new_id()
        fields = lab.new_deal(lab.company("Brightwater IT"), customer=f"Once {gid}")
        assert lab.port.find_created(item.object, gid) is None
        row = lab.port.create(item.object, fields, gid, lab.actor)
        assert row.ref.obj == item.object
        assert row.fields[item.marker] == gid
        assert lab.port.find_created(item.object, gid) == row.ref
        again = lab.port.create(item.object, fields, gid, lab.actor)
        assert again.ref == row.ref
        assert lab.count(f"Once {gid}") == 1
        assert lab.port.was_written(row.ref, gid)
        assert lab.look(row.ref)["title"] == "Branch edge, 14 sites"
        assert Decimal(lab.look(row.ref)["amount"]) == Decimal("184250.00")

    def test_a_row_is_made_once_though_the_answer_was_lost(self, lab: Lab, new_id: Callable[[], str]) -> None:
        item, gid = lab.item(_DEAL), new_id()
        fields = lab.new_deal(lab.company("Brightwater IT"), customer=f"Lost {gid}")
        lab.lose_answer()
        with pytest.raises(CrmUnavailable):
            lab.port.create(item.object, fields, gid, lab.actor)
        assert lab.count(f"Lost {gid}") == 1
        found = lab.port.find_created(item.object, gid)
        assert found is not None
        assert lab.port.create(item.object, fields, gid, lab.actor).ref == found
        assert lab.count(f"Lost {gid}") == 1

    def test_what_was_made_reads_back_as_it_was_written(self, lab: Lab, new_id: Callable[[], str]) -> None:
        item = lab.item(_DEAL)
        fields = lab.new_deal(
            lab.company("Brightwater IT"), next_steps="Call them.\nSend an offer. & <b>no</b> “ä”"
        )
        row = lab.port.create(item.object, fields, new_id(), lab.actor)
        [read] = lab.port.fetch([row.ref])
        for name in ("company", "customer", "title", "currency", "competitor", "next_steps", "state"):
            prop = lab.property(_DEAL, name)
            assert read.fields.get(prop) == row.fields.get(prop), name
        assert read.fields[lab.property(_DEAL, "next_steps")] == fields[lab.property(_DEAL, "next_steps")]
        assert read.revision == row.revision
        assert read.modified_at == row.modified_at

    # ------------------------------------------------------------------------------------------------- updating

    def test_an_update_writes_only_what_it_names(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref = lab.deal(lab.company("Brightwater IT"), competitor="Meridian", next_steps="Call")
        [before] = lab.port.fetch([ref])
        lab.tick(2)
        mark = new_id()
        row = lab.port.update(ref, {lab.property(_DEAL, "competitor"): "Norrland"}, mark, lab.actor, None)
        assert row.ref == ref
        assert row.fields[lab.property(_DEAL, "competitor")] == "Norrland"
        assert lab.look(ref)["competitor"] == "Norrland"
        assert lab.look(ref)["next_steps"] == "Call"
        assert (row.revision, row.modified_at) != (before.revision, before.modified_at)
        [now] = lab.port.fetch([ref])
        assert now.fields == row.fields

    def test_a_property_is_emptied(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref = lab.deal(lab.company("Brightwater IT"), competitor="Meridian")
        row = lab.port.update(ref, {lab.property(_DEAL, "competitor"): None}, new_id(), lab.actor, None)
        assert row.fields.get(lab.property(_DEAL, "competitor")) in (None, "")
        assert not lab.look(ref)["competitor"]

    def test_a_write_is_known_by_its_mark_long_after(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref, rival = lab.deal(lab.company("Brightwater IT")), lab.property(_DEAL, "competitor")
        first = new_id()
        lab.port.update(ref, {rival: "One"}, first, lab.actor, None)
        lab.edit(ref, competitor="Staff's")
        for n in range(10):
            lab.port.update(ref, {rival: f"Later {n}"}, new_id(), lab.actor, None)
        lab.edit(ref, competitor="Staff's again")
        assert lab.port.was_written(ref, first)
        assert not lab.port.was_written(ref, new_id())
        assert not lab.port.was_written(self._nobody(lab), first)

    def test_a_write_whose_answer_was_lost_is_known_by_its_mark(
        self, lab: Lab, new_id: Callable[[], str]
    ) -> None:
        ref, mark = lab.deal(lab.company("Brightwater IT")), new_id()
        lab.lose_answer()
        with pytest.raises(CrmUnavailable):
            lab.port.update(ref, {lab.property(_DEAL, "competitor"): "Norrland"}, mark, lab.actor, None)
        assert lab.look(ref)["competitor"] == "Norrland"
        assert lab.port.was_written(ref, mark)

    def test_a_write_that_never_arrived_left_no_mark(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref, mark = lab.deal(lab.company("Brightwater IT"), competitor="Meridian"), new_id()
        lab.cut()
        with pytest.raises(CrmUnavailable):
            lab.port.update(ref, {lab.property(_DEAL, "competitor"): "Norrland"}, mark, lab.actor, None)
        lab.mend()
        assert not lab.port.was_written(ref, mark)
        assert lab.look(ref)["competitor"] == "Meridian"

    def test_what_is_gone_is_not_written(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref = lab.deal(lab.company("Brightwater IT"))
        lab.delete(ref)
        for one in (ref, self._nobody(lab)):
            with pytest.raises(CrmMissing):
                lab.port.update(one, {lab.property(_DEAL, "competitor"): "N"}, new_id(), lab.actor, None)

    def test_a_condition_holds_against_what_came_between(self, lab: Lab, new_id: Callable[[], str]) -> None:
        """Where there are no conditions, the ledger compares and reads back: the connector says which it is."""
        ref, rival = (
            lab.deal(lab.company("Brightwater IT"), competitor="Meridian"),
            lab.property(_DEAL, "competitor"),
        )
        lab.tick(3)
        if not lab.port.capabilities.conditional_writes:
            lab.port.update(ref, {rival: "Norrland"}, new_id(), lab.actor, None)
            assert lab.look(ref)["competitor"] == "Norrland"
            return
        [seen] = lab.port.fetch([ref])
        row = lab.port.update(ref, {rival: "Norrland"}, new_id(), lab.actor, seen.revision)
        # In the same instant as that write: the clock's step hides nothing.
        lab.edit(ref, next_steps="Staff's")
        for stale in (seen.revision, row.revision):
            with pytest.raises(CrmConflict):
                lab.port.update(ref, {rival: "Overwritten"}, new_id(), lab.actor, stale)
        assert lab.look(ref)["competitor"] == "Norrland"
        assert lab.look(ref)["next_steps"] == "Staff's"

    def test_the_systems_own_refusal_names_the_property(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref = lab.deal(lab.company("Brightwater IT"))
        field, value = lab.refused()
        before = lab.look(ref)
        prop = lab.property(_DEAL, field)
        with pytest.raises(CrmRefused) as caught:
            lab.port.update(ref, {prop: value}, new_id(), lab.actor, None)
        assert prop in caught.value.fields
        assert caught.value.fields[prop].strip()
        assert "<" not in str(caught.value)
        assert lab.look(ref) == before

    # -------------------------------------------------------------------------------------------------- reading

    def test_rows_are_read_by_id(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        size = lab.port.capabilities.page_size
        refs = [lab.deal(company, title=f"Deal {n}") for n in range(min(size + 2, 12))]
        rows = {row.ref: row for row in lab.port.fetch([*reversed(refs), self._nobody(lab), company])}
        assert set(rows) == {*refs, company}
        title = lab.property(_DEAL, "title")
        assert [rows[ref].fields[title] for ref in refs] == [f"Deal {n}" for n in range(len(refs))]
        assert str(rows[refs[0]].fields[lab.property(_DEAL, "company")]) == company.id
        assert not lab.port.fetch([])

    @pytest.mark.parametrize(
        "wrong", ["", "nonsense", "-1", "999999999999999999999", "1 OR 1=1", "x' OR ''='", "💥", "../1"]
    )
    def test_an_id_that_is_none_is_just_not_there(self, lab: Lab, wrong: str) -> None:
        ref = lab.deal(lab.company("Brightwater IT"))
        assert [row.ref for row in lab.port.fetch([Ref(ref.obj, wrong), ref])] == [ref]

    def test_values_are_never_floats(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        deal, request = lab.deal(company), lab.request(company, "Where is it?")
        for row in lab.port.fetch([company, deal, request]):
            assert list(_floats(row.fields)) == [], row.ref

    def test_internal_notes_are_not_shared(self, lab: Lab) -> None:
        request = lab.request(lab.company("Brightwater IT"), "Where is it?")
        public = lab.note(request, "It is on its way", public=True)
        internal = lab.note(request, "They never pay", public=False)
        rows = {row.ref: row for row in lab.port.fetch([public, internal])}
        shown = rows[public]
        item = lab.mapping.of_row(shown.ref.obj, shown.fields)
        assert item is not None
        assert item.entity == "message"
        assert item.parent is not None
        assert item.parent.object_of(shown.fields) == request.obj
        assert str(shown.fields[item.parent.property]) == request.id
        hidden = rows.get(internal)
        assert hidden is None or lab.mapping.of_row(hidden.ref.obj, hidden.fields) is None

    # -------------------------------------------------------------------------------------------- what changed

    def test_what_changed_comes_in_order_and_whole(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        refs = []
        for n in range(9):
            refs.append(lab.deal(company, title=f"Deal {n}"))
            if n % 4 == 3:
                lab.tick(2)
        lab.edit(refs[2], title="Edited")
        lab.settle()
        for limit in (2, 4, 50):
            found = walk(lab, refs[0].obj, None, limit)
            assert {entry.ref for entry in found} >= set(refs), limit
            assert [entry.modified_at for entry in found] == sorted(entry.modified_at for entry in found)
        told = {entry.ref: entry.modified_at for entry in walk(lab, refs[0].obj, None, 50)}
        for row in lab.port.fetch(refs):
            assert told[row.ref] == row.modified_at

    def test_what_changed_since_leaves_out_what_is_older(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        old = lab.deal(company)
        lab.tick(30)
        lab.settle()
        lab.port.fetch([old])  # what a connector knows of the system's clock it has from its answers
        since = lab.port.now()
        lab.tick(5)
        new = lab.deal(company)
        lab.settle()
        found = {entry.ref for entry in walk(lab, old.obj, since, 3)}
        assert new in found
        assert old not in found

    def test_a_second_write_in_the_same_instant_is_listed(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        first, second = lab.deal(company), lab.deal(company)
        lab.settle()
        lab.edit(first, title="Edited first")
        lab.settle()
        [last] = walk(lab, first.obj, None, 50)[-1:]
        assert last.ref == first
        lab.edit(second, title="And then this")
        lab.settle()
        assert second in {entry.ref for entry in walk(lab, first.obj, last.modified_at, 50)}

    @pytest.mark.timeout(300)
    def test_more_rows_of_one_instant_than_any_page_or_cap(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        known = lab.deal(company)
        lab.settle()
        lab.port.fetch([known])
        since = lab.port.now() - timedelta(seconds=1)
        lab.tick(3)
        lab.herd(company, lab.many)
        lab.settle()
        found = walk(lab, known.obj, since, lab.port.capabilities.page_size)
        ids = [entry.ref.id for entry in found]
        assert len(ids) == len(set(ids))
        assert len(ids) - (known.id in ids) == lab.many

    # ------------------------------------------------------------------------------------------------ what is gone

    def test_a_sweep_tells_what_is_there(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        refs = [lab.deal(company, title=f"Deal {n}") for n in range(8)]
        lab.archive(refs[1])
        lab.delete(refs[4])
        for limit in (1, 3, 100):
            found = sweep(lab, refs[0].obj, limit)
            assert len(found) == len(set(found))
            assert {ref.id for ref in refs} & set(found) == {
                ref.id for n, ref in enumerate(refs) if n not in (1, 4)
            }

    def test_what_is_archived_or_deleted_is_not_there(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        kept, archived, deleted = (lab.deal(company) for _ in range(3))
        lab.archive(archived)
        lab.delete(deleted)
        rows = {row.ref: row for row in lab.port.fetch([kept, archived, deleted])}
        assert not rows[kept].archived
        for gone in (archived, deleted):
            assert gone not in rows or rows[gone].archived

    def test_a_row_is_archived_once(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref = lab.deal(lab.company("Brightwater IT"))
        lab.port.archive(ref, new_id(), lab.actor, None)
        assert ref.id not in sweep(lab, ref.obj, 100)
        lab.port.archive(ref, new_id(), lab.actor, None)
        lab.port.archive(self._nobody(lab), new_id(), lab.actor, None)
        rows = lab.port.fetch([ref])
        assert not rows or rows[0].archived

    def test_what_was_merged_leads_on(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        loser, winner = lab.deal(company), lab.deal(company)
        assert lab.port.merged_into(winner) is None
        if not lab.can_merge:
            lab.delete(loser)
            assert lab.port.merged_into(loser) is None
            return
        lab.merge(loser, winner)
        rows = {row.ref: row for row in lab.port.fetch([loser, winner])}
        assert winner in rows
        assert loser not in rows or rows[loser].archived
        assert lab.port.merged_into(loser) == winner

    # -------------------------------------------------------------------------------------------------- children

    @pytest.mark.parametrize("parent", ["deal_registration", "request"])
    def test_a_message_is_added_once(self, lab: Lab, new_id: Callable[[], str], parent: str) -> None:
        ref, gid = self._parent(lab, parent), new_id()
        item = lab.mapping.for_child("message", ref.obj)
        assert item is not None
        fields = lab.written("message", {"body": "Any news?\nBest, Maya"}, item)
        lab.lose_answer()
        with pytest.raises(CrmUnavailable):
            lab.port.append(item.object, ref, fields, gid, lab.actor)
        assert lab.texts(ref) == ["Any news?\nBest, Maya"]
        row = lab.port.append(item.object, ref, fields, gid, lab.actor)
        assert lab.port.find_created(item.object, gid) == row.ref
        assert lab.texts(ref) == ["Any news?\nBest, Maya"]
        assert row.fields[item.fields["body"].property] == "Any news?\nBest, Maya"
        assert row.fields[item.marker] == gid
        shown = lab.mapping.of_row(row.ref.obj, row.fields)
        assert shown is not None
        assert shown.parent is not None
        assert shown.parent.object_of(row.fields) == ref.obj
        assert str(row.fields[shown.parent.property]) == ref.id
        [read] = lab.port.fetch([row.ref])
        assert read.fields == row.fields

    def test_nothing_is_added_to_what_is_gone(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref = self._parent(lab, "request")
        item = lab.mapping.for_child("message", ref.obj)
        assert item is not None
        lab.delete(ref)
        with pytest.raises(CrmMissing):
            lab.port.append(
                item.object, ref, lab.written("message", {"body": "Hello?"}, item), new_id(), lab.actor
            )

    def test_a_file_is_added_once_and_read_again(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref, gid = self._parent(lab, "deal_registration"), new_id()
        item = lab.mapping.for_child("file", ref.obj)
        assert item is not None
        data = b"%PDF-1.7 \x00\xff" + bytes(range(256)) * 40
        digest = hashlib.sha256(data).hexdigest()

        def body() -> FileBody:
            return FileBody(
                digest, len(data), "application/pdf", "site survey ä.pdf", iter((data[:50], data[50:]))
            )

        values = {
            "name": "site survey ä.pdf",
            "sha256": digest,
            "size": len(data),
            "media_type": "application/pdf",
        }
        shown = {name: value for name, value in values.items() if name in item.fields}
        fields = lab.written("file", shown, item)
        row = lab.port.attach(item.object, ref, fields, body(), gid, lab.actor)
        again = lab.port.attach(item.object, ref, fields, body(), gid, lab.actor)
        assert again.ref == row.ref
        assert lab.files(ref) == {"site survey ä.pdf": data}
        [read] = lab.port.fetch([row.ref])
        for name, value in shown.items():
            assert str(read.fields[item.fields[name].property]) == str(value), name
        opened = lab.port.open_file(row.ref)
        assert b"".join(opened.chunks) == data
        assert (opened.sha256, opened.size) == (digest, len(data))
        with pytest.raises(CrmMissing):
            lab.port.open_file(self._nobody(lab, item.object))

    # ------------------------------------------------------------------------------------------ on the way there

    @pytest.mark.parametrize(
        ("status", "kind", "wait"),
        [
            (429, CrmBusy, 3.0),
            (423, CrmUnavailable, 2.0),
            (500, CrmUnavailable, 0.1),
            (502, CrmUnavailable, 0.1),
            (503, CrmUnavailable, 3.0),
        ],
    )
    def test_a_system_that_does_not_answer_is_asked_later(
        self, lab: Lab, new_id: Callable[[], str], status: int, kind: type[CrmUnavailable], wait: float
    ) -> None:
        ref, rival = (
            lab.deal(lab.company("Brightwater IT"), competitor="Meridian"),
            lab.property(_DEAL, "competitor"),
        )
        lab.port.fetch([ref])
        calls: Sequence[Callable[[], object]] = (
            lambda: lab.port.fetch([ref]),
            lambda: lab.port.changed_since(ref.obj, None, None, 5),
            lambda: lab.port.sweep(ref.obj, None, 5),
            lambda: lab.port.find_created(ref.obj, new_id()),
            lambda: lab.port.update(ref, {rival: "Norrland"}, new_id(), lab.actor, None),
        )
        for call in calls:
            lab.answer(status, retry_after=3.0)
            with pytest.raises(CrmUnavailable) as caught:
                call()
            assert isinstance(caught.value, kind)
            assert isinstance(caught.value, CrmBusy) == (kind is CrmBusy)
            assert caught.value.retry_after >= wait
        assert lab.look(ref)["competitor"] == "Meridian"
        assert [row.ref for row in lab.port.fetch([ref])] == [ref]

    def test_a_clash_inside_the_system_is_no_refusal(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref, rival = (
            lab.deal(lab.company("Brightwater IT"), competitor="Meridian"),
            lab.property(_DEAL, "competitor"),
        )
        lab.answer(409)
        with pytest.raises(CrmError) as caught:
            lab.port.update(ref, {rival: "Norrland"}, new_id(), lab.actor, None)
        assert isinstance(caught.value, (CrmConflict, CrmUnavailable))
        assert lab.look(ref)["competitor"] == "Meridian"

    def test_credentials_that_do_not_count_are_told_and_not_shown(self, lab: Lab) -> None:
        ref = lab.deal(lab.company("Brightwater IT"))
        lab.answer(401, times=5)
        with pytest.raises(CrmUnauthorised) as caught:
            lab.port.fetch([ref])
        assert lab.port.label in str(caught.value)

    def test_a_broken_connection_is_told_and_mends(self, lab: Lab) -> None:
        ref = lab.deal(lab.company("Brightwater IT"))
        lab.cut()
        for call in (
            lambda: lab.port.fetch([ref]),
            lambda: lab.port.sweep(ref.obj, None, 5),
            lambda: lab.port.merged_into(ref),
        ):
            with pytest.raises(CrmUnavailable):
                call()
        lab.mend()
        assert [row.ref for row in lab.port.fetch([ref])] == [ref]

    def test_another_connector_knows_what_the_first_one_did(
        self, lab: Lab, new_id: Callable[[], str]
    ) -> None:
        item, gid, mark = lab.item(_DEAL), new_id(), new_id()
        row = lab.port.create(item.object, lab.new_deal(lab.company("Brightwater IT")), gid, lab.actor)
        lab.port.update(row.ref, {lab.property(_DEAL, "competitor"): "Norrland"}, mark, lab.actor, None)
        lab.reopened()
        assert lab.port.find_created(item.object, gid) == row.ref
        assert lab.port.was_written(row.ref, mark)

    # ---------------------------------------------------------------------------------------------- what it tells

    def test_history_names_who_changed_a_field(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref, stage = lab.deal(lab.company("Brightwater IT")), lab.property(_DEAL, "state")
        lab.tick(2)
        lab.edit(ref, state="pending_approval")
        found = lab.port.last_changes(ref, [stage])
        if not lab.port.capabilities.history:
            assert found == {}
            return
        assert found[stage].by.strip()
        assert isinstance(found[stage].at, datetime)
        assert found[stage].at.tzinfo is not None

    def test_a_description_answers_for_all_the_mapping_names(self, lab: Lab) -> None:
        port = lab.port
        if not isinstance(port, DescribesObjects):
            pytest.fail("a connector tells what its objects are made of")
        for obj in lab.mapping.objects():
            schema = port.describe(obj)
            assert schema is not None, obj
            missing = [name for name in lab.mapping.properties(obj) if name not in schema.properties]
            assert missing == [], obj
        assert port.describe("no_such_object") is None

    def test_a_property_is_made(self, lab: Lab, new_id: Callable[[], str]) -> None:
        port, obj = lab.port, lab.item(_DEAL).object
        assert isinstance(port, DescribesObjects)
        wanted = self.wanted()
        if wanted is None:
            return
        port.add_property(obj, wanted)
        schema = port.describe(obj)
        assert schema is not None
        assert schema.properties[wanted.name].writable
        port.add_property(obj, wanted)  # once more changes nothing

    def wanted(self) -> WantedProperty | None:
        """Return a property the deal's object lacks, as a mapping would want it; None where none can be made."""
        raise NotImplementedError

    def test_people_are_found_by_their_address_or_made(self, lab: Lab) -> None:
        port, company = lab.port, lab.company("Brightwater IT")
        if not isinstance(port, KeepsPeople):
            pytest.fail("portal users stand for contacts of the system")
        first = port.person(company, "Maya Okafor", "maya@brightwater.example", ())
        assert port.person(company, "Maya Okafor", "maya@brightwater.example", ()) == first
        other = port.person(company, "Maya Okafor", "maya@brightwater.example", (first.id,))
        assert other != first

    # ---------------------------------------------------------------------------------------------------- words

    def _nobody(self, lab: Lab, obj: str = "") -> Ref:
        """A row that was there and is not any more."""
        if obj:
            # Far from any id there is, where ids are numbers that are counted up.
            return Ref(obj, lab.deal(lab.company("Gone Ltd")).id + "00000")
        ref = lab.deal(lab.company("Gone Ltd"))
        lab.delete(ref)
        return ref

    def _parent(self, lab: Lab, entity: str) -> Ref:
        company = lab.company("Brightwater IT")
        return lab.deal(company) if entity == _DEAL else lab.request(company, "Where is it?")


def gid_at(now: datetime) -> str:
    """Return an id as a client makes it."""
    return time_ordered_id(now, secrets.token_bytes(10))


def walk(lab: Lab, obj: str, since: datetime | None, limit: int) -> list[ChangedId]:
    """Go through what changed, page by page, as the lanes do."""
    found: list[ChangedId] = []
    after: str | None = None
    while True:
        page = lab.port.changed_since(obj, since, after, limit)
        assert len(page) <= limit
        found += page
        if len(page) < limit:
            return found
        since, after = page[-1].modified_at, page[-1].ref.id


def sweep(lab: Lab, obj: str, limit: int) -> list[str]:
    """Go through all ids, page by page, as the sweep does."""
    found: list[str] = []
    while True:
        page = lab.port.sweep(obj, found[-1] if found else None, limit)
        found += page
        if len(page) < limit:
            return found


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _floats(item)
