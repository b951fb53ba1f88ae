"""Sample content for pages: requests with conversations, documents that are real PDFs, deals, renewals, leads."""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.contract.ids import source_gid
from app.contract.manifest import Manifest, effective, parse_manifest
from tests.services.conftest import COMPANY, MANIFEST, MAYA, World

PRODUCTS = (
    ("Edge 220", "EG-220", "£1,890.00", "€2,190.00"),
    ("Edge 220 cellular", "EG-220C", "£2,340.00", "€2,710.00"),
    ("Edge 440", "EG-440", "£4,120.00", "€4,780.00"),
    ("Edge 440 HA pair", "EG-440H", "£7,830.00", "€9,080.00"),
    ("Vault, per seat, 1 year", "VT-S1", "£78.00", "€90.00"),
    ("Insight Pro, per site", "IN-P", "£412.00", "€478.00"),
    ("Care 24×7, per device", "CR-24", "£288.00", "€334.00"),
)


@cache
def price_list(title: str = "EMEA price list 2026.4", pages: int = 3) -> bytes:
    """A price list as a real PDF of some pages."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    width, height = A4
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(56, height - 64, "Halden Systems")
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(56, height - 120, title if number == 1 else f"{title}, part {number}")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(56, height - 140, "Valid 23 Nov 2026 to 30 Nov 2027. Prices without tax.")
        for line, (name, code, pounds, euros) in enumerate(PRODUCTS):
            top = height - 190 - 26 * line
            canvas.drawString(56, top, name)
            canvas.drawString(280, top, code)
            canvas.drawRightString(440, top, pounds)
            canvas.drawRightString(width - 56, top, euros)
            canvas.line(56, top - 9, width - 56, top - 9)
        canvas.drawString(56, 60, "HS-PL-EMEA-2026.4")
        canvas.drawRightString(width - 56, 60, str(number))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def document(
    world: World, name: str, data: bytes, *, here: bool = True, kept: bool = False, **changes: Any
) -> str:
    """A document the vendor shares; `here`: its bytes have been pulled."""
    gid = world.put(
        "document",
        name,
        **{
            "code": name.upper(),
            "title": name,
            "category": "prices",
            "version": "1",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "media_type": "application/pdf",
            "file_name": f"{name}.pdf",
            "pages": 3,
            "state": "current",
            "published_at": "2026-11-23T08:30:00Z",
            "updated_at": "2026-11-23T08:30:00Z",
            **changes,
        },
    )
    if here:
        world.portal.documents.pull(gid)
        pulled(world, gid, data)
    if kept:
        world.portal.documents.keep(gid, on=True)
    return gid


def pulled(world: World, gid: str, data: bytes) -> None:
    """The bytes of a document arrive."""
    sha256 = world.portal.documents.state(gid).sha256
    world.store.blobs.append(sha256, 0, data)
    assert world.store.blobs.finish(sha256, world.clock.now())


def message(world: World, parent: str, name: str, body: str, **changes: Any) -> str:
    return world.put(
        "message",
        name,
        **{
            "parent": parent,
            "body": body,
            "author": MAYA,
            "author_name": "Maya Okafor",
            "side": "partner",
            "sent_at": "2026-11-19T14:05:00Z",
            **changes,
        },
    )


def file(
    world: World, parent: str, owner: str, name: str, data: bytes, media_type: str, **changes: Any
) -> str:
    return world.put(
        "file",
        name,
        **{
            "parent": parent,
            "message": owner,
            "name": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "media_type": media_type,
            "added_by": "Ingrid Solheim",
            "added_at": "2026-11-23T08:05:00Z",
            **changes,
        },
    )


def requests(world: World) -> str:
    """The list of the picture; returns the request that is open in it."""
    world.put("company", "1", name="Brightwater IT Ltd", tier="gold", country="GB", city="Leeds")
    deal = world.deal("oriel", number="DR-2026-0398", customer="Oriel Biotech", title="HA pair, Dublin lab")
    quote = world.request(deal=deal)
    rows: Sequence[tuple[str, str, str, str, str, str, str]] = (
        ("vpn", "REQ-3318", "VPN drops after firmware 8.4", "Castellane Hotels", "waiting_on_partner",
         "2026-11-20T17:48:00Z", "2026-11-23T12:06:00Z"),
        ("credit", "REQ-3316", "Credit note for INV-20951", "Atelier Corvin", "waiting_on_vendor",
         "2026-11-20T11:00:00Z", "2026-11-24T10:00:00Z"),
        ("demo", "REQ-3309", "Demo unit for Derby depot", "Meridian Rail", "open",
         "2026-11-19T11:00:00Z", "2026-11-25T10:00:00Z"),
        ("seats", "REQ-3302", "Training seats, December", "Brightwater IT", "waiting_on_partner",
         "2026-11-18T11:00:00Z", "2026-11-26T10:00:00Z"),
        ("serials", "REQ-3297", "Wrong serials on ORD-58107", "Norvik Shipping", "resolved",
         "2026-11-17T11:00:00Z", ""),
        ("logos", "REQ-3281", "Logo files for webinar", "Brightwater IT", "resolved", "2026-11-16T11:00:00Z", ""),
        ("price", "REQ-3274", "Price match, Sableworks", "Sableworks", "closed", "2026-11-12T11:00:00Z", ""),
    )  # fmt: skip
    for name, number, subject, customer, state, last, due in rows:
        world.request(
            name, number=number, subject=subject, customer=customer, state=state, last_message_at=last,
            due_at=due or None, priority="normal",
        )  # fmt: skip
    first = message(
        world, quote, "m1",
        "Oriel want two Edge 440 in high availability for the Dublin lab, with three years of Insight. Can you "
        "quote with the education uplift? Their floor plan is attached.",
    )  # fmt: skip
    plan = price_list("Oriel lab plan", 1)
    gid = file(world, quote, first, "oriel-lab-plan.pdf", plan, "application/pdf", added_by="Maya Okafor")
    world.portal.documents.pull(gid)
    pulled(world, gid, plan)
    second = message(
        world, quote, "m2",
        "The education uplift is approved for Insight. I am waiting for the stock team to confirm delivery before "
        "Christmas, then you get the final quote today. Here is the draft.",
        author="ingrid", author_name="Ingrid Solheim", side="vendor", sent_at="2026-11-23T08:05:00Z",
    )  # fmt: skip
    file(world, quote, second, "Q-10482-draft.pdf", price_list("Draft", 1), "application/pdf", size=240_000)
    file(world, quote, second, "Q-10482-lines.xlsx", b"not pulled", "application/vnd.ms-excel", size=38_000)
    return quote


def library(world: World) -> str:
    """The documents of the picture; returns the one that is open in it."""
    prices = price_list()
    main = document(
        world, "prices-4", prices, kept=True, title="EMEA price list 2026.4", version="2026.4",
        valid_until="2027-11-30", supersedes="2026.3",
    )  # fmt: skip
    rows: Sequence[tuple[str, str, str, str | None, str, bool, str, str]] = (
        ("EMEA price list 2026.3", "prices", "2026.3", "2026-11-22", "superseded", True, "application/pdf", "pdf"),
        ("Edge 440 data sheet", "data_sheet", "5", None, "current", True, "application/pdf", "pdf"),
        ("Edge 220 data sheet", "data_sheet", "8", None, "current", True, "application/pdf", "pdf"),
        ("Insight Pro 4.2 installer guide", "guide", "4.2", None, "current", False, "application/pdf", "pdf"),
        ("Vault sizing calculator", "guide", "3.2", None, "current", False,
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("Autumn promotion terms", "legal", "1", "2026-11-30", "current", True, "application/pdf", "pdf"),
        ("Summer promotion terms", "legal", "2", "2026-08-31", "expired", False, "application/pdf", "pdf"),
        ("Renewal guide 2026", "guide", "3", "2026-12-31", "current", True, "application/pdf", "pdf"),
        ("Partner agreement", "legal", "7", "2027-12-31", "current", True, "application/pdf", "pdf"),
        ("Logo and brand pack", "sales", "2026", None, "current", False, "application/zip", "zip"),
        ("Insight Pro battle card", "sales", "4", "2027-03-31", "current", True, "application/pdf", "pdf"),
        ("Deal registration rules", "legal", "2", None, "current", False, "text/plain", "txt"),
        ("ISO 27001 certificate", "legal", "2025", "2026-11-14", "current", False, "application/pdf", "pdf"),
    )  # fmt: skip
    for number, (title, category, version, until, state, kept, media_type, suffix) in enumerate(rows):
        data = price_list(title, 1)
        document(
            world, f"doc-{number}", data, here=kept, kept=kept, title=title, category=category, version=version,
            valid_until=until, state=state, media_type=media_type, file_name=f"{title}.{suffix}",
            size=len(data) if kept else 3_100_000 * (number + 1),
        )  # fmt: skip
    return main


def programme(world: World) -> None:
    """Deals in every open stage, renewals, leads and orders around the world's Monday."""
    states = ("submitted", "under_review", "action_required", "pending_approval", "approved")
    today = world.clock.now().date()
    customers = (
        "Kestrel Foods",
        "Aldgate College",
        "Meridian Rail",
        "Tessel Insurance",
        "Ledbury Homes",
        "Sableworks",
    )
    for number in range(23):
        state = states[number % 5]
        customer = customers[number % len(customers)]
        world.deal(
            f"deal-{number}", number=f"DR-2026-{400 + number:04}", customer=customer, title=f"Core refresh {number}",
            amount=f"{(number * 7919) % 90000 + 12000}.00", currency=("GBP", "EUR", "USD")[number % 3], state=state,
            protected_until=(today + timedelta(days=5 + 9 * number)).isoformat() if state == "approved" else None,
            target_close=(today + timedelta(days=4 * number)).isoformat(), owner=MAYA,
            updated_at=f"2026-11-{10 + number % 13:02}T1{number % 10}:20:00Z",
            review_comment="Add the site survey." if state == "action_required" else None,
        )  # fmt: skip
    for number, days in enumerate((4, 12, 22, 41, 55, 66, 71, 80, 88)):
        world.put(
            "renewal", f"rn-{number}", number=f"RN-{1180 + number}", company=COMPANY, customer=customers[number % 6],
            product="Vault seats", quantity=240 - 20 * number, term_end=(today + timedelta(days=days)).isoformat(),
            amount=f"{18720 - 900 * number}.00", currency=("GBP", "EUR")[number % 2],
            state="quoted" if number < 4 else "upcoming", updated_at="2026-11-20T10:00:00Z",
        )  # fmt: skip
    for number, name in enumerate(("Fennimore Dairy", "Castellane Hotels")):
        world.put(
            "lead", f"ld-{number}", number=f"LD-077{number + 2}", company=COMPANY, customer=name, sites=6,
            need="Branch routers with cellular failover", country="IE", state="offered",
            expires_at=(today + timedelta(days=2 + number)).isoformat(), created_at="2026-11-21T10:00:00Z",
            updated_at="2026-11-21T10:00:00Z",
        )  # fmt: skip


