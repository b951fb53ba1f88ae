"""One window for each user and folder: what a second start hands over, and what is never taken."""

from __future__ import annotations

import getpass
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from app.composition.instance import MOST, Handed, Instance, parsed

LISTENING = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.composition.instance import Instance
app = QCoreApplication([])
instance = Instance(Path(sys.argv[1]))
print("first" if instance.claim() else "second", flush=True)
def tell(handed):
    print(handed.model_dump_json(), flush=True)
    if handed.account == "leave":
        app.quit()
instance.asked.connect(tell)
app.exec()
"""


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"form": 2}',
        b'{"form": "1"}',
        b'{"form": 1, "link": 7}',
        b'{"form": 1, "run": "rm"}',
        b'{"form": 1, "token": "a b"}',
        b'{"form": 1, "token": "a\\nb"}',
        b"\xff\xfe",
        json.dumps({"form": 1, "link": "x" * 1001}).encode(),
        json.dumps({"form": 1, "account": "x" * 65}).encode(),
        b'{"form": 1}' + b" " * MOST,
    ],
)
def test_what_is_not_exactly_a_message_is_none(line: bytes) -> None:
    assert parsed(line) is None


def test_a_command_line_is_cut_to_what_may_be_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "bad token")
    handed = Handed.of("a" * 100, "g" * 400, "counterpart://deal/" + "9" * 10_000)
    assert parsed(handed.model_dump_json().encode()) == handed
    assert (len(handed.account), len(handed.link), handed.token) == (64, 1000, "")


@pytest.fixture
def first(tmp_path: Path, qtbot: QtBot) -> Iterator[Instance]:
    made = Instance(tmp_path)
    assert made.claim()
    yield made
    made.close()


@pytest.mark.parametrize("sent", [b"hello\n", b"x" * (MOST + 10), b"x" * (MOST + 10) + b"\n"])
def test_whatever_else_comes_through_is_not_taken(first: Instance, qtbot: QtBot, sent: bytes) -> None:
    asked: list[Handed] = []
    first.asked.connect(asked.append)
    socket = QLocalSocket()
    socket.connectToServer(first._address)
    assert socket.waitForConnected(2000)
    with qtbot.waitSignal(socket.disconnected, timeout=3000, raising=False):
        socket.write(sent)
    assert not bytes(socket.readAll().data()).startswith(b"ok")
    socket.abort()
    assert asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe has no file")
def test_the_socket_is_this_users_alone(first: Instance) -> None:
    path = Path(first._address)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


def start(script: list[str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *script, *arguments], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_two_processes_one_window(tmp_path: Path) -> None:
    """The real command hands its link to a process that listens; one that was killed leaves nothing in the way."""
    root = str(tmp_path)
    one = start(["-c", LISTENING], root)
    opened = ["-m", "app", "open", "--data", root]
    try:
        assert line(one) == "first"
        second = subprocess.run(
            [sys.executable, *opened, "counterpart://deal/X-1", "--account", "ab"], check=False, timeout=30
        )
        assert second.returncode == 0
        told = json.loads(line(one))
        assert (told["link"], told["account"]) == ("counterpart://deal/X-1", "ab")
        one.send_signal(signal.SIGKILL)
        one.wait(10)
        again = start(["-c", LISTENING], root)
        try:
            assert line(again) == "first", "a socket and a lock that nobody holds are nobody's"
            subprocess.run([sys.executable, *opened, "--account", "leave"], check=True, timeout=30)
            assert json.loads(line(again))["account"] == "leave"
            assert again.wait(10) == 0
        finally:
            again.kill()
            again.wait(10)
            assert again.stdout is not None
            again.stdout.close()
    finally:
        one.kill()
        one.wait(10)
        assert one.stdout is not None
        one.stdout.close()


def test_a_folder_that_becomes_private_while_it_is_used_is_the_same_place(
    tmp_path: Path, qtbot: QtBot
) -> None:
    """An administrator or a person made the folder, readable for all; the first account makes it private."""
    root = tmp_path / "data"
    root.mkdir(mode=0o755)
    root.chmod(0o755)
    one = Instance(root)
    assert one.claim()
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    (root / "account").mkdir()
    root.chmod(0o755)
    second = Instance(root)
    assert not second.claim(), "both opened a window on the same accounts"
    assert second._address == one._address
    one.close()


def test_a_folder_with_a_long_name_has_one_too(tmp_path: Path, qtbot: QtBot) -> None:
    root = tmp_path / ("long-" * 20) / ("longer-" * 12)
    one, second = Instance(root), Instance(root)
    assert one.claim()
    assert not second.claim()
    assert one._server.isListening()
    one.close()


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe has no file")
@pytest.mark.parametrize("planted", ["open to all", "a link"])
def test_nobody_elses_folder_is_where_one_meets(
    short: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, planted: str
) -> None:
    """Without a folder of the session the temporary one is left, in which anybody can make what we are about to."""
    shared, root = short / "shared", short / "data"
    shared.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    theirs = shared / f"counterpart-{getpass.getuser()}"
    if planted == "a link":
        (shared / "theirs").mkdir()
        theirs.symlink_to(shared / "theirs")
    else:
        theirs.mkdir()
        theirs.chmod(0o777)
    one, second = Instance(root), Instance(root)
    assert one.claim()
    assert not second.claim()
    assert second._address == one._address
    assert one._server.isListening()
    assert not list(theirs.iterdir()), "it listens where others write"
    assert stat.S_IMODE(Path(one._address).parent.stat().st_mode) & 0o077 == 0
    one.close()
