"""The sync centre: everything unsent with what can be done about it, and what is proven."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.roles import DataRole
from app.contract.changes import Source
from app.services.views_model import (
    ActivityLine,
    BucketProof,
    Mode,
    Proof,
    Status,
    Target,
    TransferProgress,
)
from app.sync import proofs
from app.sync.engine import Wake
from app.sync.events import ActivityAdded, ProofDone, StatusChanged
from app.views.page import SETTINGS, Place
from app.views.sync_centre.day import hours
from app.views.sync_centre.page import SyncCentrePage
from app.views.sync_centre.proof import Buckets, ProofRow
from app.views.theme.theme import Theme
from app.views.widgets.buttons import Button
from app.views.widgets.gauges import BucketGrid, CellState
from app.views.widgets.text import Text
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, open_stage, settle


class Where:
    """Answers where to write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, parent: QWidget, name: str) -> Path | None:
        return self.folder / name


@pytest.fixture
def page(stage: Stage, tmp_path: Path, qtbot: QtBot) -> SyncCentrePage:
    made = SyncCentrePage(stage.context, ask=Where(tmp_path))
    qtbot.addWidget(made)
    return made


def press(widget: QWidget, words: str) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == words and one.isVisibleTo(widget)]
    assert found, f"no button {words!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def rows(page: SyncCentrePage) -> list[tuple[str, str]]:
    model = page.outbox.model
    indexes = [model.index(row) for row in range(model.rowCount())]
    return [(str(i.data(DataRole.MARK)), str(i.data(DataRole.TITLE))) for i in indexes]


def act(page: SyncCentrePage, row: int, action: str) -> None:
    """Click an action's button in a row, where it is painted."""
    view = page.outbox.list
    index = page.outbox.model.index(row)
    delegate = view.itemDelegate()
    placed: list[tuple[str, str, QRect]] = delegate.action_rects(  # type: ignore[attr-defined]
        view.visualRect(index), index, mirrored=False
    )
    rect = next(rect for name, _words, rect in placed if name == action)
    QTest.mouseMove(view.viewport(), rect.center())
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rect.center()
    )


def reject(stage: Stage, message: str = "Amount is locked during review.") -> str:
    """An edit the vendor refused."""
    deal = stage.world.deal()
    stage.portal.intents.edit(deal, {"amount": "141800.00"})
    (mutation,) = stage.world.sent()
    stage.world.store.outbox.quarantine(
        mutation.mutation_id, {"kind": "rejected", "message": message, "fields": {}}
    )
    return deal


