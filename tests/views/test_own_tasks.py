"""Tasks of a widget end with it; while it lives, they answer."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.contract.errors import CounterpartError, Refused
from app.services.portal import Portal
from app.views.widgets.own_tasks import OwnTasks
from tests.views.stage import Stage, settle


def test_work_is_done_elsewhere_and_answered_here(stage: Stage, qtbot: QtBot) -> None:
    owner = QObject()
    seen: list[tuple[str, str]] = []
    tasks = OwnTasks(owner, stage.bridge)
    tasks.run(
        lambda portal: (portal.me.name, threading.current_thread().name),
        lambda found: seen.append((found[0], threading.current_thread().name)),
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("Maya Okafor", threading.main_thread().name)]


def test_a_refusal_is_told(stage: Stage, qtbot: QtBot) -> None:
    owner = QObject()
    told: list[CounterpartError] = []

    def refuse(_portal: Portal) -> None:
        raise Refused("Not now.")

    OwnTasks(owner, stage.bridge).run(refuse, None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].cause == "Not now."


def test_an_answer_for_nobody_is_dropped(stage: Stage, qtbot: QtBot) -> None:
    owner = QObject()
    began, go_on = threading.Event(), threading.Event()
    seen: list[str] = []

    def slow(_portal: Portal) -> str:
        began.set()
        assert go_on.wait(30)
        return "late"

    task = OwnTasks(owner, stage.bridge).run(slow, seen.append)
    assert began.wait(30)
    owner.deleteLater()
    settle()
    go_on.set()
    after: list[str] = []
    stage.bridge.tasks.run(lambda _portal: "after", after.append)
    stage.bridge.tasks.run(lambda _portal: "and again", after.append)
    qtbot.waitUntil(lambda: len(after) == 2)
    assert task.cancelled
    assert seen == []
