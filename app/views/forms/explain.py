"""*What is this?* for the fields of a form: a question mark beside the name of the field one is at, and Shift+F1.

Usage: ``Explaining(theme, form, {field: lambda: explained(entity, spec, formats, vendor)})``. The mark takes no stop of
its own from the Tab key: whoever is in the field asks with Shift+F1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from app.bridge.tips import plain_tip
from app.services.explaining import Explained
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import IconButton
from app.views.widgets.field import Field
from app.views.widgets.layout import column
from app.views.widgets.popup import Popup
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text

KEY = "Shift+F1"

_WIDTH = 336
_MOST_HEIGHT = 420
_MARK = 16

#: Gives the words when they are asked for; most never are.
Explain = Callable[[], Explained]


class ExplainPopover(Popup):
    """What one or several fields are; Escape closes it and gives the keyboard back."""

    def __init__(self, theme: Theme, told: Sequence[Explained], parent: QWidget) -> None:
        super().__init__(theme, told[0].title if len(told) == 1 else "", parent)
        self.setObjectName("explain")
        if len(told) != 1:
            self.setAccessibleName(self.tr("What the fields are"))
        self.setAccessibleDescription("\n\n".join(f"{one.title}. {one.text}" for one in told))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        content, parts = QWidget(), column(*self._parts(told), margins=(16, 14, 16, 14))
        content.setLayout(parts)
        content.setFixedWidth(_WIDTH - 2)
        area = scrolled(content, self.accessibleName())
        whole = column(area)
        whole.setContentsMargins(1, 1, 1, 1)
        self.setLayout(whole)
        height = parts.totalHeightForWidth(_WIDTH - 2) + 2
        self.setFixedSize(_WIDTH, min(height, _MOST_HEIGHT))

    def _parts(self, told: Sequence[Explained]) -> list[QWidget | int]:
        parts: list[QWidget | int] = []
        for one in told:
            parts += [16] if parts else []
            parts.append(Text(self.theme, one.title, Role.STRONG, wrap=True))
            if one.about:
                parts += [4, Text(self.theme, one.about, Role.BODY, Tone.TEXT2, wrap=True)]
            for heading, words in one.facts:
                parts += [8, Text(self.theme, heading, Role.CAPTION_MEDIUM, Tone.TEXT3)]
                parts.append(Text(self.theme, words, Role.SECONDARY, Tone.TEXT, wrap=True))
        return parts


class Explaining(QObject):
    """Shows the mark beside the field the pointer or the keyboard is at, and opens the popover."""

    def __init__(self, theme: Theme, host: QWidget, fields: Mapping[Field, Explain]) -> None:
        super().__init__(host)
        self._theme = theme
        self._host = host
        self._fields = dict(fields)
        self._marks: dict[Field, IconButton] = {}
        for field in self._fields:
            self._mark(field)
        shortcut = QShortcut(QKeySequence(KEY), host)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._ask)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def _mark(self, field: Field) -> None:
        words = self.tr("What is “{field}”?").format(field=field.label)
        mark = IconButton(self._theme, "help-circle", words, size=_MARK, icon_size=14, tone=Tone.TEXT3)
        mark.setToolTip(
            plain_tip(f"{words} ({QKeySequence(KEY).toString(QKeySequence.SequenceFormat.NativeText)})")
        )
        mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        mark.clicked.connect(lambda: self.open(field))
        field.set_aside(mark)
        field.installEventFilter(self)
        # A form may be built anew, or end, while the keyboard moves on.
        field.destroyed.connect(lambda: self._forget(field))
        self._marks[field] = mark

    def _forget(self, field: Field) -> None:
        self._fields.pop(field, None)
        self._marks.pop(field, None)

    def open(self, field: Field) -> None:
        """Explain a field, below its name."""
        popover = ExplainPopover(self._theme, (self._fields[field](),), self._host.window())
        popover.show_below(self._marks[field])
        popover.setFocus(Qt.FocusReason.PopupFocusReason)

    def _ask(self) -> None:
        field = self._at(QApplication.focusWidget())
        if field is not None:
            self.open(field)

    def _at(self, widget: QWidget | None) -> Field | None:
        """The field a widget is in."""
        while widget is not None and widget is not self._host:
            if isinstance(widget, Field) and widget in self._fields:
                return widget
            widget = widget.parentWidget()
        return None

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        here = self._at(now)
        for field, mark in self._marks.items():
            mark.setVisible(field is here or field.underMouse())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, Field) and event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            inside = event.type() == QEvent.Type.Enter
            self._marks[watched].setVisible(inside or self._at(QApplication.focusWidget()) is watched)
        return super().eventFilter(watched, event)
