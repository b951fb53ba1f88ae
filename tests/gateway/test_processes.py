"""Several gateways over one PostgreSQL, as processes would be: each with its own connections and its own memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, event, select

from app.contract.mutations import Status
from gateway.core import Gateway
from gateway.crm.port import Ref
from gateway.database import _BYTE_ORDER, Database, WrongOrder, open_engine
from gateway.feed.positions import Positions, head
from gateway.feed.relay import MISSED, Heard, Relay, Word, parsed
from gateway.feed.walk import Room, since
from gateway.identity.identity import user_tag
from gateway.identity.sessions import InvalidGrant
from gateway.ingest.advisory import AdvisoryLeadership
from gateway.tables import feed, mirror
from tests.gateway.databases import lender, reopened
from tests.gateway.world import Mirror, World
from tests.postgres import server

pytestmark = pytest.mark.databases("postgresql")

#: Seconds within which what is said must have been heard; a machine may be busy.
SOON = 20.0


@pytest.fixture
def elsewhere(world: World) -> Iterator[Gateway]:
    """Another process on the same database."""
    gateway = world.restarted(database=reopened(world.database))
    yield gateway
    gateway.close()


@contextmanager
def relayed(gateway: Gateway) -> Iterator[None]:
    """Let a gateway hear from the others while the block runs."""
    relay = Relay(gateway.ground.database, gateway.heard)
    relay.start()
    try:
        assert relay.listens(SOON)
        yield
    finally:
        relay.stop()


# ------------------------------------------------------------------------------------------------------------ order
def test_texts_in_a_languages_order_are_refused_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server of the tests knows no language's order, so its answer is turned round."""
    address = lender.address()
    open_engine(address).dispose()
    name = address.split("?")[0].rpartition("/")[2]
    monkeypatch.setattr("gateway.database._BYTE_ORDER", f"SELECT NOT ({_BYTE_ORDER.removeprefix('SELECT ')})")
    with pytest.raises(WrongOrder, match=f"CREATE DATABASE {name} TEMPLATE template0 .*LOCALE 'C'"):
        open_engine(address)


@pytest.mark.parametrize("address", ["mysql://host/name", "nonsense"])
def test_an_address_of_something_else(address: str) -> None:
    with pytest.raises(ValueError, match=r"not supported|no address"):
        open_engine(address)


def test_a_reader_between_two_open_writers_skips_nothing(world: World, elsewhere: Gateway) -> None:
    """The first to begin is slow, the second one quick; whoever reads in between must not pass over the first."""
    world.read()
    client = Mirror(world, world.admin).snapshot()
    slow, second = world.deal(cust="Slow"), world.deal(cust="Quick")
    began, finish = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        if not connection.get_execution_options().get("postgresql_readonly") and not began.is_set():
            began.set()
            assert finish.wait(SOON)

    def write(gateway: Gateway, ref: Ref, *, slowly: bool) -> None:
        ingest, system = gateway.ground.absorber, next(iter(gateway.systems))
        if slowly:
            event.listen(gateway.ground.database.engine, "commit", hold)
        ingest.absorb(system, [ref])

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(write, world.gateway, slow, slowly=True)
        assert began.wait(SOON)  # its positions are taken, nothing is committed
        other = pool.submit(write, elsewhere, second, slowly=False)
        before = client.cursor
        client.pull()
        assert client.cursor == before, "nothing is committed, so nothing may be passed over"
        finish.set()
        first.result(SOON)
        other.result(SOON)
    client.pull()
    assert {client.data(world.gid(ref))["customer"] for ref in (slow, second)} == {"Slow", "Quick"}


def test_positions_are_one_row_after_the_other_without_holes(world: World, elsewhere: Gateway) -> None:
    databases = (world.database, elsewhere.ground.database)

    def take(database: Database) -> list[int]:
        taken = []
        for _ in range(25):
            with database.write() as connection:
                positions = Positions(connection, world.rng.randbytes)
                taken += [positions.next(), positions.next()]
                positions.seal()
        return taken

    with world.database.read() as connection:
        start = head(connection)
    with ThreadPoolExecutor(4) as pool:
        found = [at for taken in pool.map(take, [*databases, *databases]) for at in taken]
    assert sorted(found) == list(range(start + 1, start + 201))


