"""`kill -9` during a push over HTTP: another process begins, the client repeats, and everything happened once."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.contract.ids import source_gid
from app.contract.mutations import Kind, Mutation
from gateway.clock import RandomIds, SystemClock
from gateway.failpoints import Failpoint
from tests.gateway.process import Planted, Running, gateway_process, plant

pytestmark = pytest.mark.databases("sqlite")

IDS = RandomIds(SystemClock())


def mutation(kind: Kind, entity: str, gid: str, **members: Any) -> Mutation:
    """A mutation as a client makes it."""
    return Mutation(
        mutation_id=IDS.new_id(),
        entity=entity,
        gid=gid,
        kind=kind,
        captured_at=datetime.now(UTC),
        **members,
    )


def batch(planted: Planted) -> list[Mutation]:
    """An edit, a message on the same deal, and a new deal with one of its own."""
    new = IDS.new_id()
    company = snapshot_of_company(planted)
    whole = {
        "company": company,
        "customer": "Hillcrest",
        "website": "hillcrest.example",
        "country": "GB",
        "title": "Vault for the schools",
        "type": "new",
        "amount": "22480.00",
        "currency": "GBP",
        "target_close": "2027-12-24",
        "problem": "Backups take all night and still fail.",
    }
    edit = {"base": {"competitor": None}, "changes": {"competitor": "Northwall"}}
    return [
        mutation(Kind.PATCH, "deal_registration", planted.deal, **edit),
        mutation(Kind.APPEND, "message", IDS.new_id(), changes={"parent": planted.deal, "body": "Any news?"}),
        mutation(Kind.CREATE, "deal_registration", new, changes=whole),
        mutation(Kind.APPEND, "message", IDS.new_id(), changes={"parent": new, "body": "A new one."}),
    ]


def snapshot_of_company(planted: Planted) -> str:
    """The gid of the one company there is for her."""
    with planted.crm() as crm:
        (first, *_) = crm.sweep("account", None, 10)
    return source_gid("embedded", "account", first)


def push(running: Running, planted: Planted, mutations: list[Mutation]) -> list[str]:
    """Send a batch; returns how each ended. Raises httpx.TransportError when the answer is lost."""
    body = {"mutations": [json.loads(one.model_dump_json()) for one in mutations]}
    with httpx.Client(base_url=running.url, headers=planted.headers, timeout=30) as http:
        answer = http.post("/v1/mutations", json=body)
        answer.raise_for_status()
    return [outcome["status"] for outcome in answer.json()["outcomes"]]


def repeated(running: Running, planted: Planted, mutations: list[Mutation]) -> list[str]:
    """Send a batch as often as a client does while something is deferred."""
    ends = time.monotonic() + 60
    while "deferred" in (statuses := push(running, planted, mutations)):
        assert time.monotonic() < ends, statuses
    return statuses


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(Failpoint.AFTER_RECEIVED, marks=pytest.mark.nightly),
        Failpoint.AFTER_CRM_WRITE,
        pytest.param(Failpoint.AFTER_OUTCOME, marks=pytest.mark.nightly),
    ],
)
def test_a_process_killed_during_a_push_leaves_one_effect_of_each(tmp_path: Path, point: Failpoint) -> None:
    planted = plant(tmp_path)
    mutations = batch(planted)
    with gateway_process(planted, point) as running:
        with pytest.raises(httpx.TransportError):
            push(running, planted, mutations)
        running.process.wait(20)
    assert running.process.returncode == -9
    with gateway_process(planted) as running:
        assert repeated(running, planted, mutations) == ["applied"] * 4
        assert push(running, planted, mutations) == ["applied"] * 4, "and again the same"
    _, message, new, another = mutations
    assert planted.written(planted.deal, "rival") == ["Northwall"]
    assert planted.rows("registration", new.gid) == 1
    assert [planted.rows("note", one.gid) for one in (message, another)] == [1, 1]


@pytest.mark.nightly
def test_what_was_received_is_finished_though_the_client_never_comes_back(tmp_path: Path) -> None:
    planted = plant(tmp_path)
    edit, _, new, _ = batch(planted)
    with gateway_process(planted, Failpoint.AFTER_RECEIVED) as running, pytest.raises(httpx.TransportError):
        push(running, planted, [edit, new])
    assert planted.rows("registration", new.gid) == 0
    ends = time.monotonic() + 60
    with gateway_process(planted):
        while not planted.rows("registration", new.gid) or not planted.written(planted.deal, "rival"):
            assert time.monotonic() < ends
    assert planted.rows("registration", new.gid) == 1
    assert planted.written(planted.deal, "rival") == ["Northwall"]
