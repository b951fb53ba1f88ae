"""What a field is, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import pytest

from app.contract.manifest import Choice, EntityType, FieldSpec, FieldType, Lifecycle, Owner, StateSpec
from app.contract.predicates import (
    Between,
    FieldPredicate,
    Length,
    NotAfter,
    NotBefore,
    OneOf,
    Pattern,
    Predicates,
    Required,
    RequiredWhen,
    Unknown,
)
from app.services.explaining import Explained, explained
from app.services.format import Formats
from tests.services.conftest import StandingClock

_KIND = FieldSpec(
    name="kind",
    label="Kind",
    type=FieldType.CHOICE,
    owner=Owner.PARTNER,
    choices=(Choice(value="new", label="New"), Choice(value="renewal", label="Renewal")),
)


def _field(
    owner: Owner = Owner.PARTNER, *rules: FieldPredicate, about: str = "", hint: str = ""
) -> FieldSpec:
    return FieldSpec(
        name="need",
        label="Need",
        type=FieldType.TEXT,
        owner=owner,
        rules=Predicates(items=rules),
        about=about,
        help=hint,
    )


def _entity(spec: FieldSpec, states: Sequence[StateSpec] | None = (), **more: object) -> EntityType:
    lifecycle = Lifecycle(initial="draft", states=tuple(states)) if states else None
    data = {
        "name": "deal",
        "label": "Deal",
        "plural": "Deals",
        "title_field": "need",
        "fields": (spec, _KIND),
    }
    return EntityType.model_validate({**data, "lifecycle": lifecycle, **more})


def _told(spec: FieldSpec, entity: EntityType | None = None) -> Explained:
    return explained(entity or _entity(spec), spec, Formats(StandingClock(), zone=UTC), "Halden")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((Length(min=20, max=2000),), "20 to 2,000 characters."),
        ((Required(), Length(max=120)), "Needed. At most 120 characters."),
        (
            (RequiredWhen(field="kind", values=("new", "renewal")),),
            "Needed when “Kind” is “New” or “Renewal”.",
        ),
        ((Between(min="0.01", max="50000000"),), "From 0.01 to 50,000,000."),
        ((Between(min="1"),), "At least 1."),
        ((Pattern(regex="x", message="Such as GB123."),), "Such as GB123."),
        ((NotBefore(),), "Today or later."),
        ((NotBefore(days=8), NotAfter(days=38)), "1 Dec 2026 or later. 31 Dec 2026 or earlier."),
        ((OneOf(), Unknown(rule="newer")), "One of the listed values."),
    ],
)
def test_rules_in_words(rules: tuple[FieldPredicate, ...], words: str) -> None:
    assert dict(_told(_field(Owner.PARTNER, *rules)).facts)["What may stand in it"] == words


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (Owner.PARTNER, "You. Halden reads it."),
        (Owner.VENDOR, "Halden. You read it."),
        (Owner.SHARED, "You and Halden both."),
        (Owner.APPEND, "You and Halden both add to it; what stands there stays."),
    ],
)
def test_who_fills_it_in(owner: Owner, words: str) -> None:
    assert _told(_field(owner)).facts[0] == ("Who fills it in", words)


_DRAFT = StateSpec(name="draft", label="Draft", editable="all")
_ASKED = StateSpec(name="asked", label="Action required", editable=("need",))
_CLOSED = StateSpec(name="closed", label="Closed")


@pytest.mark.parametrize(
    ("owner", "states", "more", "words"),
    [
        (Owner.PARTNER, (_DRAFT, _ASKED, _CLOSED), {},
         "While the stage is “Draft” or “Action required”; otherwise it is locked."),
        (Owner.SHARED, (_DRAFT,), {}, "At any time."),
        (Owner.PARTNER, (_CLOSED,), {}, "Only before it is handed in."),
        (Owner.VENDOR, (_DRAFT,), {}, None),
        (Owner.PARTNER, (), {"editable_without_state": ("need",)}, "At any time."),
        (Owner.PARTNER, (), {"creatable": True}, "Only before it is handed in."),
    ],
)  # fmt: skip
def test_when_it_is_locked(
    owner: Owner, states: tuple[StateSpec, ...], more: dict[str, object], words: str | None
) -> None:
    spec = _field(owner)
    assert dict(_told(spec, _entity(spec, states, **more)).facts).get("When it can be edited") == words


def test_what_it_is_for_and_all_of_it_at_once() -> None:
    spec = _field(hint="In short.", about="At length.")
    assert _told(spec).about == "At length."
    assert _told(_field(hint="In short.")).about == "In short."
    assert _told(spec).text == "At length.\nWho fills it in: You. Halden reads it."
