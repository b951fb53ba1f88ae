"""Settings: each takes effect at once, and leaving says what it costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.contract.version import RELEASE
from app.services.prefs import GATEWAY, KEY_HOLDER, THEME
from app.services.views_model import DocState
from app.views.page import Place
from app.views.settings.licences import LicenceWindow
from app.views.settings.page import SettingsPage
from app.views.theme.theme import SchemeChoice
from app.views.theme.tokens import Scheme
from app.views.welcome.protection import protection_words
from app.views.widgets.buttons import Button
from app.views.widgets.text import Text
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle


class Where:
    """Answers where to write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, parent: QWidget, name: str) -> Path | None:
        return self.folder / name


@pytest.fixture
def page(stage: Stage, tmp_path: Path, qtbot: QtBot) -> SettingsPage:
    made = SettingsPage(stage.context, ask=Where(tmp_path))
    qtbot.addWidget(made)
    stage.portal.prefs.set(GATEWAY, "https://partners.halden.example")
    stage.portal.prefs.set(KEY_HOLDER, "passphrase")
    return made


def words(widget: QWidget) -> set[str]:
    settle()
    return {text.text() for text in widget.findChildren(Text) if text.isVisibleTo(widget)}


def press(widget: QWidget, text: str) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == text and one.isVisibleTo(widget)]
    assert found, f"no button {text!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def test_the_look_changes_at_once_and_is_remembered(stage: Stage, page: SettingsPage) -> None:
    stage.show(page)
    dark = next(b for b in page.look.findChildren(QWidget) if b.accessibleName() == "Appearance: Dark")
    QTest.mouseClick(dark, Qt.MouseButton.LeftButton)
    assert stage.theme.scheme is Scheme.DARK
    assert stage.portal.prefs.get(THEME) == "dark"
    stage.theme.choose(SchemeChoice.LIGHT)
    page.refresh()
    assert page.look.value() == "light"


def test_the_account_is_told_as_it_is(stage: Stage, page: SettingsPage) -> None:
    stage.show(page)
    said = words(page.facts)
    assert {"Maya Okafor", "Brightwater IT Ltd", "https://partners.halden.example", "Signed in"} <= said
    assert f"Counterpart {RELEASE}" in words(page)
    assert "Encrypted on this computer; your passphrase opens the key." in words(page)


def test_a_limit_for_documents_is_obeyed_at_once_and_told(stage: Stage, page: SettingsPage) -> None:
    kept = sample.library(stage.world)
    passing = sample.document(stage.world, "passing", sample.price_list("Passing", 1))
    stage.show(page)
    assert page.limit.value() == "1000000000"
    assert any(said.endswith("of 1\u00a0GB used. The least recently used go first; what is kept or unsent stays.")
               for said in words(page))  # fmt: skip
    page.limit.combo.setCurrentIndex(0)
    page.limit.combo.activated.emit(0)
    assert stage.portal.documents.storage().limit == 100_000_000
    assert stage.toasts[-1].text == "Documents take 100\u00a0MB at most"
    stage.portal.documents.set_limit(0)
    assert stage.portal.documents.state(passing).state is DocState.ABSENT
    assert stage.portal.documents.state(kept).state is DocState.HERE
    page.refresh()
    assert any("used, over 0\u00a0KB: what is kept alone takes more." in said for said in words(page))
    last = page.limit.combo.findText("No limit")
    page.limit.combo.setCurrentIndex(last)
    page.limit.combo.activated.emit(last)
    assert stage.portal.documents.storage().limit is None
    assert stage.toasts[-1].text == "Documents take what they need"


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        ("", "Encrypted on this computer."),
        ("something new", "Encrypted on this computer."),
        ("passphrase", "Encrypted on this computer; your passphrase opens the key."),
        ("windows", "Encrypted on this computer with a key held by Windows for your account."),
        ("macos", "Encrypted on this computer with a key held by the macOS keychain for your account."),
    ],
)
def test_no_more_is_claimed_of_the_key_than_is_known(holder: str, said: str) -> None:
    assert protection_words(holder) == said


