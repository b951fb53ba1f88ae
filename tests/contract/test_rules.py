"""Validation, locks and transitions as tables over the shipped manifest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.contract.manifest import EntityType, FieldSpec, FieldType, Manifest, Owner, effective
from app.contract.rules import (
    MAX_TEXT,
    Context,
    check_command,
    check_creation,
    check_fields,
    commands_from,
    editable_fields,
    type_problem,
    validate,
    validate_field,
)

TODAY = Context(date(2026, 11, 23), {"file": 1})
WHOLE = {
    "company": "0193a4c0-0000-7000-8000-000000000001",
    "customer": "Ledbury Homes",
    "website": "ledburyhomes.example",
    "country": "GB",
    "title": "Sales office Wi-Fi, 3 sites",
    "type": "expansion",
    "amount": "22480.00",
    "currency": "GBP",
    "target_close": "2026-12-18",
    "problem": "Sales staff lose the booking system several times a day.",
    "state": "draft",
}

FIELDS = [
    ("customer", "", "Needed. Fill this in to go on."),
    ("customer", "   ", "Needed. Fill this in to go on."),
    ("customer", "L", "Too short. Write 1 more character."),
    ("customer", "x" * 121, "Too long by 1 character; at most 120."),
    ("website", "not a site", "Write a website, such as company.example or https://company.example."),
    (
        "website",
        "http://company.example",
        "Write a website, such as company.example or https://company.example.",
    ),
    (
        "website",
        "javascript:alert(1)",
        "Write a website, such as company.example or https://company.example.",
    ),
    ("website", "data:text/html,x.y", "Write a website, such as company.example or https://company.example."),
    (
        "website",
        "https://me@evil.example",
        "Write a website, such as company.example or https://company.example.",
    ),
    ("website", "https://ledburyhomes.example/a", ""),
    ("country", "gb", "Pick a country."),
    ("target_close", "2026-11-20", "Has passed. Pick 24 Nov 2026 or later."),
    ("target_close", "2026-11-23", "Too early. Pick 24 Nov 2026 or later."),
    ("target_close", "2026-11-24", ""),
    ("target_close", "2036-01-01", "Too far. Pick 22 Nov 2028 or earlier."),
    ("target_close", "20 Nov", "Write a date, such as 24 Nov 2026."),
    ("amount", "0.00", "Too low. At least 0.01."),
    ("amount", "12.345", "Write an amount with at most two decimals."),
    ("amount", "NaN", "Write an amount, such as 22480.00."),
    ("amount", "lots", "Write an amount, such as 22480.00."),
    ("amount", "1e40", "Write an amount with at most two decimals."),
    ("currency", "CHF", "Pick one of the listed values."),
    ("products", ["edge_220", "toaster"], "Pick one of the listed values."),
    ("products", "edge_220", "Pick from the list."),
    ("problem", "Too short", "Too short. Write 11 more characters."),
    ("problem", "x" * 2001, "Too long by 1 character; at most 2,000."),
    ("contact_email", "priya@", "Write an e-mail address, such as name@company.example."),
    ("contact_email", "priya@kestrel.example", ""),
    ("contact_phone", "call me", "Write a phone number, such as +44 20 7946 0000."),
]


@pytest.mark.parametrize(
    ("name", "value", "message"), FIELDS, ids=[f"{f[0]}={str(f[1])[:20]}" for f in FIELDS]
)
def test_field(deal: EntityType, name: str, value: Any, message: str) -> None:
    spec = deal.field(name)
    assert spec is not None
    violation = validate_field(spec, {**WHOLE, name: value}, TODAY)
    assert (violation.message if violation else "") == message


def test_a_whole_registration_is_valid_and_each_missing_field_is_named(deal: EntityType) -> None:
    assert validate(deal, WHOLE, TODAY) == ()
    needed = {name for name in WHOLE if (spec := deal.field(name)) and spec.required}
    assert {v.field for v in validate(deal, {}, TODAY)} == needed | {"problem"} == needed


def test_a_huge_text_is_refused_whatever_the_manifest_says(deal: EntityType) -> None:
    assert "Too long" in check_fields(deal, {"next_steps": "x" * (MAX_TEXT + 1)})[0].message


WRONG_TYPES = [
    (FieldType.TEXT, 5),
    (FieldType.LONG_TEXT, ["a"]),
    (FieldType.INTEGER, "5"),
    (FieldType.INTEGER, True),
    (FieldType.INTEGER, 2**63),
    (FieldType.INTEGER, -(2**63) - 1),
    (FieldType.BOOLEAN, 1),
    (FieldType.MONEY, 5),
    (FieldType.DATE, 20261124),
    (FieldType.REFERENCE, "not-an-id"),
    (FieldType.CHOICES, [1]),
    (FieldType.DATETIME, "2026-11-24"),
    (FieldType.EVENTS, {}),
]


@pytest.mark.parametrize(("kind", "value"), WRONG_TYPES)
def test_a_wrong_type_is_a_message_not_an_exception(kind: FieldType, value: Any) -> None:
    spec = FieldSpec(name="f", label="F", type=kind, owner=Owner.PARTNER)
    assert type_problem(spec, value)


LOCKS = [
    ("draft", "amount", True),
    ("draft", "country", True),
    ("submitted", "amount", False),
    ("submitted", "next_steps", True),
    ("under_review", "problem", False),
    ("action_required", "problem", True),
    ("action_required", "country", False),
    ("approved", "amount", True),
    ("approved", "website", False),
    ("approved", "title", False),
    ("rejected", "next_steps", False),
    ("converted", "amount", False),
    ("a_state_of_a_newer_manifest", "amount", False),
    ("approved", "reviewer", False),
    ("draft", "state", False),
]


@pytest.mark.parametrize(("state", "name", "allowed"), LOCKS)
def test_lock(deal: EntityType, state: str, name: str, allowed: bool) -> None:
    assert (name in editable_fields(deal, state)) is allowed


def test_creation_may_not_set_vendor_fields_or_the_state(deal: EntityType) -> None:
    codes = {v.field: v.code for v in check_creation(deal, {**WHOLE, "reviewer": "me", "nonsense": 1})}
    assert codes == {"state": "read_only", "reviewer": "read_only", "nonsense": "unknown_field"}


COMMANDS = [
    ("draft", "submit", {}, ""),
    ("action_required", "submit", {}, ""),
    ("approved", "submit", {}, "state"),
    ("approved", "approve", {}, "unknown_command"),
    ("approved", "nonsense", {}, "unknown_command"),
    ("approved", "convert", {}, "invalid"),
    ("approved", "convert", {"po_reference": "PO-77"}, ""),
    ("approved", "convert", {"po_reference": "PO-77", "discount": "all"}, "invalid"),
    (
        "approved",
        "ask_extension",
        {"until": "2026-11-01", "note": "They moved the board meeting."},
        "invalid",
    ),
    ("withdrawn", "withdraw", {}, "state"),
]


@pytest.mark.parametrize(("state", "name", "args", "code"), COMMANDS)
def test_command(deal: EntityType, state: str, name: str, args: dict[str, Any], code: str) -> None:
    refusal = check_command(deal, name, {**WHOLE, "state": state}, args, TODAY)
    assert (refusal.code if refusal else "") == code


def test_a_command_that_no_longer_fits_says_why_and_what_is_possible(deal: EntityType) -> None:
    refusal = check_command(deal, "submit", {**WHOLE, "state": "approved"}, {}, TODAY)
    assert refusal is not None
    assert refusal.message == "“Submit” no longer fits: this deal is approved now."
    assert refusal.possible == ("ask_extension", "convert")


def test_submit_needs_evidence_and_a_valid_record(deal: EntityType) -> None:
    refusal = check_command(deal, "submit", {**WHOLE, "amount": None}, {}, Context(TODAY.today, {}))
    assert refusal is not None
    assert refusal.fields == {
        "amount": "Needed. Fill this in to go on.",
        "file": "Add at least one evidence file.",
    }


def test_a_read_only_role_may_do_nothing(manifest: Manifest) -> None:
    cut = effective(manifest, "read_only")
    for entity in cut.entities:
        assert not entity.creatable
        states = [s.name for s in entity.lifecycle.states] if entity.lifecycle else [""]
        assert not any(editable_fields(entity, state) for state in states)
        assert not any(commands_from(entity, state) for state in states)


def test_roles_decide_who_accepts_leads_and_registers(manifest: Manifest) -> None:
    lead = effective(manifest, "support").entity("lead")
    deal = effective(manifest, "support").entity("deal_registration")
    assert lead is not None
    assert deal is not None
    assert not commands_from(lead, "offered")
    assert not deal.creatable
    assert [job.name for job in effective(manifest, "support").jobs] == [
        "raise_request",
        "ask_change",
        "add_contact",
    ]
