"""The settings of new versions, and the quiet line that tells of one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.bridge.entrance_state import Step
from app.bridge.updates import UpdateWatch
from app.contract.errors import CounterpartError
from app.services.updating import Off, ReadyVersion, UpdateView
from app.services.views_model import Mode
from app.session.updates.channel import Channel
from app.session.updates.refusals import ReleasesAway, UpdateRefused, Why
from app.views.page import SETTINGS, Place, Toast
from app.views.settings.page import SettingsPage
from app.views.settings.updates import UpdatesSection
from app.views.shell.versions import Versions
from app.views.widgets.buttons import Button
from app.views.widgets.text import Text
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

READY = ReadyVersion(
    "0.2.0", {"en": "Orders show what has left.\nSearch is faster.", "de": "Aufträge zeigen mehr."}
)


class FakeUpdating:
    """What the window knows of `Updating`; `answer` is what a check brings, `hold` keeps it waiting."""

    def __init__(self, view: UpdateView) -> None:
        self._view = view
        self.answer: UpdateView | CounterpartError = view
        self.hold = threading.Event()
        self.hold.set()
        self.source = "Group Policy"
        self.is_due = False
        self.did: list[object] = []

    def view(self) -> UpdateView:
        return self._view

    def due(self) -> bool:
        return self.is_due

    def check(self, told: Callable[[int, int], None] | None = None) -> UpdateView:
        self.did.append("check")
        if told is not None:
            told(30_000_000, 120_000_000)
        self.hold.wait(20)
        if isinstance(self.answer, CounterpartError):
            raise self.answer
        self._view = self.answer
        return self._view

    def choose(self, channel: Channel) -> None:
        self.did.append(channel)
        self._view = replace(self._view, channel=channel, off=Off.CHOSEN if channel is Channel.NONE else None)

    def understood(self) -> None:
        self._view = replace(self._view, set_back="")

    def came_up(self) -> None:
        self.did.append("came up")


PLAIN = UpdateView("0.1.0", Channel.STABLE)


@pytest.fixture
def fake() -> FakeUpdating:
    return FakeUpdating(PLAIN)


@pytest.fixture
def watch(fake: FakeUpdating, qtbot: QtBot) -> UpdateWatch:
    return UpdateWatch(fake)  # type: ignore[arg-type]


@pytest.fixture
def page(stage: Stage, watch: UpdateWatch, qtbot: QtBot) -> SettingsPage:
    made = SettingsPage(replace(stage.context, updates=watch))
    qtbot.addWidget(made)
    stage.show(made, height=1_500)
    return made


def words(widget: QWidget) -> set[str]:
    settle()
    return {text.text() for text in widget.findChildren(Text) if text.isVisibleTo(widget)}


def buttons(widget: QWidget) -> list[str]:
    settle()
    return [one.text() for one in widget.findChildren(Button) if one.isVisibleTo(widget)]


def press(widget: QWidget, text: str) -> None:
    settle()
    (found,) = [one for one in widget.findChildren(Button) if one.text() == text and one.isVisibleTo(widget)]
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def show(watch: UpdateWatch, view: UpdateView) -> None:
    watch.view = view
    watch.changed.emit()


def test_a_check_by_hand_says_what_it_does_and_what_came_of_it(
    page: SettingsPage, watch: UpdateWatch, fake: FakeUpdating, stage: Stage, qtbot: QtBot
) -> None:
    section = page.updates
    assert {"Version 0.1.0", "Not checked yet."} <= words(section)
    now = stage.world.clock.now()
    fake.answer = replace(PLAIN, checked_at=now, ready=READY)
    fake.hold.clear()
    press(section, "Check for updates")
    assert not section.check.isEnabled()
    qtbot.waitUntil(lambda: "Fetching: 30.0 of 120.0\u00a0MB." in words(section))
    fake.hold.set()
    qtbot.waitUntil(lambda: "Version 0.2.0 is ready" in words(section))
    assert "Orders show what has left.\nSearch is faster." in words(section)
    assert "It starts next time. What you have typed is kept." in words(section)
    assert any(text.startswith("Last checked ") for text in words(section))
    assert section.check.isEnabled()
    with qtbot.waitSignal(watch.restart_wanted):
        press(section, "Restart now")


def test_what_is_refused_is_said_where_one_asked(
    page: SettingsPage, watch: UpdateWatch, fake: FakeUpdating, qtbot: QtBot
) -> None:
    fake.answer = UpdateRefused(Why.UNSIGNED)
    press(page.updates, "Check for updates")
    qtbot.waitUntil(lambda: not watch.checking)
    assert any("does not carry the publisher's signature" in text for text in words(page.updates))
    assert any("Counterpart goes on as it is." in text for text in words(page.updates))
    fake.answer = PLAIN
    press(page.updates, "Check for updates")
    qtbot.waitUntil(lambda: not watch.checking)
    assert "Not checked yet." in words(page.updates)


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (Off.MANAGED, "Your IT department installed Counterpart and also brings new versions."),
        (Off.SOURCE, "This Counterpart runs from its source and is updated there."),
        (Off.POLICY, "Your organisation has turned updates off (Group Policy)."),
        (
            Off.NO_ROOT,
            "This copy came without the publisher's key, so it cannot tell a genuine update and takes none.",
        ),
    ],
)
def test_where_none_comes_it_says_why_and_offers_nothing(
    page: SettingsPage, watch: UpdateWatch, off: Off, said: str
) -> None:
    show(watch, replace(PLAIN, channel=Channel.NONE, off=off))
    assert said in words(page.updates)
    assert buttons(page.updates) == []
    assert page.updates.source.isHidden()


def test_a_channel_is_chosen_or_is_the_organisations(
    page: SettingsPage, watch: UpdateWatch, fake: FakeUpdating
) -> None:
    section = page.updates
    section.channel.set_value(Channel.NONE.value)
    section.channel.edited.emit()
    assert fake.did == [Channel.NONE]
    assert "Nothing is looked for until a channel is chosen." in words(section)
    assert section.channel.isVisibleTo(section), "and can be chosen again"
    show(watch, replace(PLAIN, channel=Channel.BETA, forced=True))
    assert not section.channel.isVisibleTo(section)
    assert "Beta, set by your organisation." in words(section)


def test_a_version_that_was_set_back_is_told_until_it_is_understood(
    page: SettingsPage, watch: UpdateWatch, fake: FakeUpdating
) -> None:
    fake._view = replace(PLAIN, set_back="0.2.0")
    show(watch, fake._view)
    told = "Version 0.2.0 did not come up, so 0.1.0 runs again. It is not taken once more."
    assert told in words(page.updates)
    press(page.updates, "Understood")
    assert told not in words(page.updates)


def test_without_anything_that_looks_there_is_no_section(stage: Stage, qtbot: QtBot) -> None:
    section = UpdatesSection(stage.context)
    qtbot.addWidget(section)
    section.refresh()
    assert section.isHidden()


def test_names_and_scheme(page: SettingsPage, watch: UpdateWatch, stage: Stage) -> None:
    show(watch, replace(PLAIN, ready=READY, set_back="0.1.5"))
    assert not unnamed(page.updates)
    assert follows_scheme(page.updates, stage.theme)


# -- by itself --------------------------------------------------------------------------------------------
def test_it_looks_by_itself_when_a_day_has_passed_and_the_line_is_free(
    fake: FakeUpdating, qtbot: QtBot
) -> None:
    free = False
    watch = UpdateWatch(fake, lambda: free)  # type: ignore[arg-type]
    watch.look()
    assert fake.did == []
    fake.is_due = True
    watch.look()
    assert fake.did == [], "a first sync has the line to itself"
    free = True
    watch.look()
    qtbot.waitUntil(lambda: not watch.checking)
    assert fake.did == ["check"]


def test_a_failure_nobody_asked_for_is_not_told(fake: FakeUpdating, qtbot: QtBot) -> None:
    watch = UpdateWatch(fake)  # type: ignore[arg-type]
    fake.is_due, fake.answer = True, ReleasesAway()
    watch.look()
    qtbot.waitUntil(lambda: not watch.checking)
    assert watch.problem is None


def test_one_that_is_stopped_changes_nothing_any_more(fake: FakeUpdating, qtbot: QtBot) -> None:
    watch = UpdateWatch(fake)  # type: ignore[arg-type]
    fake.hold.clear()
    fake.answer = replace(PLAIN, ready=READY)
    watch.check()
    watch.check()
    errand = watch._errand
    assert errand is not None
    watch.stop()
    fake.hold.set()
    errand.wait(20)
    settle()
    assert (watch.checking, watch.view, fake.did) == (False, PLAIN, ["check"])


class FakeWindow:
    """What is asked of the window."""

    def __init__(self) -> None:
        self.toasts: list[Toast] = []
        self.gone: list[Place] = []
        self.may_leave = True

    def say(self, toast: Toast) -> None:
        self.toasts.append(toast)

    def go(self, place: Place) -> None:
        self.gone.append(place)

    def leave(self) -> bool:
        return self.may_leave


def test_a_new_version_is_told_once_and_started_on_asking(fake: FakeUpdating, qtbot: QtBot) -> None:
    window, left = FakeWindow(), []
    modes = [Mode.FIRST_SYNC]
    versions = Versions(
        fake,  # type: ignore[arg-type]
        lambda: window,  # type: ignore[arg-type, return-value]
        lambda: modes[0],
        lambda: left.append(True),
    )
    watch = versions.watch
    fake.is_due, fake.answer = True, replace(PLAIN, ready=READY)
    watch.look()
    assert fake.did == []
    modes[0] = Mode.LIVE
    watch.look()
    qtbot.waitUntil(lambda: bool(window.toasts))
    (toast,) = window.toasts
    assert toast.text == "Version 0.2.0 is ready; it starts next time."
    assert toast.action is not None
    toast.action.run()
    assert window.gone == [Place(SETTINGS)]
    watch.look()
    qtbot.waitUntil(lambda: not watch.checking)
    assert len(window.toasts) == 1, "it is told once"
    window.may_leave = False
    watch.restart_wanted.emit()
    assert (versions.restarts, left) == (False, []), "a page may want to stay"
    window.may_leave = True
    watch.restart_wanted.emit()
    assert (versions.restarts, left) == (True, [True])


def test_a_version_has_come_up_with_its_first_page_or_with_what_the_entrance_asks(fake: FakeUpdating) -> None:
    versions = Versions(fake, lambda: None, lambda: None, lambda: None)  # type: ignore[arg-type]
    for step in (Step.WORKING, Step.PROBLEM, Step.ERASED, Step.DONE):
        versions.entrance(step)
    assert fake.did == []
    versions.entrance(Step.ACCOUNT)
    versions.came_up()
    assert fake.did == ["came up"]
    versions.watch.stop()


def test_pictures(page: SettingsPage, watch: UpdateWatch, stage: Stage) -> None:
    """Long words of other languages have room as well."""
    at = stage.world.clock.now() - timedelta(minutes=5)
    show(watch, replace(PLAIN, checked_at=at, ready=READY, set_back="0.1.5"))
    settle()
    lines = (page.updates.version, page.updates.ready, page.updates.news, page.updates.source)
    tops = [line.mapTo(page.updates, line.rect().topLeft()).y() for line in lines]
    assert tops == sorted(tops)
    assert all(line.width() == lines[0].width() for line in lines)
