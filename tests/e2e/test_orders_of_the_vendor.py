"""The vendor orders devices erased, at the command line and in the console, and the clients on them obey."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.console.auth import StaffAuth
from gateway.crm.embedded.staff import STAFF_ROLES, add_or_change
from gateway.logs import configure_logs
from tests.e2e.together import Computer, Person, Vendor
from tests.patience import PATIENCE

Give = Callable[[Person], Computer]


@pytest.fixture
def person(vendor: Vendor) -> Person:
    return vendor.person("rep")


@pytest.fixture
def both(person: Person, computer: Give) -> tuple[Computer, Computer]:
    """Two computers of one person, signed in."""
    made = computer(person), computer(person)
    assert all(one.sync().ok for one in made)
    return made


def revoke(vendor: Vendor, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run `revoke` beside the gateway that serves."""
    monkeypatch.setenv("COUNTERPART_GATEWAY_CRM_URL", vendor.service.settings.crm_url)
    told = CliRunner().invoke(cli, ["revoke", *arguments, "--folder", str(vendor.folder)])
    configure_logs("CRITICAL")
    assert told.exit_code == 0, told.output
    return told.output


def test_one_device_at_the_command_line(
    vendor: Vendor, person: Person, both: tuple[Computer, Computer], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, kept = both
    said = revoke(vendor, person.email, "--device", lost.device, "--wipe", monkeypatch=monkeypatch)
    assert "1 sessions ended." in said
    assert lost.erased()
    assert kept.sync().ok
    assert vendor.orders(person) == [(lost.device, True)]
    lost.told()
    assert lost.sync().ok


def test_a_whole_account_at_the_command_line(
    vendor: Vendor, person: Person, both: tuple[Computer, Computer], monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke(vendor, person.email, "--wipe", monkeypatch=monkeypatch)
    assert all(one.erased() for one in both)
    assert sorted(vendor.orders(person)) == sorted((one.device, True) for one in both)
    assert not any(one.holds_something for one in both)


def test_in_the_console(vendor: Vendor, person: Person, both: tuple[Computer, Computer]) -> None:
    lost, kept = both
    key = add_or_change(vendor.service.crm, "olga", "Olga Berg", STAFF_ROLES["operations"])
    StaffAuth(vendor.service.crm).set_password(key, "a password of hers")
    with httpx.Client(
        base_url=vendor.url, timeout=PATIENCE, follow_redirects=True, trust_env=False
    ) as console:
        console.get("/console/login")
        form = {"username": "olga", "password": "a password of hers", "csrftoken": csrf(console)}
        assert console.post("/console/login", data=form).status_code == 200
        wanted = {"user": person.user, "device": lost.device, "from": "user", "sure": "yes"}
        answer = console.post("/console/devices/wipe", data={**wanted, "csrftoken": csrf(console)})
        assert "was told to destroy what it holds" in answer.text
        assert vendor.orders(person) == [(lost.device, False)]
        assert lost.erased()
        assert vendor.orders(person) == [(lost.device, True)]
        assert kept.sync().ok
        assert "Wiped" in console.get(f"/console/users/{person.user}").text


def csrf(console: httpx.Client) -> str:
    return console.cookies.get("starlette_admin_csrftoken") or ""
