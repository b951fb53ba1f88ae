"""The user's own devices: which they are, and signing out one that is not at hand, erased or not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.contract.colleagues import Devices, DeviceSeen
from app.contract.errors import Busy, NotAllowed, SignInNeeded
from app.sync.engine import Wake
from app.views.settings.devices import DevicesSection, SignOutDevice
from app.views.settings.page import SettingsPage
from app.views.widgets.buttons import Button
from app.views.widgets.text import Text
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

LONG = "DESKTOP-7FQ2K1L of the old office in the north of the county " * 3


@pytest.fixture
def section(stage: Stage, qtbot: QtBot) -> DevicesSection:
    """The section within its page, which is not shown yet."""
    now = stage.world.clock.now()
    stage.staff.own = Devices(
        items=(
            DeviceSeen(id="d1", name="Maya's ThinkPad", signed_in_at=now - timedelta(days=20), this=True),
            DeviceSeen(
                id="d2",
                name="Old laptop",
                signed_in_at=now - timedelta(days=200),
                last_seen_at=now - timedelta(days=3),
            ),
            DeviceSeen(id="d3", name=LONG, signed_in_at=now - timedelta(days=300), signed_in=False),
        )
    )
    page = SettingsPage(stage.context)
    qtbot.addWidget(page)
    page.said.connect(stage.toasts.append)
    return page.devices


def show(stage: Stage, section: DevicesSection, qtbot: QtBot) -> None:
    page = section.window()
    assert isinstance(page, SettingsPage)
    page.resize(1072, 900)
    page.refresh()
    page.show()
    qtbot.waitUntil(lambda: len(section.rows) == 3)


def words(widget: QWidget) -> set[str]:
    settle()
    return {text.text() for text in widget.findChildren(Text) if text.isVisibleTo(widget)}


def press(widget: QWidget, text: str) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == text and one.isVisibleTo(widget)]
    assert found, f"no button {text!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def dialog_of(section: DevicesSection) -> SignOutDevice:
    settle()
    (dialog,) = (one for one in section.window().findChildren(SignOutDevice) if one.isVisible())
    return dialog


def asked(stage: Stage) -> list[tuple[object, ...]]:
    return [call[1:] for call in stage.staff.asked if call[0] == "sign_out_device"]


def test_each_device_is_told_and_this_one_cannot_be_signed_out_here(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    show(stage, section, qtbot)
    assert {
        "Maya's ThinkPad",
        "Signed in on Tue 3 Nov",
        "Signed in on Thu 7 May · last seen on Fri at 09:41",
    } <= words(section)
    this, other, gone = section.rows
    assert not this.sign_out.isVisibleTo(section)
    assert (other.sign_out.text(), gone.sign_out.text()) == ("Sign out", "Erase")
    assert section.note == ""


def test_a_device_is_signed_out_and_keeps_what_it_holds(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    show(stage, section, qtbot)
    press(section.rows[1], "Sign out")
    dialog = dialog_of(section)
    assert dialog.windowTitle() == "Sign out Old laptop?"
    assert dialog.focusWidget() is dialog.safe_button
    assert not dialog.erases
    press(dialog, "Leave it")
    assert asked(stage) == []
    press(section.rows[1], "Sign out")
    press(dialog_of(section), "Sign out")
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert asked(stage) == [("d2", False)]
    assert stage.toasts[-1].text == "Old laptop is signed out"
    qtbot.waitUntil(lambda: stage.staff.asked.count(("devices",)) == 2)


def test_a_lost_device_is_erased_after_it_was_said_what_that_destroys(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    show(stage, section, qtbot)
    press(section.rows[1], "Sign out")
    dialog = dialog_of(section)
    assert not any("destroyed" in said for said in words(dialog))
    QTest.keyClick(dialog.erase, Qt.Key.Key_Space)
    assert any("what was entered there and has not reached Halden" in said for said in words(dialog))
    press(dialog, "Sign out and erase")
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert asked(stage) == [("d2", True)]
    assert stage.toasts[-1].text == "Old laptop is erased as soon as it comes online"


def test_one_that_is_signed_out_already_can_still_be_erased(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    show(stage, section, qtbot)
    press(section.rows[2], "Erase")
    dialog = dialog_of(section)
    assert not dialog.erase.isVisible()
    press(dialog, "Erase it")
    qtbot.waitUntil(lambda: asked(stage) == [("d3", True)])


def test_what_was_refused_stands_in_its_row(stage: Stage, section: DevicesSection, qtbot: QtBot) -> None:
    show(stage, section, qtbot)
    stage.staff.fails["sign_out_device"] = NotAllowed("There is no such device.", kept="Nothing was changed.")
    press(section.rows[1], "Sign out")
    press(dialog_of(section), "Sign out")
    qtbot.waitUntil(lambda: section.rows[1].problem == "There is no such device. Nothing was changed.")
    assert section.rows[1].sign_out.isEnabled()
    assert stage.toasts == []


def test_offline_it_says_so_and_asks_nobody(stage: Stage, section: DevicesSection, qtbot: QtBot) -> None:
    stage.offline()
    page = section.window()
    assert isinstance(page, SettingsPage)
    page.refresh()
    page.show()
    assert section.note.startswith("You are offline.")
    assert stage.staff.asked == []
    stage.online()
    qtbot.waitUntil(lambda: len(section.rows) == 3)
    stage.offline()
    assert not section.rows[1].sign_out.isEnabled()


def test_a_list_that_cannot_be_read_can_be_asked_for_again(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    stage.staff.fails["devices"] = Busy("The gateway is busy.")
    page = section.window()
    assert isinstance(page, SettingsPage)
    page.refresh()
    page.show()
    qtbot.waitUntil(lambda: section.note.startswith("The gateway is busy."))
    press(section, "Try again")
    qtbot.waitUntil(lambda: len(section.rows) == 3)
    assert section.note == ""


def test_a_session_that_has_ended_is_found_out_in_one_place(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    stage.staff.fails["devices"] = SignInNeeded()
    section.read()
    qtbot.waitUntil(lambda: Wake.USER in stage.loop.wakes)


def test_long_names_stay_inside_and_everything_is_named(
    stage: Stage, section: DevicesSection, qtbot: QtBot
) -> None:
    show(stage, section, qtbot)
    settle()
    for row in section.rows:
        right = row.mapTo(section, row.rect().topRight()).x()
        assert right <= section.width()
    assert section.width() <= 520, "half of the page"
    assert unnamed(section) == []
    assert follows_scheme(section.window(), stage.theme)
    press(section.rows[1], "Sign out")
    dialog = dialog_of(section)
    assert unnamed(dialog) == []
    assert follows_scheme(dialog, stage.theme)
    dialog.reject()
