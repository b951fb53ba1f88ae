"""Taking mutations in: one outcome each, in order, whatever becomes of the others.

Each goes through two transactions with the source system between them: received (with a lease on its record), then
outcome together with mirror and feed. What could not be finished is finished later by `recover`, or when it is sent
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection

from app.contract.mutations import Kind, Mutation, Outcome, Problem, Status
from app.contract.receipts import short_name
from app.contract.version import WIRE_SCHEMA
from gateway import ledger
from gateway.crm.port import CrmError, CrmUnavailable
from gateway.execute import Executor
from gateway.failpoints import Failpoint
from gateway.feed import mirror as mirrored
from gateway.feed.rows import as_record, visible
from gateway.feed.writer import FeedWriter
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.identity.session import Session
from gateway.ingest.absorb import Reading
from gateway.ledger import Entry, State
from gateway.make import Maker
from gateway.problems import Problem as CallProblem
from gateway.receipts import Notary, receipt_body
from gateway.settlement import Postponed, Settlement, refused, revoked

log = structlog.get_logger(__name__)

#: A mutation that fails for a reason that should not be is given up after so many tries.
_GIVE_UP = 6
_REPEATS = 5
_APPLIED = (Status.APPLIED, Status.MERGED)


class _Superseded(Exception):
    """Something newer was stored while the outcome was being written: read again."""


@dataclass(frozen=True)
class _Work:
    """An entry that is being worked on. `recovering`: an earlier try may have got through; `hopeless`: something it
    depends on was not applied."""

    entry: Entry
    holder: str
    recovering: bool
    hopeless: bool


class Intake:
    """Takes mutations in."""

    def __init__(self, ground: Ground, executor: Executor, maker: Maker, notary: Notary) -> None:
        self._feed = ground.feed
        self._database = ground.database
        self._grants = ground.grants
        self._absorber = ground.absorber
        self._clock = ground.clock
        self._ids = ground.ids
        self._limits = ground.limits
        self._reached = ground.failpoints.reached
        self._executor = executor
        self._maker = maker
        self._notary = notary

    # ------------------------------------------------------------------------------------------------- a push

    def push(self, session: Session, items: Sequence[Any], seconds: float | None = None) -> list[Outcome]:
        """Take a batch: Mutation objects, or JSON objects that are parsed one by one. Raises Problem 401."""
        ends = self._clock.monotonic() + (self._limits.push_seconds if seconds is None else seconds)
        self._grants.current(session.user)  # a session that has ended fails the call, not each mutation
        held: set[str] = set()
        outcomes: list[Outcome] = []
        for item in items:
            parsed = _parsed(item)
            if isinstance(parsed, Outcome):
                outcomes.append(parsed)
                continue
            if self._clock.monotonic() >= ends:
                outcome = deferred(parsed.mutation_id, 1.0)
            elif _names(parsed) & held:
                outcome = deferred(parsed.mutation_id, 2.0)
            else:
                outcome = self._one(session.user, session.device_name, parsed)
            if not outcome.status.final:
                held.add(parsed.gid)
            outcomes.append(outcome)
        self._sign([(session.user, o.mutation_id) for o in outcomes if o.status.final])
        return outcomes

    def recover(self, limit: int = 100) -> int:
        """Finish entries that were received and not done. Returns how many are done now."""
        with self._database.read() as connection:
            entries = ledger.waiting(connection, self._clock.now(), limit)
        done: list[tuple[str, str]] = []
        for entry in entries:
            outcome = self._one(entry.user, entry.device, entry.mutation)
            if outcome.status.final:
                done.append((entry.user, entry.mutation_id))
        self._sign(done)
        return len(done)

    def _sign(self, entries: Sequence[tuple[str, str]]) -> None:
        if entries:
            with self._database.write() as connection:
                self._notary.sign(connection, entries, self._clock.now())

    # ---------------------------------------------------------------------------------------------- a mutation

    def _one(self, user: str, device: str, mutation: Mutation) -> Outcome:
        work = self._receive(user, device, mutation)
        if isinstance(work, Outcome):
            return work
        self._reached(Failpoint.AFTER_RECEIVED)
        result = self._attempt(work)
        self._reached(Failpoint.BEFORE_OUTCOME)
        outcome = (
            self._settle(work, result) if isinstance(result, Settlement) else self._postpone(work, result)
        )
        self._reached(Failpoint.AFTER_OUTCOME)
        return outcome

    def _receive(self, user: str, device: str, mutation: Mutation) -> Outcome | _Work:
        """Transaction 1: the mutation and the lease on its record; or what is known about it already."""
        now, holder = self._clock.now(), self._ids.new_id()
        with self._database.write() as connection:
            entry = ledger.find(connection, user, mutation.mutation_id)
            if entry and entry.body_hash != mutation.body_hash():
                message = "Another mutation was sent under this id before."
                return _refusal(mutation.mutation_id, Problem(code="id_reused", message=message))
            if entry and entry.state is State.DONE:
                return self._replayed(connection, entry)
            waits, failed = _dependencies(connection, user, mutation)
            if waits and not failed:
                return deferred(mutation.mutation_id, 2.0)
            if ledger.earlier_open(connection, user, mutation.gid, entry):
                return deferred(mutation.mutation_id, 2.0)
            if not ledger.take_lease(connection, mutation.gid, holder, now, self._limits.lease):
                return deferred(mutation.mutation_id, 1.0)
            recovering = entry is not None
            entry = entry or ledger.receive(connection, user, device, mutation, now)
        return _Work(entry, holder, recovering, hopeless=failed)

    def _attempt(self, work: _Work) -> Settlement | Postponed:
        """Carry it out. Whatever goes wrong with this mutation stays with this mutation."""
        entry = work.entry
        if work.hopeless:
            return refused("depends", "Something it builds on could not be done.")
        try:
            return self._carry_out(entry, recovering=work.recovering)
        except CrmUnavailable as error:
            return Postponed(str(error), error.retry_after)
        except CallProblem as error:
            return Postponed(error.detail, error.retry_after or 5.0, failed=error.retry_after is None)
        except CrmError as error:
            log.warning("source system failed", mutation=entry.mutation_id, error=str(error))
            return self._failed(entry)
        except Exception:  # a bug met by one mutation must not fail the others
            log.exception("mutation failed", mutation=entry.mutation_id)
            return self._failed(entry)

    def _failed(self, entry: Entry) -> Settlement | Postponed:
        if entry.failures + 1 < _GIVE_UP:
            return Postponed("It failed in an unforeseen way.", 10.0, failed=True)
        return refused("failed", "The gateway could not do this. The vendor has been told.")

    def _carry_out(self, entry: Entry, *, recovering: bool) -> Settlement | Postponed:
        mutation = entry.mutation
        grant = self._grant(entry)
        if grant is None:
            return refused("not_allowed", "This account is not active any more.")
        role = grant.view.manifest.role(grant.role)
        if role is None or not role.writes:
            return refused("not_allowed", "Your role may look at this, not change it.")
        if mutation.wire_schema > WIRE_SCHEMA:
            return refused("schema", "This was written by a newer version than the gateway understands.")
        match mutation.kind:
            case Kind.CREATE | Kind.APPEND:
                return self._maker.run(grant, entry, recovering=recovering)
            case Kind.PATCH | Kind.COMMAND | Kind.DELETE:
                return self._executor.run(grant, entry, recovering=recovering)

    def _grant(self, entry: Entry) -> Grant | None:
        try:
            return self._grants.current(entry.user)
        except CallProblem:
            return None

    # ------------------------------------------------------------------------------------------------ settling

    def _settle(self, work: _Work, result: Settlement) -> Outcome:
        """Transaction 2: outcome, mirror and feed together."""
        try:
            for _ in range(_REPEATS):
                try:
                    with self._feed.writing() as writer:
                        return self._write_down(writer, work, result)
                except _Superseded:
                    result = self._read_again(result)
        except CrmUnavailable as error:
            return self._postpone(work, Postponed(str(error), error.retry_after))
        except Exception:  # as above: what it did is in the source system, and is found there by its mark
            log.exception("outcome not written", mutation=work.entry.mutation_id)
            return self._postpone(work, Postponed("It failed in an unforeseen way.", 10.0, failed=True))
        return self._postpone(work, Postponed("The record keeps changing.", 2.0))

    def _write_down(self, writer: FeedWriter, work: _Work, result: Settlement) -> Outcome:
        connection, entry = writer.connection, work.entry
        now = ledger.find(connection, entry.user, entry.mutation_id)
        if now and now.state is State.DONE:
            return self._replayed(connection, now)
        for reading in result.readings:
            if self._absorber.apply(writer, reading, by=entry.user).stale:
                raise _Superseded
        body = receipt_body(entry, result.status, result.written_at)
        leaf = body.leaf()
        outcome = Outcome(
            mutation_id=entry.mutation_id,
            status=result.status,
            clashes=result.clashes,
            problem=result.problem,
            others=result.others,
            receipt=short_name(leaf),
            written_at=result.written_at,
        )
        ledger.settle(connection, entry, outcome, leaf, result.written_at)
        ledger.release_lease(connection, entry.gid, work.holder)
        return self._with_record(connection, entry, outcome)

    def _read_again(self, result: Settlement) -> Settlement:
        fresh: list[Reading] = []
        for reading in result.readings:
            fresh.append(self._absorber.read(reading.system, reading.asked))
            self._absorber.prepare(fresh[-1])
        return Settlement(
            result.status, tuple(fresh), result.written_at, result.others, result.clashes, result.problem
        )

    def _postpone(self, work: _Work, result: Postponed) -> Outcome:
        due = self._clock.now() + timedelta(seconds=result.retry_after)
        with self._database.write() as connection:
            ledger.postpone(connection, work.entry, due, failed=result.failed)
            ledger.release_lease(connection, work.entry.gid, work.holder)
        return deferred(work.entry.mutation_id, result.retry_after)

    def _replayed(self, connection: Connection, entry: Entry) -> Outcome:
        """Give a known outcome again, with the record as it is now."""
        assert entry.stored is not None
        return self._with_record(connection, entry, entry.stored)

    def _with_record(self, connection: Connection, entry: Entry, outcome: Outcome) -> Outcome:
        try:
            grant = self._grants.load(connection, entry.user)
        except CallProblem:
            return outcome  # the account has been closed meanwhile; nobody waits for a record
        record = mirrored.by_gid(connection, entry.gid)
        if record and visible(grant, record):
            return outcome.model_copy(update={"record": as_record(grant, record)})
        if outcome.status is Status.CONFLICT:
            # The other side's values are not this user's to see any more.
            unseen = revoked()
            return outcome.model_copy(
                update={"status": unseen.status, "clashes": (), "problem": unseen.problem}
            )
        return outcome

    def release_leases(self) -> None:
        """Give up leases of earlier processes: for the only process that writes, at its start."""
        with self._database.write() as connection:
            ledger.release_all(connection)


def deferred(mutation_id: str, retry_after: float) -> Outcome:
    """Return *not yet*."""
    return Outcome(mutation_id=mutation_id, status=Status.DEFERRED, retry_after=retry_after)


def _refusal(mutation_id: str, problem: Problem) -> Outcome:
    return Outcome(mutation_id=mutation_id, status=Status.REJECTED, problem=problem)


def _parsed(item: Any) -> Mutation | Outcome:
    """Understand one member of a batch, or say what is wrong with it; the others are none of its business."""
    try:
        mutation = item if isinstance(item, Mutation) else Mutation.model_validate(item)
        mutation.body_hash()  # refuses what has no one byte form: floats, half surrogates
    except ValidationError as error:
        fields = {".".join(str(part) for part in e["loc"]) or "mutation": e["msg"] for e in error.errors()}
        return _malformed(item, fields)
    except (ValueError, RecursionError) as error:
        return _malformed(item, {"changes": str(error)})
    wrong = {
        name: "Too long, or empty."
        for name, most in (("mutation_id", 60), ("gid", 36), ("entity", 60))
        if not 0 < len(getattr(mutation, name)) <= most
    }
    if mutation.captured_at.tzinfo is None or not 1900 < mutation.captured_at.year < 9000:
        wrong["captured_at"] = "A time with its zone."
    return _malformed(item, wrong) if wrong else mutation


def _malformed(item: Any, fields: Mapping[str, str]) -> Outcome:
    named = item.get("mutation_id") if isinstance(item, dict) else getattr(item, "mutation_id", None)
    problem = Problem(code="malformed", message="This could not be understood.", fields=dict(fields))
    return _refusal(named if isinstance(named, str) else "", problem)


def _names(mutation: Mutation) -> set[str]:
    """The record a mutation is about, and those its values may refer to."""
    return {mutation.gid, *(value for value in mutation.changes.values() if isinstance(value, str))}


def _dependencies(connection: Connection, user: str, mutation: Mutation) -> tuple[bool, bool]:
    """Return whether it has to wait for another mutation, and whether one it needs was not applied."""
    entries = [ledger.find(connection, user, needed) for needed in mutation.depends_on]
    failed = any(e and e.stored and e.stored.status not in _APPLIED for e in entries)
    return any(e is None or e.stored is None for e in entries), failed
