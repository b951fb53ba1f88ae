"""Who of the vendor's staff may do what in the console: every route, every role, and the accounts they reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.console.auth import StaffAuth
from gateway.console.gate import guarded
from gateway.console.office import StaffDeed
from gateway.console.roles import OPEN, RIGHTS, ROUTES, may
from gateway.crm.embedded.codes import StaffRole
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Staff
from gateway.crm.embedded.objects import OBJECTS
from gateway.crm.embedded.staff import StaffMember, staff_member
from gateway.crm.port import Ref
from gateway.service import Service
from gateway.settings import Settings
from tests.gateway.console_world import Chronicle, Console, Vendor, build_vendor, visiting
from tests.gateway.crm_world import build_world
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH, lender

pytestmark = AT_THE_SURFACE

CHANNEL, APPROVER, OPERATIONS, ADMINISTRATOR = StaffRole

#: What stands in a route's address and query when the walk calls it.
FILLED = {
    "key": "registration",
    "obj": "registration",
    "pk": "1",
    "user": "nobody",
    "storage": "x",
    "path": "y",
}


def console_routes(app: FastAPI) -> list[Route]:
    """The console's own routes, as the application has them."""
    mounted = next(item for item in app.routes if isinstance(item, Mount) and item.name == "console")
    assert mounted.routes
    return [item for item in mounted.routes if isinstance(item, Route)]


@pytest.fixture
def told() -> list[StaffDeed]:
    """What the witness heard."""
    return []


@pytest.fixture
def vendor(tmp_path: Path, told: list[StaffDeed]) -> Vendor:
    """The vendor, with somebody in each role."""
    made = build_vendor(tmp_path, witness=told.append, audit=Chronicle())
    for role in StaffRole:
        made.staff(role.name.lower(), role)
    return made


@pytest.fixture
def console(vendor: Vendor) -> Iterator[Console]:
    with visiting(vendor) as console:
        yield console


def sign_in(console: Console, role: StaffRole) -> Console:
    """Sign in as the member of staff in a role."""
    console.client.cookies.clear()
    assert console.sign_in(role.name.lower()).status_code == 303
    return console


def look_after(vendor: Vendor, role: StaffRole, account: Ref) -> None:
    """Give an account to the member of staff in a role."""
    staff = vendor.world.crm.find("staff", login=role.name.lower())
    assert staff is not None
    vendor.world.desk.edit(account, {"looked_after_id": int(staff.id)})


# ---------------------------------------------------------------------------------------------------- the table


def test_the_console_does_not_start_with_a_route_nobody_declared(told: list[StaffDeed]) -> None:
    async def anything(_request: Request) -> Response:
        return Response("secret")

    with pytest.raises(ValueError, match="/new-page"):
        guarded([Route("/new-page", anything, name="new-page")], told.append)


def test_every_declared_route_is_there_and_no_other(vendor: Vendor) -> None:
    names = {item.name for item in console_routes(vendor.app)}
    assert names - OPEN == set(ROUTES)


def test_a_role_nobody_knows_may_nothing_and_no_role_is_an_administrators() -> None:
    assert not may(StaffMember(1, "X", "x", "???"), "registration", "see")
    assert not may(None, "registration", "see")
    assert may(StaffMember(1, "X", "x"), "staff", "set_role")
    assert not may(StaffMember(1, "X", "x"), "staff", "no such deed")
    assert not may(StaffMember(1, "X", "x"), "nothing", "see")


#: What channel managers and operations do alike.
TOGETHER: Mapping[str, set[str]] = {
    "opportunity": {"create", "edit", "set_status", "comment", "move"},
    "task": {"create", "edit", "accept", "return_task", "begin_after", "comment", "set_status", "move"},
    "approval": {"create", "edit", "supersede", "set_status"},
    "project": {"create", "edit", "comment", "set_status"},
    "milestone": {"create", "edit", "set_status"},
    "deliverable": {"create", "edit", "hand_over", "comment", "set_status"},
}

