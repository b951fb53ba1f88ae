"""The last seconds before an account locks, over the head of its window: nothing below moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.widgets.buttons import primary
from app.views.widgets.last_seconds import LastSeconds


class IdleBar(LastSeconds):
    """Covers `head`, and is gone when nothing is counted."""

    def __init__(self, theme: Theme, head: QWidget) -> None:
        super().__init__(theme, Role.STRONG, primary(theme, ""), 18, head)
        self.stay.set_text(self.tr("Stay"))
        self.stay.setAccessibleName(self.tr("Stay"))
        head.installEventFilter(self)
        self.hide()

    def count_down(self, seconds: int) -> None:
        """Seconds until it locks; 0 while somebody is there."""
        if seconds:
            self.say(
                self.tr("Locks in {seconds} s. Move the pointer or press a key to stay.").format(
                    seconds=seconds
                )
            )
            self._cover()
        self.setVisible(seconds > 0)

    def _cover(self) -> None:
        head = self.parentWidget()
        if head is not None:
            self.setGeometry(head.rect())
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)
