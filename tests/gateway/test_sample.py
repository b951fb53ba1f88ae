"""The sample programme is complete, coherent, repeatable, and made of real files."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pypdfium2
import pytest

from app.contract.ids import source_gid
from gateway.crm.embedded import codes
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.times import from_ms
from gateway.crm.port import Ref, SourceRow
from gateway.identity.people import NewUser
from gateway.sample.build import build_sample
from gateway.sample.passwords import SampleAccounts
from tests.gateway.quick_passwords import quick_passwords

# What is made is the same whatever keeps it; `test_whole.py` reads it from both kinds of database.
pytestmark = pytest.mark.databases("sqlite")

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
TODAY = NOW.date()
OPEN = {"NEW", "REVIEW", "INFO_NEEDED", "APPROVAL", "PROTECTED", "EXT_ASKED"}


class Users:
    """Stands where the gateway's accounts stand."""

    def __init__(self) -> None:
        self.added: list[NewUser] = []

    def add_user(self, new: NewUser) -> str:
        self.added.append(new)
        return new.contacts[0].user


class Programme:
    """A made programme with everything read once."""

    def __init__(self, seed: int = 1, now: datetime = NOW) -> None:
        self.crm = EmbeddedCrm.open("sqlite://", now=lambda: now)
        self.users = Users()
        with quick_passwords():
            self.accounts: SampleAccounts = build_sample(self.crm, self.users, now.date(), seed)

    def rows(self, obj: str) -> list[SourceRow]:
        return list(self.crm.fetch([Ref(obj, key) for key in self.crm.sweep(obj, None, 10_000)]))

    def digest(self) -> list[Any]:
        """Everything there is, except salted password hashes."""
        objects = (
            "account",
            "contact",
            "registration",
            "ticket",
            "note",
            "attachment",
            "document",
            "lead",
            "order",
        )
        return [(row.ref, dict(row.fields), row.modified_at) for obj in objects for row in self.rows(obj)]


@pytest.fixture(scope="module")
def sample() -> Iterator[Programme]:
    made = Programme()
    yield made
    made.crm.close()


def test_there_is_as_much_as_promised(sample: Programme) -> None:
    deals, requests = sample.rows("registration"), sample.rows("ticket")
    assert len(sample.rows("account")) == 3
    assert len(deals) == 400
    assert {row.fields["stage_code"] for row in deals} == set(codes.Stage)
    assert len(requests) == 300
    assert {row.fields["status_code"] for row in requests} == set(codes.TicketStatus)
    assert len(sample.rows("document")) == 120
    assert {row.fields["status_code"] for row in sample.rows("document")} == set(codes.DocumentStatus)
    assert {row.fields["status_code"] for row in sample.rows("order")} == set(codes.OrderStatus)
    assert {row.fields["status_code"] for row in sample.rows("lead")} == set(codes.LeadStatus)
    assert {row.fields["status_code"] for row in sample.rows("contract")} == set(codes.ContractStatus)