#: The areas each role sees, and what else it may: by hand, so that a slip in the table shows.
EXPECTED: Mapping[StaffRole, Mapping[str, set[str]]] = {
    CHANNEL: {
        "registration": {"edit", "start_review", "ask_information", "send_for_approval", "comment", "move"},
        "ticket": {"edit", "take", "answer", "internal_note", "resolve", "close", "set_status", "move"},
        "lead": {"create", "edit", "offer", "set_status", "move"},
        "invoice": set(),
        "membership": set(),
        "change_request": set(),
        "acknowledgement": set(),
        **TOGETHER,
        "order": set(),
        "contract": set(),
        "document": set(),
        "account": set(),
        "contact": {"create", "edit"},
        "staff": set(),
    },
    APPROVER: {
        "registration": {"edit", "start_review", "ask_information", "send_for_approval", "comment"}
        | {"approve", "reject", "mark_duplicate", "refuse_extension", "expire", "cancel", "set_status"},
        **{area: set() for area in ("invoice", "membership", "change_request", "acknowledgement")},
        **{area: set() for area in TOGETHER},
        "opportunity": TOGETHER["opportunity"],
        "approval": TOGETHER["approval"],
        "ticket": set(),
        "lead": set(),
        "order": set(),
        "contract": set(),
        "document": set(),
        "account": set(),
        "contact": set(),
        "staff": set(),
    },
    OPERATIONS: {
        "registration": {"move"},
        "ticket": {"edit", "take", "answer", "internal_note", "resolve", "close", "set_status", "move"},
        "lead": {"create", "edit", "offer", "set_status", "move"},
        "order": {"edit", "confirm", "ship", "deliver", "invoice", "set_status", "move"},
        "invoice": {"edit", "pay", "set_status"},
        "contract": {"edit", "quote", "order_renewal", "set_status", "move"},
        "membership": {"create", "edit", "set_status"},
        "change_request": {"make", "decline"},
        "acknowledgement": set(),
        **TOGETHER,
        "document": {"edit", "publish", "replace", "withdraw"},
        "account": {"create", "edit"},
        "contact": {"create", "edit"},
        "staff": set(),
        "users": {"invite", "link", "set_role", "set_companies", "close", "reopen"},
        "devices": {"sign_out", "wipe"},
        "connectors": {"retry", "release"},
        "dead_letters": {"retry"},
        "ledger": {"retry"},
        "audit": {"verify"},
    },
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("role", EXPECTED)
def test_the_table_says_what_each_role_is_for(role: StaffRole) -> None:
    member = StaffMember(1, "X", "x", role.value)
    put_away = {"archive", "restore"}
    seen = {
        area: {deed for deed in deeds if may(member, area, deed)} - {"see"} - put_away
        for area, deeds in RIGHTS.items()
        if may(member, area, "see") and area not in ("overview", "note", "attachment")
    }
    assert seen == EXPECTED[role]


# ------------------------------------------------------------------------------------------------------ the walk


def calls(route: Route) -> Iterator[tuple[str, str, str, str]]:
    """Yield method, address, area and deed for every way to call a route, from the table."""
    methods = sorted(set(route.methods or ()) - {"HEAD"})
    keyed = "{key}" in route.path or "{obj}" in route.path
    areas = sorted(OBJECTS) if keyed else [""]
    for method in methods:
        for area in areas:
            path = "/console" + route.path
            for name, value in {**FILLED, "key": area, "obj": area}.items():
                path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:path}}", value)
            if route.name in ("action", "row-action"):
                for deed in sorted(RIGHTS[area]):
                    yield method, f"{path}?pk=1&name={deed}", area, deed
            else:
                request = _request(method, {"key": area, "obj": area})
                yield method, f"{path}?pk=1", *ROUTES[route.name](request)


def _request(method: str, params: dict[str, str]) -> Request:
    return Request(
        {"type": "http", "method": method, "path_params": params, "query_string": b"", "headers": []}
    )


