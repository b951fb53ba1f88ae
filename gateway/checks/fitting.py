"""How a mapping fits what a source system says its objects are made of; pure.

What does not fit is told with the property, or the choices, that would have to be made, in the form the system's
connector takes to make them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.contract.manifest import EntityType, FieldSpec, FieldType, Manifest, Owner
from gateway.checks.finding import Finding, know, mend
from gateway.crm.schema import Kind, ObjectSchema, Property, WantedProperty
from gateway.mapping import As, EntityMap, FieldMap, SystemMapping

#: What a property may be made of for each way of writing a value; `OTHER` fits everywhere, as nobody can tell.
_FITS: Mapping[As, frozenset[Kind]] = {
    As.SAME: frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.INTEGER, Kind.BOOLEAN, Kind.REFERENCE}),
    As.TEXT: frozenset(Kind) - {Kind.ITEMS},
    As.INTEGER: frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.TEXT}),
    As.BOOLEAN: frozenset({Kind.BOOLEAN, Kind.TEXT, Kind.CHOICE, Kind.INTEGER}),
    As.DECIMAL: frozenset({Kind.DECIMAL, Kind.INTEGER, Kind.TEXT}),
    As.MINOR_UNITS: frozenset({Kind.INTEGER, Kind.DECIMAL}),
    As.DATE: frozenset({Kind.DATE, Kind.DATETIME, Kind.TEXT}),
    As.DATE_MS: frozenset({Kind.DATE, Kind.DATETIME, Kind.INTEGER, Kind.TEXT}),
    As.DATETIME: frozenset({Kind.DATETIME, Kind.DATE, Kind.TEXT}),
    As.DATETIME_MS: frozenset({Kind.DATETIME, Kind.INTEGER, Kind.TEXT}),
    As.LIST: frozenset({Kind.CHOICES, Kind.TEXT, Kind.LONG_TEXT, Kind.ITEMS, Kind.CHOICE}),
    As.REFERENCE: frozenset({Kind.REFERENCE, Kind.TEXT, Kind.INTEGER}),
    As.REFERENCES: frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.ITEMS, Kind.REFERENCE}),
    As.PERSON: frozenset({Kind.REFERENCE, Kind.TEXT, Kind.INTEGER}),
    As.JSON: frozenset({Kind.TEXT, Kind.LONG_TEXT}),
    As.WEBSITE: frozenset({Kind.TEXT, Kind.LONG_TEXT}),
    As.ITEMS: frozenset({Kind.ITEMS, Kind.TEXT, Kind.LONG_TEXT}),
}

#: What is made for a value that is written in one of these ways, whatever the contract calls it.
_MADE: Mapping[As, Kind] = {
    As.INTEGER: Kind.INTEGER,
    As.BOOLEAN: Kind.BOOLEAN,
    As.DECIMAL: Kind.DECIMAL,
    As.MINOR_UNITS: Kind.INTEGER,
    As.DATE: Kind.DATE,
    As.DATE_MS: Kind.DATE,
    As.DATETIME: Kind.DATETIME,
    As.DATETIME_MS: Kind.DATETIME,
}

#: Characters of a gid, and of the marks of the last twenty writes with what stands between them.
_GID, _MARKS = 36, 20 * 37


@dataclass(frozen=True)
class Misfit:
    """One thing that does not fit. `wanted`: what the system would have to be given; None where nothing can be made.

    `prop`: the property it is about, empty when it is about the object.
    """

    finding: Finding
    obj: str
    wanted: WantedProperty | None = None
    prop: str = ""


@dataclass(frozen=True)
class _Need:
    """What one map needs of one property. `why`: who needs it, for people. `choices`: value to label."""

    name: str
    why: str
    fits: frozenset[Kind]
    kind: Kind
    choices: Mapping[str, str]
    label: str
    written: bool
    unique: bool = False
    length: int = 0
    target: str = ""
    closed: bool = False

    def wanted(self, choices: Mapping[str, str]) -> WantedProperty:
        return WantedProperty(
            self.name, self.label, self.kind, choices, self.unique, self.length, target=self.target
        )

    @property
    def can_be_made(self) -> bool:
        """What leads over a reference, or is the connector's own word, is not a property one could make."""
        known = self.kind is not Kind.REFERENCE or bool(self.target)
        return known and "." not in self.name and not self.name.startswith("@")


