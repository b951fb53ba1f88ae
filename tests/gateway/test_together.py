"""Mutations that pass the gateway together: each as if it were alone, whatever becomes of the others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from app.contract.ids import source_gid
from app.contract.mutations import Command, Kind, Mutation, PushBody, Status
from gateway.assembly import in_memory
from gateway.core import Gateway
from gateway.crm.port import (
    Actor,
    CrmError,
    CrmUnavailable,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from gateway.failpoints import Crash, Failpoint
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.ingest.hints import open_hints
from gateway.systems import System
from gateway.tables import commit_stamp, hint, lease
from tests.gateway.crm_world import World as CrmWorld
from tests.gateway.crm_world import build_world
from tests.gateway.databases import lender
from tests.gateway.memory_port import MemoryPort
from tests.gateway.world import FixedClock, Mirror, SeededIds, World, partner_manifest
from tests.simulation.world import embedded_mapping


def drafts(world: World, count: int) -> list[tuple[Ref, str]]:
    """Deals of the first company that may be edited."""
    refs = [world.deal(no=f"D-{n}") for n in range(count)]
    world.read()
    return [(ref, world.gid(ref)) for ref in refs]


def edit(world: World, gid: str, value: str = "Northwall", seen: str | None = None) -> Mutation:
    """An edit of one field."""
    return world.patch(gid, {"competitor": seen}, {"competitor": value})


def mixture(world: World) -> list[Mutation]:
    """One of each kind, of different records."""
    (_, one), (_, two), (_, three), (_, four), (_, five) = drafts(world, 5)
    seen = Mirror(world, world.admin).snapshot().rows[five][1]
    return [
        edit(world, one),
        world.new_deal(),
        world.message(two),
        edit(world, three, "Stonegate"),
        world.command(four, "withdraw", "draft"),
        world.mutation(Kind.DELETE, "deal_registration", five, base_version=seen),
    ]


# ----------------------------------------------------------------------------------------------------------- crashes
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("point", list(Failpoint))
def test_a_crash_amid_a_batch_leaves_nothing_done_twice_or_not_at_all(point: Failpoint, nth: int) -> None:
    world = World()
    batch = mixture(world)
    met: Counter[Failpoint] = Counter()

    def hook(reached: Failpoint) -> None:
        met[reached] += 1
        if reached is point and met[point] == nth:
            raise Crash

    world.gateway.failpoints.hook = hook
    try:
        world.push(world.admin, *batch)
    except Crash:
        world.gateway = world.restarted()
        world.gateway.recover(alone=True)
    outcomes = world.push(world.admin, *batch)
    assert {outcome.status for outcome in outcomes} == {Status.APPLIED}
    assert world.port.writes == len(batch)
    client = Mirror(world, world.admin).snapshot()
    assert world.read() == 0, "what the outcomes wrote is what the system holds"
    assert client.pull().gone == []


def test_every_point_is_passed_by_what_goes_together(world: World) -> None:
    met: Counter[Failpoint] = Counter()
    pairs = drafts(world, 3)
    world.gateway.failpoints.hook = lambda point: met.update([point])
    world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    assert met == dict.fromkeys(Failpoint, 1)


def test_an_answer_lost_for_all_of_them_is_found_by_its_marks(world: World) -> None:
    port = use_batches(world)
    batch = [edit(world, gid) for _, gid in drafts(world, 4)] + [world.new_deal()]
    port.lose_answer = True
    assert {outcome.status for outcome in world.push(world.admin, *batch)} == {Status.DEFERRED}
    assert {outcome.status for outcome in world.push(world.admin, *batch)} == {Status.APPLIED}
    assert world.port.writes == len(batch)


# ---------------------------------------------------------------------------------------------------- one among many
def test_one_bad_mutation_fails_none_of_the_others(world: World) -> None:
    port = use_batches(world)
    pairs = drafts(world, 6)
    port.edit(pairs[3][0], rival="Stonegate")
    world.read()
    port.refusals = {"todo": "Not like this."}
    batch: list[Mutation] = [
        edit(world, pairs[0][1]),
        world.patch(pairs[1][1], {"next_steps": "Call them.\nSend an offer.\n"}, {"next_steps": "Nothing."}),
        world.patch(pairs[2][1], {"number": "D-2"}, {"number": "D-99"}),
        edit(world, pairs[3][1]),
        world.patch(world.ids.new_id(), {}, {"competitor": "x"}),
        world.new_deal(company=world.gid(world.south)),
        edit(world, pairs[4][1]),
        world.new_deal(),
    ]
    port.calls.clear()
    outcomes = world.push(world.admin, *batch)
    assert [outcome.status for outcome in outcomes] == [
        Status.APPLIED,
        Status.REJECTED,
        Status.REJECTED,
        Status.CONFLICT,
        Status.GONE,
        Status.REJECTED,
        Status.APPLIED,
        Status.APPLIED,
    ]
    assert port.calls.count("write_many") == 1
    assert outcomes[1].problem is not None
    assert outcomes[1].problem.fields == {"next_steps": "Not like this."}


def test_an_edit_that_slips_in_before_the_call_costs_its_own_mutation_only_another_look(world: World) -> None:
    port = use_batches(world)
    pairs = drafts(world, 3)
    port.before_batch = lambda: port.edit(pairs[1][0], www="elsewhere.example")
    outcomes = world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    assert [outcome.status for outcome in outcomes] == [Status.APPLIED, Status.APPLIED, Status.APPLIED]
    fields = port.rows[pairs[1][0]].fields
    assert (fields["rival"], fields["www"]) == ("Northwall", "elsewhere.example")
    assert (port.calls.count("write_many"), port.calls.count("update")) == (2, 0)


def test_what_the_mirror_has_not_heard_of_yet_is_met_by_the_condition_of_the_write(world: World) -> None:
    port = use_batches(world)
    pairs = drafts(world, 4)
    port.edit(pairs[0][0], rival="Stonegate")
    port.edit(pairs[1][0], www="elsewhere.example")
    port.touch(pairs[2][0])
    port.calls.clear()
    outcomes = world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    statuses = [outcome.status for outcome in outcomes]
    assert statuses == [Status.CONFLICT, Status.APPLIED, Status.APPLIED, Status.APPLIED]
    assert port.rows[pairs[1][0]].fields["www"] == "elsewhere.example"
    assert Counter(port.calls) == {"write_many": 2, "fetch": 1, "was_written": 1, "last_changes": 1}


def test_a_refusal_is_never_decided_by_what_the_mirror_has_alone(world: World) -> None:
    ((ref, gid),) = drafts(world, 1)
    world.port.edit(ref, stage="1")
    world.read()
    world.port.edit(ref, stage="0")
    outcome = world.push_one(
        world.admin, world.patch(gid, {"website": "riverside.example"}, {"website": "r.example"})
    )
    assert outcome.status is Status.APPLIED, "the mirror has it as submitted, and closed to edits"


def test_rows_that_are_to_be_read_anew_are_not_trusted(world: World) -> None:
    ((ref, gid),) = drafts(world, 1)
    fewer = partner_manifest().model_copy(
        update={
            "entities": tuple(
                entity.model_copy(
                    update={"fields": tuple(f for f in entity.fields if f.name != "competitor")}
                )
                for entity in partner_manifest().entities
            )
        }
    )
    world.port.edit(ref, rival="Stonegate")
    world.read()
    world.gateway = world.restarted(fewer)
    world.gateway = world.restarted()
    outcome = world.push_one(world.admin, edit(world, gid))
    assert outcome.status is Status.CONFLICT, "the vendor's value was never seen by whoever wrote this"


def test_a_bug_met_together_is_met_again_only_by_the_mutation_at_fault(world: World) -> None:
    port = use_batches(world)
    pairs = drafts(world, 3)
    port.broken = (pairs[1][0],)
    outcomes = world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    assert [outcome.status for outcome in outcomes] == [Status.APPLIED, Status.DEFERRED, Status.APPLIED]
    port.broken = ()
    world.clock.forward(11)
    again = world.push(world.admin, *(edit(world, gid, "Stonegate", "Northwall") for _, gid in pairs[::2]))
    assert [outcome.status for outcome in again] == [Status.APPLIED, Status.APPLIED]
    assert world.gateway.recover() == 1
    assert port.rows[pairs[1][0]].fields["rival"] == "Northwall"


def test_what_ingest_reads_while_a_batch_is_written_supersedes_its_own_row_only(world: World) -> None:
    port = use_batches(world)
    pairs = drafts(world, 3)

    def meanwhile() -> None:
        port.edit(pairs[0][0], rival="Stonegate")
        world.gateway.hint([pairs[0][0]])
        world.gateway.ingest.hints_step()

    port.after_write = meanwhile
    outcomes = world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    records = [outcome.record for outcome in outcomes]
    assert [r.data["competitor"] for r in records if r] == ["Stonegate", "Northwall", "Northwall"]
    assert world.read() == 0


# -------------------------------------------------------------------------------------------------------- dependence
def test_a_record_its_messages_and_its_submission_go_in_one_batch(world: World) -> None:
    batch: list[Mutation] = []
    for n in range(4):
        new = world.new_deal(customer=f"Customer {n}")
        said = [world.message(new.gid, f"{n}.{k}", depends_on=(new.mutation_id,)) for k in range(2)]
        asked = Command(name="submit", expected_state="draft")
        # Handing in needs evidence, which is not there: the CRM's rule is met after what came before.
        hand_in = world.mutation(
            Kind.COMMAND, "deal_registration", new.gid, command=asked, depends_on=(new.mutation_id,)
        )
        batch += [new, *said, hand_in]
    outcomes = world.push(world.admin, *batch)
    assert [o.mutation_id for o in outcomes] == [m.mutation_id for m in batch], "answered in the order sent"
    expected = [Status.APPLIED, Status.APPLIED, Status.APPLIED, Status.REJECTED] * 4
    assert [o.status for o in outcomes] == expected
    bodies = [row.fields["text"] for ref, row in world.port.rows.items() if ref.obj == "note"]
    for n in range(4):
        mine = [body for body in bodies if body.startswith(f"{n}.")]
        assert mine == [f"{n}.0", f"{n}.1"], "messages of one record keep their order"


def test_edits_of_one_record_keep_their_order(world: World) -> None:
    ((ref, gid), (_, other)) = drafts(world, 2)
    batch = [
        edit(world, gid, "one"),
        edit(world, other),
        edit(world, gid, "two", "one"),
        edit(world, gid, "three", "two"),
    ]
    assert {o.status for o in world.push(world.admin, *batch)} == {Status.APPLIED}
    assert world.port.rows[ref].fields["rival"] == "three"


def test_what_names_a_held_up_record_waits_with_it(world: World) -> None:
    ((_, gid), (_, other)) = drafts(world, 2)
    world.port.before_write = unavailable
    batch = [edit(world, gid), world.message(gid), edit(world, other)]
    statuses = [o.status for o in world.push(world.admin, *batch)]
    assert statuses == [Status.DEFERRED, Status.DEFERRED, Status.APPLIED]


def test_the_same_mutation_twice_in_a_batch_happens_once(world: World) -> None:
    ((_, gid),) = drafts(world, 1)
    one = edit(world, gid)
    outcomes = world.push(world.admin, one, one)
    assert [o.status for o in outcomes] == [Status.APPLIED, Status.APPLIED]
    assert world.port.writes == 1


def unavailable() -> None:
    """The system fails at the worst moment."""
    raise CrmUnavailable("connection reset")


# ------------------------------------------------------------------------------------------------------- round trips
def test_a_batch_takes_as_few_transactions_and_calls_as_one_mutation(world: World) -> None:
    port = use_batches(world)
    pairs = drafts(world, 101)
    calls: list[Counter[str]] = []
    commits: list[int] = []
    for batch in (pairs[:1], pairs[1:]):
        port.calls.clear()
        before = stamps(world)
        world.push(world.admin, *(edit(world, gid) for _, gid in batch))
        calls.append(Counter(port.calls))
        commits.append(stamps(world) - before)
    assert calls[0] == calls[1]
    assert calls[1]["write_many"] == 1
    assert commits == [1, 1]


def stamps(world: World) -> int:
    """How many commits have changed records."""
    with world.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(commit_stamp)).scalar_one())


def test_a_port_that_takes_one_write_a_call_is_driven_one_by_one(world: World) -> None:
    pairs = drafts(world, 5)
    world.port.calls.clear()
    outcomes = world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    assert {o.status for o in outcomes} == {Status.APPLIED}
    assert world.port.calls.count("update") == 5
    assert world.port.calls.count("fetch") == 0, "the revisions are known, so nothing is read before"


def test_a_port_without_conditional_writes_has_each_write_read_back(world: World) -> None:
    world.port.unconditional()
    pairs = drafts(world, 3)
    world.port.after_write = lambda: world.port.edit(pairs[0][0], rival="Stonegate")
    outcomes = world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    assert [o.status for o in outcomes] == [Status.CONFLICT, Status.APPLIED, Status.APPLIED]


def test_others_may_write_between_all_steps_of_a_push(world: World) -> None:
    pairs = drafts(world, 20)
    written: list[Failpoint] = []

    def hook(point: Failpoint) -> None:
        # A transaction of a push that was still open here would keep this one waiting for good.
        world.gateway.hint([pairs[0][0]])
        written.append(point)

    world.gateway.failpoints.hook = hook
    world.push(world.admin, *(edit(world, gid) for _, gid in pairs))
    assert written == [*Failpoint], "all of them together"
    with world.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(lease)).scalar_one() == 0


class BatchPort(MemoryPort):
    """The small system, with a call for many writes that can go wrong as a whole."""

    broken: Collection[Ref] = ()
    lose_answer = False

    @property
    def before_batch(self) -> object:
        """Done once before the next call."""
        return self._before_batch

    @before_batch.setter
    def before_batch(self, action: object) -> None:
        self._before_batch = action

    _before_batch: object = None

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Make each write; a broken row is a bug of the connector."""
        self._call("write_many")
        action, self._before_batch = self._before_batch, None
        if callable(action):
            action()
        done = [self._one(write) for write in writes]
        self.calls = [call for call in self.calls if call != "inside"]
        if self.lose_answer:
            self.lose_answer = False
            raise CrmUnavailable("connection reset")
        return done

    def _one(self, write: RowWrite) -> Written:
        before = [*self.calls]
        try:
            match write:
                case RowUpdate(ref, fields, marker, actor, if_revision):
                    return self.update(ref, fields, marker, actor, if_revision)
                case RowCreation(obj, fields, marker, actor, None):
                    return self.create(obj, fields, marker, actor)
                case RowCreation(obj, fields, marker, actor, parent):
                    assert parent is not None
                    return self.append(obj, parent, fields, marker, actor)
        except CrmError as error:
            return error
        finally:
            self.calls = before

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """As the small system does; a broken row fails in a way nobody has foreseen."""
        if ref in self.broken:
            raise RuntimeError("a bug")
        return super().update(ref, fields, marker, actor, if_revision)