def orders(world: World) -> str:
    """Orders in every state around the world's Monday; returns the one that is shipped in part."""
    lines = [
        {"name": "Edge 220", "code": "EG-220", "quantity": "14", "value": "26460.00", "shipped": "14"},
        {
            "name": "Insight Pro, per site",
            "code": "IN-P",
            "quantity": "14",
            "value": "5768.00",
            "shipped": "14",
        },
        {
            "name": "Care 24×7, per device",
            "code": "CR-24",
            "quantity": "14",
            "value": "4032.00",
            "shipped": "0",
        },
    ]
    main = world.put(
        "order", "norvik", number="ORD-58214", company=COMPANY, customer="Norvik Shipping",
        po_reference="PO-7781", total="36260.00", currency="EUR", placed_at="2026-11-12",
        expected_at="2026-11-25", carrier="DHL", tracking="3391", shipped_at="2026-11-20", lines=lines,
        tracking_url="https://track.dhl.example/3391", state="confirmed", updated_at="2026-11-23T07:44:00Z",
        timeline=[
            {"at": "2026-11-12T09:00:00Z", "by": "Maya Okafor", "kind": "placed", "text": "Placed"},
            {"at": "2026-11-13T10:30:00Z", "by": "Ingrid Solheim", "kind": "confirmed", "text": "Confirmed"},
            {"at": "2026-11-20T07:44:00Z", "by": "Halden", "kind": "shipped", "text": "Shipped, 2 of 3 lines"},
        ],
    )  # fmt: skip
    rows = (
        ("corvin", "ORD-58190", "Atelier Corvin", "invoiced", "2026-10-28", "2026-11-06", "6412.50", "EUR"),
        ("quillon", "ORD-58187", "Quillon Energy", "confirmed", "2026-11-05", "2026-11-18", "20910.00", "GBP"),
        ("ledbury", "ORD-58120", "Ledbury Homes", "paid", "2026-09-14", "2026-09-22", "9440.00", "GBP"),
        ("wexley", "ORD-58101", "Wexley Council", "cancelled", "2026-09-02", "2026-09-15", "3100.00", "GBP"),
    )  # fmt: skip
    for name, number, customer, state, placed, expected, total, currency in rows:
        done = state in ("invoiced", "paid")
        world.put(
            "order", name, number=number, company=COMPANY, customer=customer, total=total, currency=currency,
            placed_at=placed, expected_at=expected, state=state, lines=lines[:1],
            delivered_at=expected if done else None, shipped_at=expected if done else None,
            timeline=[{"at": f"{placed}T09:00:00Z", "by": "Maya Okafor", "kind": "placed", "text": "Placed"}],
            updated_at=f"{placed}T09:00:00Z",
        )  # fmt: skip
    for at in range(3):
        invoice(world, f"INV-2097{7 + at}", main if at else source_gid("test", "order", "corvin"))
    return main


