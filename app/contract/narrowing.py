"""The part of a portal that can be filled: what no source system holds is not offered at all.

An empty list that can never fill, a job that leads nowhere, a form that asks for a file no system takes, a button that
leads to a state no system has: none of that is shown. What goes with an entity type are the references to it, whatever
names such a reference, and what can only hang on it; what goes with a field is whatever names the field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.contract.manifest import (
    CommandSpec,
    EntityType,
    FieldSpec,
    FormSection,
    FormSpec,
    Job,
    Lifecycle,
    Manifest,
    Owner,
    Side,
    Template,
)
from app.contract.predicates import Children, Predicates, RequiredWhen


@dataclass(frozen=True)
class Held:
    """What the home of an entity type holds of it; None: all there is.

    `fields`: names of fields that stand in it somewhere. `lacks`: states it does not have. `parents`: of a child, the
    entity types it can hang on there.
    """

    fields: frozenset[str] | None = None
    lacks: frozenset[str] = frozenset()
    parents: frozenset[str] | None = None


def narrowed(
    manifest: Manifest, held: Collection[str], details: Mapping[str, Held] | None = None
) -> Manifest:
    """Return the manifest without the entity types that are not in `held`, and without whatever leads to them.

    `details`: by entity type, what of those that are held cannot be kept. Vendor fields stay: they are empty, and no
    promise.
    """
    cut = _Cut(manifest, held, details or {})
    return cut.manifest()


class _Cut:
    """One manifest being cut. `_parents`: by child, what it can hang on."""

    def __init__(self, manifest: Manifest, held: Collection[str], details: Mapping[str, Held]) -> None:
        self._whole = manifest
        self._details = details
        self._parents = self._hanging(frozenset(e.name for e in manifest.entities if e.name in held))
        self._kept = frozenset(
            e.name for e in manifest.entities if e.name in held and (not e.parents or self._parents[e.name])
        )
        self._lost = {
            e.name: frozenset(s.name for s in e.fields if self._is_lost(e, s)) for e in manifest.entities
        }

    def manifest(self) -> Manifest:
        """Return what is left; the manifest itself when that is all."""
        whole = self._whole
        entities = tuple(self._entity(entity) for entity in whole.entities if entity.name in self._kept)
        by_name = {entity.name: entity for entity in entities}
        jobs = tuple(found for job in whole.jobs if (found := _job(job, by_name)) is not None)
        templates = tuple(self._template(template) for template in whole.templates)
        if (entities, jobs, templates) == (whole.entities, whole.jobs, whole.templates):
            return whole
        return whole.changed(entities=entities, jobs=jobs, templates=templates)

    # ------------------------------------------------------------------------------------------------ what goes

    def _hanging(self, kept: frozenset[str]) -> dict[str, frozenset[str]]:
        """What each kind of child can hang on, however deep: parents that are there and can be named."""
        children = {e.name: frozenset(e.parents) for e in self._whole.entities if e.parents}
        while True:
            found = {}
            for name, parents in children.items():
                able = self._details.get(name, Held()).parents
                found[name] = (parents if able is None else parents & able) & kept
            orphans = {name for name, parents in found.items() if not parents} & kept
            if not orphans:
                return found
            kept -= orphans

    def _is_lost(self, entity: EntityType, spec: FieldSpec) -> bool:
        if spec.target and spec.target not in self._kept:
            return True
        fields = self._details.get(entity.name, Held()).fields
        if fields is None or spec.owner is Owner.VENDOR or spec.name in (entity.title_field, "parent"):
            return False
        return spec.name not in fields

    def _hangs(self, child: str, parents: Iterable[str]) -> bool:
        return child in self._kept and not self._parents.get(child, frozenset()).isdisjoint(parents)

    # ------------------------------------------------------------------------------------------------- cutting

    def _entity(self, entity: EntityType) -> EntityType:
        lost, here = self._lost[entity.name], (entity.name,)
        show = entity.list
        return entity.changed(
            parents=tuple(n for n in entity.parents if n in self._parents.get(entity.name, ())),
            fields=tuple(self._field(s, lost, here) for s in entity.fields if s.name not in lost),
            lifecycle=self._lifecycle(entity, entity.lifecycle) if entity.lifecycle else None,
            editable_without_state=_without(entity.editable_without_state, lost),
            search=_without(entity.search, lost),
            detail=_without(entity.detail, lost),
            subtitle_field="" if entity.subtitle_field in lost else entity.subtitle_field,
            number_field="" if entity.number_field in lost else entity.number_field,
            template_field="" if entity.template_field in lost else entity.template_field,
            related=tuple(
                part
                for part in entity.related
                if part.entity in self._kept and part.field not in self._lost[part.entity]
            ),
            sides=_sides(entity.sides, lost),
            list=show.changed(
                columns=tuple(column for column in show.columns if column.field not in lost),
                chips=tuple(c for c in show.chips if not any(f.field in lost for f in c.filters)),
                total="" if show.total in lost else show.total,
                windows=() if show.window_field in lost else show.windows,
                window_field="" if show.window_field in lost else show.window_field,
            ),
            form=self._form(entity.form, lost, here) if entity.form else None,
        )

    def _field(self, spec: FieldSpec, lost: frozenset[str], here: Collection[str]) -> FieldSpec:
        """Drop the rules that ask for children nobody holds, or depend on a field that is gone."""
        rules = tuple(
            rule
            for rule in spec.rules.items
            if not (isinstance(rule, Children) and not self._hangs(rule.entity, here))
            and not (isinstance(rule, RequiredWhen) and rule.field in lost)
        )
        return spec if len(rules) == len(spec.rules.items) else spec.changed(rules=Predicates(items=rules))

    def _lifecycle(self, entity: EntityType, lifecycle: Lifecycle) -> Lifecycle:
        lost = self._lost[entity.name]
        lacks = self._details.get(entity.name, Held()).lacks
        states = tuple(
            state.changed(editable=_without(state.editable, lost))
            if isinstance(state.editable, tuple)
            else state
            for state in lifecycle.states
        )
        commands = tuple(
            self._command(entity, command) for command in lifecycle.commands if command.to_state not in lacks
        )
        return lifecycle.changed(states=states, commands=commands)

    def _command(self, entity: EntityType, command: CommandSpec) -> CommandSpec:
        lost = frozenset(arg.name for arg in command.args if arg.target and arg.target not in self._kept)
        here = (entity.name,)
        return command.changed(
            args=tuple(self._field(arg, lost, here) for arg in command.args if arg.name not in lost),
            requires=tuple(rule for rule in command.requires if self._hangs(rule.entity, here)),
            binds=_without(command.binds, self._lost[entity.name]),
        )

    def _form(self, form: FormSpec, lost: frozenset[str], here: Collection[str]) -> FormSpec:
        sections = tuple(self._section(section, lost, here) for section in form.sections)
        return form.changed(sections=tuple(part for part in sections if part.rows or part.files))

    def _section(self, section: FormSection, lost: frozenset[str], here: Collection[str]) -> FormSection:
        rows = (_without(row, lost) for row in section.rows)
        files = section.files if section.files and self._hangs(section.files.entity, here) else None
        return section.changed(rows=tuple(row for row in rows if row), files=files)

    def _template(self, template: Template) -> Template:
        """A template asks for no file where none hangs on what names templates."""
        here = [e.name for e in self._whole.entities if e.template_field and e.name in self._kept]
        lost = frozenset(
            spec.name for spec in template.fields if spec.target and spec.target not in self._kept
        )
        return template.changed(
            fields=tuple(self._field(s, lost, here) for s in template.fields if s.name not in lost),
            form=self._form(template.form, lost, here),
        )


def _without(names: tuple[str, ...], lost: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in lost)


def _sides(sides: tuple[Side, ...], lost: frozenset[str]) -> tuple[Side, ...]:
    """Rows stand side by side: one that is gone on one side goes on the other."""
    gone = {row for side in sides for row, name in enumerate(side.fields) if name in lost}
    if not gone:
        return sides
    return tuple(
        side.changed(
            fields=tuple(name for row, name in enumerate(side.fields) if row not in gone),
            names=tuple(name for row, name in enumerate(side.names) if row not in gone),
        )
        for side in sides
    )


def _job(job: Job, entities: Mapping[str, EntityType]) -> Job | None:
    """Return a job as it can be done, None when it leads nowhere."""
    made, source = entities.get(job.entity), entities.get(job.of or job.entity)
    if made is None or source is None:
        return None
    if job.does == "command":
        return job if job.command in _commands(made) else None
    then = job.then if job.then in _commands(source) else ""
    copies = {
        name: old
        for name, old in job.copies.items()
        if name in made.by_name and (old == "gid" or old in source.by_name)
    }
    sets = {name: value for name, value in job.sets.items() if name in made.by_name}
    return (
        job
        if (then, copies, sets) == (job.then, job.copies, job.sets)
        else job.changed(then=then, copies=copies, sets=sets)
    )


def _commands(entity: EntityType) -> set[str]:
    return {command.name for command in entity.lifecycle.commands} if entity.lifecycle else set()
