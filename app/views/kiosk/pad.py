"""A pad to type a code by touch, by keyboard, or by a reader of badges, which types and sends Return."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.services.words import Words
from app.views.kiosk.press import PressButton
from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk, Radius
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import ButtonKind
from app.views.widgets.layout import column, row

#: As many signs as the longest badge has.
MOST = 64
_DOTS = 8
_KEY_WIDTH = 96
_GAP = 12


class PadKey(PressButton):
    """One key of the pad."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        icon: str = "",
        kind: ButtonKind = ButtonKind.SECONDARY,
        words: str = "",
    ) -> None:
        super().__init__(theme, text, icon, kind)
        self.setAccessibleName(words or text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _role(self) -> Role:
        return Role.HEADING if len(self.text()) == 1 else Role.KIOSK_LABEL

    def sizeHint(self) -> QSize:
        return QSize(_KEY_WIDTH, Kiosk.TARGET)


class CodeLine(ThemedWidget):
    """As many dots as signs were typed; never the signs. It has the keyboard, and tells an input method so."""

    def __init__(self, theme: Theme, tr: Words, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._words = tr
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Code"))

    def show_count(self, count: int) -> None:
        """So many signs were typed."""
        self._count = count
        tr = self._words
        self.setAccessibleDescription(tr.plural(count, "%n sign typed", "%n signs typed"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(3 * _KEY_WIDTH + 2 * _GAP, Kiosk.TARGET)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.CARD, tokens.surface, tokens.field)
        shown = min(self._count, _DOTS)
        step = 24
        left = (self.width() - shown * step) // 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.text))
        for at in range(shown):
            painter.drawEllipse(QRect(left + at * step + 6, (self.height() - 12) // 2, 12, 12))
        pad = self.parentWidget()
        if pad is not None and pad.hasFocus():
            draw_focus(painter, self.theme, self.rect(), Radius.CARD)
        painter.end()


class CodePad(ThemedWidget):
    """`given` with what was typed, on Return or the tick. `changed` on each sign."""

    given = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme, tr: Words, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._typed = ""
        self._rests = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhPreferNumbers
            | Qt.InputMethodHint.ImhHiddenText
        )
        self.setAccessibleName(self.tr("Code"))
        self.line = CodeLine(theme, tr)
        self.keys: dict[str, PadKey] = {}
        grid = QGridLayout()
        grid.setSpacing(_GAP)
        for at, digit in enumerate("123456789"):
            grid.addWidget(self._key(digit), at // 3, at % 3)
        grid.addWidget(self._key("back", "", "arrow-left", self.tr("Delete the last sign")), 3, 0)
        grid.addWidget(self._key("0"), 3, 1)
        grid.addWidget(self._key("go", "", "check", self.tr("Done"), ButtonKind.PRIMARY), 3, 2)
        self.setLayout(column(row(self.line), 16, row(holding_grid(grid))))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._show()

    def _key(
        self,
        name: str,
        text: str | None = None,
        icon: str = "",
        words: str = "",
        kind: ButtonKind = ButtonKind.SECONDARY,
    ) -> PadKey:
        key = PadKey(self.theme, name if text is None else text, icon, kind, words)
        key.clicked.connect(lambda: self._press(name))
        self.keys[name] = key
        return key

    @property
    def count(self) -> int:
        """How many signs were typed."""
        return len(self._typed)

    def rest(self, reason: str) -> None:
        """Take no signs for now, and say why; empty: take them again."""
        if bool(reason) is self._rests:
            return
        self._rests = bool(reason)
        for key in self.keys.values():
            if reason:
                key.disable(reason)
            else:
                key.enable()
        if not reason:
            self._show()

    def clear(self) -> None:
        """Forget what was typed."""
        self._typed = ""
        self._show()

    def type(self, text: str) -> None:
        """Take signs as if they were typed; what cannot be seen is none."""
        self._typed = (self._typed + "".join(sign for sign in text if sign.isprintable()))[:MOST]
        self._show()
        self.changed.emit()

    def _press(self, name: str) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if name == "back":
            self._typed = self._typed[:-1]
            self._show()
            self.changed.emit()
        elif name == "go":
            self._give()
        else:
            self.type(name)

    def _give(self) -> None:
        typed = self._typed
        self.clear()
        if typed:
            self.given.emit(typed)

    def _show(self) -> None:
        self.line.show_count(len(self._typed))
        empty = self.tr("Type a code first.")
        for name in ("back", "go") if not self._rests else ():
            key = self.keys[name]
            if self._typed:
                key.enable()
            else:
                key.disable(empty)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._rests:
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._give()
        elif event.key() == Qt.Key.Key_Backspace:
            self._press("back")
        elif event.text() and event.text().isprintable():
            self.type(event.text())
        else:
            super().keyPressEvent(event)


def holding_grid(grid: QGridLayout) -> QWidget:
    """A plain widget around the keys."""
    holder = QWidget()
    grid.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(grid)
    return holder
