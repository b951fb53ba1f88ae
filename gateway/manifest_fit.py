"""What is wrong with a manifest though its names are there: what does not fit what it is used for. Pure.

A length of a date, a chip for a choice there is none of, a form that cannot be handed in because it does not ask for
what is required, an icon nobody drew.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from app.contract.manifest import (
    EntityType,
    FieldSpec,
    FieldType,
    Filter,
    FormSpec,
    Job,
    Manifest,
    Owner,
    Template,
)
from app.contract.predicates import Between, Length, NotAfter, NotBefore, OneOf, Pattern, RequiredWhen
from app.contract.rules import type_problem
from gateway.manifest_flaws import Flaw, known, meant

#: Keys the window has for itself; pages add bare letters, Space, Escape and some with Ctrl.
WINDOW_KEYS = frozenset(
    [
        "Ctrl+K",
        "Ctrl+F",
        "Ctrl+Z",
        "Ctrl+Shift+S",
        "Ctrl+Shift+V",
        "F6",
        "F1",
        "F5",
        "Ctrl+Return",
        "Ctrl+D",
        "Ctrl+P",
        "Ctrl+S",
        "Ctrl+Shift+E",
    ]
)

#: Names of the window's own pages.
PAGES = frozenset(
    {"home", "first_sync", "sync_centre", "settings", "account", "colleagues", "conflict", "new"}
)

#: A name is a word in links, mappings and queries.
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SHORTCUT = re.compile(r"((Ctrl|Alt|Meta)\+(Shift\+)?([A-Z0-9]|F\d\d?)|F\d\d?)")
_CURRENCY = re.compile(r"[A-Z]{3}")

_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL})
_DAYS = frozenset({FieldType.DATE, FieldType.DATETIME})
_NUMBERS = frozenset({FieldType.MONEY, FieldType.INTEGER})
_CHOICES = frozenset({FieldType.CHOICE, FieldType.CHOICES})
#: Of these there are lists in the client; choices make a shorter one.
_CODES = frozenset({FieldType.CURRENCY, FieldType.COUNTRY})

#: What each rule can be said of; any field where it is not here.
_SAID_OF = {
    Length: _TEXTS,
    Pattern: _TEXTS,
    Between: _NUMBERS,
    NotBefore: _DAYS,
    NotAfter: _DAYS,
    OneOf: _CHOICES | _CODES,
}

_SYNC = ("synced", "draft", "waiting", "sending", "conflict", "rejected", "quarantined")


def misfits(manifest: Manifest, icons: Collection[str]) -> tuple[Flaw, ...]:
    """Return what does not fit. `icons`: the names of those there are; none where that is not known."""
    return tuple(_flaws(manifest, icons))


def _flaws(manifest: Manifest, icons: Collection[str]) -> Iterator[Flaw]:
    yield from _names(manifest)
    if icons:
        drawn = [("entities", one.name, one.icon) for one in manifest.entities]
        drawn += [("jobs", one.name, one.icon) for one in manifest.jobs]
        drawn += [("templates", one.name, one.icon) for one in manifest.templates]
        for kind, name, icon in drawn:
            if icon not in icons:
                yield Flaw(f"{kind}.{name}.icon", f"There is no icon {icon}.", _icon(icon, icons))
    for code in manifest.currencies:
        if not _CURRENCY.fullmatch(code):
            yield Flaw("currencies", f"{code} is no currency.", "Write it like EUR (ISO 4217).")
    for entity in manifest.entities:
        yield from _Fit(entity).flaws()
    for template in manifest.templates:
        yield from _template(template)
    yield from _jobs(manifest)


def _icon(icon: str, icons: Collection[str]) -> str:
    near = meant(icon, icons)
    return near if near.startswith("Did") else "See the list in docs/manifest.md."


def _names(manifest: Manifest) -> Iterator[Flaw]:
    places = [("entities", one.name) for one in manifest.entities]
    for entity in manifest.entities:
        at = f"entities.{entity.name}"
        places += [(f"{at}.fields", one.name) for one in entity.fields]
        if entity.lifecycle:
            places += [(f"{at}.lifecycle.states", one.name) for one in entity.lifecycle.states]
            places += [(f"{at}.lifecycle.commands", one.name) for one in entity.lifecycle.commands]
    places += [("roles", one.name) for one in manifest.roles]
    places += [("jobs", one.name) for one in manifest.jobs]
    places += [("templates", one.name) for one in manifest.templates]
    for where, name in places:
        if not _NAME.fullmatch(name):
            cause = f"The name {name!r} cannot be used."
            yield Flaw(f"{where}.{name}", cause, "Use small letters, digits and _, a letter first.")
        elif (where == "entities" and name in PAGES) or (where.endswith(".fields") and name == "gid"):
            yield Flaw(f"{where}.{name}", f"The name {name} has a meaning of its own.", "Pick another.")


# ---------------------------------------------------------------------------------------------------------- fields


def field_flaws(where: str, spec: FieldSpec, others: dict[str, FieldSpec]) -> Iterator[Flaw]:
    """Return what does not fit in one field. `others`: the fields beside it, by name."""
    currency = others.get(spec.currency_field)
    if currency is not None and currency.type is not FieldType.CURRENCY:
        cause = f"{spec.currency_field} holds no currency."
        yield Flaw(f"{where}.currency_field", cause, "Name a field of type currency.")
    problem = type_problem(spec, spec.default) if spec.default is not None else ""
    if problem:
        cause = f"{spec.default!r} is nothing a field of type {spec.type} may hold."
        yield Flaw(f"{where}.default", cause, _written(spec.type))
    for rule in spec.rules.items:
        at = f"{where}.rules.{rule.rule}"
        fits = _SAID_OF.get(type(rule))
        if fits is not None and spec.type not in fits:
            cause = f"It says nothing of a field of type {spec.type}."
            yield Flaw(at, cause, f"It is for: {', '.join(sorted(fits))}.")
        match rule:
            case Length() if rule.min > rule.max:
                yield Flaw(at, f"No text has {rule.min} to {rule.max} characters.", "Exchange them.")
            case Between():
                yield from _between(at, rule)
            case RequiredWhen() if (other := others.get(rule.field)) is not None and other.choices:
                values = [choice.value for choice in other.choices]
                yield from known(at, f"choice of {rule.field}:", rule.values, values)
            case _:
                pass


def _between(where: str, rule: Between) -> Iterator[Flaw]:
    numbers = []
    for text in (rule.min, rule.max):
        try:
            numbers.append(Decimal(text)) if text is not None else None
        except InvalidOperation:
            yield Flaw(where, f"{text} is no number.", 'Write it like "0.01".')
    if len(numbers) == 2 and numbers[0] > numbers[1]:  # min and max
        yield Flaw(where, f"Nothing is between {rule.min} and {rule.max}.", "Exchange them.")


def _written(kind: FieldType) -> str:
    match kind:
        case FieldType.MONEY:
            return 'Write it in quotes, with two places: "5.00".'
        case FieldType.DATE:
            return 'Write it in quotes: "2027-01-31".'
        case FieldType.CHOICES:
            return 'Write it in brackets: ["one", "two"].'
        case FieldType.INTEGER:
            return "Write a whole number, without quotes."
        case FieldType.BOOLEAN:
            return "Write true or false, without quotes."
        case _:
            return "Write what the type holds, or leave it out."


def _asked(where: str, form: FormSpec, fields: Collection[FieldSpec]) -> Iterator[Flaw]:
    """What is required and nobody is asked for: the form could never be handed in."""
    asked = {name for section in form.sections for row in section.rows for name in row}
    # Of an amount its currency is asked, too.
    asked |= {spec.currency_field for spec in fields if spec.name in asked}
    for spec in fields:
        partners = spec.owner in (Owner.PARTNER, Owner.SHARED)
        # Who acts for one company alone is never asked which.
        given = spec.default is not None or spec.target == "company"
        if spec.required and partners and spec.name not in asked and not given:
            cause = f"{spec.name} is required and not asked for, so that nothing can be handed in."
            yield Flaw(f"{where}.sections", cause, "Put it into a row, give it a default, or drop the rule.")


def _template(template: Template) -> Iterator[Flaw]:
    where = f"templates.{template.name}"
    for spec in template.fields:
        yield from field_flaws(f"{where}.fields.{spec.name}", spec, template.by_name)
        if spec.owner is Owner.VENDOR:
            cause = "Nobody can fill in what is the vendor's."
            yield Flaw(f"{where}.fields.{spec.name}.owner", cause, 'Write owner = "partner".')
        if spec.type in _CHOICES and not spec.choices:
            yield Flaw(f"{where}.fields.{spec.name}", "There is nothing to choose from.", "Give it choices.")
    yield from _asked(f"{where}.form", template.form, template.fields)


# ------------------------------------------------------------------------------------------------------ entity types


class _Fit:
    """What does not fit in one entity type."""

    def __init__(self, entity: EntityType) -> None:
        self._entity = entity
        self._where = f"entities.{entity.name}"

    def flaws(self) -> Iterator[Flaw]:
        entity, where = self._entity, self._where
        for spec in entity.fields:
            at = f"{where}.fields.{spec.name}"
            yield from field_flaws(at, spec, entity.by_name)
            fills = spec.owner in (Owner.PARTNER, Owner.SHARED) and spec.name != entity.state_field
            if fills and spec.type in _CHOICES and not spec.choices:
                yield Flaw(at, "There is nothing to choose from.", "Give it choices.")
        if entity.form and entity.creatable:
            yield from _asked(f"{where}.form", entity.form, entity.fields)
        if entity.form:
            yield from self._vendors(entity.form)
        if entity.key and not re.fullmatch(r"[A-Za-z]", entity.key):
            yield Flaw(f"{where}.key", f"{entity.key} is not one letter.", "Write one of A to Z.")
        if entity.template_field and entity.answers_field is None:
            cause = "There is no field for what is filled in."
            yield Flaw(f"{where}.template_field", cause, "Add one of type answers.")
        for side in entity.sides:
            names = entity.sides[0].names
            if len(side.fields) != len(entity.sides[0].fields) or (names and len(names) != len(side.fields)):
                cause = "The sides do not have the same number of rows."
                yield Flaw(
                    f"{where}.sides.{side.label}", cause, "Give each as many fields as there are names."
                )
        yield from self._list()
        yield from self._arguments()

    def _vendors(self, form: FormSpec) -> Iterator[Flaw]:
        for section in form.sections:
            for name in (name for row in section.rows for name in row):
                spec = self._entity.field(name)
                if spec is not None and spec.owner is Owner.VENDOR:
                    at = f"{self._where}.form.sections.{section.title}.rows"
                    yield Flaw(at, f"{name} is the vendor's, and nobody can fill it in.", "Leave it out.")

    def _list(self) -> Iterator[Flaw]:
        entity, spec, at = self._entity, self._entity.list, f"{self._where}.list"
        if entity.nav and not spec.columns:
            yield Flaw(f"{at}.columns", "Its page has no columns.", "Name some: [entities.list].")
        for name, value, kinds in (
            ("total", spec.total, {FieldType.MONEY}),
            ("window_field", spec.window_field, _DAYS),
        ):
            field = entity.field(value)
            if field is not None and field.type not in kinds:
                cause = f"{value} is of type {field.type}."
                yield Flaw(f"{at}.{name}", cause, f"Name a field of type {' or '.join(sorted(kinds))}.")
        if spec.board and entity.lifecycle is None:
            yield Flaw(f"{at}.board", "There are no states to be its columns.", "Give it a lifecycle.")
        for chip in spec.chips:
            for one in chip.filters:
                yield from self._filter(f"{at}.chips.{chip.name}", one)

    def _filter(self, where: str, one: Filter) -> Iterator[Flaw]:
        field = self._entity.field(one.field)
        match one.op:
            case "eq" | "in" | "not_in" | "sync" if not one.values:
                yield Flaw(where, f"The filter {one.op} has no values.", 'Write values = ["…"].')
            case "sync":
                yield from known(where, "state of sync", one.values, _SYNC)
            case "eq" | "in" | "not_in" if field is not None and field.choices:
                values = [choice.value for choice in field.choices]
                yield from known(where, f"choice of {one.field}:", one.values, values)
            case "within_days" if one.days <= 0:
                yield Flaw(where, "The filter within_days has no days.", "Write days = 30.")
            case _:
                pass
        if one.op in ("within_days", "before_today") and field is not None and field.type not in _DAYS:
            cause = f"{one.field} is of type {field.type}, and has no day."
            yield Flaw(where, cause, "Name a field of type date or datetime.")

    def _arguments(self) -> Iterator[Flaw]:
        for command in self._entity.lifecycle.commands if self._entity.lifecycle else ():
            own = {arg.name: arg for arg in command.args}
            for arg in command.args:
                at = f"{self._where}.lifecycle.commands.{command.name}.args.{arg.name}"
                yield from field_flaws(at, arg, {**self._entity.by_name, **own})
                if arg.type in _CHOICES and not arg.choices:
                    yield Flaw(at, "There is nothing to choose from.", "Give it choices.")


# --------------------------------------------------------------------------------------------------------------- jobs


def _jobs(manifest: Manifest) -> Iterator[Flaw]:
    keys = Counter(job.shortcut for job in manifest.jobs if job.shortcut)
    for job in manifest.jobs:
        where, entity = f"jobs.{job.name}", manifest.entity(job.entity)
        if job.shortcut and not _SHORTCUT.fullmatch(job.shortcut):
            yield Flaw(f"{where}.shortcut", f"{job.shortcut} is no shortcut.", "Write it like Ctrl+Shift+R.")
        elif job.shortcut in WINDOW_KEYS or keys[job.shortcut] > 1:
            yield Flaw(f"{where}.shortcut", f"{job.shortcut} is taken.", "Pick another.")
        if job.does == "derive" and not job.states:
            cause = "It names no states of the record it begins with, so that it fits none."
            yield Flaw(f"{where}.states", cause, "Name the states in which it is offered.")
        if entity is not None:
            yield from _sets(where, job, entity)


def _sets(where: str, job: Job, entity: EntityType) -> Iterator[Flaw]:
    for name, value in job.sets.items():
        spec = entity.field(name)
        if spec is not None and _wrong(spec, value):
            cause = f"{name} cannot be {value!r}."
            values = [choice.value for choice in spec.choices]
            remedy = meant(str(value), values) if values else _written(spec.type)
            yield Flaw(f"{where}.sets", cause, remedy)


def _wrong(spec: FieldSpec, value: Any) -> bool:
    if type_problem(spec, value):
        return True
    values = value if isinstance(value, list) else [value]
    return bool(spec.choices) and not {*values} <= {choice.value for choice in spec.choices}
