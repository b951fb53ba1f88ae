"""The vendor's console over HTTP: signing in, editing through the desk, actions, lists for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from gateway.console.auth import ATTEMPTS, StaffAuth
from gateway.console.mount import ConsoleSettings, mount_console
from gateway.console.office import Office
from gateway.crm.embedded.staff import StaffDesk, staff_member
from gateway.crm.port import Ref
from tests.gateway.console_world import Console, Vendor, build_gateway, build_vendor, visiting
from tests.gateway.crm_world import World, build_world
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH

pytestmark = AT_THE_SURFACE


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return build_vendor(tmp_path)


@pytest.fixture
def world(vendor: Vendor) -> World:
    return vendor.world


@pytest.fixture
def console(vendor: Vendor) -> Iterator[Console]:
    with visiting(vendor) as console:
        yield console


@pytest.fixture
def ingrid(console: Console) -> Console:
    assert console.sign_in().status_code == 303
    return console


# ------------------------------------------------------------------------------------------------ signing in


@ON_BOTH
def test_nobody_looks_without_signing_in(console: Console, world: World) -> None:
    deal = world.submitted()
    for path in ("/console/", "/console/registration/list", f"/console/registration/detail?pk={deal.id}"):
        answer = console.client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert "/console/login" in answer.headers["location"]
    assert console.client.get("/console/data/registration").status_code == 401
    console.client.get("/console/login")
    assert console.act("registration", deal.id, "approve").url.path == "/console/login"
    answer = console.client.post(
        f"/console/data/registration/{deal.id}",
        json={"changes": {"rival": "x"}},
        headers={"X-CSRFToken": console.token},
    )
    assert answer.status_code == 401
    assert world.value(deal, "stage_code") == "NEW"


def test_a_wrong_password_is_refused_and_a_row_of_them_has_to_wait(console: Console, world: World) -> None:
    assert console.sign_in(password="wrong").status_code == 400
    assert console.sign_in(login="nobody").status_code == 400
    assert console.sign_in(login="jonas", password="").status_code == 400, "no password was ever set"
    assert console.sign_in(login="jonas", password="decoy").status_code == 400
    for _ in range(ATTEMPTS - 1):
        console.sign_in(password="wrong")
    answer = console.sign_in()
    assert answer.status_code == 400
    assert "Wait a few minutes" in answer.text
    world.clock.turn(minutes=6)
    assert console.sign_in().status_code == 303


def test_trying_many_names_fills_no_memory(world: World) -> None:
    auth = StaffAuth(world.crm, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    for number in range(2500):
        assert auth.sign_in(f"name-{number}", "guess") is None
    assert len(auth._door._failures) <= 1000  # type: ignore[union-attr]


def test_somebody_who_left_is_out_at_once(ingrid: Console, world: World) -> None:
    assert ingrid.client.get("/console/data/registration").status_code == 200
    StaffDesk(world.crm, staff_member(world.crm, login="jonas")).archive(
        Ref("staff", str(world.desk.member.id))
    )
    assert ingrid.client.get("/console/data/registration").status_code == 401


def test_passwords_are_kept_as_argon2id_and_never_shown(ingrid: Console, world: World) -> None:
    with world.crm.database.read() as connection:
        hashed = connection.exec_driver_sql("select pw_hash from staff where login = 'ingrid'").scalar_one()
    assert hashed.startswith("$argon2id$")
    listed = ingrid.client.get("/console/data/staff").json()["items"]
    assert listed
    assert all("pw_hash" not in item for item in listed)


def test_a_write_without_the_page_token_is_refused(ingrid: Console, world: World) -> None:
    deal = world.submitted()
    answer = ingrid.client.post(f"/console/_api/registration/row-action?pk={deal.id}&name=approve")
    assert answer.status_code == 403
    assert world.value(deal, "stage_code") == "NEW"


# -------------------------------------------------------------------------------------------------- editing


def test_an_edit_stands_in_the_history_with_name_and_way(ingrid: Console, world: World) -> None:
    deal = world.protected(next_action="Demo at Crewe depot.\nBring the rack plan.")
    path = f"/console/registration/edit?pk={deal.id}"
    values = ingrid.form(path)
    count = len(world.crm.history(deal))
    world.hints.clear()
    world.clock.turn(minutes=5)
    answer = ingrid.post(path, {**values, "pipe_code": "P45", "est_value": "96,400"})
    assert answer.status_code == 303, answer.text
    row = world.crm.read(deal)
    assert (row.fields["pipe_code"], row.fields["est_value"]) == ("P45", "96400.00")
    told = {(line.field, line.by, line.via) for line in world.crm.history(deal)[count:]}
    assert told == {
        ("pipe_code", "Ingrid Solheim", "web, in the CRM"),
        ("est_value", "Ingrid Solheim", "web, in the CRM"),
    }
    assert world.hints == [(deal,)], "the gateway is told at once"


def test_saving_an_untouched_form_changes_nothing(ingrid: Console, world: World) -> None:
    deal = world.protected(next_action="First line\nSecond line", sector_code="AGR", ct_name="Priya Raman")
    before = world.crm.read(deal)
    path = f"/console/registration/edit?pk={deal.id}"
    assert ingrid.post(path, ingrid.form(path)).status_code == 303
    after = world.crm.read(deal)
    changed = {name for name in after.fields if after.fields[name] != before.fields[name]}
    assert changed <= {"modified_ms"}


def test_a_refusal_stands_at_its_field(ingrid: Console, world: World) -> None:
    deal = world.submitted()
    world.desk.start_review(deal)
    path = f"/console/registration/edit?pk={deal.id}"
    answer = ingrid.post(path, {**ingrid.form(path), "est_value": "1.00"})
    assert answer.status_code == 422
    assert "Amount is locked during review." in answer.text
    assert world.value(deal, "est_value") == "184250.00"


def test_an_edit_never_runs_over_a_newer_one(ingrid: Console, world: World) -> None:
    deal = world.protected()
    path = f"/console/registration/edit?pk={deal.id}"
    values = ingrid.form(path)
    world.crm.update(deal, {"next_action": "Written by the partner meanwhile"}, "m-1", world.maya, None)
    answer = ingrid.post(path, {**values, "pipe_code": "P45"})
    assert answer.status_code == 422
    assert "while you were editing" in answer.text
    assert world.value(deal, "next_action") == "Written by the partner meanwhile"
    assert world.value(deal, "pipe_code") is None


def test_a_lead_is_made_in_a_form(ingrid: Console, world: World) -> None:
    values = {
        "cust_name": "Fennimore Dairy",
        "account": world.brightwater.id,
        "need_text": "Six sites without a second line.",
        "country_iso": "IE",
        "site_count": "6",
        "offer_ends": "2026-11-25",
    }
    ingrid.client.get("/console/lead/create")
    assert ingrid.post("/console/lead/create", values).status_code == 303
    ref = world.crm.find("lead", cust_name="Fennimore Dairy")
    assert ref is not None
    fields = world.crm.read(ref).fields
    assert (fields["lead_no"], fields["site_count"], fields["status_code"]) == ("LD-1001", 6, "OFFER")


# -------------------------------------------------------------------------------------------------- actions


def test_a_registration_goes_through_its_stages(ingrid: Console, world: World) -> None:
    deal = world.submitted()
    assert ingrid.act("registration", deal.id, "start_review").status_code == 200
    answer = ingrid.act(
        "registration",
        deal.id,
        "ask_information",
        note="Add the survey.",
        field="est_value",
        remark="Which quote?",
    )
    assert answer.status_code == 200
    assert world.value(deal, "review_text") == "Add the survey.\nAmount: Which quote?"
    world.move(deal, "NEW", "m-1")
    assert ingrid.act("registration", deal.id, "start_review").status_code == 200
    assert ingrid.act("registration", deal.id, "send_for_approval").status_code == 200
    assert ingrid.act("registration", deal.id, "approve").status_code == 200
    assert world.value(deal, "stage_code") == "PROTECTED"
    answer = ingrid.act("registration", deal.id, "approve")
    assert answer.status_code == 400, "an action that does not fit the stage is refused"


def test_rejecting_needs_a_reason(ingrid: Console, world: World) -> None:
    deal = world.submitted()
    assert ingrid.act("registration", deal.id, "reject", reason="  ").json() == {"msg": "Say why."}
    assert ingrid.act("registration", deal.id, "reject", reason="Published tender.").status_code == 200
    assert world.value(deal, "close_reason") == "Published tender."


def test_a_duplicate_is_named_by_number(ingrid: Console, world: World) -> None:
    first, second = world.submitted("deal-1"), world.submitted("deal-2")
    answer = ingrid.act("registration", second.id, "mark_duplicate", number="DR-1999-0001")
    assert answer.status_code == 400
    number = world.value(first, "reg_no")
    assert ingrid.act("registration", second.id, "mark_duplicate", number=number).status_code == 200
    assert world.value(second, "dup_no") == number


def test_moving_and_archiving(ingrid: Console, world: World) -> None:
    deal = world.submitted()
    page = ingrid.client.get(f"/console/registration/detail?pk={deal.id}").text
    assert "Calder &amp;amp; Rowe" in page, "the dialog offers the companies"
    assert ingrid.act("registration", deal.id, "move", company=world.calder.id).status_code == 200
    assert world.value(deal, "account_id") == int(world.calder.id)
    assert ingrid.act("registration", deal.id, "archive").status_code == 200
    assert world.crm.read(deal).archived
    assert "DR-2026-0001" not in ingrid.client.get("/console/registration/list").text
    assert "DR-2026-0001" in ingrid.client.get("/console/registration/list?archived=1").text
    assert ingrid.act("registration", deal.id, "restore").status_code == 200
    assert not world.crm.read(deal).archived


def test_a_request_is_answered_with_a_file(ingrid: Console, world: World) -> None:
    request = world.request()
    files = {"file": ("Q-10482.pdf", b"%PDF-1.4 quote", "application/pdf")}
    assert (
        ingrid.act("ticket", request.id, "answer", files=files, text="Here is the draft.").status_code == 200
    )
    ingrid.act("ticket", request.id, "internal_note", text="Margin is thin.")
    assert world.value(request, "status_code") == "WAIT_PARTNER"
    page = ingrid.client.get(f"/console/ticket/detail?pk={request.id}").text
    assert "Here is the draft." in page
    assert "Internal, never shown to partners" in page
    (file,) = world.crm.children("attachment", request)
    answer = ingrid.client.get(f"/console/file/attachment/{file.ref.id}")
    assert answer.content == b"%PDF-1.4 quote"
    assert answer.headers["content-disposition"] == 'attachment; filename="Q-10482.pdf"'
    assert ingrid.client.get("/console/file/attachment/99").status_code == 404


def test_a_document_is_published_and_replaced(ingrid: Console, world: World) -> None:
    ingrid.client.get("/console/document/list")
    answer = ingrid.client.post(
        "/console/_api/document/action?name=publish",
        data={"doc_code": "HS-G", "doc_title": "Guide", "cat_code": "GDE", "ver_label": "1", "audience": "A"},
        files={"file": ("guide.pdf", b"%PDF one", "application/pdf")},
        headers={"X-CSRFToken": ingrid.token},
    )
    assert answer.status_code == 200, answer.text
    first = world.crm.find("document", doc_code="HS-G")
    assert first is not None
    assert world.value(first, "audience") == ["A"]
    assert ingrid.act("document", first.id, "replace", ver_label="2").json() == {"msg": "Choose a file."}
    files = {"file": ("guide2.pdf", b"%PDF two", "application/pdf")}
    assert ingrid.act("document", first.id, "replace", files=files, ver_label="2").status_code == 200
    second = world.crm.find("document", ver_label="2")
    assert second is not None
    assert (world.value(first, "status_code"), world.value(second, "status_code")) == ("SUP", "CUR")
    assert ingrid.act("document", second.id, "withdraw").status_code == 200
    assert world.value(second, "status_code") == "WDR"


@pytest.mark.parametrize(
    ("code", "title", "next_code", "next_title"),
    [
        ("HS-PL-2026.4", "Price list 2026.4", "HS-PL-2027.1", "Price list 2027.1"),
        ("HS-G", "Guide", "HS-G", "Guide"),
        ("X2026.4", "2026.4", "X2026.4", "2026.4"),
    ],
)
def test_a_code_and_a_title_that_end_with_their_version_go_on_with_the_next(
    ingrid: Console, world: World, code: str, title: str, next_code: str, next_title: str
) -> None:
    ingrid.client.get("/console/document/list")
    about = {"doc_code": code, "doc_title": title, "cat_code": "GDE", "ver_label": "2026.4", "audience": "A"}
    ingrid.client.post(
        "/console/_api/document/action?name=publish",
        data=about,
        files={"file": ("guide.pdf", b"%PDF one", "application/pdf")},
        headers={"X-CSRFToken": ingrid.token},
    )
    first = world.crm.find("document", doc_code=code)
    assert first is not None
    files = {"file": ("guide2.pdf", b"%PDF two", "application/pdf")}
    ingrid.act("document", first.id, "replace", files=files, ver_label="2027.1")
    second = world.crm.find("document", ver_label="2027.1")
    assert second is not None
    assert (world.value(second, "doc_code"), world.value(second, "doc_title")) == (next_code, next_title)


def test_a_document_is_for_the_stages_that_were_ticked_and_so_is_its_next_version(
    ingrid: Console, world: World
) -> None:
    ingrid.client.get("/console/document/list")

    def publish(code: str, *stages: str) -> Any:
        data = {"doc_code": code, "doc_title": code, "cat_code": "GDE", "audience": "A"}
        return ingrid.client.post(
            "/console/_api/document/action?name=publish",
            data={**data, "for_stages": stages},
            files={"file": ("guide.pdf", code.encode(), "application/pdf")},
            headers={"X-CSRFToken": ingrid.token},
        )

    def document(**fields: str) -> Ref:
        found = world.crm.find("document", **fields)
        assert found is not None
        return found

    assert publish("HS-ANY").status_code == 200
    assert world.value(document(doc_code="HS-ANY"), "for_stages") is None, "none ticked: in any"
    assert publish("HS-ODD", "GONE").json() == {"msg": "There is no such stage."}
    assert world.crm.find("document", doc_code="HS-ODD") is None
    assert publish("HS-NEW", "ONB", "ACT").status_code == 200
    first = document(doc_code="HS-NEW")
    assert world.value(first, "for_stages") == ["ONB", "ACT"]
    files = {"file": ("guide2.pdf", b"%PDF two", "application/pdf")}
    assert ingrid.act("document", first.id, "replace", files=files, ver_label="2").status_code == 200
    second = document(doc_code="HS-NEW", ver_label="2")
    assert world.value(second, "for_stages") == ["ONB", "ACT"], "a new version is shown to nobody else"


def test_the_status_of_an_order_is_set_by_hand(ingrid: Console, world: World) -> None:
    deal = world.protected()
    world.move(deal, "WON", "won", po_ref="PO-1")
    (key,) = world.crm.sweep("order", None, 5)
    assert ingrid.act("order", key, "set_status", status="SHIP").status_code == 200
    assert world.value(Ref("order", key), "status_code") == "SHIP"
    assert ingrid.act("order", key, "set_status", status="LOST").status_code == 400


# ------------------------------------------------------------------------------------------- pages and lists

PAGES = ["", "registration", "ticket", "document", "lead", "order", "contract", "account", "contact", "staff"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens(ingrid: Console, world: World, name: str) -> None:
    deal = world.protected()
    world.request()
    world.move(deal, "WON", "won", po_ref="PO-1")
    answer = ingrid.client.get(f"/console/{name}/list" if name else "/console/")
    assert answer.status_code == 200
    assert "Halden Systems CRM" in answer.text
    assert "rsms.me" not in answer.text, "nothing is fetched from another host"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if name in ("registration", "ticket", "order", "account", "contact", "staff"):
        (key, *_) = world.crm.sweep(name, None, 1)
        page = ingrid.client.get(f"/console/{name}/detail?pk={key}")
        assert page.status_code == 200
        assert "History" in page.text


def test_what_a_partner_typed_is_shown_as_text(ingrid: Console, world: World) -> None:
    deal = world.submitted(
        cust_name="<script>alert(1)</script>", pain="<img src=x onerror=alert(2)> and so on"
    )
    world.crm.append("note", deal, {"body": "<b>bold</b>"}, "n-1", world.maya)
    for path in ("/console/", "/console/registration/list", f"/console/registration/detail?pk={deal.id}"):
        page = ingrid.client.get(path).text
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert "<b>bold" not in page


def test_lists_for_scripts(ingrid: Console, world: World) -> None:
    deals = [world.deal(f"deal-{number}") for number in range(5)]
    world.move(deals[0], "NEW", "m-1")
    page = ingrid.client.get("/console/data/registration?limit=3").json()
    assert [item["id"] for item in page["items"]] == [ref.id for ref in deals[:3]]
    rest = ingrid.client.get(f"/console/data/registration?limit=3&after={page['after']}").json()
    assert [item["id"] for item in rest["items"]] == [ref.id for ref in deals[3:]]
    assert rest["after"] is None
    found = ingrid.client.get("/console/data/registration?stage_code=NEW").json()["items"]
    assert [item["reg_no"] for item in found] == ["DR-2026-0001"]
    by_marker = ingrid.client.get("/console/data/registration?portal_ref=deal-3").json()["items"]
    assert [item["id"] for item in by_marker] == [deals[3].id]
    assert ingrid.client.get("/console/data/registration?nonsense=1").status_code == 404
    assert ingrid.client.get("/console/data/secrets").status_code == 404


@ON_BOTH
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("registration?after=x", 422),
        ("registration?after=99999999999999999999", 422),
        ("registration?account_id=north", 422),
        ("registration?account_id=99999999999", 422),
        ("registration?account_id=1", 200),
        ("registration?created_ms=99999999999", 200),
        ("account?archived=1&acct_name=1", 200),
    ],
)
def test_lists_are_asked_for_what_a_column_holds(ingrid: Console, asked: str, status: int) -> None:
    assert ingrid.client.get(f"/console/data/{asked}").status_code == status


def test_one_record_for_scripts_with_all_that_happened(ingrid: Console, world: World) -> None:
    deal = world.submitted()
    world.crm.append("note", deal, {"body": "The survey follows."}, "n-1", world.maya)
    found = ingrid.client.get(f"/console/data/registration/{deal.id}").json()
    assert found["stage_code"] == "NEW"
    assert [note["body"] for note in found["notes"]] == ["The survey follows."]
    assert found["history"][-1] == {
        "field": "stage_code",
        "old": "DRAFT",
        "new": "NEW",
        "by": "Maya Okafor",
        "via": "partner portal, BW-MO14",
        "at": "2026-11-23T09:41:00+00:00",
        "marker": "deal-1-submit",
    }
    assert ingrid.client.get("/console/data/registration/99").status_code == 404


def test_scripts_edit_like_people(ingrid: Console, world: World) -> None:
    deal = world.protected()

    def send(body: Any) -> Any:
        path = f"/console/data/registration/{deal.id}"
        return ingrid.client.post(path, json=body, headers={"X-CSRFToken": ingrid.token})

    revision = world.crm.read(deal).revision
    assert send({"changes": {"decide_on": "2027-01-15"}, "if_revision": revision}).status_code == 200
    assert send({"changes": {"decide_on": "2027-01-16"}, "if_revision": revision}).status_code == 409
    refused = send({"changes": {"country_iso": "KP"}})
    assert refused.status_code == 422
    assert set(refused.json()["fields"]) == {"country_iso"}
    assert send({"wrong": 1}).status_code == 400
    line = world.crm.history(deal)[-1]
    assert (line.field, line.new, line.by, line.via) == (
        "decide_on",
        "2027-01-15",
        "Ingrid Solheim",
        "web, in the CRM",
    )


@pytest.mark.databases("sqlite")
def test_a_crm_in_memory_is_not_for_many_threads(tmp_path: Path) -> None:
    world = build_world()
    office = Office.of(build_gateway(world, tmp_path), world.crm)
    settings = ConsoleSettings(secret_key="k" * 32)
    with pytest.raises(ValueError, match="in a file"):
        mount_console(FastAPI(), world.crm, StaffAuth(world.crm), settings, office)