def invoice(world: World, number: str, order: str, **changes: Any) -> str:
    """An invoice with its PDF, which is on this computer."""
    data = price_list(f"Invoice {number}", 1)
    sha256 = hashlib.sha256(data).hexdigest()
    if world.store.blobs.get(sha256) is None:
        with world.store.transaction():
            world.store.blobs.add(
                sha256, len(data), "application/pdf", f"{number}.pdf", (data,), world.clock.now()
            )
    return world.put(
        "invoice", number,
        **{
            "number": number, "company": COMPANY, "order": order, "customer": "Atelier Corvin",
            "total": "6412.50", "balance": "6412.50", "currency": "EUR", "issued_at": "2026-10-21",
            "due_at": "2026-11-20", "state": "overdue", "sha256": sha256, "size": len(data),
            "media_type": "application/pdf", "file_name": f"{number}.pdf", "updated_at": "2026-11-21T06:00:00Z",
            **changes,
        },
    )  # fmt: skip


def renewals(world: World) -> str:
    """Contracts and a membership that come up; returns the one whose quote is open."""
    programme(world)
    data = price_list("Quote RN-1187", 1)
    quote = document(world, "quote-1187", data, title="Quote RN-1187", category="legal")
    membership = credentials(world)
    main = world.put(
        "renewal", "vault", number="RN-1187", company=COMPANY, customer="Norvik Shipping", product="Vault seats",
        quantity=240, unit_price="78.00", amount="18720.00", currency="GBP", term_end="2026-11-25",
        quote_until="2026-11-25", quote=quote, kind="contract", state="quoted", updated_at="2026-11-23T09:00:00Z",
    )  # fmt: skip
    order = world.put("order", "renewed", number="ORD-58230", company=COMPANY, customer="Brightwater IT",
                      total="2400.00", currency="GBP", placed_at="2026-11-20", expected_at="2026-11-30",
                      state="placed", updated_at="2026-11-20T10:00:00Z")  # fmt: skip
    world.put(
        "renewal", "gold", number="RN-1190", company=COMPANY, customer="Brightwater IT", product="Gold membership",
        quantity=1, unit_price="2400.00", amount="2400.00", currency="GBP", term_end="2026-12-31", kind="membership",
        membership=membership, order=order, intent="renew", state="ordered", updated_at="2026-11-20T10:00:00Z",
    )  # fmt: skip
    return main


