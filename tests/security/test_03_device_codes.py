"""3. Signing in by a code that is shown on the screen exists where policy makes a computer a kiosk, and nowhere
else; the gateway has it off unless it is turned on. A code lasts ten minutes at most; the session it leads to is a
kiosk's: for a working day, without colleagues, other devices or the key of anybody's laptop.

More: `tests/unit/test_session_device_code.py`, `tests/gateway/test_kiosk.py`, `tests/e2e/test_kiosk.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.contract.errors import CounterpartError, NotAllowed
from app.services.kiosk.opening import KioskOpening
from app.session.device_code import LONGEST, CodeShown, DeviceCodesOff, NoKiosk
from app.session.policy.schema import UNMANAGED, Managed, Policy
from gateway.settings import Settings
from tests.e2e.kiosk import Kiosk, NoWait, Phone, colleague
from tests.e2e.together import Person, Vendor, vendor_at
from tests.security.source import calls

ASK = {"client_id": "counterpart-desktop", "device_id": "k1", "device_name": "Warehouse desk"}


@pytest.fixture(scope="module")
def lets_kiosks_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    with vendor_at(tmp_path_factory.mktemp("kiosks"), device_code=True, console=False) as made:
        yield made


@pytest.fixture
def maya(lets_kiosks_in: Vendor) -> Person:
    return colleague(lets_kiosks_in, "Maya Brandt")


@pytest.fixture
def kiosk(lets_kiosks_in: Vendor, tmp_path: Path) -> Iterator[Kiosk]:
    made = Kiosk(lets_kiosks_in, tmp_path / "kiosk")
    yield made
    made.opening.end()
    made.wire.close()


def test_without_the_policy_there_is_none(kiosk: Kiosk) -> None:
    assert UNMANAGED.kiosk is False
    for managed in (Managed(), Managed(policy=Policy(gateway_address=kiosk.wire.url))):
        around = kiosk.around.__class__(**{**vars(kiosk.around), "managed": managed})
        with pytest.raises(NoKiosk):
            KioskOpening(around)
    doors = {path for path, _ in calls("DeviceCode") + calls("KioskOpening")}
    assert doors <= {"app/composition/kiosk.py", "app/services/kiosk/signing_in.py"}, "the only ways to it"


def test_the_gateway_has_it_off_unless_it_is_turned_on(vendor: Vendor, tmp_path: Path) -> None:
    assert Settings(folder=tmp_path).device_code is False
    assert (
        httpx.post(f"{vendor.url}/oauth/device_authorization", data=ASK, trust_env=False).status_code == 404
    )
    made = Kiosk(vendor, tmp_path / "kiosk")
    with pytest.raises(DeviceCodesOff):
        made.opening.sign_in(lambda _news: None, NoWait(vendor)).run()
    made.opening.end()
    made.wire.close()


def test_a_code_lasts_ten_minutes_at_most_on_both_sides(
    lets_kiosks_in: Vendor, kiosk: Kiosk, maya: Person
) -> None:
    assert LONGEST == 600
    told = httpx.post(f"{lets_kiosks_in.url}/oauth/device_authorization", data=ASK, trust_env=False).json()
    assert told["expires_in"] <= 600
    phone = Phone(maya)
    kiosk.opening.sign_in(phone, NoWait(lets_kiosks_in)).run()
    shown = phone.heard[0]
    assert isinstance(shown, CodeShown)
    assert shown.seconds <= 600
    lets_kiosks_in.clock.forward(seconds=601)
    page = httpx.get(told["verification_uri"], params={"user_code": told["user_code"]}, trust_env=False)
    assert page.status_code == 422, "nobody is let in by a code that is over"


def test_what_a_kiosk_is_given_is_less(kiosk: Kiosk, maya: Person, lets_kiosks_in: Vendor) -> None:
    account = kiosk.enter(maya)
    assert kiosk.sync(account).ok
    assert account.transport.me().keeps_colleagues is False, "although she keeps them elsewhere"
    with pytest.raises(NotAllowed):
        account.staff.everybody()
    laptop = lets_kiosks_in.gateway.identity.session_for(maya.user, "her laptop").device
    with pytest.raises(NotAllowed):
        account.staff.sign_out_device(laptop, erase=True)
    lets_kiosks_in.clock.forward(hours=13)
    with pytest.raises(CounterpartError):
        account.transport.me()
    kiosk.opening.sign_out(account.person.id)