def misfits(
    mapping: SystemMapping, manifest: Manifest, schemas: Mapping[str, ObjectSchema | None]
) -> list[Misfit]:
    """Hold a mapping against a system's objects, by name; None stands for one that is not there."""
    found: list[Misfit] = []
    for obj in mapping.objects():
        schema = schemas.get(obj)
        if schema is None:
            cause = f"{mapping.system} has no object {obj}, or the credentials do not let it be seen."
            remedy = (
                "Correct the mapping, install what the object belongs to, or widen the credentials' rights."
            )
            found.append(Misfit(mend("object_missing", cause, remedy), obj))
            continue
        for item in mapping.of_object(obj):
            entity = manifest.entity(item.entity)
            if entity is not None:
                found += _of_map(mapping, item, entity, schema)
    told: dict[tuple[str, str], Misfit] = {}
    for one in found:
        before = told.get((one.finding.cause, one.obj))
        told[one.finding.cause, one.obj] = _both(before, one) if before else one
    return list(told.values())


def wanted_of(found: Iterable[Misfit]) -> list[tuple[str, WantedProperty]]:
    """Return what would have to be made, by object: each property once, with the choices that any map needs of it."""
    wanted: dict[tuple[str, str], WantedProperty] = {}
    for one in found:
        if one.wanted is not None:
            key = one.obj, one.wanted.name
            wanted[key] = _joined(wanted[key], one.wanted) if key in wanted else one.wanted
    return [(obj, one) for (obj, _), one in wanted.items()]


def _both(first: Misfit, second: Misfit) -> Misfit:
    if first.wanted is None or second.wanted is None:
        return first
    return replace(first, wanted=_joined(first.wanted, second.wanted))


def _joined(first: WantedProperty, second: WantedProperty) -> WantedProperty:
    return replace(
        first,
        choices={**first.choices, **second.choices},
        unique=first.unique or second.unique,
        length=max(first.length, second.length),
    )


def _of_map(
    mapping: SystemMapping, item: EntityMap, entity: EntityType, schema: ObjectSchema
) -> Iterator[Misfit]:
    specs = [spec for one in mapping.maps for spec in one.fields.values()]
    people = [
        spec.object for spec in specs if spec.conversion is As.PERSON and spec.object and not spec.system
    ]
    system, needs = mapping.system, list(_needs(item, entity, people[0] if people else ""))
    for need in needs:
        there = schema.property(need.name)
        if there is None:
            yield _missing(system, schema, need)
        else:
            yield from _unfit(system, schema, need, there)
    writes = any(need.written for need in needs)
    if writes and not schema.writable:
        cause = f"{system}: the credentials do not let {schema.label} ({schema.obj}) be written."
        yield Misfit(mend("object_read_only", cause, "Widen the rights of the user or key."), schema.obj)
    if entity.creatable or entity.kind == "append":
        given = {need.name for need in needs if need.written}
        # What is told of a file is given with its bytes.
        given |= {spec.property for spec in item.fields.values()} if item.blob else set()
        # What a child hangs on is given with it.
        given |= {item.parent.property, item.parent.object_property} if item.parent else set()
        lacking = [
            one.name
            for one in schema.properties.values()
            if one.required and one.writable and one.name not in given
        ]
        if lacking:
            cause = f"{system}: {schema.label} cannot be created without {', '.join(sorted(lacking))}."
            remedy = f"Give them a value in the mapping of {item.entity}: create = {{ … }}."
            yield Misfit(mend("property_required", cause, remedy), schema.obj)


def _missing(system: str, schema: ObjectSchema, need: _Need) -> Misfit:
    cause = f"{system}: {schema.label} ({schema.obj}) has no property {need.name}, which {need.why} needs."
    if not need.can_be_made:
        return Misfit(mend("property_missing", cause, "Correct the mapping."), schema.obj, prop=need.name)
    kind = need.kind.value.replace("_", " ") + (", unique" if need.unique else "")
    choices = f" with {', '.join(need.choices)}" if need.choices else ""
    remedy = f"Make it ({kind}{choices}): counterpart-gateway check --create; or correct the mapping."
    return Misfit(mend("property_missing", cause, remedy), schema.obj, need.wanted(need.choices))


