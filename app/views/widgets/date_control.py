"""A date that may be empty: typed in any usual notation, or picked from a calendar.

Usage: ``Field(theme, "Target close", DateControl(theme, today=clock.today))``.
The value is a ``datetime.date`` or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate, QEvent, QLocale, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.views.theme.theme import Theme
from app.views.widgets.buttons import IconButton
from app.views.widgets.calendar import CalendarPopup
from app.views.widgets.control import Control
from app.views.widgets.text_controls import make_line

_SHOWN = "d MMM yyyy"
_FORMATS = ("d MMM yyyy", "d MMMM yyyy", "yyyy-MM-dd", "d.M.yyyy", "d/M/yyyy", "d-M-yyyy", "MMM d, yyyy")


def parse_date(text: str, locale: QLocale) -> date | None:
    """A date from what people type, in the locale's words and, as a fallback, in English ones."""
    bare = re.sub(r"\s+", " ", text.strip())
    if not bare:
        return None
    short = locale.dateFormat(QLocale.FormatType.ShortFormat)
    wide = short if "yyyy" in short else short.replace("yy", "yyyy")
    for speech in (locale, QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)):
        for shape in (wide, *_FORMATS):
            found = speech.toDate(bare, shape)
            if found.isValid() and found.year() >= 1900:
                return date(found.year(), found.month(), found.day())
    return None


def show_date(day: date, locale: QLocale) -> str:
    """*24 Nov 2026* in the locale's words."""
    return locale.toString(QDate(day.year, day.month, day.day), _SHOWN)


class DateControl(Control):
    """An edit line with a calendar button; Alt+Down opens the calendar."""

    def __init__(
        self, theme: Theme, *, today: Callable[[], date] = date.today, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._today = today
        self.edit = make_line(theme, self.tr("Day month year"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        self._open = IconButton(theme, "calendar-due", self.tr("Open the calendar"), size=24, parent=self)
        self._open.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._open.clicked.connect(self.open_calendar)
        self._popup: CalendarPopup | None = None
        self.edit.textEdited.connect(lambda _text: self.edited.emit())
        self.edit.editingFinished.connect(self._tidy)
        self.watch(self.edit)

    def value(self) -> date | None:
        return parse_date(self.edit.text(), self.locale())

    def set_value(self, value: object) -> None:
        """A date, an ISO date text, or None. Raises TypeError or ValueError for anything else."""
        if isinstance(value, str):
            value = date.fromisoformat(value[:10]) if value else None
        if value is None:
            self.edit.clear()
        elif isinstance(value, date):
            self.edit.setText(show_date(value, self.locale()))
        else:
            raise TypeError(f"expected a date, got {type(value).__name__}")

    def problem(self) -> str:
        if not self.edit.text().strip() or self.value() is not None:
            return ""
        sample = show_date(self._today(), self.locale())
        return self.tr("Not a date. Write it as {sample}.").format(sample=sample)

    def set_locked(self, locked: bool) -> None:
        self.edit.setReadOnly(locked)
        self._open.setEnabled(not locked)

    def open_calendar(self) -> None:
        if self._popup is None:
            self._popup = CalendarPopup(self.theme, self._today(), self)
            self._popup.picked.connect(self._take)
        chosen = self.value()
        self._popup.show_below(self, chosen, chosen or self._today())

    def _take(self, day: date) -> None:
        self.set_value(day)
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)
        self.edited.emit()

    def _tidy(self) -> None:
        day = self.value()
        if day is not None:
            self.edit.setText(show_date(day, self.locale()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        x = 6 if self.mirrored else self.width() - 24 - 6
        self.edit.setTextMargins(26 if self.mirrored else 0, 0, 0 if self.mirrored else 26, 0)
        self._open.move(x, 4)
        self._open.raise_()
        super().resizeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if alt and event.key() == Qt.Key.Key_Down and not self.edit.isReadOnly():
                self.open_calendar()
                return True
        return super().eventFilter(watched, event)