def use_batches(world: World) -> BatchPort:
    """Give the small system a call for many writes."""
    world.port.__class__ = BatchPort
    port = world.port
    assert isinstance(port, BatchPort)
    port.capabilities = replace(port.capabilities, writes_a_call=200)
    return port


# ------------------------------------------------------------------------------------------------------ the embedded
class Desk:
    """A gateway beside the embedded CRM, and one of its users."""

    def __init__(self) -> None:
        self.crm: CrmWorld = build_world()
        self.clock = FixedClock()
        self.rng = random.Random(5)
        self.ids = SeededIds(self.clock, self.rng)
        self.gateway: Gateway = in_memory(
            partner_manifest(),
            (System(self.crm.crm, embedded_mapping()),),
            self.clock,
            self.ids,
            self.rng.randbytes,
            database=lender.database(),
        )
        self.company = source_gid("embedded", "account", self.crm.brightwater.id)
        self.deals = [self.crm.protected(self.ids.new_id()) for _ in range(4)]
        self.gateway.backfill()
        user = self.gateway.identity.add_user(
            NewUser(
                name="Maya Okafor",
                email="maya@brightwater.example",
                role="manager",
                companies=(self.company,),
                password="correct horse battery",
                contacts=(Contact("embedded", Ref("contact", self.crm.maya.id)),),
            )
        )
        self.session: Session = self.gateway.identity.session_for(user, "BW-MO14")
        self.crm.crm.on_commit(lambda refs: self.gateway.committed(refs, "embedded"))

    def gid(self, ref: Ref) -> str:
        """The gid of a deal, which was born on a client."""
        return str(self.crm.value(ref, "portal_ref"))

    def mutation(self, kind: Kind, gid: str, **members: object) -> Mutation:
        """A mutation of a deal."""
        given = {"mutation_id": self.ids.new_id(), "captured_at": self.clock.now(), **members}
        return Mutation.model_validate({"entity": "deal_registration", "gid": gid, "kind": kind, **given})

    def edits(self, **changes: object) -> list[Mutation]:
        """The same edit of every deal."""
        base = dict.fromkeys(changes)
        return [self.mutation(Kind.PATCH, self.gid(ref), base=base, changes=changes) for ref in self.deals]

    def hints(self) -> set[Ref]:
        """Rows that are noted to be read."""
        with self.gateway.ground.database.read() as connection:
            return {found.ref for found in open_hints(connection, "embedded", 100)}


