"""The part of a portal that can be filled: what no source system holds is not offered at all.

An empty list that can never fill, a job that leads nowhere, a form that asks for a file no system takes: none of that
is shown. What goes with an entity type are the references to it, whatever names such a reference, and what can only
hang on it.
"""

from __future__ import annotations

from collections.abc import Collection

from app.contract.manifest import (
    CommandSpec,
    EntityType,
    FieldSpec,
    FormSection,
    FormSpec,
    Lifecycle,
    Manifest,
)
from app.contract.predicates import Children, Predicates, RequiredWhen


def narrowed(manifest: Manifest, held: Collection[str]) -> Manifest:
    """Return the manifest without the entity types that are not in `held`, and without whatever leads to them."""
    kept = _kept(manifest, held)
    if len(kept) == len(manifest.entities):
        return manifest
    entities = tuple(_entity(entity, kept) for entity in manifest.entities if entity.name in kept)
    jobs = tuple(job for job in manifest.jobs if {job.entity, job.of or job.entity} <= kept)
    return manifest.changed(entities=entities, jobs=jobs)


def _kept(manifest: Manifest, held: Collection[str]) -> frozenset[str]:
    """What is held, but for children all of whose possible parents are missing, however deep."""
    kept = frozenset(entity.name for entity in manifest.entities if entity.name in held)
    while True:
        orphans = {
            entity.name
            for entity in manifest.entities
            if entity.name in kept and entity.parents and kept.isdisjoint(entity.parents)
        }
        if not orphans:
            return kept
        kept -= orphans


def _entity(entity: EntityType, kept: frozenset[str]) -> EntityType:
    lost = frozenset(spec.name for spec in entity.fields if _is_lost(spec, kept))
    return entity.changed(
        parents=tuple(name for name in entity.parents if name in kept),
        fields=tuple(_field(spec, lost, kept) for spec in entity.fields if spec.name not in lost),
        lifecycle=_lifecycle(entity.lifecycle, lost, kept) if entity.lifecycle else None,
        editable_without_state=_without(entity.editable_without_state, lost),
        search=_without(entity.search, lost),
        detail=_without(entity.detail, lost),
        related=tuple(part for part in entity.related if part.entity in kept),
        list=entity.list.changed(
            columns=tuple(column for column in entity.list.columns if column.field not in lost),
            chips=tuple(c for c in entity.list.chips if not any(f.field in lost for f in c.filters)),
        ),
        form=_form(entity.form, lost, kept) if entity.form else None,
    )


def _is_lost(spec: FieldSpec, kept: frozenset[str]) -> bool:
    return bool(spec.target) and spec.target not in kept


def _without(names: tuple[str, ...], lost: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in lost)


def _field(spec: FieldSpec, lost: frozenset[str], kept: frozenset[str]) -> FieldSpec:
    """Drop the rules that ask for children nobody holds, or depend on a field that is gone."""
    rules = tuple(
        rule
        for rule in spec.rules.items
        if not (isinstance(rule, Children) and rule.entity not in kept)
        and not (isinstance(rule, RequiredWhen) and rule.field in lost)
    )
    return spec if len(rules) == len(spec.rules.items) else spec.changed(rules=Predicates(items=rules))


def _lifecycle(lifecycle: Lifecycle, lost: frozenset[str], kept: frozenset[str]) -> Lifecycle:
    states = tuple(
        state.changed(editable=_without(state.editable, lost)) if isinstance(state.editable, tuple) else state
        for state in lifecycle.states
    )
    commands = tuple(_command(command, kept) for command in lifecycle.commands)
    return lifecycle.changed(states=states, commands=commands)


def _command(command: CommandSpec, kept: frozenset[str]) -> CommandSpec:
    lost = frozenset(arg.name for arg in command.args if _is_lost(arg, kept))
    return command.changed(
        args=tuple(_field(arg, lost, kept) for arg in command.args if arg.name not in lost),
        requires=tuple(rule for rule in command.requires if rule.entity in kept),
    )


def _form(form: FormSpec, lost: frozenset[str], kept: frozenset[str]) -> FormSpec:
    sections = tuple(_section(section, lost, kept) for section in form.sections)
    return form.changed(sections=tuple(part for part in sections if part.rows or part.files))


def _section(section: FormSection, lost: frozenset[str], kept: frozenset[str]) -> FormSection:
    rows = (_without(row, lost) for row in section.rows)
    files = section.files if section.files and section.files.entity in kept else None
    return section.changed(rows=tuple(row for row in rows if row), files=files)
