"""What the program as a whole does about its versions: says that it came up, and starts anew on asking."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.composition import window
from app.composition.client import Client
from app.composition.request import WindowRequest
from app.services.surroundings import Surroundings
from app.services.updating import Updating
from app.views.theme.theme import Theme
from tests.services.test_opening import surroundings
from tests.views.test_settings_updates import PLAIN, FakeUpdating


def test_what_the_entrance_asks_shows_that_this_version_works(
    qapp: QApplication, theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    fake = FakeUpdating(PLAIN)
    updating: Updating = fake  # type: ignore[assignment]
    client = Client(qapp, surroundings(tmp_path), WindowRequest(), theme, io.StringIO(), updating)
    client.begin()
    qtbot.waitUntil(lambda: fake.did == ["came up"])
    client.close()
    assert client.versions is not None
    assert not client.versions.watch._timer.isActive(), "nothing is looked for any more"


class StandIn:
    """A client that is closed at once. `restarts`: somebody asked for the version that is ready."""

    restarts = True
    exit_code = 0

    def __init__(self, app: QApplication, *_rest: object) -> None:
        self._app = app
        self.versions = SimpleNamespace(restarts=self.restarts)
        self.take = self.quit = self.on_expected = self.on_bug = lambda *_of: None

    def begin(self) -> None:
        self._app.quit()

    def close(self) -> None:
        """Nothing is open."""


class _Alone:
    """Nobody else is there."""

    def __init__(self, _root: Path) -> None:
        self.asked = SimpleNamespace(connect=lambda _slot: None)
        self.closed = False
        _Alone.last = self

    last: _Alone

    def claim(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


@contextmanager
def _plain(*_of: object) -> Iterator[None]:
    yield


@pytest.mark.parametrize("asked", [True, False])
def test_it_starts_anew_once_its_own_window_has_let_go(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    started: list[bool] = []
    quiet: Callable[..., None] = lambda *_of, **_named: None  # noqa: E731  # a stand-in for several
    monkeypatch.setattr(StandIn, "restarts", asked)
    for name, stand_in in {
        "Client": StandIn,
        "Instance": _Alone,
        "Interrupts": _plain,
        "Surprises": _plain,
        "_once_it_stands": quiet,
        "settle_program": quiet,
        "watched_for_faults": _plain,
        "start_again": lambda _installation: started.append(_Alone.last.closed),
    }.items():
        monkeypatch.setattr(window, name, stand_in)
    around: Surroundings = surroundings(tmp_path)
    assert window.run_window(around, WindowRequest()) == 0
    assert started == ([True] if asked else []), "the next one finds nobody there"
