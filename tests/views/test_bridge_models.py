"""Lists over SQL: what cells say, and that a refresh neither loses nor moves what the user looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from app.bridge.models import RecordListModel
from app.bridge.outbox_model import OutboxModel
from app.bridge.roles import DataRole
from app.services.views_model import RecordView, TransferProgress
from tests.services.conftest import World, open_world

DISPLAY = Qt.ItemDataRole.DisplayRole


class Transfers(QObject):
    """The part of the bridge that lists listen to."""

    transfer = Signal(object)
    manifestChanged = Signal()  # noqa: N815  # the bridge names it so

    def __init__(self) -> None:
        super().__init__()
        self.transfers: dict[str, TransferProgress] = {}

    def move(self, sha256: str, done: int, state: str = "running") -> None:
        event = TransferProgress(sha256, "list.pdf", False, done, 38_000_000, 2_100_000.0, state)
        self.transfers = {sha256: event} if state == "running" else {}
        self.transfer.emit(event)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_world(tmp_path / "store.db")
    yield made
    made.store.close()


@pytest.fixture
def deals(world: World, qapp: object) -> RecordListModel:
    for name, day in (("Aldgate", 20), ("Beacon", 21), ("Castellane", 22)):
        world.deal(name, customer=name, updated_at=f"2026-11-{day}T10:00:00Z")
    model = RecordListModel(world.portal, "deal_registration")
    model.set_view()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    return model


def column(model: RecordListModel, index: int = 0, role: int = DISPLAY) -> list[Any]:
    return [model.index(row, index).data(role) for row in range(model.rowCount())]


def test_cells_speak_the_manifests_columns(deals: RecordListModel) -> None:
    heads = [deals.headerData(n, Qt.Orientation.Horizontal) for n in range(deals.columnCount())]
    assert heads == ["Customer", "Title", "Amount", "Stage", "Protected", "Sync"]
    row = [deals.index(0, n).data() for n in range(6)]
    assert row == ["Castellane", "Branch edge, 14 sites", "£184,250.00", "Approved", "90 days", "Synced"]
    cells = deals.index(0, 0).data(DataRole.CELLS)
    assert [cell.text for cell in cells] == row
    assert [cell.kind for cell in cells] == ["name", "text", "figure", "pill", "figure", "mark"]
    assert cells[3].tone == "ok"
    assert deals.index(0, 5).data(DataRole.MARK) == "synced"
    assert deals.index(0, 4).data(Qt.ItemDataRole.ToolTipRole) == "Sunday 21 February"
    trailing = deals.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert trailing & Qt.AlignmentFlag.AlignRight
    assert deals.index(0, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Amount: £184,250.00"


def test_an_urgent_countdown_and_a_draft_look_different(world: World, deals: RecordListModel) -> None:
    world.deal("Aldgate", customer="Aldgate", protected_until="2026-11-28")
    world.portal.drafts.start("deal_registration", {"customer": "Ledbury"})
    deals.refresh()
    assert column(deals)[0] == "Ledbury"
    assert column(deals, 5)[0] == "Not submitted"
    assert column(deals, 5, DataRole.MARK)[0] is None
    row = column(deals).index("Aldgate")
    left = deals.index(row, 0).data(DataRole.CELLS)[4]
    assert (left.text, left.tone) == ("5 days", "bad")


def test_a_refresh_keeps_rows_and_selection(world: World, deals: RecordListModel, qtbot: QtBot) -> None:
    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(deals)
    beacon = deals.index(1, 0)
    table.selectionModel().select(beacon, QItemSelectionModel.SelectionFlag.Select)
    held = QPersistentModelIndex(beacon)
    resets = QSignalSpy(deals.modelReset)
    world.deal("Aldgate", customer="Aldgate", updated_at="2026-11-23T08:00:00Z")
    world.deal("Derwent", customer="Derwent", updated_at="2026-11-23T09:00:00Z")
    world.store.mirror.remove(deals.gid_at(0), "tombstone")
    deals.refresh()
    assert column(deals) == ["Derwent", "Aldgate", "Beacon"]
    assert resets.count() == 0
    assert held.row() == 2
    assert [index.data() for index in table.selectionModel().selectedIndexes()] == ["Beacon"]
    assert deals.row_of(deals.gid_at(1)) == 1


def test_values_change_in_place(world: World, deals: RecordListModel) -> None:
    assert column(deals, 2)[0] == "£184,250.00"
    changed = QSignalSpy(deals.dataChanged)
    world.portal.intents.edit(deals.gid_at(0), {"amount": "190000.00"})
    deals.refresh()
    assert column(deals, 2)[0] == "£190,000.00"
    assert column(deals, 5)[0] == "Waiting to send"
    assert changed.count() == 1


def test_a_chip_and_a_search_narrow_the_list(deals: RecordListModel) -> None:
    deals.set_view("open", "beac", "customer")
    assert column(deals) == ["Beacon"]
    assert deals.view == ("open", "beac", "customer")
    deals.set_view(sort="customer")
    assert column(deals) == ["Aldgate", "Beacon", "Castellane"]
    assert deals.row_of("nobody") == -1
    assert deals.record_at(99) is None


def test_many_rows_are_read_in_windows(world: World, qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.store.transaction():
        for number in range(500):
            world.deal(f"{number:03}", customer=f"Customer {number:03}")
    model = RecordListModel(world.portal, "deal_registration")
    model.set_view(sort="customer")
    reads: list[int] = []
    rows = world.portal.records.rows

    def counted(ids: Sequence[int]) -> list[RecordView]:
        reads.append(len(ids))
        return rows(ids)

    monkeypatch.setattr(world.portal.records, "rows", counted)
    # A screenful is one read, and no read is much more than a screenful: it is waited for while a frame is painted.
    assert [model.index(row, 0).data() for row in range(24)] == [f"Customer {row:03}" for row in range(24)]
    assert len(reads) == 1
    assert model.index(499, 0).data() == "Customer 499"
    assert len(reads) == 2
    assert [model.index(row, 0).data() for row in range(24)][-1] == "Customer 023"
    assert len(reads) == 2
    assert max(reads) <= 40


def test_a_row_that_moves_bytes(world: World, qapp: object) -> None:
    sha = "a" * 64
    gid = world.put("document", "1", title="Installer guide", sha256=sha, size=38_000_000, state="current",
                    media_type="application/pdf", valid_until="2026-11-30", version="4.2")  # fmt: skip
    bridge = Transfers()
    model = RecordListModel(world.portal, "document", bridge)  # type: ignore[arg-type]
    model.set_view()
    first = model.index(0, 0)
    assert (first.data(DataRole.SHARE), first.data(DataRole.CELLS)[0].icon) == (None, "file-type-pdf")
    assert [model.index(0, n).data() for n in range(5)] == [
        "Installer guide",
        "4.2",
        "30 Nov 2026",
        "Ends in 7 days",
        "Keep",
    ]
    world.portal.documents.keep(gid, on=True)
    changed = QSignalSpy(model.dataChanged)
    bridge.move(sha, 12_400_000)
    assert changed.count() == 1
    assert first.data(DataRole.SHARE) == pytest.approx(0.326, abs=0.001)
    assert first.data(DataRole.PROGRESS) == "12.4 of 38.0\u00a0MB"
    assert first.data(DataRole.RATE) == "2.1\u00a0MB/s · 12\u00a0s left"
    assert model.index(0, 4).data() == "Waiting"
    bridge.move(sha, 38_000_000, "done")
    assert first.data(DataRole.SHARE) is None


def test_requests_as_rows_of_lines(world: World, qapp: object) -> None:
    world.request(state="waiting_on_partner", due_at="2026-11-23T12:06:00Z")
    model = RecordListModel(world.portal, "request")
    model.set_view("open")
    roles = (DataRole.TITLE, DataRole.SUBTITLE, DataRole.TIME, DataRole.PILL, DataRole.PILL_TONE,
             DataRole.COUNTDOWN, DataRole.COUNTDOWN_TONE)  # fmt: skip
    assert [model.index(0, 0).data(role) for role in roles] == [
        "Quote for HA pair", "REQ-3321 · Oriel Biotech", "08:05", "Waiting on you", "warn",
        "2\u00a0h\u00a025\u00a0m left", "bad",
    ]  # fmt: skip


def test_a_list_that_the_manifest_no_longer_has_is_empty(world: World, qapp: object) -> None:
    model = RecordListModel(world.portal, "hologram")
    model.set_view()
    model.refresh()
    assert (model.rowCount(), model.columnCount()) == (0, 0)


def test_the_outbox_as_rows(world: World, form: Mapping[str, Any], qapp: object) -> None:
    done = world.portal.intents.edit(world.deal(), {"amount": "141800.00"})
    world.store.outbox.quarantine(done.mutation_id, {"kind": "rejected", "message": "Locked.", "fields": {}})
    model = OutboxModel(world.portal)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    row = model.index(0)
    assert (row.data(), row.data(DataRole.SUBTITLE)) == (
        "Amount → £141,800.00",
        "Kestrel Foods · was £184,250.00",
    )
    assert (row.data(DataRole.MARK), row.data(DataRole.TIME)) == ("rejected", "09:41")
    assert row.data(DataRole.REASON) == "Halden’s CRM: “Locked.” Your value is kept here."
    assert row.data(DataRole.ACTIONS) == (("ask", "Ask Halden"), ("discard", "Discard"))
    assert row.data(Qt.ItemDataRole.AccessibleTextRole).startswith("Rejected. Amount → £141,800.00.")
    resets = QSignalSpy(model.modelReset)
    model.refresh()
    assert resets.count() == 0
    world.portal.outbox.discard(done.mutation_id)
    model.refresh()
    assert (model.rowCount(), resets.count()) == (0, 1)


@pytest.fixture
def form() -> Mapping[str, Any]:
    return {"customer": "Ledbury Homes"}
