"""The measurements at scale run on a real PostgreSQL, and say what they measured; their figures mean nothing here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.crowd import crowd
from benchmarks.gateway_scale import gateway_scale
from benchmarks.harness import Bound, Scale
from benchmarks.idle_clients import idle_clients
from gateway.service import Service
from gateway.tables import feed, mirror


@pytest.fixture
def scale(tmp_path: Path) -> Scale:
    """Small sizes."""
    return Scale.small(tmp_path)


def test_reading_is_measured(scale: Scale) -> None:
    results = {result.name: result for result in gateway_scale(scale)}
    assert set(results) == {"scale.changes", "scale.snapshot", "scale.digest", "scale.bytes", "scale.load"}
    for name in ("changes", "snapshot", "digest"):
        found = results[f"scale.{name}"]
        assert (found.goal.bound, found.n, bool(found.floor)) == (Bound.FLAT, 240, True)


@pytest.mark.nightly
def test_waiting_clients_are_measured(scale: Scale) -> None:
    results = {result.name: result for result in idle_clients(scale)}
    assert set(results) == {"scale.idle.cpu", "scale.idle.memory", "scale.poke"}
    assert results["scale.poke"].ours > 0
    assert "0 others heard" in results["scale.poke"].note


def test_a_crowd_is_what_ingest_would_have_made(tmp_path: Path) -> None:
    """Every partner sees its own records and nobody else's, and the first one's are the last that changed."""
    with crowd(tmp_path, 3, 7, 14) as found:
        service = Service.open(found.settings())
        gateway = service.gateway
        for partner in found.partners:
            page = json.loads(gateway.snapshot(partner.session, None, 100))
            deals = [data for _, entity, _, _, data in page["puts"] if entity == "deal_registration"]
            assert (len(deals), {data["company"] for data in deals}) == (7, {partner.company})
        first = found.partners[0]
        version = gateway.grant(first.session).version
        changed = json.loads(gateway.changes(first.session, found.cursor(first, 14, version), 100))
        assert len(changed["puts"]) == 7
        with gateway.ground.database.read() as connection:
            last = select(func.max(feed.c.position))
            assert connection.execute(last).scalar() == found.head == gateway.ground.feed.head()
            hidden = select(func.count()).select_from(mirror).where(mirror.c.gid.not_in(select(feed.c.gid)))
            assert connection.execute(hidden).scalar() == 0
        service.close()
