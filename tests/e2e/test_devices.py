"""A device is signed out or erased from elsewhere: the client on it against the gateway that orders it."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest

from app.contract.errors import WipeOrdered
from app.services.erased import AccountErased
from app.services.opening import Opening
from app.session.erasing import Erasing
from tests.e2e.together import Computer, Person, Vendor

Give = Callable[[Person], Computer]


@pytest.fixture
def person(vendor: Vendor) -> Person:
    return vendor.person("rep")


@pytest.fixture
def lost(computer: Give, person: Person) -> Computer:
    """A computer that is signed in and holds records."""
    made = computer(person)
    assert made.sync().ok
    assert made.holds_something
    return made


@pytest.fixture
def at_hand(computer: Give, person: Person) -> Computer:
    """Another one of the same person."""
    made = computer(person)
    assert made.sync().ok
    return made


def sign_out(at_hand: Computer, other: Computer, *, erase: bool) -> None:
    """Sign another device out, as the settings do."""
    with at_hand.opened() as account:
        account.staff.sign_out_device(other.device, erase=erase)


def test_both_devices_are_listed_and_one_signs_the_other_out(at_hand: Computer, lost: Computer) -> None:
    with at_hand.opened() as account:
        listed = {item.id: (item.this, item.signed_in) for item in account.staff.devices().items}
        assert listed == {at_hand.device: (True, True), lost.device: (False, True)}
        account.staff.sign_out_device(lost.device, erase=False)
        assert {item.id: item.signed_in for item in account.staff.devices().items}[lost.device] is False
    report = lost.sync()
    assert (report.ok, report.data["mode"]) == (False, "sign_in")
    assert report.data["records"], "what it holds stays"
    assert at_hand.sync().ok


def test_a_device_that_is_erased_destroys_key_and_folder_and_says_so(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer
) -> None:
    account = lost.account
    sign_out(at_hand, lost, erase=True)
    assert vendor.orders(person) == [(lost.device, False)]
    assert lost.erased()
    assert not lost.has_key(account)
    assert not account.folder.exists()
    assert vendor.orders(person) == [(lost.device, True)]
    assert at_hand.sync().ok

    device = lost.device
    lost.told()
    assert lost.sync().ok, "signing in anew works"
    assert lost.device == device
    assert lost.sync().ok, "and is not wiped again"
    assert vendor.orders(person) == [(lost.device, True)]


def test_a_device_that_was_offline_is_erased_once_it_is_back(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer
) -> None:
    lost.wire.close()
    sign_out(at_hand, lost, erase=True)
    assert not lost.sync().ok
    assert lost.holds_something
    lost.wire.open()
    assert lost.erased()
    assert vendor.orders(person) == [(lost.device, True)]


@pytest.mark.parametrize("days", [0.1, 20], ids=["access token over", "refresh token over"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_it_is_erased_whatever_token_it_comes_with(
    vendor: Vendor, person: Person, computer: Give, lost: Computer, days: float, when: str
) -> None:
    """`when`: the time passes before or after the order is given."""
    if when == "before":
        vendor.clock.forward(days=days)
        vendor.gateway.tidy()
    at_hand = computer(person)
    sign_out(at_hand, lost, erase=True)
    if when == "after":
        vendor.clock.forward(days=days)
        vendor.gateway.tidy()
    assert lost.erased()
    assert not lost.holds_something
    assert vendor.orders(person) == [(lost.device, True)]


@pytest.mark.parametrize("heard", [False, True], ids=["that has not heard", "that has heard"])
def test_a_device_that_is_signed_out_already_is_erased(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer, heard: bool
) -> None:
    sign_out(at_hand, lost, erase=False)
    if heard:
        assert lost.sync().data["mode"] == "sign_in"
    sign_out(at_hand, lost, erase=True)
    assert lost.erased()
    assert not lost.holds_something
    assert vendor.orders(person) == [(lost.device, True)]


def test_a_device_that_left_by_itself_and_is_erased_afterwards_can_be_used_again(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer
) -> None:
    with lost.opened() as account:
        account.sign_out()
    assert not lost.holds_something
    sign_out(at_hand, lost, erase=True)
    assert lost.erased()
    assert vendor.orders(person) == [(lost.device, True)], (
        "there is nothing left to destroy, and that is confirmed"
    )
    assert lost.sync().ok


def test_a_receipt_that_did_not_get_through_does_not_keep_anybody_out(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer
) -> None:
    sign_out(at_hand, lost, erase=True)
    with patch.object(Erasing, "tell"):
        assert lost.erased()
    assert vendor.orders(person) == [(lost.device, False)]
    lost.told()
    assert lost.sync().ok
    assert vendor.orders(person) == [(lost.device, True)]


def test_signing_in_again_on_a_device_that_is_to_be_erased_erases_it(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer
) -> None:
    sign_out(at_hand, lost, erase=False)
    with lost.opened() as account:
        sign_out(at_hand, lost, erase=True)
        with pytest.raises(WipeOrdered) as caught:
            account.sign_in().run()
        account.erase(caught.value.order)
    Opening(lost.around).erasing.tell()
    assert not lost.holds_something
    assert vendor.orders(person) == [(lost.device, True)]


def test_an_order_for_one_person_leaves_the_others_of_the_computer_alone(
    vendor: Vendor, person: Person, at_hand: Computer, lost: Computer
) -> None:
    other = vendor.person("rep")
    sign_out(at_hand, lost, erase=True)
    mine = lost.account
    lost.person_at_it(other)
    signed_in = Opening(lost.around).sign_in(lost.wire.url).run()
    assert signed_in.account.user == other.user
    opening = Opening(lost.around)
    with_key = opening.open(signed_in.account, opening.key(signed_in.account))
    with_key.session.begin(signed_in.tokens)
    with_key.close()
    lost.person_at_it(person)
    with_key = Opening(lost.around).open(signed_in.account, opening.key(signed_in.account))
    with pytest.raises(AccountErased):
        with_key.sign_in().run()
    assert not mine.folder.exists()
    assert not lost.has_key(mine)
    assert vendor.orders(person) == [(lost.device, True)]
    assert with_key.transport.me().user == other.user
    with_key.close()
    assert lost.sync().ok