def test_the_screens_of_the_first_partner(sample: Programme) -> None:
    mine = [row.fields for row in sample.rows("registration") if row.fields["account_id"] == 1]
    going_on = [fields for fields in mine if fields["stage_code"] in OPEN]
    assert len(going_on) == 23
    assert sum(1 for fields in going_on if fields["owner_name"] == "Maya Okafor") == 14
    assert Counter(fields["stage_code"] for fields in going_on) == {
        "NEW": 5,
        "REVIEW": 6,
        "INFO_NEEDED": 2,
        "APPROVAL": 3,
        "PROTECTED": 6,
        "EXT_ASKED": 1,
    }
    pounds = sum(Decimal(fields["est_value"]) for fields in going_on if fields["cur"] == "GBP")
    assert pounds == Decimal("1284300.00")
    kestrel = sample.crm.find("registration", reg_no="DR-2026-0417")
    assert kestrel is not None
    fields = sample.crm.read(kestrel).fields
    assert (fields["cust_name"], fields["stage_code"], fields["prot_to"]) == (
        "Kestrel Foods",
        "PROTECTED",
        "2027-02-21",
    )
    assert [entry["words"] for entry in fields["events"]][-2:] == ["Sent for approval", "Approved"] or fields[
        "events"
    ]
    names = {row.fields["file_name"] for row in sample.crm.children("attachment", kestrel)}
    assert names == {"kestrel-rfq.pdf", "sites.xlsx"}
    newest = max(going_on, key=lambda item: item["modified_ms"])
    assert newest["cust_name"] == "Kestrel Foods"
    requests = [row.fields for row in sample.rows("ticket") if row.fields["account_id"] == 1]
    waiting = {item["req_no"] for item in requests if item["status_code"] not in ("DONE", "SHUT")}
    assert waiting == {"REQ-3321", "REQ-3318", "REQ-3316", "REQ-3309", "REQ-3302"}
    orders = [row.fields for row in sample.rows("order") if row.fields["account_id"] == 1]
    assert sum(1 for item in orders if item["status_code"] not in ("PAID", "CANC")) == 11
    (part,) = [item for item in orders if item["ord_no"] == "ORD-58214"]
    assert [line["shipped"] != "0" for line in part["lines"]] == [True, True, False]
    renewals = [row.fields for row in sample.rows("contract") if row.fields["account_id"] == 1]
    coming = [item for item in renewals if item["status_code"] in ("UPC", "QUO", "INT")]
    within = Counter(-(-(date.fromisoformat(item["term_end"]) - TODAY).days // 30) for item in coming)
    assert within == {1: 3, 2: 3, 3: 4}
    assert [item["product_label"] for item in coming if item["kind_code"] == "MEM"] == [
        "Halden Gold Partner, 1 year"
    ]


def test_what_the_first_partner_and_the_vendor_work_on(sample: Programme) -> None:
    tasks = {row.fields["subject"]: row for row in sample.rows("task")}
    assert [subject for subject, row in tasks.items() if row.fields["status_code"] != "OK"] == [
        "Company profile",
        "Publish your partner page",
        "Sign the 2027 programme terms",
    ]
    terms = tasks["Sign the 2027 programme terms"].fields
    assert (terms["checklist"], terms["due_on"]) == ("Partner agreement v7", "2026-11-30")
    document = sample.crm.read(Ref("document", str(terms["document_id"]))).fields
    assert (document["doc_title"], document["ver_label"], document["confirm_by"]) == (
        "Partner agreement",
        "7",
        "2026-12-07",
    )
    assert document["change_note"]
    page = tasks["Publish your partner page"].fields
    assert page["after_ids"] == [int(tasks["Company profile"].ref.id)]
    assert len(sample.rows("opportunity")) == 6
    approvals = sample.rows("approval")
    assert Counter(row.fields["status_code"] for row in approvals) == {"PEND": 2, "YES": 1, "SUP": 1}
    (old,) = [row.fields for row in approvals if row.fields["status_code"] == "SUP"]
    assert sample.crm.read(Ref("approval", str(old["replaced_by_id"]))).fields["file_name"]
    assert {row.fields["status_code"] for row in sample.rows("change_request")} == {"ASKED", "DONE"}
    grace, deal = (
        sample.crm.find("contact", full_name="Grace Adeyemi"),
        sample.crm.find("registration", reg_no="DR-2026-0355"),
    )
    assert grace is not None
    assert deal is not None
    assert sample.crm.read(deal).fields["co_worker_ids"] == [grace.id]


def test_invoices_have_papers_and_some_are_late(sample: Programme) -> None:
    invoices = {row.fields["inv_no"]: row for row in sample.rows("invoice")}
    assert len(invoices) >= 24
    corvin = invoices["INV-20977"].fields
    assert (corvin["cust_name"], corvin["total"], corvin["due_on"], corvin["status_code"]) == (
        "Atelier Corvin",
        "6412.50",
        "2026-11-20",
        "OVER",
    )
    for number, row in invoices.items():
        fields = row.fields
        late = fields["status_code"] == "OVER"
        assert late == (fields["status_code"] != "PAID" and fields["due_on"] < TODAY.isoformat()), number
        assert (fields["balance"] == "0.00") == (fields["status_code"] == "PAID"), number
        body = b"".join(sample.crm.open_file(row.ref).chunks)
        with pypdfium2.PdfDocument(body) as paper:
            assert number in paper[0].get_textpage().get_text_range()


def test_the_day_has_nothing_left_to_do(sample: Programme) -> None:
    assert sample.crm.turn_of_day() == []


def test_stage_dates_and_reasons_agree(sample: Programme) -> None:
    today = TODAY.isoformat()
    for row in sample.rows("registration"):
        fields, stage = row.fields, row.fields["stage_code"]
        told = (fields["reg_no"], stage)
        assert Decimal(fields["est_value"]) > 0, told
        assert from_ms(fields["created_ms"]) <= row.modified_at <= NOW, told
        assert (fields["prot_to"] is not None) == (
            stage in {"PROTECTED", "EXT_ASKED", "WON", "LAPSED", "CANCELLED"}
        ), told
        if stage in ("PROTECTED", "EXT_ASKED"):
            assert fields["prot_from"] <= today <= fields["prot_to"], told
        if stage == "LAPSED":
            assert fields["prot_to"] < today, told
        assert (fields["po_ref"] is not None) == (stage == "WON"), told
        assert (fields["close_reason"] is not None) == (stage in {"REFUSED", "CANCELLED", "DUPLICATE"}), told
        assert (fields["dup_no"] is not None) == (stage == "DUPLICATE"), told
        assert (fields["ext_until"] is not None) == (stage == "EXT_ASKED"), told
        if stage == "EXT_ASKED":
            assert fields["ext_until"] > fields["prot_to"], told
        if stage == "INFO_NEEDED":
            assert fields["review_text"], told
        if stage in OPEN | {"DRAFT"}:
            assert fields["close_on"] > today, told
        assert 20 <= len(fields["pain"]) <= 2000, told
        assert 3 <= len(fields["deal_name"]) <= 120, told


def test_the_way_through_the_stages_is_one_the_crm_allows(sample: Programme) -> None:
    after: dict[str | None, set[str]] = {
        None: {"NEW"},
        "DRAFT": {"NEW"},
        "NEW": {"REVIEW", "WITHDRAWN"},
        "REVIEW": {"INFO_NEEDED", "APPROVAL", "REFUSED", "DUPLICATE"},
        "INFO_NEEDED": {"NEW"},
        "APPROVAL": {"PROTECTED"},
        "PROTECTED": {"WON", "LAPSED", "CANCELLED", "EXT_ASKED"},
    }
    for row in sample.rows("registration"):
        moves = [line for line in sample.crm.history(row.ref) if line.field == "stage_code"]
        for line in moves:
            assert line.new in after[line.old], (row.fields["reg_no"], line)
        assert [line.at for line in moves] == sorted(line.at for line in moves)
        if moves:
            assert moves[-1].new == row.fields["stage_code"]


def test_numbers_rise_and_the_crm_goes_on_counting(sample: Programme) -> None:
    numbers = [row.fields["reg_no"] for row in sample.rows("registration")]
    assert len(set(numbers)) == 400
    assert all(number.startswith("DR-") and len(number) == 12 for number in numbers)
    by_year: dict[str, list[int]] = {}
    for row in sample.rows("registration"):
        year, number = row.fields["reg_no"][3:7], int(row.fields["reg_no"][8:])
        assert int(year) == from_ms(row.fields["created_ms"]).year
        by_year.setdefault(year, []).append(number)
    assert max(by_year["2026"]) < 447


def test_threads_make_sense(sample: Programme) -> None:
    companies = {row.ref.id: row.fields["account_id"] for row in sample.rows("contact")}
    lengths: Counter[int] = Counter()
    for row in sample.rows("ticket"):
        fields, notes = row.fields, sample.crm.children("note", row.ref)
        told = fields["req_no"]
        lengths[len(notes)] += 1
        times = [note.fields["sent_ms"] for note in notes]
        assert times == sorted(times), told
        assert notes[0].fields["side_code"] == "P" or fields["owner_name"] == "Callum Reid", told
        assert notes[0].fields["written_by"] == fields["owner_name"], told
        public = [note.fields for note in notes if not note.fields["internal"]]
        assert fields["last_note_ms"] - public[-1]["sent_ms"] in range(-2000, 1), told
        for note in notes:
            writer = note.fields["contact_id"]
            if writer is not None:
                assert companies[str(writer)] in (fields["account_id"], None), told
            assert "{" not in note.fields["body"], told
        status = fields["status_code"]
        assert (fields["answer_due_ms"] is None) == (status in ("DONE", "SHUT")), told
        if status == "WAIT_PARTNER":
            assert public[-1]["author_obj"] == "staff", told
    assert set(lengths) <= set(range(1, 9))
    assert sum(count for length, count in lengths.items() if length >= 2) > 290


def test_hardly_anything_is_said_twice(sample: Programme) -> None:
    said = Counter(row.fields["body"] for row in sample.rows("note"))
    (_, most), *_ = said.most_common(1)
    assert most <= 16
    problems = Counter(row.fields["pain"] for row in sample.rows("registration"))
    assert problems.most_common(1)[0][1] <= 3


def test_orders_add_up_and_belong_to_won_deals(sample: Programme) -> None:
    won = {
        int(row.ref.id): row.fields
        for row in sample.rows("registration")
        if row.fields["stage_code"] == "WON"
    }
    orders = sample.rows("order")
    assert {row.fields["registration_id"] for row in orders} == set(won)
    for row in orders:
        fields = row.fields
        deal = won[fields["registration_id"]]
        assert (fields["total"], fields["cur"], fields["cust_name"]) == (
            deal["est_value"],
            deal["cur"],
            deal["cust_name"],
        )
        values = [Decimal(line["value"].split()[0].replace(",", "")) for line in fields["lines"]]
        assert sum(values) == Decimal(fields["total"]), fields["ord_no"]
        assert fields["placed_on"] <= TODAY.isoformat()
        if fields["status_code"] in ("SHIP", "INV", "PAID"):
            assert fields["tracking_no"], fields["ord_no"]


def test_documents_are_real_and_their_versions_hold_together(sample: Programme) -> None:
    documents = sample.rows("document")
    by_id = {int(row.ref.id): row.fields for row in documents}
    pages = 0
    for row in documents:
        fields, told = row.fields, row.fields["doc_code"]
        body = b"".join(sample.crm.open_file(row.ref).chunks)
        assert len(body) == fields["byte_count"], told
        pdf = pypdfium2.PdfDocument(body)
        assert len(pdf) == fields["page_count"], told
        text = pdf[0].get_textpage().get_text_range()
        assert "Halden Systems" in text, told
        pages += len(pdf)
        pdf.close()
        assert fields["audience"], told
        if fields["status_code"] == "CUR":
            assert fields["valid_to"] is None or fields["valid_to"] >= TODAY.isoformat(), told
        if fields["status_code"] == "EXP":
            assert fields["valid_to"] < TODAY.isoformat(), told
        if fields["replaces_id"] is not None:
            old = by_id[fields["replaces_id"]]
            assert old["status_code"] in ("SUP", "WDR"), told
            assert old["published_ms"] <= fields["published_ms"], told
    replaced = {fields["replaces_id"] for fields in by_id.values()}
    assert all(key in replaced for key, fields in by_id.items() if fields["status_code"] == "SUP")
    assert pages > 200
    lists = [fields for fields in by_id.values() if fields["doc_title"] == "EMEA price list 2026.4"]
    assert [(item["status_code"], item["valid_from"], item["page_count"] > 4) for item in lists] == [
        ("CUR", "2026-11-23", True)
    ]


def test_attachments_are_what_their_names_say(sample: Programme) -> None:
    seen: Counter[str] = Counter()
    for row in sample.rows("attachment"):
        ending = row.fields["file_name"].rpartition(".")[2]
        seen[ending] += 1
        if seen[ending] > 40:
            continue
        body = b"".join(sample.crm.open_file(row.ref).chunks)
        match ending:
            case "pdf":
                with pypdfium2.PdfDocument(body) as pdf:
                    assert len(pdf) >= 1
            case "xlsx":
                assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(BytesIO(body)).namelist()
            case _:
                assert body.decode()
    assert set(seen) == {"pdf", "xlsx", "txt", "log"}


def test_everybody_can_sign_in_where_they_belong(sample: Programme) -> None:
    maya, rep = sample.accounts.user("Maya Okafor"), sample.accounts.user("Callum Reid")
    assert maya.companies == (source_gid("embedded", "account", "1"),)
    assert (maya.role, maya.email) == ("manager", "maya.okafor@brightwater.example")
    assert (rep.role, len(rep.companies)) == ("field_rep", 2)
    assert len({user.password for user in sample.accounts.users}) > 10
    roles = Counter(user.role for user in sample.accounts.users)
    assert set(roles) == {"admin", "manager", "rep", "support", "finance", "read_only", "field_rep"}
    assert len(sample.users.added) == 15
    assert sample.accounts.staffer("Ingrid Solheim").login == "ingrid"
    contact = sample.crm.find("contact", full_name="Maya Okafor")
    assert contact is not None
    assert maya.user == source_gid("embedded", "contact", contact.id)


@pytest.mark.nightly
def test_the_same_seed_gives_the_same_programme(sample: Programme) -> None:
    again = Programme()
    assert again.digest() == sample.digest()
    assert again.accounts == sample.accounts
    again.crm.close()


@pytest.mark.nightly
def test_any_day_will_do() -> None:
    """A Sunday early in the year, in the small hours."""
    now = datetime(2027, 1, 10, 0, 20, tzinfo=UTC)
    made = Programme(seed=now.day, now=now)
    today = now.date().isoformat()
    deals = made.rows("registration")
    assert len(deals) == 400
    for row in deals:
        assert row.modified_at <= now
        if row.fields["stage_code"] in ("PROTECTED", "EXT_ASKED"):
            assert row.fields["prot_to"] >= today
    for row in made.rows("ticket"):
        due = row.fields["answer_due_ms"]
        if due is not None and row.fields["account_id"] == 1:
            assert from_ms(due) > now - timedelta(hours=1)
    made.crm.close()


def test_it_never_mixes_with_what_is_there(sample: Programme) -> None:
    with pytest.raises(ValueError, match="empty CRM"):
        build_sample(sample.crm, sample.users, TODAY, 1)