#: Hundreds of calls each; those who decide, and may not do all, are enough for each change.
WALKED = [
    pytest.param(role, marks=[] if role is StaffRole.APPROVER else [pytest.mark.nightly])
    for role in StaffRole
]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("role", WALKED)
def test_every_route_lets_in_whom_the_table_names_and_nobody_else(
    console: Console, vendor: Vendor, role: StaffRole
) -> None:
    member = StaffMember(1, "X", "x", role.value)
    sign_in(console, role)
    walked = 0
    for route in console_routes(vendor.app):
        if route.name in OPEN:
            continue
        for method, path, area, deed in calls(route):
            headers = {"X-CSRFToken": console.token}
            # What a role may is not carried out here: without its form it is not complete, or its record not there.
            answer = (
                console.client.get(path, follow_redirects=False)
                if method == "GET"
                else console.client.post(path, headers=headers, follow_redirects=False)
            )
            allowed = may(member, area, deed)
            assert answer.status_code < 500, f"{method} {path}"
            if area not in RIGHTS:
                assert answer.status_code == 404, f"{method} {path}"
            else:
                assert (answer.status_code == 403) == (not allowed), f"{role.name} {method} {path}"
            walked += 1
    assert walked > 200


@pytest.mark.databases("sqlite")
def test_nobody_gets_anywhere_without_signing_in(console: Console, vendor: Vendor) -> None:
    console.client.get("/console/login")
    for route in console_routes(vendor.app):
        if route.name in OPEN:
            continue
        for method, path, _, _ in calls(route):
            headers = {"X-CSRFToken": console.token}
            answer = (
                console.client.get(path, follow_redirects=False)
                if method == "GET"
                else console.client.post(path, headers=headers, follow_redirects=False)
            )
            out = answer.status_code == 303 and "/console/login" in answer.headers["location"]
            assert out or answer.status_code == 401, f"{method} {path}: {answer.status_code}"


# --------------------------------------------------------------------------------------- what is seen of it all


def test_pages_offer_only_what_the_role_allows(console: Console, vendor: Vendor) -> None:
    deal = vendor.world.submitted()
    look_after(vendor, CHANNEL, vendor.world.brightwater)
    page = f"/console/registration/detail?pk={deal.id}"
    approver = sign_in(console, APPROVER).client.get(page).text
    assert 'data-sa-name="approve"' in approver
    assert "/console/users" not in approver
    channel = sign_in(console, CHANNEL).client.get(page).text
    assert 'data-sa-name="start_review"' in channel
    assert 'data-sa-name="approve"' not in channel
    operations = sign_in(console, OPERATIONS).client.get(page).text
    assert 'data-sa-name="start_review"' not in operations
    assert "/console/users" in operations
    assert console.act("registration", deal.id, "approve").status_code == 403
    assert vendor.world.value(deal, "stage_code") == "NEW"


def test_a_refusal_and_a_deed_are_told_to_the_witness(
    console: Console, vendor: Vendor, told: list[StaffDeed]
) -> None:
    deal = vendor.world.submitted()
    sign_in(console, OPERATIONS).act("registration", deal.id, "approve")
    sign_in(console, APPROVER).act("registration", deal.id, "approve")
    assert told == [
        StaffDeed("operations", "registration", "approve", deal.id, refused=True),
        StaffDeed("approver", "registration", "approve", deal.id, refused=False),
    ]


def test_another_role_holds_from_the_next_call_on(console: Console, vendor: Vendor) -> None:
    sign_in(console, APPROVER)
    assert console.client.get("/console/users").status_code == 403
    with vendor.world.crm.writing() as unit:
        changed = update(Staff).where(Staff.login == "approver").values(role_code=OPERATIONS.value)
        unit.connection.execute(changed)
    assert console.client.get("/console/users").status_code == 200


# ------------------------------------------------------------------------------------------- accounts they reach


@pytest.fixture
def channel(console: Console, vendor: Vendor) -> Console:
    """A channel manager who looks after Brightwater, signed in."""
    look_after(vendor, CHANNEL, vendor.world.brightwater)
    return sign_in(console, CHANNEL)


def foreign_deal(vendor: Vendor, marker: str = "foreign") -> Ref:
    """A registration of a company nobody looks after."""
    ref = vendor.world.submitted(marker, cust_name="Solway Biomass")
    vendor.world.desk.move(ref, vendor.world.calder)
    return ref


