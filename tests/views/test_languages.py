"""The window in German and from right to left: chosen in settings, at once, with dates and money of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.speech import LanguageChoice, Speech
from app.composition.window import WindowRequest
from app.services.prefs import LANGUAGE
from app.services.words import Words
from app.views.main_window import MainWindow
from app.views.page import SETTINGS, SYNC_CENTRE, Place
from app.views.records.page import RecordsPage
from app.views.settings.page import SettingsPage
from app.views.theme.assets import asset_path
from app.views.theme.theme import Theme
from app.views.widgets.nav import NavRow
from app.views.widgets.stepper import Stepper
from tests.services.conftest import partner_manifest
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import surroundings
from tests.views import sample
from tests.views.everywhere import painted
from tests.views.pseudo import PseudoTranslator, mirrored, pseudo_manifest
from tests.views.stage import open_stage, settle
from tests.views.test_bridge_window import Start, start, window_of

__all__ = ["start"]


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


@pytest.fixture
def speech(qapp: QApplication) -> Iterator[Speech]:
    made = Speech(Words(), asset_path("translations"), "en_GB")
    yield made
    made.choose(LanguageChoice.ENGLISH)
    made.deleteLater()
    QLocale.setDefault(QLocale("en_GB"))


@pytest.mark.parametrize(
    ("system", "choice", "locale", "language", "keep"),
    [
        ("en_GB", LanguageChoice.SYSTEM, "en_GB", "en", "Keep"),
        ("en_US", LanguageChoice.ENGLISH, "en_US", "en", "Keep"),
        ("de_AT", LanguageChoice.SYSTEM, "de_AT", "de", "Behalten"),
        ("de_AT", LanguageChoice.GERMAN, "de_AT", "de", "Behalten"),
        ("en_GB", LanguageChoice.GERMAN, "de_DE", "de", "Behalten"),
        ("de_DE", LanguageChoice.ENGLISH, "en_GB", "en", "Keep"),
        # A language there are no words for keeps its dates.
        ("fr_FR", LanguageChoice.SYSTEM, "fr_FR", "en", "Keep"),
    ],
)
def test_which_language_is_spoken(
    qapp: QApplication, system: str, choice: LanguageChoice, locale: str, language: str, keep: str
) -> None:
    made = Speech(Words(), asset_path("translations"), system)
    made.choose(choice)
    said = QCoreApplication.translate("ReadingBar", "Keep") or "Keep"
    assert (made.locale, made.words.language, str(made.words.locale)) == (locale, language, locale)
    assert made.words("Nothing is lost.") == (
        "Nichts ist verloren." if language == "de" else "Nothing is lost."
    )
    assert said in (keep, "Keep")
    made.choose(LanguageChoice.ENGLISH)
    made.deleteLater()


def test_german_is_chosen_in_settings_and_spoken_at_once(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    client = start(surroundings(tmp_path), WindowRequest(gateway=gateway.url))
    first = window_of(client, qtbot)
    first.go(Place(SETTINGS))
    page = first.current
    assert isinstance(page, SettingsPage)
    page.language.set_value(LanguageChoice.GERMAN.value)
    page.language.edited.emit()
    qtbot.waitUntil(lambda: client.window is not first)
    window = window_of(client, qtbot)
    qtbot.waitUntil(lambda: isinstance(window.current, SettingsPage))
    assert window.current is not None
    assert window.current.head().title == "Einstellungen"
    assert "Start" in [row.text() for row in window.nav.findChildren(NavRow)]
    portal = window.current.portal
    assert portal.prefs.get(LANGUAGE) == "de"
    assert portal.formats.money("1234.50", "EUR") == "1.234,50\u00a0€"
    assert portal.formats.tr.plural(2, "%n change", "%n changes") == "2 Änderungen"
    window.go(Place(SYNC_CENTRE))
    assert window.current.head().title == "Sync-Zentrale"


@pytest.fixture
def backwards(tmp_path: Path, theme: Theme, qapp: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window in a language that runs from right to left."""
    translator = PseudoTranslator(mirrored)
    qapp.installTranslator(translator)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    portal = pseudo_manifest(partner_manifest(), mirrored)
    stage = open_stage(tmp_path, theme, words=Words("en_GB", mirrored), manifest=portal)
    sample.programme(stage.world)
    window = MainWindow(stage.portal, stage.bridge, theme)
    window.resize(1280, 800)
    window.show()
    yield window
    window.close()
    window.deleteLater()
    settle()
    stage.close()
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    qapp.removeTranslator(translator)


def test_right_to_left_mirrors_the_layout_and_not_the_figures(
    backwards: MainWindow, theme: Theme, qtbot: QtBot
) -> None:
    window = backwards
    window.go(Place("deal_registration"))
    page = window.current
    assert isinstance(page, RecordsPage)
    qtbot.waitUntil(lambda: page.model.rowCount() > 20)
    page.table.choose_row(0)
    QTest.qWait(60)
    assert window.nav.geometry().right() == window.width() - 1
    assert page.table.columnViewportPosition(0) > page.table.columnViewportPosition(1)
    # The bar of the row that is chosen lies where reading begins.
    row = page.table.visualRect(page.model.index(0, 0)).center().y()
    view = page.table.viewport()
    drawn = view.grab().toImage()
    accent, edge = QColor(theme.tokens.accent), view.width() - 1
    assert (drawn.pixelColor(edge, row), drawn.pixelColor(0, row)) == (
        accent,
        QColor(theme.tokens.accent_soft),
    )
    (steps,) = [one for one in page.findChildren(Stepper) if one.isVisible()]
    assert _middle(steps, accent) > steps.width() / 2, "the first steps are done, and stand at the right"
    with painted() as seen:
        window.grab()
    texts = {one.text for one in seen}
    assert "£17,028.00" in texts
    assert all("\u200f" not in text and "\u202b" not in text for text in texts)


def _middle(widget: QWidget, colour: QColor) -> float:
    """Where a colour lies in a widget, on average, in pixels from the left."""
    image: QImage = widget.grab().toImage()
    at = [x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == colour]
    return sum(at) / len(at)