def test_what_one_has_read_cannot_change_before_it_has_written(world: World, elsewhere: Gateway) -> None:
    ref = world.deal(cust="Riverside")
    world.read()
    gid = world.gid(ref)

    def count(database: Database) -> None:
        for _ in range(20):
            with database.write() as connection:
                fence = connection.execute(select(mirror.c.fence).where(mirror.c.gid == gid)).scalar_one()
                connection.execute(mirror.update().where(mirror.c.gid == gid).values(fence=fence + 1))

    with world.database.read() as connection:
        before = connection.execute(select(mirror.c.fence).where(mirror.c.gid == gid)).scalar_one()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count, (world.database, elsewhere.ground.database)))
    with world.database.read() as connection:
        after = connection.execute(select(mirror.c.fence).where(mirror.c.gid == gid)).scalar_one()
    assert after == before + 40


def test_a_reading_transaction_sees_one_moment(world: World, elsewhere: Gateway) -> None:
    world.read()
    with world.database.read() as connection:
        at = head(connection)
        world.deal()
        world.clock.forward(1)
        assert elsewhere.backfill() == 1
        assert head(connection) == at
        met, _ = since(connection, world.gateway.grant(world.admin).tags, at, Room(10, 1000))
        assert met == []


# ---------------------------------------------------------------------------------------------------------- effects
def test_the_same_mutation_at_two_processes_at_once_has_one_effect(world: World, elsewhere: Gateway) -> None:
    ref = world.deal(person="Remy")
    world.read()
    texts = [f"Any news? {number}" for number in range(8)]
    sent = [world.message(world.gid(ref), text) for text in texts]

    def push(gateway: Gateway) -> list[Status]:
        return [outcome.status for outcome in gateway.push_items(world.admin, sent).outcomes]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(push, [world.gateway, elsewhere, world.gateway, elsewhere]))
    assert {status for statuses in found for status in statuses} <= {Status.APPLIED, Status.DEFERRED}
    world.let_leases_run_out()
    assert set(push(elsewhere)) == {Status.APPLIED}
    notes = [row.fields["text"] for ref, row in world.port.rows.items() if ref.obj == "note"]
    assert sorted(notes) == sorted(texts)


def test_a_refresh_token_at_two_processes_at_once_gives_the_same_successor(
    world: World, elsewhere: Gateway
) -> None:
    with world.database.write() as connection:
        tokens = world.gateway.identity.sessions.first_tokens(connection, world.admin.id)

    def refresh(gateway: Gateway) -> str:
        try:
            return gateway.identity.sessions.refresh(tokens.refresh).refresh
        except InvalidGrant:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(refresh, [world.gateway, elsewhere] * 2))
    assert len(found) == 1
    assert found != {"refused"}


# ------------------------------------------------------------------------------------------------------------ pokes
def test_words_are_heard_from_others_only() -> None:
    said = ["me feed", "other hint", "other tags user:7", "third tags user:8", "other", ""]
    assert parsed(said, "me") == Heard(feed=False, hints=True, tags=frozenset({"user:7", "user:8"}))
    assert parsed(["a feed"], "me") == Heard(feed=True, hints=False, tags=frozenset())


def test_whoever_waits_until_it_listens_misses_nothing(elsewhere: Gateway) -> None:
    """Before the first look there is no place from where on news are told."""
    looking, go_on = threading.Event(), threading.Event()

    def heard(word: Heard) -> None:
        looking.set()
        assert go_on.wait(SOON)
        elsewhere.heard(word)

    relay = Relay(elsewhere.ground.database, heard)
    relay.start()
    try:
        assert looking.wait(SOON)
        assert not relay.listens(0)
        go_on.set()
        assert relay.listens(SOON)
    finally:
        go_on.set()
        relay.stop()


def test_a_commit_of_one_process_pokes_who_listens_at_another(world: World, elsewhere: Gateway) -> None:
    world.read()
    told: queue.Queue[frozenset[str]] = queue.Queue()
    with relayed(elsewhere):
        elsewhere.subscribe(lambda tags, _head: told.put(tags))
        for _ in range(5):
            ref = world.deal()
            world.read()
            with world.database.read() as connection:
                tags = set(
                    connection.execute(select(feed.c.tag).where(feed.c.gid == world.gid(ref))).scalars()
                )
            assert tags <= told.get(timeout=SOON)


