"""A blocking call beside the window: its answer comes to whoever sent it, and to nobody once they are gone."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.bridge.errand import Errand
from app.contract.errors import CounterpartError
from tests.views.stage import settle

PATIENCE = 10.0


class Sender(QObject):
    """Sends an errand that is held until `let_go`."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.may_end = threading.Event()
        self.error = error
        self.errand = Errand(self._work, self.heard.append, self.heard.append, owner=self)

    def _work(self) -> str:
        assert self.may_end.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        return "done"


def test_a_result_comes_to_its_sender(qtbot: QtBot) -> None:
    sender = Sender()
    sender.errand.start()
    sender.may_end.set()
    qtbot.waitUntil(lambda: sender.heard == ["done"])


def test_so_does_an_error_with_words(qtbot: QtBot) -> None:
    error = CounterpartError("The gateway does not answer.")
    sender = Sender(error)
    sender.errand.start()
    sender.may_end.set()
    qtbot.waitUntil(lambda: sender.heard == [error])


def test_what_was_abandoned_is_heard_by_nobody(qtbot: QtBot) -> None:
    sender = Sender()
    sender.errand.start()
    sender.errand.abandon()
    sender.may_end.set()
    sender.errand.wait(PATIENCE)
    settle()
    assert sender.heard == []


@pytest.mark.parametrize("error", [None, ValueError("a bug that nobody waits for")], ids=["result", "error"])
def test_a_sender_that_is_gone_hears_nothing_and_its_thread_ends_in_peace(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    broken: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", broken.append)
    sender = Sender(error)
    heard, errand, may_end = sender.heard, sender.errand, sender.may_end
    errand.start()
    delete(sender)
    may_end.set()
    errand.wait(PATIENCE)
    settle()
    assert (heard, broken) == ([], [])


def test_what_it_was_sent_with_is_let_go_on_the_main_thread(qtbot: QtBot) -> None:
    ended_on: list[threading.Thread] = []

    class Last:
        def __call__(self) -> str:
            return "done"

        def __del__(self) -> None:
            ended_on.append(threading.current_thread())

    owner = QObject()
    heard: list[object] = []
    for _ in range(50):
        errand = Errand(Last(), heard.append, heard.append, owner=owner)
        errand.start()
        del errand
    qtbot.waitUntil(lambda: len(ended_on) == 50)
    assert (set(ended_on), heard) == ({threading.main_thread()}, ["done"] * 50)