def test_a_channel_manager_sees_the_records_of_their_accounts(channel: Console, vendor: Vendor) -> None:
    mine, foreign = vendor.world.submitted(), foreign_deal(vendor)
    listed = channel.client.get("/console/registration/list").text
    assert "Kestrel Foods" in listed
    assert "Solway Biomass" not in listed
    assert "Solway Biomass" not in channel.client.get("/console/").text
    assert channel.client.get(f"/console/registration/detail?pk={mine.id}").status_code == 200
    assert channel.client.get(f"/console/registration/detail?pk={foreign.id}").status_code == 404
    assert channel.client.get(f"/console/registration/edit?pk={foreign.id}").status_code == 404
    rows = channel.client.get("/console/data/registration").json()["items"]
    assert [row["id"] for row in rows] == [mine.id]
    assert channel.client.get(f"/console/data/registration/{foreign.id}").status_code == 404
    looked_up = channel.client.get("/console/_api/account/relation-lookup").json()["items"]
    assert [item["acct_name"] for item in looked_up] == ["Brightwater IT Ltd"]


def test_a_channel_manager_acts_on_the_records_of_their_accounts(channel: Console, vendor: Vendor) -> None:
    mine, foreign = vendor.world.submitted(), foreign_deal(vendor)
    assert channel.act("registration", mine.id, "start_review").status_code == 200
    assert channel.act("registration", foreign.id, "start_review").status_code == 404
    assert vendor.world.value(foreign, "stage_code") == "NEW"
    headers = {"X-CSRFToken": channel.token}
    path = f"/console/data/registration/{foreign.id}"
    answer = channel.client.post(path, json={"changes": {"rival": "x"}}, headers=headers)
    assert answer.status_code == 404
    assert vendor.world.value(foreign, "rival") is None


def test_what_somebody_works_on_by_name_is_theirs_too(channel: Console, vendor: Vendor) -> None:
    foreign = foreign_deal(vendor)
    staff = vendor.world.crm.find("staff", login="channel")
    assert staff is not None
    vendor.world.desk.edit(foreign, {"reviewer_id": int(staff.id)})
    assert channel.client.get(f"/console/registration/detail?pk={foreign.id}").status_code == 200


def test_notes_and_files_are_reached_through_their_record(channel: Console, vendor: Vendor) -> None:
    mine, foreign = vendor.world.submitted(), foreign_deal(vendor)
    from gateway.crm.embedded.files import NewFile

    for ref in (mine, foreign):
        vendor.world.desk.comment(ref, "See this.", [NewFile("plan.pdf", "application/pdf", b"%PDF")])
    kept = {ref: vendor.world.crm.children("attachment", ref)[0].ref.id for ref in (mine, foreign)}
    assert channel.client.get(f"/console/file/attachment/{kept[mine]}").content == b"%PDF"
    assert channel.client.get(f"/console/file/attachment/{kept[foreign]}").status_code == 404
    notes = channel.client.get("/console/data/note").json()["items"]
    assert {note["parent_id"] for note in notes} == {int(mine.id)}


def test_a_channel_manager_moves_nothing_out_of_their_reach(channel: Console, vendor: Vendor) -> None:
    mine = vendor.world.submitted()
    company = vendor.world.calder.id
    answer = channel.act("registration", mine.id, "move", company=company)
    assert answer.json() == {"msg": "Pick one of your own accounts."}
    headers = {"X-CSRFToken": channel.token}
    path = f"/console/data/registration/{mine.id}"
    body = {"changes": {"account_id": int(company)}}
    assert channel.client.post(path, json=body, headers=headers).status_code == 422
    lead = {"cust_name": "X", "account": company, "need_text": "Y", "country_iso": "GB"}
    assert channel.post("/console/lead/create", lead).status_code == 422
    look_after(vendor, CHANNEL, vendor.world.calder)
    assert channel.act("registration", mine.id, "move", company=company).status_code == 200
    assert vendor.world.value(mine, "account_id") == int(company)


def test_who_may_not_move_a_record_does_not_by_editing_it(console: Console, vendor: Vendor) -> None:
    mine = vendor.world.submitted()
    sign_in(console, APPROVER)
    answer = console.client.post(
        f"/console/data/registration/{mine.id}",
        json={"changes": {"account_id": int(vendor.world.calder.id)}},
        headers={"X-CSRFToken": console.token},
    )
    assert answer.status_code == 422
    assert vendor.world.value(mine, "account_id") == int(vendor.world.brightwater.id)


# ------------------------------------------------------------------------------------------------ staff themselves


