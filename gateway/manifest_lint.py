"""What is wrong with a manifest: names that lead nowhere, or are there twice. Pure.

Reading a manifest is lenient, since one may come from a newer version; this is for whoever writes one. Whether what is
there fits is looked at in `manifest_fit`, how it is spelt in `manifest_spelling`, other languages in `manifest_words`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from app.contract.manifest import (
    CommandSpec,
    EntityType,
    FieldSpec,
    FieldType,
    Filter,
    FormSpec,
    Job,
    Lifecycle,
    Manifest,
    Owner,
    Template,
)
from app.contract.predicates import RULES, Children, OneOf, Pattern, Predicates, RequiredWhen, Unknown
from gateway.manifest_flaws import Flaw, known, meant, twice

#: Contrast of text on a white ground, below which a brand's colour is darkened by the client.
_READABLE = 4.5

#: Keys of the window's own pages, after G.
_TAKEN = frozenset("HSY")

#: What a column shows, and what a filter does, without a field.
_OF_NO_FIELD = frozenset({"sync", "open"})

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_REFERENCES = frozenset({FieldType.REFERENCE, FieldType.REFERENCES})


def lint(manifest: Manifest) -> tuple[Flaw, ...]:
    """Return everything that is wrong with a manifest, in its own order; empty when all is well."""
    return tuple(_flaws(manifest))


def _flaws(manifest: Manifest) -> Iterator[Flaw]:
    roles = [role.name for role in manifest.roles]
    yield from _brand(manifest)
    yield from twice("roles", roles)
    yield from twice("entities", [entity.name for entity in manifest.entities])
    yield from twice("jobs", [job.name for job in manifest.jobs])
    yield from twice("templates", [template.name for template in manifest.templates])
    keys = [entity.key for entity in manifest.entities if entity.nav and entity.key]
    for key in sorted({key for key, many in Counter(keys).items() if many > 1} | (_TAKEN & {*keys})):
        yield Flaw("entities", f"The key {key} leads to more than one page.", "Pick another.", serious=False)
    for template in manifest.templates:
        yield from _template(template, manifest)
    for entity in manifest.entities:
        yield from _Entity(entity, manifest, roles).flaws()
    for job in manifest.jobs:
        yield from _job(job, manifest, roles)


# ------------------------------------------------------------------------------------------------------- small checks


def _brand(manifest: Manifest) -> Iterator[Flaw]:
    accent = manifest.brand.accent
    if not accent:
        return
    if not _COLOUR.fullmatch(accent):
        yield Flaw("brand.accent", f"{accent} is no colour.", "Write it like #2952C4.")
    elif contrast_on_white(accent) < _READABLE:
        cause = f"{accent} is too pale to be read on white ({contrast_on_white(accent):.1f} to 1)."
        remedy = "Clients darken it until it passes; pick a darker one to have it as it is."
        yield Flaw("brand.accent", cause, remedy, serious=False)


def contrast_on_white(colour: str) -> float:
    """Return the contrast of a colour such as #2952C4 on white, from 1 to 21 (WCAG 2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def _rules(where: str, rules: Predicates, fields: Collection[str], manifest: Manifest) -> Iterator[Flaw]:
    entities = [entity.name for entity in manifest.entities]
    for rule in rules.items:
        match rule:
            case Unknown():
                yield Flaw(f"{where}.rules", f"There is no rule {rule.rule}.", meant(rule.rule, RULES))
            case RequiredWhen():
                yield from known(f"{where}.rules", "field", [rule.field], fields)
            case Children():
                yield from known(f"{where}.rules", "entity type", [rule.entity], entities)
            case Pattern():
                try:
                    re.compile(rule.regex)
                except re.error as error:
                    yield Flaw(f"{where}.rules", f"The pattern cannot be used: {error}.", "Correct it.")
            case _:
                pass  # the others say nothing but figures


def _field(where: str, spec: FieldSpec, fields: Collection[str], manifest: Manifest) -> Iterator[Flaw]:
    if spec.currency_field:
        yield from known(f"{where}.currency_field", "field", [spec.currency_field], fields)
    elif spec.type is FieldType.MONEY:
        yield Flaw(where, "Nothing says in which currency it is.", "Name the field in currency_field.")
    if spec.target:
        yield from known(
            f"{where}.target", "entity type", [spec.target], [one.name for one in manifest.entities]
        )
    elif spec.type in _REFERENCES and spec.owner is not Owner.APPEND:
        yield Flaw(where, "Nothing says what it refers to.", "Name the entity type in target.")
    values = [choice.value for choice in spec.choices]
    yield from twice(f"{where}.choices", values)
    if not values and any(isinstance(rule, OneOf) for rule in spec.rules.items):
        yield Flaw(where, "It must be one of its choices and has none.", "Give it choices.")
    if values and isinstance(spec.default, str):
        yield from known(f"{where}.default", "choice", [spec.default], values)
    yield from _rules(where, spec.rules, fields, manifest)