def test_what_a_batch_wrote_itself_is_not_read_again() -> None:
    desk = Desk()
    answer = desk.gateway.push(desk.session, PushBody(mutations=tuple(desk.edits(next_steps="Call them."))))
    assert {o.status for o in answer.outcomes} == {Status.APPLIED}
    assert [desk.crm.value(ref, "next_action") for ref in desk.deals] == ["Call them."] * 4
    assert desk.hints() == set()
    assert len(desk.crm.hints[-1]) == 4, "one commit of the CRM for all of them"


def test_what_the_crm_did_besides_is_told_to_whoever_reads() -> None:
    desk = Desk()
    told: list[str] = []
    desk.gateway.on_hint(lambda: told.append("hint"))
    command = Command(name="convert", expected_state="approved", args={"po_reference": "PO-1"})
    won = [desk.mutation(Kind.COMMAND, desk.gid(ref), command=command) for ref in desk.deals[:2]]
    answer = desk.gateway.push(desk.session, PushBody(mutations=tuple(won)))
    assert {o.status for o in answer.outcomes} == {Status.APPLIED}
    assert {ref.obj for ref in desk.hints()} == {"order"}
    assert told == ["hint"]


def test_the_vendors_edits_are_noted_while_a_push_is_under_way() -> None:
    desk = Desk()
    other = desk.deals[3]

    def hook(point: Failpoint) -> None:
        if point is Failpoint.AFTER_CRM_WRITE:
            desk.crm.desk.edit(other, {"rival": "Stonegate"})

    desk.gateway.failpoints.hook = hook
    desk.gateway.push(desk.session, PushBody(mutations=tuple(desk.edits(next_steps="Call them.")[:3])))
    assert desk.hints() == {other}