def test_leaving_with_nothing_unsent_says_that_nothing_is_lost(
    stage: Stage, page: SettingsPage, qtbot: QtBot
) -> None:
    stage.show(page)
    press(page, "Sign out")
    dialog = page.window().findChildren(QDialog)[-1]
    assert "Everything has reached Halden." in dialog.accessibleDescription()
    assert dialog.focusWidget() is not None
    assert dialog.focusWidget().accessibleName() == "Stay signed in"
    with qtbot.assertNotEmitted(page.sign_out_requested):
        press(dialog, "Stay signed in")
    press(page, "Sign out")
    with qtbot.waitSignal(page.sign_out_requested):
        press(page.window().findChildren(QDialog)[-1], "Sign out")


def test_leaving_with_unsent_work_counts_it_and_offers_to_take_it_along(
    stage: Stage, page: SettingsPage, tmp_path: Path, qtbot: QtBot
) -> None:
    stage.portal.intents.edit(stage.world.deal(), {"next_steps": "Call on Monday"})
    stage.portal.drafts.start("request", {"subject": "A question"})
    stage.show(page)
    press(page, "Sign out")
    dialog = page.window().findChildren(QDialog)[-1]
    assert "1 change and 1 draft have not reached Halden and would be lost for good." in (
        dialog.accessibleDescription()
    )
    press(dialog, "Export what is not sent")
    written = tmp_path / "counterpart-outbox.json"
    qtbot.waitUntil(written.exists)
    assert len(json.loads(written.read_text())) == 2
    dialog.reject()


def test_what_is_not_sent_leads_to_the_sync_centre(stage: Stage, page: SettingsPage) -> None:
    stage.portal.intents.edit(stage.world.deal(), {"next_steps": "Call on Monday"})
    stage.show(page)
    assert "1 change" in words(page)
    press(page, "Open the sync centre")
    assert stage.gone == [Place("sync_centre")]


def test_documents_worth_keeping_are_kept_at_once(stage: Stage, page: SettingsPage) -> None:
    gid = sample.document(stage.world, "prices", sample.price_list(), here=False)
    stage.show(page)
    press(page, "Keep these")
    assert stage.portal.documents.state(gid).state is DocState.QUEUED
    assert stage.portal.documents.state(gid).kept
    assert not page.keep.isEnabled()
    assert page.keep.toolTip() == "They are kept already."


def test_without_documents_there_is_nothing_to_keep_or_clear(stage: Stage, page: SettingsPage) -> None:
    stage.show(page)
    assert not page.keep.isEnabled()
    assert page.clear.toolTip() == "No document takes room here."


def test_clearing_frees_what_is_not_kept(stage: Stage, page: SettingsPage) -> None:
    gid = sample.document(stage.world, "passing", sample.price_list())
    stage.show(page)
    press(page, "Clear space")
    assert stage.portal.documents.state(gid).state is DocState.ABSENT
    assert stage.toasts[-1].text.endswith("What is kept or unsent stays.")


def test_licence_texts_can_be_read(stage: Stage, page: SettingsPage) -> None:
    stage.show(page)
    press(page, "Licences")
    window = page.window().findChildren(LicenceWindow)[-1]
    names = [window.choice.combo.itemText(at) for at in range(window.choice.combo.count())]
    assert {"Apache 2.0", "Inter", "LGPL 3.0", "Qt", "SQLCipher"} <= set(names)
    window.choice.combo.setCurrentIndex(names.index("Inter"))
    window.choice.combo.activated.emit(names.index("Inter"))
    assert "SIL OPEN FONT LICENSE" in window.text.toPlainText().upper()
    assert unnamed(window) == []
    window.reject()


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: SettingsPage) -> None:
    stage.show(page)
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
