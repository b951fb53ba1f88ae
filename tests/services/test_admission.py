"""What an organisation lets in: gateways, proxies, and accounts that were not away too long; over real HTTP."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.composition.browser import FormBrowser
from app.composition.demo import PassingKeyring
from app.composition.headless import Wanted, opened, send_receipts
from app.contract.errors import CounterpartError, Refused, SignInNeeded, Unreachable, WipeOrdered
from app.services import opening as opening_module
from app.services.admission import (
    GatewayNotAllowed,
    PolicyUnclear,
    admitted,
    allowed_gateways,
    engine_settings,
    gateway_client,
    offered_gateways,
)
from app.services.everywhere import Everywhere
from app.services.in_contact import AwayTooLong
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.policy.schema import NOBODYS, Managed, Policy
from app.store.keys import KeyRing
from app.sync.settings import LIMIT_KEY
from app.sync.wire import Wire
from tests.services.conftest import CountedIds
from tests.services.small_gateway import SmallGateway, small_gateway

DAY = timedelta(days=1)
OTHER = "https://portal.other.example"


class TurningClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 9, tzinfo=UTC)
        self.ran = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ran


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    ring = KeyRing(PassingKeyring())
    return Surroundings(
        root=tmp_path,
        clock=TurningClock(),
        ids=CountedIds(),
        rng=random.Random(1),
        ring=lambda: ring,
        open_browser=FormBrowser("maya@brightwater.example", "correct horse"),
    )


def set_to(around: Surroundings, forced: tuple[str, ...] | None = None, /, **values: Any) -> Surroundings:
    """The same computer, of an organisation that set something; forced, unless names say which is."""
    names = frozenset(values)
    strong = names if forced is None else frozenset(forced)
    return replace(around, managed=Managed(Policy(**values), strong, names - strong, "Group Policy"))


def entered(around: Surroundings, gateway: SmallGateway) -> OpenAccount:
    """Sign in, and have an account that has seen its portal."""
    opening = Opening(around)
    signed_in = opening.sign_in(gateway.url).run()
    account = opening.open(signed_in.account, opening.key(signed_in.account), signed_in=True)
    account.session.begin(signed_in.tokens)
    account.first_contact()
    return account


def reopened(around: Surroundings) -> OpenAccount:
    opening = Opening(around)
    (known,) = opening.accounts()
    return opening.open(known, opening.key(known))


def turn(around: Surroundings, by: timedelta) -> None:
    assert isinstance(around.clock, TurningClock)
    around.clock.at += by


# -- gateways -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("managed", "allowed", "offered"),
    [
        (NOBODYS, (), ()),
        (Managed(Policy(gateway_address=OTHER), frozenset({"gateway_address"})), (OTHER,), (OTHER,)),
        (Managed(Policy(gateway_address=OTHER), frozenset(), frozenset({"gateway_address"})), (), ()),
        (Managed(Policy(allowed_gateways=(OTHER, "https://b.example"))), (OTHER, "https://b.example"), (OTHER, "https://b.example")),
        (Managed(Policy(gateway_address=OTHER, allowed_gateways=(OTHER, "https://b.example")),
                 frozenset({"gateway_address"})), (OTHER, "https://b.example"), (OTHER,)),
        (Managed(Policy(allowed_gateways=tuple(f"https://{n}.example" for n in range(6)))),
         tuple(f"https://{n}.example" for n in range(6)), ()),
    ],
)  # fmt: skip
def test_which_gateways_are_allowed_and_which_are_offered(
    managed: Managed, allowed: tuple[str, ...], offered: tuple[str, ...]
) -> None:
    assert allowed_gateways(managed) == allowed
    assert offered_gateways(managed) == offered


@pytest.mark.parametrize(
    "typed",
    [
        "portal.other.example.evil.example",
        "https://other.example",
        "portal.other.example:8443",
        "http://127.0.0.1:1",
    ],
)
def test_another_gateway_is_refused_with_words(around: Surroundings, typed: str) -> None:
    with pytest.raises(GatewayNotAllowed) as caught:
        Opening(set_to(around, allowed_gateways=(OTHER,))).sign_in(typed)
    assert caught.value.fields["gateway"]
    assert "Your organisation does not allow" in caught.value.cause
    assert OTHER in caught.value.next_step


@pytest.mark.parametrize("typed", ["portal.other.example", " https://PORTAL.other.example:443/ "])
def test_an_allowed_gateway_is_the_same_however_it_is_written(around: Surroundings, typed: str) -> None:
    assert admitted(set_to(around, allowed_gateways=(OTHER,)).managed, typed) == OTHER


DOORS: dict[str, Callable[[Surroundings, SmallGateway], Any]] = {
    "sign in": lambda around, gateway: Opening(around).sign_in(gateway.url),
    "look at the lock": lambda around, _: Opening(around).lock(Opening(around).accounts()[0]),
    "open with a key": lambda around, _: Opening(around).open(Opening(around).accounts()[0], b"k" * 32),
    "look into it": lambda around, _: Opening(around).look_into(Opening(around).accounts()[0], b"k" * 32),
    "command line": lambda around, gateway: opened(around, Wanted("", gateway.url, str)).__enter__(),
    "a connection": lambda around, gateway: gateway_client(around.managed, gateway.url),
}


@pytest.mark.parametrize("door", DOORS)
def test_an_account_that_was_there_before_is_not_opened_by_any_door(
    door: str, around: Surroundings, gateway: SmallGateway
) -> None:
    entered(around, gateway).close()
    calls = len(gateway.asked)
    with pytest.raises(GatewayNotAllowed):
        DOORS[door](set_to(around, allowed_gateways=(OTHER,)), gateway)
    with pytest.raises(PolicyUnclear, match="OfflineDays is wrong"):
        DOORS[door](replace(around, managed=Managed(blocking=("OfflineDays is wrong.",))), gateway)
    assert len(gateway.asked) == calls, "nothing was sent"


def test_a_search_through_all_accounts_passes_over_it_and_says_why(
    around: Surroundings, gateway: SmallGateway
) -> None:
    entered(around, gateway).close()
    opening = Opening(set_to(around, allowed_gateways=(OTHER,)))
    (hits,) = Everywhere(opening, "").search("kestrel")
    assert "does not allow" in hits.skipped


def test_receipts_for_other_gateways_wait_and_stop_nobody(
    around: Surroundings, gateway: SmallGateway
) -> None:
    entered(around, gateway).close()
    opening = Opening(around)
    opening.erasing.obey(opening.accounts()[0], "order-1")
    send_receipts(set_to(around, allowed_gateways=(OTHER,)))
    assert Opening(around).erasing.notes()[0].order, "not told yet"
    send_receipts(around)
    assert not Opening(around).erasing.notes()[0].order


def test_no_other_door_leads_to_a_gateway() -> None:
    """Whatever speaks to one gets its client where gateway and proxy are looked at."""
    services = Path(opening_module.__file__ or "").parent
    makers = {path.name for path in services.rglob("*.py") if "system_client(" in path.read_text("utf-8")}
    assert makers == {"admission.py"}


# -- proxies --------------------------------------------------------------------------------------------------
def test_calls_go_through_the_proxy_that_was_set(around: Surroundings) -> None:
    """Nobody listens there, which is what the error is about; no word of its password."""
    proxy = "http://kim:s3cret@127.0.0.1:9"
    wire = Wire(gateway_client(set_to(around, proxy=proxy).managed, OTHER), around.clock)
    with closing(wire), pytest.raises(Unreachable) as caught:
        wire.call("GET", "/v1/me")
    assert caught.value.cause == "The proxy this computer is set to cannot be reached."
    assert "s3cret" not in repr(caught.value) + repr(caught.value.__cause__)
    assert "s3cret" not in repr(set_to(around, proxy=proxy).managed)


# -- documents ------------------------------------------------------------------------------------------------
def test_a_forced_quota_beats_the_users_limit_and_a_recommended_one_does_not(
    around: Surroundings, gateway: SmallGateway
) -> None:
    account = entered(around, gateway)
    with account.open_store() as store:
        store.settings.put(LIMIT_KEY, 900_000_000)
    account.close()
    forced, recommended = set_to(around, document_quota_mb=200), set_to(around, (), document_quota_mb=200)
    with account.open_store() as store:
        assert engine_settings(forced.managed).limit(store) == 200_000_000
        assert engine_settings(recommended.managed).limit(store) == 900_000_000
        store.settings.remove(LIMIT_KEY)
        assert engine_settings(recommended.managed).limit(store) == 200_000_000
    account = reopened(forced)
    assert (
        account.loop(lambda _: None)._settings == account.engine_settings == engine_settings(forced.managed)
    )
    portal = account.open_portal(lambda: None)
    assert portal.documents.limit == 200_000_000
    with pytest.raises(Refused, match="Your organisation set the limit"):
        portal.documents.set_limit(500_000_000)
    portal.close()
    account.close()


def test_what_is_over_a_forced_quota_goes_when_the_account_opens(
    around: Surroundings, gateway: SmallGateway
) -> None:
    account = entered(around, gateway)
    now = around.clock.now()
    loose, kept = (hashlib.sha256(content).hexdigest() for content in (b"loose", b"kept"))
    with account.open_store() as store:
        for sha256, content in ((loose, b"loose"), (kept, b"kept")):
            store.blobs.want(sha256, len(content), "text/plain", "x.txt", now)
            store.blobs.append(sha256, 0, content)
            assert store.blobs.finish(sha256, now)
        store.blobs.pin(kept, True)
    account.close()
    least = Policy().model_copy(update={"document_quota_mb": 0})
    forced = replace(around, managed=Managed(least, frozenset({"document_quota_mb"}), source="Group Policy"))
    account = reopened(forced)
    with account.open_store() as store:
        assert [blob.sha256 for blob in store.blobs.all()] == [kept]
    account.close()


# -- offline days ---------------------------------------------------------------------------------------------
def test_after_too_many_days_it_opens_only_once_the_gateway_was_reached(
    around: Surroundings, gateway: SmallGateway
) -> None:
    held = set_to(around, offline_days=14)
    entered(held, gateway).close()
    gateway.down = {"/v1/me"}
    turn(around, 14 * DAY)
    reopened(held).close()
    turn(around, DAY)
    with pytest.raises(AwayTooLong) as caught:
        reopened(held)
    assert "more than 14 days" in caught.value.cause
    assert "Nothing was deleted" in caught.value.kept
    gateway.down = set()
    account = reopened(held)
    assert account.contact.look()
    account.close()
    gateway.down = {"/v1/me"}
    turn(around, 13 * DAY)
    reopened(held).close()


def test_setting_the_clock_back_does_not_help(around: Surroundings, gateway: SmallGateway) -> None:
    held = set_to(around, offline_days=14)
    entered(held, gateway).close()
    gateway.down = {"/v1/me"}
    turn(around, 15 * DAY)
    with pytest.raises(AwayTooLong):
        reopened(held)
    turn(around, -15 * DAY)
    with pytest.raises(AwayTooLong):
        reopened(held)


def test_whoever_is_away_for_long_is_told_days_before(around: Surroundings, gateway: SmallGateway) -> None:
    held = set_to(around, offline_days=14)
    account = entered(held, gateway)
    account.contact.look()
    portal = account.open_portal(lambda: None)
    told = []
    for _ in range(15):
        told.append(portal.locks_in())
        turn(around, DAY)
    assert told == [*[None] * 11, 3, 2, 1, 1]
    portal.close()
    account.close()
    free = reopened(around)
    portal = free.open_portal(lambda: None)
    assert portal.locks_in() is None
    portal.close()
    free.close()


def test_it_locks_while_it_is_open_too(around: Surroundings, gateway: SmallGateway) -> None:
    account = entered(set_to(around, offline_days=3), gateway)
    assert account.contact.look()
    turn(around, 2 * DAY)
    assert account.contact.look()
    account.transport.me()
    turn(around, 2 * DAY)
    assert account.contact.look(), "the gateway was heard meanwhile"
    turn(around, DAY + timedelta(minutes=1))
    assert not account.contact.look()
    turn(around, -DAY)
    assert not account.contact.look()
    account.transport.me()
    assert account.contact.look()
    account.close()


def test_a_clock_that_stands_still_does_not_help_while_it_is_open(
    around: Surroundings, gateway: SmallGateway
) -> None:
    account = entered(set_to(around, offline_days=3), gateway)
    assert account.contact.look()
    assert isinstance(around.clock, TurningClock)
    for _ in range(3 * 24):
        around.clock.ran += 3600
        assert account.contact.look()
    around.clock.ran += 3600
    assert not account.contact.look()
    account.close()


def test_an_answer_without_a_session_is_no_contact(around: Surroundings, gateway: SmallGateway) -> None:
    account = entered(set_to(around, offline_days=3), gateway)
    assert account.contact.look()
    turn(around, 4 * DAY)
    gateway.down = {"/v1/me"}
    with pytest.raises(CounterpartError):
        account.transport.me()
    assert not account.contact.look()
    account.close()


@pytest.mark.parametrize("door", ["look into it", "command line"])
def test_a_locked_account_is_not_read_by_other_doors(
    door: str, around: Surroundings, gateway: SmallGateway
) -> None:
    held = set_to(around, offline_days=3)
    entered(held, gateway).close()
    turn(around, 4 * DAY)
    gateway.down = {"/v1/me"}
    opening = Opening(held)
    (known,) = opening.accounts()
    key = opening.key(known)
    doors = DOORS | {"look into it": lambda _around, _gateway: opening.look_into(known, key)}
    with pytest.raises(AwayTooLong):
        doors[door](held, gateway)


def test_a_device_that_was_signed_out_meanwhile_has_to_sign_in(
    around: Surroundings, gateway: SmallGateway
) -> None:
    held = set_to(around, offline_days=3)
    entered(held, gateway).close()
    turn(around, 4 * DAY)
    gateway.ended = True
    with pytest.raises(SignInNeeded) as caught:
        reopened(held)
    assert not isinstance(caught.value, WipeOrdered)
    gateway.ended = False
    opening = Opening(held)
    signed_in = opening.sign_in(gateway.url).run()
    opening.open(signed_in.account, opening.key(signed_in.account), signed_in=True).close()


def test_where_nobody_set_it_nothing_locks(around: Surroundings, gateway: SmallGateway) -> None:
    entered(around, gateway).close()
    gateway.down = {"/v1/me"}
    turn(around, 900 * DAY)
    account = reopened(around)
    assert account.contact.look()
    account.close()
