"""The vendor's console as its staff use it: in a real browser, with a real gateway and partners who see the effect."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from gateway.crm.embedded.codes import Stage
from gateway.crm.embedded.models import Lead
from gateway.crm.embedded.models_sold import Order
from gateway.crm.port import Actor, Ref
from tests.browser.chromium import Browser
from tests.browser.programme import Programme

# One programme serves all of them; the databases are told apart by the tests over HTTP.
pytestmark = pytest.mark.databases("sqlite")

PAGES = (
    "/",
    "/registration/list",
    "/ticket/list",
    "/document/list",
    "/lead/list",
    "/order/list",
    "/contract/list",
    "/account/list",
    "/contact/list",
    "/staff/list",
    "/staff/create",
    "/lead/create",
    "/users",
    "/devices",
    "/connectors",
    "/dead-letters",
    "/ledger",
    "/audit",
)


def signed_in(browser: Browser, programme: Programme, name: str) -> Browser:
    """Sign a member of staff in."""
    browser.come_as(*programme.staff(name))
    return browser


def detail(obj: str, ref: Ref) -> str:
    """Return the path of a record's page."""
    return f"/console/{obj}/detail?pk={ref.id}"


def found(programme: Programme, obj: str, **values: str) -> Ref:
    """Return the CRM's row with these values."""
    ref = programme.service.crm.find(obj, **values)
    assert ref is not None, values
    return ref


# ------------------------------------------------------------------------------------------------------ signing in


def test_signing_in_and_out(browser: Browser, programme: Programme) -> None:
    browser.sign_in("helen", "wrong")
    assert "Name or password is not right." in browser.text
    browser.expected.add(400)
    browser.sign_in(*programme.staff("Helen Marsh"))
    assert browser.seen("h1").text
    assert "Approver" in browser.text
    browser.click("Helen Marsh\nApprover")
    browser.press("Sign out")
    browser.seen("#username")
    browser.open("/console/registration/list")
    assert browser.seen("#username").is_enabled(), "who signed out is asked to sign in again"


