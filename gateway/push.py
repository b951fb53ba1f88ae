"""Taking mutations in: one outcome each, in order, whatever becomes of the others.

Each goes through two transactions with the source system between them: received (with a lease on its record), then
outcome together with mirror, feed and receipt. Those that have nothing to do with one another go through them
together. What could not be finished is finished later by `recover`, or when it is sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from app.contract.mutations import Kind, Outcome, Status
from app.contract.receipts import short_name
from app.contract.version import WIRE_SCHEMA
from gateway import audit, ledger
from gateway.asking import (
    BUSY,
    CROWDED,
    CROWDED_CODE,
    EARLIER,
    ELSEWHERE,
    NEWER,
    NEWER_WAIT,
    Known,
    at_once,
    crowded_out,
    deferred,
    depends_words,
    failed,
    parsed,
    waves,
)
from gateway.crm.budget import Priority, spending
from gateway.crm.port import CrmError, CrmUnavailable, Ref
from gateway.execute import Executor
from gateway.failpoints import Failpoint
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored
from gateway.feed.rows import as_record, visible
from gateway.feed.writer import FeedWriter
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.identity.session import Session
from gateway.ingest.abreast import Abreast
from gateway.ingest.absorb import joined
from gateway.ledger import Asked, Ending, Entry
from gateway.make import Maker
from gateway.patience import Patience
from gateway.problems import Problem as CallProblem
from gateway.receipts import Notary, receipt_body
from gateway.settlement import Postponed, Settlement, out_of_reach, refused, revoked
from gateway.sight import names
from gateway.together import Results, Together

log = structlog.get_logger(__name__)

#: A mutation that fails for a reason that should not be is given up after so many tries.
_GIVE_UP = 6
_REPEATS = 5

#: Seconds after which a system that is asked and does not answer is taken to be silent for now.
_SILENT = 2.0


class _Superseded(Exception):
    """Something newer was stored while the outcome was being written: read again."""


@dataclass(frozen=True)
class _Work:
    """An entry that is being worked on. `recovering`: an earlier try may have got through; `hopeless`: what it
    depends on and was not applied."""

    entry: Entry
    holder: str
    recovering: bool
    hopeless: Entry | None


#: Tells whether there is time left.
InTime = Callable[[], bool]

#: An entry with what it led to.
_Led = tuple[_Work, Settlement]

#: Outcomes by the number of their entry.
_Outcomes = dict[int, Outcome]


class Intake:
    """Takes mutations in."""

    def __init__(
        self, ground: Ground, executor: Executor, maker: Maker, together: Together, notary: Notary
    ) -> None:
        self._abreast = Abreast(ground.database, ground.systems)
        self._patience = Patience(ground.clock)
        self._systems = ground.systems
        self._feed = ground.feed
        self._database = ground.database
        self._grants = ground.grants
        self._audit = ground.audit
        self._refusals = ground.refusals
        self._absorber = ground.absorber
        self._clock = ground.clock
        self._ids = ground.ids
        self._limits = ground.limits
        self._reached = ground.failpoints.reached
        self._executor = executor
        self._maker = maker
        self._together = together
        self._notary = notary

    # ------------------------------------------------------------------------------------------------- a push

    def push(self, session: Session, items: Sequence[Any], seconds: float | None = None) -> list[Outcome]:
        """Take a batch: Mutation objects, or JSON objects that are parsed one by one. Raises Problem 401, 429."""
        ends = self._clock.monotonic() + (self._limits.push_seconds if seconds is None else seconds)
        self._grants.current(session.user)  # a session that has ended fails the call, not each mutation
        understood = [parsed(item) for item in items]
        outcomes = {place: one for place, one in enumerate(understood) if isinstance(one, Outcome)}
        asked = {place: one for place, one in enumerate(understood) if isinstance(one, Asked)}
        held: set[str] = set()
        for wave in waves(asked):
            part = {place: asked[place] for place in wave}
            done = self._part(session, part, held, lambda: self._clock.monotonic() < ends)
            held |= {part[place].mutation.gid for place, one in done.items() if not one.status.final}
            outcomes |= done
        told = [outcomes[place] for place in range(len(understood))]
        self._tell_refusals(session, told)
        crowded = any(one.problem and one.problem.code == CROWDED_CODE for one in told)
        if crowded and not any(one.status.final for one in told):
            raise CallProblem(429, CROWDED_CODE, CROWDED, retry_after=self._limits.open_wait)
        return told

    def _tell_refusals(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        """Note what never got as far as the ledger: it has no receipt."""
        reasons = Counter(o.problem.code for o in outcomes if o.problem and o.status.final and not o.receipt)
        if reasons:
            self._refusals.tell(
                "mutations_refused", session.user, user=session.user, device=session.device, reasons=reasons
            )

    def _part(
        self, session: Session, part: Mapping[int, Asked], held: AbstractSet[str], in_time: InTime
    ) -> dict[int, Outcome]:
        """One outcome each by place. What names a record that is `held` up waits with it."""
        if not in_time():
            return {place: deferred(asked.mutation.mutation_id, 1.0, BUSY) for place, asked in part.items()}
        outcomes = {
            place: deferred(asked.mutation.mutation_id, 2.0, EARLIER)
            for place, asked in part.items()
            if names(asked.mutation) & held
        }
        going = {place: asked for place, asked in part.items() if place not in outcomes}
        if going:
            done = self._some(session.user, session.device_name, [*going.values()], in_time)
            outcomes |= zip(going, done, strict=True)
        return outcomes

    def recover(self, limit: int = 100) -> int:
        """Finish entries that were received and not done. Returns how many are done now."""
        with self._database.read() as connection:
            entries = ledger.waiting(connection, self._clock.now(), limit)
        done = 0
        silent: set[tuple[str, ...]] = set()
        for entry in entries:
            homes = tuple(system.name for system in self._systems.homes(entry.mutation.entity))
            if homes in silent:
                self._put_off(entry, _SILENT)
                continue
            began = self._clock.monotonic()
            outcome = self._some(entry.user, entry.device, [Asked.of(entry.mutation)], lambda: True)[0]
            done += outcome.status.final
            if not outcome.status.final:
                self._put_off(entry, outcome.retry_after or 1.0)
                if self._clock.monotonic() - began > _SILENT:
                    # It let us wait and did not answer: what waits for another system must not wait for all of its.
                    silent.add(homes)
        return done

    def _put_off(self, entry: Entry, seconds: float) -> None:
        now = self._clock.now()
        with self._database.write() as connection:
            ledger.put_off(connection, entry, now, now + timedelta(seconds=seconds))

    # ---------------------------------------------------------------------------------------------- mutations

    def _some(self, user: str, device: str, asked: Sequence[Asked], in_time: InTime) -> list[Outcome]:
        """One outcome each, for mutations that have nothing to do with one another."""
        received = self._receive(user, device, asked)
        works = [one for one in received if isinstance(one, _Work)]
        outcomes = self._finish(user, works, in_time) if works else {}
        return [one if isinstance(one, Outcome) else outcomes[one.entry.seq] for one in received]

    def _receive(self, user: str, device: str, asked: Sequence[Asked]) -> list[Outcome | _Work]:
        """Transaction 1: the mutations and the leases on their records; or what is known about them already."""
        now, holder = self._clock.now(), self._ids.new_id()
        with self._database.write() as connection:
            ids = {need for one in asked for need in (one.mutation.mutation_id, *one.mutation.depends_on)}
            known = ledger.find_many(connection, user, ids)
            gids = {one.mutation.gid for one in asked}
            first_open = ledger.first_open(connection, user, gids)
            leased = ledger.held_by_others(connection, gids, now)
            answers = {
                place: answer
                for place, one in enumerate(asked)
                if (answer := at_once(one, known, first_open, leased, self._patience.is_over)) is not None
            }
            answers |= self._crowded_out(connection, user, asked, answers.keys(), known.keys())
            replayed = [
                known[asked[place].mutation.mutation_id]
                for place, one in answers.items()
                if one is Known.DONE
            ]
            told = self._replayed(connection, user, replayed)
            taken = [one for place, one in enumerate(asked) if place not in answers]
            ledger.take_leases(
                connection, [one.mutation.gid for one in taken], holder, now, self._limits.lease
            )
            fresh = [one for one in taken if one.mutation.mutation_id not in known]
            new = ledger.receive(connection, user, device, fresh, now)
        received: list[Outcome | _Work] = []
        for place, one in enumerate(asked):
            name, answer = one.mutation.mutation_id, answers.get(place)
            if answer is Known.DONE:
                received.append(told[known[name].seq])
            elif isinstance(answer, Outcome):
                received.append(answer)
            else:
                entry = new.get(name) or known[name]
                # A ledger that was set back does not know what it did since: its marks are looked for in the system.
                unsure = not self._abreast.reached(one.mutation.entity)
                recovering, hopeless = unsure or name in known, failed(one.mutation, known)
                received.append(_Work(entry, holder, recovering=recovering, hopeless=hopeless))
        return received

    def _crowded_out(
        self,
        connection: Connection,
        user: str,
        asked: Sequence[Asked],
        answered: AbstractSet[int],
        known: AbstractSet[str],
    ) -> dict[int, Outcome]:
        """Put off what would be written down anew, and has no room beside what its user has open already."""
        fresh = [
            place
            for place, one in enumerate(asked)
            if place not in answered and one.mutation.mutation_id not in known
        ]
        most = self._limits.open_most
        room = max(0, most - ledger.open_count(connection, user, most)) if fresh else 0
        return crowded_out(fresh, room, asked, self._limits.open_wait)

    def _finish(self, user: str, works: Sequence[_Work], in_time: InTime) -> _Outcomes:
        """Carry out what is usual together, and alone what is not or has turned out not to be."""
        self._reached(Failpoint.AFTER_RECEIVED)
        outcomes: _Outcomes = {}
        usual = [work for work in works if _usual(work)]
        results, works_now = self._attempt_together(user, usual, in_time)
        if results:
            self._reached(Failpoint.BEFORE_OUTCOME)
            led = [
                (work, one) for work in usual if isinstance(one := results.get(work.entry.seq), Settlement)
            ]
            late = [
                (work, one) for work in usual if isinstance(one := results.get(work.entry.seq), Postponed)
            ]
            outcomes = self._settle(led) | self._postpone(late)
            self._reached(Failpoint.AFTER_OUTCOME)
        for work in works:
            if work.entry.seq not in outcomes:
                outcomes |= self._alone(works_now.get(work.entry.seq, work), in_time)
        return outcomes

    def _attempt_together(
        self, user: str, works: Sequence[_Work], in_time: InTime
    ) -> tuple[Results, dict[int, _Work]]:
        """Return what could be done together, and how the others stand by now."""
        if not works:
            return {}, {}
        grant = self._grant(user)
        if grant is None or not _may_write(grant):
            return {}, {}
        try:
            return self._together.carry_out(grant, [work.entry for work in works], in_time), {}
        except Exception:  # which of them brought it about shows when each is tried alone
            log.exception("mutations failed together", count=len(works))
            return {}, {work.entry.seq: replace(work, recovering=True) for work in works}

    def _alone(self, work: _Work, in_time: InTime) -> _Outcomes:
        if not in_time():
            return self._postpone([(work, Postponed(BUSY, 1.0))])
        taken_over = self._taken_over(work)
        if taken_over:
            return taken_over
        result = self._attempt(work)
        self._reached(Failpoint.BEFORE_OUTCOME)
        if isinstance(result, Settlement):
            outcomes = self._settle([(work, result)])
        else:
            outcomes = self._postpone([(work, result)])
        self._reached(Failpoint.AFTER_OUTCOME)
        return outcomes

    def _taken_over(self, work: _Work) -> _Outcomes:
        """Let the lease begin anew. If it has run out and somebody else took it, return what there is to tell.

        What came before this one may have taken long, and what is settled must not be written once more.
        """
        entry, now = work.entry, self._clock.now()
        with self._database.write() as connection:
            done = ledger.done_already(connection, [entry])
            if done:
                return self._replayed(connection, entry.user, [*done.values()])
            if ledger.renew_lease(connection, entry.gid, work.holder, now, self._limits.lease):
                return {}
        return {entry.seq: deferred(entry.mutation_id, 1.0, ELSEWHERE)}

    def _attempt(self, work: _Work) -> Settlement | Postponed:
        """Carry it out. Whatever goes wrong with this mutation stays with this mutation."""
        entry = work.entry
        if work.hopeless:
            return refused("depends", self._builds_on(entry.user, work.hopeless))
        try:
            result = self._carry_out(entry, recovering=work.recovering)
            unheard_of = isinstance(result, Settlement) and result.status is Status.GONE
            if unheard_of and not self._abreast.reached(entry.mutation.entity):
                return Postponed("The gateway is still reading what has changed at the vendor.", 2.0)
            return result
        except CrmUnavailable as error:
            return out_of_reach(error)
        except CallProblem as error:
            return Postponed(error.detail, error.retry_after or 5.0, failed=error.retry_after is None)
        except CrmError as error:
            log.warning("source system failed", mutation=entry.mutation_id, error=str(error))
            return self._failed(entry)
        except Exception:  # a bug met by one mutation must not fail the others
            log.exception("mutation failed", mutation=entry.mutation_id)
            return self._failed(entry)

    def _builds_on(self, user: str, need: Entry) -> str:
        """Name what could not be done: its own words, or the record's as far as the user sees it."""
        mutation, grant = need.mutation, self._grant(user)
        entity = grant.view.entity(mutation.entity) if grant else None
        if grant is None or entity is None:
            return depends_words(need, "record", "")
        title = mutation.changes.get(entity.title_field)
        if not title:
            with self._database.read() as connection:
                record = mirrored.by_gid(connection, mutation.gid)
            title = record.data.get(entity.title_field) if record and visible(grant, record) else ""
        return depends_words(need, entity.label, str(title or "")[:80])

    def _failed(self, entry: Entry) -> Settlement | Postponed:
        if entry.failures + 1 < _GIVE_UP:
            return Postponed("It failed in an unforeseen way.", 10.0, failed=True)
        return refused("failed", "The gateway could not do this. The vendor has been told.")

    def _carry_out(self, entry: Entry, *, recovering: bool) -> Settlement | Postponed:
        mutation = entry.mutation
        grant = self._grant(entry.user)
        if grant is None:
            return refused("not_allowed", "This account is not active any more.")
        if not _may_write(grant):
            return refused("not_allowed", "Your role may look at this, not change it.")
        if mutation.wire_schema > WIRE_SCHEMA:
            return Postponed(NEWER, NEWER_WAIT)
        match mutation.kind:
            case Kind.CREATE | Kind.APPEND:
                return self._maker.run(grant, entry, recovering=recovering)
            case Kind.PATCH | Kind.COMMAND | Kind.DELETE:
                return self._executor.run(grant, entry, recovering=recovering)

    def _grant(self, user: str) -> Grant | None:
        try:
            return self._grants.current(user)
        except CallProblem:
            return None

    # ------------------------------------------------------------------------------------------------ settling

    def _settle(self, led: Sequence[_Led]) -> _Outcomes:
        """Transaction 2: outcomes, mirror, feed and receipts together. What keeps it from being done is found alone."""
        if not led:
            return {}
        try:
            for _ in range(_REPEATS):
                try:
                    with self._feed.writing() as writer:
                        return self._write_down(writer, led)
                except _Superseded:
                    led = self._read_again(led)
            late = Postponed("The record keeps changing.", 2.0)
        except CrmUnavailable as error:
            late = out_of_reach(error)
        except Exception:  # as above: what it did is in the source system, and is found there by its mark
            log.exception("outcome not written", mutations=[work.entry.mutation_id for work, _ in led])
            late = Postponed("It failed in an unforeseen way.", 10.0, failed=True)
        if len(led) > 1:
            return {seq: outcome for one in led for seq, outcome in self._settle([one]).items()}
        return self._postpone([(work, late) for work, _ in led])

    def _write_down(self, writer: FeedWriter, led: Sequence[_Led]) -> _Outcomes:
        connection, user = writer.connection, led[0][0].entry.user
        done = ledger.done_already(connection, [work.entry for work, _ in led])
        now = [(work.entry, result) for work, result in led if work.entry.seq not in done]
        for reading in joined(reading for _, result in now for reading in result.readings):
            if self._absorber.apply(writer, reading, by=user).stale:
                raise _Superseded
        writer.flush()
        grant = self._grant_in(connection, user)
        endings = [_ending(entry, result) for entry, result in now]
        if endings:
            leaves = [ending.leaf for ending in endings]
            ledger.settle(connection, endings, *self._notary.seal(connection, leaves, self._clock.now()))
            self._audit.note_many(connection, audit.settled(endings, _companies(grant)))
        ledger.release_leases(connection, [work.entry.gid for work, _ in led], led[0][0].holder)
        told = [(ending.entry, ending.outcome) for ending in endings]
        told += [(entry, entry.stored) for entry in done.values() if entry.stored]
        return self._with_records(connection, grant, told)

    def _read_again(self, led: Sequence[_Led]) -> list[_Led]:
        """Read everything once more that was read on the way."""
        asked: dict[str, dict[Ref, None]] = {}
        systems = {reading.system.name: reading.system for _, result in led for reading in result.readings}
        for _, result in led:
            for reading in result.readings:
                asked.setdefault(reading.system.name, {}).update(dict.fromkeys(reading.asked))
        with spending(Priority.WRITE):
            fresh = {name: self._absorber.read(system, [*asked[name]]) for name, system in systems.items()}
            for reading in fresh.values():
                self._absorber.prepare(reading)
        return [
            (
                work,
                replace(
                    result,
                    readings=tuple(fresh[old.system.name].only(old.asked) for old in result.readings),
                ),
            )
            for work, result in led
        ]

    def _postpone(self, late: Sequence[tuple[_Work, Postponed]]) -> _Outcomes:
        if not late:
            return {}
        now = self._clock.now()
        with self._database.write() as connection:
            for work, result in late:
                due = result.due_at or now + timedelta(seconds=result.retry_after)
                ledger.postpone(connection, work.entry, due, failed=result.failed)
                ledger.release_leases(connection, [work.entry.gid], work.holder)
        return {
            work.entry.seq: deferred(work.entry.mutation_id, result.retry_after, result.reason, result.code)
            for work, result in late
        }

    def _replayed(self, connection: Connection, user: str, entries: Sequence[Entry]) -> _Outcomes:
        """Give known outcomes again, with the records as they are now."""
        told = [(entry, entry.stored) for entry in entries if entry.stored]
        return self._with_records(connection, self._grant_in(connection, user), told) if told else {}

    def _grant_in(self, connection: Connection, user: str) -> Grant | None:
        """The grant that holds in a transaction; None when the account has been closed meanwhile."""
        try:
            return self._grants.load(connection, user)
        except CallProblem:
            return None

    def _with_records(
        self, connection: Connection, grant: Grant | None, told: Sequence[tuple[Entry, Outcome]]
    ) -> _Outcomes:
        if grant is None:  # nobody waits for a record
            return {entry.seq: outcome for entry, outcome in told}
        records = mirrored.by_gids(connection, [entry.gid for entry, _ in told])
        return {entry.seq: _with_record(grant, records.get(entry.gid), outcome) for entry, outcome in told}

    def release_leases(self) -> None:
        """Give up leases of earlier processes: for the only process that writes, at its start."""
        with self._database.write() as connection:
            ledger.release_all(connection)


