"""The feed: order, in-place rows, tombstones and revocations, children, and what makes no entry at all."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.contract.changes import ChangesPage, split_puts
from app.contract.ids import source_gid
from app.contract.mutations import Status
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.feed.mirror import Standing, by_gid, by_ref
from gateway.feed.pokes import Pokes
from gateway.feed.positions import head, moment
from gateway.feed.store import FeedStore
from gateway.tables import commit_stamp, feed, mirror
from gateway.translate import own_gid
from tests.gateway.databases import lender
from tests.gateway.world import Mirror, World


def test_a_vendors_edit_arrives_as_a_put(world: World) -> None:
    deal = world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.edit(deal, rival="Northwall")
    world.read()
    client.pull()
    assert client.data(world.gid(deal))["competitor"] == "Northwall"


def test_an_automation_that_only_moves_the_time_makes_no_entry(world: World) -> None:
    deal = world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()
    before = world.gateway.ground.feed.head()
    world.clock.forward(60)
    world.port.touch(deal)
    assert world.read() == 0
    assert world.gateway.ground.feed.head() == before
    digest = world.gateway.digest(world.admin, client.cursor)
    assert digest.current, "nothing visible changed, so the sums are comparable"


def test_each_changed_record_has_one_position_and_each_commit_one_stamp(world: World) -> None:
    for _ in range(5):
        world.deal()
    world.read()
    with world.gateway.ground.database.read() as connection:
        positions = connection.execute(
            select(mirror.c.position).where(mirror.c.entity == "deal_registration")
        )
        found = sorted(positions.scalars())
        assert found == list(range(found[0], found[0] + 5))
        last = connection.execute(select(func.max(commit_stamp.c.position))).scalar_one()
        assert last == head(connection)
        # A position inside a commit belongs to the stamp of the commit's end.
        assert moment(connection, found[0])[1] is not None
        assert moment(connection, last + 1)[1] is None


def test_feed_rows_are_updated_in_place(world: World) -> None:
    deal = world.deal()
    world.read()
    for step in range(4):
        world.port.edit(deal, todo=f"step {step}")
        world.read()
    with world.gateway.ground.database.read() as connection:
        rows = connection.execute(select(feed).where(feed.c.gid == world.gid(deal))).all()
        record = by_gid(connection, world.gid(deal))
    assert record is not None
    assert [row.tag for row in rows] == [f"company:{world.gid(world.north)}:sales"]
    assert rows[0].position == record.position


def test_a_record_under_several_tags_is_sent_once(world: World) -> None:
    deal = world.deal(person="Ada")  # stands under the company's sales and under Ada's own
    world.read()
    client = Mirror(world, world.admin, limit=1).snapshot()
    world.port.edit(deal, todo="once")
    world.read()
    pages = client.pages
    client.pull()
    assert client.pages == pages + 1


def test_a_deletion_is_a_tombstone_for_those_who_saw_it(world: World) -> None:
    deal = world.deal()
    world.read()
    client, stranger = Mirror(world, world.admin).snapshot(), Mirror(world, world.other).snapshot()
    world.port.archive_row(deal)
    world.read()
    assert client.pull().gone == [(world.gid(deal), "tombstone", None)]
    assert stranger.pull().gone == []


def test_a_record_that_moves_to_another_company_is_revoked_and_gained(world: World) -> None:
    deal = world.deal()
    world.read()
    loser, gainer = Mirror(world, world.admin).snapshot(), Mirror(world, world.other).snapshot()
    world.port.edit(deal, account_id=world.south.id)
    world.read()
    assert loser.pull().gone == [(world.gid(deal), "revoked", None)]
    assert world.gid(deal) in gainer.pull().rows


def test_a_record_that_moved_and_then_was_deleted_stays_a_revocation(world: World) -> None:
    deal = world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.edit(deal, account_id=world.south.id)
    world.read()
    world.port.archive_row(deal)
    world.read()
    assert client.pull().gone == [(world.gid(deal), "revoked", None)], (
        "its end elsewhere is not this user's news"
    )


@pytest.mark.parametrize("shared_winner", [True, False])
def test_a_merge_names_the_winner_to_those_who_see_it(world: World, shared_winner: bool) -> None:
    loser = world.deal()
    winner = world.deal(world.north if shared_winner else world.south)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.merge(loser, winner)
    world.clock.forward(3600)
    for _ in range(8):
        world.gateway.ingest_step()
    into = world.gid(winner) if shared_winner else None
    assert client.pull().gone == [(world.gid(loser), "tombstone", into)]


def test_children_carry_their_parents_tags_and_move_with_it(world: World) -> None:
    deal = world.deal()
    note = world.port.add("note", on_id=deal.id, on_kind="D", text="Seen.", internal=False, who="Ingrid")
    world.read()
    loser, gainer = Mirror(world, world.admin).snapshot(), Mirror(world, world.other).snapshot()
    assert world.gid(note) in loser.rows
    world.port.edit(deal, account_id=world.south.id)
    world.read()
    assert {gid for gid, _, _ in loser.pull().gone} == {world.gid(deal), world.gid(note)}
    assert gainer.pull().data(world.gid(note))["parent"] == world.gid(deal)


def test_children_go_with_their_parent_and_come_back_with_it(world: World) -> None:
    deal = world.deal()
    note = world.port.add("note", on_id=deal.id, on_kind="D", text="Seen.", internal=False)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.archive_row(deal)
    world.read()
    assert {gid for gid, _, _ in client.pull().gone} == {world.gid(deal), world.gid(note)}
    world.port.restore_row(deal)
    world.read()  # the note itself was not touched: only its parent's return says that it is back
    assert client.pull().data(world.gid(note))["body"] == "Seen."


def test_a_child_that_moves_between_parents_that_are_away_comes_back_with_its_own(world: World) -> None:
    world.port.lists_revisions = True
    deal, other = world.deal(), world.deal()
    note = world.port.add("note", on_id=deal.id, on_kind="D", text="Seen.", internal=False)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.archive_row(deal)
    world.port.archive_row(other)
    world.read()
    world.port.edit(note, on_id=other.id)
    world.read()
    world.clock.forward(60)
    world.port.restore_row(other)
    world.read()
    assert client.pull().data(world.gid(note))["parent"] == world.gid(other)


def test_internal_notes_never_leave_and_a_note_made_internal_is_revoked(world: World) -> None:
    deal = world.deal()
    hidden = world.port.add("note", on_id=deal.id, on_kind="D", text="Margin is thin.", internal=True)
    shown = world.port.add("note", on_id=deal.id, on_kind="D", text="Welcome.", internal=False)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    assert world.gid(hidden) not in client.rows
    world.port.edit(shown, internal=True)
    world.read()
    assert client.pull().gone == [(world.gid(shown), "revoked", None)]
    with world.gateway.ground.database.read() as connection:
        texts = connection.execute(select(mirror.c.data).where(mirror.c.entity == "message")).scalars().all()
    assert set(texts) == {"{}"}, "what is not shared is not even kept"
    world.port.edit(shown, internal=False)
    world.read()
    assert client.pull().data(world.gid(shown))["body"] == "Welcome."


def test_a_reference_is_read_in_before_what_names_it(world: World) -> None:
    ticket = world.port.add("ticket", account_id=world.north.id, head="Where is it?", stage="N")
    born = world.ids.new_id()
    deal = world.deal(portal_ref=born)  # its gid does not follow from its id, so a guess would be wrong
    world.port.edit(ticket, deal_id=deal.id)
    world.gateway.hint([ticket])
    world.gateway.ingest.hints_step()
    client = Mirror(world, world.admin).snapshot()
    assert client.data(world.gid(ticket))["deal"] == born
    assert born in client.rows


@pytest.mark.parametrize("archived", [False, True], ids=["", "archived"])
def test_a_gateway_that_was_rebuilt_tells_a_row_from_its_copy(world: World, archived: bool) -> None:
    new = world.new_deal()
    world.push_one(world.admin, new)
    row = world.port.find_created("deal", new.gid)
    assert row is not None
    world.clock.forward(60)
    copy = world.port.add("deal", **{**world.port.rows[row].fields, "cust": "The copy"})
    world.clock.forward(60)
    world.port.edit(row, rival="Stonegate")  # it is read after its copy now
    if archived:
        world.port.archive_row(row)
    world.database = lender.database()
    world.gateway = world.restarted()
    world.read()
    admin = world.user("Ada Admin", "admin", world.north)
    there = set() if archived else {new.gid}
    assert Mirror(world, admin).snapshot().of("deal_registration") == {world.gid(copy)} | there
    edit = world.patch(new.gid, {"title": "Vault for the schools"}, {"title": "Vault for 12 schools"})
    outcome = world.push_one(admin, edit)
    assert outcome.status is (Status.GONE if archived else Status.APPLIED)
    names = [world.port.rows[ref].fields["name"] for ref in (row, copy)]
    assert names == ["Vault for the schools" if archived else "Vault for 12 schools", "Vault for the schools"]


def test_a_copied_marker_does_not_make_two_records_one(world: World) -> None:
    born = world.ids.new_id()
    first = world.deal(portal_ref=born)
    second = world.deal(portal_ref=born, cust="The clone")
    world.read()
    client = Mirror(world, world.admin).snapshot()
    assert {born, source_gid("memory", "deal", second.id)} == client.of("deal_registration")
    assert client.data(born)["number"] == world.port.rows[first].fields["no"]


def test_a_record_that_has_the_id_of_a_row_to_come_stops_nothing(world: World) -> None:
    """A marker may hold any id: also one that follows from the next row's, or from what that would have instead."""
    coming = Ref("deal", f"d{world.port._count + 3:04d}")
    taken = [own_gid("memory", coming), own_gid("memory", coming, 1)]
    for gid in taken:
        world.deal(portal_ref=gid)
        world.read()
    assert world.deal() == coming
    for _ in range(2):
        world.read()
    client = Mirror(world, world.admin).snapshot()
    assert client.of("deal_registration") == {*taken, own_gid("memory", coming, 2)}
    world.port.edit(coming, rival="Stonegate")
    world.read()
    assert client.pull().data(own_gid("memory", coming, 2))["competitor"] == "Stonegate"


