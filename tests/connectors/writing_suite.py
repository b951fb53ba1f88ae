"""The contract of writing, as tests. `PortSuite` brings the lab."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal

import pytest

from gateway.crm.port import (
    CrmConflict,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    FileBody,
)
from tests.connectors.lab import Lab
from tests.connectors.walking import nobody, parent_of

_DEAL = "deal_registration"


class WritingSuite:
    """What becomes of a write, also of one whose answer never came."""

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
        assert not lab.port.was_written(nobody(lab), first)

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
        for one in (ref, nobody(lab)):
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

    # -------------------------------------------------------------------------------------------------- children

    @pytest.mark.parametrize("parent", ["deal_registration", "request"])
    def test_a_message_is_added_once(self, lab: Lab, new_id: Callable[[], str], parent: str) -> None:
        ref, gid = parent_of(lab, parent), new_id()
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
        ref = parent_of(lab, "request")
        item = lab.mapping.for_child("message", ref.obj)
        assert item is not None
        lab.delete(ref)
        with pytest.raises(CrmMissing):
            lab.port.append(
                item.object, ref, lab.written("message", {"body": "Hello?"}, item), new_id(), lab.actor
            )

    def test_a_file_is_added_once_and_read_again(self, lab: Lab, new_id: Callable[[], str]) -> None:
        ref, gid = parent_of(lab, "deal_registration"), new_id()
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
            lab.port.open_file(nobody(lab, item.object))
