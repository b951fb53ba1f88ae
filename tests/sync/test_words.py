"""Lines of the activity list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.contract.mutations import Outcome, Problem, Status
from app.sync.words import Line, back, duration, listed, news, pulled, read_afresh, told
from tests.store.world import DEAL, manifest

ENTITY = manifest().by_name[DEAL]


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome(mutation_id="m", status=Status.APPLIED, receipt="R-81D0"),
         Line("sent", "Sent: Message on REQ-3321, Meridian Rail, receipt R-81D0")),
        (Outcome(mutation_id="m", status=Status.APPLIED), Line("sent", "Sent: Message on REQ-3321, Meridian Rail")),
        (Outcome(mutation_id="m", status=Status.MERGED, others=("contact_phone", "next_steps", "colour")),
         Line("merged", "Merged: contact phone, next steps and colour, Meridian Rail")),
        (Outcome(mutation_id="m", status=Status.MERGED),
         Line("merged", "Merged: Message on REQ-3321, Meridian Rail")),
        (Outcome(mutation_id="m", status=Status.CONFLICT),
         Line("conflict", "Needs you: Message on REQ-3321, Meridian Rail. Somebody else changed the same.")),
        (Outcome(mutation_id="m", status=Status.REJECTED, problem=Problem(code="x", message="Locked.")),
         Line("rejected", "Not taken: Message on REQ-3321, Meridian Rail. Locked.")),
        (Outcome(mutation_id="m", status=Status.GONE),
         Line("gone", "A change could not be sent: its record is no longer there.")),
        (Outcome(mutation_id="m", status=Status.DEFERRED), None),
    ],
)  # fmt: skip
def test_outcomes(outcome: Outcome, line: Line | None) -> None:
    assert told("Message on REQ-3321", "Meridian Rail", outcome, ENTITY) == line


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({"state": "submitted"}, {"state": "approved", "number": "DR-1"}, "Deal DR-1: approved, received from Halden"),
        ({"state": "submitted"}, {"state": "approved", "customer": "Northwind"},
         "Deal Northwind: approved, received from Halden"),
        ({"state": "submitted"}, {"state": "paused_by_newer_portal", "number": "DR-1"},
         "Deal DR-1: paused_by_newer_portal, received from Halden"),
        ({"state": "submitted"}, {"state": "submitted", "amount": "1"}, None),
        ({"state": "submitted"}, {}, None),
        (None, {"state": "approved"}, None),
    ],
)  # fmt: skip
def test_news(before: dict[str, str] | None, after: dict[str, str], text: str | None) -> None:
    line = news(ENTITY, before, after, "Halden")
    assert (line.text if line else None) == text


def test_entities_without_stages_bring_no_news() -> None:
    assert news(manifest().by_name["message"], {}, {"body": "x"}, "Halden") is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1\u00a0s"),
        (59, "59\u00a0s"),
        (60, "1\u00a0min"),
        (5280, "1\u00a0h\u00a028\u00a0min"),
        (3600 * 47, "47\u00a0h\u00a00\u00a0min"),
        (3600 * 80, "3 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_sentences() -> None:
    assert pulled(318, 0.44).text == "Pulled 318 changes in 0.4 s"
    assert pulled(1, 0).text == "Pulled 1 change in 0.1 s"
    assert read_afresh(64524, 17).text == "Read 64,524 records in 17\u00a0s"
    assert back(timedelta(minutes=88), "").text == "Back after 1\u00a0h\u00a028\u00a0min offline"
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
