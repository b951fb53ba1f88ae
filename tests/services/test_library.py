"""Documents beyond opening them: versions, what changed since they were read, confirming, and why one sees them."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.errors import Refused
from app.services.library import Library
from app.services.reading_state import differences, series_of
from app.services.views_model import Difference, RecordView
from tests.services.conftest import COMPANY, MAYA, World


def document(world: World, name: str, **changes: Any) -> str:
    data: dict[str, Any] = {
        "code": f"HS-PL-{name}",
        "title": f"EMEA price list {name}",
        "category": "prices",
        "version": name,
        "sha256": (name.replace(".", "") * 64)[:64],
        "size": 3_100_000,
        "state": "current",
        "published_at": f"{name[:4]}-0{name[-1]}-01T08:00:00Z",
    }
    return world.put("document", name, **{**data, **changes})


def library(world: World) -> Library:
    return world.portal.library


def record(world: World, gid: str) -> RecordView:
    found = world.portal.records.get(gid)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ({"code": "HS-PL-1", "version": "1"}, {"code": "HS-PL-2", "version": "2"}, True),
        (
            {"title": "Prices 2026.3", "version": "2026.3"},
            {"title": "Prices 2026.4", "version": "2026.4"},
            True,
        ),
        ({"title": "Agreement", "version": "6"}, {"title": "Agreement", "version": "7"}, True),
        ({"title": "Agreement", "version": "6"}, {"title": "Terms", "version": "6"}, False),
        ({"title": "Guide", "category": "a"}, {"title": "Guide", "category": "b"}, False),
        ({"code": "7", "version": "7", "title": "A"}, {"code": "8", "version": "8", "title": "B"}, False),
        ({"title": "価格表 2026", "version": "2026"}, {"title": "価格表 2027", "version": "2027"}, True),
    ],
)
def test_versions_of_one_document_are_one_series(one: Any, two: Any, same: bool) -> None:
    assert (series_of(one) == series_of(two)) is same


def test_earlier_versions_stand_below_the_current_one_or_are_folded(world: World) -> None:
    old, older = document(world, "2026.3", state="superseded"), document(world, "2026.2", state="expired")
    now = document(world, "2026.4")
    other = document(world, "2026.1", code="HS-XX", title="Logo pack", version="1")
    ids = world.portal.records.ids("document")
    title = {one.id: one.gid for one in world.portal.records.rows(ids)}
    folded = [
        title[row] for row in library(world).arranged(library(world).earlier("document"), ids, frozenset())
    ]
    assert folded == [now, other]
    opened = [
        title[row]
        for row in library(world).arranged(library(world).earlier("document"), ids, frozenset({now}))
    ]
    assert opened == [now, old, older, other]
    assert [
        title[row] for row in library(world).arranged(library(world).earlier("document"), ids, None)
    ] == opened
    # A search that finds the old one alone shows it.
    alone = [row for row in ids if title[row] == old]
    assert library(world).arranged(library(world).earlier("document"), alone, frozenset()) == alone


def test_what_changed_is_told_against_the_version_that_was_read(world: World) -> None:
    old = document(world, "2026.3", pages=26)
    library(world).read(old)
    world.clock.go(days=20)
    assert library(world).changed_since(record(world, old)) is None
    document(world, "2026.3", state="superseded")
    new = document(world, "2026.4", pages=28, size=3_300_000)
    fresh = document(world, "2026.1", code="HS-XX", title="Never read", version="1")
    assert [one.gid for one in library(world).changed("document")] == [new]
    assert library(world).changed_since(record(world, fresh)) is None
    told = library(world).changed_since(record(world, new))
    assert told is not None
    assert told.title == "Changed since you read 2026.3 on Mon 23 Nov"
    assert told.note == "28 pages, were 26 · 3.3\u00a0MB, was 3.1\u00a0MB"
    document(world, "2026.4", changes="Edge prices rise by 2 %.")
    told = library(world).changed_since(record(world, new))
    assert told is not None
    assert told.note == "Edge prices rise by 2 %."
    library(world).read(new)
    assert library(world).changed("document") == []


def test_differing_paragraphs_are_told_where_both_texts_are_here(world: World) -> None:
    old = document(world, "2026.3", state="superseded")
    new = document(world, "2026.4")
    for gid, price in ((old, "1,890"), (new, "1,940")):
        sha256 = str(record(world, gid).data["sha256"])
        world.store.search.add_text(
            sha256, f"Prices without tax.\nEdge 220  {price}\nVault 78\n\nSee page 9."
        )
    library(world).read(old)
    told = library(world).changed_since(record(world, new))
    assert told is not None
    assert told.differences == [Difference("Edge 220 1,890", "Edge 220 1,940")]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("a\nb\nc", "a\nb\nc", []),
        ("a\nb\nc", "a\n b \nc\n", []),
        ("a\nb\nc", "a\nc", [Difference("b", "")]),
        ("a\nc", "a\nb\nc", [Difference("", "b")]),
        ("", "a", None),
        ("a\nb\nc\nd\ne\nf", "u\nv\nw\nx\ny\nz", None),
    ],
)
def test_differences(before: str, after: str, found: list[Difference] | None) -> None:
    assert differences(before, after) == found


def test_nothing_of_a_document_that_is_taken_back_is_remembered(world: World) -> None:
    gid = document(world, "2026.4")
    library(world).read(gid)
    kept = str(world.portal.prefs.get("documents.read"))
    assert "price list" not in kept.lower()
    library(world).reading.keep_only([])
    assert world.portal.prefs.get("documents.read") is None


def test_confirming_quotes_the_bytes_and_needs_them_read(world: World) -> None:
    gid = document(world, "2026.4", acknowledge_by="2026-11-30")
    asked = library(world).confirmation(record(world, gid))
    assert asked is not None
    assert asked.words == "You are asked to confirm by Mon 30 Nov that you have read this version."
    assert [(one.gid, by.isoformat()) for one, by in library(world).to_confirm()] == [(gid, "2026-11-30")]
    with pytest.raises(Refused, match="not opened this version"):
        library(world).acknowledge(gid)
    library(world).read(gid)
    done = library(world).acknowledge(gid)
    (sent,) = world.sent()
    assert sent.changes == {"parent": gid, "sha256": record(world, gid).data["sha256"], "version": "2026.4"}
    given = library(world).confirmation(record(world, gid))
    assert given is not None
    assert (given.done, given.words) == (
        True,
        "You confirmed this version. Halden gets it when you are back.",
    )
    assert library(world).to_confirm() == []
    assert world.portal.intents.undo(done)
    assert [one.gid for one, _ in library(world).to_confirm()] == [gid]


def test_another_version_is_to_be_confirmed_anew(world: World) -> None:
    gid = document(world, "2026.4", acknowledge_by="2026-11-20")
    world.put(
        "acknowledgement", "mine", parent=gid, sha256=record(world, gid).data["sha256"], by=MAYA,
        at="2026-11-19T10:00:00Z",
    )  # fmt: skip
    given = library(world).confirmation(record(world, gid))
    assert given is not None
    assert given.words == "You confirmed this version on Thu at 10:00."
    document(world, "2026.4", acknowledge_by="2026-11-20", sha256="f" * 64)
    asked = library(world).confirmation(record(world, gid))
    assert asked is not None
    assert (asked.done, asked.late) == (False, True)
    assert asked.words == "You were to confirm by Fri 20 Nov that you have read this version."


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        ("", ""),
        ("ALL", "For everybody who uses this portal."),
        ("Every partner", "For everybody who uses this portal."),
        ("gold", "For Gold partners. Brightwater IT Ltd is Gold since 1 Mar 2025, so you see it."),
        ("Gold, EMEA", "For Gold, EMEA. Brightwater IT Ltd is Gold since 1 Mar 2025, so you see it."),
        ("silver, gold", "For Silver and Gold partners. Brightwater IT Ltd is Gold since 1 Mar 2025, so you see it."),
        ("Distributors", "For Distributors."),
    ],
)  # fmt: skip
def test_why_one_sees_a_document(world: World, audience: str, words: str) -> None:
    world.put_at(COMPANY, "company", name="Brightwater IT Ltd", tier="gold")
    world.put("membership", "m", company=COMPANY, level="Gold", valid_from="2025-03-01", state="active")
    gid = document(world, "2026.4", audience=audience)
    assert library(world).entitlement(record(world, gid)) == words