def credentials(world: World) -> str:
    """Three memberships; returns the one that is due."""
    rows = (
        ("gold", "MB-104", "Halden Gold Partner", "Gold", "Brightwater IT Ltd", "2026-01-01", "2026-12-31", "due"),
        ("edge", "MB-117", "Edge Specialist", "Advanced", "Maya Okafor", "2026-03-01", "2028-02-29", "active"),
        ("vault", "MB-090", "Vault Installer", "Basic", "Tom Reyes", "2024-10-01", "2026-09-30", "lapsed"),
    )  # fmt: skip
    found = []
    for name, number, credential, level, holder, begin, until, state in rows:
        data = price_list(f"Certificate {number}", 1)
        found.append(
            world.put(
                "membership", name, number=number, company=COMPANY, credential=credential, level=level,
                holder=holder, valid_from=begin, valid_until=until, state=state,
                requirements="Two certified engineers and one reference a year.",
                sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="application/pdf",
                file_name=f"{number}.pdf", updated_at="2026-11-20T10:00:00Z",
            )
        )  # fmt: skip
    return found[0]


def approvals(world: World) -> str:
    """Approvals in every state; returns the one to decide, whose file is on this computer."""
    data = price_list("Statement of work, Kestrel", 2)
    sha256 = hashlib.sha256(data).hexdigest()
    if world.store.blobs.get(sha256) is None:
        with world.store.transaction():
            world.store.blobs.add(sha256, len(data), "application/pdf", "sow.pdf", (data,), world.clock.now())
    deal = world.deal()
    lines = [
        {"name": "Edge 220", "code": "EG-220", "quantity": "14", "value": "26460.00"},
        {"name": "Insight Pro, per site", "code": "IN-P", "quantity": "14", "value": "5768.00"},
        {"name": "Care 24×7, per device", "code": "CR-24", "quantity": "14", "value": "4032.00"},
    ]
    main = world.put(
        "approval", "kestrel", number="AP-0231", company=COMPANY, subject="Special pricing for Kestrel Foods",
        step="Commercial approval", asked_by="Ingrid Solheim", approvers="Sales manager, finance",
        summary="12 % off the list for 14 sites, on the condition that all of them are ordered by 29 January 2027.\n"
        "The discount does not hold for Care.", lines=lines, amount="36260.00", currency="GBP", deal=deal,
        due_at="2026-11-25", state="pending", sha256=sha256, size=len(data), media_type="application/pdf",
        file_name="statement-of-work.pdf", updated_at="2026-11-23T08:40:00Z",
    )  # fmt: skip
    rows = (
        ("demo", "AP-0228", "Demo unit for Derby depot", "Loan agreement", "pending", None, None),
        ("oriel", "AP-0219", "Quote for HA pair, Dublin lab", "Commercial approval", "superseded", None, None),
        ("wexley", "AP-0204", "Credit note for INV-20951", "Finance", "approved", "Maya Okafor", None),
        ("sable", "AP-0198", "Price match, Sableworks", "Commercial approval", "rejected", "Tom Reyes",
         "The margin does not cover support."),
    )  # fmt: skip
    for name, number, subject, step, state, by, reason in rows:
        world.put(
            "approval", name, number=number, company=COMPANY, subject=subject, step=step, state=state,
            asked_by="Ingrid Solheim", approvers="Sales manager, finance", summary="As agreed on the call.",
            amount="1890.00", currency="GBP", due_at="2026-12-04", decided_by=by, reason=reason,
            decided_at="2026-11-18T10:00:00Z" if by else None, superseded_by=main if state == "superseded" else None,
            updated_at="2026-11-18T10:00:00Z",
        )  # fmt: skip
    return main


