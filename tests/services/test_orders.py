"""Orders and what belongs to records: steps with their days, the line of truth, search that answers, what is due."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.services.due_windows import spans
from app.services.journey import Passed
from app.services.narrowed import narrowed
from app.services.passing import of_chip, window_chip
from app.services.views_model import RecordView
from app.services.web_links import safe_address
from app.store.query import field_equals
from tests.services.conftest import COMPANY, World, partner_manifest

LINES = [
    {"name": "Edge 220", "quantity": "14", "value": "100.00", "shipped": "14"},
    {"name": "Insight", "quantity": "2", "value": "50.00", "shipped": "2"},
    {"name": "Care", "quantity": "14", "value": "10.00", "shipped": "0"},
]
SHIPPED: Mapping[str, Any] = {
    "number": "ORD-58214",
    "company": COMPANY,
    "customer": "Norvik Shipping",
    "po_reference": "PO-7781",
    "currency": "EUR",
    "placed_at": "2026-11-12",
    "expected_at": "2026-11-25",
    "carrier": "DHL",
    "tracking": "3391",
    "shipped_at": "2026-11-20",
    "lines": LINES,
    "state": "confirmed",
}


def order(world: World, name: str = "1", **changes: Any) -> RecordView:
    record = world.portal.records.get(world.put("order", name, **{**SHIPPED, **changes}))
    assert record is not None
    return record


ONE_LINE: Sequence[tuple[dict[str, Any], str]] = (
    ({}, "Shipped, 2 of 3 lines · DHL 3391 · expected Wed 25 Nov"),
    ({"lines": LINES[:2]}, "Shipped · DHL 3391 · expected Wed 25 Nov"),
    (
        {"expected_at": "2026-11-18"},
        "Shipped, 2 of 3 lines · DHL 3391 · was expected Wed 18 Nov · 5 days late",
    ),
    ({"delivered_at": "2026-11-22", "state": "fulfilled"}, "Delivered Sun 22 Nov · DHL 3391"),
    (
        {"shipped_at": None, "carrier": None, "tracking": None, "lines": LINES[2:]},
        "Confirmed · expected Wed 25 Nov",
    ),
    ({"shipped_at": None, "tracking": None, "carrier": None, "lines": [], "expected_at": None}, "Confirmed"),
    ({"state": "cancelled", "tracking": None, "carrier": None}, "Cancelled"),
    ({"lines": "rubbish", "expected_at": "rubbish"}, "Shipped · DHL 3391"),
)


def test_where_an_order_is_in_one_line(world: World) -> None:
    for number, (changes, words) in enumerate(ONE_LINE):
        assert world.portal.about.answer(order(world, str(number), **changes)).words == words


def test_what_other_records_say_in_one_line(world: World) -> None:
    invoice = world.put("invoice", "1", number="INV-1", balance="6412.50", currency="EUR", due_at="2026-11-20",
                        state="overdue")  # fmt: skip
    renewal = world.put(
        "renewal", "1", number="RN-1", customer="Norvik", term_end="2026-11-28", state="quoted"
    )
    deal = world.deal()
    said = {
        gid: world.portal.about.answer(record).words
        for gid in (invoice, renewal, deal)
        if (record := world.portal.records.get(gid))
    }
    assert said[invoice] == "Overdue · €6,412.50 to pay · was due Fri 20 Nov"
    assert said[renewal] == "Quoted · 5 days left · your turn"
    assert said[deal] == "Approved · 90 days left"


def test_an_answer_that_is_old_says_as_of_when(world: World) -> None:
    record = order(world)
    at = world.clock.now()
    world.store.cursors.write(replace(world.store.cursors.read(), as_of=at))
    world.clock.go(minutes=10)
    assert "as of" not in world.portal.about.answer(record).words
    world.clock.go(minutes=80)
    answer = world.portal.about.answer(record)
    assert answer.words.endswith("· as of 09:41")
    assert answer.as_of == at


def test_search_answers_where_an_order_is(world: World) -> None:
    order(world)
    world.put("request", "9", number="REQ-9", subject="Wrong serials in the order of Norvik", state="open")
    for typed in ("ORD-58214", "PO-7781", "order norvik", "norvik order", "ord norv", "3391"):
        hit = world.portal.search.query(typed)[0]
        assert hit.entity == "order", typed
        assert "Shipped, 2 of 3 lines · DHL 3391 · expected Wed 25 Nov" in hit.detail, typed


def test_a_search_may_name_a_kind() -> None:
    manifest = partner_manifest()
    for typed, entity, rest in (
        ("order norvik", "order", "norvik"),
        ("Orders norvik", "order", "norvik"),
        ("norvik order", "order", "norvik"),
        ("inv corvin", "invoice", "corvin"),
        ("corvin inv", None, "corvin inv"),
        ("order", None, "order"),
        ("norvik shipping", None, "norvik shipping"),
        ("or norvik", None, "or norvik"),
    ):
        found, left = narrowed(manifest, typed)
        assert (found.name if found else None, left) == (entity, rest), typed


def test_the_steps_of_an_order_say_when_and_what_is_late(world: World) -> None:
    events = [
        {"at": "2026-11-12T09:00:00Z", "kind": "placed"},
        {"at": "2026-11-13T10:30:00Z", "kind": "confirmed"},
    ]
    steps = world.portal.about.steps(order(world, timeline=events))
    assert [(one.label, one.passed, one.when) for one in steps] == [
        ("Placed", Passed.DONE, "Thu 12 Nov"),
        ("Confirmed", Passed.NOW, "Fri 13 Nov"),
        ("Fulfilled", Passed.AHEAD, "Expected Wed 25 Nov"),
        ("Invoiced", Passed.AHEAD, ""),
        ("Paid", Passed.AHEAD, ""),
    ]
    late = world.portal.about.steps(order(world, expected_at="2026-11-18"))[2]
    assert (late.when, late.late) == ("Was expected Wed 18 Nov", "5 days late")
    paid = world.portal.about.steps(order(world, state="paid", delivered_at="2026-11-20"))
    assert all(one.passed is Passed.DONE for one in paid)
    cancelled = world.portal.about.steps(order(world, state="cancelled", timeline=events))
    assert [(one.label, one.passed) for one in cancelled] == [
        ("Placed", Passed.DONE), ("Confirmed", Passed.DONE), ("Fulfilled", Passed.DONE),
        ("Cancelled", Passed.ENDED),
    ]  # fmt: skip
    odd = world.portal.about.steps(order(world, state="from_a_newer_manifest"))
    assert odd[-1].passed is Passed.ENDED


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("https://track.dhl.example/3391?x=1", "https://track.dhl.example/3391?x=1"),
        ("track.dhl.example/3391", "https://track.dhl.example/3391"),
        ("http://track.dhl.example/3391", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https://localhost/x", ""),
        ("https://dhl.example@evil.example/", ""),
        ("https://dhl.example/\nX: y", ""),
        ("https://dhl.example\\@evil.example", ""),
        ("https://dhl.example:notaport/", ""),
        ("https://" + "a" * 3000 + ".example", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_only_https_addresses_are_handed_to_the_desktop(given: Any, opened: str) -> None:
    assert safe_address(given) == opened


# -- what belongs to a record, what is due ------------------------------------------------------------------
def test_related_records_are_counted_and_the_first_are_named(world: World) -> None:
    record = order(world)
    other = order(world, "2", number="ORD-2")
    for number in range(7):
        world.put("invoice", str(number), number=f"INV-{number}", order=record.gid, customer="Norvik Shipping",
                  balance="5.00", total="10.00", currency="EUR", issued_at=f"2026-11-{10 + number}",
                  due_at="2026-12-01", state="open")  # fmt: skip
    world.put("invoice", "x", number="INV-X", order=other.gid, state="open")
    (group,) = world.portal.about.related(record)
    assert (group.label, group.count, len(group.lines)) == ("Invoices", 7, 5)
    first = group.lines[0]
    assert (first.title, first.detail, first.state) == ("INV-6", "€10.00 · Due 1 Dec 2026", "Open")
    assert group.chip == of_chip("order", record.gid)
    assert world.portal.records.count("invoice", group.chip) == 7
    assert world.portal.about.chip_words("invoice", group.chip) == "Order ORD-58214"
    world.deal()
    assert world.portal.about.related(other)[0].count == 1


def test_a_related_type_this_user_has_not_is_left_out(world: World) -> None:
    record = order(world)
    manifest = world.portal.manifest
    cut = manifest.changed(entities=tuple(one for one in manifest.entities if one.name != "invoice"))
    world.store.cursors.save_manifest(json.dumps(cut.model_dump(mode="json")), "etag-2")
    world.portal.reload()
    assert world.portal.about.related(record) == ()


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ((30, 60, 90), ((0, 30), (31, 60), (61, 90))),
        ((90, 30, 30), ((0, 30), (31, 90))),
        ((7,), ((0, 7),)),
        ((), ()),
        ((-5, 0, 10), ((0, 0), (1, 10))),
    ],
)
def test_windows_do_not_overlap(days: tuple[int, ...], found: tuple[tuple[int, int], ...]) -> None:
    assert spans(days) == found


def test_what_comes_due_is_counted_by_window_and_the_list_shows_just_that(world: World) -> None:
    ends = {
        "yesterday": ("2026-11-22", "quoted"), "today": ("2026-11-23", "quoted"), "30": ("2026-12-23", "upcoming"),
        "31": ("2026-12-24", "quoted"), "60": ("2027-01-22", "intent_sent"), "90": ("2027-02-21", "upcoming"),
        "91": ("2027-02-22", "upcoming"), "lapsed": ("2026-12-01", "lapsed"),
    }  # fmt: skip
    for name, (end, state) in ends.items():
        world.put("renewal", name, number=name, term_end=end, state=state, amount="10.00",
                  currency="GBP" if name != "31" else "EUR")  # fmt: skip
    windows = world.portal.about.windows("renewal")
    assert [(w.label, w.count, w.waiting, dict(w.totals)) for w in windows] == [
        ("Within 30 days", 2, 1, {"GBP": Decimal(20)}),
        ("31 to 60 days", 2, 1, {"GBP": Decimal(10), "EUR": Decimal(10)}),
        ("61 to 90 days", 1, 0, {"GBP": Decimal(10)}),
    ]
    for window in windows:
        assert len(world.portal.records.ids("renewal", window.chip)) == window.count
    assert world.portal.about.windows("order") == (), "its list asks for none"


def test_a_filter_that_makes_no_sense_holds_nothing(world: World) -> None:
    order(world)
    for chip in (
        "window:x:9",
        "window:1",
        "window:99999:100000",
        "of:nofield:gid",
        "of:",
        window_chip(0, 30),
    ):
        assert world.portal.records.ids("order", chip) == [], chip


def test_related_records_are_found_by_an_index(world: World) -> None:
    world.store.mirror.build_indexes(world.portal.manifest)
    entity = world.portal.entity("invoice")
    where = field_equals(entity, "order", "gid")
    plan = world.store.connection.rows(
        f"EXPLAIN QUERY PLAN SELECT count(*) FROM record WHERE entity = 'invoice' AND ({where.sql})",
        where.params,
    )
    assert "SEARCH record USING INDEX list:invoice:order" in str(plan)


def test_amounts_of_lines_are_written_as_all_amounts(world: World) -> None:
    rows = [
        {"name": "a", "value": "45,360.00 GBP"},
        {"name": "b", "value": "12.50"},
        {"name": "c", "value": "on request"},
    ]
    gid = world.put("order", "o", customer="Norvik", state="confirmed", currency="EUR", lines=rows)
    order = world.portal.records.get(gid)
    assert order is not None
    assert [line.amount for line in world.portal.about.lines(order)] == ["£45,360.00", "€12.50", "on request"]
