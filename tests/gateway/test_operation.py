"""What an operator sees of a process: readiness, figures, limits, request ids, refusals in the audit log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from prometheus_client.parser import text_string_to_metric_families

from app.contract.mutations import PushBody
from gateway import migrate
from gateway.api.app import build_app
from gateway.audit import length
from gateway.audit_walk import Trusted, entries, verify
from gateway.identity.session import Session
from gateway.limiter import Limiter
from gateway.operation import Operation
from gateway.rates import Rate, Rates
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.processes import until
from tests.gateway.serving import serving
from tests.gateway.test_rates import RATES
from tests.gateway.world import World

pytestmark = AT_THE_SURFACE

JSON = {"Content-Type": "application/json"}
TOKEN = "figures-need-a-token-of-their-own"


class Operated:
    """A gateway's application with limits, and calls to it."""

    def __init__(self, world: World, rates: Rates = RATES) -> None:
        self.world = world
        limiter = Limiter(rates, world.clock.monotonic)
        self.operation = Operation.of(world.gateway, limiter, TOKEN)
        self.app = build_app(world.gateway, operation=self.operation)
        self.client = httpx.Client(timeout=30)
        self.tokens: dict[str, str] = {}

    def token(self, session: Session) -> str:
        """A token of a session."""
        if session.id not in self.tokens:
            with self.world.database.write() as connection:
                sessions = self.world.gateway.identity.sessions
                self.tokens[session.id] = sessions.first_tokens(connection, session.id).access
        return self.tokens[session.id]

    def call(self, session: Session, method: str, path: str, **members: Any) -> httpx.Response:
        """Make a signed-in call."""
        headers = {"Authorization": f"Bearer {self.token(session)}", **members.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **members)

    def push(self, session: Session, count: int) -> httpx.Response:
        """Push new deals."""
        mutations = tuple(self.world.new_deal(title=f"Deal {n}") for n in range(count))
        body = PushBody(mutations=mutations).model_dump_json()
        return self.call(session, "POST", "/v1/mutations", content=body, headers=JSON)

    def figures(self) -> dict[str, float]:
        """All figures by name and labels."""
        answer = self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return {
            f"{sample.name}{json.dumps(sample.labels, sort_keys=True)}": sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def noted(self, count: int) -> list[dict[str, Any]]:
        """The audit log, as JSON data, once it has so many entries: a refusal is noted when its answer is sent."""
        until(lambda: self._entries() >= count)
        with self.world.database.read() as connection:
            assert verify(connection, Trusted(self.world.gateway.audit.seal)).broken is None
            found = [entry.as_json() for entry in entries(connection)]
        assert len(found) == count
        return found

    def _entries(self) -> int:
        with self.world.database.read() as connection:
            return length(connection)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway on files, as several threads need it, that stands at the newest migration."""
    found = World(folder=tmp_path)
    with found.database.write() as connection:
        at = MigrationContext.configure(connection)
        at.stamp(ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")), "head")
    yield found
    found.gateway.close()


Operate = Callable[..., Operated]


@pytest.fixture
def operate(world: World) -> Iterator[Operate]:
    """Serves a gateway with limits, changed as a test needs them."""
    with ExitStack() as stack:

        def serve(**rates: Rate | float) -> Operated:
            found = Operated(world, replace(RATES, **rates))  # type: ignore[arg-type]
            found.client.base_url = httpx.URL(stack.enter_context(serving(found.app)))
            stack.callback(found.client.close)
            return found

        yield serve


@pytest.fixture
def operated(operate: Operate) -> Operated:
    """A gateway without limits that matter."""
    return operate()


# -------------------------------------------------------------------------------------------------------- readiness


def test_ready_when_all_is_there(operated: Operated) -> None:
    for path in ("/livez", "/healthz", "/readyz"):
        answer = operated.client.get(path)
        assert (answer.status_code, answer.text) == (200, "ok")


def unready(operated: Operated) -> tuple[str, str | None]:
    """The code and Retry-After of a process that is not ready but alive."""
    answer = operated.client.get("/readyz")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert operated.client.get("/livez").status_code == 200
    return answer.json()["code"], answer.headers.get("retry-after")


def test_not_ready_while_the_database_is_behind(operated: Operated) -> None:
    with operated.world.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert unready(operated) == ("not_migrated", "2")
    with operated.world.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert operated.client.get("/readyz").status_code == 200, (
        "a newer process has been here; this one goes on"
    )
    with operated.world.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    assert unready(operated) == ("not_migrated", "2")


@ON_BOTH
def test_not_ready_without_a_database(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def gone() -> None:
        raise OperationalError("select secrets", {"password": "hunter2"}, Exception("no route to host"))

    monkeypatch.setattr(operated.world.database, "read", gone)
    assert unready(operated) == ("database", "2")
    assert operated.figures()["counterpart_database_up{}"] == 0


def test_not_ready_while_draining(operated: Operated) -> None:
    operated.operation.readiness.drain()
    assert unready(operated) == ("draining", "2")
    answer = operated.call(operated.world.admin, "GET", "/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (503, "draining")
    assert answer.headers["counterpart-epoch"] == operated.world.gateway.epoch


# ---------------------------------------------------------------------------------------------------------- figures


def test_figures_tell_what_was_done_by_route(operated: Operated) -> None:
    world = operated.world
    assert operated.push(world.admin, 2).status_code == 200
    sha = "0" * 64
    for path in (f"/v1/blobs/{sha}", "/v1/receipts/unknown", "/nowhere/at/all", "/v1/me"):
        operated.call(world.admin, "GET", path)
    found = operated.figures()
    served = 'counterpart_requests_total{"method": "GET", "route": "%s", "status": "%s"}'
    assert found[served % ("/v1/blobs/{sha256}", 404)] == 1
    assert found[served % ("/v1/receipts/{mutation_id}", 404)] == 1
    assert found[served % ("none", 404)] == 1
    assert found[served % ("/v1/me", 200)] == 1
    assert found['counterpart_request_seconds_count{"method": "GET", "route": "/v1/me"}'] == 1
    assert found['counterpart_mutations_total{"outcome": "applied"}'] == 2
    assert found['counterpart_mutations_total{"outcome": "conflict"}'] == 0
    assert found["counterpart_audit_entries{}"] == 2
    assert found["counterpart_feed_position{}"] == world.gateway.ground.feed.head()
    assert found["counterpart_ledger_open{}"] == found["counterpart_hints{}"] == 0
    assert found['counterpart_read_age_seconds{"system": "memory"}'] == 0
    assert found['counterpart_lane_lag_seconds{"lane": "fast", "system": "memory"}'] == 0
    assert found['counterpart_lane_backlog{"lane": "webhook", "system": "memory"}'] == 0
    world.clock.forward(60)
    assert operated.figures()['counterpart_read_age_seconds{"system": "memory"}'] == 60
    assert found["counterpart_database_up{}"] == 1
    assert found["counterpart_event_streams{}"] == 0


def test_figures_name_nobody(operated: Operated) -> None:
    world = operated.world
    operated.push(world.admin, 1)
    operated.call(world.admin, "PROPFIND", f"/v1/receipts/{world.admin.user}")
    text = operated.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for name in (world.admin.user, world.admin.device, "Ada", "laptop", world.gid(world.north), "Northwind"):
        assert name not in text
    assert "PROPFIND" not in text, "nor what callers choose"


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_figures_need_their_token(operated: Operated, given: str) -> None:
    answer = operated.client.get("/metrics", headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    operated.app.state.operation = Operation.of(operated.world.gateway)
    assert operated.client.get("/metrics", headers={"Authorization": given}).status_code == 404


# ----------------------------------------------------------------------------------------------------------- limits


def limited(answer: httpx.Response) -> int:
    """Check that an answer asks to wait; returns for how long."""
    assert answer.status_code == 429, answer.text
    document = answer.json()
    assert (document["code"], document["status"]) == ("rate", 429)
    assert round(document["retry_after"]) in (int(answer.headers["retry-after"]), 0)
    assert answer.headers["content-type"] == "application/problem+json"
    return int(answer.headers["retry-after"])


def test_a_device_that_asks_too_often_waits_and_goes_on(world: World, operate: Operate) -> None:
    operated = operate(requests=Rate(a_minute=6, burst=3))
    found = [operated.call(world.admin, "GET", "/v1/me").status_code for _ in range(4)]
    assert found == [200, 200, 200, 429]
    assert limited(operated.call(world.admin, "GET", "/v1/me")) == 30, "until as many are free as at first"
    assert operated.call(world.rep, "GET", "/v1/me").status_code == 200, "nobody else waits"
    world.clock.forward(30)
    assert operated.call(world.admin, "GET", "/v1/me").status_code == 200
    assert operated.figures()['counterpart_limited_total{"limit": "device_requests"}'] == 2
    assert operated.noted(2)[-1]["event"] == "request_refused"


def test_reading_counts_for_the_device_too(world: World, operate: Operate) -> None:
    operated = operate(requests=Rate(a_minute=6, burst=3))
    other = world.gateway.identity.session_for(world.admin.user, "Ada's phone", "phone")
    found = [operated.call(world.admin, "GET", "/v1/snapshot").status_code for _ in range(4)]
    assert found == [200, 200, 200, 429]
    assert operated.call(other, "GET", "/v1/snapshot").status_code == 200


def test_a_partners_devices_share_a_limit(world: World, operate: Operate) -> None:
    operated = operate(requests=Rate(a_minute=6, burst=4), partner=1)
    for session in (world.admin, world.rep, world.admin, world.rep):
        assert operated.call(session, "GET", "/v1/me").status_code == 200
    # Who calls is known with the first call, to which company they belong with the first that needs to know.
    assert limited(operated.call(world.rep, "GET", "/v1/me"))
    assert operated.call(world.other, "GET", "/v1/me").status_code == 200


def test_mutations_have_a_limit_of_their_own(world: World, operate: Operate) -> None:
    operated = operate(mutations=Rate(a_minute=60, burst=5))
    assert operated.push(world.admin, 4).status_code == 200
    writes = world.port.writes
    assert limited(operated.push(world.admin, 4)) == 3
    assert world.port.writes == writes, "nothing is begun"
    assert operated.call(world.admin, "GET", "/v1/me").status_code == 200
    world.clock.forward(3)
    assert operated.push(world.admin, 4).status_code == 200


def test_bytes_have_one_both_ways(world: World, operate: Operate) -> None:
    operated = operate(bytes=Rate(a_minute=60_000, burst=2_000))
    assert operated.call(world.admin, "GET", "/v1/me").status_code == 200
    assert operated.call(world.admin, "GET", "/v1/manifest").status_code == 200  # more than two thousand
    assert limited(operated.call(world.admin, "GET", "/v1/me")) > 1
    assert operated.call(world.rep, "POST", "/v1/mutations", content=b"x" * 5_000).status_code == 422
    assert limited(operated.call(world.rep, "GET", "/v1/me"))


def test_those_who_are_not_known_wait_by_address(world: World, operate: Operate) -> None:
    operated = operate(unknown=Rate(a_minute=60, burst=2))
    headers = {"Authorization": "Bearer nonsense"}
    found = [operated.client.get("/v1/me", headers=headers).status_code for _ in range(3)]
    assert found == [401, 401, 429]
    assert limited(operated.client.get("/oauth/authorize"))


def test_some_calls_always_get_through(world: World, operate: Operate) -> None:
    operated = operate(requests=Rate(1, 1), unknown=Rate(1, 1))
    operated.call(world.admin, "GET", "/v1/me")
    operated.client.get("/nothing")
    assert limited(operated.call(world.admin, "GET", "/v1/me"))
    assert limited(operated.client.get("/nothing"))
    for _ in range(3):
        for path in ("/livez", "/healthz", "/readyz"):
            assert operated.client.get(path).status_code == 200
    token = operated.token(world.admin)
    assert operated.client.post("/oauth/revoke", data={"token": token}).status_code == 200
    assert operated.call(world.admin, "POST", "/v1/wiped").status_code != 429


# ------------------------------------------------------------------------------------------- ids, log and audit log


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0a1b2c3d-4e5f", True),
        ("short", False),
        ("x" * 65, False),
        ("two words here", False),
        ("line%0Abreak", False),
        ("-begins-oddly", False),
    ],
)
def test_a_request_has_an_id(operated: Operated, given: str, kept: bool) -> None:
    answer = operated.client.get("/livez", headers={"X-Request-Id": given})
    found = answer.headers["x-request-id"]
    assert (found == given) is kept
    assert len(operated.client.get("/livez").headers["x-request-id"]) == 16


def test_refusals_that_matter_are_told(operated: Operated) -> None:
    world = operated.world
    operated.client.get("/v1/me", headers={"Authorization": "Bearer stolen"})
    operated.call(
        world.admin, "POST", "/v1/mutations", content=b"[", headers={**JSON, "X-Request-Id": "request-1"}
    )
    operated.call(world.admin, "POST", "/v1/uploads", json={"sha256": "no", "size": 1})
    for path in ("/v1/me", "/nowhere"):  # no token, no such page: that happens
        operated.client.get(path)
    operated.call(world.admin, "GET", "/v1/changes", params={"cursor": "nonsense"})
    found = operated.noted(3)
    stolen, bad, upload = sorted(found, key=lambda entry: str(entry["facts"]["route"]))
    assert (stolen["actor"], stolen["facts"]["status"], stolen["facts"]["route"]) == ("", 401, "/v1/me")
    assert "stolen" not in json.dumps(stolen)
    assert "127.0.0.1" not in json.dumps(stolen)
    assert (bad["actor"], bad["device"]) == (world.admin.user, world.admin.device)
    assert (bad["facts"]["status"], bad["facts"]["request"]) == (422, "request-1")
    assert upload["facts"]["route"] == "/v1/uploads"


def test_refusals_cannot_fill_the_disk(operated: Operated) -> None:
    for number in range(200):
        operated.client.get("/v1/me", headers={"Authorization": f"Bearer {number}"})
    until(lambda: operated.world.gateway.refusals._left_out == {"request_refused": 190})
    operated.noted(10)
    operated.world.clock.forward(60)
    operated.client.get("/v1/me", headers={"Authorization": "Bearer x"})
    assert operated.noted(11)[-1]["facts"]["left_out"] == 190
