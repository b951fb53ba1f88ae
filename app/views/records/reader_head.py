"""Above a record that is read: its number, how it stands, what it is about, and until when."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.services.portal import Portal
from app.services.views_model import RecordView, SyncState
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton
from app.views.widgets.layout import column, row
from app.views.widgets.pills import Pill, SyncMark
from app.views.widgets.text import Text


class ReaderHead(Panel):
    """`back_asked`: to the list, where the pane lies over it. `decides`: the day is that of a decision."""

    back_asked = Signal()
    copy_asked = Signal()
    link_asked = Signal()
    pin_asked = Signal()
    print_asked = Signal()
    pdf_asked = Signal()

    def __init__(
        self, theme: Theme, portal: Portal, *, decides: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "surface", rules="bottom", parent=parent)
        self._portal = portal
        self._decides = decides
        self.back = IconButton(theme, "arrow-left", self.tr("Back to the list"))
        self.back.setObjectName("detail.back")
        self.back.clicked.connect(self.back_asked)
        self.back.hide()
        self._gid = ""
        self._more = IconButton(theme, "dots", self.tr("More"))
        self._more.setObjectName("detail.more")
        self._more.clicked.connect(self._open_menu)
        self._number = Text(theme, "", Role.CAPTION, Tone.TEXT3, elide=True)
        self._mark = SyncMark(theme, Mark.SYNCED)
        self._title = Text(theme, "", Role.PAGE_TITLE, wrap=True)
        self._pill = Pill(theme, "")
        self._about = Text.cut(theme, "", Role.BODY, Tone.TEXT2)
        self._due = Text(theme, "", Role.LABEL, Tone.TEXT2)
        top = row(self.back, self._number, None, self._mark, self._more)
        below = row(self._pill, gap=10)
        below.addWidget(self._about, 1)
        below.addWidget(self._due)
        self.setLayout(column(top, 2, self._title, 6, below, margins=(24, 10, 18, 14)))

    def show_record(self, record: RecordView) -> None:
        """Show a record as it is now."""
        self._gid = record.gid
        self._number.set_text(record.number)
        self._title.set_text(record.title)
        self._pill.show_stage(record.state_label, Tone(record.tone))
        self._pill.setVisible(bool(record.state_label))
        asked_by = str(record.data.get("asked_by") or "")
        asked = self.tr("asked by {name}").format(name=asked_by) if asked_by else ""
        self._about.set_text(" · ".join(part for part in (self._subtitle(record), asked) if part))
        draft = record.sync is SyncState.DRAFT
        self._mark.setVisible(not draft)
        if not draft:
            self._mark.show_mark(Mark(record.sync.value), self._portal.records.changed_words(record))
        due = self._portal.records.due(record)
        self._due.setVisible(due is not None)
        if due is not None:
            tone = Tone(due.tone)
            self._due.set_text(self._left(due.words))
            self._due.set_tone(Tone.TEXT2 if tone is Tone.NEUTRAL else tone)

    def _subtitle(self, record: RecordView) -> str:
        entity = self._portal.entity(record.entity)
        spec = entity.field(entity.subtitle_field)
        if spec is not None and spec.name == "version" and record.subtitle:
            return self.tr("Version {version}").format(version=record.subtitle)
        return record.subtitle

    def _left(self, words: str) -> str:
        if not self._decides:
            return self.tr("{time} left").format(time=words) if words[:1].isdigit() else words
        if words[:1].isdigit():
            return self.tr("{time} left to decide").format(time=words)
        return self.tr("Decide today") if words == "Today" else self.tr("Was to be decided by now")

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """What stands behind the dots: what one does with any record."""
        menu = QMenu(self)
        pinned = self._portal.recent.is_pinned(self._gid)
        for name, words, signal in (
            ("copy", self.tr("Copy number"), self.copy_asked),
            ("link", self.tr("Copy link"), self.link_asked),
            ("pin", self.tr("Unpin") if pinned else self.tr("Pin"), self.pin_asked),
            *((("print", self.tr("Print…"), self.print_asked),) if allowed().paper else ()),
            *((("pdf", self.tr("Save as PDF…"), self.pdf_asked),) if allowed().files else ()),
        ):
            entry = QAction(words, menu)
            entry.setObjectName(f"detail.{name}")
            entry.triggered.connect(lambda _on=False, asked=signal: asked.emit())
            menu.addAction(entry)
        return menu
