"""How an account tells what happened: webhooks signed in HubSpot's third version, and the journal."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from gateway.crm.hubspot.connector import HubSpotCrm
from gateway.crm.hubspot.journal import named_in
from gateway.crm.port import CrmExpired, CrmRefused, KeepsJournal, Ref
from gateway.crm.webhook import Delivery
from gateway.problems import Problem
from tests.connectors.hubspot.lab import HubSpotLab
from tests.connectors.portal import Portal

_URI = "https://portal.halden.example/webhooks/hubspot"


@pytest.fixture
def app_lab() -> Iterator[HubSpotLab]:
    """An account in which an app is installed that reads the journal."""
    lab = HubSpotLab(lag=0.0, app=True, journal=True)
    yield lab
    lab.close()


# -------------------------------------------------------------------------------------------------------- webhooks


def _deliver(lab: HubSpotLab, portal: Portal) -> int:
    return sum(
        portal.gateway.webhooks.receive("hubspot", Delivery("POST", _URI, headers, body))
        for body, headers in lab.server.webhooks.deliveries(_URI)
    )


def test_an_edit_arrives_by_webhook_long_before_the_index_shows_it(lab: HubSpotLab) -> None:
    portal = Portal(lab)
    portal.gateway.webhooks.trust({"hubspot": b"client-secret"})
    ref = lab.deal(portal.north)
    portal.read()
    lab.account.lag = 60.0
    lab.server.webhooks.waiting.clear()
    lab.edit(ref, title="By webhook")
    assert _deliver(lab, portal) == 1
    portal.step()
    assert portal.seen()[portal.gid(ref)]["title"] == "By webhook"


def test_a_link_and_a_merge_arrive_by_webhook(lab: HubSpotLab) -> None:
    portal = Portal(lab)
    portal.gateway.webhooks.trust({"hubspot": b"client-secret"})
    moved, loser, winner = (lab.deal(portal.north) for _ in range(3))
    portal.read()
    cursor = portal.cursor()
    lab.server.webhooks.waiting.clear()
    lab.move(moved, portal.south)
    merged = lab.merged(loser, winner)
    _deliver(lab, portal)
    portal.step()
    gone = portal.gone_since(cursor)
    assert gone[portal.gid(moved)][0] == "revoked"
    assert portal.gid(moved) in portal.seen(portal.ailsa)
    assert gone[portal.gid(loser)] == ("tombstone", portal.gid(merged))


def test_a_delivery_that_was_tampered_with_is_not_taken(lab: HubSpotLab) -> None:
    portal = Portal(lab)
    portal.gateway.webhooks.trust({"hubspot": b"client-secret"})
    lab.deal(portal.north)
    [(body, headers)] = lab.server.webhooks.deliveries(_URI)
    for changed in (
        Delivery("POST", _URI, headers, body.replace(b"0-3", b"0-5")),
        Delivery("POST", _URI + "x", headers, body),
        Delivery("POST", _URI, {**headers, "X-HubSpot-Signature-v3": "AAAA"}, body),
    ):
        with pytest.raises(Problem):
            portal.gateway.webhooks.receive("hubspot", changed)
    lab.tick(301)
    with pytest.raises(Problem):
        portal.gateway.webhooks.receive("hubspot", Delivery("POST", _URI, headers, body))


# --------------------------------------------------------------------------------------------------------- journal


def _port(lab: HubSpotLab) -> HubSpotCrm:
    assert isinstance(lab.port, HubSpotCrm)
    assert isinstance(lab.port, KeepsJournal)
    return lab.port


def test_the_journal_tells_of_everything(app_lab: HubSpotLab) -> None:
    lab, port = app_lab, _port(app_lab)
    north, south = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
    edited, moved, archived, loser, winner = (lab.deal(north) for _ in range(5))
    start = port.journal(None, 100)
    assert start.refs == ()
    nothing = port.journal(start.next, 100)
    assert (nothing.refs, nothing.next, nothing.more) == ((), start.next, False)
    lab.edit(edited, title="Edited")
    lab.move(moved, south)
    lab.archive(archived)
    merged = lab.merged(loser, winner)
    page = port.journal(start.next, 100)
    assert {edited, moved, north, south, archived, loser, winner, merged} <= set(page.refs)
    assert not page.more
    first = port.journal(start.next, 1)
    assert (first.refs, first.more) == ((edited,), True)
    assert set(port.journal(first.next, 100).refs) >= {moved, archived, merged}


def test_a_place_that_is_too_old_has_expired(app_lab: HubSpotLab) -> None:
    lab, port = app_lab, _port(app_lab)
    ref = lab.deal(lab.company("Brightwater IT"))
    place = port.journal(None, 10).next
    lab.edit(ref, title="Edited")
    lab.tick(3 * 24 * 3600 - 1)
    assert port.journal(place, 10).refs
    lab.tick(10)
    with pytest.raises(CrmExpired):
        port.journal(place, 10)
    # Nothing is left of it: it begins anew, with what comes.
    begun = port.journal(None, 10)
    assert begun.next == ""
    lab.edit(ref, title="Edited again")
    page = port.journal(begun.next, 10)
    assert ref in page.refs
    assert page.next


def test_the_journal_has_a_token_of_its_own_and_its_files_have_none(app_lab: HubSpotLab) -> None:
    lab, port = app_lab, _port(app_lab)
    lab.deal(lab.company("Brightwater IT"))
    port.journal("", 10)
    port.fetch([Ref("deals", "1")])
    assert lab.server.tokens.exchanges == 2
    files = [call for call in lab.server.calls if call.path[0] == "journal-files"]
    assert files
    assert not any(call.header("authorization") for call in files)


def test_without_an_app_no_journal_is_asked(lab: HubSpotLab, app_lab: HubSpotLab) -> None:
    assert lab.system.journal is None
    assert app_lab.system.journal is not None
    with pytest.raises(CrmRefused):
        _port(lab).journal(None, 10)
    assert not lab.server.calls


def test_events_that_are_none_are_passed_over() -> None:
    body = {
        "journalEvents": [
            {"objectTypeId": "0-3", "objectId": 5},
            "x",
            {"objectId": 6},
            {"objectTypeId": "2-7"},
        ]
    }
    assert list(named_in(body)) == [Ref("deals", "5")]
    assert list(named_in(None)) == []


def test_the_wire_is_http(lab: HubSpotLab) -> None:
    answer = httpx.get(f"{lab.server.address}/crm/objects/2026-09/deals")
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
