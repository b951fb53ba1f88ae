"""Signals end the event loop; expected errors are told; bugs are shown and noted."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from pytestqt.qtbot import QtBot

from app.composition.surprises import Interrupts, Surprises
from app.contract.errors import CounterpartError, DiskFull


def test_a_polite_kill_ends_the_loop(qtbot: QtBot) -> None:
    left: list[int] = []
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts(lambda: left.append(1)):
        QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGTERM))
        qtbot.waitUntil(lambda: bool(left))
    assert signal.getsignal(signal.SIGTERM) is before


def run(work: Callable[[], None], *, thread: bool) -> tuple[list[CounterpartError], list[int]]:
    expected: list[CounterpartError] = []
    bugs: list[int] = []
    with Surprises(expected.append, lambda: bugs.append(1)):
        if thread:
            worker = threading.Thread(target=work)
            worker.start()
            worker.join()
        else:
            try:
                work()
            except Exception:  # noqa: BLE001  # the hook is what a slot's exception reaches
                sys.excepthook(*sys.exc_info())
    return expected, bugs


def full() -> None:
    raise DiskFull


def broken() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("thread", [False, True])
def test_an_expected_error_is_told_and_nothing_else(thread: bool, capsys: pytest.CaptureFixture[str]) -> None:
    expected, bugs = run(full, thread=thread)
    assert [type(error) for error in expected] == [DiskFull]
    assert bugs == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("thread", [False, True])
def test_a_bug_is_shown_and_noted(
    thread: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    expected, bugs = run(broken, thread=thread)
    assert (expected, bugs) == ([], [1])
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_everything_is_as_before_afterwards() -> None:
    before = sys.excepthook, threading.excepthook
    run(full, thread=True)
    assert (sys.excepthook, threading.excepthook) == before
    assert QCoreApplication.instance() is None or not QCoreApplication.closingDown()
