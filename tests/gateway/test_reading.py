"""Reading calls: whose they are is settled inside them, by whichever process it was changed, and they stay cheap."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Select, event, update
from sqlalchemy.dialects.postgresql.base import PGDialect
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from app.contract.digest import buckets
from gateway.api.app import build_app
from gateway.api.middleware import Compression
from gateway.database import Database
from gateway.feed import proof, rows, walk
from gateway.feed.writer import LEFT
from gateway.identity import standing
from gateway.identity.session import Bearer
from gateway.logs import configure_logs
from gateway.problems import Problem
from gateway.scope import tags_of
from gateway.tables import feed, grant_version
from tests.gateway.databases import reopened
from tests.gateway.serving import serving
from tests.gateway.world import Mirror, World
from tests.patience import PATIENCE


class Two:
    """Two processes' worth of gateways over one database; the caller's token is of the first."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder=folder)
        self.here = self.world.gateway
        self.elsewhere = self.world.restarted(database=reopened(self.world.database))
        self.deal = self.world.deal(person="Remy")
        self.world.read()
        sessions = self.here.identity.sessions
        with self.world.database.write() as connection:
            self.tokens = sessions.first_tokens(connection, self.world.admin.id)
        self.bearer = Bearer(self.tokens.access)
        self.cursor = ""
        self.cursor = self.all()["cursor"]

    def all(self) -> dict[str, Any]:
        """Read a snapshot here."""
        found: dict[str, Any] = json.loads(self.here.reading.snapshot(self.bearer, None, None).body)
        return found

    def changes(self) -> dict[str, Any]:
        """Read changes here."""
        page: dict[str, Any] = json.loads(self.here.reading.changes(self.bearer, self.cursor, None).body)
        self.cursor = page["cursor"]
        return page


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Two gateways over one file."""
    found = Two(tmp_path)
    yield found
    found.world.database.close()
    found.elsewhere.close()


def refused(call: Callable[[], object]) -> int:
    """Return the status of the problem a call raises."""
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.status


# ------------------------------------------------------------------------------------------ what holds, at once
def test_an_account_closed_by_another_process_is_out_with_its_next_call(two: Two) -> None:
    assert two.changes()["more"] is False
    two.elsewhere.identity.people.set_active(two.world.admin.user, False)
    assert refused(two.changes) == 401
    assert refused(lambda: two.here.changes(two.world.admin, two.cursor)) == 401


@pytest.mark.parametrize("how", ["session", "device", "signed out", "time"])
def test_a_token_that_ends_is_refused_with_its_next_call(two: Two, how: str) -> None:
    two.changes()
    identity, admin = two.elsewhere.identity, two.world.admin
    match how:
        case "session":
            identity.sessions.end(admin.id, "of a test")
        case "device":
            identity.revoke_device(admin.user, admin.device)
        case "signed out":
            identity.revoke_token({"token": two.tokens.refresh, "client_id": "counterpart-desktop"})
        case _:
            two.world.clock.forward(two.world.limits.access / timedelta(seconds=1))
    assert refused(two.changes) == 401
    assert refused(lambda: two.here.reading.snapshot(two.bearer, None, None)) == 401
    assert refused(lambda: two.here.reading.digest(two.bearer, two.cursor)) == 401


def test_a_token_nobody_gave_is_refused(two: Two) -> None:
    for bearer in (Bearer(""), Bearer("never given"), Bearer(two.tokens.refresh)):
        assert refused(partial(two.here.reading.changes, bearer, two.cursor, None)) == 401


def test_a_role_taken_by_another_process_cuts_the_next_page(two: Two) -> None:
    assert two.world.gid(two.deal) in {put[0] for put in two.all()["puts"]}
    two.elsewhere.identity.people.set_role(two.world.admin.user, "support")
    assert [row[0] for row in two.changes()["gone"]] == [two.world.gid(two.deal)]
    assert two.world.gid(two.deal) not in {put[0] for put in two.all()["puts"]}


def test_a_company_taken_by_another_process_is_gone_with_the_next_page(two: Two) -> None:
    held = {put[0] for put in two.all()["puts"]}
    two.elsewhere.identity.people.set_companies(two.world.admin.user, [])
    assert {row[0] for row in two.changes()["gone"]} == held
    assert two.all()["puts"] == []


def test_a_companys_tier_read_in_by_another_process_moves_the_grant(two: Two) -> None:
    before = two.here.grant(two.world.admin)
    assert "tier:gold" in before.tags
    two.world.port.edit(two.world.north, level="S")
    two.world.clock.forward(1)
    two.elsewhere.backfill()
    after = two.here.grant(two.world.admin)
    assert "tier:silver" in after.tags
    assert "tier:gold" not in after.tags
    assert after.label != before.label


def test_a_name_changed_elsewhere_is_told_at_once(two: Two) -> None:
    two.here.me(two.world.admin)
    two.world.port.edit(two.world.north, title="Norsewind")
    two.world.clock.forward(1)
    two.elsewhere.backfill()
    assert [company.name for company in two.here.me(two.world.admin).companies] == ["Norsewind"]


def test_a_grant_is_worked_out_once_while_nothing_changes(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.changes()
    worked_out: list[object] = []

    def noted(*given: Any) -> frozenset[str]:
        worked_out.append(given)
        return tags_of(*given)

    monkeypatch.setattr("gateway.grants.tags_of", noted)
    two.changes()
    assert worked_out == []
    two.elsewhere.identity.people.set_role(two.world.admin.user, "rep")
    two.changes()
    assert worked_out


def test_a_version_written_down_under_other_tags_does_not_count(two: Two) -> None:
    before = two.here.grant(two.world.admin)
    with two.world.database.write() as connection:
        connection.execute(update(grant_version).values(tags='["all"]'))
    fresh = two.world.restarted()
    assert fresh.grant(two.world.admin).version == before.version + 1


# ------------------------------------------------------------------------------------------------- the walk
@pytest.fixture
def many(world: World) -> World:
    """An administrator of so many companies that their tags do not go into one statement."""
    accounts = [world.port.add("account", title=f"Shop {number:02}", level="R") for number in range(40)]
    for account in accounts:
        world.deal(account, person="Ada")
    world.read()
    world.gateway.identity.set_companies(world.admin.user, [world.gid(account) for account in accounts])
    assert len(world.gateway.grant(world.admin).tags) > 2 * walk._TOGETHER
    return world


@pytest.mark.parametrize("limit", [pytest.param(1, marks=pytest.mark.nightly), 7, 500])
def test_a_walk_under_very_many_tags_meets_everything_once(many: World, limit: int) -> None:
    client = Mirror(many, many.admin, limit).snapshot()
    assert len(client.of("deal_registration")) == 40
    assert client.counts == {**dict.fromkeys(client.counts, 0), "company": 40, "deal_registration": 40}
    for ref in [ref for ref in many.port.rows if ref.obj == "deal"]:
        many.port.edit(ref, todo="Later.")
    many.read()
    met: list[str] = []
    more = True
    while more:
        page = json.loads(many.gateway.changes(many.admin, client.cursor, limit))
        met += [put[0] for put in page["puts"]]
        client.cursor, more = page["cursor"], page["more"]
    assert sorted(met) == sorted(client.of("deal_registration"))


def test_losing_very_many_tags_revokes_everything_once(many: World) -> None:
    client = Mirror(many, many.admin, 7).snapshot()
    many.gateway.identity.set_companies(many.admin.user, [])
    client.pull()
    assert client.rows == {}
    assert sorted(gid for gid, _, _ in client.gone) == sorted({gid for gid, _, _ in client.gone})


def test_records_under_several_tags_are_counted_once(world: World) -> None:
    for person in ("Ada", "Remy", "Ada"):
        world.deal(person=person)
    world.deal(world.south, person="Olga")
    world.read()
    for session, count in ((world.admin, 3), (world.rep, 1), (world.other, 1)):
        grant = world.gateway.grant(session)
        with world.database.read() as connection:
            assert rows.present_counts(connection, grant)["deal_registration"] == count


def test_what_left_a_tag_is_not_counted(world: World) -> None:
    gone, owned, shared = (world.gid(world.deal(person="Ada")) for _ in range(3))
    world.read()
    by_owner = feed.c.tag.like("%:owner:%")
    with world.database.write() as connection:
        for left in (
            feed.c.gid == gone,
            (feed.c.gid == shared) & by_owner,
            (feed.c.gid == owned) & ~by_owner,
        ):
            connection.execute(update(feed).where(left).values(present=LEFT))
    grant = world.gateway.grant(world.admin)
    with world.database.read() as connection:
        assert rows.present_counts(connection, grant)["deal_registration"] == 2


def test_a_page_tells_tombstones_from_revocations(world: World) -> None:
    deleted, moved, kept = (world.deal() for _ in range(3))
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.delete(deleted)
    world.port.edit(moved, account_id=world.south.id)
    world.clock.forward(3600)
    for _ in range(8):
        world.gateway.ingest_step()
    client.pull()
    reasons = {gid: reason for gid, reason, _ in client.gone}
    assert reasons == {world.gid(deleted): "tombstone", world.gid(moved): "revoked"}
    assert world.gid(kept) in client.rows


# ------------------------------------------------------------------------------------------------- what it costs
@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Note every statement that is run."""
    told: list[str] = []

    def note(*given: Any) -> None:
        told.append(given[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_asking_when_nothing_changed_takes_three_statements(two: Two) -> None:
    two.changes()
    with statements(two.world.database) as told:
        two.changes()
    asked = [statement for statement in told if statement != "BEGIN"]
    assert len(asked) == 3  # who calls, the history, the sources


def test_a_page_takes_as_many_statements_for_few_records_as_for_many(two: Two) -> None:
    def counted(many: int) -> int:
        for _ in range(many):
            two.world.deal()
        two.world.read()
        with statements(two.world.database) as told:
            assert len(two.changes()["puts"]) == many
        return len(told)

    assert counted(3) == counted(30)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("tags", [1, 3])
@pytest.mark.parametrize("form", ["position", "gid", "lost"])
def test_walks_go_by_index_alone(two: Two, form: str, tags: int) -> None:
    statement = walk.page_statement(tags) if form == "position" else walk._by_gid(tags, form == "lost")
    compiled = statement.compile(two.world.database.engine)
    with two.world.database.read() as connection:
        given = compiled.construct_params(
            {
                "position": 0,
                "most": 10,
                "entity": "deal_registration",
                "start": "",
                "since": 0,
                **{f"tag{number}": "x" for number in range(tags)},
            }
        )
        values = tuple(given[name] for name in compiled.positiontup or ())
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
    told = [row[3] for row in plan]
    assert sum("SEARCH feed USING COVERING INDEX" in line for line in told) == tags
    assert any("SEARCH mirror USING INDEX sqlite_autoindex_mirror_1 (gid=?)" in line for line in told)
    assert not any(line in ("SCAN feed", "SCAN mirror") for line in told)


_MANY_RECORDS = """
INSERT INTO mirror (gid, entity, system, object, source_id, status, data, hash, content_hash, version, tags,
                    position, fence, changed)
SELECT 'g' || n, 'deal_registration', 's', 'o', n, 'live', repeat('x', 500), 'h', 'h', 'v', '[]', n, n, '{}'
FROM generate_series(1, 20000) n;
INSERT INTO feed (tag, gid, entity, position, present)
SELECT 't' || mod(n, 50), 'g' || n, 'deal_registration', n, 1 FROM generate_series(1, 20000) n;
"""


@pytest.mark.databases("postgresql")
def test_walks_go_by_index_alone_on_postgresql(world: World) -> None:
    with world.database.write() as connection:
        connection.exec_driver_sql(_MANY_RECORDS)
    with world.database.own_connection() as own:
        own.execute("VACUUM ANALYZE")
    for tags in (1, 3):
        compiled = walk.page_statement(tags).compile(world.database.engine)
        named = {f"tag{number}": f"t{number}" for number in range(tags)}
        given = compiled.construct_params({"position": 100, "most": 101, **named})
        with world.database.read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN {compiled}", dict(given)).all()
        told = "\n".join(row[0] for row in plan)
        assert told.count("Index Only Scan using ix_feed_tag_position_gid_entity") == tags, told
        assert "Index Scan using mirror_pkey" in told
        assert "Seq Scan" not in told


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("statement", [proof._NUMBERS, proof._HASHES])
def test_a_digest_looks_no_record_up(two: Two, statement: Select[Any]) -> None:
    given = {"tags": ["x"], "entity": "deal_registration"}
    with two.world.database.read() as connection, statements(two.world.database) as told:
        connection.execute(statement, given).all()
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {told[-1]}", tuple(range(told[-1].count("?")))
        ).all()
    lines = [row[3] for row in plan]
    assert len([line for line in lines if "COVERING INDEX" in line]) == 2
    assert not any(line.startswith("SCAN") or "mirror USING INDEX" in line for line in lines)


@pytest.mark.parametrize(
    "statement",
    [
        walk.page_statement(3),
        walk._by_gid(3, lost=False),
        walk._by_gid(3, lost=True),
        walk._NAMED,
        rows._SIZES,
        rows._NEW_UNDER,
        proof._NUMBERS,
        standing._BY_TOKEN,
    ],
)
def test_the_statements_are_not_sqlites_alone(statement: Select[Any]) -> None:
    told = str(statement.compile(dialect=PGDialect()))  # type: ignore[no-untyped-call]
    assert "group_concat" not in told
    assert told.startswith("SELECT")


def test_a_digest_is_what_the_contract_says(world: World) -> None:
    for _ in range(40):
        world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()
    page = world.gateway.digest(world.admin, client.cursor)
    expected = buckets([(gid, client.rows[gid][2]) for gid in client.of("deal_registration")])
    assert sum(n for n, _ in expected) == 40
    assert page.entities["deal_registration"] == tuple((n, str(total)) for n, total in expected)
    assert page.entities["document"] == ((0, "0"),) * 16
    for index, (count, _) in enumerate(expected):
        bucket = world.gateway.bucket(world.admin, "deal_registration", index, client.cursor)
        assert len(bucket.hashes) == count
        assert all(client.rows[gid][2] == digest for gid, digest in bucket.hashes.items())


def test_a_client_that_differs_leaves_a_line_in_the_log(world: World) -> None:
    client = Mirror(world, world.admin).snapshot()
    configure_logs("WARNING")
    with capture_logs() as lines:
        world.gateway.digest(world.admin, client.cursor)
    assert lines == []
    with capture_logs() as lines:
        world.gateway.bucket(world.admin, "deal_registration", 7, client.cursor)
    (line,) = lines
    assert (line["log_level"], line["event"]) == ("warning", "client differs")
    assert (line["user"], line["entity"], line["bucket"]) == (world.admin.user, "deal_registration", 7)


# ----------------------------------------------------------------------------------------------------- over HTTP
def answer(
    body: bytes, headers: dict[str, str], path: str = "/v1/x", pieces: int = 1
) -> tuple[Headers, bytes]:
    """Send a body through the middleware, as it goes out to who asks with these headers."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        size = len(body) // pieces
        for piece in range(pieces):
            part = body[piece * size : (piece + 1) * size]
            await send({"type": "http.response.body", "body": part, "more_body": piece + 1 < pieces})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(Compression(app)({"type": "http", "path": path, "headers": raw}, receive, send))
    return Headers(scope=sent[0]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("size", [2_000, 200_000])
def test_a_body_in_one_piece_is_packed_for_who_takes_it(size: int) -> None:
    body = b"abcd" * (size // 4)
    headers, sent = answer(body, {"Accept-Encoding": "br, gzip"})
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert int(headers["content-length"]) == len(sent) < size // 10
    assert gzip.decompress(sent) == body
    headers, sent = answer(body, {})
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"
    assert sent == body


def test_what_is_small_or_streamed_or_a_file_goes_as_it_is() -> None:
    for body, path, pieces in (
        (b"a" * 900, "/v1/x", 1),
        (b"a" * 9000, "/v1/x", 3),
        (b"a" * 9000, "/v1/blobs/x", 1),
    ):
        headers, sent = answer(body, {"Accept-Encoding": "gzip"}, path, pieces)
        assert "content-encoding" not in headers
        assert sent == body


def test_a_page_over_http_may_have_2000_records(two: Two) -> None:
    given = {"Authorization": f"Bearer {two.tokens.access}"}
    with (
        serving(build_app(two.here)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE, headers=given) as client,
    ):
        assert client.get("/livez").text == "ok"
        assert client.get("/v1/snapshot", params={"limit": 2000}).status_code == 200
        assert client.get("/v1/snapshot", params={"limit": 2001}).status_code == 422
        page = client.get("/v1/changes", params={"cursor": two.cursor})
        assert page.json()["cursor"] == two.cursor
        assert page.headers["counterpart-grant"] == two.here.grant(two.world.admin).label
