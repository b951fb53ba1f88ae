"""Lists as one chooses to work in them: several at once, columns and filters of one's own, and what leaves the app."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QPagedPaintDevice, QPdfWriter
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.contract.manifest import Chip, Filter
from app.contract.mutations import Kind
from app.services.bulk import Bulk, Offer
from app.services.exporting.export import Format
from app.services.going import Going
from app.services.pdf import PdfFile
from app.services.records import Records
from app.services.views_model import Listing, RecordView
from app.views.approvals.page import ApprovalsPage
from app.views.documents.page import DocumentsPage
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.records.listing import export
from app.views.records.listing.filter_panel import FilterPanel
from app.views.records.page import RecordsPage
from app.views.requests.page import RequestsPage
from app.views.shell.palette_list import Group
from app.views.widgets.choice_controls import CheckBox
from app.views.widgets.dialog import Dialog
from app.views.widgets.popup import Popup
from tests.views import sample
from tests.views.checks import unnamed
from tests.views.stage import Stage, settle

DEAL = "deal_registration"
#: Seconds a signal may take to come on a machine that has much else to do.
_PATIENCE = 60
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture(autouse=True)
def _still_popups(monkeypatch: pytest.MonkeyPatch) -> None:
    """The offscreen platform opens no popup; what stands in one is asked without."""
    monkeypatch.setattr(Popup, "show", lambda _popup: None)


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> RecordsPage:
    return opened(stage, qtbot)


def opened(stage: Stage, qtbot: QtBot, **ways: object) -> RecordsPage:
    for number, state in enumerate(("submitted", "action_required", "approved", "approved", "submitted")):
        stage.world.deal(
            f"{number}",
            customer=f"Customer {number}",
            state=state,
            amount=f"{number}00.50",
            updated_at=f"2026-11-20T10:00:0{9 - number}Z",
        )
    made = RecordsPage(stage.context, DEAL, **ways)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    stage.show(made)
    return made


def named(page: QWidget, name: str) -> QPushButton:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    return found[0]


def press(page: QWidget, name: str) -> None:
    QTest.mouseClick(named(page, name), Qt.MouseButton.LeftButton)
    settle()


def mark(page: RecordsPage, first: int, more: int) -> None:
    """Mark rows by keyboard, and wait until it is known what can be done with them."""
    page.table.choose_row(first)
    for _ in range(more):
        QTest.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    offered = QSignalSpy(page.marking.offered)
    page.marking.look()
    came(offered)
    settle()


def came(spy: QSignalSpy) -> None:
    """Wait for a signal. `QSignalSpy.wait` would keep the threads it waits for from running."""
    end = time.monotonic() + _PATIENCE
    while not spy.count() and time.monotonic() < end:
        QTest.qWait(5)
    assert spy.count()


def names(page: RecordsPage) -> list[str]:
    return [str(page.model.index(row, 0).data()) for row in range(page.model.rowCount())]


def heads(page: RecordsPage) -> list[str]:
    return [str(page.model.headerData(n, Qt.Orientation.Horizontal)) for n in range(page.model.columnCount())]


def test_several_are_marked_counted_and_let_go(stage: Stage, page: RecordsPage) -> None:
    mark(page, 1, 2)
    assert page.foot.marked.text() == "3 selected"
    assert page.detail.gid == page.model.gid_at(3), "the record beside the list is where the keyboard is"
    QTest.mouseClick(
        page.table.viewport(),
        Qt.MouseButton.LeftButton,
        CTRL,
        QPoint(40, page.table.rowViewportPosition(2) + 9),
    )
    assert page.table.marked() == [(1, 1), (3, 3)]
    stage.world.deal("1", customer="Customer one")
    page.refresh()
    assert page.foot.marked.text() == "2 selected", "what is marked stays so when the list is read afresh"
    assert unnamed(page) == []
    press(page, "records.clear")
    assert page.table.mark_count() == 1
    assert not page.foot.marked.isVisibleTo(page)
    QTest.keyClick(page.table, Qt.Key.Key_A, CTRL)
    assert page.foot.marked.text() == "5 selected"


def test_a_wish_for_some_of_them_says_so_asks_once_and_is_undone_together(
    stage: Stage, page: RecordsPage
) -> None:
    mark(page, 0, 3)
    button = named(page, "records.bulk.withdraw")
    assert button.text() == "Withdraw 2 of 4"
    assert button.toolTip() == "2 approved stay as they are."
    press(page, "records.bulk.withdraw")
    dialog = page.findChild(Dialog, "batch.dialog")
    assert dialog is not None
    assert dialog.windowTitle() == "Withdraw 2 deals?"
    assert dialog.accessibleDescription().startswith("2 approved stay as they are. Once Halden has them")
    dialog.reject()
    settle()
    assert stage.world.sent() == []
    press(page, "records.bulk.withdraw")
    again = page.findChild(Dialog, "batch.dialog")
    assert again is not None
    again.verb_button.click()
    settle()
    assert [(one.kind, one.command.name if one.command else "") for one in stage.world.sent()] == [
        (Kind.COMMAND, "withdraw")
    ] * 2
    assert stage.toasts[-1].text == "Withdrawn: 2 deals"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []


def test_one_form_asks_for_all_of_them_and_says_when_it_waits(stage: Stage, page: RecordsPage) -> None:
    stage.offline()
    mark(page, 1, 2)
    assert named(page, "records.bulk.convert").text() == "Convert to order 2 of 3 (waits to send)"
    offers = stage.portal.bulk.offers(DEAL, page.marking.ids())
    page.marking.run(next(one for one in offers if one.command.name == "ask_extension"))
    form = page.marking.form
    assert form.isVisibleTo(page)
    press(page, "batch.run")
    assert form.isVisibleTo(page), "what is missing is asked for"
    assert stage.world.sent() == []
    form.form.show_data({"until": "2027-03-31", "note": "The site opens late this winter."})
    press(page, "batch.run")
    assert not form.isVisibleTo(page)
    assert [one.command.args["until"] for one in stage.world.sent() if one.command] == ["2027-03-31"] * 2
    assert stage.toasts[-1].text == "Extension asked for: 2 deals. Sent when you are back."


def test_what_can_be_done_is_worked_out_once_however_long_it_takes(
    page: RecordsPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    offers = Bulk.offers

    def slowly(bulk: Bulk, entity: str, ids: Sequence[int]) -> tuple[Offer, ...]:
        asked.append(len(ids))
        time.sleep(0.2)  # longer than marks have to stand still
        return offers(bulk, entity, ids)

    monkeypatch.setattr(Bulk, "offers", slowly)
    mark(page, 1, 2)
    assert named(page, "records.bulk.convert").text() == "Convert to order 2 of 3"
    QTest.qWait(100)
    assert asked == [3]


def test_a_very_long_list_is_marked_without_being_read(
    stage: Stage, page: RecordsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.model._start_with(Listing(array("i", range(1, 100_001)), {}, {}))
    page.model.data(page.model.index(99_999, 0))
    asked: list[int] = []
    rows = page.portal.records.rows

    def counted(ids: Sequence[int]) -> list[RecordView]:
        asked.append(len(ids))
        return rows(ids)

    monkeypatch.setattr(page.portal.records, "rows", counted)
    began = time.perf_counter()
    QTest.keyClick(page.table, Qt.Key.Key_A, CTRL)
    page.table.repaint()
    took = time.perf_counter() - began
    assert page.foot.marked.text() == "100,000 selected"
    assert page.marking.ids() is page.model.ids
    assert sum(asked) < 200, "only what shows is read"
    assert took < 0.5, "100 ms on a quiet machine"


def test_more_than_five_hundred_are_asked_about(
    stage: Stage, page: RecordsPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.records.listing.marking.MOST_UNASKED", 1)
    monkeypatch.setattr("app.views.records.listing.marking.AT_ONCE", 1)
    mark(page, 2, 1)
    (offer,) = [
        one for one in stage.portal.bulk.offers(DEAL, page.marking.ids()) if one.command.name == "convert"
    ]
    page.marking.run(offer)
    page.marking.form.form.show_data({"po_reference": "PO-1"})
    page.marking.form.commit()
    dialog = page.findChild(Dialog, "batch.dialog")
    assert dialog is not None
    dialog.verb_button.click()
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert stage.toasts[-1].text == "Converted: 2 deals", "done beside the window"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    qtbot.waitUntil(lambda: stage.world.sent() == [])


def test_rows_are_copied_as_words_and_as_a_table(stage: Stage, page: RecordsPage) -> None:
    mark(page, 0, 1)
    QTest.keyClick(page.table, Qt.Key.Key_C, CTRL)
    data = QGuiApplication.clipboard().mimeData()
    lines = data.text().splitlines()
    assert lines[0] == "Customer\tTitle\tAmount\tStage\tProtected\tSync"
    assert lines[1] == "Customer 0\tBranch edge, 14 sites\t£0.50\tSubmitted\t21 Feb 2027\tSynced"
    assert 'sdval="100.50"' in data.html()
    assert stage.toasts[-1].text == "2 deals copied as a table"


def test_columns_are_shown_moved_and_given_back_by_keyboard(
    stage: Stage, page: RecordsPage, qtbot: QtBot
) -> None:
    assert not stage.portal.columns.choice(DEAL)
    page.tools.columns.open_panel()
    panel = page.tools.columns.panel

    def box(name: str) -> CheckBox:
        settle()
        found: CheckBox = panel.findChild(CheckBox, f"column.{name}")  # type: ignore[assignment]
        return found

    QTest.keyClick(box("country"), Qt.Key.Key_Space)
    assert heads(page)[-1] == "Country"
    page.tools.columns.panel.moved.emit("country", -9)
    assert heads(page)[:2] == ["Country", "Customer"]
    QTest.keyClick(box("protected_until"), Qt.Key.Key_Space)
    page.table.column_drawn.emit(1, 222)
    page.tools.columns._keep_widths()
    assert "Protected" not in heads(page)
    again = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(again)
    stage.show(again)
    assert heads(again) == heads(page)
    assert again.table.columnWidth(1) == 222
    menu = again.tools.columns.menu(0)
    hide = next(one for one in menu.actions() if one.objectName() == "column.hide")
    assert hide.text() == "Hide Country"
    hide.trigger()
    assert heads(again)[0] == "Customer"
    again.tools.columns.reset()
    assert heads(again) == ["Customer", "Title", "Amount", "Stage", "Protected", "Sync"]
    assert not stage.portal.columns.choice(DEAL)


def test_a_column_dragged_elsewhere_stays_there_and_keeps_the_arrow(stage: Stage, page: RecordsPage) -> None:
    page.table.sort_asked.emit(2, True)
    mark(page, 0, 1)
    page.table.head.moveSection(2, 0)
    QApplication.processEvents()
    assert heads(page)[:3] == ["Amount", "Customer", "Title"]
    assert page.table.head.visualIndex(0) == 0
    assert page.table.head.sort == (0, True)
    assert page.table.marked() == [(0, 1)]


def test_a_filter_is_built_counted_kept_changed_deleted_and_put_back(
    stage: Stage, page: RecordsPage, qtbot: QtBot
) -> None:
    panel: FilterPanel = page.tools.filters.panel
    page.tools.filters.open()
    assert not panel.save.isEnabled(), "nothing is said yet"
    row = panel.conditions[0]
    row.subject.set_value("state")
    row.subject.edited.emit()
    row.show_condition(Filter(op="in", field="state", values=("approved",)))
    row.edited.emit()
    page.tools.filters._count()
    qtbot.waitUntil(lambda: panel.found.text() == "2 deals")
    assert panel.name.value() == "Stage: Approved", "a name to begin with"
    panel.name.edit.setText("Won")
    QTest.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    assert names(page) == ["Customer 2", "Customer 3"]
    own = page.chips.current()
    assert page.chips.chip(own).accessibleName() == "Won, 2"  # type: ignore[union-attr]
    page.tools.filters.change(own, rename=True)
    panel.name.edit.setText("Approved ones")
    QTest.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    assert page.chips.chip(own).accessibleName() == "Approved ones, 2"  # type: ignore[union-attr]
    assert [one.label for one in stage.portal.filters.of(DEAL)] == ["Approved ones"]
    page.tools.filters.delete(own)
    assert page.chips.current() == "open"
    assert page.model.rowCount() == 5
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert page.chips.current() == own
    assert page.model.rowCount() == 2


class Paper:
    """A printer that keeps what is printed."""

    def __init__(self) -> None:
        self.data = QByteArray()
        self._buffer = QBuffer(self.data)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)

    def __call__(self, _parent: QWidget, _lying: bool) -> QPagedPaintDevice:
        return QPdfWriter(self._buffer)

    def text(self) -> str:
        return text_of(bytes(self.data.data()))


def text_of(data: bytes) -> str:
    file = PdfFile(data)
    try:
        return "\n".join(file.text(number) for number in range(file.pages))
    finally:
        file.close()


def saved_as(path: Path) -> Callable[[QWidget, Path], Path]:
    return lambda _parent, suggested: path / suggested.name


def test_leaving_the_account_stops_what_is_being_exported(
    stage: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended = threading.Event(), []

    def endless(
        _portal: object, _sheet: object, _format: object, _path: Path, going: Going, **_ways: bool
    ) -> None:
        began.set()
        until = time.monotonic() + 8
        while not going.cancelled and time.monotonic() < until:
            threading.Event().wait(0.01)
        ended.append(going.cancelled)

    monkeypatch.setattr(export, "write_list", endless)
    page = opened(stage, qtbot, ask_target=saved_as(tmp_path))
    page.tools.export.export(Format.CSV)
    assert began.wait(30)
    stage.bridge.stop()
    assert ended == [True]


def test_a_list_is_exported_and_printed_as_it_is_shown(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    paper = Paper()
    page = opened(stage, qtbot, ask_target=saved_as(tmp_path), ask_paper=paper)
    stage.world.deal("rtl", customer="مطعم الصقر 🦅 " + "long " * 60, updated_at="2026-11-20T11:00:00Z")
    page.refresh()
    page.search("Customer")
    entries = [one.objectName() for one in page.tools.list_menu().actions() if one.objectName()]
    assert entries == [
        "list.xlsx",
        "list.csv",
        "list.pdf",
        "list.print",
        "list.copy",
        "list.all",
        "list.columns",
    ]
    page.tools.export.export(Format.CSV)
    qtbot.waitUntil(lambda: bool(stage.toasts))
    name = "Deals, Open, “Customer” 2026-11-23.csv"
    assert stage.toasts[-1].text == f"5 deals saved as {name} in {tmp_path.name}"
    assert (tmp_path / name).read_text("utf-8-sig").count("Customer ") == 5
    page.search("")
    mark(page, 0, 1)
    page.tools.export.export(Format.PDF, page.marking.ids())
    qtbot.waitUntil(lambda: len(stage.toasts) == 2)
    pdf = text_of((tmp_path / "Deals, Open 2026-11-23.pdf").read_bytes())
    assert "Customer 0" in pdf
    assert "Customer 1" not in pdf
    assert "Page 1 of 1" in pdf
    page.tools.export.print()
    qtbot.waitUntil(lambda: len(stage.toasts) == 3)
    assert stage.toasts[-1].text == "6 deals sent to the printer"
    assert "Customer 4" in paper.text()


def test_a_record_goes_on_paper_and_is_pinned(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    paper = Paper()
    page = opened(stage, qtbot, ask_target=saved_as(tmp_path), ask_paper=paper)
    page.table.choose_row(2)
    menu = {one.objectName(): one for one in page.detail.head.menu().actions()}
    menu["detail.print"].trigger()
    assert "Customer 2" in paper.text()
    menu["detail.pdf"].trigger()
    text = text_of(next(tmp_path.glob("*Customer 2*.pdf")).read_bytes())
    assert "£200.50" in text
    assert "Branch edge, 14 sites" in text
    menu["detail.pin"].trigger()
    assert [one.title for one in stage.portal.recent.pinned()] == ["Customer 2"]
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.portal.recent.pinned() == []


def test_what_is_pinned_and_opened_lately_is_one_key_away(stage: Stage, qtbot: QtBot) -> None:
    pinned = stage.world.deal("1", customer="Kestrel")
    opened_one = stage.world.deal("2", customer="Meridian")
    stage.portal.recent.pin([pinned], on=True)
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    window.show()
    window.go(Place(DEAL, gid=opened_one))
    found = [one for one in window.overlays.source._entries("", []) if one.group is Group.RECENT]
    assert [(one.icon, one.text) for one in found] == [("pin-filled", "Kestrel"), ("history", "Meridian")]
    row = next(one for one in window.nav.findChildren(QPushButton) if one.text() == "Kestrel")
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    page = window.current
    assert isinstance(page, RecordsPage)
    assert page.detail.gid == pinned
    assert window.nav.current() == DEAL
    assert [one.title for one in stage.portal.recent.recent()] == ["Kestrel", "Meridian"]
    stage.world.store.mirror.remove(pinned, "tombstone")
    assert stage.portal.recent.pinned() == [], "what is gone is left out"


def test_documents_and_requests_are_taken_elsewhere_by_the_same_parts(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    stage.world.request("1", subject="Quote for HA pair")
    stage.world.request("2", subject="Credit note", state="resolved")
    requests = RequestsPage(stage.context, ask_target=saved_as(tmp_path))
    qtbot.addWidget(requests)
    stage.show(requests)
    menu = {one.objectName(): one for one in requests.tools.list_menu().actions() if one.objectName()}
    assert [*menu] == [
        "list.filter",
        "list.xlsx",
        "list.csv",
        "list.pdf",
        "list.print",
        "list.copy",
        "list.all",
    ]
    menu["list.csv"].trigger()
    qtbot.waitUntil(lambda: len(stage.toasts) == 1)
    assert "Quote for HA pair" in (tmp_path / "Requests, Open 2026-11-23.csv").read_text("utf-8-sig")
    resolved = Filter(op="in", field="state", values=("resolved",))
    requests.tools.filters.changed.emit(stage.portal.filters.save("request", "Done", [resolved]).name)
    assert [requests.model.gid_at(row) for row in range(requests.model.rowCount())] == [
        stage.world.request("2", subject="Credit note", state="resolved")
    ]
    sample.document(
        stage.world, "prices", b"words", media_type="text/plain", title="Price list", state="current"
    )
    documents = DocumentsPage(stage.context, ask=saved_as(tmp_path))
    qtbot.addWidget(documents)
    stage.show(documents)
    QTest.keyClick(documents.table, Qt.Key.Key_A, CTRL)
    QTest.keyClick(documents.table, Qt.Key.Key_C, CTRL)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["Title", "Version", "Valid until", "State", "Offline"]
    assert lines[1].split("\t")[0] == "Price list"


def test_a_proposed_name_is_replaced_by_typing_and_conditions_scroll(stage: Stage, page: RecordsPage) -> None:
    panel: FilterPanel = page.tools.filters.panel
    page.tools.filters.open()
    row = panel.conditions[0]
    row.subject.set_value("state")
    row.subject.edited.emit()
    row.show_condition(Filter(op="in", field="state", values=("approved",)))
    row.edited.emit()
    QApplication.sendEvent(panel.name.edit, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.MouseFocusReason))
    QApplication.processEvents()
    assert panel.name.edit.selectedText() == "Stage: Approved"
    QTest.keyClicks(panel.name.edit, "Won")
    QApplication.sendEvent(panel.name.edit, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.MouseFocusReason))
    QApplication.processEvents()
    assert panel.name.edit.selectedText() == "", "one's own name is not at risk"
    for _ in range(5):
        panel.add.click()
        panel.conditions[-1].show_condition(Filter(op="in", field="state", values=("approved",)))
    panel.setParent(page)  # no popup: it is laid out as one that shows
    QWidget.show(panel)
    QApplication.processEvents()
    panel._fit()
    conditions = panel.area.widget()
    assert conditions is not None
    height = conditions.sizeHint().height()
    assert panel.area.height() < height, "what is taller than the pane scrolls"
    assert panel.height() <= panel.screen().availableGeometry().height()
    assert panel.save.isVisibleTo(panel)


def test_hundreds_of_filters_of_ones_own_stay_usable(
    stage: Stage, page: RecordsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [
        {
            "name": f"own:{number}",
            "label": f"Filter {number}",
            "filters": [{"op": "in", "field": "state", "values": ["approved"]}],
        }
        for number in range(500)
    ]
    stage.portal.prefs.set(f"{DEAL}.filters", kept)
    counted: list[str] = []
    count = Records.count

    def noted(records: Records, entity: str, chip: str | Chip = "", text: str = "") -> int:
        counted.append(entity)
        return count(records, entity, chip, text)

    monkeypatch.setattr(Records, "count", noted)
    arranged: list[int] = []
    arrange = page.chips._arrange

    def noted_too() -> None:
        arranged.append(1)
        arrange()

    monkeypatch.setattr(page.chips, "_arrange", noted_too)
    page.tools.filters.changed.emit("own:499")
    assert page.model.rowCount() == 2
    assert page.chips.chip("own:499").isVisibleTo(page)  # type: ignore[union-attr]
    assert len(counted) <= 60
    assert len(arranged) < 12, "room is shared out once, not once a chip"
    assert len(page.chips.more_menu().actions()) > 490


def test_requests_are_marked_and_resolved_together(stage: Stage, qtbot: QtBot) -> None:
    for number in range(3):
        stage.world.request(f"{number}", subject=f"Request {number}", state="open")
    stage.world.request("9", subject="Done", state="resolved", last_message_at="2026-11-24T08:05:00Z")
    page = RequestsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    page.narrowing.show_everything()
    page.refresh()
    offered = QSignalSpy(page.tools.marking.offered)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_A, CTRL)
    assert page.tools.foot.isVisibleTo(page)
    assert page.tools.foot.marked.text() == "4 selected"
    came(offered)
    menu = {one.objectName(): one for one in page.tools.foot.others_menu().actions() if one.objectName()}
    assert {"records.copy", "records.export"} <= {*menu}
    offers = {one.command.name: one for one in stage.portal.bulk.offers("request", page.tools.marking.ids())}
    assert (offers["resolve"].fits, offers["reopen"].fits) == (3, 1)
    page.tools.marking.run(offers["resolve"])
    dialog = page.findChild(Dialog, "batch.dialog")
    assert dialog is not None
    dialog.verb_button.click()
    settle()
    assert [one.command.name for one in stage.world.sent() if one.command] == ["resolve"] * 3
    assert stage.toasts[-1].text == "Marked resolved: 3 requests"
    page.tools.marking.clear()
    assert not page.tools.foot.isVisibleTo(page)


def test_what_is_read_rather_than_compared_is_filtered_and_taken_elsewhere_too(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    sample.approvals(stage.world)
    page = ApprovalsPage(stage.context, ask_target=saved_as(tmp_path))
    qtbot.addWidget(page)
    stage.show(page)
    decided = Filter(op="in", field="state", values=("approved", "rejected"))
    page.tools.filters.changed.emit(stage.portal.filters.save("approval", "Decided", [decided]).name)
    assert page.model.rowCount() == 2
    bound = page.keys()
    assert {one.keys for one in bound} >= {"Ctrl+Shift+E", "Ctrl+P"}
    page.tools.export.export(Format.CSV)
    qtbot.waitUntil(lambda: bool(stage.toasts))
    written = (tmp_path / "Approvals, Decided 2026-11-23.csv").read_text("utf-8-sig")
    assert "Price match, Sableworks" in written
    assert "Special pricing" not in written
    QTest.keyClick(page.list, Qt.Key.Key_A, CTRL)
    QTest.keyClick(page.list, Qt.Key.Key_C, CTRL)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 3
    assert stage.portal.bulk.offers("approval", page.tools.marking.ids()) == (), (
        "each is read before it is decided"
    )


def test_documents_come_narrowed_by_where_one_came_from(stage: Stage, qtbot: QtBot) -> None:
    new = sample.document(stage.world, "prices", b"words", media_type="text/plain", title="Price list")
    old = sample.document(
        stage.world, "old", b"older", media_type="text/plain", title="Old list", supersedes=new
    )
    page = DocumentsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    assert page.model.rowCount() == 2
    page.arrive(Place("document", chip=f"of:supersedes:{new}"))
    assert [page.model.gid_at(row) for row in range(page.model.rowCount())] == [old]
    assert page.narrowing.words().endswith("PRICES")
    assert page.place() == Place("document", gid=old, chip=f"of:supersedes:{new}")
    page.chips.chip("all").click()  # type: ignore[union-attr]
    assert page.model.rowCount() == 2
    assert page.chips.chip(f"of:supersedes:{new}") is None, "it is there until another is chosen"
