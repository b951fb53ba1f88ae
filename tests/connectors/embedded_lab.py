"""The embedded CRM under the contract suite: its own desk as staff, a wire of our own in front of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any

from gateway.convert import incoming
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import (
    CrmBusy,
    CrmConflict,
    CrmError,
    CrmUnauthorised,
    CrmUnavailable,
    Ref,
)
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.connectors.lab import DEAL, Lab
from tests.gateway.crm_world import build_world

_WRITES = frozenset({"create", "update", "append", "archive", "attach", "write_many"})
_CALLS = _WRITES | frozenset(
    {"changed_since", "fetch", "sweep", "merged_into", "was_written", "find_created", "last_changes"}
    | {"open_file", "describe", "add_property", "person"}
)


class Wire:
    """What is between a connector and its system: it can be cut, answer by itself, or lose an answer."""

    def __init__(self, label: str) -> None:
        self._label = label
        self.answers: list[CrmError] = []
        self.loses = False
        self.before: Callable[[], object] | None = None
        self.calls_left: int | None = None

    def error(self, status: int, retry_after: float | None) -> CrmError:
        """Return what a connector makes of an answer."""
        words = f"{self._label} answers {status}."
        match status:
            case 429:
                return CrmBusy(words, retry_after or 10.0)
            case 401:
                return CrmUnauthorised(words)
            case 409:
                return CrmConflict(words)
            case _:
                return CrmUnavailable(words, max(2.0, retry_after or 2.0))

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Let a call through, or not."""
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise CrmUnavailable(f"{self._label} cannot be reached.", 1.0)
        if self.answers:
            raise self.answers.pop(0)
        if name in _WRITES:
            act, self.before = self.before, None
            if act:
                _elsewhere(act)
        yield
        if name in _WRITES and self.loses:
            self.loses = False
            raise CrmUnavailable(f"{self._label} did not answer.", 1.0)


def _elsewhere(act: Callable[[], object]) -> None:
    """Act on a thread of one's own, as somebody else would."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


class WiredCrm(EmbeddedCrm):
    """The embedded CRM at the end of a wire."""

    wire: Wire

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in _CALLS:
            return found
        wire: Wire = super().__getattribute__("wire")

        def called(*args: Any, **kwargs: Any) -> Any:
            with wire.call(name):
                return found(*args, **kwargs)

        return called


class EmbeddedLab(Lab):
    """The system under test."""

    commits_late = False  # its transactions are short, and bear the time of their commit

    def __init__(self) -> None:
        self.world = build_world()
        self._mapping = SystemMapping.load(
            (files("gateway.crm.embedded") / "mapping.toml").read_text("utf-8")
        )
        self._wire = Wire(self.world.crm.label)
        self.clock = _Clock(self.world.clock)
        self.actor = self.world.maya
        self.system = self.reopened()

    def reopened(self) -> System:
        crm = WiredCrm(self.world.crm.database, self.world.crm.vendor)
        crm.wire = self._wire
        self.system = System(crm, self._mapping)
        return self.system

    # ------------------------------------------------------------------------------------------- staff's hands

    def _add(self, obj: str, **values: Any) -> Ref:
        with self.world.crm.writing() as unit:
            return Ref(obj, str(unit.insert(obj, values, AUTOMATION)))

    def company(self, name: str) -> Ref:
        return self._add("account", acct_name=name, tier_code="A", stage_code="ACT", country_iso="GB")

    def _columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return self.written("deal_registration", values)

    def deal(self, company: Ref, **values: Any) -> Ref:
        columns = self._columns({**DEAL, "state": "under_review", **values})
        return self._add("registration", account_id=int(company.id), **columns)

    def request(self, company: Ref, subject: str) -> Ref:
        return self._add(
            "ticket",
            account_id=int(company.id),
            subject=subject,
            topic_code="QST",
            prio="P3",
            status_code="WORK",
        )

    def edit(self, ref: Ref, **values: Any) -> None:
        desk, state = self.world.desk, values.pop("state", None)
        if values:
            desk.edit(ref, self._columns(values))
        match state:
            case None:
                pass
            case "rejected":
                desk.reject(ref, "Already registered")
            case "pending_approval":
                desk.send_for_approval(ref)
            case _:
                raise AssertionError(state)

    def look(self, ref: Ref) -> Mapping[str, Any]:
        rows = self.world.crm.fetch([ref])
        if not rows or rows[0].archived:
            return {}
        item = self.item("deal_registration")
        names = ("title", "customer", "competitor", "next_steps", "amount", "state")
        return {name: incoming(item.fields[name], rows[0].fields, _same, _same) for name in names}

    def count(self, customer: str) -> int:
        with self.world.crm.database.read() as connection:
            query = "SELECT count(*) FROM registration WHERE cust_name = ? AND NOT archived"
            return int(connection.exec_driver_sql(query, (customer,)).scalar() or 0)

    def note(self, parent: Ref, text: str, *, public: bool) -> Ref:
        desk = self.world.desk
        if public:
            desk.answer(parent, text)
        else:
            desk.internal_note(parent, text)
        return self.world.crm.children("note", parent)[-1].ref

    def texts(self, parent: Ref) -> list[str]:
        return [row.fields["body"] for row in self.world.crm.children("note", parent)]

    def files(self, parent: Ref) -> Mapping[str, bytes]:
        crm = self.world.crm
        rows = crm.children("attachment", parent)
        return {row.fields["file_name"]: b"".join(crm.open_file(row.ref).chunks) for row in rows}

    def archive(self, ref: Ref) -> None:
        self.world.desk.archive(ref)

    def delete(self, ref: Ref) -> None:
        self.world.desk.delete(ref)

    def merge(self, loser: Ref, winner: Ref) -> None:
        self.world.desk.merge(loser, winner)

    def move(self, ref: Ref, company: Ref) -> None:
        self.world.desk.move(ref, company)

    def herd(self, company: Ref, many: int) -> None:
        columns = self._columns({**DEAL, "state": "under_review"})
        with self.world.crm.writing() as unit:
            for _ in range(many):
                unit.insert("registration", {"account_id": int(company.id), **columns}, AUTOMATION)

    def begin_late(self, ref: Ref, **values: Any) -> Callable[[], None]:
        raise AssertionError("no transaction of it bears another time than its commit's")

    # ------------------------------------------------------------------------------------------- time and wire

    def tick(self, seconds: float) -> None:
        self.world.clock.turn(seconds=seconds)

    def answer(self, status: int, *, retry_after: float | None = None, times: int = 1) -> None:
        self._wire.answers += [self._wire.error(status, retry_after)] * times

    def lose_answer(self) -> None:
        self._wire.loses = True

    def before_write(self, act: Callable[[], object]) -> None:
        self._wire.before = act

    def cut(self, after: int = 0) -> None:
        self._wire.calls_left = after

    def mend(self) -> None:
        self._wire.calls_left = None

    def refused(self) -> tuple[str, Any]:
        return "contact_email", "kim@gmail.com"


class _Clock:
    """The CRM's clock as the gateway takes one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now().timestamp()


def _same(obj: str, source_id: str) -> str:
    return f"{obj}/{source_id}"
