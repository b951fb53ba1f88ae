"""Validation, locks and transitions: the same answer offline and at the gateway.

All functions take the *effective* entity type of the user who acts, so roles play no part here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.contract.canonical import canonical, content_hash
from app.contract.ids import is_gid
from app.contract.manifest import (
    SHOWN,
    CommandSpec,
    EntityType,
    FieldSpec,
    FieldType,
    Owner,
    Template,
)
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
from app.contract.said import counted, inside, said

#: Longest text any field takes, whatever the manifest says; keeps a pasted book out of the CRM.
MAX_TEXT = 100_000

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"(https://)?[\w-]+(\.[\w-]+)+(/\S*)?", re.UNICODE)
_PHONE = re.compile(r"\+?[\d\s()./-]{5,30}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Violation:
    """One rule that does not hold. `message` says how to mend it, in the user's words."""

    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Context:
    """What rules may look at besides the record: today's date, the number of children by entity type, its template."""

    today: date
    children: Mapping[str, int] = field(default_factory=dict)
    template: Template | None = None


def blank(value: Any) -> bool:
    """Tell whether a value counts as not given."""
    return value is None or (isinstance(value, str) and not value.strip()) or value == [] or value == ()


def validate(entity: EntityType, data: Mapping[str, Any], context: Context) -> tuple[Violation, ...]:
    """Check every field a user may fill in; vendor fields are not judged, the vendor's system is right."""
    found: list[Violation] = []
    for spec in entity.fields:
        if spec.owner in (Owner.PARTNER, Owner.SHARED):
            violation = validate_field(spec, data, context)
            if violation:
                found.append(violation)
    return (*found, *_answer_violations(entity, data, context))


def _answer_violations(
    entity: EntityType, data: Mapping[str, Any], context: Context
) -> tuple[Violation, ...]:
    """Check what was filled into the record's template, as a record of its own; fields are named `answers.NAME`."""
    spec, template = entity.answers_field, context.template
    if spec is None or template is None:
        return ()
    given = data.get(spec.name)
    answers = given if isinstance(given, dict) else {}
    found = [validate_field(asked, answers, context) for asked in template.fields]
    wrong = [item for item in found if item is not None]
    files = next((part.files for part in template.form.sections if part.files), None)
    if files is not None and context.children.get(files.entity, 0) < files.min:
        wrong.append(
            Violation(
                files.entity, "children", files.message or said("Add at least {count}.", count=files.min)
            )
        )
    return tuple(
        item if item.code == "children" else replace(item, field=answer_name(spec, item.field))
        for item in wrong
    )


def answer_name(spec: FieldSpec, name: str) -> str:
    """Return the name by which one answer within the field `spec` is told of."""
    return f"{spec.name}.{name}"


def validate_field(spec: FieldSpec, data: Mapping[str, Any], context: Context) -> Violation | None:
    """Check one field within its record; the first rule that fails speaks."""
    value = data.get(spec.name)
    for rule in spec.rules.items:
        message = _presence(rule, value, data)
        if message:
            return Violation(spec.name, rule.rule, message)
    if blank(value):
        return None
    message = type_problem(spec, value)
    if message:
        return Violation(spec.name, "type", message)
    for rule in spec.rules.items:
        message = _content(spec, rule, value, context)
        if message:
            return Violation(spec.name, rule.rule, message)
    return None


def _presence(rule: FieldPredicate, value: Any, data: Mapping[str, Any]) -> str:
    match rule:
        case Required() if value is False:
            # A box that has to be ticked: leaving it empty is no answer.
            return "Needed. Tick this to go on."
        case Required() if blank(value):
            return said("Needed. Fill this in to go on.")
        case RequiredWhen() if blank(value) and str(data.get(rule.field)) in rule.values:
            return said("Needed here. Fill this in to go on.")
        case _:
            return ""


