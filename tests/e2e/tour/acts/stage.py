"""What every act needs: its folder, the real client in a window, and signs to and from whoever directs the tour."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.composition.browser import FormBrowser
from app.composition.surroundings import real_surroundings
from app.composition.window import Client, WindowRequest
from app.store.keys import KeyRing
from app.sync.clock import SystemIds
from app.views.main_window import MainWindow
from app.views.theme.theme import Theme
from tests.e2e.tour.acts.passphrase import PASSPHRASE
from tests.e2e.tour.claims import Claims
from tests.e2e.tour.clock import ShiftedClock
from tests.e2e.tour.person import Person, wait_until


@dataclass(frozen=True)
class Script:
    """What the director tells an act, as JSON: folders, the gateway, who plays, and a fault to play with.

    `told`: whom a conflict names as who wrote the other side; empty where the vendor's system does not tell that.
    `more`: what one act alone needs to know, in words.
    """

    work: Path
    pictures: Path
    data: Path
    clock: Path
    claims: Path
    gateway: str
    email: str
    password: str
    fault: str
    told: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Script:
        """Read the file the command line names."""
        parser = ArgumentParser()
        parser.add_argument("script", type=Path)
        told: dict[str, Any] = json.loads(parser.parse_args().script.read_text())
        for name in ("work", "pictures", "data", "clock", "claims"):
            told[name] = Path(told[name])
        return cls(**told)


class Act:
    """An act under way."""

    def __init__(
        self,
        script: Script,
        browser: Callable[[str], bool] | None = None,
        ring: Callable[[], KeyRing | None] = lambda: None,
    ) -> None:
        """`browser`: opens the page to sign in; without it one in which the script's person is signed in.

        `ring`: where keys are kept; without one the passphrase of all acts is asked for.
        """
        self.script = script
        self.claims = Claims(script.claims)
        self.app = QApplication(sys.argv[:1])
        self.theme = Theme()
        self.theme.apply(self.app)
        clock = ShiftedClock(script.clock)
        surroundings = replace(
            real_surroundings(
                script.data,
                locale="en_GB",
                ring=ring,
                open_browser=browser or FormBrowser(script.email, script.password),
            ),
            clock=clock,
            ids=SystemIds(clock),
        )
        request = WindowRequest(gateway=script.gateway, passphrase=PASSPHRASE, page="home")
        self.client = Client(self.app, surroundings, request, self.theme, sys.stdout)

    def open(self) -> Person:
        """Open the client and go through its entrance; returns who sits in front of its window."""
        self.client.begin()
        wait_until(lambda: self._window() is not None, "the window did not open", 40)
        window = self._window()
        assert window is not None
        return Person(window, self.theme, self.script.pictures)

    def _window(self) -> MainWindow | None:
        tops = self.app.topLevelWidgets()
        return next((one for one in tops if isinstance(one, MainWindow) and one.isVisible()), None)

    def sign(self, name: str) -> None:
        """Tell the director something."""
        (self.script.work / name).touch()

    def await_sign(self, name: str, seconds: float = 40.0) -> None:
        """Wait for the director, with the window alive."""
        wait_until((self.script.work / name).exists, f"the director gave no sign “{name}”", seconds)

    def play(self, story: Callable[[Person], None]) -> None:
        """Play, then close the window as a person would."""
        person = self.open()
        story(person)
        person.window.close()
        self.client.close()

    def wait_to_be_killed(self) -> None:
        """Stay as it is until the process is killed."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            QTest.qWait(100)
