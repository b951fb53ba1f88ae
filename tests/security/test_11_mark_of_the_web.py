"""11. What is saved carries the mark of the web (Windows) or of quarantine (macOS); the app opens no saved file,
and hands no file to another program, so that nothing can be run through it.

More: `tests/services/test_documents.py`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.services import mark_of_the_web
from app.services.mark_of_the_web import mark
from tests.security.source import calls, imports, nodes
from tests.services.conftest import open_world
from tests.services.test_documents import arrive, document

#: Who may start another program, and which: the systems' own tools, by path or name, never with a file of ours
#: as what is run.
STARTS = {
    "app/services/mark_of_the_web.py": "/usr/bin/xattr marks a file on macOS",
    "app/views/theme/motion.py": "asks the desktop whether it moves things",
    "app/session/profile_wipe.py": "closes a folder to users by System32\\icacls, on uninstalling",
    "app/composition/watchdog.py": "starts the kiosk's window: this very program",
    "app/services/doctor/computer.py": "asks the system's own tools, and has no file of anybody's",
    "app/session/updates/handing_over.py": "starts this very program again, as it was signed",
    "app/services/pdf.py": "starts this very program as the reader of PDF files, which gets bytes and no file",
    "app/composition/demo.py": "starts the gateway of the demonstration",
}


def test_on_windows_a_file_says_that_it_came_from_the_internet(tmp_path: Path) -> None:
    saved = tmp_path / "list.pdf"
    saved.write_bytes(b"x")
    assert mark(saved, "win32")
    stream = (tmp_path / "list.pdf:Zone.Identifier").read_bytes()
    assert stream == b"[ZoneTransfer]\r\nZoneId=3\r\n"
    assert not mark(tmp_path / "no" / "folder.pdf", "win32"), "where it cannot be written it is not claimed"


def test_on_macos_a_file_is_in_quarantine(tmp_path: Path) -> None:
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return 0

    saved = tmp_path / "-w list.pdf"
    assert mark(saved, "darwin", run)
    (command,) = ran
    assert command[:3] == ["/usr/bin/xattr", "-w", "com.apple.quarantine"]
    flags, _time, agent, _id = command[3].split(";")
    assert int(flags, 16) & 0x0080, "not yet looked at by a person"
    assert agent == "Counterpart"
    assert command[4:] == [str(saved)]
    assert Path(command[4]).is_absolute(), "no name is taken for an option"

    def fails(command: Sequence[str]) -> int:
        raise subprocess.TimeoutExpired(command, 5)

    assert not mark(saved, "darwin", fails)
    assert not mark(saved, "darwin", lambda _command: 1)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_every_copy_of_a_document_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    ran: list[Sequence[str]] = []
    monkeypatch.setattr(sys, "platform", platform)

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(mark_of_the_web, "_ran", run)
    world = open_world(tmp_path / "store.db")
    gid = document(world)
    world.portal.documents.pull(gid)
    arrive(world, gid)
    folder = tmp_path / "downloads"
    folder.mkdir()
    saved = world.portal.documents.save_as(gid, folder)
    assert saved.marked
    if platform == "win32":
        assert [path.name for path in sorted(folder.iterdir())] == [
            saved.path.name,
            f"{saved.path.name}:Zone.Identifier",
        ]
    else:
        assert [command[-1] for command in ran] == [str(saved.path)]
    world.store.close()


def test_no_file_is_handed_to_another_program() -> None:
    assert [path for path, _ in calls("startfile")] == []
    assert [path for path, _ in calls("fromLocalFile")] == []
    assert [
        path for path, name in imports() if name.startswith(("os.startfile", "PySide6.QtCore.QProcess"))
    ] == []
    for name in ("system", "popen", "execv", "execvp", "spawnv", "posix_spawn"):
        assert [path for path, call in calls(name) if _of_os(call)] == [], name
    starting = {path for path, name in imports() if name == "subprocess"}
    assert starting <= STARTS.keys(), "who starts a program says here which, and why it is none of ours"
    shells = [
        path
        for path, node in nodes()
        if isinstance(node, ast.keyword) and node.arg == "shell" and not _is(node.value, False)
    ]
    assert shells == []


def test_addresses_alone_are_opened_and_by_these_alone() -> None:
    """What they open is https, or the mail program; see statement 13."""
    opening = {path for path, _ in calls("openUrl")}
    assert opening == {"app/views/ways_out.py"}


def _of_os(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "os"
    )


def _is(value: ast.expr, wanted: object) -> bool:
    return isinstance(value, ast.Constant) and value.value is wanted