def _content(spec: FieldSpec, rule: FieldPredicate, value: Any, context: Context) -> str:
    match rule:
        case Length():
            return _length_problem(rule, str(value).strip())
        case Between():
            return _between_problem(rule, value)
        case Pattern():
            return "" if re.fullmatch(rule.regex, str(value).strip()) else rule.message
        case OneOf():
            known = {choice.value for choice in spec.choices}
            values = value if isinstance(value, list) else [value]
            return "" if all(item in known for item in values) else said("Pick one of the listed values.")
        case NotBefore():
            earliest = context.today + timedelta(days=rule.days)
            given = date.fromisoformat(str(value)[:10])
            if given >= earliest:
                return ""
            if given < context.today:
                return said("Has passed. Pick {day} or later.", day=earliest)
            return said("Too early. Pick {day} or later.", day=earliest)
        case NotAfter():
            latest = context.today + timedelta(days=rule.days)
            return (
                ""
                if date.fromisoformat(str(value)[:10]) <= latest
                else said("Too far. Pick {day} or earlier.", day=latest)
            )
        case Children() | Required() | RequiredWhen() | Unknown():
            return ""


def _length_problem(rule: Length, text: str) -> str:
    if len(text) < rule.min:
        short = rule.min - len(text)
        return counted(short, "Too short. Write %n more character.", "Too short. Write %n more characters.")
    if len(text) > rule.max:
        return _too_long(len(text), rule.max)
    return ""


def _too_long(length: int, most: int) -> str:
    return counted(
        length - most,
        "Too long by %n character; at most {most}.",
        "Too long by %n characters; at most {most}.",
        most=most,
    )


def _between_problem(rule: Between, value: Any) -> str:
    number = Decimal(str(value))
    if rule.min is not None and number < Decimal(rule.min):
        return said("Too low. At least {least}.", least=rule.min)
    if rule.max is not None and number > Decimal(rule.max):
        return said("Too high. At most {most}.", most=rule.max)
    return ""


def type_problem(spec: FieldSpec, value: Any) -> str:
    """Return what is wrong with the value's form, or an empty string."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return _too_long(len(value), MAX_TEXT)
    match spec.type:
        case FieldType.TEXT | FieldType.LONG_TEXT | FieldType.CHOICE | FieldType.UNKNOWN:
            return "" if isinstance(value, str) else said("Write text here.")
        case FieldType.EMAIL:
            return _shape(_EMAIL, value, said("Write an e-mail address, such as name@company.example."))
        case FieldType.PHONE:
            return _shape(_PHONE, value, said("Write a phone number, such as +44 20 7946 0000."))
        case FieldType.URL:
            return _shape(
                _URL, value, said("Write a website, such as company.example or https://company.example.")
            )
        case FieldType.CURRENCY:
            return _shape(_CURRENCY, value, said("Pick a currency."))
        case FieldType.COUNTRY:
            return _shape(_COUNTRY, value, said("Pick a country."))
        case FieldType.DATETIME:
            return _shape(_INSTANT, value, said("Not a point in time."))
        case FieldType.CHOICES:
            texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
            return "" if texts else said("Pick from the list.")
        case FieldType.DATE:
            return _date_problem(value)
        case FieldType.MONEY:
            return _money_problem(value)
        case FieldType.INTEGER:
            return _integer_problem(value)
        case FieldType.BOOLEAN:
            return "" if isinstance(value, bool) else said("Choose yes or no.")
        case FieldType.REFERENCE:
            return "" if isinstance(value, str) and is_gid(value) else said("Pick a record.")
        case FieldType.REFERENCES:
            known = isinstance(value, list) and all(isinstance(item, str) and is_gid(item) for item in value)
            return "" if known else said("Pick records.")
        case FieldType.ANSWERS:
            return "" if isinstance(value, dict) else said("Not answers.")
        case FieldType.EVENTS | FieldType.LINES:
            return "" if isinstance(value, list) else said("Not a list.")


def _integer_problem(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return said("Write a whole number.")
    # No system keeps more, and a call that carries more is refused as a whole.
    return "" if -(2**63) <= value < 2**63 else said("Too large a number.")


def _shape(pattern: re.Pattern[str], value: Any, message: str) -> str:
    return "" if isinstance(value, str) and pattern.fullmatch(value.strip()) else message


def _date_problem(value: Any) -> str:
    try:
        date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return said("Write a date, such as 24 Nov 2026.")
    return ""


def _money_problem(value: Any) -> str:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        return said("Write an amount, such as 22480.00.")
    if abs(number) >= Decimal(10) ** 13 or number != number.quantize(Decimal("0.01")):
        return said("Write an amount with at most two decimals.")
    return ""


def editable_fields(entity: EntityType, state: str | None) -> frozenset[str]:
    """Return the fields a user may edit while the record is in `state` (None: entity without states)."""
    own = frozenset(spec.name for spec in entity.fields if spec.owner in (Owner.PARTNER, Owner.SHARED))
    own -= {entity.state_field}
    if entity.lifecycle is None:
        return own & frozenset(entity.editable_without_state)
    spec = entity.lifecycle.state(state or entity.lifecycle.initial)
    if spec is None or spec.editable == "none":
        return frozenset()
    return own if spec.editable == "all" else own & frozenset(spec.editable)


def check_creation(entity: EntityType, changes: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Check that a new record sets only known fields that its creator may set, with values of the right form."""
    settable = {spec.name for spec in entity.fields if spec.owner is not Owner.VENDOR} - {entity.state_field}
    return _check_fields(entity, changes, settable)


