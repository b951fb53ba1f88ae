"""Each merge policy is a named row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract.manifest import EntityType
from app.contract.merge import merge, same, with_group
from app.contract.mutations import ClashReason
from app.contract.rules import editable_fields
from app.contract.textmerge import merge_text

BOTH = ClashReason.BOTH_CHANGED
LOCKED = ClashReason.LOCKED


@dataclass
class Row:
    name: str
    base: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, Any]
    write: dict[str, Any] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    clashes: dict[str, ClashReason] = field(default_factory=dict)
    state: str = "approved"


ROWS = [
    Row("only mine", {"competitor": "A"}, {"competitor": "A"}, {"competitor": "B"}, {"competitor": "B"}),
    Row("only theirs", {"competitor": "A"}, {"competitor": "T"}, {"competitor": "A"}),
    Row("both the same", {"competitor": "A"}, {"competitor": "B"}, {"competitor": "B"}),
    Row(
        "both different",
        {"competitor": "A"},
        {"competitor": "T"},
        {"competitor": "B"},
        clashes={"competitor": BOTH},
    ),
    Row("no base, theirs empty", {}, {"competitor": None}, {"competitor": "B"}, {"competitor": "B"}),
    Row("no base, theirs set", {}, {"competitor": "T"}, {"competitor": "B"}, clashes={"competitor": BOTH}),
    Row(
        "blank and null are one",
        {"competitor": None},
        {"competitor": ""},
        {"competitor": "B"},
        {"competitor": "B"},
    ),
    Row("I cleared it", {"competitor": "A"}, {"competitor": "A"}, {"competitor": None}, {"competitor": None}),
    Row("they cleared it", {"competitor": "A"}, {}, {"competitor": "B"}, clashes={"competitor": BOTH}),
    Row(
        "line ends do not count",
        {"next_steps": "a\r\nb"},
        {"next_steps": "a\nb"},
        {"next_steps": "c"},
        {"next_steps": "c"},
    ),
    Row(
        "another field of theirs is not touched",
        {"competitor": "A"},
        {"competitor": "A", "reviewer": "Ingrid"},
        {"competitor": "B"},
        {"competitor": "B"},
    ),
    Row(
        "amount and currency are one, mine",
        {"amount": "1.00", "currency": "GBP"},
        {"amount": "1.00", "currency": "GBP"},
        {"amount": "2.00", "currency": "EUR"},
        {"amount": "2.00", "currency": "EUR"},
    ),
    Row(
        "amount and currency are one: they changed the currency, I the amount",
        {"amount": "1.00", "currency": "GBP"},
        {"amount": "1.00", "currency": "USD"},
        {"amount": "2.00", "currency": "GBP"},
        clashes={"amount": BOTH},
    ),
    Row(
        "long text, lines apart",
        {"next_steps": "one\ntwo\nthree\n"},
        {"next_steps": "ONE\ntwo\nthree\n"},
        {"next_steps": "one\ntwo\nTHREE\n"},
        {"next_steps": "ONE\ntwo\nTHREE\n"},
        others=("next_steps",),
    ),
    Row(
        "long text, same line",
        {"next_steps": "one\n"},
        {"next_steps": "ONE\n"},
        {"next_steps": "uno\n"},
        clashes={"next_steps": BOTH},
    ),
    Row(
        "locked meanwhile",
        {"amount": "1.00", "currency": "GBP"},
        {"amount": "1.00", "currency": "GBP"},
        {"amount": "2.00", "currency": "GBP"},
        clashes={"amount": LOCKED},
        state="under_review",
    ),
    Row(
        "locked, but both say the same",
        {"competitor": "A"},
        {"competitor": "B"},
        {"competitor": "B"},
        state="under_review",
    ),
    Row(
        "one clashing field keeps the others back",
        {"competitor": "A", "contact_name": "N"},
        {"competitor": "T", "contact_name": "N"},
        {"competitor": "B", "contact_name": "M"},
        clashes={"competitor": BOTH},
    ),
    Row(
        "a list both changed",
        {"products": ["vault"]},
        {"products": ["care"]},
        {"products": []},
        clashes={"products": BOTH},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_policy(deal: EntityType, row: Row) -> None:
    result = merge(deal, row.base, row.theirs, row.mine, editable_fields(deal, row.state))
    assert dict(result.write) == row.write
    assert result.others == row.others
    assert {clash.group: clash.reason for clash in result.clashes} == row.clashes


def test_a_clash_shows_all_three_values(deal: EntityType) -> None:
    editable = editable_fields(deal, "approved")
    (clash,) = merge(deal, {"competitor": "A"}, {"competitor": "T"}, {"competitor": "B"}, editable).clashes
    assert (clash.base, clash.theirs, clash.mine) == (
        {"competitor": "A"},
        {"competitor": "T"},
        {"competitor": "B"},
    )


def test_a_group_travels_whole(deal: EntityType) -> None:
    seen = {"amount": "1.00", "currency": "GBP", "street": "High St", "city": "Leeds", "competitor": "A"}
    assert with_group(deal, {"amount": "2.00"}, seen) == {"amount": "2.00", "currency": "GBP"}
    assert with_group(deal, {"city": "York"}, seen) == {"city": "York", "street": "High St", "postcode": None}
    assert with_group(deal, {"competitor": "B"}, seen) == {"competitor": "B"}


TEXTS = [
    ("nothing", "a\nb\n", "a\nb\n", "a\nb\n", "a\nb\n"),
    ("mine only", "a\nb\n", "a\nb\n", "a\nB\n", "a\nB\n"),
    ("theirs only", "a\nb\n", "A\nb\n", "a\nb\n", "A\nb\n"),
    ("same change", "a\nb\n", "A\nb\n", "A\nb\n", "A\nb\n"),
    ("apart", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
    ("neighbours clash", "a\nb\n", "A\nb\n", "a\nB\n", None),
    ("both append", "a\n", "a\nt\n", "a\nm\n", None),
    ("append and change above", "a\nb\n", "a\nb\nt\n", "A\nb\n", "A\nb\nt\n"),
    ("delete against change", "a\nb\nc\n", "a\nc\n", "a\nB\nc\n", None),
    ("delete apart", "a\nb\nc\nd\n", "b\nc\nd\n", "a\nb\nc\nD\n", "b\nc\nD\n"),
    ("empty base", "", "t\n", "m\n", None),
]


@pytest.mark.parametrize(("name", "base", "theirs", "mine", "expected"), TEXTS, ids=[row[0] for row in TEXTS])
def test_text(name: str, base: str, theirs: str, mine: str, expected: str | None) -> None:
    assert merge_text(base, theirs, mine) == expected
    assert merge_text(base, mine, theirs) == expected, "sides do not matter"


_texts = st.lists(st.sampled_from("abc"), max_size=6).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(base=_texts, theirs=_texts, mine=_texts)
def test_text_merge_is_symmetric_and_respects_one_sided_edits(base: str, theirs: str, mine: str) -> None:
    assert merge_text(base, theirs, base) == theirs
    assert merge_text(base, base, mine) == mine
    assert merge_text(base, theirs, mine) == merge_text(base, mine, theirs)


@given(st.none() | st.text() | st.booleans() | st.lists(st.text()))
def test_same_is_reflexive_and_tells_absence_from_a_value(value: Any) -> None:
    assert same(value, value)
    assert same(value, None) == (value in (None, "", []))
