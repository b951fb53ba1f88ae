"""A kiosk whose policy is not complete: its screen says what is missing, looks again, and becomes the entrance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from app.composition.kiosk_start import AGAIN, KioskStart
from app.services.surroundings import Surroundings
from app.session.policy.schema import Managed, Policy
from app.views import ways_out
from app.views.kiosk.entrance import EntranceScreen
from app.views.theme.theme import Theme
from tests.services.test_admission import TurningClock
from tests.services.test_opening import surroundings
from tests.views.checks import follows_scheme, unnamed
from tests.views.everywhere import cut_labels
from tests.views.stage import settle

#: A port on which nobody listens.
NOWHERE = "http://127.0.0.1:9"


class Machine:
    """A kiosk, its clock, and the policy it reads."""

    def __init__(self, app: QApplication, around: Surroundings, clock: TurningClock, theme: Theme) -> None:
        self.policy = Managed(
            policy=Policy(kiosk=True, kiosk_place="Lounge · screen 2", kiosk_help="Call 102.")
        )
        self.reads = 0
        self.clock = clock
        self.start = KioskStart(app, replace(around, clock=clock, managed=self.policy), theme, self._read)

    def _read(self) -> Managed:
        self.reads += 1
        return self.policy

    def pass_by(self, seconds: float) -> None:
        self.clock.ran += seconds
        self.clock.at += timedelta(seconds=seconds)
        self.start.look()


@pytest.fixture
def machine(qapp: QApplication, tmp_path: Path, theme: Theme) -> Iterator[Machine]:
    made = Machine(qapp, surroundings(tmp_path), TurningClock(), theme)
    yield made
    made.start.close()


def test_without_a_gateway_the_screen_says_so_and_tries_again(
    machine: Machine, theme: Theme, capsys: pytest.CaptureFixture[str]
) -> None:
    start = machine.start
    start.begin()
    screen = start.screen
    assert screen is not None
    assert screen.isFullScreen()
    assert screen.told.heading.text() == ("This screen is not set up yet: no gateway is set for this kiosk.")
    assert screen.told.text.text() == "Your IT sets the policy GatewayAddress. Call 102."
    assert screen.told.retry.text() == "Tries again by itself in 30 s"
    assert screen.head.place.text() == "Lounge · screen 2"
    assert unnamed(screen) == []
    assert cut_labels(screen) == []
    assert follows_scheme(screen, theme)
    assert "No gateway is set" in capsys.readouterr().err
    screen.close()
    QTest.keyClick(screen, Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    assert screen.isVisible()
    machine.pass_by(18)
    assert screen.told.retry.text() == "Tries again by itself in 12 s"
    assert machine.reads == 0
    machine.pass_by(12)
    assert machine.reads == 1
    assert start.client is None
    assert screen.told.retry.text() == "Tries again by itself in 30 s"
    assert capsys.readouterr().err == "", "the watchdog's log is told once"


def test_once_the_policy_has_one_the_entrance_stands_there(machine: Machine) -> None:
    start = machine.start
    start.begin()
    screen = start.screen
    assert screen is not None
    assert not ways_out.allowed().files
    machine.policy = Managed(policy=Policy(kiosk=True, gateway_address=NOWHERE, kiosk_place="Lounge"))
    QTest.mouseClick(screen.told.button, Qt.MouseButton.LeftButton)
    settle()
    assert start.client is not None
    assert isinstance(start.client.screen, EntranceScreen)
    assert not isValid(screen)
    machine.pass_by(AGAIN)
    assert machine.reads == 1


def test_a_gateway_that_is_not_allowed_is_named(machine: Machine) -> None:
    allowed = ("https://halden.example",)
    machine.policy = Managed(
        policy=Policy(kiosk=True, gateway_address="https://else.example", allowed_gateways=allowed)
    )
    machine.start.begin()
    machine.start.retry()
    screen = machine.start.screen
    assert screen is not None
    assert screen.told.heading.text().endswith("does not allow https://else.example on this computer.")
    assert "Allowed is: https://halden.example." in screen.told.text.text()