@cache
def client_manifest(role: str = "manager") -> Manifest:
    """The client portal's own entity types beside those of the partner portal."""
    shipped = MANIFEST.parent
    client = tomllib.loads((shipped / "client.toml").read_text())
    partner = tomllib.loads(MANIFEST.read_text())
    own = [one for one in client["entities"] if one["name"] in ("project", "milestone", "deliverable")]
    for child in partner["entities"]:
        if child["name"] in ("message", "file"):
            child["parents"] = [*child["parents"], "deliverable", "project"]
    return effective(parse_manifest({**partner, "entities": [*partner["entities"], *own]}), role)


def use_manifest(world: World, manifest: Manifest) -> None:
    """Let the gateway serve another manifest."""
    world.store.cursors.save_manifest(json.dumps(manifest.model_dump(mode="json")), "etag-2")
    world.portal.reload()


def projects(world: World) -> str:
    """A project with its milestones and deliverables, one of which waits; returns the project."""
    main = world.put(
        "project", "relaunch", number="PR-104", title="Website relaunch", phase="Design", state="active",
        summary="A new site in two languages, with the shop moved over. The old one stays until the last check.",
        lead_name="Ines Duarte", begins_at="2026-09-01", ends_at="2027-02-26", budget="60000.00",
        spent="42350.00", currency="EUR", updated_at="2026-11-20T10:00:00Z",
    )  # fmt: skip
    world.put("project", "audit", number="PR-098", title="Accessibility audit", phase="Report", state="done",
              begins_at="2026-05-01", ends_at="2026-07-31", budget="8000.00", spent="9100.00", currency="EUR",
              updated_at="2026-08-01T10:00:00Z")  # fmt: skip
    stones = (
        ("concept", "Concept", "reached", "2026-09-30", "2026-09-28", "Goals, audiences and a site map."),
        ("design", "Design", "active", "2026-12-04", None, "All page types, light and dark."),
        ("texts", "Texts", "active", "2026-11-13", None, ""),
        ("build", "Build", "planned", "2027-01-29", None, "Templates, shop and search."),
        ("blog", "Blog import", "dropped", None, None, ""),
    )  # fmt: skip
    for place, (name, title, state, due, reached, about) in enumerate(stones):
        world.put("milestone", name, number=f"MS-{place + 1}", project=main, title=title, state=state, due_at=due,
                  reached_at=reached, order_no=place, description=about, updated_at="2026-11-01T10:00:00Z")  # fmt: skip
    rows = (
        ("map", "DL-201", "Site map", "1", "accepted", "concept"),
        ("pages", "DL-212", "Page designs", "2", "handed_over", "design"),
        ("pages-1", "DL-207", "Page designs", "1", "superseded", "design"),
        ("icons", "DL-214", "Icon set", "1", "in_work", "design"),
    )  # fmt: skip
    for name, number, title, version, state, stone in rows:
        deliverable(world, name, main, number=number, title=title, version=version, state=state,
                    milestone=source_gid("test", "milestone", stone))  # fmt: skip
    return main


