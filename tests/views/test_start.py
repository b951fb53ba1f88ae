"""The first window stands within a second: what it does not need is not imported before it is painted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.session.accounts import Accounts
from app.store.cursors import Checkpoint
from app.store.keys import Cost, PassphraseKey
from tests.services.conftest import KEY, open_world
from tools.project import ROOT

#: Libraries that take long to import, and parts of ours that are not for a first window.
_LATER = (
    "anyio",
    "app.services.diagnostics",
    "app.services.doctor",
    "app.services.exporting",
    "app.services.pdf_answers",
    "app.session.sign_in",
    "app.session.updates.taking",
    "app.store.migrations.steps",
    "app.store.salvage",
    "app.sync.engine",
    "app.sync.transfers",
    "app.views.doctor",
    "apscheduler",
    "asyncio",
    "authlib",
    "http.server",
    "httpcore",
    "multiprocessing",
    "puremagic",
    "pypdfium2",
    "securesystemslib",
    "segno",
    "sqlite_utils",
    "structlog",
    "tuf",
    "xlsxwriter",
)

_PASSPHRASE = "a passphrase for one test"

#: Runs the client, and tells which modules are there once a window stands: a known account's, or the entrance.
_CLIENT = """
import json, os, sys

def tell():
    os.write(1, json.dumps(sorted(sys.modules)).encode())
    os._exit(0)

class Hearing:
    def write(self, text):
        if '"shown"' in text:
            tell()
    def flush(self):
        pass

from app.__main__ import main
if "--exit-when-shown" in sys.argv:
    sys.stdout = Hearing()
else:
    from app.views.welcome.entrance import EntranceWindow
    from app.views.widgets.base import Panel
    def painted(self, event):
        Panel.paintEvent(self, event)
        tell()
    EntranceWindow.paintEvent = painted
main()
"""


def _there(*arguments: str, home: Path) -> set[str]:
    """Return the modules that are imported once the first window is painted."""
    done = subprocess.run(
        [sys.executable, "-c", _CLIENT, "open", f"--data={home / 'data'}", *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(home)},
        input=_PASSPHRASE + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def _early(modules: set[str]) -> list[str]:
    return [name for name in _LATER if name in modules]


@pytest.fixture
def account(tmp_path: Path) -> str:
    """An account that has been on this computer before, its key wrapped cheaply."""
    made = Accounts(tmp_path / "data").at("https://portal.halden.example", "maya", "Maya Okafor", "Halden")
    world = open_world(made.store_path)
    with world.store as store, store.transaction():
        store.cursors.write(Checkpoint(cursor="1", epoch="1", complete=True, as_of=world.clock.now()))
    PassphraseKey(made.key_path, Cost(passes=1, memory=8, lanes=1)).create(_PASSPHRASE, KEY)
    return made.id


def test_the_window_of_a_known_account_waits_for_nothing_it_does_not_need(
    account: str, tmp_path: Path
) -> None:
    there = _there(f"--account={account}", "--exit-when-shown", "--passphrase-stdin", home=tmp_path)
    assert "app.views.home.page" in there
    assert _early(there) == []


def test_the_entrance_of_a_new_computer_waits_for_nothing_it_does_not_need(tmp_path: Path) -> None:
    there = _there(home=tmp_path)
    assert "app.views.welcome.entrance" in there
    assert not there & {"app.bridge.engine", "app.services.portal", "app.views.main_window"}
    assert "app.views.home.page" not in there
    assert _early(there) == []
