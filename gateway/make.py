"""Making records: creates and appends. The gid goes along as the mark, so that a repeat finds what was made before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.contract.ids import is_time_ordered
from app.contract.manifest import EntityType, FieldType
from app.contract.mutations import Kind, Mutation, Status
from gateway.crm.budget import Priority, spending
from gateway.crm.port import CrmMissing, CrmRefused, Ref, SourceRow
from gateway.decide import Refuse, decide_append, decide_create
from gateway.documents import Documents
from gateway.execute import Executor, actor_of
from gateway.failpoints import Failpoint
from gateway.feed.mirror import Mirrored
from gateway.feed.rows import visible
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.ingest.absorb import Reading
from gateway.ledger import Entry
from gateway.mapping import EntityMap
from gateway.names import media_type_problem, name_problem
from gateway.settlement import Postponed, Settlement, refused, rejected, revoked
from gateway.sight import Sight, look
from gateway.systems import System
from gateway.translate import to_properties

_CANNOT = "Some fields cannot be written like this."
_NO_ID = "A new record needs an id as clients make them. Nothing was made; enter it once more."


@dataclass(frozen=True)
class Plan:
    """Where a new record goes. `parent` is the row it is added to, for a child."""

    system: System
    item: EntityMap
    entity: EntityType
    changes: Mapping[str, Any]
    parent: Mirrored | None = None


class Maker:
    """Carries out creates and appends."""

    def __init__(self, ground: Ground, documents: Documents, executor: Executor) -> None:
        self._database = ground.database
        self._absorber = ground.absorber
        self._systems = ground.systems
        self._clock = ground.clock
        self._limits = ground.limits
        self._reached = ground.failpoints.reached
        self._documents = documents
        self._executor = executor

    def run(self, grant: Grant, entry: Entry, *, recovering: bool) -> Settlement | Postponed:
        """Make a record. `recovering`: an earlier try may have got through. Raises CrmUnavailable."""
        with self._database.read() as connection:
            sight = look(connection, grant, (entry.mutation,))
        plan = self.plan(sight, entry, recovering=recovering)
        return self._make(sight, entry, plan) if isinstance(plan, Plan) else plan

    def plan(self, sight: Sight, entry: Entry, *, recovering: bool = False) -> Plan | Settlement | Postponed:
        """Say where a new record goes and what is written, or why not. Raises CrmUnavailable."""
        mutation, grant = entry.mutation, sight.grant
        entity = grant.view.entity(mutation.entity)
        system = self.home(sight, mutation)
        if entity is None or system is None:
            return refused("unknown_entity", "This kind of record is not known here.")
        if not is_time_ordered(mutation.gid):
            # Ids of the source's own rows can be worked out by anybody, and are not to be had.
            return refused("malformed", _NO_ID, fields={"gid": "This is no UUID of version 7."})
        if (entity.kind == "append") != (mutation.kind is Kind.APPEND):
            return refused("malformed", f"{entity.plural} are added in another way.")
        taken = sight.known.get(mutation.gid)
        if taken or recovering:
            made = self._made_before(grant, system, entry, taken)
            if made:
                return made
        if self._on_its_way(sight, entity, mutation.changes):
            return Postponed("A record it refers to is not written yet.", 5.0)
        if mutation.kind is Kind.APPEND:
            return self._plan_child(sight, entity, entry)
        return self._plan_whole(grant, system, entity, entry)

    def home(self, sight: Sight, mutation: Mutation) -> System | None:
        """Return the system a new record goes to: a child to that of its parent."""
        homes = self._systems.homes(mutation.entity)
        parent = sight.known.get(str(mutation.changes.get("parent", ""))) if len(homes) > 1 else None
        of_parent = self._systems.named(parent.system) if parent else None
        return of_parent if of_parent in homes else next(iter(homes), None)

    def _on_its_way(self, sight: Sight, entity: EntityType, changes: Mapping[str, Any]) -> bool:
        named: list[Any] = []
        for spec in entity.fields:
            value = changes.get(spec.name)
            if spec.type is FieldType.REFERENCE:
                named.append(value)
            elif spec.type is FieldType.REFERENCES and isinstance(value, list):
                named += value
        return any(gid in sight.on_their_way for gid in named if isinstance(gid, str))

    def _made_before(
        self, grant: Grant, system: System, entry: Entry, taken: Mirrored | None
    ) -> Settlement | None:
        """Look for the record under its mark. A gid that stands for something else is not given out again."""
        mutation = entry.mutation
        if taken and not visible(grant, taken):
            return revoked()
        for item in system.mapping.of_entity(mutation.entity):
            found = system.port.find_created(item.object, mutation.gid)
            if found and (taken is None or taken.ref == found):
                reading = self._absorber.read(system, (found,))
                self._absorber.prepare(reading)
                return Settlement(Status.APPLIED, (reading,), written_at=self._clock.now())
        if taken:
            return refused("exists", "There is a record of this id already.")
        return None

    # ------------------------------------------------------------------------------------------------ deciding

    def _plan_whole(
        self, grant: Grant, system: System, entity: EntityType, entry: Entry
    ) -> Plan | Settlement:
        item = system.mapping.of_entity(entity.name)[0]
        company_field = item.scope.company if item.scope else ""
        companies = {company.gid for company in grant.companies}
        today = self._clock.now().date()
        decision = decide_create(entity, entry.mutation.changes, today, companies, company_field)
        if isinstance(decision, Refuse):
            return rejected(decision.problem)
        return Plan(system, item, entity, decision.changes)

    def _plan_child(self, sight: Sight, entity: EntityType, entry: Entry) -> Plan | Settlement | Postponed:
        changes = entry.mutation.changes
        parent = sight.seen(str(changes.get("parent", "")))
        strangers = self._strangers(sight, entity, changes, parent)
        if parent is None:
            return revoked()
        system = self._systems.named(parent.system)
        item = system.mapping.for_child(entity.name, parent.ref.obj) if system else None
        if system is None or item is None or parent.entity not in entity.parents:
            return refused("parent", f"{entity.plural} cannot be added to this record.")
        if strangers:
            return refused("reference", _CANNOT, fields=strangers)
        decision = decide_append(entity, changes, self._clock.now().date())
        if isinstance(decision, Refuse):
            return rejected(decision.problem)
        unfit = self._unfit(sight.grant, item, decision.changes, entry) if item.blob else None
        return unfit or Plan(system, item, entity, decision.changes, parent)

    def _strangers(
        self, sight: Sight, entity: EntityType, changes: Mapping[str, Any], parent: Mirrored | None
    ) -> dict[str, str]:
        """Find references to records that do not hang on the same parent, or are not there for this user."""
        wrong: dict[str, str] = {}
        for spec in entity.fields:
            gid = changes.get(spec.name)
            if spec.type is not FieldType.REFERENCE or spec.name == "parent" or not gid:
                continue
            target = sight.seen(str(gid))
            if target is None or parent is None or target.parent != parent.gid:
                wrong[spec.name] = "This does not belong to the same record."
        return wrong

    def _unfit(
        self, grant: Grant, item: EntityMap, changes: Mapping[str, Any], entry: Entry
    ) -> Settlement | Postponed | None:
        """Say what keeps a file from being added; None when nothing does."""
        wrong = _deceptive(changes)
        if wrong:
            return refused("file_name", _CANNOT, fields=wrong)
        sha256 = str(changes.get(item.blob, ""))
        with self._database.read() as connection:
            size = self._documents.usable(connection, grant, sha256)
        if size is None:
            given_up = entry.received_at + self._limits.file_wait
            if self._clock.now() < given_up:
                # It may have been here: a backup was put back, a disk lost it. Its sender still has it.
                return Postponed("Its file is not here yet.", 5.0, code="blob", due_at=given_up)
            wrong = {item.blob: "Upload this file first."}
        elif changes.get("size") not in (None, size):
            wrong = {"size": "This is not the size of the uploaded file."}
        else:
            return None
        return refused("blob", "The file is not ready to be added.", fields=wrong)

    # ------------------------------------------------------------------------------------------------- writing

    def properties(self, sight: Sight, entry: Entry, plan: Plan) -> dict[str, Any] | Settlement:
        """Return what is written into the system's row."""
        rows = sight.rows_for(plan.system.name)
        properties, wrong = to_properties(plan.item, plan.entity, plan.changes, rows)
        if wrong:
            return refused("reference", _CANNOT, fields=wrong)
        properties |= plan.item.create
        actor = actor_of(sight.grant, plan.system, entry.device).id
        if plan.item.actor and actor:
            # In a system that is not their company's somebody may stand for nobody.
            properties[plan.item.actor] = actor
        return properties

    def _make(self, sight: Sight, entry: Entry, plan: Plan) -> Settlement:
        grant, properties = sight.grant, self.properties(sight, entry, plan)
        if isinstance(properties, Settlement):
            return properties
        began, read_at = self._absorber.moment(plan.system)
        self._reached(Failpoint.BEFORE_CRM_WRITE)
        try:
            row = self._send(grant, entry, plan, properties)
        except CrmRefused as error:
            return self._executor.said_no(plan.item, error)
        except CrmMissing:
            if plan.parent:
                self._absorber.refresh(plan.system, plan.parent.ref)
            return revoked()
        self._reached(Failpoint.AFTER_CRM_WRITE)
        written_at = self._clock.now()
        reading = self._absorber.written(plan.system, began, read_at, row)
        readings: tuple[Reading, ...] = (reading,)
        with spending(Priority.WRITE):
            self._absorber.prepare(reading)
            if plan.parent:
                # What the system did to the parent on its own (a new state, a due date) belongs to the same answer.
                readings = (reading, self._absorber.read(plan.system, (plan.parent.ref,)))
        return Settlement(Status.APPLIED, readings, written_at=written_at)

    def _send(self, grant: Grant, entry: Entry, plan: Plan, properties: Mapping[str, Any]) -> SourceRow:
        port, gid = plan.system.port, entry.mutation.gid
        actor = actor_of(grant, plan.system, entry.device)
        obj = plan.item.object
        if plan.parent is None:
            return port.create(obj, properties, gid, actor)
        parent: Ref = plan.parent.ref
        if not plan.item.blob:
            return port.append(obj, parent, properties, gid, actor)
        changes = plan.changes
        media_type = str(changes.get("media_type") or "application/octet-stream")
        body = self._documents.body(
            grant.user, str(changes[plan.item.blob]), media_type, str(changes.get("name", ""))
        )
        return port.attach(obj, parent, properties, body, gid, actor)


def _deceptive(changes: Mapping[str, Any]) -> dict[str, str]:
    """Say what is wrong with the name and the kind of a file, by field."""
    kind = changes.get("media_type")
    found = {
        "name": name_problem(str(changes.get("name", ""))),
        "media_type": media_type_problem(str(kind)) if kind else "",
    }
    return {field: wrong for field, wrong in found.items() if wrong}
