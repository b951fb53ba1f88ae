"""The language of the whole application, switched at run time: Qt's own words, those of views, and those of services.

Usage::

    speech = Speech(words, asset_path("translations"), system_locale())
    speech.choose(LanguageChoice.GERMAN)    # `changed` follows; who has words on screen builds them anew
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import assert_never

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtGui import QGuiApplication

from app.services.words import DEFAULT_LOCALE, Catalogue, Words

#: The context of what is said without Qt; see tools/source_words.py.
_SERVICES = "Services"

#: Languages there are words for besides English, each with the locale taken where the system has another language.
_SPOKEN = {"de": "de_DE"}


class LanguageChoice(StrEnum):
    """What the user asked for."""

    SYSTEM = "system"
    ENGLISH = "en"
    GERMAN = "de"


class Speech(QObject):
    """Speaks one language at a time; dates, money and figures follow it. Needs a QCoreApplication."""

    changed = Signal()

    def __init__(self, words: Words, folder: Path, system: str, parent: QObject | None = None) -> None:
        """`folder` holds the .qm files, `system` is the computer's locale, such as *de_AT*."""
        super().__init__(parent)
        self.words = words
        self._folder = folder
        self._system = system
        self._choice = LanguageChoice.SYSTEM
        self._installed: list[QTranslator] = []
        self._locale = ""
        self._speak(self._wanted())

    @property
    def choice(self) -> LanguageChoice:
        """What was asked for."""
        return self._choice

    @property
    def locale(self) -> str:
        """The locale that holds now, such as *en_GB*."""
        return self._locale

    def choose(self, choice: LanguageChoice) -> None:
        """Speak another language from now on; `changed` follows when it is another one."""
        self._choice = choice
        wanted = self._wanted()
        if wanted != self._locale:
            self._speak(wanted)
            self.changed.emit()

    def _wanted(self) -> str:
        own = self._system.partition("_")[0]
        match self._choice:
            case LanguageChoice.SYSTEM:
                return self._system
            case LanguageChoice.ENGLISH:
                return self._system if own == "en" else DEFAULT_LOCALE
            case LanguageChoice.GERMAN:
                return self._system if own == "de" else _SPOKEN["de"]
            case _:
                assert_never(self._choice)

    def _speak(self, locale: str) -> None:
        self._locale = locale
        language = locale.partition("_")[0]
        self.silence()
        own = self._loaded(f"counterpart_{language}", self._folder) if language in _SPOKEN else None
        if own is not None:
            # Qt's own dialogs and menus first: what is installed last is asked first.
            self._loaded(
                f"qtbase_{language}", Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
            )
        self.words.speak(locale, catalogue_of(own) if own is not None else None)
        QLocale.setDefault(QLocale(locale))
        QGuiApplication.setLayoutDirection(
            QLocale(locale if own is not None else DEFAULT_LOCALE).textDirection()
        )

    def _loaded(self, name: str, folder: Path) -> QTranslator | None:
        translator = QTranslator(self)
        if not translator.load(name, str(folder)):
            translator.deleteLater()
            return None
        QCoreApplication.installTranslator(translator)
        self._installed.append(translator)
        return translator

    def silence(self) -> None:
        """Say nothing more: another one speaks from now on."""
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()
        self._installed = []


def catalogue_of(translator: QTranslator) -> Catalogue:
    """Return what services ask for their words; it is only read, from any thread."""

    def looked_up(text: str, count: int | None) -> str:
        found = translator.translate(_SERVICES, text, None, -1 if count is None else count)
        return found or ""

    return looked_up
