"""A day of many partners at several processes that are killed meanwhile, and what must be true in the evening.

Partners push messages and repeat what was not answered, also while their process dies; the vendor edits in the CRM
without telling the gateway; listeners do nothing but wait for pokes, and pull when one comes. In the evening each
message is in the CRM once, each mutation is done once, and each listener holds what there is.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from httpx_sse import SSEError, connect_sse
from sqlalchemy import func, select

from app.contract.ids import source_gid, time_ordered_id
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Note
from gateway.crm.embedded.staff import StaffDesk, StaffMember
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Ref
from gateway.identity.people import Contact, NewUser
from gateway.service import Service
from gateway.tables import commit_stamp, ledger
from tests.failover.fleet import Fleet

_SOON = 60.0
_FINAL = {"applied", "merged", "conflict", "rejected", "gone"}


@dataclass(frozen=True)
class Stage:
    """What there is in the morning: a deal, who works on it, and tokens for the processes."""

    deal: Ref
    gid: str
    staff: StaffMember
    tokens: tuple[str, ...]


def set_stage(service: Service, people: int) -> Stage:
    """Make a company with people and one deal."""
    crm = service.crm
    with crm.writing() as unit:
        staff = unit.insert("staff", {"login": "ingrid", "full_name": "Ingrid Solheim"}, AUTOMATION)
        account = unit.insert("account", {"acct_name": "Brightwater", "tier_code": "A"}, AUTOMATION)
        contacts = [
            unit.insert("contact", {"account_id": account, "full_name": f"Person {n}"}, AUTOMATION)
            for n in range(people)
        ]
        values = {"account_id": account, "owner_id": contacts[0], "cust_name": "Kestrel", "deal_name": "Edge"}
        deal = unit.insert("registration", values, AUTOMATION)
    service.gateway.backfill()
    identity = service.gateway.identity
    company = source_gid(crm.system, "account", str(account))
    tokens = []
    for number, contact in enumerate(contacts):
        new = NewUser(
            name=f"Person {number}",
            email=f"person{number}@example.test",
            role="manager",
            companies=(company,),
            contacts=(Contact(crm.system, Ref("contact", str(contact))),),
        )
        session = identity.session_for(identity.add_user(new), f"Laptop {number}")
        with service.gateway.ground.database.write() as connection:
            tokens.append(identity.sessions.first_tokens(connection, session.id).access)
    gid = source_gid(crm.system, "registration", str(deal))
    return Stage(
        Ref("registration", str(deal)), gid, StaffMember(staff, "Ingrid Solheim", "ingrid"), tuple(tokens)
    )


def _client(url: str, token: str) -> httpx.Client:
    # Each call on a connection of its own, so that each goes to the next process.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, limits=limits, timeout=30)


class Partner:
    """Pushes batches of messages until each is answered for good."""

    def __init__(self, url: str, token: str, gid: str, seed: int) -> None:
        self._client, self._gid, self._rng = _client(url, token), gid, random.Random(seed)
        self._seed = seed
        self.bodies: list[str] = []
        self.statuses: Counter[str] = Counter()
        self.repeats = 0

    def batch(self, size: int) -> None:
        """Push a batch, as often as it takes."""
        left = [self._message() for _ in range(size)]
        while left:
            try:
                answer = self._client.post("/v1/mutations", json={"mutations": left})
            except httpx.TransportError:
                answer = None
            if answer is None or answer.status_code in (429, 503):
                self.repeats += 1
                time.sleep(0.05)
                continue
            answer.raise_for_status()
            found = {one["mutation_id"]: one["status"] for one in answer.json()["outcomes"]}
            self.statuses.update(status for status in found.values() if status in _FINAL)
            left = [one for one in left if found.get(one["mutation_id"]) not in _FINAL]
            if left:
                self.repeats += 1
                time.sleep(0.2)  # deferred: somebody else works on the record

    def _message(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        body = f"{self._seed}/{len(self.bodies)}"
        self.bodies.append(body)
        return {
            "mutation_id": time_ordered_id(now, self._rng.randbytes(10)),
            "entity": "message",
            "gid": time_ordered_id(now, self._rng.randbytes(10)),
            "kind": "append",
            "changes": {"parent": self._gid, "body": body},
            "captured_at": now.isoformat(),
        }


class Listener:
    """Waits for pokes and pulls when one comes, and after each connecting; it never looks by itself."""

    def __init__(self, url: str, token: str) -> None:
        self._client = _client(url, token)
        self.held: dict[str, Any] = {}
        self._cursor = ""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.pokes = 0
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up: what is being read does not notice that its client is closed."""
        self._stop.set()
        ends = time.monotonic() + 30
        while self._thread.is_alive() and time.monotonic() < ends:
            with suppress(OSError):  # it is connecting, to another one
                if self._line is not None:
                    self._line.shutdown(socket.SHUT_RDWR)
            self._thread.join(0.2)
        assert not self._thread.is_alive()
        self._client.close()

    def holds(self, gid: str, name: str) -> Any:
        """Return what it holds of a record's field."""
        with self._lock:
            return self.held.get(gid, {}).get(name)

    def many(self) -> int:
        """Return how many messages it holds."""
        with self._lock:
            return sum("body" in data for data in self.held.values())

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with connect_sse(self._client, "GET", "/v1/events") as source:
                    self._line = source.response.extensions["network_stream"].get_extra_info("socket")
                    for event in source.iter_sse():
                        self.pokes += event.event == "poke"
                        self._pull()
            except (httpx.HTTPError, SSEError, RuntimeError):
                self._stop.wait(0.1)  # its process went: connect to another one

    def _pull(self) -> None:
        while True:
            path = "/v1/changes" if self._cursor else "/v1/snapshot"
            given = {"cursor": self._cursor} if self._cursor else {}
            answer = self._client.get(path, params=given)
            if answer.status_code == 503:
                time.sleep(0.1)
                continue
            answer.raise_for_status()
            page = answer.json()
            with self._lock:
                for gid, _, _, _, data in page["puts"]:
                    self.held[gid] = data
            if page.get("after"):
                raise AssertionError("There is more than a page to begin with.")
            self._cursor = page["cursor"]
            if not page.get("more"):
                return


