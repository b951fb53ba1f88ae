"""Links: the closed grammar, what is refused, and where each one leads on this computer."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.links import Link, Missing, account_for, parse, short_name
from app.services.prefs import GATEWAY
from app.services.views_model import Target
from app.session.accounts import Account
from tests.services.conftest import World


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("counterpart://sync", Link("sync")),
        ("counterpart://sync/", Link("sync")),
        ("Counterpart://Deal/DR-2026-0417", Link("deal", "DR-2026-0417")),
        ("counterpart://request/REQ-3318/", Link("request", "REQ-3318")),
        ("counterpart://document/HS-PL-EMEA-2026.4", Link("document", "HS-PL-EMEA-2026.4")),
        ("counterpart://order/SO%2F2026%2F003", Link("order", "SO/2026/003")),
        ("counterpart://lead/Gr%C3%BCn%20AG", Link("lead", "Grün AG")),
        (
            "counterpart://deal/X-1?vendor=portal.halden.example",
            Link("deal", "X-1", "portal.halden.example"),
        ),
        ("counterpart://sync?vendor=127.0.0.1:8443", Link("sync", "", "127.0.0.1:8443")),
        ("counterpart://deal_registration/X-1", Link("deal_registration", "X-1")),
    ],
)
def test_what_is_a_link(text: str, found: Link) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "counterpart:",
        "counterpart://",
        "counterpart:deal/X-1",
        "https://portal.halden.example/deal/X-1",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "counterpart://deal",
        "counterpart://deal/",
        "counterpart://sync/now",
        "counterpart://deal/X-1/approve",
        "counterpart://deal/X-1#approve",
        "counterpart://deal/X-1?command=withdraw",
        "counterpart://deal/X-1?vendor=a&command=withdraw",
        "counterpart://deal/X-1?vendor=",
        "counterpart://deal/X-1?vendor=..%2f",
        "counterpart://deal/X-1?vendor=evil.example/path",
        "counterpart://user@deal/X-1",
        "counterpart://deal:80/X-1",
        "counterpart://deal/../../etc/passwd",
        "counterpart://deal/..",
        "counterpart://deal/..%2F..%2Fetc",
        "counterpart://deal/a%2F%2Fb",
        "counterpart://deal/%2e%2e",
        "counterpart://deal/a%5Cb",
        "counterpart://deal/%2541",
        "counterpart://deal/%00",
        "counterpart://deal/a%0Ab",
        "counterpart://deal/%E2%80%AEabc",
        "counterpart://deal/%ff%fe",
        "counterpart://deal/%4",
        "counterpart://deal/%20X",
        "counterpart://deal/X 1",
        "counterpart://deal/X\n1",
        "counterpart://deal/X-1\n",
        " counterpart://deal/X-1",
        "counterpart://dеal/X-1",
        "counterpart://deal/" + "9" * 81,
        "counterpart://deal/" + "9" * 10_000,
    ],
)
def test_what_is_no_link(text: str) -> None:
    assert parse(text) is None


def test_a_record_is_found_by_its_number_or_its_id(world: World) -> None:
    deal, request = world.deal(), world.request()
    links = world.portal.links
    for text, entity, gid in (
        ("counterpart://deal/DR-2026-0417", "deal_registration", deal),
        ("counterpart://deal/dr-2026-0417", "deal_registration", deal),
        (f"counterpart://deal_registration/{deal}", "deal_registration", deal),
        (f"counterpart://request/{request.upper()}", "request", request),
    ):
        link = parse(text)
        assert link is not None
        assert links.follow(link) == Target(entity, gid=gid), text
    assert links.follow(Link("sync")) == Target("sync_centre")


def test_what_is_not_here_says_so_and_names_what_to_look_for(world: World) -> None:
    deal = world.deal()
    follow = world.portal.links.follow
    assert follow(Link("deal", "DR-1")) == Missing("No deal “DR-1” is on this computer.", "DR-1")
    assert follow(Link("request", deal)) == Missing(f"No request “{deal}” is on this computer.", "")
    for kind in ("campaign", "message", "x" * 40):
        assert follow(Link(kind, "X-1")) == Missing(
            "This link leads to something that is not shared with you."
        )
    assert follow(Link("deal", "' OR 1=1 --")) == Missing(
        "No deal “' OR 1=1 --” is on this computer.", "' OR 1=1 --"
    )


def test_the_current_version_of_a_document_comes_first(world: World) -> None:
    shared = {"code": "PL-1", "title": "Price list", "category": "prices", "sha256": "0" * 64, "size": 1}
    current = world.put("document", "new", **shared, state="current")
    world.put("document", "old", **shared, state="superseded")
    assert world.portal.links.follow(Link("document", "PL-1")) == Target("document", gid=current)


def test_a_link_that_is_copied_leads_back(world: World) -> None:
    world.portal.prefs.set(GATEWAY, "https://portal.halden.example")
    for gid, words in (
        (world.deal(), "counterpart://deal/DR-2026-0417?vendor=portal.halden.example"),
        (
            world.deal("odd", number="SO/1 ü"),
            "counterpart://deal/SO%2F1%20%C3%BC?vendor=portal.halden.example",
        ),
    ):
        record = world.portal.records.get(gid)
        assert record is not None
        assert world.portal.links.of(record) == words
        link = parse(words)
        assert link is not None
        assert world.portal.links.follow(link) == Target("deal_registration", gid=gid)
    strange = world.portal.records.get(world.deal("strange", number="../%00"))
    assert strange is not None
    assert world.portal.links.of(strange).startswith(f"counterpart://deal/{strange.gid}")


def test_short_names_are_unmistakable(world: World) -> None:
    manifest = world.portal.manifest
    names = [short_name(manifest, entity) for entity in manifest.entities]
    assert len(set(names)) == len(names)
    assert "deal" in names


def test_the_account_a_link_means(tmp_path: Path) -> None:
    def account(name: str, gateway: str) -> Account:
        return Account(name, gateway, "user", name, name, tmp_path / name)

    known = [
        account("a" * 24, "https://halden.example"),
        account("b" * 24, "https://norland.example:8443/portal"),
        account("c" * 24, "https://halden.example"),
    ]
    for vendor, opened, wanted in (
        ("", "c" * 24, "c" * 24),
        ("", "", "a" * 24),
        ("halden.example", "", "a" * 24),
        ("halden.example", "c" * 24, "c" * 24),
        ("norland.example:8443", "c" * 24, "b" * 24),
        ("norland.example", "c" * 24, ""),
        ("b" * 24, "a" * 24, "b" * 24),
    ):
        assert account_for(vendor, known, opened) == wanted, (vendor, opened)
    assert account_for("", [], "") == ""