def test_an_empty_outbox_says_that_everything_is_sent(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    assert page.outbox._empty.isVisibleTo(page)
    assert not page.outbox.list.isVisibleTo(page)
    assert page.outbox.export.toolTip() == "Nothing is in the outbox."
    assert not page.outbox.retry.isEnabled()


def test_what_waits_stands_here_and_can_be_cancelled(stage: Stage, page: SyncCentrePage) -> None:
    deal = stage.world.deal()
    stage.show(page)
    stage.portal.intents.edit(deal, {"next_steps": "Call on Monday"})
    page.refresh()
    assert rows(page) == [("waiting", "Next steps → Call on Monday")]
    act(page, 0, "cancel")
    assert stage.world.sent() == []
    assert page.outbox._empty.isVisibleTo(page)


def test_a_row_is_acted_upon_by_keyboard(stage: Stage, page: SyncCentrePage) -> None:
    deal = stage.world.deal()
    stage.portal.intents.edit(deal, {"next_steps": "Call on Monday"})
    stage.show(page)
    page.arrive(Place("sync_centre", gid=deal))
    QTest.keyClick(page.outbox.list, Qt.Key.Key_Return)
    assert stage.world.sent() == []


def test_a_message_goes_back_to_its_composer(stage: Stage, page: SyncCentrePage) -> None:
    quote = sample.requests(stage.world)
    stage.portal.intents.message(quote, "Thank you")
    stage.show(page)
    act(page, 0, "edit")
    assert stage.gone == [Target("request", gid=quote, focus="reply")]
    assert stage.portal.drafts.unfinished(quote)[0] == "Thank you"


def test_a_refusal_stands_in_the_vendors_words(stage: Stage, page: SyncCentrePage) -> None:
    deal = reject(stage)
    stage.show(page)
    index = page.outbox.model.index(0)
    assert index.data(DataRole.REASON) == (
        "Halden’s CRM: “Amount is locked during review.” Your value is kept here."
    )
    assert page.outbox._header._note.text() == "1 change · 1 needs you"
    act(page, 0, "ask")
    assert stage.gone == [Target("deal_registration", gid=deal, focus="reply")]


def test_discarding_asks_once_and_the_safe_answer_keeps_it(stage: Stage, page: SyncCentrePage) -> None:
    reject(stage)
    stage.show(page)
    act(page, 0, "discard")
    dialog = page.window().findChildren(QDialog)[-1]
    assert dialog.windowTitle().startswith("Discard “Amount → £141,800.00”")
    press(dialog, "Keep it")
    assert len(rows(page)) == 1
    settle()
    act(page, 0, "discard")
    press(page.window().findChildren(QDialog)[-1], "Discard")
    assert rows(page) == []
    assert stage.toasts[-1].text == "Discarded"


def test_a_returned_draft_is_discarded_with_a_way_back(stage: Stage, page: SyncCentrePage) -> None:
    gid = stage.portal.drafts.start("request", {"subject": "A question about Care"})
    stage.world.store.drafts.reopen(gid, {"subject": "Too short"}, "Not like this.", stage.world.clock.now())
    stage.show(page)
    assert rows(page)[0][0] == "rejected"
    act(page, 0, "edit")
    assert stage.gone == [Place("new", entity="request", gid=gid)]
    act(page, 0, "discard")
    assert rows(page) == []
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert len(rows(page)) == 1


def test_a_conflict_leads_to_where_it_is_decided(stage: Stage, page: SyncCentrePage) -> None:
    deal = stage.world.clash({"amount": ("184250.00", "179900.00", "189400.00")})
    stage.show(page)
    assert rows(page)[0][0] == "conflict"
    act(page, 0, "compare")
    assert stage.gone == [Place("conflict", gid=deal)]


def test_what_is_set_aside_can_be_exported(
    stage: Stage, page: SyncCentrePage, tmp_path: Path, qtbot: QtBot
) -> None:
    quote = sample.requests(stage.world)
    stage.portal.intents.message(quote, "Written offline")
    (mutation,) = stage.world.sent()
    stage.world.store.outbox.quarantine(mutation.mutation_id, {"kind": "revoked", "message": ""})
    stage.show(page)
    assert page.outbox.model.index(0).data(DataRole.REASON).endswith("Your text is kept here, encrypted.")
    act(page, 0, "export")
    qtbot.waitUntil(lambda: bool(stage.toasts))
    written = json.loads((tmp_path / "counterpart-change.json").read_text())
    assert written[0]["mutation"]["changes"]["body"] == "Written offline"
    assert stage.toasts[-1].text.endswith("The file is not encrypted.")


def test_everything_can_be_exported_at_once(
    stage: Stage, page: SyncCentrePage, tmp_path: Path, qtbot: QtBot
) -> None:
    deal = stage.world.deal()
    stage.portal.intents.edit(deal, {"next_steps": "Call"})
    stage.show(page)
    press(page, "Export all")
    written = tmp_path / "counterpart-outbox.json"
    qtbot.waitUntil(written.exists)
    assert json.loads(written.read_text())[0]["what"]


def test_a_place_that_cannot_be_written_to_keeps_everything(
    stage: Stage, tmp_path: Path, qtbot: QtBot
) -> None:
    page = SyncCentrePage(stage.context, ask=Where(tmp_path / "missing"))
    qtbot.addWidget(page)
    stage.portal.intents.edit(stage.world.deal(), {"next_steps": "Call"})
    stage.show(page)
    press(page, "Export all")
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert "could not be saved there. Everything is kept in the outbox." in stage.toasts[-1].text


def test_retry_now_is_offered_only_when_it_can_help(stage: Stage, page: SyncCentrePage) -> None:
    stage.portal.intents.edit(stage.world.deal(), {"next_steps": "Call"})
    stage.show(page)
    stage.offline()
    assert page.outbox.retry.toolTip() == "You are offline. It is sent when you are back."
    stage.online()
    press(page, "Retry now")
    assert Wake.USER in stage.loop.wakes


def test_the_switch_works_offline_and_follows_the_engine(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    QTest.mouseClick(page.switch, Qt.MouseButton.LeftButton)
    assert stage.loop.offline == [True]
    stage.offline(by_choice=True)
    assert page.switch.isChecked()
    stage.online()
    assert not page.switch.isChecked()


def proof(stage: Stage, *, differs: str = "", inconclusive: bool = False) -> Proof:
    now = stage.world.clock.now()
    entities = tuple(
        BucketProof(
            entity.name,
            stage.portal.records.count(entity.name),
            tuple(not (entity.name == differs and bucket == 11) for bucket in range(16)),
        )
        for entity in stage.portal.manifest.entities
    )
    source = Source(system="crm", label="CRM", read_at=now - timedelta(minutes=3))
    return Proof(
        at=now, seconds=1.2, identical=not differs and not inconclusive, inconclusive=inconclusive, rehashed=True,
        entities=entities, repaired=1 if differs else 0, sources=(source,),
    )  # fmt: skip


def test_nothing_is_claimed_before_anything_was_compared(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    assert page.proof._headline.text() == "Not compared yet"
    grids = page.proof.findChildren(BucketGrid)
    assert all(grid.accessibleName().endswith("not checked") for grid in grids)


def test_a_kind_of_record_opens_to_its_buckets(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    found = proof(stage)
    first, *others = found.entities
    mended = replace(first, records=20, counts=(2,) * 4 + (1,) * 12, mended=(0,) * 10 + (1,) + (0,) * 5)
    stage.tell(ProofDone(replace(found, entities=(mended, *others), repaired=1)))
    settle()
    label = stage.portal.entity(first.entity).plural
    line = next(row for row in page.proof.findChildren(ProofRow) if row.accessibleName().startswith(label))
    assert page.proof.findChildren(Buckets) == []
    QTest.keyClick(line, Qt.Key.Key_Space)
    (buckets,) = page.proof.findChildren(Buckets)
    names = [one.accessibleName() for one in buckets.findChildren(QWidget)]
    assert "Bucket 0: 2 records, identical" in names
    assert "Bucket A: 1 record, identical, after a repair" in names
    said = " ".join(text.text() for text in buckets.findChildren(Text))
    assert "20 records in 16 buckets of 1 to 2, compared by hashing the stored bytes" in said
    assert "Bucket A: 1 record differed and was fetched again." in said
    stage.tell(ProofDone(replace(found, entities=(mended, *others), seconds=2.0)))
    settle()
    assert line.isChecked(), "what was open stays open when a new proof comes, in the same place"
    assert len(page.proof.findChildren(Buckets)) == 1
    QTest.keyClick(line, Qt.Key.Key_Space)
    settle()
    assert page.proof.findChildren(Buckets) == []
    stage.tell(ProofDone(replace(found, inconclusive=True, identical=False)))
    assert not line.isCheckable(), "where nothing is claimed there is nothing to open"


def test_what_an_earlier_run_has_proven_stands_here_from_the_start(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    before = open_stage(tmp_path, theme)
    proofs.keep(before.world.store, proof(before))
    before.close()
    stage = open_stage(tmp_path, theme)
    page = SyncCentrePage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    assert page.proof._headline.text() == "Identical to the gateway at 09:41"
    assert page.proof._hashed.text().startswith("The bytes of every record last hashed at 09:41: identical.")
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, as_of=None, since=now)))
    assert page.proof._headline.text() == "Not compared yet", (
        "while records arrive nothing is claimed of them"
    )
    stage.close()


def test_the_limit_stands_beside_what_is_used_and_leads_to_where_it_is_set(
    stage: Stage, page: SyncCentrePage
) -> None:
    stage.show(page)
    assert page.storage._limit.text() == "Documents: 1\u00a0GB at most"
    QTest.mouseClick(page.storage.change, Qt.MouseButton.LeftButton)
    assert stage.gone[-1] == Place(SETTINGS)


def test_prove_now_hashes_afresh_and_says_what_is_proven(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    (action,) = page.head().actions
    assert action.reason == ""
    action.run()
    assert stage.loop.verified == [True]
    assert page.proof._headline.text() == "Comparing with the gateway"
    assert page.head().actions[0].reason == "A proof is under way."
    stage.tell(ProofDone(proof(stage)))
    assert page.proof._headline.text() == "Identical to the gateway at 09:41"
    assert page.proof._detail.text() == "Stored bytes hashed afresh; CRM last read at 09:38."
    assert page.proof._header._note.text() == "checked 09:41 in 1.2\u00a0s"
    assert page.head().actions[0].reason == ""


def test_a_difference_is_shown_in_its_bucket(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    stage.tell(ProofDone(proof(stage, differs="renewal")))
    total = 16 * len(stage.portal.manifest.entities)
    assert page.proof._headline.text() == f"{total - 1} of {total} buckets identical"
    settle()
    said = [grid.accessibleName() for grid in page.proof.findChildren(BucketGrid)]
    assert "Renewals: 15 of 16 buckets identical" in said
    assert "Deals: 16 of 16 buckets identical" in said


def test_an_inconclusive_proof_claims_nothing(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    stage.tell(ProofDone(proof(stage, inconclusive=True)))
    settle()
    assert all(grid.accessibleName().endswith("not checked") for grid in page.proof.findChildren(BucketGrid))


def test_offline_nothing_can_be_proven_and_the_button_says_why(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    stage.offline()
    assert page.head().actions[0].reason.startswith("You are offline.")
    page.prove()
    assert stage.loop.verified == []


def test_a_transfer_shows_how_far_it_is(stage: Stage, page: SyncCentrePage, tmp_path: Path) -> None:
    quote = sample.requests(stage.world)
    photos = tmp_path / "leeds-rack-photos.txt"
    photos.write_text("photo " * 1000)
    stage.portal.intents.message(quote, "", [photos])
    stage.show(page)
    sha256 = page.outbox.model.items[0].transfer
    before = page.outbox.list.height()
    stage.tell(TransferProgress(sha256, photos.name, True, 5_800_000, 9_100_000, 1_400_000.0, "running"))
    assert (
        page.outbox.model.index(0).data(DataRole.PROGRESS)
        == "5.8 of 9.1\u00a0MB · 1.4\u00a0MB/s · 2\u00a0s left"
    )
    assert page.outbox.list.height() > before


def test_storage_is_told_and_cleared_without_what_is_kept(stage: Stage, page: SyncCentrePage) -> None:
    prices = sample.library(stage.world)
    other = sample.document(stage.world, "passing", sample.price_list("Passing", 1))
    stage.show(page)
    press(page, "Clear space")
    assert stage.portal.documents.state(other).have == 0
    assert stage.portal.documents.state(prices).have > 0
    assert stage.toasts[-1].text.endswith("freed. What is kept or unsent stays.")
    press(page, "Clear space")
    assert stage.toasts[-1].text.startswith("Nothing to clear")


def test_activity_appears_as_it_happens(stage: Stage, page: SyncCentrePage) -> None:
    stage.show(page)
    assert page.activity._nothing.isVisibleTo(page)
    for number in range(9):
        stage.world.store.activity.add(stage.world.clock.now(), "pulled", f"Pulled {number} changes in 0.4 s")
    stage.tell(ActivityAdded())
    QTest.qWait(150)
    settle()
    assert len(page.activity._events._rows) == 8
    press(page, "Full history")
    assert len(page.activity._events._rows) == 9


NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes_ago", "kind", "cell", "state"),
    [
        (0, "proof", 23, CellState.SAME),
        (41, "proof", 23, CellState.SAME),
        (42, "proof", 22, CellState.SAME),
        (23 * 60, "repaired", 0, CellState.DIFFERS),
    ],
)
def test_an_hour_is_what_was_found_in_it(minutes_ago: int, kind: str, cell: int, state: CellState) -> None:
    line = ActivityLine(NOW - timedelta(minutes=minutes_ago), "", "ok", "", "", kind)
    cells = hours([line], NOW)
    assert cells[cell] is state
    assert cells.count(CellState.UNCHECKED) == 23


def test_the_latest_word_of_an_hour_holds_and_older_days_are_left_out() -> None:
    lines = [
        ActivityLine(NOW - timedelta(minutes=2), "", "ok", "", "", "proof"),
        ActivityLine(NOW - timedelta(minutes=5), "", "warn", "", "", "repaired"),
        ActivityLine(NOW - timedelta(hours=30), "", "ok", "", "", "proof"),
        ActivityLine(NOW - timedelta(hours=2), "", "neutral", "", "", "pulled"),
    ]
    cells = hours(lines, NOW)
    assert cells[23] is CellState.SAME
    assert cells.count(CellState.UNCHECKED) == 23


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: SyncCentrePage) -> None:
    reject(stage)
    stage.show(page)
    stage.tell(ProofDone(proof(stage)))
    settle()
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
