"""Signing in, what sessions and limits do, and that nothing waits for ever or tells a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.connecting import Outlets, close_ports, open_systems
from gateway.connections import SalesforceConnection
from gateway.crm.budget import Priority, spending
from gateway.crm.digests import MemoryDigests
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import CrmBusy, CrmMissing, CrmRefused, CrmUnauthorised, CrmUnavailable
from gateway.crm.salesforce.connector import SalesforceCrm
from gateway.crm.salesforce.errors import Said, clean, judged, refused, said
from tests.connectors.salesforce.lab import LOGIN, URL, SalesforceLab
from tests.connectors.salesforce.standin.refusals import Refused
from tests.connectors.salesforce.standin.rest import Reply
from tests.connectors.salesforce.standin.server import CLIENT_SECRET, PASSWORD, TOKEN, USER
from tests.connectors.walking import gid_at

_RIVAL = "Counterpart_Competitor__c"


_USER: Mapping[str, Any] = {
    "url": "https://test.salesforce.com",
    "username": USER,
    "password": SecretStr(PASSWORD),
    "token": SecretStr(TOKEN),
}
_WRONG = SecretStr("wr0ng-secret")


@pytest.mark.parametrize("login", [LOGIN, {**LOGIN, "url": f"{URL}/"}, _USER, {**_USER, "url": URL}])
def test_each_way_of_signing_in(lab: SalesforceLab, login: Mapping[str, Any]) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    crm = lab.connector(login)
    assert [row.ref for row in crm.fetch([ref])] == [ref]
    assert login["url"].removeprefix("https://").strip("/") == lab.adapter.hosts[0]
    assert lab.standin.logins == 1


@pytest.mark.parametrize(
    ("login", "hint"),
    [
        ({**LOGIN, "client_secret": _WRONG}, "client secret"),
        ({**LOGIN, "client_id": "wrong"}, "client id"),
        ({**_USER, "password": _WRONG}, "password"),
        ({**LOGIN, "url": "https://login.salesforce.com"}, "My Domain"),
        ({**LOGIN, "url": "https://crm.vendor.example"}, "url"),
    ],
)
def test_credentials_that_do_not_count_say_which_setting(
    lab: SalesforceLab, login: Mapping[str, Any], hint: str
) -> None:
    crm = lab.connector(login)
    with pytest.raises(CrmUnauthorised) as caught:
        crm.sweep("Lead", None, 10)
    assert hint in str(caught.value)
    for secret in ("wr0ng-secret", CLIENT_SECRET, PASSWORD):
        assert secret not in str(caught.value) + repr(caught.value) + repr(vars(crm)) + repr(
            vars(caught.value)
        )


def test_settings_lead_to_a_connector(lab: SalesforceLab) -> None:
    given = SalesforceConnection.model_validate(
        {"kind": "salesforce", **LOGIN, "label": "Halden's CRM", "daily": 5000}
    )
    crm = EmbeddedCrm.open(now=lab.clock.now)
    systems = open_systems({"crm": given}, Outlets(crm, lab.clock, MemoryDigests()))
    port = systems[0].port
    rate = port.capabilities.rate
    assert isinstance(port, SalesforceCrm)
    assert (port.system, port.label, rate and rate.daily) == ("crm", "Halden's CRM", 5000)
    assert port.now() == lab.clock.now()
    close_ports(systems)
    crm.close()


def test_a_session_that_ended_is_renewed_for_what_only_reads(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.port.fetch([ref])
    lab.standin.end_sessions()
    assert [row.ref for row in lab.port.fetch([ref])] == [ref]
    assert lab.standin.logins == 2


def test_a_write_is_never_made_twice_not_even_with_a_new_session(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), competitor="Meridian")
    lab.tick(5)
    [row] = lab.port.fetch([ref])
    mark = gid_at(lab.clock.now())
    lab.before_write(lab.standin.end_sessions)
    with pytest.raises(CrmUnavailable, match="nothing was written"):
        lab.port.update(ref, {_RIVAL: "Norrland"}, mark, lab.actor, row.revision)
    assert [method for method, _ in lab.wire.calls].count("PATCH") == 1
    assert lab.look(ref)["competitor"] == "Meridian"
    assert not lab.port.was_written(ref, mark)
    lab.port.update(ref, {_RIVAL: "Norrland"}, mark, lab.actor, row.revision)
    assert lab.look(ref)["competitor"] == "Norrland"


def test_a_session_no_sooner_begun_than_ended_is_told(lab: SalesforceLab) -> None:
    lab.answer(401, times=2)
    with pytest.raises(CrmUnauthorised, match="just begun"):
        lab.port.sweep("Lead", None, 10)


def test_every_call_has_an_end(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.port.fetch([ref])
    lab.port.update(ref, {_RIVAL: "Norrland"}, gid_at(lab.clock.now()), lab.actor, None)
    assert len(lab.adapter.timeouts) >= 4  # signing in is among them
    assert all(isinstance(one, tuple) and all(part <= 60 for part in one) for one in lab.adapter.timeouts)


def test_a_sign_in_page_that_is_down_is_not_taken_for_wrong_credentials(lab: SalesforceLab) -> None:
    lab.standin.token_reply = Reply(503, raw=b"<html>maintenance</html>")
    with pytest.raises(CrmUnavailable) as caught:
        lab.port.sweep("Lead", None, 10)
    assert not isinstance(caught.value, CrmUnauthorised)


def test_the_clock_is_the_orgs_and_never_ahead(lab: SalesforceLab) -> None:
    lab.port.sweep("Lead", None, 10)
    for _ in range(5):
        lab.tick(0.37)
        assert lab.port.now() <= lab.org.now()
        assert (lab.org.now() - lab.port.now()).total_seconds() < 1
        lab.port.sweep("Lead", None, 10)
    lab.org.now = lambda: lab.clock.now().replace(year=2025)  # it is wrong, and the one that counts
    lab.port.sweep("Lead", None, 10)
    assert lab.port.now().year == 2025


@pytest.mark.parametrize(
    ("words", "wait"),
    [("TotalRequests Limit exceeded.", 900.0), ("ConcurrentPerOrgLongTxn Limit exceeded.", 10.0)],
)
def test_limits_say_how_long(lab: SalesforceLab, words: str, wait: float) -> None:
    lab.wire.instead(Reply(403, Refused("REQUEST_LIMIT_EXCEEDED", words).body))
    with pytest.raises(CrmBusy) as caught:
        lab.port.sweep("Lead", None, 10)
    assert caught.value.retry_after == wait


def test_the_last_calls_of_the_day_are_left_to_writes(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.port.fetch([ref])
    lab.standin.used = 99_500  # by others
    lab.port.fetch([ref])
    with spending(Priority.SWEEP), pytest.raises(CrmBusy) as caught:
        lab.port.sweep("Lead", None, 10)
    assert caught.value.retry_after >= 60
    with spending(Priority.WRITE):
        lab.port.update(ref, {_RIVAL: "Norrland"}, gid_at(lab.clock.now()), lab.actor, None)
    lab.standin.used = 10_000
    lab.port.fetch([ref])
    with spending(Priority.SWEEP):
        assert lab.port.sweep("Lead", None, 10) == [ref.id]


def test_a_redirect_takes_no_credentials_along(lab: SalesforceLab) -> None:
    lab.wire.instead(Reply(302, raw=b"", headers={"Location": "https://evil.salesforce.com/"}))
    with pytest.raises(CrmUnavailable):
        lab.port.sweep("Lead", None, 10)
    assert "evil.salesforce.com" not in lab.adapter.hosts


def test_a_field_that_is_hidden_is_told_and_nothing_breaks(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.org.objects["Lead"].fields[_RIVAL].visible = False
    with pytest.raises(CrmUnavailable, match=_RIVAL) as caught:
        lab.port.fetch([ref])
    assert "counterpart-gateway check" in str(caught.value)
    assert caught.value.retry_after >= 60


@pytest.mark.parametrize(
    ("status", "code", "fields", "kind"),
    [
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", ["Email"], CrmRefused),
        (400, "REQUIRED_FIELD_MISSING", ["LastName"], CrmRefused),
        (400, "CANNOT_UPDATE_CONVERTED_LEAD", [], CrmRefused),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", [], CrmRefused),
        (404, "NOT_FOUND", [], CrmMissing),
        (404, "ENTITY_IS_DELETED", [], CrmMissing),
        (400, "ENTITY_IS_DELETED", ["Counterpart_Case__c"], CrmRefused),
        (400, "UNABLE_TO_LOCK_ROW", [], CrmUnavailable),
        (403, "REQUEST_LIMIT_EXCEEDED", [], CrmBusy),
        (403, "API_DISABLED_FOR_ORG", [], CrmUnauthorised),
        (503, "SERVER_UNAVAILABLE", [], CrmUnavailable),
        (500, "UNKNOWN_EXCEPTION", [], CrmUnavailable),
        (404, "", [], CrmMissing),
        (400, "", [], CrmUnavailable),
    ],
)
def test_what_each_code_comes_to(status: int, code: str, fields: list[str], kind: type[Exception]) -> None:
    body = [{"errorCode": code, "message": "Words.", "fields": fields}] if code else "<html>"
    assert type(judged(status, body, "Salesforce")) is kind


def test_words_are_cleaned() -> None:
    raw = (
        "FIELD_INTEGRITY_EXCEPTION: Use the <b>business</b>\n address &amp; not 00Q5g00000ABCDEAA1 "
        + "x" * 600
    )
    words = clean(raw)
    assert words.startswith("Use the business address & not another record xxx")
    assert len(words) == 500
    one = refused(Said("SOME_CODE", "", ("Email",)), "Salesforce")
    assert one.fields["Email"] == str(one) == "Salesforce refuses this (SOME_CODE)."
    assert said({"success": False, "errors": [{"statusCode": "X_Y", "message": "m"}]}) == Said("X_Y", "m", [])
    assert clean("The characteristics are good") == "The characteristics are good"
