"""A receipt opened from a deal's timeline: fetched, told, exported, and offline as well as on line."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.contract.evidence import Verdict, check, from_file
from app.contract.receipts import Receipt, short_name
from app.services.views_model import ReceiptArrived
from app.views.page import Place
from app.views.records.page import RecordsPage
from app.views.records.record.receipt import ReceiptPane
from app.views.theme.theme import Theme
from app.views.widgets.buttons import Button
from app.views.widgets.text import Text
from app.views.widgets.timeline import Event, EventList, EventRow
from tests.contract.test_evidence import SIGNING, batch, public
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

DEAL = "deal_registration"


@pytest.fixture
def receipt(stage: Stage) -> Receipt:
    """The receipt of a conversion that the vendor has carried out; it is not on this computer yet."""
    deal = stage.world.deal()
    done = stage.portal.intents.command(deal, "convert", {"po_reference": "PO-77"})
    now = stage.world.clock.now()
    body = batch()[0].body.model_copy(
        update={
            "mutation_id": done.mutation_id, "gid": deal, "captured_at": now,
            "received_at": now + timedelta(minutes=2), "written_at": now + timedelta(minutes=2),
        }
    )  # fmt: skip
    stage.world.store.outbox.settle(done.mutation_id, "applied", now, receipt=short_name(body.leaf()))
    converted = {"at": "2026-11-23T09:41:00Z", "by": "Maya Okafor", "kind": "converted", "text": "Converted"}
    stage.world.deal(state="converted", timeline=[converted])
    signature = SIGNING.sign(body.leaf().encode()).hex()
    return Receipt(body=body, path=(), root=body.leaf(), signature=signature, key=public(SIGNING))


@pytest.fixture
def page(stage: Stage, receipt: Receipt, tmp_path: Path, qtbot: QtBot) -> RecordsPage:
    made = RecordsPage(stage.context, DEAL)
    made.detail.receipt._ask = lambda _parent, suggested: tmp_path / suggested.name
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place(DEAL, gid=receipt.body.gid))
    QApplication.processEvents()
    return made


def open_receipt(page: RecordsPage) -> ReceiptPane:
    (entry,) = [row for row in page.detail.reading.findChildren(EventRow) if row.link is not None]
    assert entry.link is not None
    QTest.mouseClick(entry.link, Qt.MouseButton.LeftButton)
    assert page.detail.receipt.isVisibleTo(page)
    return page.detail.receipt


def words(widget: QWidget) -> set[str]:
    settle()
    return {text.text() for text in widget.findChildren(Text) if text.isVisibleTo(widget)}


def arrive(stage: Stage, receipt: Receipt) -> None:
    now = stage.world.clock.now()
    stage.world.store.receipts.trust(receipt.key, now)
    stage.world.store.receipts.keep(receipt, now)
    stage.tell(ReceiptArrived(receipt.body.mutation_id))


def test_the_timelines_receipt_opens_is_fetched_and_told(
    stage: Stage, page: RecordsPage, receipt: Receipt
) -> None:
    pane = open_receipt(page)
    assert stage.loop.receipts == [receipt.body.mutation_id]
    assert {f"Receipt {short_name(receipt.body.leaf())}", "Fetching it"} <= words(pane)
    assert not pane.export.isEnabled()
    arrive(stage, receipt)
    said = words(pane)
    assert {"Signed, and nothing in it was changed", "Captured", "Received", "Written", "Signed by"} <= said
    assert any("this computer’s clock" in text for text in said)
    assert pane.export.isEnabled()
    assert unnamed(pane) == []


def test_an_export_is_written_whole_and_can_be_checked(
    stage: Stage, page: RecordsPage, receipt: Receipt, tmp_path: Path, qtbot: QtBot
) -> None:
    arrive(stage, receipt)
    pane = open_receipt(page)
    assert stage.loop.receipts == [], "what is here is not fetched"
    QTest.mouseClick(pane.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(stage.toasts))
    target = tmp_path / f"receipt-{short_name(receipt.body.leaf())}.counterpart-receipt"
    assert stage.toasts[-1].text.startswith(f"Exported as {target.name}")
    assert check(from_file(target.read_text(encoding="utf-8"))) is Verdict.VALID
    assert json.loads(target.read_text(encoding="utf-8"))["body"]["gid"] == receipt.body.gid


def test_offline_what_is_here_is_told_and_what_is_not_says_when(
    stage: Stage, page: RecordsPage, receipt: Receipt
) -> None:
    stage.offline()
    pane = open_receipt(page)
    assert stage.loop.receipts == []
    assert "Not on this computer yet" in words(pane)
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    assert not pane.isVisibleTo(page)
    stage.world.store.receipts.keep(receipt, stage.world.clock.now())
    assert "Signed, and nothing in it was changed" in words(open_receipt(page))


def test_a_receipt_that_was_refused_says_why(stage: Stage, page: RecordsPage, receipt: Receipt) -> None:
    pane = open_receipt(page)
    problem = "This receipt does not hold: its signature is wrong."
    stage.tell(ReceiptArrived("another", "Nothing of this one."))
    assert "Fetching it" in words(pane)
    stage.tell(ReceiptArrived(receipt.body.mutation_id, problem))
    assert {"Not taken", problem} <= words(pane)
    assert not pane.accept.isVisibleTo(pane)


def test_a_strange_key_is_taken_only_when_the_person_accepts_it(
    stage: Stage, page: RecordsPage, receipt: Receipt
) -> None:
    pane = open_receipt(page)
    stage.tell(ReceiptArrived(receipt.body.mutation_id, "Signed with another key.", receipt.key))
    assert "Signed with another key" in words(pane)
    assert stage.world.store.receipts.known_keys() == ()
    QTest.mouseClick(pane.accept, Qt.MouseButton.LeftButton)
    assert [one.key for one in stage.world.store.receipts.known_keys()] == [receipt.key]
    assert stage.loop.receipts == [receipt.body.mutation_id] * 2, "it is fetched again"
    assert not pane.accept.isVisibleTo(pane)


def test_a_link_is_reached_by_key_and_stays_when_the_row_is_narrow(page: RecordsPage) -> None:
    (entry,) = [row for row in page.detail.reading.findChildren(EventRow) if row.link is not None]
    assert isinstance(entry.link, Button)
    assert entry.link.accessibleName().startswith("Receipt R-")
    entry.link.setFocus(Qt.FocusReason.TabFocusReason)
    for width in (600, 300, 190):
        entry.resize(width, entry.height())
        assert entry.link.width() == entry.link.sizeHint().width()
        assert entry.link.geometry().right() < width
    QTest.keyClick(entry.link, Qt.Key.Key_Space)
    assert page.detail.receipt.isVisibleTo(page)


def test_it_follows_the_scheme(stage: Stage, page: RecordsPage, receipt: Receipt) -> None:
    arrive(stage, receipt)
    assert follows_scheme(open_receipt(page), stage.theme)


def test_rows_are_told_what_they_show_and_stand_where_they_stood(theme: Theme, qtbot: QtBot) -> None:
    """A line more is no reason to build the others anew; what has no link is cut at its end, not at a comma."""
    events = EventList(theme)
    qtbot.addWidget(events)
    events.resize(260, 100)
    events.show()
    opened: list[str] = []
    events.opened.connect(opened.append)
    first = Event("send", "Submitted by you, receipt R-1", "09:41", link="R-1", key="m1")
    events.set_events([first])
    (before,) = events.findChildren(EventRow)
    long = Event("arrow-up", "Sent: Camera links for the dome, Harrowgate, receipt R-01F2 and more", "09:42")
    events.set_events([long, first])
    settle()
    rows = events.findChildren(EventRow)
    assert rows[0] is before
    assert [row.accessibleName() for row in rows] == [f"{long.text}, 09:42", f"{first.text}, 09:41"]
    assert rows[0].link is None
    assert rows[0]._fitting(100) == long.text
    assert rows[1].link is not None
    QTest.mouseClick(rows[1].link, Qt.MouseButton.LeftButton)
    events.set_events([first])
    settle()
    (left,) = [row for row in events.findChildren(EventRow) if row.isVisibleTo(events)]
    assert left is before
    assert left.link is not None
    QTest.mouseClick(left.link, Qt.MouseButton.LeftButton)
    assert opened == ["m1", "m1"]
