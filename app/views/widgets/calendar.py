"""One month to pick a day from, painted from the tokens and worked by arrow keys.

Usage: ``popup = CalendarPopup(theme); popup.picked.connect(field.take); popup.show_below(field, date(2026, 11, 20))``.
"""

from __future__ import annotations

import calendar
from datetime import date

from PySide6.QtCore import QDate, QLocale, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.theme.touch import pressed
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton
from app.views.widgets.fingers import grown
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text

_CELL = 36
_HEAD = 24


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last day of a shorter month; stays within what a date can hold."""
    index = min(max(day.year * 12 + day.month - 1 + months, 12), 9999 * 12 + 11)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date | None:
    """Some days on or back; None beyond what a date can hold."""
    number = day.toordinal() + days
    return date.fromordinal(number) if 1 <= number <= date.max.toordinal() else None


class MonthGrid(ThemedWidget):
    """Seven columns and six rows of days; the chosen day is filled, today is ringed."""

    picked = Signal(object)
    moved = Signal(object)

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._today = today
        self._cursor = today
        self._chosen: date | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._say()

    def show_day(self, chosen: date | None, cursor: date) -> None:
        self._chosen = chosen
        self._move(cursor)

    def turn(self, months: int) -> None:
        """Look at another month; the chosen day stays."""
        self._move(add_months(self._cursor, months))

    def sizeHint(self) -> QSize:
        return QSize(7 * pressed(_CELL), _HEAD + 6 * pressed(_CELL))

    def _first(self) -> date:
        """The day in the first cell."""
        start = self._cursor.replace(day=1)
        back = (start.isoweekday() - self.locale().firstDayOfWeek().value) % 7
        return add_days(start, -back) or start

    def _cell(self, number: int) -> QRect:
        week, day = divmod(number, 7)
        cell = pressed(_CELL)
        return self.lead(QRect(day * cell, _HEAD + week * cell, cell, cell))

    def _move(self, day: date) -> None:
        self._cursor = day
        self._say()
        self.update()
        self.moved.emit(day)

    def _say(self) -> None:
        spoken = self.locale().toString(_qdate(self._cursor), QLocale.FormatType.LongFormat)
        self.setAccessibleName(spoken)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        side = -1 if self.mirrored else 1
        key = Qt.Key(event.key())
        days = {Qt.Key.Key_Left: -side, Qt.Key.Key_Right: side, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        months = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        if key in days:
            self._move(add_days(self._cursor, days[key]) or self._cursor)
        elif key in months:
            self._move(add_months(self._cursor, months[key]))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.picked.emit(self._cursor)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        for number in range(42):
            day = add_days(self._first(), number)
            if day is not None and self._cell(number).contains(spot):
                self.picked.emit(day)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        centre = Qt.AlignmentFlag.AlignHCenter
        first = self._first()
        for day in range(7):
            weekday = (first.isoweekday() - 1 + day) % 7 + 1
            name = self.locale().dayName(weekday, QLocale.FormatType.ShortFormat)
            head = self.lead(QRect(day * pressed(_CELL), 0, pressed(_CELL), _HEAD))
            draw_text(painter, head, name, self.theme.font(Role.TABLE_HEAD), tokens.text3, centre)
        for number in range(42):
            day_here = add_days(first, number)
            if day_here is None:
                break
            cell = self._cell(number).adjusted(2, 2, -2, -2)
            colour = tokens.text if day_here.month == self._cursor.month else tokens.text3
            if day_here == self._chosen:
                rounded(painter, cell, Radius.CONTROL, tokens.accent_fill)
                colour = tokens.on_fill
            elif day_here == self._today:
                rounded(painter, cell, Radius.CONTROL, tokens.accent_soft)
            if day_here == self._cursor and self.hasFocus():
                draw_focus(painter, self.theme, cell, width=1)
            font = self.theme.font(Role.BODY)
            draw_text(painter, cell, self.locale().toString(day_here.day), font, colour, centre)
        painter.end()


class CalendarPopup(ThemedWidget):
    """A month with its name and two arrows, as a popup below a field."""

    picked = Signal(object)

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setAccessibleName(self.tr("Calendar"))
        self._title = Text(theme, "", Role.NAME)
        back = IconButton(theme, "chevron-left", self.tr("Month before"))
        forth = IconButton(theme, "chevron-right", self.tr("Next month"))
        back.clicked.connect(lambda: self._turn(-1))
        forth.clicked.connect(lambda: self._turn(1))
        for button in (back, forth):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title.set_tone(Tone.TEXT)
        self._grid = MonthGrid(theme, today)
        self._grid.moved.connect(self._entitle)
        self._grid.picked.connect(self._take)
        self.setLayout(
            column(
                row(self._title, None, back, forth, gap=4, margins=(8, 0, 0, 0)),
                self._grid,
                gap=6,
                margins=(10, 8, 10, 10),
            )
        )

    def look_at(self, chosen: date | None, cursor: date) -> None:
        """Show the cursor's month with a chosen day, or none."""
        self._grid.show_day(chosen, cursor)

    def show_below(self, anchor: QWidget, chosen: date | None, cursor: date) -> None:
        self.look_at(chosen, cursor)
        grown(self)
        self.adjustSize()
        spot = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        screen = anchor.screen().availableGeometry()
        if spot.y() + self.height() > screen.bottom():
            spot = anchor.mapToGlobal(QPoint(0, -self.height() - 4))
        spot.setX(max(screen.left(), min(spot.x(), screen.right() - self.width())))
        self.move(spot)
        self.show()
        self._grid.setFocus()

    def _turn(self, months: int) -> None:
        self._grid.turn(months)

    def _entitle(self, day: date) -> None:
        name = self.locale().standaloneMonthName(day.month)
        self._title.set_text(f"{name} {day.year}")

    def _take(self, day: date) -> None:
        self.hide()
        self.picked.emit(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.surface)
        rounded(painter, self.rect(), 0, None, tokens.line2)
        painter.end()


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