def test_a_company_or_an_unshared_row_whose_id_is_taken_stops_nothing(world: World) -> None:
    coming = [Ref("account", f"a{world.port._count + 3:04d}"), Ref("note", f"n{world.port._count + 4:04d}")]
    deal, _ = [world.deal(portal_ref=world.gid(ref)) for ref in coming]
    world.read()
    account = world.port.add("account", title="Eastgate", level="S")
    note = world.port.add("note", on_id=deal.id, on_kind="D", text="Not for them.", internal=True)
    assert [account, note] == coming
    world.read()
    with world.gateway.ground.database.read() as connection:
        company = by_ref(connection, "memory", account)
        hidden = by_ref(connection, "memory", note)
    assert company is not None
    assert (company.gid, company.tags) == (
        own_gid("memory", account, 1),
        frozenset({f"company:{company.gid}:account"}),
    )
    assert hidden is not None
    assert (hidden.gid, hidden.standing) == (own_gid("memory", note, 1), Standing.HIDDEN)


def test_a_page_is_written_with_its_puts_last(world: World) -> None:
    world.deal(cust='A "quoted" name,"puts":[ in it')
    world.read()
    body = world.gateway.changes(world.admin, Mirror(world, world.admin).snapshot().cursor)
    envelope, puts = split_puts(body)
    assert ChangesPage.model_validate_json(envelope).puts == ()
    assert puts == b"[]"
    snapshot, rows = split_puts(world.gateway.snapshot(world.admin, None))
    assert b'"counts":{' in snapshot
    assert b"quoted" in rows


