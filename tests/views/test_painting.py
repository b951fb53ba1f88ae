"""What one sees between two events: nothing is painted in less room than it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.sync.events import RecordsChanged
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.widgets.text import Text
from tests.views import sample
from tests.views.stage import Stage, settle

_FRAMES_MS = 80


class Probe(QObject):
    """Notes every text that is painted while it has less height than its words need."""

    def __init__(self) -> None:
        super().__init__()
        self.squashed: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and isinstance(watched, Text) and watched.wordWrap():
            needed = watched.heightForWidth(watched.width())
            if watched.height() < needed:
                self.squashed.append(f"{watched.text()[:40]}: {watched.height()} of {needed}")
        return super().eventFilter(watched, event)


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    sample.requests(stage.world)
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    settle()


@pytest.fixture
def probe(qapp: QApplication) -> Iterator[Probe]:
    made = Probe()
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


def test_a_detail_that_grows_is_laid_out_before_it_is_painted(
    stage: Stage, window: MainWindow, probe: Probe
) -> None:
    gid = stage.world.deal("grows", state="submitted", problem="It drops. " * 30)
    window.go(Place("deal_registration", gid=gid))
    QTest.qWait(_FRAMES_MS)
    asked = {"state": "action_required", "review_comment": "Add the site survey. " * 8}
    for changes in (asked, {"state": "approved", "problem": "It drops. " * 60}):
        stage.world.deal("grows", **changes)
        stage.tell(RecordsChanged(frozenset({"deal_registration"}), frozenset({gid})))
        QTest.qWait(_FRAMES_MS)
    for number in range(3):
        sample.message(stage.world, gid, f"remark-{number}", "Some words of a comment. " * 10)
        stage.tell(RecordsChanged(frozenset({"message"}), frozenset({gid})))
        QTest.qWait(_FRAMES_MS)
    assert probe.squashed == []