def _unfit(system: str, schema: ObjectSchema, need: _Need, there: Property) -> Iterator[Misfit]:
    where = f"{system}: {schema.obj}.{need.name}"
    if there.kind is not Kind.OTHER and there.kind not in need.fits:
        cause = f"{where} is {there.kind.value.replace('_', ' ')}, which {need.why} cannot be read from."
        yield Misfit(mend("property_kind", cause, "Say in the mapping how it is written (`as`)."), schema.obj)
    if need.written and not there.writable:
        cause = f"{where} cannot be written, and {need.why} is written by partners."
        remedy = "Widen the rights of the user or key, or map another property."
        yield Misfit(mend("property_read_only", cause, remedy), schema.obj)
    if need.unique and not there.unique:
        cause = f"{where} is not unique: {system} does not keep two rows from bearing the same mark."
        yield Misfit(know("property_not_unique", cause, "Make it unique where the system can."), schema.obj)
    if need.target and there.target and there.target != need.target:
        cause = f"{where} leads to {there.target}; the mapping of {need.why} says {need.target}."
        yield Misfit(mend("property_target", cause, "Correct the mapping."), schema.obj)
    if there.choices is None or not need.choices:
        return
    missing = {value: label for value, label in need.choices.items() if value not in there.choices}
    if missing and not there.open:
        cause = f"{where} has no choice {', '.join(missing)}, which {need.why} needs."
        remedy = "Add it: counterpart-gateway check --create; or correct the mapping."
        yield Misfit(mend("choice_missing", cause, remedy), schema.obj, need.wanted(missing))
    more = [label for value, label in there.choices.items() if value not in need.choices]
    if more and need.closed:
        cause = f"{where} may hold {', '.join(more)}, which stands for no state of the portal."
        remedy = "Add it to `values` in the mapping, or leave such rows out with `only`."
        yield Misfit(know("choice_unmapped", cause, remedy), schema.obj)


# ------------------------------------------------------------------------------------------------------------- needs


def _needs(item: EntityMap, entity: EntityType, person: str) -> Iterator[_Need]:
    """Say what a map needs of its object's properties. `person`: the object whose rows are people."""
    written = _written_fields(entity)
    if item.blob:
        # What is told of a file comes with its bytes, whether or not the system lets it be written besides.
        written -= {item.blob, "name", "size", "media_type"}
    for name, spec in item.fields.items():
        field = entity.field(name)
        if field is not None and spec.property not in ("@id", "@revision", "@modified_at"):
            state = name == entity.state_field
            yield _of_field(item, field, spec, written=name in written, state=state, entity=entity)
    for command in entity.lifecycle.commands if entity.lifecycle else ():
        own = item.commands.get(command.name)
        if command.by != "partner":
            continue
        for arg in command.args:
            target = own.args.get(arg.name) if own else None
            if target is not None:
                yield _of_field(item, arg, target, written=True, state=False, entity=entity)
        for name, value in (own.set if own else {}).items():
            yield _constant(name, (value,), f"the command {command.name} of {item.entity}", written=True)
    yield from _of_rows(item, entity, person, writes=bool(written))


