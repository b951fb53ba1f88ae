"""The contract of `CrmPort`, as tests: every connector passes them over its system. Subclasses bring a `lab`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pytest

from gateway.crm.port import (
    CrmBusy,
    CrmConflict,
    CrmError,
    CrmUnauthorised,
    CrmUnavailable,
    DescribesObjects,
    KeepsPeople,
)
from gateway.crm.schema import WantedProperty
from tests.connectors.lab import Lab
from tests.connectors.reading_suite import ReadingSuite
from tests.connectors.walking import gid_at
from tests.connectors.writing_suite import WritingSuite

_DEAL = "deal_registration"


class PortSuite(WritingSuite, ReadingSuite):
    """What every connector does, and every system is met with."""

    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        """The system under test, without any rows of an earlier test that could be mistaken for this one's."""
        raise NotImplementedError

    @pytest.fixture
    def new_id(self, lab: Lab) -> Callable[[], str]:
        """Makes gids as clients do."""
        return lambda: gid_at(lab.clock.now())

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