def _form(where: str, form: FormSpec, fields: Collection[str], manifest: Manifest) -> Iterator[Flaw]:
    seen = [name for section in form.sections for row in section.rows for name in row]
    yield from twice(where, seen)
    for section in form.sections:
        at = f"{where}.sections.{section.title}"
        yield from known(f"{at}.rows", "field", [name for row in section.rows for name in row], fields)
        if section.files:
            entities = [one.name for one in manifest.entities]
            yield from known(f"{at}.files", "entity type", [section.files.entity], entities)


def _template(template: Template, manifest: Manifest) -> Iterator[Flaw]:
    where = f"templates.{template.name}"
    fields = [spec.name for spec in template.fields]
    yield from twice(f"{where}.fields", fields)
    for spec in template.fields:
        yield from _field(f"{where}.fields.{spec.name}", spec, fields, manifest)
    yield from _form(f"{where}.form", template.form, fields, manifest)


def _job(job: Job, manifest: Manifest, roles: Collection[str]) -> Iterator[Flaw]:
    where = f"jobs.{job.name}"
    yield from known(f"{where}.roles", "role", job.roles, roles)
    entities = [entity.name for entity in manifest.entities]
    yield from known(f"{where}.entity", "entity type", [job.entity], entities)
    entity = manifest.entity(job.entity)
    if entity is None:
        return
    if job.does in ("create", "derive") and not (entity.creatable and entity.form):
        yield Flaw(where, f"{entity.plural} cannot be made.", "Make the entity type creatable, with a form.")
    if job.does == "command":
        yield from known(f"{where}.command", "command", [job.command], _commands(entity))
    if job.does == "derive":
        yield from _derived(where, job, entity, manifest)


def _derived(where: str, job: Job, entity: EntityType, manifest: Manifest) -> Iterator[Flaw]:
    yield from known(f"{where}.of", "entity type", [job.of], [one.name for one in manifest.entities])
    yield from known(f"{where}.copies", "field", [*job.copies, *job.sets], list(entity.by_name))
    old = manifest.entity(job.of)
    if old is None:
        return
    sources = [name for name in job.copies.values() if name != "gid"]
    yield from known(f"{where}.copies", f"field of {job.of}", sources, list(old.by_name))
    yield from known(f"{where}.states", "state", job.states, _states(old))
    yield from known(f"{where}.then", "command", [job.then] if job.then else [], _commands(old))


def _commands(entity: EntityType) -> list[str]:
    return [command.name for command in entity.lifecycle.commands] if entity.lifecycle else []


def _states(entity: EntityType) -> list[str]:
    return [state.name for state in entity.lifecycle.states] if entity.lifecycle else []


# ------------------------------------------------------------------------------------------------------ entity types


