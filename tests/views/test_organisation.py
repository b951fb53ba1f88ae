"""What an organisation set, as a person meets it: at the entrance, in the settings, and when an account locks."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import Step
from app.composition.window import Client, WindowRequest
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.policy.reading import managed
from app.session.policy.schema import Layer, Managed
from app.views.settings.page import SettingsPage
from app.views.theme.theme import Theme
from app.views.welcome.blocked import BlockedStep
from app.views.welcome.entrance import EntranceWindow
from app.views.welcome.steps import AccountStep, ProblemStep
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon
from tests.services.conftest import CountedIds, StandingClock
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_admission import TurningClock
from tests.services.test_opening import entered, surroundings
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

HALDEN, ALDER = "https://partners.halden.example", "https://partners.alder.example"

Door = Callable[[Managed], EntranceWindow]


class Source:
    """Group Policy, and what the installer was told."""

    name = "Group Policy"

    def __init__(self, forced: dict[str, Any], recommended: dict[str, Any]) -> None:
        self._layers = (Layer("policy", True, forced), Layer("installer", False, recommended))

    def layers(self) -> tuple[Layer, ...]:
        return self._layers


def organisation(recommended: dict[str, Any] | None = None, /, **forced: Any) -> Managed:
    return managed(Source(forced, recommended or {}))


@pytest.fixture
def door(tmp_path: Path, theme: Theme, qtbot: QtBot) -> Iterator[Door]:
    entrances: list[Entrance] = []

    def opened(found: Managed) -> EntranceWindow:
        around = Surroundings(
            root=tmp_path, clock=StandingClock(), ids=CountedIds(), rng=random.Random(1), ring=lambda: None,
            open_browser=lambda _: True, managed=found,
        )  # fmt: skip
        entrances.append(Entrance(Opening(around)))
        window = EntranceWindow(entrances[-1], theme)
        qtbot.addWidget(window)
        window.show()
        entrances[-1].begin()
        settle()
        return window

    yield opened
    for entrance in entrances:
        entrance.stop()


def words(widget: QWidget) -> str:
    settle()
    return "\n".join(text.text() for text in widget.findChildren(Text) if text.isVisibleTo(widget))


# -- the entrance ---------------------------------------------------------------------------------------------
def test_a_forced_gateway_is_the_only_one_and_there_is_no_field(door: Door, theme: Theme) -> None:
    window = door(organisation(GatewayAddress=HALDEN))
    card = window.card
    assert isinstance(card, AccountStep)
    assert card.offered is not None
    assert list(card.offered.buttons) == [HALDEN]
    assert not card.field.isVisibleTo(window)
    assert not card.go.isVisibleTo(window)
    assert "Set by your organisation" in words(window)
    assert "Write the address" not in words(window)
    assert unnamed(window) == []
    assert follows_scheme(window, theme)
    QTest.mouseClick(card.offered.buttons[HALDEN], Qt.MouseButton.LeftButton)
    assert window._entrance.state.step is Step.BROWSER
    assert window._entrance.state.address.startswith(HALDEN)


def test_several_allowed_gateways_are_offered_side_by_side(door: Door) -> None:
    window = door(organisation(AllowedGateways=[HALDEN, ALDER]))
    card = window.card
    assert isinstance(card, AccountStep)
    assert card.offered is not None
    assert list(card.offered.buttons) == [HALDEN, ALDER]
    window._entrance.sign_in("https://elsewhere.example")
    assert (
        card.offered.problem == "Your organisation does not allow https://elsewhere.example on this computer."
    )
    assert card.offered.problem in words(window)


def test_among_many_the_address_is_written_and_another_one_refused(door: Door) -> None:
    window = door(organisation(AllowedGateways=[f"https://{n}.example" for n in range(9)]))
    card = window.card
    assert isinstance(card, AccountStep)
    assert card.offered is None
    QTest.keyClicks(card.address.edit, "elsewhere.example")
    QTest.keyClick(card.address.edit, Qt.Key.Key_Return)
    settle()
    card = window.card
    assert isinstance(card, AccountStep)
    assert "does not allow https://elsewhere.example" in card.field.error


def test_a_recommended_gateway_stands_in_the_field(door: Door) -> None:
    window = door(organisation({"GatewayAddress": HALDEN}))
    card = window.card
    assert isinstance(card, AccountStep)
    assert card.offered is None
    assert card.address.edit.text() == HALDEN


def test_what_is_not_understood_opens_nothing_and_can_be_copied(door: Door, theme: Theme) -> None:
    window = door(organisation(OfflineDays="two weeks", Kiosk="maybe", LogLevel="loud"))
    card = window.card
    assert isinstance(card, BlockedStep)
    said = words(window)
    assert "Counterpart cannot open" in said
    assert "OfflineDays in policy is “two weeks”" in said
    assert "LogLevel" not in said, "that restricts nothing"
    QTest.mouseClick(card.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().count("\n") == 1
    assert unnamed(window) == []
    assert follows_scheme(window, theme)


# -- an account that is there ---------------------------------------------------------------------------------
@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


@pytest.fixture
def start(qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[[Surroundings], Client]]:
    clients: list[Client] = []

    def started(around: Surroundings) -> Client:
        clients.append(Client(qapp, around, WindowRequest(), Theme(), io.StringIO()))
        clients[-1].begin()
        return clients[-1]

    yield started
    for client in clients:
        client.close()


def problem_of(client: Client, qtbot: QtBot) -> ProblemStep:
    qtbot.waitUntil(lambda: client.entrance is not None and client.entrance.state.step is Step.PROBLEM)
    assert client._entrance_window is not None
    card = client._entrance_window.card
    assert isinstance(card, ProblemStep)
    return card


def test_an_account_of_another_gateway_stays_closed_and_says_why(
    gateway: SmallGateway, tmp_path: Path, start: Callable[[Surroundings], Client], qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    entered(Opening(around), gateway).close()
    client = start(replace(around, managed=organisation(AllowedGateways=[HALDEN])))
    card = problem_of(client, qtbot)
    assert card.accessibleName() == "Not allowed on this computer"
    assert gateway.url in card.accessibleDescription()
    assert HALDEN in card.accessibleDescription()
    assert list(card.buttons) == ["back"]


def test_a_window_locks_when_the_gateway_was_away_too_long_and_opens_when_it_is_back(
    gateway: SmallGateway, tmp_path: Path, start: Callable[[Surroundings], Client], qtbot: QtBot
) -> None:
    clock = TurningClock()
    around = replace(surroundings(tmp_path), clock=clock, managed=organisation(OfflineDays=2))
    entered(Opening(around), gateway).close()
    gateway.down = {"/v1/me", "/v1/manifest", "/v1/snapshot", "/v1/changes", "/v1/events"}
    client = start(around)
    qtbot.waitUntil(lambda: client.window is not None)
    assert client._work is not None
    client._work.look_at_contact()
    settle()
    assert client.entrance is None
    clock.at += timedelta(days=1)

    def warned() -> bool:
        assert client.window is not None
        client.window.standing.show()
        return "locks within 1 day unless" in client.window.banner.accessibleName()

    qtbot.waitUntil(warned)
    clock.at += timedelta(days=2)
    client._work.look_at_contact()
    card = problem_of(client, qtbot)
    assert client.bridge is None
    assert card.accessibleName() == "This account is locked"
    assert "more than 2 days" in card.accessibleDescription()
    assert "Nothing was deleted" in card.accessibleDescription()
    gateway.down.discard("/v1/me")
    QTest.mouseClick(card.buttons["retry"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: client.window is not None)


# -- the settings ---------------------------------------------------------------------------------------------
def settings(stage: Stage, qtbot: QtBot, found: Managed) -> SettingsPage:
    stage.portal._context.managed = found
    page = SettingsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    settle()
    return page


def test_the_settings_list_what_is_set_and_lock_what_is_forced(
    stage: Stage, theme: Theme, qtbot: QtBot
) -> None:
    found = organisation(
        {"LogLevel": "info"},
        GatewayAddress=HALDEN, AllowedGateways=[HALDEN, ALDER], OfflineDays=14, DocumentQuotaMb=1500,
        IdleLockSeconds=90, Proxy="http://kim:s3cret@proxy.corp.example:8080", Kiosk=0, Wallpaper="blue",
    )  # fmt: skip
    page = settings(stage, qtbot, found)
    said = words(page.organisation)
    assert [(line.title, line.value, line.forced) for line in page.organisation.lines] == [
        ("Gateway", HALDEN, True),
        ("Allowed gateways", f"{HALDEN}\n{ALDER}", True),
        ("Kiosk", "Off", True),
        ("Lock when idle", "After 90 seconds", True),
        ("Without the gateway", "Locks after 14 days", True),
        ("Limit for documents", "1.5\xa0GB", True),
        ("Proxy", "http://proxy.corp.example:8080", True),
        ("Log on this computer", "What happens, without what it is about", False),
    ]
    assert "Set by Group Policy" in said
    assert "Wallpaper" in said
    assert "s3cret" not in said
    locks = [icon for icon in page.organisation.findChildren(Icon) if icon.accessibleName()]
    assert [icon.accessibleName() for icon in locks] == ["Set by your organisation"] * 7
    assert unnamed(page.organisation) == []
    assert follows_scheme(page.organisation, theme)


def test_a_limit_that_was_set_cannot_be_changed_and_says_who_did(stage: Stage, qtbot: QtBot) -> None:
    page = settings(stage, qtbot, organisation(DocumentQuotaMb=1500))
    assert not page.limit.combo.isEnabled()
    assert page.limit.combo.currentText() == "1.5\xa0GB"
    assert page.limit.toolTip() == "Set by your organisation"
    assert page.limit.combo.accessibleDescription() == "Set by your organisation"
    assert page.limit_lock.isVisibleTo(page)


def test_a_recommended_limit_holds_until_the_user_chooses(stage: Stage, qtbot: QtBot) -> None:
    page = settings(stage, qtbot, organisation({"DocumentQuotaMb": 700}))
    assert page.limit.value() == "700000000"
    assert page.limit.combo.currentText() == "700\xa0MB"
    assert page.limit.combo.isEnabled()
    assert not page.limit_lock.isVisibleTo(page)
    page.limit.combo.setCurrentIndex(0)
    page.limit.combo.activated.emit(0)
    assert stage.portal.documents.limit == 100_000_000


def test_where_nobody_manages_there_is_no_such_part(stage: Stage, qtbot: QtBot) -> None:
    page = settings(stage, qtbot, organisation())
    assert not page.organisation.isVisibleTo(page)
    assert "nothing is reported to anybody" in words(page)
