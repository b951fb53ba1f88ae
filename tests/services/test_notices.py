"""Notifications: what happens within a minute is one line, and it never says what a record holds."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.services.notices import Coalescer, Happening, Notification, Wish, happenings, notification
from app.services.views_model import Target
from app.services.words import Words
from tests.services.conftest import World, partner_manifest


def happening(key: str, kind: str = "answer", gid: str = "", *, mine: bool = False) -> Happening:
    page = "request" if kind == "answer" else kind
    return Happening(key, kind, Target(page, gid=gid or key), mine)


def test_what_happens_within_a_minute_is_told_at_its_end_and_once() -> None:
    told = Coalescer()
    told.note([happening("a")], 0)
    told.note([happening("a"), happening("b")], 30)
    assert told.due == 60
    assert told.take(59.9) == ()
    assert [one.key for one in told.take(60)] == ["a", "b"]
    assert told.take(61) == ()
    told.note([happening("a"), happening("b")], 61)
    assert told.due is None, "the same is no news"


def test_never_more_than_one_a_minute() -> None:
    told, moments = Coalescer(), []
    for second in range(600):
        told.note([happening(f"{second}")], second)
        if told.take(second):
            moments.append(second)
    gaps = [b - a for a, b in pairwise(moments)]
    assert len(moments) >= 9
    assert min(gaps) >= 60


def test_what_was_seen_is_not_told() -> None:
    told = Coalescer()
    told.know([happening("old")])
    told.note([happening("old"), happening("new")], 0)
    told.seen()
    assert told.take(100) == ()
    told.note([happening("new"), happening("newer")], 100)
    assert [one.key for one in told.take(160)] == ["newer"]


@pytest.mark.parametrize(
    ("wish", "found"), [(Wish.ALL, ["mine", "other"]), (Wish.MINE, ["mine"]), (Wish.NONE, [])]
)
def test_a_person_says_what_they_want_to_be_told_of(wish: Wish, found: list[str]) -> None:
    told = Coalescer(wish)
    told.note([happening("mine", mine=True), happening("other")], 0)
    assert [one.key for one in told.take(60)] == found


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], None),
        (
            [happening("a"), happening("b"), happening("c"), happening("d", "deal_registration")],
            Notification("3 answers and 1 deal at Halden", Target("home")),
        ),
        ([happening("a", gid="g")], Notification("1 answer at Halden", Target("request", gid="g"))),
        (
            [happening("a", gid="g"), happening("b", gid="g")],
            Notification("2 answers at Halden", Target("request", gid="g")),
        ),
        (
            [happening(str(n), "order") for n in range(1200)],
            Notification("1,200 orders at Halden", Target("home")),
        ),
    ],
    ids=["nothing", "several kinds", "one record", "twice one record", "many"],
)
def test_the_line_names_kinds_and_numbers_only(found: list[Happening], said: Notification | None) -> None:
    assert notification(found, partner_manifest(), "Halden", Words()) == said


def test_what_came_in_is_read_from_the_records(world: World) -> None:
    request = world.request(state="waiting_on_partner")
    world.put(
        "message", "m1", parent=request, body="Which firmware?", side="vendor", author_name="Ingrid Solheim",
        sent_at="2026-11-23T09:30:00Z",
    )  # fmt: skip
    found, waiting = happenings(world.portal)
    answers = [one for one in found if one.kind == "answer"]
    assert [(one.target.gid, one.mine) for one in answers] == [(request, True)]
    assert waiting == len(world.portal.home.needs_me()) >= 1
    said = notification(answers, world.portal.manifest, world.portal.vendor, world.portal.formats.tr)
    assert said is not None
    assert "firmware" not in said.text