def test_a_snapshot_goes_by_rank_and_then_by_gid(world: World) -> None:
    deals = [world.deal() for _ in range(4)]
    for deal in deals:
        world.port.add("note", on_id=deal.id, on_kind="D", text="x", internal=False)
    world.read()
    client = Mirror(world, world.admin, limit=2).snapshot()
    order = list(client.rows)
    kinds = [client.rows[gid][0] for gid in order]
    assert kinds == ["company"] + ["deal_registration"] * 4 + ["message"] * 4
    assert order[1:5] == sorted(order[1:5])
    assert client.counts["deal_registration"] == 4
    assert client.pages == 5


def test_pokes_reach_listeners_with_the_tags_that_changed(world: World) -> None:
    heard: list[frozenset[str]] = []
    stop = world.gateway.subscribe(lambda tags, _position: heard.append(tags))
    world.deal()
    world.read()
    assert heard == [frozenset({f"company:{world.gid(world.north)}:sales"})]
    stop()
    world.deal()
    world.read()
    assert len(heard) == 1


def test_what_another_process_committed_is_told_too(world: World) -> None:
    database: Database = world.gateway.ground.database
    heard: list[frozenset[str]] = []
    pokes = Pokes()
    pokes.subscribe(lambda tags, _position: heard.append(tags))
    elsewhere = FeedStore(database, world.rng.randbytes, pokes)
    elsewhere.catch_up()
    elsewhere.catch_up()
    assert heard == []
    world.deal()
    world.read()
    elsewhere.catch_up()
    assert heard == [frozenset({f"company:{world.gid(world.north)}:sales"})]


def test_what_was_told_here_is_not_told_again_unless_another_process_came_between(world: World) -> None:
    heard: list[frozenset[str]] = []
    world.gateway.catch_up()
    world.gateway.subscribe(lambda tags, _position: heard.append(tags))
    sales = f"company:{world.gid(world.north)}:sales"
    for _ in range(2):
        world.deal()
        world.read()
    world.gateway.catch_up()
    assert heard == [frozenset({sales})] * 2
    elsewhere = world.restarted()
    world.deal()
    world.clock.forward(1)
    elsewhere.backfill()
    world.deal()
    world.read()
    assert heard == [frozenset({sales})] * 3
    world.gateway.catch_up()
    assert heard == [frozenset({sales})] * 4
    world.gateway.catch_up()
    assert len(heard) == 4


def test_a_mirror_row_only_an_older_read_would_bring_back_stays(world: World) -> None:
    """The fence: what was read before the last applied read or write had ended is thrown away."""
    deal = world.deal()
    world.read()
    system = next(iter(world.gateway.systems))
    absorber = world.gateway.ground.absorber
    old = absorber.read(system, (deal,))
    world.port.edit(deal, todo="newer")
    world.read()
    with world.gateway.ground.feed.writing() as writer:
        assert absorber.apply(writer, old).stale == (deal,)
    client = Mirror(world, world.admin).snapshot()
    assert client.data(world.gid(deal))["next_steps"] == "newer"
