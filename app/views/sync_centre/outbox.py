"""The outbox as a place: each change with its mark, why it stands there, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.engine import Bridge
from app.bridge.outbox_model import OutboxModel
from app.services.portal import Portal
from app.services.views_model import OutboxAction
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Space
from app.views.ways_out import allowed
from app.views.widgets.action_list import ActionList
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import secondary
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.empty_state import EmptyState


class RoundedList(ActionList):
    """Rows inside a card: cut to its corners, and without the rule below the last one, which is the card's own edge."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        radius = Radius.CARD - 1
        path = QPainterPath()
        path.addRoundedRect(QRectF(0, 0, self.width(), self.height() - 1), radius, radius)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))


class OutboxSection(ThemedWidget):
    """`acted` gives the OutboxView and the name of the action; `opened` the view of the row."""

    acted = Signal(object, str)
    opened = Signal(object)
    export_asked = Signal()
    retry_asked = Signal()

    def __init__(self, theme: Theme, portal: Portal, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._portal = portal
        shut = frozenset() if allowed().files else frozenset({OutboxAction.EXPORT})
        self.model = OutboxModel(portal, bridge, self, without=shut)
        self._header = SectionHeader(theme, self.tr("Outbox"))
        self.export = secondary(theme, self.tr("Export all"), small=True)
        self.retry = secondary(theme, self.tr("Retry now"), small=True)
        self._header.add(self.export)
        self._header.add(self.retry)
        self.export.clicked.connect(self.export_asked)
        if not allowed().files:
            self.export.hide()
        self.retry.clicked.connect(self.retry_asked)
        self.list = RoundedList(theme, self.tr("Outbox"))
        self.list.setModel(self.model)
        self.list.acted.connect(self._on_acted)
        self.list.row_opened.connect(self._on_opened)
        self._empty = EmptyState(
            theme,
            "checks",
            self.tr("Everything is sent."),
            self.tr("What you enter waits here until it has reached {vendor}.").format(vendor=portal.vendor),
        )
        self._empty.setMinimumHeight(140)
        card = Card(theme, name=self.tr("Outbox"))
        card.body.addWidget(self.list)
        card.body.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self._header)
        layout.addWidget(card)

    def follow(self, online: bool) -> None:
        """Read the outbox afresh."""
        self.model.refresh()
        items = self.model.items
        needs = self._portal.outbox.needs_me(items)
        words = self._portal.formats.tr.plural(len(items), "%n change", "%n changes") if items else ""
        if needs:
            words += " · " + (self._portal.formats.tr.plural(needs, "%n needs you", "%n need you"))
        self._header.set_note(words)
        self.list.setVisible(bool(items))
        self._empty.setVisible(not items)
        self._able(bool(items), len(items) > needs, online)

    def show_row(self, gid: str) -> None:
        """Bring a record's first row into view and give it the keyboard."""
        found = self.model.row_of(gid)
        if found >= 0:
            self.list.setCurrentIndex(self.model.index(found))
            self.list.setFocus()

    def _able(self, some: bool, waiting: bool, online: bool) -> None:
        nothing = self.tr("Nothing is in the outbox.")
        if some:
            self.export.enable()
        else:
            self.export.disable(nothing)
        if not online:
            self.retry.disable(self.tr("You are offline. It is sent when you are back."))
        elif waiting:
            self.retry.enable()
        else:
            self.retry.disable(self.tr("Nothing waits to be sent.") if some else nothing)

    def _on_acted(self, row: int, action: str) -> None:
        item = self.model.item_at(row)
        if item is not None:
            self.acted.emit(item, action)

    def _on_opened(self, row: int) -> None:
        item = self.model.item_at(row)
        if item is not None:
            self.opened.emit(item)