class _Entity:
    """The flaws of one entity type."""

    def __init__(self, entity: EntityType, manifest: Manifest, roles: Collection[str]) -> None:
        self._entity = entity
        self._manifest = manifest
        self._roles = roles
        self._where = f"entities.{entity.name}"
        self._fields = list(entity.by_name)

    def flaws(self) -> Iterator[Flaw]:
        entity, where = self._entity, self._where
        yield from twice(f"{where}.fields", [spec.name for spec in entity.fields])
        for spec in entity.fields:
            at = f"{where}.fields.{spec.name}"
            yield from _field(at, spec, self._fields, self._manifest)
            yield from known(f"{at}.roles", "role", spec.roles, self._roles)
        yield from self._named()
        yield from self._children()
        yield from self._list()
        yield from self._related()
        if entity.form:
            yield from _form(f"{where}.form", entity.form, self._fields, self._manifest)
        elif entity.creatable and entity.kind == "record":
            yield Flaw(where, "It is creatable and has no form.", "Give it one: [entities.form].")
        if entity.lifecycle:
            yield from self._lifecycle(entity.lifecycle)

    def _named(self) -> Iterator[Flaw]:
        entity = self._entity
        single = ("title_field", "subtitle_field", "number_field", "template_field")
        for attribute in single:
            yield from self._of_fields(attribute, [name for name in (getattr(entity, attribute),) if name])
        for attribute in ("search", "detail", "editable_without_state"):
            yield from self._of_fields(attribute, getattr(entity, attribute))
        for side in entity.sides:
            yield from self._of_fields(f"sides.{side.label}", side.fields)
        yield from known(f"{self._where}.create_roles", "role", entity.create_roles, self._roles)

    def _of_fields(self, attribute: str, names: Iterable[str]) -> Iterator[Flaw]:
        yield from known(f"{self._where}.{attribute}", "field", names, self._fields)

    def _children(self) -> Iterator[Flaw]:
        entity = self._entity
        types = [one.name for one in self._manifest.entities]
        yield from known(f"{self._where}.parents", "entity type", entity.parents, types)
        if (entity.kind == "append") != bool(entity.parents):
            cause = "`parents` goes with kind = append, and only with it."
            yield Flaw(self._where, cause, "Name the parents, or make it a record.")
        if entity.kind == "append" and "parent" not in self._fields:
            yield Flaw(self._where, "It has no field parent.", "Add one of type reference, owner append.")

    def _related(self) -> Iterator[Flaw]:
        for part in self._entity.related:
            at = f"{self._where}.related.{part.entity}"
            other = self._manifest.entity(part.entity)
            yield from known(at, "entity type", [part.entity], [one.name for one in self._manifest.entities])
            if other is not None:
                yield from known(at, f"field of {part.entity}", [part.field], list(other.by_name))

    def _list(self) -> Iterator[Flaw]:
        spec, at = self._entity.list, f"{self._where}.list"
        for column in spec.columns:
            if column.field or column.show not in _OF_NO_FIELD:
                yield from known(f"{at}.columns", "field", [column.field], self._fields)
        if spec.columns:
            yield from known(f"{at}.sort", "field", [spec.sort.removeprefix("-")], self._fields)
        for name, value in (("total", spec.total), ("window_field", spec.window_field)):
            yield from known(f"{at}.{name}", "field", [value] if value else [], self._fields)
        if bool(spec.windows) != bool(spec.window_field):
            yield Flaw(f"{at}.windows", "`windows` and `window_field` go together.", "Give both, or none.")
        yield from twice(f"{at}.chips", [chip.name for chip in spec.chips])
        for chip in spec.chips:
            yield from self._chip(f"{at}.chips.{chip.name}", chip.filters)

    def _chip(self, where: str, filters: Iterable[Filter]) -> Iterator[Flaw]:
        for one in filters:
            if one.field or one.op not in _OF_NO_FIELD:
                yield from known(where, "field", [one.field], self._fields)
            if one.op == "open" and self._entity.lifecycle is None:
                yield Flaw(where, "Nothing is open without a lifecycle.", "Filter by something else.")
            if one.field == self._entity.state_field and one.op in ("eq", "in", "not_in"):
                yield from known(where, "state", one.values, _states(self._entity))

    def _lifecycle(self, lifecycle: Lifecycle) -> Iterator[Flaw]:
        at, states = f"{self._where}.lifecycle", _states(self._entity)
        yield from known(f"{at}.field", "field", [lifecycle.field], self._fields)
        yield from known(f"{at}.initial", "state", [lifecycle.initial], states)
        yield from twice(f"{at}.states", states)
        yield from twice(f"{at}.commands", [command.name for command in lifecycle.commands])
        for state in lifecycle.states:
            where = f"{at}.states.{state.name}"
            if isinstance(state.editable, tuple):
                yield from known(f"{where}.editable", "field", state.editable, self._fields)
                yield from self._sets_of_others(where, state.editable)
            if state.step is not None and not 0 <= state.step < len(lifecycle.steps):
                cause, last = f"There is no step {state.step}.", len(lifecycle.steps) - 1
                remedy = f"Steps count from 0 to {last}." if last >= 0 else "Name the lifecycle's `steps`."
                yield Flaw(where, cause, remedy)
        for command in lifecycle.commands:
            yield from self._command(f"{at}.commands.{command.name}", command, states)

    def _sets_of_others(self, where: str, editable: Iterable[str]) -> Iterator[Flaw]:
        """What the vendor sets cannot be edited, whatever the state says."""
        vendors = [
            name
            for name in editable
            if (spec := self._entity.field(name)) is not None and spec.owner is Owner.VENDOR
        ]
        if vendors:
            cause = f"{', '.join(vendors)} is the vendor's, and is not edited here."
            yield Flaw(f"{where}.editable", cause, "Leave it out, or give it another owner.", serious=False)

    def _command(self, where: str, command: CommandSpec, states: Collection[str]) -> Iterator[Flaw]:
        yield from known(f"{where}.from_states", "state", command.from_states, states)
        yield from known(f"{where}.to_state", "state", [command.to_state], states)
        yield from known(f"{where}.roles", "role", command.roles, self._roles)
        yield from known(f"{where}.binds", "field", command.binds, self._fields)
        names = [arg.name for arg in command.args]
        yield from twice(f"{where}.args", names)
        types = [one.name for one in self._manifest.entities]
        yield from known(f"{where}.requires", "entity type", [one.entity for one in command.requires], types)
        for arg in command.args:
            yield from _field(f"{where}.args.{arg.name}", arg, [*names, *self._fields], self._manifest)