def test_a_value_the_crm_refuses_takes_none_of_the_others_along() -> None:
    desk = Desk()
    edits = desk.edits(next_steps="Call them.")
    edits[1] = desk.mutation(
        Kind.PATCH, edits[1].gid, base={"amount": "184250.00"}, changes={"amount": "9000000.00"}
    )
    answer = desk.gateway.push(desk.session, PushBody(mutations=tuple(edits)))
    statuses = [o.status for o in answer.outcomes]
    assert statuses == [Status.APPLIED, Status.REJECTED, Status.APPLIED, Status.APPLIED]
    assert [len(desk.crm.crm.history(ref)) for ref in desk.deals][1] < len(
        desk.crm.crm.history(desk.deals[0])
    )


def test_what_the_crms_database_refuses_is_found_out_one_by_one() -> None:
    crm = build_world()
    values = {
        "account_id": crm.brightwater.id,
        "cust_name": "Kestrel Foods",
        "deal_name": "Branch edge",
        "close_on": "2027-01-29",
    }
    writes = [
        RowCreation("registration", values, "first", crm.maya),
        RowCreation("registration", {**values, "account_id": "999"}, "second", crm.maya),
        RowCreation("registration", values, "third", crm.maya),
    ]
    one, two, three = crm.crm.write_many(writes)
    assert isinstance(two, CrmError)
    assert not isinstance(one, CrmError)
    assert not isinstance(three, CrmError)
    numbers = [crm.value(row.ref, "reg_no")[-4:] for row in (one, three)]
    assert numbers == ["0001", "0002"], "what was taken back took no number"
    again = crm.crm.write_many(writes[:1])[0]
    assert not isinstance(again, CrmError)
    assert again.ref == one.ref, "once per marker"


def test_a_hint_table_is_left_as_it_was_by_an_echo(world: World) -> None:
    with world.gateway.ground.echoes.caught() as heard:
        world.gateway.committed([world.north], "memory")
    assert heard == [world.north]
    world.gateway.committed([world.south], "memory")
    with world.database.read() as connection:
        assert connection.execute(select(hint.c.source_id)).scalars().all() == [world.south.id]