@dataclass
class Evening:
    """What was found in the end. `wrong`: what should not be."""

    sent: int = 0
    edits: int = 0
    kills: int = 0
    repeats: int = 0
    takeover: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def vendor(fleet: Fleet, stage: Stage) -> Iterator[StaffDesk]:
    """Sit down at a desk of the vendor's: in the CRM itself, which tells no gateway."""
    crm = EmbeddedCrm.open(fleet.address)
    try:
        yield StaffDesk(crm, stage.staff)
    finally:
        crm.close()


def play(fleet: Fleet, *, partners: int, rounds: int, batch: int, kills: int, processes: int = 2) -> Evening:
    """Play a day: `kills` times in it the process that leads the lanes is killed, and a new one started."""
    evening = Evening()
    service = fleet.service()
    stage = set_stage(service, partners + 2)
    for _ in range(processes):
        fleet.start()
    pushing = [Partner(fleet.url, stage.tokens[n], stage.gid, n) for n in range(partners)]
    listening = [Listener(fleet.url, token) for token in stage.tokens[partners:]]
    for listener in listening:
        listener.start()
    for turn in range(kills + 1):
        with _working(pushing, rounds, batch), vendor(fleet, stage) as desk:
            if turn:
                evening.takeover.append(_killed(fleet, listening, stage, desk, turn))
                evening.kills += 1
            desk.edit(stage.deal, {"next_action": f"Day {turn}"})
            evening.edits += 1
        if not _wait(
            lambda day=turn: all(one.holds(stage.gid, "next_steps") == f"Day {day}" for one in listening)
        ):
            evening.wrong.append(f"An edit of the vendor's was not heard of in turn {turn}.")
    evening.sent = sum(len(partner.bodies) for partner in pushing)
    evening.repeats = sum(partner.repeats for partner in pushing)
    if not _wait(lambda: all(listener.many() == evening.sent for listener in listening)):
        held = [listener.many() for listener in listening]
        evening.wrong.append(f"Of {evening.sent} messages the listeners hold {held}: a poke was lost.")
    for listener in listening:
        listener.stop()
    evening.wrong += judged(service, pushing)
    service.close()
    return evening


@contextmanager
def _working(pushing: list[Partner], rounds: int, batch: int) -> Iterator[None]:
    failures: list[Exception] = []

    def work(partner: Partner) -> None:
        try:
            for _ in range(rounds):
                partner.batch(batch)
        except (AssertionError, httpx.HTTPError, KeyError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(partner,)) for partner in pushing]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _killed(fleet: Fleet, listening: list[Listener], stage: Stage, desk: StaffDesk, turn: int) -> float:
    """Kill the leader; returns the seconds until what the vendor did afterwards was heard of."""
    assert _wait(lambda: fleet.leader() is not None), "Nobody leads."
    leader = fleet.leader()
    assert leader is not None
    fleet.kill(leader)
    began = time.monotonic()
    desk.edit(stage.deal, {"next_action": f"After kill {turn}"})
    heard = _wait(
        lambda: all(one.holds(stage.gid, "next_steps") == f"After kill {turn}" for one in listening)
    )
    assert heard, "No other process has taken the lane over."
    took = time.monotonic() - began
    fleet.start()
    return took


def judged(service: Service, pushing: list[Partner]) -> list[str]:
    """Return what should not be: in the CRM, in the ledger, in the feed."""
    wrong = []
    sent = [body for partner in pushing for body in partner.bodies]
    with service.crm.database.read() as connection:
        there = Counter(connection.execute(select(Note.body)).scalars())
    twice = [body for body, many in there.items() if many > 1]
    lost = [body for body in sent if body not in there]
    if twice:
        wrong.append(f"In the CRM more than once: {twice[:5]}")
    if lost:
        wrong.append(f"Applied, and not in the CRM: {lost[:5]}")
    refused = sum((partner.statuses for partner in pushing), Counter[str]()) - Counter(applied=len(sent))
    if refused:
        wrong.append(f"Not applied: {dict(refused)}")
    with service.gateway.ground.database.read() as connection:
        grouped = select(ledger.c.state, func.count()).group_by(ledger.c.state)
        states = {row.state: row[1] for row in connection.execute(grouped)}
        positions = connection.execute(select(commit_stamp.c.position).order_by(commit_stamp.c.position))
        stamps = list(positions.scalars())
    if states != {"done": len(sent)}:
        wrong.append(f"The ledger holds {states} for {len(sent)} mutations.")
    if len(stamps) != len(set(stamps)):
        wrong.append("A position was given out twice.")
    return wrong


def _wait(condition: Any, seconds: float = _SOON) -> bool:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def told(evening: Evening) -> str:
    """Return the evening as one line of JSON."""
    return json.dumps(vars(evening))