def test_every_page_opens_and_fits(browser: Browser, programme: Programme) -> None:
    signed_in(browser, programme, "Sofia Lindgren")
    try:
        for page in PAGES:
            browser.open(f"/console{page}")
            assert browser.seen("h1, h3").text
            for width in (1280, 900):
                browser.make(width, 800)
                over = browser.driver.execute_script(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert over <= 0, f"{page} is {over} wider than a window of {width}"
    finally:
        browser.make(1280, 800)


# --------------------------------------------------------------------------------------------------- registrations


def test_a_registration_is_reviewed_beside_its_candidate_and_approved(
    browser: Browser, programme: Programme
) -> None:
    ref = found(programme, "registration", cust_name="Möbelhaus Lindner", stage_code=Stage.APPROVAL)
    number = programme.service.crm.read(ref).fields["reg_no"]
    partner = programme.partner("Malte Hinrichs")
    assert partner.having(number=number)["state"] == "pending_approval"
    signed_in(browser, programme, "Helen Marsh").open(detail("registration", ref))
    beside = browser.seen("#candidates").text
    assert "Received earlier" in beside
    assert "same website" in beside
    assert "Protected until" in beside
    assert browser.driver.find_elements("css selector", "#candidates td.crm-differs")
    browser.click("Approve")
    browser.confirm("Approve")
    assert "Approved." in browser.text
    partner.until(lambda seen: seen.having(number=number)["state"] == "approved", "the approval")
    assert partner.having(number=number)["protected_until"]


def test_a_duplicate_is_marked_from_its_column(browser: Browser, programme: Programme) -> None:
    crm = programme.service.crm
    first = crm.read(found(programme, "registration", cust_name="Kestrel Foods", stage_code=Stage.PROTECTED))
    contact = found(programme, "contact", full_name="Kirsty Muir")
    company = found(programme, "account", acct_name="Calder & Rowe Networks")
    kept = ("country_iso", "product_codes", "close_on", "pain", "cur", "est_value", "deal_name")
    values = {name: first.fields[name] for name in kept}
    own = {"account_id": company.id, "cust_name": "Kestrel Foods Ltd.", "domain": "www.kestrelfoods.example"}
    actor = Actor(contact.id, "Kirsty Muir")
    second = crm.create("registration", {**values, **own}, "second", actor).ref
    crm.update(second, {"stage_code": Stage.NEW.value}, "second-submit", actor, None)
    signed_in(browser, programme, "Helen Marsh").open(detail("registration", second))
    browser.click("Mark as duplicate of this")
    browser.confirm("Mark as duplicate")
    assert "Marked as a duplicate." in browser.text
    fields = crm.read(second).fields
    assert (fields["stage_code"], fields["dup_no"]) == (Stage.DUPLICATE, first.fields["reg_no"])


# -------------------------------------------------------------------------------------------------------- requests


def test_a_request_is_noted_on_and_answered(browser: Browser, programme: Programme, tmp_path: Path) -> None:
    ref = found(programme, "ticket", subject="Quote for HA pair")
    partner = programme.partner("Maya Okafor")
    signed_in(browser, programme, "Ingrid Solheim").open(detail("ticket", ref))
    browser.click("Internal note")
    browser.fill("text", "Margin is thin here.")
    browser.confirm("Keep the note")
    assert "Margin is thin here." in browser.seen(".crm-internal").text
    quote = tmp_path / "quote.pdf"
    quote.write_bytes(b"%PDF-1.4 quote")
    browser.click("Answer the partner")
    browser.fill("text", "Here is the quote.")
    browser.fill("file", str(quote))
    browser.confirm("Answer")
    assert "Here is the quote." in browser.text
    assert "Waiting for the partner" in browser.text
    partner.until(lambda seen: bool(seen.all_having(body="Here is the quote.")), "the answer")
    partner.until(lambda seen: bool(seen.all_having(name="quote.pdf")), "the file")
    assert not partner.all_having(body="Margin is thin here.")


# ------------------------------------------------------------------------------------------------------- documents


def test_a_new_version_is_published_and_withdrawn(
    browser: Browser, programme: Programme, tmp_path: Path
) -> None:
    ref = found(programme, "document", doc_title="Cellular failover", status_code="CUR")
    partner = programme.partner("Maya Okafor")
    signed_in(browser, programme, "Tom Ashby").open(detail("document", ref))
    paper = tmp_path / "cellular-failover-9.pdf"
    paper.write_bytes(b"%PDF-1.4 nine")
    browser.click("Publish a new version")
    browser.fill("ver_label", "9")
    browser.fill("valid_to", "12312027")
    browser.fill("file", str(paper))
    browser.confirm("Publish")
    assert "Published." in browser.text
    old = partner.having(title="Cellular failover", version="2")
    partner.until(lambda seen: bool(seen.all_having(title="Cellular failover", version="9")), "version 9")
    new = partner.having(title="Cellular failover", version="9")
    assert (new["state"], new["valid_until"]) == ("current", "2027-12-31")
    partner.until(
        lambda seen: seen.having(sha256=old["sha256"])["state"] == "superseded", "the end of version 2"
    )
    browser.open(
        detail("document", found(programme, "document", doc_title="Cellular failover", ver_label="9"))
    )
    browser.click("Withdraw")
    browser.confirm("Withdraw")
    partner.until(
        lambda seen: seen.having(title="Cellular failover", version="9")["state"] == "revoked", "its end"
    )


# ----------------------------------------------------------------------------------------------- users and devices


def test_a_user_is_invited_and_signs_in(browser: Browser, programme: Programme) -> None:
    signed_in(browser, programme, "Sofia Lindgren").open("/console/users")
    browser.click("Invite a user")
    browser.fill("name", "Nora Vance")
    browser.fill("email", "nora.vance@brightwater.example")
    browser.choose("role", "Finance")
    browser.driver.find_element("xpath", "//label[contains(., 'Brightwater IT Ltd')]/input").click()
    browser.confirm("Invite")
    handed = browser.seen("#handed").get_attribute("value")
    assert handed
    browser.press("Done")
    assert handed not in browser.driver.page_source, "it is shown once"
    assert "nora.vance@brightwater.example" in browser.row("Nora Vance").text
    browser.driver.delete_all_cookies()
    browser.open(handed)
    browser.fill("password", "seven-lanterns-71")
    browser.fill("again", "seven-lanterns-71")
    with browser.leaving():
        browser.seen("button[type=submit]").click()
    partner = programme.signed_in("nora.vance@brightwater.example", "seven-lanterns-71")
    assert [company["name"] for company in partner.get("/v1/me").json()["companies"]] == [
        "Brightwater IT Ltd"
    ]


def test_a_device_is_signed_out(browser: Browser, programme: Programme) -> None:
    partner = programme.partner("Hamish Calder")
    assert partner.get("/v1/me").status_code == 200
    signed_in(browser, programme, "Sofia Lindgren").open("/console/devices?q=Hamish")
    assert "Signed in" in browser.row("Hamish Calder").text
    browser.press("Sign out", "tbody")
    assert "1 session ended." in browser.text
    assert partner.get("/v1/me").status_code == 401


def test_a_device_is_wiped(browser: Browser, programme: Programme) -> None:
    partner = programme.partner("Grace Adeyemi")
    signed_in(browser, programme, "Sofia Lindgren").open("/console/devices?q=Grace")
    browser.click("Revoke and wipe")
    browser.confirm("Revoke and wipe")
    assert "To be wiped" in browser.row("Grace Adeyemi").text
    assert "Revoke and wipe" not in browser.row("Grace Adeyemi").text
    answer = partner.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "wipe")
    receipt = {"order": answer.json()["fields"]["order"], "wiped_at": "2026-11-29T10:00:00Z", "kept_aside": 3}
    assert partner.post("/v1/wiped", receipt).status_code == 204
    browser.open("/console/devices?q=Grace")
    assert "Wiped" in browser.row("Grace Adeyemi").text
    assert "3 unsent kept aside" in browser.text


