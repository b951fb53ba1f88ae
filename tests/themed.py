"""The look that tests see: light, British, no blinking caret. What a kiosk does to the application is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from app.views import ways_out
from app.views.theme import touch
from app.views.theme.theme import SchemeChoice, Theme

#: What a kiosk leaves on the application object, for good: there is one for all tests of a process.
_MARKS = (ways_out._PROPERTY, touch._PROPERTY)


@contextmanager
def themed(app: QApplication) -> Iterator[Theme]:
    """A theme that is applied, and an application that is no kiosk's afterwards."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    app.setCursorFlashTime(0)  # a picture must not depend on when it was taken
    theme = Theme(SchemeChoice.LIGHT)
    theme.apply(app)
    yield theme
    if any(app.property(mark) for mark in _MARKS):
        for mark in _MARKS:
            app.setProperty(mark, None)
        theme.apply(app)
