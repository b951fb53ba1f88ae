"""Orders, invoices, renewals and memberships: found, read, answered; on line and off."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.contract.ids import source_gid
from app.services.journey import Passed
from app.services.views_model import DocState
from app.views.orders.page import OrdersPage
from app.views.page import Place
from app.views.records.page import RecordsPage
from app.views.records.record.related import RelatedPart, RelatedRow
from app.views.renewals.credentials import CredentialCard
from app.views.renewals.page import MembershipsPage, RenewalsPage
from app.views.requests.page import RequestsPage
from app.views.shell.palette_source import PaletteSource
from app.views.widgets.dialog import Dialog
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle


def named(page: QWidget, name: str) -> QPushButton:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    return found[0]


def press(page: QWidget, name: str) -> None:
    QTest.mouseClick(named(page, name), Qt.MouseButton.LeftButton)
    settle()


def part(page: RecordsPage, kind: str) -> QWidget:
    return next(one for one in page.detail.reading.parts if type(one).__name__ == kind)


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def orders(stage: Stage, opened: list[str], qtbot: QtBot) -> OrdersPage:
    gid = sample.orders(stage.world)

    def open_it(address: str) -> bool:
        opened.append(address)
        return "refused" not in address

    made = OrdersPage(stage.context, open_it=open_it)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("order", gid=gid))
    QApplication.processEvents()
    return made


# -- orders -------------------------------------------------------------------------------------------------
def test_an_order_says_where_it_is(stage: Stage, orders: OrdersPage) -> None:
    journey = part(orders, "JourneyPart").journey  # type: ignore[attr-defined]
    assert [(one.label, one.passed) for one in journey.steps][:3] == [
        ("Placed", Passed.DONE), ("Confirmed", Passed.NOW), ("Fulfilled", Passed.AHEAD),
    ]  # fmt: skip
    assert "Fulfilled to come Expected Wed 25 Nov" in journey.accessibleName()
    assert part(orders, "ShipmentPart").words == ("DHL 3391", "Shipped Fri 20 Nov\n2 of 3 lines")  # type: ignore[attr-defined]
    told = {fact.label for fact in orders.detail.reading.shown_facts}
    assert not {"Carrier", "Tracking", "Expected", "Follow the shipment"} & told, (
        "told by the card and the steps"
    )
    stage.world.put("order", "norvik", expected_at="2026-11-18")
    orders.refresh()
    assert "5 days late" in journey.accessibleName()
    assert unnamed(orders) == []
    assert follows_scheme(orders, stage.theme)


def test_a_shipment_is_followed_by_https_alone(stage: Stage, orders: OrdersPage, opened: list[str]) -> None:
    press(orders, "shipment.follow")
    assert opened == ["https://track.dhl.example/3391"]
    press(orders, "shipment.copy")
    assert QGuiApplication.clipboard().text() == "3391"
    assert stage.toasts[-1].text == "3391 copied"
    stage.offline()
    follow = named(orders, "shipment.follow")
    assert not follow.isEnabled()
    assert "offline" in follow.toolTip()
    stage.online()
    stage.world.put("order", "norvik", tracking_url="http://track.dhl.example/3391")
    orders.refresh()
    assert not named(orders, "shipment.follow").isEnabled()
    stage.world.put("order", "norvik", tracking_url="https://refused.example/")
    orders.refresh()
    press(orders, "shipment.follow")
    assert "Nothing on this computer opens" in stage.toasts[-1].text


def test_the_invoices_of_an_order_are_read_saved_and_kept(
    stage: Stage, orders: OrdersPage, tmp_path: Path
) -> None:
    stage.offline()
    invoices = part(orders, "InvoicesPart")
    press(invoices, "invoice.keep")
    gid = source_gid("test", "invoice", "INV-20979")
    assert stage.portal.documents.state(gid).kept
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert not stage.portal.documents.state(gid).kept
    press(invoices, "invoice.open")
    assert orders.detail.closable, "its file lies over the order"
    orders.detail.cancel()
    row = invoices.findChildren(RelatedRow)[0]
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert stage.opened == [gid]


def test_a_file_that_is_not_here_is_pulled_by_opening_it(stage: Stage, orders: OrdersPage) -> None:
    gid = sample.invoice(stage.world, "INV-9", source_gid("test", "order", "norvik"), issued_at="2026-11-22",
                         sha256="ab" * 32)  # fmt: skip
    orders.refresh()
    invoices = part(orders, "InvoicesPart")
    assert not named(invoices, "invoice.save").isEnabled()
    press(invoices, "invoice.open")
    assert stage.portal.documents.state(gid).state is DocState.QUEUED


def test_typing_a_number_in_the_palette_answers_where_the_order_is(stage: Stage, orders: OrdersPage) -> None:
    source = PaletteSource(stage.portal, stage.bridge, list, stage.gone.append, dict)
    shown: list[str] = []
    stage.offline()
    for typed in ("ORD-58214", "PO-7781", "order norvik"):
        source.ask(typed, lambda entries: shown.append(next(one.note for one in entries if one.mark)))
    assert all("Shipped, 2 of 3 lines · DHL 3391 · expected Wed 25 Nov" in one for one in shown), shown


# -- related ------------------------------------------------------------------------------------------------
def test_more_related_records_than_fit_lead_to_the_list_of_all(
    stage: Stage, orders: OrdersPage, qtbot: QtBot
) -> None:
    deal = stage.world.deal()
    for number in range(7):
        stage.world.request(f"r{number}", number=f"REQ-{number}", deal=deal, subject=f"Question {number}")
    stage.world.request("other", subject="Something else")
    page = RecordsPage(stage.context, "deal_registration")
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place("deal_registration", gid=deal))
    related = next(one for one in page.detail.reading.parts if isinstance(one, RelatedPart))
    (group,) = related.shown
    assert (group.label, group.count, len(related.findChildren(RelatedRow))) == ("Requests", 7, 5)
    press(page, "related.all")
    place = stage.gone[-1]
    assert isinstance(place, Place)
    assert place.page == "request"
    requests = RequestsPage(stage.context)
    qtbot.addWidget(requests)
    stage.show(requests)
    requests.arrive(place)
    assert requests.model.rowCount() == 7
    assert requests.narrowing.words() == "Deal DR-2026-0417"
    invoices = RecordsPage(stage.context, "invoice")
    qtbot.addWidget(invoices)
    stage.show(invoices)
    gid = source_gid("test", "order", "corvin")
    invoices.arrive(Place("invoice", chip=f"of:order:{gid}"))
    assert [invoices.model.gid_at(n) for n in range(invoices.model.rowCount())] == [
        source_gid("test", "invoice", "INV-20977")
    ]
    assert invoices.chips.current() == f"of:order:{gid}"
    invoices.chips._chips["all"].click()
    assert invoices.model.rowCount() == 3, "the passing filter goes with the next chip"


# -- renewals -----------------------------------------------------------------------------------------------
@pytest.fixture
def renewals(stage: Stage, qtbot: QtBot) -> RenewalsPage:
    gid = sample.renewals(stage.world)
    made = RenewalsPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("renewal", gid=gid))
    QApplication.processEvents()
    return made


def test_a_window_filters_the_list_to_what_it_counts(stage: Stage, renewals: RenewalsPage) -> None:
    def tile(first: int) -> QWidget:
        settle()
        return next(
            one
            for one in renewals.narrowing.tiles.findChildren(QWidget, f"window.{first}")
            if not one.isHidden()
        )

    assert "31 to 60 days, 2" in tile(31).accessibleName()
    QTest.mouseClick(tile(31), Qt.MouseButton.LeftButton)
    assert renewals.model.rowCount() == 2
    assert "shown now" in tile(31).accessibleName()
    tile(31).setFocus()
    QTest.keyClick(tile(31), Qt.Key.Key_Return)
    assert renewals.model.rowCount() == 10
    assert "due30" not in renewals.chips._chips, "the tiles say that already"
    assert unnamed(renewals) == []


def test_one_click_renews_as_quoted_and_can_be_undone(stage: Stage, renewals: RenewalsPage) -> None:
    quote = part(renewals, "QuotePart")
    assert quote.words == ("£18,720.00", "240 × £78.00", "Valid until Wed 25 Nov · 2 days left")  # type: ignore[attr-defined]
    stage.offline()
    assert named(renewals, "detail.command.renew_as_quoted").text() == "Renew as quoted (waits to send)"
    press(renewals, "detail.command.renew_as_quoted")
    assert [m.command.name for m in stage.world.sent() if m.command] == ["renew_as_quoted"]
    assert stage.toasts[-1].text == "Renewed as quoted. Sent when you are back."
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []


def test_a_renewal_tells_each_thing_once(stage: Stage, renewals: RenewalsPage) -> None:
    reading = renewals.detail.reading
    record = stage.portal.records.get(renewals.detail.gid)
    assert record is not None
    assert record.subtitle
    assert record.subtitle not in [fact.value for fact in reading.shown_facts], "its head says so"
    quote = part(renewals, "QuotePart")
    assert reading._strip.is_ruled("bottom")
    assert not quote.is_ruled("top"), "one rule between two sections"  # type: ignore[attr-defined]
    stage.world.put("renewal", "one", customer="Kestrel", product="Gold", quantity=1, amount="340.00",
                    currency="GBP", unit_price="340.00", state="quoted", term_end="2026-12-24")  # fmt: skip
    renewals.arrive(Place("renewal", gid=source_gid("test", "renewal", "one")))
    assert quote.words[1] == "", "one of something costs what stands above"  # type: ignore[attr-defined]


def test_an_invoice_names_its_order_by_number(stage: Stage, orders: OrdersPage) -> None:
    invoice = stage.portal.records.rows(stage.portal.records.ids("invoice"))[0]
    order = stage.portal.records.get(str(invoice.data["order"]))
    assert order is not None
    assert order.number != order.title
    assert stage.portal.records.value_words("invoice", "order", invoice.data) == order.number


def test_another_quantity_shows_its_sum_at_once(stage: Stage, renewals: RenewalsPage) -> None:
    press(renewals, "detail.command.send_intent")
    asking = renewals.detail.asking
    assert asking.sum.text() == "£18,720.00, as quoted"  # type: ignore[attr-defined]
    press(renewals, "quantity.more")
    assert asking.sum.text().startswith("About £18,798.00 for 241. An estimate")  # type: ignore[attr-defined]
    stepper = asking.stepper  # type: ignore[attr-defined]
    edit = stepper.field.control.edit
    edit.selectAll()
    QTest.keyClicks(edit, "0")
    press(renewals, "detail.command.run")
    assert stage.world.sent() == []
    assert "let it lapse" in stepper.field.error
    edit.selectAll()
    QTest.keyClicks(edit, "260")
    assert "£20,280.00" in asking.sum.text()  # type: ignore[attr-defined]
    press(renewals, "detail.command.run")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert mutation.command.args == {"intent": "change", "wanted_quantity": 260}
    assert "Wanted" in " ".join(
        one.accessibleName() for one in part(renewals, "QuotePart").findChildren(QWidget)
    )


def test_letting_a_contract_lapse_asks_once(stage: Stage, renewals: RenewalsPage) -> None:
    press(renewals, "detail.command.lapse")
    assert stage.world.sent() == []
    dialog = renewals.findChild(Dialog, "renewal.lapse")
    assert dialog is not None
    QTest.mouseClick(dialog.safe_button, Qt.MouseButton.LeftButton)
    assert stage.world.sent() == []
    settle()
    press(renewals, "detail.command.lapse")
    dialog = renewals.findChild(Dialog, "renewal.lapse")
    assert dialog is not None
    QTest.mouseClick(dialog.verb_button, Qt.MouseButton.LeftButton)
    assert [m.command.args for m in stage.world.sent() if m.command] == [{"intent": "lapse"}]
    settle()
    assert not [
        b for b in renewals.findChildren(QPushButton, "detail.command.lapse") if b.isVisibleTo(renewals)
    ]


def test_what_was_ordered_leads_to_the_order_and_the_renewed_credential(
    stage: Stage, renewals: RenewalsPage
) -> None:
    renewals.arrive(Place("renewal", gid=source_gid("test", "renewal", "gold")))
    ordered = part(renewals, "OrderedPart")
    row = ordered.findChildren(RelatedRow)[0]
    assert row.accessibleName() == "ORD-58230, expected Mon 30 Nov, Placed"
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert stage.opened == [source_gid("test", "order", "renewed")]
    card = part(renewals, "CredentialPart").card  # type: ignore[attr-defined]
    assert card.validity == "1 Jan 2026 to 31 Dec 2026 · 38 days left"
    press(card, "certificate.keep")
    assert stage.portal.documents.state(source_gid("test", "membership", "gold")).kept


def test_a_membership_tells_how_long_it_holds_and_leads_to_its_renewal(
    stage: Stage, renewals: RenewalsPage, qtbot: QtBot
) -> None:
    stage.world.put("renewal", "m2", number="RN-1201", membership=source_gid("test", "membership", "edge"),
                    state="quoted", term_end="2028-02-29")  # fmt: skip
    page = MembershipsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place("membership", gid=source_gid("test", "membership", "vault")))
    card = page.detail.findChild(CredentialCard)
    assert card is not None
    assert card.validity == "Ended 30 Sept 2026"
    page.arrive(Place("membership", gid=source_gid("test", "membership", "edge")))
    press(card, "credential.renewal")
    assert stage.opened == [source_gid("test", "renewal", "m2")]
    assert page.model.rowCount() == 3
    assert unnamed(page) == []