def send(console: Console, path: str, changes: dict[str, Any]) -> int:
    headers = {"X-CSRFToken": console.token}
    code: int = console.client.post(path, json={"changes": changes}, headers=headers).status_code
    return code


def test_only_an_administrator_gives_roles_and_nobody_writes_a_password_hash(
    console: Console, vendor: Vendor
) -> None:
    other = vendor.world.crm.find("staff", login="channel")
    assert other is not None
    path = f"/console/data/staff/{other.id}"
    for role in (CHANNEL, APPROVER, OPERATIONS):
        assert send(sign_in(console, role), path, {"role_code": ADMINISTRATOR.value}) == 403
        assert console.act("staff", other.id, "set_role", role=ADMINISTRATOR.value).status_code == 403
    sign_in(console, ADMINISTRATOR)
    assert send(console, path, {"pw_hash": "x"}) == 422
    assert console.act("staff", other.id, "set_role", role="???").status_code == 400
    assert console.act("staff", other.id, "set_role", role=OPERATIONS.value).status_code == 200
    assert vendor.world.value(other, "role_code") == OPERATIONS.value
    assert console.client.get("/console/data/staff?pw_hash=x").status_code == 404


def test_an_administrator_cannot_lock_themselves_out(console: Console, vendor: Vendor) -> None:
    me = vendor.world.crm.find("staff", login="administrator")
    assert me is not None
    sign_in(console, ADMINISTRATOR)
    assert console.act("staff", me.id, "set_role", role=CHANNEL.value).status_code == 400
    assert console.act("staff", me.id, "archive").status_code == 400
    assert send(console, f"/console/data/staff/{me.id}", {"role_code": CHANNEL.value}) == 422
    assert vendor.world.value(me, "role_code") == ADMINISTRATOR.value


def test_a_new_password_is_shown_once_and_lets_in(console: Console, vendor: Vendor) -> None:
    other = vendor.world.crm.find("staff", login="channel")
    assert other is not None
    page = sign_in(console, ADMINISTRATOR).act("staff", other.id, "new_password")
    assert page.status_code == 200
    password = page.text.partition('id="handed" value="')[2].partition('"')[0]
    assert len(password) >= 12
    console.client.cookies.clear()
    assert console.sign_in("channel").status_code == 400, "the one before is not good any more"
    assert console.sign_in("channel", password).status_code == 303


# -------------------------------------------------------------------------------------------- setting staff up


@ON_BOTH
def test_staff_are_added_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", lender.service_address())

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["staff", *arguments, "--folder", str(tmp_path)])
        return result.exit_code, result.output

    assert run("Ana") == (1, "There is no “ana” yet: give a name and a role.\n")
    assert run("Ana", "--name", "Ana Ruiz", "--role", "emperor")[0] == 1
    status, said = run("Ana", "--name", "Ana Ruiz", "--role", "approver")
    assert status == 0, said
    again = run("ana", "--role", "operations")[1]
    password = again.split()[-1]
    assert password != said.split()[-1]
    service = Service.open(Settings(folder=tmp_path))
    auth = StaffAuth(service.crm)
    assert auth.sign_in("ana", said.split()[-1]) is None, "the first password is not good any more"
    visit = auth.sign_in("ana", password)
    assert visit is not None
    found = auth.visitor(visit)
    assert found is not None
    assert (found.name, found.role) == ("Ana Ruiz", OPERATIONS.value)
    service.close()
    log = CliRunner().invoke(cli, ["audit", "show", "--folder", str(tmp_path)]).output.splitlines()
    assert ["staff ana" in line and "staff_let_in" in line for line in log] == [True, True]
    assert [role in line for role, line in zip(("approver", "operations"), log, strict=True)] == [True, True]
    assert password not in "".join(log)


@pytest.mark.databases("sqlite")
def test_staff_of_an_older_database_are_administrators(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'crm.sqlite3'}"
    world = build_world(address)
    with world.crm.writing() as unit:
        unit.connection.exec_driver_sql("ALTER TABLE staff DROP COLUMN role_code")
    world.crm.close()
    crm = EmbeddedCrm.open(address)
    member = staff_member(crm, login="ingrid")
    assert member.role is None
    assert may(member, "staff", "set_role")
    crm.close()
