"""Other records shown with one: the invoices of an order, the requests about a deal, in a few lines each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.related import RelatedGroup, RelatedLine
from app.services.views_model import RecordView, SyncState
from app.views.page import PageContext, Place
from app.views.records.record.parts import Part
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import link
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.pills import Pill, SyncMark
from app.views.widgets.rows import OpenRow
from app.views.widgets.text import Text

_ROW = 44


class RelatedRow(OpenRow):
    """One related record: its name over number, amount and day, and its state."""

    def __init__(self, theme: Theme, line: RelatedLine, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setFixedHeight(_ROW)
        self.setObjectName("related.row")
        self.setAccessibleName(", ".join(part for part in (line.title, line.detail, line.state) if part))
        words = column(None, Text.cut(theme, line.title, Role.NAME))
        if line.detail:
            words.addWidget(Text.cut(theme, line.detail, Role.SECONDARY, Tone.TEXT3))
        words.addStretch(1)
        whole = row(gap=8, margins=(16, 0, 16, 0))
        whole.addLayout(words, 1)
        if line.sync not in (SyncState.SYNCED.value, SyncState.DRAFT.value):
            whole.addWidget(SyncMark(theme, Mark(line.sync)))
        elif line.state:
            whole.addWidget(Pill(theme, line.state, Tone(line.tone)))
        self.setLayout(whole)


class RelatedSection(Panel):
    """One group: its words, how many, a way to all of them, and the first few."""

    opened = Signal(str)
    all_asked = Signal()

    def __init__(self, theme: Theme, group: RelatedGroup, parent: QWidget | None = None) -> None:
        super().__init__(theme, rules="top", parent=parent)
        title = group.label if group.count == 1 else f"{group.label} · {group.count}"
        head = row(Text(theme, title, Role.TABLE_HEAD, Tone.TEXT3), None, margins=(16, 0, 16, 0))
        if group.count > len(group.lines):
            every = link(theme, self.tr("All {count}").format(count=group.count))
            every.setObjectName("related.all")
            every.setAccessibleName(
                self.tr("All {count}: {what}").format(count=group.count, what=group.label)
            )
            every.clicked.connect(self.all_asked)
            head.addWidget(every)
        body = column(head, 4, margins=(0, 11, 0, 6))
        for line in group.lines:
            entry = RelatedRow(theme, line)
            entry.opened.connect(lambda gid=line.gid: self.opened.emit(gid))
            body.addWidget(entry)
        self.setLayout(body)
        self.setAccessibleName(title)


class RelatedPart(Part):
    """All groups of a record, one below the other. `without`: entity types that stand elsewhere on the page."""

    first = False

    def __init__(self, context: PageContext, without: frozenset[str] = frozenset()) -> None:
        super().__init__(context, rules="")
        self._without = without
        self._shown: tuple[RelatedGroup, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def shown(self) -> tuple[RelatedGroup, ...]:
        """The groups that stand here."""
        return self._shown

    def show_record(self, record: RecordView, *, online: bool) -> None:
        groups = tuple(one for one in self.portal.about.related(record) if one.entity not in self._without)
        if groups != self._shown:
            self._shown = groups
            emptied(self._column)
            for group in groups:
                section = RelatedSection(self.theme, group)
                section.opened.connect(self.open_record)
                section.all_asked.connect(lambda one=group: self.go.emit(Place(one.entity, chip=one.chip)))
                self._column.addWidget(section)
        self.setVisible(bool(groups))
