"""The line at the bottom: it covers nothing that is worked on, and claims nothing that is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.sync.events import OutboxChanged
from app.views.home.pipeline import PipelineSection
from app.views.main_window import MainWindow
from app.views.page import HOME, SYNC_CENTRE, Page, Place, Toast
from app.views.requests.composer import Composer
from app.views.shell.toast_place import free_place
from tests.views import sample
from tests.views.stage import Stage, settle

ROOM = QRect(200, 100, 1000, 700)
SIZE = QSize(300, 40)
#: Middle, trailing and leading edge, as low as it goes.
MIDDLE, END, START = QPoint(550, 748), QPoint(876, 748), QPoint(224, 748)


@pytest.mark.parametrize(
    ("taken", "place"),
    [
        ([], MIDDLE),
        ([QRect(210, 200, 900, 300)], MIDDLE),
        ([QRect(540, 700, 400, 90)], START),
        ([QRect(500, 700, 300, 90)], END),
        ([QRect(200, 756, 1000, 44)], QPoint(550, 708)),
        # Too close is as bad as over it.
        ([QRect(200, 744, 600, 1)], END),
    ],
)
def test_it_stands_as_low_as_nothing_is_covered(taken: list[QRect], place: QPoint) -> None:
    assert free_place(ROOM, SIZE, taken) == place


def test_where_all_is_taken_it_covers_least() -> None:
    whole = [QRect(200, 100, 1000, 700), QRect(200, 100, 660, 700)]
    assert free_place(ROOM, SIZE, whole) == END


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    sample.programme(stage.world)
    sample.requests(stage.world)
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    QApplication.processEvents()
    yield made
    settle()


def page_of(window: MainWindow) -> Page:
    assert window.current is not None
    return window.current


def covered(window: MainWindow, kind: type[Composer] | type[PipelineSection]) -> bool:
    part = page_of(window).findChild(kind)
    assert part is not None
    assert part.isVisible()
    area = QRect(part.mapTo(window, QPoint(0, 0)), part.size())
    return area.intersects(window.toast.geometry())


def shows(window: MainWindow, kind: type[Composer] | type[PipelineSection]) -> bool:
    part = page_of(window).findChild(kind)
    return part is not None and part.isVisible()


def test_it_lies_neither_over_a_composer_nor_over_the_figures_of_home(
    window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: shows(window, PipelineSection))
    window.say(Toast("Marked as seen", lambda: None))
    QApplication.processEvents()
    assert not covered(window, PipelineSection)
    # It stays, and moves out of the way of what stands on the next page.
    window.go(Place("request"))
    qtbot.waitUntil(lambda: shows(window, Composer))
    window.say(Toast("Message cancelled", lambda: None))
    QApplication.processEvents()
    assert not covered(window, Composer)


def test_what_a_page_said_goes_with_it_but_not_the_way_back(window: MainWindow) -> None:
    page_of(window).said.emit(Toast("Copied"))
    QTest.qWait(1)
    window.go(Place(SYNC_CENTRE))
    assert window.toast.isHidden()
    page_of(window).said.emit(Toast("Draft discarded", lambda: None))
    QTest.qWait(1)
    window.go(Place(HOME))
    assert (window.toast.isVisible(), window.toast.can_undo) == (True, True)


def test_what_is_said_in_leaving_and_what_the_window_says_stays(window: MainWindow) -> None:
    page_of(window).said.emit(Toast("Deal submitted"))
    window.go(Place(SYNC_CENTRE))
    assert window.toast.isVisible()
    window.say(Toast("Still offline. It is sent when you are back."))
    QTest.qWait(1)
    window.go(Place(HOME))
    assert window.toast.isVisible()


def test_the_button_goes_when_what_it_takes_back_has_left(
    stage: Stage, window: MainWindow, qtbot: QtBot
) -> None:
    first, second = (stage.world.deal(f"mine-{n}", state="submitted") for n in range(2))
    done = tuple(stage.portal.intents.command(gid, "withdraw") for gid in (first, second))
    window.say(Toast("Withdrawn: 2 deals", lambda: None, done=done))
    stage.world.store.outbox.mark_sending([done[0].mutation_id])
    with qtbot.waitSignal(stage.bridge.outboxChanged):
        stage.tell(OutboxChanged())
    assert window.toast.can_undo, "one of them still waits"
    stage.world.store.outbox.mark_sending([done[1].mutation_id])
    stage.tell(OutboxChanged())
    qtbot.waitUntil(lambda: not window.toast.can_undo)
    assert (window.toast.isVisible(), window.toast.text) == (True, "Withdrawn: 2 deals")
    assert not window.toast._button.isVisible()


def test_an_edit_is_taken_back_after_it_was_sent_too(stage: Stage) -> None:
    gid = stage.world.deal("mine", state="submitted", next_steps="Call.")
    done = stage.portal.intents.edit(gid, {"next_steps": "Write."})
    stage.world.store.outbox.mark_sending([done.mutation_id])
    assert stage.portal.intents.undoable(done)
