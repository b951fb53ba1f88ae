"""Credentials that end, and calls that are counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from gateway.crm.budget import Priority, spending
from gateway.crm.hubspot.connector import HubSpotCrm
from gateway.crm.port import CrmBusy, CrmUnauthorised, CrmUnavailable
from tests.connectors.hubspot.lab import HubSpotLab
from tests.connectors.walking import walk


@pytest.fixture
def app_lab() -> Iterator[HubSpotLab]:
    """An account in which an app is installed."""
    lab = HubSpotLab(lag=0.0, app=True)
    yield lab
    lab.close()


# ---------------------------------------------------------------------------------------------------------- tokens


def test_a_token_is_renewed_before_it_ends(app_lab: HubSpotLab) -> None:
    lab = app_lab
    ref = lab.deal(lab.company("Brightwater IT"))
    for _ in range(3):
        assert lab.port.fetch([ref])
    assert lab.server.tokens.exchanges == 1
    lab.tick(lab.server.tokens.seconds - 30)
    assert lab.port.fetch([ref])
    assert lab.server.tokens.exchanges == 2
    assert not any(call.path[0] == "oauth" and call.header("authorization") for call in lab.server.calls)


def test_a_token_that_was_taken_back_is_renewed_once(app_lab: HubSpotLab) -> None:
    lab = app_lab
    ref = lab.deal(lab.company("Brightwater IT"))
    assert lab.port.fetch([ref])
    lab.server.tokens.given.clear()
    row = lab.port.update(ref, {"counterpart_competitor": "Norrland"}, "m1", lab.actor, None)
    assert row.fields["counterpart_competitor"] == "Norrland"
    assert lab.server.tokens.exchanges == 2
    lab.server.faults.answer(401, retry_after=None, times=2, only_writes=False)
    with pytest.raises(CrmUnauthorised):
        lab.port.fetch([ref])
    assert lab.server.tokens.exchanges == 3


def test_a_refresh_token_that_does_not_count_is_told_and_not_shown(app_lab: HubSpotLab) -> None:
    lab = app_lab
    lab.server.tokens.refresh_tokens.clear()
    with pytest.raises(CrmUnauthorised) as caught:
        lab.port.sweep("deals", None, 5)
    assert "refresh token" in str(caught.value)
    assert "refresh-token-1" not in str(caught.value)
    assert "client-secret" not in str(caught.value)


def test_a_service_key_that_was_taken_back_is_told(lab: HubSpotLab) -> None:
    lab.server.tokens.keys.clear()
    with pytest.raises(CrmUnauthorised) as caught:
        lab.port.sweep("deals", None, 5)
    assert "service key" in str(caught.value)
    assert "pat-eu1" not in str(caught.value)


def test_nothing_signs_in_with_nothing(lab: HubSpotLab) -> None:
    with pytest.raises(ValueError, match="service key"):
        lab.connector(service_key=SecretStr(""))


def test_secrets_do_not_show(app_lab: HubSpotLab) -> None:
    app_lab.port.sweep("deals", None, 5)
    parts = [part for part in vars(app_lab.port).values() if hasattr(part, "__dict__")]
    shown = repr(app_lab.port) + "".join(f"{part!r} {vars(part)!r}" for part in parts)
    for secret in ("client-secret", "refresh-token-1", "access-1"):
        assert secret not in shown


# ---------------------------------------------------------------------------------------------------------- calls


def test_when_few_calls_are_left_they_are_for_writes(lab: HubSpotLab) -> None:
    lab.server.limits.ten_seconds = 100
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.port.fetch([ref])
    limits = lab.server.limits
    limits._calls.extend([lab.account.now_ms()] * (92 - len(limits._calls)))
    lab.port.fetch([ref])  # its answers tell that there are few left
    with spending(Priority.LIST), pytest.raises(CrmBusy) as caught:
        lab.port.changed_since("deals", None, None, 5)
    assert 0 < caught.value.retry_after <= 10
    with spending(Priority.SWEEP), pytest.raises(CrmBusy):
        lab.port.sweep("deals", None, 5)
    before = len(limits._calls)
    lab.port.archive(ref, "m1", lab.actor, None)
    assert len(limits._calls) == before + 1
    lab.tick(11)
    with spending(Priority.LIST):
        lab.port.changed_since("deals", None, None, 5)


def test_the_days_calls_are_kept_for_writes_too(lab: HubSpotLab) -> None:
    lab.server.limits.daily = 1000
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.server.limits.today = 985
    lab.port.fetch([ref])
    lab.tick(20)
    with spending(Priority.LIST), pytest.raises(CrmBusy):
        lab.port.changed_since("deals", None, None, 5)
    lab.tick(900)  # and is asked for again, in case a new day has begun
    lab.server.limits.today = 0
    with spending(Priority.LIST):
        lab.port.changed_since("deals", None, None, 5)


def test_searches_are_paced(lab: HubSpotLab) -> None:
    lab.server.limits.searches = 5
    port = lab.connector(searches_a_second=4)
    lab.deal(lab.company("Brightwater IT"))
    for _ in range(4):
        port.changed_since("deals", None, None, 5)
    with pytest.raises(CrmBusy) as caught:
        port.changed_since("deals", None, None, 5)
    assert 0 < caught.value.retry_after <= 1.0
    lab.tick(1.1)
    port.changed_since("deals", None, None, 5)


@pytest.mark.parametrize(("limit", "wait"), [("ten_seconds", 10.0), ("daily", 3_600.0), ("searches", 1.0)])
def test_each_limit_asks_for_a_wait_of_its_own(lab: HubSpotLab, limit: str, wait: float) -> None:
    lab.deal(lab.company("Brightwater IT"))
    setattr(lab.server.limits, limit, 2)
    ports = [lab.connector() for _ in range(4)]
    with pytest.raises(CrmBusy) as caught:
        [port.changed_since("deals", None, None, 5) for port in ports]
    assert caught.value.retry_after == wait


def test_what_is_declared_keeps_to_what_hubspot_takes(lab: HubSpotLab) -> None:
    made = HubSpotCrm(
        name="hubspot",
        mapping=lab.mapping,
        clock=lab.clock,
        digests=lab.digests,
        service_key=SecretStr("k"),
        base_url=lab.server.address,
    )
    can = made.capabilities
    made.close()
    assert can.rate is not None
    assert (can.rate.calls, can.rate.seconds) == (100, 10.0)
    assert can.silent_links
    assert not can.conditional_writes
    assert (can.page_size, can.writes_a_call) == (100, 100)


def test_a_wire_that_breaks_in_the_middle_of_a_walk_is_told(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    lab.herd(company, 30)
    lab.cut(after=2)
    with pytest.raises(CrmUnavailable):
        walk(lab, "deals", None, 5)
    lab.mend()
    assert len(walk(lab, "deals", None, 5)) == 30
