"""A receipt in the place of the record: what is attested, by whose clock and key, and a file of it for others."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.contract.errors import CounterpartError
from app.services.receipts import RECEIPT_ENDING
from app.services.views_model import ReceiptArrived, ReceiptView
from app.views.page import PageContext, Toast
from app.views.sync_centre.export import write_text
from app.views.theme.fonts import Role
from app.views.theme.tokens import Space, Tone
from app.views.ways_out import AskWhere, allowed
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton, primary, secondary
from app.views.widgets.cards import Card
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, row
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_ICONS = {Tone.OK: "shield-check", Tone.BAD: "alert-octagon-filled", Tone.WARN: "alert-triangle"}
_TINTS = {Tone.OK: "ok", Tone.BAD: "bad", Tone.WARN: "warn"}


class ReceiptPane(QWidget):
    """`closed`: back to the record, by the arrow or Escape. `said` gives a toast."""

    closed = Signal()
    said = Signal(object)

    def __init__(self, context: PageContext, ask: AskWhere, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._ask = ask
        self._tasks = OwnTasks(self, context.bridge)
        self._mutation_id = ""
        self._whose = ""
        self._problem: ReceiptArrived | None = None
        self.setObjectName("detail.receipt")
        self._back = IconButton(self._theme, "arrow-left", self.tr("Back to the record"))
        self._name = Text(self._theme, "", Role.SECTION, elide=True)
        self._about = Text(self._theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        self._icon = Icon(self._theme, "clock", Tone.TEXT2, 18)
        self._headline = Text(self._theme, "", Role.NAME, wrap=True)
        self._detail = Text(self._theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.accept = secondary(self._theme, self.tr("Accept this key"), small=True)
        self.facts = KeyValueList(self._theme, stacked=True)
        self.export = primary(self._theme, self.tr("Export"), "download")
        self._build()
        self._back.clicked.connect(self.closed)
        self.accept.clicked.connect(self._accept)
        self.export.clicked.connect(self._export)
        self._bridge.receiptArrived.connect(self._on_arrived)

    def _build(self) -> None:
        head = Panel(self._theme, "surface", rules="bottom")
        line = row(self._back, gap=12, margins=(16, 12, 24, 12))
        line.addLayout(column(self._name, self._about), 1)
        head.setLayout(line)
        self._card = Card(self._theme, tint="raised")
        words = column(self._headline, self._detail, gap=2)
        words.addSpacing(6)
        words.addWidget(self.accept, 0, Qt.AlignmentFlag.AlignLeading)
        whole = row(gap=10, margins=(12, 10, 12, 10), align=False)
        whole.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(words, 1)
        self._card.body.addLayout(whole)
        hint = Text(
            self._theme,
            self.tr(
                "Anybody can check the exported file, without an account: counterpart receipt verify FILE"
            ),
            Role.SECONDARY,
            Tone.TEXT3,
            wrap=True,
        )
        content = QWidget()
        content.setLayout(column(self._card, 14, self.facts, hint, None, margins=(16, 14, 16, 14)))
        foot = Panel(self._theme, "raised", rules="top")
        if not allowed().files:
            hint.hide()
        if not allowed().files:
            self.export.hide()
        foot.setLayout(row(None, self.export, margins=(Space.L, 12, Space.L, 12)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(scrolled(content, self.tr("Receipt")), 1)
        layout.addWidget(foot)

    def show_receipt(self, mutation_id: str, whose: str) -> None:
        """Open a receipt; one that is not here is fetched. `whose` is the record's title."""
        self._mutation_id, self._whose, self._problem = mutation_id, whose, None
        view = self._portal.receipts.view(mutation_id)
        if view is not None and not view.here and self._bridge.online:
            self._bridge.fetch_receipt(mutation_id)
        self.follow()
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Look again at the receipt that is open."""
        view = self._portal.receipts.view(self._mutation_id)
        if view is None:
            self.closed.emit()
            return
        self._name.set_text(self.tr("Receipt {name}").format(name=view.name))
        self._about.set_text(" · ".join(part for part in (view.about, self._whose) if part))
        tone, headline, detail = self._standing(view)
        self._card.set_tint(_TINTS.get(tone, "raised"))
        self._card.setAccessibleName(headline)
        self._card.setAccessibleDescription(detail)
        self._icon.show_icon(_ICONS.get(tone, "clock"), Tone.TEXT2 if tone is Tone.NEUTRAL else tone)
        self._headline.set_text(headline)
        self._detail.set_text(detail)
        self.accept.setVisible(bool(self._problem and self._problem.strange_key))
        self.facts.set_facts([Fact(one.label, one.value, one.note) for one in view.facts])
        if view.here:
            self.export.enable()
        else:
            self.export.disable(self.tr("It can be exported once it is on this computer."))

    def _standing(self, view: ReceiptView) -> tuple[Tone, str, str]:
        if view.here:
            return Tone(view.tone), view.headline, view.detail
        if self._problem is not None and self._problem.strange_key:
            return Tone.WARN, self.tr("Signed with another key"), self._problem.problem
        if self._problem is not None:
            return Tone.BAD, self.tr("Not taken"), self._problem.problem
        if self._bridge.online:
            return Tone.NEUTRAL, self.tr("Fetching it"), self.tr("Its signature is checked as it comes in.")
        return Tone(view.tone), view.headline, view.detail

    def _on_arrived(self, arrived: ReceiptArrived) -> None:
        if arrived.mutation_id == self._mutation_id:
            self._problem = arrived if arrived.problem else None
            if self.isVisible():
                self.follow()

    def _accept(self) -> None:
        if self._problem is not None and self._problem.strange_key:
            self._portal.receipts.trust(self._problem.strange_key)
            self.show_receipt(self._mutation_id, self._whose)

    def _export(self) -> None:
        view = self._portal.receipts.view(self._mutation_id)
        if view is None or not view.here or not allowed().files:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        target = self._ask(self, Path(folder) / f"receipt-{view.name}{RECEIPT_ENDING}")
        if target is not None:
            text = self._portal.receipts.export(self._mutation_id)
            kept = self.tr("The receipt is kept in Counterpart.")
            self._tasks.run(
                lambda _portal: write_text(target, text, kept), self._exported, self._not_exported
            )

    def _exported(self, path: Path) -> None:
        words = self.tr("Exported as {name} in {folder}")
        self.said.emit(Toast(words.format(name=path.name, folder=path.parent.name or path.parent)))

    def _not_exported(self, problem: CounterpartError) -> None:
        self.said.emit(Toast(self._portal.formats.tr.told(problem)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)