def test_a_change_of_what_somebody_may_see_is_told_at_every_process(world: World, elsewhere: Gateway) -> None:
    told: queue.Queue[frozenset[str]] = queue.Queue()
    with relayed(elsewhere):
        elsewhere.subscribe(lambda tags, _head: told.put(tags))
        world.gateway.identity.set_role(world.rep.user, "finance")
        assert told.get(timeout=SOON) == {user_tag(world.rep.user)}


def test_rows_to_be_read_wake_whoever_reads_them(world: World, elsewhere: Gateway) -> None:
    woken = threading.Event()
    elsewhere.on_hint(woken.set)
    with relayed(elsewhere):
        assert woken.wait(SOON)  # what was missed before
        woken.clear()
        world.gateway.hint([world.deal()])
        assert woken.wait(SOON)


def test_a_process_that_lost_its_connection_looks_at_what_it_missed(world: World, elsewhere: Gateway) -> None:
    heard: queue.Queue[Heard] = queue.Queue()
    relay = Relay(elsewhere.ground.database, heard.put)
    relay.start()
    try:
        assert heard.get(timeout=SOON) == MISSED
        with psycopg.connect(server().uri, autocommit=True) as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN counterpart'"
            assert connection.execute(cut.encode()).fetchall() == [(True,)]
        assert heard.get(timeout=SOON) == MISSED
        with world.database.write() as connection_:
            world.database.announce(connection_, Word.FEED)
        assert heard.get(timeout=SOON).feed
    finally:
        relay.stop()


def test_what_could_not_be_told_is_told_the_next_time(world: World, elsewhere: Gateway) -> None:
    world.read()
    elsewhere.catch_up()
    told: list[frozenset[str]] = []
    broken = True

    def listener(tags: frozenset[str], _head: int) -> None:
        if broken:
            raise RuntimeError
        told.append(tags)

    elsewhere.subscribe(listener)
    world.deal()
    world.read()
    with pytest.raises(RuntimeError):
        elsewhere.catch_up()
    broken = False
    elsewhere.catch_up()
    assert len(told) == 1


# ---------------------------------------------------------------------------------------------------------- leaders
def test_one_process_leads_a_lane_and_another_when_it_is_gone(world: World, elsewhere: Gateway) -> None:
    first, second = AdvisoryLeadership(world.database), AdvisoryLeadership(elsewhere.ground.database)

    def leads(leadership: AdvisoryLeadership, lane: str) -> bool:
        with leadership.held(lane) as leading:
            return leading

    assert leads(first, "crm:fast")
    assert leads(second, "crm:sweep")
    for _ in range(3):
        assert (leads(first, "crm:fast"), leads(second, "crm:fast")) == (True, False)
        assert (leads(first, "crm:sweep"), leads(second, "crm:sweep")) == (False, True)
    first.close()
    assert leads(second, "crm:fast")
    assert not leads(first, "crm:fast")
    first.close()
    second.close()


def test_a_leader_whose_connection_is_cut_notices_and_does_not_lead_on(
    world: World, elsewhere: Gateway
) -> None:
    first, second = AdvisoryLeadership(world.database), AdvisoryLeadership(elsewhere.ground.database)
    with first.held("crm:fast") as leading:
        assert leading
    with psycopg.connect(server().uri, autocommit=True) as connection:
        cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
        assert connection.execute(cut, (0x6C61_6E65,)).fetchall() == [(True,)]
    with second.held("crm:fast") as leading:
        assert leading
    for _ in range(2):
        with first.held("crm:fast") as leading:
            assert not leading
    first.close()
    second.close()


# --------------------------------------------------------------------------------------------------- the connection
def test_a_server_that_was_restarted_is_found_again(world: World) -> None:
    """Whatever the pool holds is cut; the next call takes a new connection and nobody notices."""
    world.read()
    client = Mirror(world, world.admin).snapshot()
    with psycopg.connect(server().uri, autocommit=True) as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        assert connection.execute(cut, (world.database.engine.url.database,)).fetchall() != []
    ref = world.deal()
    world.read()
    assert world.gid(ref) in client.pull().rows


def test_the_lender_copies_databases(world: World) -> None:
    world.read()
    copy = lender.copy(world.database)
    with copy.read() as there, world.database.read() as here:
        assert head(there) == head(here) > 0
