"""Carrying out one edit, command or deletion: read afresh, decide, write only what was touched, take back what stands.

With a system that has conditional writes a vendor's edit in between is met by reading and deciding again; without,
the read back shows it and it becomes a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.contract.manifest import EntityType, Template, project
from app.contract.merge import Clash, same
from app.contract.mutations import ClashReason, Command, FieldClash, Kind, Mutation, Status
from app.contract.rules import Context
from gateway.crm.budget import Priority, spending
from gateway.crm.port import Actor, CrmConflict, CrmError, CrmMissing, CrmRefused, FieldChange, SourceRow
from gateway.decide import (
    Clashes,
    Nothing,
    Refuse,
    Write,
    changed_by_others,
    decide_command,
    decide_delete,
    decide_patch,
    refuse,
)
from gateway.failpoints import Failpoint
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored
from gateway.feed.rows import gone_row, visible
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.ingest.absorb import Reading
from gateway.ledger import Entry
from gateway.mapping import EntityMap
from gateway.settlement import Postponed, Settlement, deleted, refused, rejected, revoked
from gateway.sight import Sight, look
from gateway.systems import System
from gateway.translate import to_command, to_contract_names, to_properties

#: How often a decision is made again because the record changed under it.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Fresh:
    """A record as the system holds it this moment; the mirror agrees with it."""

    known: Mirrored
    system: System
    item: EntityMap
    entity: EntityType
    row: SourceRow

    @property
    def data(self) -> dict[str, Any]:
        """The part of the record the user sees."""
        return project(self.entity, self.known.data)


@dataclass(frozen=True)
class Intended:
    """What is to be written: properties, the contract fields they come from, and what somebody else had changed."""

    properties: Mapping[str, Any]
    changes: Mapping[str, Any]
    others: tuple[str, ...]

    def done(self, reading: Reading, written_at: datetime) -> Settlement:
        """Return the settlement once it is written."""
        status = Status.MERGED if self.others else Status.APPLIED
        return Settlement(status, (reading,), written_at=written_at, others=self.others)


class Executor:
    """Carries out mutations of records that exist."""

    def __init__(self, ground: Ground) -> None:
        self._database = ground.database
        self._absorber = ground.absorber
        self._systems = ground.systems
        self._clock = ground.clock
        self._reached = ground.failpoints.reached

    def run(self, grant: Grant, entry: Entry, *, recovering: bool) -> Settlement | Postponed:
        """Carry out an edit, command or deletion. `recovering`: an earlier try may have got through.

        Raises CrmUnavailable.
        """
        mutation = entry.mutation
        with self._database.read() as connection:
            sight = look(connection, grant, (mutation,))
            known = sight.known.get(mutation.gid)
            saw_it_go = gone_row(connection, grant, known, mutation.gid, mutation.entity)[2] == "tombstone"
        if mutation.gid in sight.on_their_way:
            return Postponed("The record it belongs to is not written yet.", 5.0)
        if known and recovering:
            done = self._got_through(known, entry)
            if done:
                return done
        if known is None or not visible(grant, known) or known.entity != mutation.entity:
            return deleted() if saw_it_go else revoked()
        for _ in range(_ATTEMPTS):
            fresh = self._read(grant, known)
            if isinstance(fresh, Settlement):
                return fresh
            try:
                if mutation.kind is Kind.DELETE:
                    return self._delete(grant, entry, fresh)
                decided = self.decide_last(sight, entry, fresh)
                return self._write(grant, entry, fresh, decided) if isinstance(decided, Intended) else decided
            except (CrmConflict, CrmMissing):
                continue  # it changed between reading and writing: look at it again
        return Postponed("The record keeps changing.", 2.0)

    def _got_through(self, known: Mirrored, entry: Entry) -> Settlement | None:
        """Look for the mark of an earlier try in the system."""
        system = self._systems.named(known.system)
        if system is None or not system.port.was_written(known.ref, entry.mutation_id):
            return None
        reading = self._absorber.read(system, (known.ref,))
        self._absorber.prepare(reading)
        return Settlement(Status.APPLIED, (reading,), written_at=self._clock.now())

    def _read(self, grant: Grant, known: Mirrored) -> Fresh | Settlement:
        system = self._systems.named(known.system)
        entity = grant.view.entity(known.entity)
        if system is None or entity is None:
            return revoked()
        row = self._absorber.refresh(system, known.ref)
        with self._database.read() as connection:
            now = mirrored.by_gid(connection, known.gid)
            if now is None or not visible(grant, now):
                return self._gone(connection, grant, now, known)
        item = system.mapping.of_row(row.ref.obj, row.fields) if row else None
        if row is None or item is None:
            return refused("crm", "The vendor's system holds this record in a form that cannot be used.")
        return Fresh(now, system, item, entity, row)

    def _gone(
        self, connection: Connection, grant: Grant, now: Mirrored | None, known: Mirrored
    ) -> Settlement:
        reason = gone_row(connection, grant, now, known.gid, known.entity)[2]
        return deleted() if reason == "tombstone" else revoked()

    # ------------------------------------------------------------------------------------------------ deciding

    def decide_last(self, sight: Sight, entry: Entry, fresh: Fresh) -> Settlement | Intended:
        """As `decide`, for good: what clashes or is refused may be standing in its own way.

        After the ledger was restored from a backup it does not know what was written since; the system's mark does.
        """
        decided = self.decide(sight, entry, fresh)
        if isinstance(decided, Settlement) and decided.status in (Status.CONFLICT, Status.REJECTED):
            return self._got_through(fresh.known, entry) or decided
        return decided

    def decide(self, sight: Sight, entry: Entry, fresh: Fresh) -> Settlement | Intended:
        """Say what an edit or command comes to with the record as it is now."""
        mutation = entry.mutation
        match mutation.kind:
            case Kind.PATCH:
                return self._patch(sight, mutation, fresh)
            case Kind.COMMAND:
                assert mutation.command is not None
                return self._command(sight, fresh, mutation.command)
            case Kind.DELETE | Kind.CREATE | Kind.APPEND:
                raise AssertionError("deletions and new records go other ways")

    def _patch(self, sight: Sight, mutation: Mutation, fresh: Fresh) -> Settlement | Intended:
        grant, scope = sight.grant, fresh.item.scope
        decision = decide_patch(
            fresh.entity,
            mutation,
            fresh.data,
            self._clock.now().date(),
            {company.gid for company in grant.companies},
            scope.company if scope else "",
            _template(grant, fresh),
        )
        match decision:
            case Refuse(problem):
                return rejected(problem)
            case Clashes(clashes):
                return self._conflict(mutation, fresh, clashes)
            case Nothing():
                others = self._others(grant, mutation, fresh, ())
                status = Status.MERGED if others else Status.APPLIED
                return Settlement(status, others=others)
            case Write(changes, merged):
                properties, wrong = to_properties(
                    fresh.item, fresh.entity, changes, sight.rows_for(fresh.system.name)
                )
                if wrong:
                    return rejected(refuse("invalid", _CANNOT, wrong).problem)
                return Intended(properties, changes, self._others(grant, mutation, fresh, merged))

    def _command(self, sight: Sight, fresh: Fresh, command: Command) -> Settlement | Intended:
        counts = sight.counts.get(fresh.known.gid, {})
        context = Context(self._clock.now().date(), counts, _template(sight.grant, fresh))
        jobs = sight.grant.view.manifest.jobs
        follows = {job.then for job in jobs if job.of == fresh.entity.name and job.then}
        decision = decide_command(fresh.entity, command, fresh.data, context, follows)
        match decision:
            case Refuse(problem):
                return rejected(problem)
            case Nothing():
                return Settlement(Status.APPLIED)
            case Write():
                pass
        properties, wrong = to_command(
            fresh.item, fresh.entity, command.name, command.args, sight.rows_for(fresh.system.name)
        )
        if wrong:
            return rejected(refuse("invalid", _CANNOT, wrong).problem)
        return Intended(properties, {}, ())

    def _delete(self, grant: Grant, entry: Entry, fresh: Fresh) -> Settlement:
        decision = decide_delete(fresh.entity, fresh.data, unchanged=_unchanged(grant, entry.mutation, fresh))
        if isinstance(decision, Refuse):
            return rejected(decision.problem)
        revision = fresh.row.revision if fresh.system.port.capabilities.conditional_writes else None
        began, read_at = self._absorber.moment(fresh.system)
        self._reached(Failpoint.BEFORE_CRM_WRITE)
        actor = actor_of(grant, fresh.system, entry.device)
        try:
            fresh.system.port.archive(fresh.row.ref, entry.mutation_id, actor, revision)
        except CrmRefused as error:
            return self.said_no(fresh.item, error)
        self._reached(Failpoint.AFTER_CRM_WRITE)
        reading = Reading(fresh.system, began, read_at, (fresh.row.ref,), {})
        return Settlement(Status.APPLIED, (reading,), written_at=self._clock.now())

    # ------------------------------------------------------------------------------------------------- writing

    def _write(self, grant: Grant, entry: Entry, fresh: Fresh, intended: Intended) -> Settlement:
        port = fresh.system.port
        conditional = port.capabilities.conditional_writes
        began, read_at = self._absorber.moment(fresh.system)
        self._reached(Failpoint.BEFORE_CRM_WRITE)
        try:
            row = port.update(
                fresh.row.ref,
                intended.properties,
                entry.mutation_id,
                actor_of(grant, fresh.system, entry.device),
                fresh.row.revision if conditional else None,
            )
        except CrmRefused as error:
            return self.said_no(fresh.item, error)
        self._reached(Failpoint.AFTER_CRM_WRITE)
        written_at = self._clock.now()
        with spending(Priority.WRITE):  # what was written is taken over before anybody else reads
            if conditional:
                reading = self._absorber.written(fresh.system, began, read_at, row)
                self._absorber.prepare(reading)
            else:
                reading = self._absorber.read(fresh.system, (fresh.row.ref,))
                slipped = self._slipped_in(entry.mutation, fresh, row, reading, intended)
                if slipped:
                    return slipped
        return intended.done(reading, written_at)

    def _slipped_in(
        self,
        mutation: Mutation,
        fresh: Fresh,
        written: SourceRow,
        reading: Reading,
        intended: Intended,
    ) -> Settlement | None:
        """Find an edit that came between writing and reading back, where the system cannot refuse the write.

        What the write itself left in another form (trimmed, rounded) is nobody's edit.
        """
        row = reading.rows.get(fresh.row.ref)
        if row is None or row.archived:
            return deleted(reading)
        lost = [
            name
            for name in intended.changes
            if row.fields.get(prop := fresh.item.fields[name].property)
            not in (intended.properties[prop], written.fields.get(prop))
        ]
        if not lost:
            return None
        self._absorber.refresh(fresh.system, fresh.row.ref)
        with self._database.read() as connection:
            now = mirrored.by_gid(connection, fresh.known.gid)
        theirs = project(fresh.entity, now.data) if now else {}
        clashes = tuple(
            Clash(
                name,
                ClashReason.BOTH_CHANGED,
                {name: mutation.base.get(name)},
                {name: theirs.get(name)},
                {name: mutation.changes.get(name)},
            )
            for name in lost
            if not same(theirs.get(name), intended.changes[name])
        )
        return self._conflict(mutation, fresh, clashes) if clashes else None

    def said_no(self, item: EntityMap, error: CrmRefused, *readings: Reading) -> Settlement:
        """Return the rejection for a system's own refusal, in its words, on the contract's fields."""
        fields, rest = to_contract_names(item, error.fields)
        message = " ".join(dict.fromkeys((str(error), *rest)))
        return refused("crm", message, *readings, fields=fields)

    # ------------------------------------------------------------------------------------------------- telling

    def _others(
        self, grant: Grant, mutation: Mutation, fresh: Fresh, merged: tuple[str, ...]
    ) -> tuple[str, ...]:
        base = _base_position(mutation, fresh)
        if base is None:
            return merged
        found = changed_by_others(
            fresh.entity,
            mutation.changes.keys(),
            base,
            fresh.known.changed,
            grant.user,
        )
        return (*merged, *found)

    def _conflict(self, mutation: Mutation, fresh: Fresh, clashes: tuple[Clash, ...]) -> Settlement:
        authors = self._authors(fresh, clashes)
        told = []
        for clash in clashes:
            last = _latest(authors, clash)
            told.append(
                FieldClash(
                    group=clash.group,
                    reason=clash.reason,
                    base=dict(clash.base),
                    theirs=dict(clash.theirs),
                    mine=dict(clash.mine),
                    theirs_by=last.by if last else "",
                    theirs_at=last.at if last else None,
                    theirs_via=last.via if last else "",
                )
            )
        return Settlement(Status.CONFLICT, clashes=tuple(told))

    def _authors(self, fresh: Fresh, clashes: tuple[Clash, ...]) -> Mapping[str, FieldChange]:
        """Return who changed each clashing field last. Not knowing it is no reason to hold the conflict back."""
        names = {name for clash in clashes for name in clash.mine}
        if any(clash.reason is ClashReason.LOCKED for clash in clashes):
            names.add(fresh.entity.state_field)
        properties = {fresh.item.fields[name].property: name for name in names if name in fresh.item.fields}
        if not fresh.system.port.capabilities.history:
            return {}
        try:
            changes = fresh.system.port.last_changes(fresh.row.ref, tuple(properties))
        except CrmError:
            return {}
        found = {properties[name]: change for name, change in changes.items() if name in properties}
        state = found.get(fresh.entity.state_field)
        return {"": state, **found} if state else found


def _template(grant: Grant, fresh: Fresh) -> Template | None:
    """Return the form a record names."""
    name = fresh.entity.template_field
    return grant.view.manifest.template(fresh.data.get(name)) if name else None


_CANNOT = "Some fields cannot be written like this."


def actor_of(grant: Grant, system: System, device: str) -> Actor:
    """Return for whom a write is made in a system."""
    contact = grant.contacts.get(system.name)
    return Actor(contact.id if contact else "", grant.name, device)


def _latest(authors: Mapping[str, FieldChange], clash: Clash) -> FieldChange | None:
    """Return the last change of a clashing group; for a lock it is the change of state that locked it."""
    if clash.reason is ClashReason.LOCKED and "" in authors:
        return authors[""]
    changes = [authors[name] for name in clash.mine if name in authors]
    return max(changes, key=lambda change: change.at, default=None)


def _base_position(mutation: Mutation, fresh: Fresh) -> int | None:
    """Return the position of what the user saw; None when nothing can have changed since, or it is not known."""
    if not mutation.base_version:
        return None
    position, _, content = mutation.base_version.partition("-")
    if content == fresh.known.content_hash[:16]:
        return None
    try:
        return int(position, 16)
    except ValueError:
        return None


def _unchanged(grant: Grant, mutation: Mutation, fresh: Fresh) -> bool:
    if mutation.base_version:
        return mutation.base_version.partition("-")[2] == fresh.known.content_hash[:16]
    # Born on this device and never answered for: it is unchanged as long as nobody else has touched it.
    return all(by == grant.user for _, by in fresh.known.changed.values())