def check_fields(entity: EntityType, changes: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Check that an edit touches only known partner or shared fields, with values of the right form (no locks)."""
    settable = {spec.name for spec in entity.fields if spec.owner in (Owner.PARTNER, Owner.SHARED)}
    return _check_fields(entity, changes, settable - {entity.state_field})


def _check_fields(
    entity: EntityType, changes: Mapping[str, Any], settable: set[str]
) -> tuple[Violation, ...]:
    found: list[Violation] = []
    for name, value in changes.items():
        spec = entity.field(name)
        if spec is None:
            found.append(Violation(name, "unknown_field", said("This field is not known.")))
        elif name not in settable:
            found.append(
                Violation(name, "read_only", said("{label} is set by the vendor.", label=spec.label))
            )
        elif not blank(value):
            message = type_problem(spec, value)
            if message:
                found.append(Violation(name, "type", message))
    return tuple(found)


def commands_from(entity: EntityType, state: str | None) -> tuple[CommandSpec, ...]:
    """Return the commands a user may give from `state`."""
    if entity.lifecycle is None:
        return ()
    return tuple(c for c in entity.lifecycle.commands if c.by == "partner" and state in c.from_states)


@dataclass(frozen=True)
class Refusal:
    """Why a command may not be given now, and which ones may."""

    code: str
    message: str
    fields: Mapping[str, str]
    possible: tuple[str, ...]


def check_command(
    entity: EntityType, name: str, data: Mapping[str, Any], args: Mapping[str, Any], context: Context
) -> Refusal | None:
    """Decide whether a command fits the record as it is. Returns None when it does."""
    state = data.get(entity.state_field)
    possible = tuple(c.name for c in commands_from(entity, state))
    spec = next((c for c in (entity.lifecycle.commands if entity.lifecycle else ()) if c.name == name), None)
    if spec is None or spec.by != "partner":
        return Refusal("unknown_command", said("This is not something you can do here."), {}, possible)
    if state not in spec.from_states:
        return Refusal("state", _state_words(entity, spec, str(state)), {}, possible)
    if spec.binds and args.get(SHOWN) != shown_hash(spec, data):
        return Refusal(
            "shown", said("This has changed since you read it. Read it again, then decide."), {}, possible
        )
    fields = {v.field: v.message for v in _argument_violations(spec, args, context)}
    if spec.validate_record:
        fields.update({v.field: v.message for v in validate(entity, data, context)})
    for need in spec.requires:
        if context.children.get(need.entity, 0) < need.min:
            fields[need.entity] = need.message or said("Add at least {count}.", count=need.min)
    if fields:
        return Refusal("invalid", said("Some fields need mending."), fields, possible)
    return None


def shown_hash(command: CommandSpec, data: Mapping[str, Any]) -> str:
    """Return the hash of what a command decides on: the fields it binds, as they stand in `data`."""
    return content_hash(canonical({name: data.get(name) for name in command.binds}))


def _argument_violations(spec: CommandSpec, args: Mapping[str, Any], context: Context) -> list[Violation]:
    asked = {arg.name for arg in spec.args} | ({SHOWN} if spec.binds else set())
    found = [Violation(name, "unknown_field", said("Not asked for.")) for name in args if name not in asked]
    for arg in spec.args:
        violation = validate_field(arg, args, context)
        if violation:
            found.append(violation)
    return found


def _state_words(entity: EntityType, command: CommandSpec, state: str) -> str:
    known = entity.lifecycle.state(state) if entity.lifecycle else None
    return said(
        "“{command}” no longer fits: this {what} is {state} now.",
        command=command.label,
        what=inside(entity.label),
        state=inside(known.label if known else state),
    )
