"""Watching the kiosk's window: what counts as hanging, how starts slow down, and real processes that are killed."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.composition.pulse import Pulse, pulse_of
from app.composition.watchdog import PULSE, Patience, Slowing, Vigil, Watchdog
from tests.patience import PATIENCE

QUICK = Patience(first=PATIENCE, beat=0.6, settled=PATIENCE, waits=(0.05, 0.1), end=PATIENCE)

#: Beats, and writes down that it was started; with a second word it ends with that code.
CHILD = """
import os, sys, time
with open(sys.argv[1], "a") as started:
    started.write(f"{os.getpid()}\\n")
if len(sys.argv) > 2:
    sys.exit(int(sys.argv[2]))
while True:
    os.write(int(os.environ["COUNTERPART_KIOSK_PULSE"]), b".")
    time.sleep(0.05)
"""


def started(folder: Path) -> list[int]:
    path = folder / "started"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class Watched:
    """A watchdog in a thread of the test."""

    def __init__(self, command: list[str], patience: Patience) -> None:
        self.out = io.StringIO()
        self.dog = Watchdog(command, {}, patience, self.out)
        self.codes: list[int] = []
        self.thread = threading.Thread(target=lambda: self.codes.append(self.dog.run()))
        self.thread.start()

    def end(self) -> None:
        self.dog.end()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def watch(*further: str, command: list[str] | None = None, patience: Patience = QUICK) -> Watched:
        usual = [sys.executable, "-c", CHILD, str(tmp_path / "started"), *further]
        made.append(Watched(command or usual, patience))
        return made[-1]

    yield watch
    for one in made:
        one.end()


# ---------------------------------------------------------------------------------------------------------- decisions


def test_a_child_hangs_when_it_was_silent_for_too_long() -> None:
    patience = Patience(first=60, beat=15)
    vigil = Vigil(patience, 100.0)
    assert not vigil.hangs(160.0)
    assert vigil.hangs(160.1), "it has never beaten"
    vigil.beat(159.0)
    assert not vigil.hangs(174.0)
    assert vigil.hangs(174.1)


def test_it_slows_down_and_never_gives_up() -> None:
    slowing = Slowing(Patience(waits=(0.5, 1.0, 5.0)))
    assert [slowing.wait(settled=False) for _ in range(5)] == [0.5, 1.0, 5.0, 5.0, 5.0]
    assert slowing.wait(settled=True) == 0.5, "one that had run well starts again at once"


def test_only_one_that_has_beaten_for_a_while_had_run_well() -> None:
    vigil = Vigil(Patience(settled=60), 0.0)
    assert not vigil.settled(100.0)
    vigil.beat(1.0)
    assert not vigil.settled(59.0)
    assert vigil.settled(60.0)


# ---------------------------------------------------------------------------------------------------- real processes


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_child_and_one_that_hangs_are_replaced(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    made = watched()
    until(lambda: len(started(tmp_path)) == 1)
    first = started(tmp_path)[0]
    os.kill(first, signal.SIGKILL)
    until(lambda: len(started(tmp_path)) == 2)
    second = started(tmp_path)[1]
    until(lambda: lives(second))
    os.kill(second, signal.SIGSTOP)
    until(lambda: len(started(tmp_path)) == 3)
    assert not lives(second)
    third = started(tmp_path)[2]
    made.end()
    assert made.codes == [0]
    assert not lives(third)
    said = made.out.getvalue()
    assert "by SIGKILL" in said
    assert "does not answer" in said


def test_an_end_that_was_asked_for_is_one(watched: Callable[..., Watched], tmp_path: Path) -> None:
    made = watched("0")
    made.thread.join(PATIENCE)
    assert made.codes == [0]
    assert len(started(tmp_path)) == 1


def test_what_no_start_would_change_is_not_tried_again(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    made = watched("2")
    made.thread.join(PATIENCE)
    assert made.codes == [2]
    assert len(started(tmp_path)) == 1


def test_a_crash_again_and_again_is_started_again_and_again(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    watched("7")
    until(lambda: len(started(tmp_path)) >= 4)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_real_window_beats_is_replaced_and_ends_politely(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.views.kiosk_process", str(tmp_path)]
    made = watched(
        command=command, patience=Patience(first=PATIENCE, beat=PATIENCE, waits=(0.05,), end=PATIENCE)
    )
    until(lambda: len(started(tmp_path)) == 1)
    os.kill(started(tmp_path)[0], signal.SIGKILL)
    until(lambda: len(started(tmp_path)) == 2)
    second, data = started(tmp_path)[1], tmp_path / "data"
    until((data / "kiosk" / "device.json").exists)  # it asks for a code
    assert any(data.glob("*.lock"))
    made.end()
    assert made.codes == [0]
    assert not lives(second)
    assert not any(data.glob("*.lock")), "it had time to leave"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_to_the_watchdog_ends_both(tmp_path: Path) -> None:
    program = "import sys; from app.composition.watchdog import watch; sys.exit(watch(sys.argv[1:], {}))"
    child = [sys.executable, "-c", CHILD, str(tmp_path / "started")]
    dog = subprocess.Popen([sys.executable, "-c", program, *child])
    try:
        until(lambda: len(started(tmp_path)) == 1)
        dog.send_signal(signal.SIGTERM)
        assert dog.wait(PATIENCE) == 0
        until(lambda: not lives(started(tmp_path)[0]))
    finally:
        dog.kill()
        dog.wait()


# ---------------------------------------------------------------------------------------------------------- the beat


def test_the_place_to_beat_is_taken_out_of_the_environment() -> None:
    environment = {PULSE: "7", "HOME": "/home/kiosk"}
    assert pulse_of(environment) == 7
    assert environment == {"HOME": "/home/kiosk"}
    assert pulse_of({PULSE: "nothing"}) is None
    assert pulse_of({}) is None


def test_a_window_that_nobody_watches_any_more_leaves(qapp: QApplication, qtbot: QtBot) -> None:
    reading, writing = os.pipe()
    ended: list[int] = []
    pulse = Pulse(writing, lambda: ended.append(1))
    assert os.read(reading, 8) == b"."
    for _ in range(70_000):  # more than a pipe holds: the window is never held up by who does not read
        pulse._beat()
    assert ended == []
    os.close(reading)
    pulse._beat()
    assert ended == [1]
    os.close(writing)
    assert QCoreApplication.instance() is qapp
