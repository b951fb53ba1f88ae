"""Lists that are read beside the window's thread: what was shown stays, nothing is lost, nothing is out of step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bridge.engine import Bridge
from app.bridge.models import RecordListModel
from app.bridge.reading import Reading
from app.services.portal import Portal
from app.services.views_model import Mode, RecordsChanged, Status
from app.store.database import Store
from app.sync.events import Event, StatusChanged
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.records.page import RecordsPage
from app.views.theme.theme import Theme
from tests.services.conftest import KEY, World, open_world
from tests.views.stage import NoSignIn, Stage, StillLoop, settle

DEAL = "deal_registration"


@pytest.fixture
def stage(tmp_path: Path, theme: Theme) -> Iterator[Stage]:
    """A stage on which every list is a long one."""
    path = tmp_path / "store.db"
    world = open_world(path)
    world.store.cursors.write(replace(world.store.cursors.read(), cursor="c", epoch="e", complete=True))
    for number in range(40):
        world.deal(f"{number}", customer=f"Customer {number:02}", updated_at=f"2026-11-20T10:00:{number:02}Z")
    world.store.mirror.build_indexes(world.portal.manifest)

    def opened(wake: Callable[[], None]) -> Portal:
        return Portal.open(Store.open(path, KEY), world.clock, world.ids, wake, zone=UTC, short=0)

    portal = opened(lambda: None)
    loops: list[StillLoop] = []

    def make_loop(emit: Callable[[Event], None]) -> StillLoop:
        loops.append(StillLoop(emit))
        return loops[0]

    bridge = Bridge(portal, make_loop, opened, NoSignIn)
    made = Stage(World(world.store, portal, world.clock, world.ids), bridge, loops[0], theme)
    made.online()
    yield made
    bridge.stop()
    portal.close()
    world.store.close()


@pytest.fixture
def model(stage: Stage, qtbot: QtBot) -> RecordListModel:
    made = RecordListModel(stage.portal, DEAL, stage.bridge)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    with qtbot.waitSignal(made.refreshed):
        made.set_view("all")
    qtbot.waitUntil(lambda: not made.waiting)
    return made


def names(model: RecordListModel) -> list[str]:
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def shown(model: RecordListModel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not model.waiting and model.listing.whole)


def news(stage: Stage, *gids: str) -> None:
    stage.loop.emit(RecordsChanged(frozenset({DEAL}), frozenset(gids) if gids else None))
    stage.bridge._tell()
    QApplication.processEvents()
    stage.bridge._tell()


def test_the_list_comes_soon_and_whole(model: RecordListModel) -> None:
    assert names(model) == [f"Customer {number:02}" for number in reversed(range(40))]
    assert model.listing.counts["all"] == 40


def test_what_was_shown_stays_until_the_other_is_there(model: RecordListModel, qtbot: QtBot) -> None:
    model.set_view("all", "", "customer")
    assert model.waiting
    assert names(model)[0] == "Customer 39"
    shown(model, qtbot)
    assert names(model)[0] == "Customer 00"
    model.set_view("all", "customer 07", "customer")
    shown(model, qtbot)
    assert names(model) == ["Customer 07"]


def test_only_the_latest_wish_counts(model: RecordListModel, qtbot: QtBot) -> None:
    told = QSignalSpy(model.modelReset)
    model.set_view("all", "customer 01")
    model.set_view("all", "customer 02")
    model.set_view("all", "customer 03")
    shown(model, qtbot)
    assert names(model) == ["Customer 03"]
    assert told.count() == 1


def test_a_change_moves_rows_and_takes_along_what_is_held(
    stage: Stage, model: RecordListModel, qtbot: QtBot
) -> None:
    held = QPersistentModelIndex(model.index(39, 0))
    resets = QSignalSpy(model.modelReset)
    gid = stage.world.deal("0", customer="Customer 00", updated_at="2026-11-23T10:00:00Z")
    news(stage, gid)
    model.refresh()
    shown(model, qtbot)
    qtbot.waitUntil(lambda: names(model)[0] == "Customer 00")
    assert held.row() == 0
    assert resets.count() == 0


def test_asked_twice_while_one_is_read_it_reads_once_more(
    stage: Stage, model: RecordListModel, qtbot: QtBot
) -> None:
    stop, go_on = threading.Event(), threading.Event()

    def hold(_portal: Portal) -> None:
        stop.set()
        assert go_on.wait(30)

    stage.bridge.reader.run(hold)
    assert stop.wait(30)
    told = QSignalSpy(model.refreshed)
    for _ in range(5):
        model.refresh()
    stage.world.put(DEAL, "late", customer="Late", state="approved", updated_at="2026-11-23T10:00:00Z")
    news(stage)
    model.refresh()
    go_on.set()
    shown(model, qtbot)
    qtbot.waitUntil(lambda: names(model)[0] == "Late")
    assert told.count() == 2


def test_in_a_very_long_list_rows_are_laid_out_anew(
    stage: Stage, model: RecordListModel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.bridge.models._MOST_MOVED", 10)
    kept, gone = QPersistentModelIndex(model.index(5, 0)), QPersistentModelIndex(model.index(6, 0))
    stage.world.store.mirror.remove(model.gid_at(6), "tombstone")
    stage.world.put(DEAL, "late", customer="Late", state="approved", updated_at="2026-11-23T10:00:00Z")
    news(stage)
    model.refresh()
    shown(model, qtbot)
    qtbot.waitUntil(lambda: names(model)[0] == "Late")
    assert (kept.row(), kept.data()) == (6, "Customer 34")
    assert not gone.isValid()
    assert model.rowCount() == 40


def test_other_orders_are_made_ready_and_give_way(stage: Stage, model: RecordListModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.looked_ahead) as more:
        model.look_ahead()
    assert more.args == [True]
    began, over = threading.Event(), threading.Event()

    def long_work(portal: Portal) -> None:
        began.set()
        try:
            portal.records._store.connection.rows(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            )
        finally:
            over.set()

    stage.bridge.reader.run(long_work, patient=True)
    assert began.wait(30)
    answered: list[str] = []
    qtbot.waitUntil(
        lambda: (
            bool(stage.bridge.reader.run(lambda portal: portal.me.name, answered.append)) and over.is_set()
        )
    )
    qtbot.waitUntil(lambda: bool(answered))
    assert answered[0] == "Maya Okafor"


def test_a_question_is_asked_once_more_when_something_changed_meanwhile(stage: Stage, qtbot: QtBot) -> None:
    answers: list[int] = []
    reading = Reading(stage.portal, stage.bridge, lambda portal: portal.lists.counts()[DEAL], answers.append)
    reading.ask()
    reading.ask()
    reading.ask()
    assert answers == [], "never before it is read"
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers == [40, 40]


def test_the_page_shows_first_rows_counts_and_sums(stage: Stage, qtbot: QtBot) -> None:
    page = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(page)
    stage.show(page)
    shown(page.model, qtbot)
    assert page.model.rowCount() == 40
    assert page.foot.count.text() == "40 open deals"
    assert page.detail.gid == page.model.gid_at(0)
    page.arrive(Place(DEAL, chip="all", gid=page.model.gid_at(20)))
    shown(page.model, qtbot)
    assert page.table.chosen_row() == 20


def test_what_is_asked_for_by_name_is_found_outside_the_chip(stage: Stage, qtbot: QtBot) -> None:
    lost = stage.world.deal("lost", customer="Lost", state="rejected")
    page = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place(DEAL, gid=lost))
    qtbot.waitUntil(lambda: page.model.row_of(lost) >= 0)
    assert page.chips.current() == "all"
    assert page.detail.gid == lost
    assert page.table.chosen_row() == page.model.row_of(lost)


def test_the_window_counts_and_finds_beside_its_thread(stage: Stage, qtbot: QtBot) -> None:
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled):
        window.show()
    qtbot.waitUntil(lambda: window.filling.open_ones.get(DEAL) == 40)
    window.open_palette()
    palette = window.palette_overlay
    palette._edit.setText("customer 17")
    palette._edit.textEdited.emit("customer 17")
    assert palette.waiting
    palette.run()  # Return before anything is found: it is run when it is
    qtbot.waitUntil(lambda: isinstance(window.current, RecordsPage))
    page = window.current
    assert isinstance(page, RecordsPage)
    assert stage.portal.records.title_of(page.detail.gid) == "Customer 17"
    settle()


def test_once_all_is_here_the_list_is_sorted(stage: Stage, model: RecordListModel, qtbot: QtBot) -> None:
    before = stage.world.store.cursors.read()
    stage.world.store.cursors.write(replace(before, complete=False, generation=1))
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, as_of=None, since=now)))
    stage.bridge.recordsChanged.connect(lambda _changed: model.refresh())
    news(stage)
    qtbot.waitUntil(lambda: names(model)[0] == "Customer 00")
    stage.world.store.cursors.write(before)
    stage.tell(StatusChanged(Status(Mode.LIVE, as_of=now, since=now)))
    qtbot.waitUntil(lambda: names(model)[0] == "Customer 39")


def test_an_answer_for_a_page_that_is_gone_is_dropped(stage: Stage, qtbot: QtBot) -> None:
    made = RecordListModel(stage.portal, DEAL, stage.bridge)
    made.set_view("all")
    made.deleteLater()
    settle()
    after: list[str] = []
    stage.bridge.reader.run(lambda portal: portal.me.name, after.append)
    qtbot.waitUntil(lambda: bool(after))


def test_stages_are_lists_of_their_own(stage: Stage, qtbot: QtBot) -> None:
    made = RecordListModel(stage.portal, DEAL, stage.bridge)
    made.set_view("stage:approved")
    shown(made, qtbot)
    assert made.rowCount() == 40


def test_bridge_without_lists_never_starts_the_reader(stage: Stage) -> None:
    assert isinstance(stage.bridge, Bridge)
    stage.bridge._tell_reader(lambda portal: portal.lists.note_own())
    assert not stage.bridge.reader.started
