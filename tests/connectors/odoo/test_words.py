"""What is pure of the Odoo connector: values, words of refusals, how far an order has come."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.crm.odoo.computed import progress, standing
from gateway.crm.odoo.errors import Said, cleaned, labelled, refusal, said, translated
from gateway.crm.odoo.values import cell, moment, odoo_time, plain_text, read, row_id, to_html, to_write
from gateway.crm.odoo.writing import with_mark
from gateway.crm.port import CrmError, CrmMissing, CrmRefused, CrmUnauthorised, CrmUnavailable

# ---------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("kind", "told", "value"),
    [
        ("char", False, None),
        ("char", "", None),
        ("char", "Kestrel", "Kestrel"),
        ("boolean", False, False),
        ("boolean", True, True),
        ("integer", 0, 0),
        ("many2one", [7, "Brightwater IT"], "7"),
        ("many2one", False, None),
        ("many2one_reference", 0, None),
        ("many2one_reference", 31, "31"),
        ("one2many", [3, 4], ["3", "4"]),
        ("one2many", [], None),
        ("monetary", "184250.0", "184250"),
        ("float", "12.50", "12.5"),
        ("float", "1e+16", "10000000000000000"),
        ("float", "0.0", "0"),
        ("date", "2026-12-01", "2026-12-01"),
        ("datetime", "2026-12-01 10:00:00", "2026-12-01T10:00:00Z"),
        ("html", "<p>a &amp; b<br>c</p>", "a & b\nc"),
        ("html", "<p><br></p>", None),
        ("selection", "gold", "gold"),
    ],
)
def test_a_value_is_read(kind: str, told: Any, value: Any) -> None:
    assert read(kind, told) == value


@pytest.mark.parametrize(
    ("kind", "value", "written", "in_a_cell"),
    [
        ("char", None, False, ""),
        ("char", "Kestrel", "Kestrel", "Kestrel"),
        ("many2one", "7", 7, "7"),
        ("monetary", "184250.10", 184250.1, "184250.1"),
        ("float", "0.00000001", 1e-08, "0.00000001"),
        ("boolean", False, False, ""),
        ("boolean", True, True, "1"),
        ("datetime", "2026-12-01T12:00:00+02:00", "2026-12-01 10:00:00", "2026-12-01 10:00:00"),
        ("date", "2026-12-01", "2026-12-01", "2026-12-01"),
        ("html", "a < b\nc", "<p>a &lt; b<br>c</p>", "<p>a &lt; b<br>c</p>"),
        ("many2many", ["3", "4"], [[6, 0, [3, 4]]], "3,4"),
    ],
)
def test_a_value_is_written(kind: str, value: Any, written: Any, in_a_cell: str) -> None:
    assert to_write(kind, value) == written
    assert cell(written) == in_a_cell


@pytest.mark.parametrize(("kind", "value"), [("many2one", "x"), ("monetary", "much"), ("datetime", "soon")])
def test_what_no_value_can_be_is_refused_at_its_property(kind: str, value: str) -> None:
    with pytest.raises(CrmRefused) as caught:
        to_write(kind, value, "x_some")
    assert set(caught.value.fields) == {"x_some"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Any news?",
        "Two\nlines",
        "A gap\n\nand on",
        "a < b & c > d",
        "“ä” 💥",
        "  led in",
        "<b>no</b>",
        "&amp;",
    ],
)
def test_text_comes_back_from_html_as_it_was(text: str) -> None:
    assert plain_text(to_html(text)) == text


def test_people_s_html_is_read_as_they_see_it() -> None:
    markup = "<div>Hello,</div><p>see\n the <b>list</b>:</p><ul><li>one</li><li>two&nbsp;</li></ul><style>x</style>"
    assert plain_text(markup) == "Hello,\nsee the list:\none\ntwo "


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "٣", "4294967296", "1 OR 1=1"])
def test_what_is_no_id(text: str) -> None:
    assert row_id(text) is None


def test_times_are_told_in_whole_seconds() -> None:
    at = datetime(2026, 11, 29, 17, 0, 1, 900_000, tzinfo=UTC)
    assert odoo_time(at) == "2026-11-29 17:00:01"
    assert moment(odoo_time(at)) == at.replace(microsecond=0)


# ----------------------------------------------------------------------------------------------------------- words


def _told(name: str, message: str = "") -> Said:
    found = said({"name": name, "message": message})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "writing", "kind"),
    [
        ("psycopg2.errors.SerializationFailure", True, CrmUnavailable),
        ("psycopg2.errors.LockNotAvailable", False, CrmUnavailable),
        ("odoo.exceptions.AccessDenied", True, CrmUnauthorised),
        ("odoo.exceptions.AccessError", False, CrmUnauthorised),
        ("odoo.exceptions.AccessError", True, CrmRefused),
        ("odoo.exceptions.MissingError", True, CrmMissing),
        ("odoo.exceptions.ValidationError", True, CrmRefused),
        ("odoo.exceptions.UserError", True, CrmRefused),
        ("builtins.ValueError", True, CrmRefused),
        ("builtins.ValueError", False, CrmUnavailable),
    ],
)
def test_an_exception_of_odoo_s_is_one_of_ours(name: str, writing: bool, kind: type[CrmError]) -> None:
    assert type(translated(_told(name, "Words."), "Odoo", writing=writing)) is kind


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Missing required value for the field 'Opportunity' (name).\nModel: 'Lead' (crm.lead)", "name"),
        ("Wrong value for crm.lead.type: 'zzz'", "type"),
        ("Invalid field 'zz' in 'crm.lead'", "zz"),
        ("The probability of closing the deal should be between 0% and 100%!", None),
    ],
)
def test_words_about_a_field_are_told_at_it(message: str, field: str | None) -> None:
    error = translated(_told("odoo.exceptions.ValidationError", message), "Odoo", writing=True)
    assert isinstance(error, CrmRefused)
    assert set(error.fields) == ({field} if field else set())


def test_words_are_cleaned_for_partners() -> None:
    message = (
        "The operation cannot be completed: <b>Missing</b> required value for the field 'Opportunity' (name).\n"
        "Model: 'Lead' (crm.lead)\n- create/update: a mandatory field is not set\n"
        "- delete: another model requires the record being deleted, you can archive it instead\n"
        "(Record: crm.lead(999,), User: 5)\n\n"
        "This operation is allowed for the following groups:\n\t- Sales/Administrator\n"
        "Contact your administrator to request access if necessary."
    )
    assert cleaned(message) == "Missing required value for the field Opportunity."
    assert len(cleaned("x" * 900)) == 500


def test_what_load_says_is_told_at_the_mapping_s_property() -> None:
    told = [
        {"type": "warning", "message": "Never mind."},
        {"type": "error", "field": "country_id", "message": "No matching record found for name 'ZZ'"},
    ]
    error = refusal(told, "Odoo", {"country_id": "country_id.code"}.__getitem__)
    assert isinstance(error, CrmRefused)
    assert error.fields == {"country_id.code": "No matching record found for name 'ZZ'"}
    assert str(error) == "No matching record found for name 'ZZ'"


def test_two_that_met_in_load_are_to_come_again() -> None:
    told = [{"type": "error", "message": "could not serialize access due to concurrent update\n"}]
    assert isinstance(refusal(told, "Odoo", str), CrmUnavailable)


def test_what_is_no_word_of_odoo_s() -> None:
    assert said(None) is None
    assert said({"error": "bad gateway"}) is None


# ----------------------------------------------------------------------------------------------- marks and standings


def test_the_last_twenty_marks_are_kept() -> None:
    held = ""
    for number in range(25):
        held = " ".join(with_mark(held, f"m{number}"))
    assert held.split() == [f"m{number}" for number in range(5, 25)]
    assert list(with_mark("a b a2", "a")) == ["b", "a2", "a"]


_PAID = {"state": "posted", "move_type": "out_invoice", "payment_state": "paid"}
_OPEN = {**_PAID, "payment_state": "not_paid"}


@pytest.mark.parametrize(
    ("order", "invoices", "expected"),
    [
        ({"state": "draft"}, [], "placed"),
        ({"state": "sale", "delivery_status": "pending", "invoice_status": "to invoice"}, [], "confirmed"),
        ({"state": "sale", "delivery_status": "full", "invoice_status": "to invoice"}, [], "fulfilled"),
        ({"state": "sale", "delivery_status": "full", "invoice_status": "invoiced"}, [_OPEN], "invoiced"),
        (
            {"state": "sale", "delivery_status": "full", "invoice_status": "invoiced"},
            [_PAID, _OPEN],
            "invoiced",
        ),
        ({"state": "sale", "delivery_status": "full", "invoice_status": "invoiced"}, [_PAID], "paid"),
        ({"state": "sale", "invoice_status": "invoiced"}, [{**_OPEN, "state": "draft"}], "confirmed"),
        ({"state": "cancel", "invoice_status": "no"}, [_PAID], "cancelled"),
    ],
)
def test_how_far_an_order_has_come(
    order: dict[str, str], invoices: list[dict[str, str]], expected: str
) -> None:
    assert progress(order, invoices) == expected


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"state": "posted", "payment_state": "not_paid", "invoice_date_due": "2026-11-29"}, "open"),
        ({"state": "posted", "payment_state": "partial", "invoice_date_due": "2026-11-28"}, "overdue"),
        ({"state": "posted", "payment_state": "in_payment", "invoice_date_due": "2026-11-01"}, "paid"),
        ({"state": "posted", "payment_state": "not_paid", "invoice_date_due": False}, "open"),
        ({"state": "cancel", "payment_state": "not_paid"}, "cancelled"),
    ],
)
def test_how_an_invoice_stands(move: dict[str, Any], expected: str) -> None:
    assert standing(move, date(2026, 11, 29)) == expected


def test_words_that_begin_with_a_fields_label_are_about_that_field() -> None:
    labels = {"email": "email_from", "customer name": "partner_name"}
    [said_so] = labelled("Email: Use the customer's business address, not a private one.", labels).items()
    assert said_so == ("email_from", "Use the customer's business address, not a private one.")
    assert labelled("CUSTOMER NAME: too short", labels) == {"partner_name": "too short"}
    assert labelled("Note: nothing was saved", labels) == {}
    assert labelled("Email", labels) == {}
    assert labelled("Email: ", labels) == {}


def test_a_rule_of_the_vendors_is_said_at_the_field_it_names() -> None:
    words = [{"type": "error", "message": "Email: Use the customer's business address."}]
    found = refusal(words, "Odoo", lambda name: f"property {name}", {"email": "email_from"})
    assert isinstance(found, CrmRefused)
    assert found.fields == {"property email_from": "Use the customer's business address."}
    written = translated(
        Said("odoo.exceptions.UserError", "Email: Use another."),
        "Odoo",
        writing=True,
        labels={"email": "email_from"},
    )
    assert isinstance(written, CrmRefused)
    assert written.fields == {"email_from": "Use another."}