def _usual(work: _Work) -> bool:
    mutation = work.entry.mutation
    odd = work.recovering or work.hopeless is not None or mutation.wire_schema > WIRE_SCHEMA
    return not odd and mutation.kind is not Kind.DELETE


def _may_write(grant: Grant) -> bool:
    role = grant.view.manifest.role(grant.role)
    return role is not None and role.writes


def _companies(grant: Grant | None) -> list[str]:
    return [company.gid for company in grant.companies] if grant else []


def _ending(entry: Entry, result: Settlement) -> Ending:
    leaf = receipt_body(entry, result.status, result.written_at).leaf()
    outcome = Outcome(
        mutation_id=entry.mutation_id,
        status=result.status,
        clashes=result.clashes,
        problem=result.problem,
        others=result.others,
        receipt=short_name(leaf),
        written_at=result.written_at,
    )
    return Ending(entry, outcome, leaf, result.written_at)


def _with_record(grant: Grant, record: Mirrored | None, outcome: Outcome) -> Outcome:
    if record and visible(grant, record):
        return outcome.model_copy(update={"record": as_record(grant, record)})
    if outcome.status is Status.CONFLICT:
        # The other side's values are not this user's to see any more.
        unseen = revoked()
        return outcome.model_copy(update={"status": unseen.status, "clashes": (), "problem": unseen.problem})
    return outcome
