"""What a field is, in words: what it is for, who fills it in, when it is locked, and what may stand in it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from app.contract.manifest import EntityType, FieldSpec, Owner
from app.contract.predicates import (
    Between,
    Children,
    FieldPredicate,
    Length,
    NotAfter,
    NotBefore,
    OneOf,
    Pattern,
    Required,
    RequiredWhen,
    Unknown,
)
from app.services.format import Formats, decimal_of


@dataclass(frozen=True)
class Explained:
    """A field in words. `facts` are a heading and a sentence each, in the order one asks."""

    title: str
    about: str
    facts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All of it, for a tip or for those who listen."""
        told = (f"{heading}: {words}" for heading, words in self.facts)
        return "\n".join(part for part in (self.about, *told) if part)


def explained(entity: EntityType | None, spec: FieldSpec, formats: Formats, vendor: str) -> Explained:
    """Explain a field of an entity type; without one, such as for what a command asks, it is never locked."""
    tr = formats.tr
    found = [(tr("Who fills it in"), _owner(spec, formats, vendor))]
    locked = _locked(entity, spec, formats) if entity is not None else ""
    if locked:
        found.append((tr("When it can be edited"), locked))
    rules = " ".join(words for rule in spec.rules.items if (words := _rule(entity, rule, formats)))
    if rules:
        found.append((tr("What may stand in it"), rules))
    about = spec.about or spec.help
    return Explained(spec.label, about, tuple(found))


def _owner(spec: FieldSpec, formats: Formats, vendor: str) -> str:
    tr = formats.tr
    match spec.owner:
        case Owner.PARTNER:
            return tr("You. {vendor} reads it.").format(vendor=vendor)
        case Owner.VENDOR:
            return tr("{vendor}. You read it.").format(vendor=vendor)
        case Owner.SHARED:
            return tr("You and {vendor} both.").format(vendor=vendor)
        case Owner.APPEND:
            return tr("You and {vendor} both add to it; what stands there stays.").format(vendor=vendor)
        case _:
            assert_never(spec.owner)


def _locked(entity: EntityType, spec: FieldSpec, formats: Formats) -> str:
    """When a field of the user's is open, by the states of the lifecycle."""
    tr = formats.tr
    if spec.owner not in (Owner.PARTNER, Owner.SHARED) or spec.name == entity.state_field:
        return ""
    if entity.lifecycle is None:
        if spec.name in entity.editable_without_state:
            return tr("At any time.")
        return tr("Only before it is handed in.") if entity.creatable else ""
    states = entity.lifecycle.states
    open_in = [state for state in states if state.editable == "all" or spec.name in state.editable]
    if not open_in:
        return tr("Only before it is handed in.")
    if len(open_in) == len(states):
        return tr("At any time.")
    named = tr.listed((_quoted(state.label, formats) for state in open_in), either=True)
    return tr("While the stage is {states}; otherwise it is locked.").format(states=named)


def _rule(entity: EntityType | None, rule: FieldPredicate, formats: Formats) -> str:
    tr = formats.tr
    match rule:
        case Required():
            return tr("Needed.")
        case RequiredWhen():
            return _needed_when(entity, rule, formats)
        case Length():
            return _length(rule, formats)
        case Between():
            return _between(rule, formats)
        case Pattern():
            return tr(rule.message)
        case NotBefore():
            return _days(rule.days, formats, tr("Today or later."), tr("{day} or later."))
        case NotAfter():
            return _days(rule.days, formats, tr("Today or earlier."), tr("{day} or earlier."))
        case Children():
            return tr(rule.message) or tr.plural(rule.min, "At least %n file.", "At least %n files.")
        case OneOf():
            return tr("One of the listed values.")
        case Unknown():
            return ""


def _needed_when(entity: EntityType | None, rule: RequiredWhen, formats: Formats) -> str:
    other = entity.field(rule.field) if entity is not None else None
    if other is None:
        return ""
    values = formats.tr.listed(
        (_quoted(other.choice_label(value), formats) for value in rule.values), either=True
    )
    return formats.tr("Needed when {field} is {values}.").format(
        field=_quoted(other.label, formats), values=values
    )


def _length(rule: Length, formats: Formats) -> str:
    tr, most = formats.tr, formats.number(rule.max)
    if rule.min > 1:
        return tr("{least} to {most} characters.").format(least=formats.number(rule.min), most=most)
    return tr("At most {most} characters.").format(most=most)


def _between(rule: Between, formats: Formats) -> str:
    tr = formats.tr
    least, most = (_figure(bound, formats) for bound in (rule.min, rule.max))
    if least and most:
        return tr("From {least} to {most}.").format(least=least, most=most)
    if least:
        return tr("At least {least}.").format(least=least)
    return tr("At most {most}.").format(most=most) if most else ""


def _figure(bound: str | None, formats: Formats) -> str:
    number = decimal_of(bound)
    return "" if number is None else formats.number(number)


def _days(days: int, formats: Formats, today: str, another: str) -> str:
    if days == 0:
        return today
    return another.format(day=formats.day(formats.today() + timedelta(days=days)))


def _quoted(label: str, formats: Formats) -> str:
    return formats.tr("“{label}”").format(label=label)
