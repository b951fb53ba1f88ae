"""Several systems, one portal: references across them, one that is down, and writes that span two."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import pytest

from app.contract.mutations import Mutation, Status
from app.services.portal import Portal
from app.store.database import Store
from app.sync.engine import Engine, Wake
from gateway.crm.port import CrmUnavailable, Ref, SourceRow
from gateway.failpoints import Crash, Failpoint
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored
from gateway.ingest.aside import dead_letters
from gateway.ingest.loose import loose_ends
from gateway.mapping import SystemMapping
from gateway.systems import crossings
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.memory_port import MemoryPort
from tests.gateway.two_systems import ERP, TwoSystems, crm_mapping, erp_mapping
from tests.gateway.world import Mirror, partner_manifest
from tests.simulation.network import Network, SimulatedTransport

pytestmark = AT_THE_SURFACE


@pytest.fixture
def world() -> TwoSystems:
    return TwoSystems()


def held(world: TwoSystems, gid: str) -> Mirrored | None:
    with world.database.read() as connection:
        return mirrored.by_gid(connection, gid)


def stale(world: TwoSystems) -> dict[str, str]:
    return {source.system: source.stale_reason for source in world.gateway.sources()}


# ------------------------------------------------------------------------------------------------------- what is read


@ON_BOTH
def test_a_reference_to_another_system_leads_to_its_record(world: TwoSystems) -> None:
    deal = world.deal()
    ticket = world.erp.add("ticket", crm_account=world.north.id, crm_deal=deal.id, head="A quote", stage="O")
    world.read()
    client = Mirror(world, world.admin).snapshot()
    found = client.data(world.gid(ticket, "erp"))
    assert found["company"] == world.gid(world.north)
    assert found["deal"] == world.gid(deal)


def test_whose_a_record_is_follows_from_the_other_systems_company(world: TwoSystems) -> None:
    south = world.crm.add("account", title="Southgate", level="S")
    world.read()
    olga = world.user("Olga Other", "admin", south)
    order = world.erp.add("so", no="SO-1", crm_account=world.north.id, stage="P")
    world.read()
    gid = world.gid(order, "erp")
    assert gid in Mirror(world, world.admin).snapshot().rows
    assert gid not in Mirror(world, olga).snapshot().rows
    world.erp.edit(order, crm_account=south.id)
    world.read()
    assert gid not in Mirror(world, world.admin).snapshot().rows
    assert gid in Mirror(world, olga).snapshot().rows


def test_a_merge_in_one_system_is_followed_by_what_names_the_loser_in_another(world: TwoSystems) -> None:
    """The other system goes on naming the id it has been given: nobody tells it of the merge."""
    middle = world.crm.add("account", title="Northwind Ltd")
    loser = world.crm.add("account", title="Northwind (old)")
    order = world.erp.add("so", no="SO-1", crm_account=loser.id, stage="P")
    world.read()
    gid = world.gid(order, "erp")
    assert gid not in Mirror(world, world.admin).snapshot().rows
    for gone, into in ((loser, middle), (middle, world.north)):
        world.crm.merge(gone, into)
        world.gateway.hint((gone,), "crm")
        world.step()
        world.step()
    client = Mirror(world, world.admin).snapshot()
    assert client.data(gid)["company"] == world.gid(world.north)
    before = client.hashes()
    world.erp.touch(order)
    world.step()
    assert Mirror(world, world.admin).snapshot().hashes() == before


def test_what_is_not_known_yet_is_read_from_its_own_system(world: TwoSystems) -> None:
    late = world.crm.add("account", title="Latecomer")
    ticket = world.erp.add("ticket", crm_account=late.id, head="Hello", stage="N")
    world.gateway.hint((ticket,), "erp")
    world.gateway.ingest.hints_step()
    company = held(world, world.gid(late))
    assert company is not None
    assert company.system == "crm"


def test_a_row_born_on_a_client_is_found_by_its_own_id(world: TwoSystems) -> None:
    born = world.new_deal()
    assert world.push_one(world.admin, born).status is Status.APPLIED
    deal = world.crm.find_created("deal", born.gid)
    assert deal is not None
    ticket = world.erp.add("ticket", crm_account=world.north.id, crm_deal=deal.id, head="A quote", stage="O")
    world.read()
    record = held(world, world.gid(ticket, "erp"))
    assert record is not None
    assert record.data["deal"] == born.gid


def test_nothing_dangles_for_good_when_the_other_system_was_down(world: TwoSystems) -> None:
    """A deal with the mark of a client that the gateway has never read: its id cannot be worked out from its row."""
    gid = world.ids.new_id()
    deal = world.deal(portal_ref=gid)
    world.crm.down = True
    ticket = world.erp.add("ticket", crm_account=world.north.id, crm_deal=deal.id, head="A quote", stage="O")
    world.step()
    record = held(world, world.gid(ticket, "erp"))
    assert record is not None
    assert record.data["deal"] == world.gid(deal), "taken as far as it is known"
    with world.database.read() as connection:
        assert [end.row.ref for end in loose_ends(connection, "crm", 10)] == [ticket]
    world.crm.down = False
    world.step()
    world.step()
    record = held(world, world.gid(ticket, "erp"))
    assert record is not None
    assert record.data["deal"] == gid
    with world.database.read() as connection:
        assert loose_ends(connection, "crm", 10) == []


def test_a_system_that_is_down_is_not_asked_for_every_row_of_another(world: TwoSystems) -> None:
    accounts = [world.crm.add("account", title=f"Shop {n}") for n in range(6)]
    world.crm.down = True
    for account in accounts:
        world.erp.add("so", no=account.id, crm_account=account.id, stage="P")
    before = len(world.crm.calls)
    world.gateway.ingest.try_now(next(s for s in world.gateway.systems if s.name == "erp"))
    world.step()
    assert len(Mirror(world, world.admin).snapshot().of("order")) == 0, "nobody sees what is nobody's yet"
    assert world.crm.calls[before:].count("fetch") <= 1
    world.crm.down = False
    for _ in range(4):
        world.step()
    with world.database.read() as connection:
        assert loose_ends(connection, "crm", 10) == []
        assert all(mirrored.by_gid(connection, world.gid(account)) for account in accounts)


def test_children_live_where_their_parent_lives(world: TwoSystems) -> None:
    deal = world.deal()
    ticket = world.erp.add("ticket", crm_account=world.north.id, head="Hello", stage="O")
    world.read()
    done = world.push(
        world.admin,
        world.message(world.gid(deal), "On the deal"),
        world.message(world.gid(ticket, "erp"), "On the ticket"),
    )
    assert [one.status for one in done] == [Status.APPLIED] * 2

    def said(port: MemoryPort) -> list[str]:
        return [row.fields["text"] for ref, row in port.rows.items() if ref.obj == "note"]

    assert (said(world.crm), said(world.erp)) == (["On the deal"], ["On the ticket"])
    assert len(Mirror(world, world.admin).snapshot().of("message")) == 2


def test_an_entity_type_no_system_holds_is_not_in_the_portal(world: TwoSystems) -> None:
    served = world.gateway.grant(world.admin).view.manifest
    assert set(served.by_name) == {
        "company", "deal_registration", "request", "message", "file", "document", "order", "invoice",
    }  # fmt: skip


# ----------------------------------------------------------------------------------------------- a system that is down


@pytest.mark.parametrize(("down", "up"), [("crm", "erp"), ("erp", "crm")])
def test_only_what_lives_in_a_system_that_is_down_grows_old(world: TwoSystems, down: str, up: str) -> None:
    ports = {"crm": world.crm, "erp": world.erp}
    ports[down].down = True
    world.step()
    reasons = stale(world)
    assert reasons[down] == f"{ports[down].label} cannot be reached."
    assert reasons[up] == ""
    read_at = {source.system: source.read_at for source in world.gateway.sources()}
    world.step()
    now = {source.system: source.read_at for source in world.gateway.sources()}
    assert now[down] == read_at[down]
    later, earlier = now[up], read_at[up]
    assert later is not None
    assert earlier is not None
    assert later > earlier


def test_a_source_says_what_it_is_the_home_of(world: TwoSystems) -> None:
    homes = {source.system: set(source.entities) for source in world.gateway.sources()}
    assert homes == {
        "crm": {"company", "deal_registration", "document"},
        "erp": {"request", "order", "invoice"},
    }


def test_one_that_fails_in_another_way_starves_nobody(world: TwoSystems) -> None:
    def broken(*_: object) -> list[object]:
        raise RuntimeError("a bug in a connector")

    world.crm.changed_since = broken  # type: ignore[assignment]
    order = world.erp.add("so", no="SO-1", crm_account=world.north.id, stage="P")
    world.clock.forward(61)
    with pytest.raises(RuntimeError):
        world.gateway.ingest_step()
    assert world.gid(order, "erp") in Mirror(world, world.admin).snapshot().rows


def test_a_bug_in_one_connector_is_no_reason_not_to_read_what_refers_to_it(world: TwoSystems) -> None:
    late = world.crm.add("account", title="Latecomer")
    order = world.erp.add("so", no="SO-1", crm_account=late.id, stage="P")
    fetch = world.crm.fetch

    def broken(refs: Sequence[Ref]) -> Sequence[SourceRow]:
        raise RuntimeError("a bug in a connector")

    world.crm.fetch = broken  # type: ignore[method-assign]
    world.step()
    assert held(world, world.gid(order, "erp")) is not None
    assert stale(world)["erp"] == ""
    with world.database.read() as connection:
        assert {row.system for row in dead_letters(connection)} == {"crm"}
    world.crm.fetch = fetch  # type: ignore[method-assign]
    world.step(700)  # the next sweep
    assert held(world, world.gid(late)) is not None


def test_a_backfill_reads_the_healthy_one_to_its_end(world: TwoSystems) -> None:
    for n in range(20):
        world.erp.add("so", no=f"SO-{n}", crm_account=world.north.id, stage="P")
    world.crm.down = True
    world.clock.forward(61)
    with pytest.raises(CrmUnavailable, match="crm cannot be reached"):
        world.gateway.backfill()
    assert len(Mirror(world, world.admin).snapshot().of("order")) == 20


def test_a_push_of_both_carries_out_what_it_can(world: TwoSystems) -> None:
    deal = world.deal()
    ticket = world.erp.add("ticket", crm_account=world.north.id, head="Hello", stage="O")
    world.read()
    world.erp.down = True
    late = world.patch(world.gid(ticket, "erp"), {"priority": None}, {"priority": "high"}, entity="request")
    before = "Call them.\nSend an offer.\n"
    for words in (
        "Visit them.",
        "Visit them again.",
    ):  # together the first time, the late one alone the second
        edit = world.patch(world.gid(deal), {"next_steps": before}, {"next_steps": words})
        done = world.push(world.admin, late, edit)
        assert [one.status for one in done] == [Status.DEFERRED, Status.APPLIED]
        before = words
        world.clock.forward(61)


def test_what_waits_for_a_silent_system_does_not_hold_up_the_other(world: TwoSystems) -> None:
    """Each call to it ends after half a minute: one is made, and what waits for the other system is done at once."""
    requests = [world.new_request() for _ in range(5)]
    deal = world.new_deal()
    world.crm.down = world.erp.down = True
    assert {one.status for one in world.push(world.admin, *requests, deal)} == {Status.DEFERRED}
    world.crm.down = False
    world.clock.forward(61)
    asked = world.erp.find_created

    def silent(obj: str, marker: str) -> Ref | None:
        world.clock.forward(30)
        return asked(obj, marker)

    world.erp.find_created = silent  # type: ignore[method-assign]
    before = world.clock.at
    assert world.gateway.recover() == 1
    assert (world.clock.at - before).total_seconds() == 30
    assert world.crm.find_created("deal", deal.gid) is not None


# -------------------------------------------------------------------------------------------- writes that span systems


def spanning(world: TwoSystems) -> tuple[Mutation, Mutation]:
    """A deal for the first system, and a request for the second that builds on it, entered without a network."""
    deal = world.new_deal()
    request = world.new_request(deal.gid, depends_on=(deal.mutation_id,))
    return deal, request


def test_both_are_done_in_their_order(world: TwoSystems) -> None:
    deal, request = spanning(world)
    done = world.push(world.admin, deal, request)
    assert [one.status for one in done] == [Status.APPLIED] * 2
    ref = world.crm.find_created("deal", deal.gid)
    ticket = world.erp.find_created("ticket", request.gid)
    assert ref is not None
    assert ticket is not None
    assert world.erp.rows[ticket].fields["crm_deal"] == ref.id, "the other system's own id"
    assert Mirror(world, world.admin).snapshot().data(request.gid)["deal"] == deal.gid


def test_without_the_second_the_first_stands_and_the_rest_waits_with_a_reason(world: TwoSystems) -> None:
    deal, request = spanning(world)
    world.erp.down = True
    first, second = world.push(world.admin, deal, request)
    assert first.status is Status.APPLIED
    assert second.status is Status.DEFERRED
    assert second.problem is not None
    assert second.problem.message == "The memory CRM is down."
    world.erp.down = False
    world.clock.forward(61)
    assert world.gateway.recover() == 1
    assert world.push_one(world.admin, request).status is Status.APPLIED
    assert len([ref for ref in world.erp.rows if ref.obj == "ticket"]) == 1


def test_a_refusal_of_the_second_leaves_the_first_and_tells_why(world: TwoSystems) -> None:
    deal, request = spanning(world)
    world.erp.refusals = {"head": "This subject is taken."}
    first, second = world.push(world.admin, deal, request)
    assert (first.status, second.status) == (Status.APPLIED, Status.REJECTED)
    assert second.problem is not None
    assert second.problem.fields == {"subject": "This subject is taken."}
    assert world.crm.find_created("deal", deal.gid) is not None


def test_a_refusal_of_the_first_takes_the_second_back_naming_the_first(world: TwoSystems) -> None:
    deal, request = spanning(world)
    world.crm.refusals = {"name": "This deal is taken."}
    first, second = world.push(world.admin, deal, request)
    assert (first.status, second.status) == (Status.REJECTED, Status.REJECTED)
    assert second.problem is not None
    assert second.problem.code == "depends"
    assert second.problem.message == "It builds on the deal “Hillcrest”, which was not accepted."
    assert world.erp.writes == 0


def test_while_the_first_waits_so_does_the_second(world: TwoSystems) -> None:
    deal, request = spanning(world)
    world.crm.down = True
    first, second = world.push(world.admin, deal, request)
    assert (first.status, second.status) == (Status.DEFERRED, Status.DEFERRED)
    assert world.erp.writes == 0
    world.crm.down = False
    world.clock.forward(61)
    done = world.push(world.admin, deal, request)
    assert [one.status for one in done] == [Status.APPLIED] * 2


def test_a_reference_that_is_not_written_yet_defers_across_systems(world: TwoSystems) -> None:
    """The dependency is not even declared: naming the deal is enough."""
    deal = world.new_deal()
    request = world.new_request(deal.gid)
    world.crm.down = True
    assert world.push_one(world.admin, deal).status is Status.DEFERRED
    waiting = world.push_one(world.admin, request)
    assert waiting.status is Status.DEFERRED
    assert world.erp.writes == 0


@pytest.mark.parametrize(
    "point",
    [
        Failpoint.AFTER_RECEIVED,
        Failpoint.BEFORE_CRM_WRITE,
        Failpoint.AFTER_CRM_WRITE,
        Failpoint.BEFORE_OUTCOME,
    ],
    ids=lambda point: point.name.lower(),
)
@pytest.mark.parametrize("which", [1, 2], ids=["at the first", "at the second"])
def test_a_crash_in_between_leaves_each_once(world: TwoSystems, point: Failpoint, which: int) -> None:
    deal, request = spanning(world)
    passed = 0

    def die(reached: Failpoint) -> None:
        nonlocal passed
        passed += reached is point
        if passed == which:
            raise Crash

    world.gateway.failpoints.hook = die
    with pytest.raises(Crash):
        world.push(world.admin, deal, request)
    world.let_leases_run_out()
    world.gateway = world.restarted()
    world.read()
    done = world.push(world.admin, deal, request)
    assert [one.status for one in done] == [Status.APPLIED] * 2
    made = [
        sum(ref.obj == obj for ref in port.rows) for port, obj in ((world.crm, "deal"), (world.erp, "ticket"))
    ]
    assert made == [1, 1]


# ----------------------------------------------------------------------------------------- mappings of several systems

SECOND_COMPANY = """
[[maps]]
entity = "company"
object = "partner"
[maps.fields]
name = "name"
[maps.scope]
company = "@self"
"""
CROSSINGS = [
    pytest.param(ERP, [], id="fits"),
    pytest.param(
        ERP + SECOND_COMPANY,
        ["company is mapped in crm and in erp. Say with `entities` of these systems which of them is its home."],
        id="two homes",
    ),
    pytest.param(
        ERP.replace('object = "deal", system = "crm"', 'object = "deal", system = "hub"'),
        ["erp: request.deal refers to the system hub, which is not configured."],
        id="a system nobody knows",
    ),
    pytest.param(
        ERP.replace('object = "deal", system = "crm"', 'object = "opportunity", system = "crm"'),
        ["erp: request.deal refers to opportunity, which crm does not map."],
        id="an object the other does not map",
    ),
    pytest.param(
        ERP.replace('object = "deal", system = "crm"', 'object = "account", system = "crm"'),
        ["erp: request.deal is a deal_registration, and account is mapped to company."],
        id="another kind of record",
    ),
    pytest.param(
        ERP.replace('property = "crm_deal", as = "reference", object = "deal", system = "crm"',
                    'property = "crm_deal", as = "reference", object = "opportunity"'),
        [
            (
                "erp: request.deal refers to opportunity of erp, but each deal_registration lives in crm. Name `system`"
                " and `object` there, and the property that holds its id."
            )
        ],
        id="a reference that stays at home though the records moved out",
    ),
]  # fmt: skip


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("text", "wrong"), CROSSINGS)
def test_what_does_not_fit_between_mappings_is_told(text: str, wrong: list[str]) -> None:
    assert crossings([crm_mapping(), SystemMapping.load(text)], partner_manifest()) == wrong


@pytest.mark.databases("sqlite")
def test_both_mappings_fit() -> None:
    assert crossings([crm_mapping(), erp_mapping()], partner_manifest()) == []


# ------------------------------------------------------------------------------------- on a partner's desktop, offline


class Desktop:
    """A client over the two systems: its store, its engine, and what stands in its outbox."""

    def __init__(self, world: TwoSystems, folder: Path) -> None:
        self._world = world
        self.network = Network(lambda: world.gateway, lambda: None)
        self.store = Store.open(folder / "store.db", bytes(32))
        transport = SimulatedTransport(self.network, world.admin)
        self.engine = Engine(self.store, transport, world.clock, random.Random(1), lambda _: None)
        self.engine.cycle(Wake.START)

    def sync(self, seconds: float = 61) -> None:
        """Let time pass, and the client and the gateway do what they have to do."""
        self._world.clock.forward(seconds)
        self.engine.cycle(Wake.USER)

    def enter(self, mutation: Mutation, label: str, detail: str) -> None:
        """Enter something, as a form does."""
        self.store.outbox.enqueue(mutation, label=label, detail=detail)

    def outbox(self) -> list[tuple[str, str, str]]:
        """What waits: its name, its state, and why in the words that are shown."""
        portal = Portal.open(self.store, self._world.clock, self._world.ids, lambda: None, zone=UTC)
        return [
            (item.what.partition(":")[0], item.state.value, item.reason) for item in portal.outbox.items()
        ]


@pytest.fixture
def desktop(world: TwoSystems, tmp_path: Path) -> Iterator[Desktop]:
    made = Desktop(world, tmp_path)
    yield made
    made.store.close()


def entered(world: TwoSystems, desktop: Desktop) -> tuple[Mutation, Mutation]:
    """A deal, and a request about it, entered without a network."""
    desktop.network.down = True
    deal = world.new_deal()
    request = world.new_request(deal.gid)
    desktop.enter(deal, "Register a deal", "Hillcrest")
    desktop.enter(request, "Raise a request", "A quote for the schools")
    desktop.sync()
    desktop.network.down = False
    return deal, request


@pytest.mark.databases("sqlite")
def test_what_waits_for_the_second_system_stands_in_the_outbox_with_its_reason(
    world: TwoSystems, desktop: Desktop
) -> None:
    deal, request = entered(world, desktop)
    world.erp.down = True
    desktop.sync()
    desktop.sync()
    assert desktop.outbox() == [("Raise a request", "waiting", "The memory CRM is down.")]
    shown = desktop.store.projection.get(deal.gid)
    assert shown is not None
    assert shown.version is not None, "the deal stands"
    world.erp.down = False
    desktop.sync()
    assert desktop.outbox() == []
    assert world.erp.find_created("ticket", request.gid) is not None


@pytest.mark.databases("sqlite")
def test_a_refusal_of_the_second_system_is_put_before_its_user(world: TwoSystems, desktop: Desktop) -> None:
    deal, _ = entered(world, desktop)
    world.erp.refusals = {"head": "This subject is taken."}
    desktop.sync()
    desktop.sync()
    ((what, state, reason),) = desktop.outbox()
    assert (what, state) == ("Raise a request", "rejected")
    assert "This subject is taken." in reason
    assert world.crm.find_created("deal", deal.gid) is not None


@pytest.mark.databases("sqlite")
def test_a_refusal_of_the_first_system_brings_both_back(world: TwoSystems, desktop: Desktop) -> None:
    entered(world, desktop)
    world.crm.refusals = {"name": "This deal is taken."}
    desktop.sync()
    desktop.sync()
    first, second = desktop.outbox()
    assert first[:2] == ("Register a deal", "rejected")
    assert second == (
        "Raise a request",
        "quarantined",
        "This follows “Register a deal · Hillcrest”, which was not taken. Settle that first, then send this again.",
    )
    assert world.erp.writes == 0