def deliverable(world: World, name: str, project: str, *, here: bool = True, **changes: Any) -> str:
    """Something handed over, as a PDF."""
    data = price_list(f"{changes.get('title', name)} {changes.get('version', '1')}", 2)
    sha256 = hashlib.sha256(data).hexdigest()
    if here and world.store.blobs.get(sha256) is None:
        with world.store.transaction():
            world.store.blobs.add(sha256, len(data), "application/pdf", "d.pdf", (data,), world.clock.now())
    return world.put(
        "deliverable", name,
        **{
            "project": project, "description": "All page types with their states. Open questions are marked in red.",
            "sha256": sha256, "size": len(data), "media_type": "application/pdf", "file_name": f"{name}.pdf",
            "handed_over_at": "2026-11-19T15:00:00Z", "answer_by": "2026-11-27", "updated_at": "2026-11-19T15:00:00Z",
            **changes,
        },
    )  # fmt: skip


def account(world: World) -> None:
    """The company of the pictures: its details, one contact, one change asked for, one credential, two tasks."""
    details = {
        "name": "Brightwater IT Ltd",
        "tier": "gold",
        "street": "1 Quay",
        "city": "Leeds",
        "country": "GB",
    }
    world.put_at(COMPANY, "company", looked_after_by="Ingrid Solheim", phone="+44 113 496 0000", **details)
    world.put("contact", "maya", company=COMPANY, name="Maya Okafor", email="maya@brightwater.example")
    change = {"what": "vat", "present": "GB 123 4567 89", "wanted": "GB 987 6543 21", "state": "asked"}
    world.put("change_request", "vat", number="CR-14", company=COMPANY, **change)
    held = {"credential": "Gold partner", "level": "Gold", "valid_until": "2027-11-30", "state": "active"}
    world.put("membership", "gold", company=COMPANY, **held)
    asked: dict[str, Any] = {"project": "Onboarding", "company": COMPANY, "template": "company_profile"}
    first = world.put(
        "task", "profile", number="TSK-1", title="Company profile", state="todo", due_at="2026-11-27", **asked
    )
    asked = {**asked, "depends_on": [first], "due_at": "2026-12-11"}
    world.put("task", "later", number="TSK-2", title="Training", state="todo", **asked)