def test_an_account_is_closed_and_opened_again(browser: Browser, programme: Programme) -> None:
    partner = programme.partner("Euan Tulloch")
    user = programme.accounts.user("Euan Tulloch").user
    signed_in(browser, programme, "Sofia Lindgren").open(f"/console/users/{user}")
    browser.click("Close the account")
    browser.confirm("Close the account")
    assert "The account is closed." in browser.text
    assert partner.get("/v1/me").status_code == 401
    browser.press("Open it again")
    assert programme.partner("Euan Tulloch").get("/v1/me").status_code == 200


# ---------------------------------------------------------------------------------------------------- the machinery


def test_a_held_sweep_goes_on_when_somebody_says_how_many(browser: Browser, programme: Programme) -> None:
    service, partner = programme.service, programme.partner("Svenja Rathje")
    known = len(partner.all_having(state="offered"))
    with service.crm.writing() as unit:
        gone = unit.connection.execute(delete(Lead).where(Lead.archived.is_(False))).rowcount
    system = next(iter(service.gateway.systems))
    signed_in(browser, programme, "Sofia Lindgren")

    def is_held() -> bool | None:
        # The worker's own pass may end while the sweep does, and write down what it knew before.
        service.gateway.ingest.sweep(system, "lead", confirmed=False)
        browser.open("/console/connectors")
        return f"{gone} of {gone} records" in browser.text or None

    browser.wait(is_held, "held sweep")
    browser.click("Go on")
    browser.fill("typed", str(gone + 1))
    browser.confirm("Remove them")
    assert "Type how many records are to be removed" in browser.text
    browser.click("Go on")
    browser.fill("typed", str(gone))
    browser.confirm("Remove them")
    assert "The sweep went on" in browser.text
    partner.until(lambda seen: len(seen.all_having(state="offered")) < known or not known, "the leads leave")


def test_a_dead_letter_is_read_again(browser: Browser, programme: Programme) -> None:
    service = programme.service
    (key, *_) = service.crm.sweep("order", None, 1)
    ref = Ref("order", key)
    total = service.crm.read(ref).fields["total"]

    def write(value: str) -> None:
        with service.crm.writing() as unit:
            unit.connection.execute(update(Order).where(Order.id == int(key)).values(total=value))

    write("a lot")
    system = next(iter(service.gateway.systems))
    service.gateway.ground.absorber.absorb(system, [ref])
    signed_in(browser, programme, "Tom Ashby").open("/console/dead-letters")
    assert f"order {key}" in browser.text
    browser.press("Read again")
    assert "still cannot be understood" in browser.text
    write(total)
    browser.press("Read again")
    assert "stands aside no longer" in browser.text
    assert "Nothing stands aside" in browser.text


def test_what_staff_did_stands_in_the_audit_log(browser: Browser, programme: Programme) -> None:
    ref = found(programme, "registration", stage_code=Stage.NEW)
    signed_in(browser, programme, "Helen Marsh").open(detail("registration", ref))
    browser.press("Start review")
    signed_in(browser, programme, "Sofia Lindgren").open("/console/audit")
    browser.fill("actor", "helen")
    browser.press("Show")
    assert f"registration {ref.id}" in browser.text
    assert "start_review" in browser.text
    browser.press("Verify")
    assert "chain whole" in browser.seen("[role=alert]").text


# ------------------------------------------------------------------------------------------------------------ roles


def test_who_may_not_has_no_button_and_no_page(browser: Browser, programme: Programme) -> None:
    ref = found(programme, "registration", stage_code=Stage.REVIEW)
    signed_in(browser, programme, "Helen Marsh").open(detail("registration", ref))
    assert "Approve" in browser.buttons()
    assert "Users" not in browser.buttons()
    signed_in(browser, programme, "Tom Ashby").open(detail("registration", ref))
    assert "Approve" not in browser.buttons()
    assert "Users" in browser.buttons()
    signed_in(browser, programme, "Ingrid Solheim")
    browser.expected.add(403)
    for page in ("/console/users", "/console/devices", "/console/connectors", "/console/ledger"):
        browser.open(page)
        assert "Your role does not allow this." in browser.text
