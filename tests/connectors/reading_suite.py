"""The contract of reading, as tests. `PortSuite` brings the lab."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from gateway.crm.port import (
    Ref,
)
from tests.connectors.lab import Lab
from tests.connectors.walking import nobody, sweep, walk

_DEAL = "deal_registration"


class ReadingSuite:
    """What is there, what changed, and what is gone."""

    # -------------------------------------------------------------------------------------------------- reading

    def test_rows_are_read_by_id(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        size = lab.port.capabilities.page_size
        refs = [lab.deal(company, title=f"Deal {n}") for n in range(min(size + 2, 12))]
        rows = {row.ref: row for row in lab.port.fetch([*reversed(refs), nobody(lab), company])}
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

    @pytest.mark.nightly
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
        lab.port.archive(nobody(lab), new_id(), lab.actor, None)
        rows = lab.port.fetch([ref])
        assert not rows or rows[0].archived

    def test_what_was_merged_leads_on(self, lab: Lab) -> None:
        company = lab.company("Brightwater IT")
        loser, winner = lab.deal(company), lab.deal(company)
        assert lab.port.merged_into(winner) is None
        lab.merge(loser, winner)
        rows = {row.ref: row for row in lab.port.fetch([loser, winner])}
        assert winner in rows
        assert loser not in rows or rows[loser].archived
        assert lab.port.merged_into(loser) == winner


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _floats(item)
