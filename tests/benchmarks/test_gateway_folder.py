"""A prepared folder is what ingest would have made of it, and real servers serve it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

from benchmarks.gateway_folder import OBJECT, Planted, copied, edit, opened, plant, prepared
from benchmarks.gateway_process import gateway_process
from benchmarks.harness import Scale
from benchmarks.plain_server import plain_server
from benchmarks.records import ENTITY
from gateway.crm.port import Ref, SourceRow
from gateway.logs import configure_logs
from gateway.service import Service
from gateway.tables import feed, ingest_cursor, mirror
from tests.patience import PATIENCE

COUNT = 250


@pytest.fixture(autouse=True)
def _quiet_log() -> None:
    configure_logs("CRITICAL")


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> Scale:
    """A place for prepared folders."""
    return Scale.small(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def planted(scale: Scale) -> Iterator[Planted]:
    """A folder of one's own."""
    with copied(scale, COUNT) as found:
        yield found


@pytest.fixture
def service(planted: Planted) -> Iterator[Service]:
    """Its gateway."""
    found = Service.open(planted.settings())
    yield found
    found.close()


def _rows(service: Service) -> tuple[list[Any], list[Any]]:
    told = [column for column in mirror.c if column.name not in ("read_at", "changed")]
    with service.gateway.ground.database.read() as connection:
        held = connection.execute(select(*told).order_by(mirror.c.gid)).all()
        fed = connection.execute(select(feed).order_by(feed.c.tag, feed.c.gid)).all()
    return list(held), list(fed)


def _snapshot(service: Service, planted: Planted) -> dict[str, list[Any]]:
    session = service.gateway.identity.authenticate(planted.token)
    found: dict[str, list[Any]] = {}
    after: str | None = None
    while True:
        page = json.loads(service.gateway.snapshot(session, after, 100))
        found.update({put[0]: put for put in page["puts"] if put[1] == ENTITY})
        after = page["after"]
        if after is None:
            return found


def test_ingest_finds_nothing_to_change(service: Service) -> None:
    before = _rows(service)
    assert service.gateway.backfill() == 0
    assert service.gateway.ingest.sweep(next(iter(service.gateway.systems)), OBJECT, confirmed=True) == 0
    with service.gateway.ground.database.write() as connection:  # now it has to read and compare every row
        connection.execute(delete(ingest_cursor))
        connection.execute(update(mirror).values(read_at=None))
    assert service.gateway.backfill() == 0
    assert _rows(service) == before


def test_a_start_reads_no_registrations(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []

    def fetch(refs: Sequence[Ref]) -> list[SourceRow]:
        read.extend(refs)
        return []

    monkeypatch.setattr(service.crm, "fetch", fetch)
    service.gateway.backfill()
    assert [ref for ref in read if ref.obj == OBJECT] == []


def test_a_snapshot_returns_all(service: Service, planted: Planted) -> None:
    found = _snapshot(service, planted)
    assert set(found) == {planted.gid(index) for index in range(COUNT)}
    sizes = [len(json.dumps(put[4])) for put in found.values()]
    assert 600 < sum(sizes) / COUNT < 900


def test_edits_come_in_as_ingest_would_bring_them(service: Service, planted: Planted) -> None:
    session = service.gateway.identity.authenticate(planted.token)
    cursor = json.loads(service.gateway.snapshot(session, None, 1000))["cursor"]
    edit(planted, range(5, 15), 3)
    page = json.loads(service.gateway.changes(session, cursor, 100))
    assert [put[0] for put in page["puts"]] == [planted.gid(index) for index in range(5, 15)]
    assert page["puts"][0][4]["next_steps"].endswith(" 3")
    with service.gateway.ground.database.write() as connection:
        connection.execute(delete(ingest_cursor))
        connection.execute(update(mirror).values(read_at=None))
    assert service.gateway.backfill() == 0


def test_a_folder_without_a_crm_serves_too(scale: Scale) -> None:
    planted = prepared(scale, 120, crm=False)
    service = Service.open(planted.settings())
    try:
        assert len(_snapshot(service, planted)) == 120
    finally:
        service.close()


def test_folders_are_made_once(scale: Scale) -> None:
    first = prepared(scale, COUNT)
    assert prepared(scale, COUNT) == first == opened(first.folder)


def test_a_process_serves_it(planted: Planted) -> None:
    with gateway_process(planted) as gateway, httpx.Client(base_url=gateway.url, timeout=PATIENCE) as client:
        page = client.get("/v1/snapshot", headers=gateway.headers, params={"limit": 1000}).json()
        assert page["counts"][ENTITY] == COUNT
        assert len(page["puts"]) == COUNT + 1


@pytest.mark.nightly
def test_a_folder_needs_nothing_of_where_it_was_made(tmp_path: Path) -> None:
    plant(tmp_path / "first", 5)
    (tmp_path / "first").rename(tmp_path / "second")
    planted = opened(tmp_path / "second")
    with gateway_process(planted) as gateway:
        answer = httpx.get(f"{gateway.url}/v1/me", headers=gateway.headers, timeout=PATIENCE)
    assert answer.json()["user"] == planted.user


@pytest.mark.nightly
def test_the_plain_server_sends_what_was_prepared() -> None:
    body = b'{"puts":[' + b"1," * 1000 + b"1]}"
    with (
        plain_server({"/a?b=1": body, "/c": b"{}"}) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        packed = client.get("/a?b=1")
        assert packed.content == body
        assert packed.headers["content-encoding"] == "gzip"
        plain = client.get("/a?b=1", headers={"Accept-Encoding": "identity"})
        assert plain.content == body
        assert "content-encoding" not in plain.headers
        assert client.post("/c", content=b"x" * 100_000).json() == {}
        assert client.get("/nothing").status_code == 404
