"""The console in hostile hands: at its door, with a stolen cookie, and with more bytes than anybody should send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.console.bodies import STAFFS_MOST, STRANGERS_MOST
from gateway.crm.embedded.codes import StaffRole
from gateway.limits import Limits
from tests.gateway.console_world import PASSWORD, Console, Vendor, build_vendor, visiting
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.serving import serving
from tests.patience import PATIENCE

pytestmark = AT_THE_SURFACE

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    """The vendor's side, with an address that may fail six times."""
    return build_vendor(tmp_path, Limits(address_tries=6))


@pytest.fixture
def console(vendor: Vendor) -> Iterator[Console]:
    """A browser nobody has signed in with."""
    with visiting(vendor) as found:
        yield found


def inside(console: Console) -> bool:
    """Whether the console takes the browser for somebody's."""
    return console.client.get("/console/data/account").status_code == 200


def test_who_tries_name_after_name_waits(console: Console) -> None:
    """Five a name are not few for who knows many names; and each costs 64 MB of memory for a moment."""
    said = [console.sign_in(f"name-{number}", "Winter2026!").text for number in range(8)]
    assert ["Too many" in text for text in said] == [False] * 6 + [True] * 2
    assert "Too many" in console.sign_in("ingrid").text, "whoever it is"


def test_who_comes_in_rightly_never_waits(console: Console) -> None:
    for _ in range(8):
        assert console.sign_in().status_code == 303


@ON_BOTH
@pytest.mark.parametrize("password", ["another-lantern-53", ""])
def test_a_new_password_or_none_ends_who_came_in_with_the_old_one(
    console: Console, vendor: Vendor, password: str
) -> None:
    tom = vendor.staff("tom", StaffRole.OPERATIONS)
    console.sign_in("tom")
    assert inside(console)
    vendor.auth.set_password(tom, password)
    assert not inside(console)
    vendor.auth.set_password(tom, PASSWORD)
    assert not inside(console), "the same password again is another one all the same"


def test_signing_out_ends_every_copy_of_a_session(console: Console, vendor: Vendor) -> None:
    console.sign_in()
    with visiting(vendor) as thief:
        for name, value in console.client.cookies.items():
            thief.client.cookies.set(name, value)
        assert inside(thief)
        assert console.post("/console/logout", {}).status_code == 303
        assert not inside(thief)
    console.sign_in()
    assert inside(console)


def test_nobody_stays_for_ever_however_busy(console: Console, vendor: Vendor) -> None:
    console.sign_in()
    vendor.world.clock.turn(hours=23)
    assert inside(console), "what is used goes on"
    vendor.world.clock.turn(hours=2)
    assert not inside(console)


def test_a_password_that_was_changed_while_it_was_looked_at_lets_nobody_stay(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tom = vendor.staff("tom", StaffRole.OPERATIONS)
    verify = vendor.auth._matches

    def slowly(hashed: str, password: str) -> bool:
        found = verify(hashed, password)
        vendor.auth.set_password(tom, "another-lantern-53")
        return found

    monkeypatch.setattr(vendor.auth, "_matches", slowly)
    visit = vendor.auth.sign_in("tom", PASSWORD)
    assert visit is not None
    assert vendor.auth.visitor(visit) is None


@pytest.mark.parametrize("announced", [True, False])
def test_nobody_sends_much_before_signing_in(vendor: Vendor, announced: bool) -> None:
    pieces = [b"x" * STRANGERS_MOST, b"x"]
    with serving(vendor.app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for path in ("/console/login", "/console/users/invite", "/console/_api/ticket/row-action"):
            answer = client.post(path, content=b"".join(pieces) if announced else iter(pieces), headers=FORM)
            assert answer.status_code == 413, path


def test_staff_send_files_but_not_without_end(console: Console) -> None:
    console.sign_in()
    small, large = b"a=" + b"x" * (STRANGERS_MOST * 2), b"a=" + b"x" * STAFFS_MOST
    for body, status in ((small, 403), (large, 413)):
        answer = console.client.post("/console/users/invite", content=body, headers=FORM)
        assert answer.status_code == status, "without its token nothing is done with it"