def _of_rows(item: EntityMap, entity: EntityType, person: str, *, writes: bool) -> Iterator[_Need]:
    """Say what a map needs besides its fields."""
    made = entity.creatable or entity.kind == "append"
    if item.marker:
        why = f"the mark of new {entity.plural.lower()}"
        text = frozenset({Kind.TEXT, Kind.LONG_TEXT})
        # The connector's own words for it (@…) are unique by what stands behind them.
        unique = not item.marker.startswith("@")
        yield _Need(item.marker, why, text, Kind.TEXT, {}, "Counterpart reference", made, unique, _GID)
    if item.mark:
        why = f"the marks of writes to {entity.plural.lower()}"
        text = frozenset({Kind.TEXT, Kind.LONG_TEXT})
        yield _Need(item.mark, why, text, Kind.LONG_TEXT, {}, "Counterpart marks", writes, length=_MARKS)
    for name, allowed in item.only.items():
        yield _constant(name, allowed, f"what is shared of {item.entity}", written=False)
    if made:
        for name, value in item.create.items():
            yield _constant(name, (value,), f"creating {item.entity}", written=True)
    if item.actor and made:
        people = frozenset(Kind) - {Kind.ITEMS}
        why = f"who created {item.entity}"
        yield _Need(item.actor, why, people, Kind.REFERENCE, {}, "Person", written=True, target=person)
    scope = item.scope
    for one in (scope.entitlement, *scope.conditions) if scope else ():
        if one is not None:
            choices = {value: value for value in one.tags}
            several = frozenset({Kind.CHOICES, Kind.CHOICE, Kind.TEXT, Kind.LONG_TEXT, Kind.ITEMS})
            why = f"who may see {item.entity}"
            yield _Need(one.property, why, several, Kind.CHOICES, choices, "Shown to", written=False)
    if item.parent:
        ids = frozenset({Kind.REFERENCE, Kind.TEXT, Kind.INTEGER})
        yield _Need(
            item.parent.property,
            f"what {item.entity} hangs on",
            ids,
            Kind.REFERENCE,
            {},
            "Parent",
            written=False,
        )


def _of_field(
    item: EntityMap, field: FieldSpec, spec: FieldMap, *, written: bool, state: bool, entity: EntityType
) -> _Need:
    labels = {choice.value: choice.label for choice in field.choices}
    if state and entity.lifecycle:
        labels = {one.name: one.label for one in entity.lifecycle.states}
    choices = {system: labels.get(contract, contract) for system, contract in spec.readings.items()}
    links = spec.conversion in (As.REFERENCE, As.PERSON)
    target = spec.object if links and not spec.system else ""
    return _Need(
        spec.property,
        f"{item.entity}.{field.name}",
        _FITS[spec.conversion],
        _kind(field, spec),
        choices,
        field.label,
        written=written,
        target=target,
        closed=state,
    )


def _kind(field: FieldSpec, spec: FieldMap) -> Kind:
    if spec.conversion in (As.REFERENCE, As.PERSON, As.ITEMS):
        return Kind.TEXT if spec.system else Kind.REFERENCE
    if spec.conversion in (As.REFERENCES, As.JSON):
        return Kind.LONG_TEXT
    if spec.conversion is As.LIST:
        return Kind.CHOICES if spec.values else Kind.TEXT
    if spec.conversion in _MADE:
        return _MADE[spec.conversion]
    if spec.values:
        return Kind.CHOICE
    match field.type:
        case FieldType.LONG_TEXT:
            return Kind.LONG_TEXT
        case FieldType.INTEGER:
            return Kind.INTEGER
        case FieldType.BOOLEAN:
            return Kind.BOOLEAN
        case _:
            return Kind.TEXT


def _constant(name: str, values: Iterable[object], why: str, *, written: bool) -> _Need:
    values = tuple(values)
    if all(isinstance(value, bool) for value in values):
        fits, kind, choices = frozenset({Kind.BOOLEAN, Kind.TEXT, Kind.CHOICE}), Kind.BOOLEAN, {}
    else:
        fits, kind = frozenset(Kind) - {Kind.ITEMS}, Kind.CHOICE
        choices = {value: value for value in values if isinstance(value, str) and value}
    return _Need(name, why, fits, kind, choices, name, written=written)


def _written_fields(entity: EntityType) -> frozenset[str]:
    """Return the fields that are written for partners, by entering, editing or commanding."""
    theirs = {spec.name for spec in entity.fields if spec.owner is not Owner.VENDOR}
    found: set[str] = set(entity.editable_without_state) & theirs
    if entity.creatable or entity.kind == "append":
        found |= theirs - ({"parent"} if entity.kind == "append" else set())
    if entity.lifecycle:
        for state in entity.lifecycle.states:
            found |= theirs if state.editable == "all" else theirs & set(state.editable)
        commands = [one for one in entity.lifecycle.commands if one.by == "partner"]
        found |= {arg.name for one in commands for arg in one.args if entity.field(arg.name)}
        found |= {entity.lifecycle.field} if commands else set()
    return frozenset(found)
