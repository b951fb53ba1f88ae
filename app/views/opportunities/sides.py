"""Both views of one opportunity beside each other, and what is written together below.

Where both sides hold something that is not the same, the row says *differs*, by shape and word. A value of one's own
opens the form at that field; the vendor's are only read.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.services.portal import Portal
from app.services.sides import Shared, SideCell, SideRow, SidesView
from app.services.views_model import RecordView, SyncState
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import link
from app.views.widgets.cards import Rule
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

#: From so wide on the rows' names have a column of their own; narrower than the other, one side stands below the other.
_WIDE, _NARROW = 460, 250
_LABELS = 96


class SideValue(Text):
    """One side's value; one's own is pressed to edit it."""

    pressed = Signal(str)

    def __init__(self, theme: Theme, cell: SideCell, side: str) -> None:
        super().__init__(
            theme, cell.words or "–", Role.BODY, Tone.TEXT if cell.words else Tone.TEXT3, wrap=True
        )
        self._field = cell.field if cell.editable else ""
        self.setAccessibleName(f"{side}, {cell.label}: {cell.words or '–'}")
        if self._field:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(plain_tip(self.tr("Edit {field}").format(field=cell.label)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._field and self.rect().contains(event.position().toPoint()):
            self.pressed.emit(self._field)
            return
        super().mouseReleaseEvent(event)


class SidesTable(Panel):
    """`edit_asked`: the field to edit."""

    edit_asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, rules="bottom", parent=parent)
        self._view: SidesView | None = None
        self._mode = ""
        self._title = Text(theme, self.tr("Both views"), Role.TABLE_HEAD, Tone.TEXT3)
        self._note = Text(theme, "", Role.CAPTION, Tone.TEXT3)
        self.edit = link(theme, self.tr("Edit yours"))
        self.edit.setObjectName("sides.edit")
        self.edit.clicked.connect(self._edit_first)
        self._holder = QWidget()
        self._grid = QGridLayout(self._holder)
        head = row(self._title, self._note, None, self.edit)
        self._column = column(head, 8, self._holder, margins=(16, 11, 16, 10))
        self.setLayout(self._column)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.hide()

    @property
    def shown(self) -> SidesView | None:
        """What stands here."""
        return self._view

    def show_sides(self, view: SidesView | None) -> None:
        """Show both sides; None hides the table."""
        self.setVisible(view is not None)
        if view == self._view or view is None:
            self._view = view
            return
        self._view = view
        count = view.differing
        said = self.tr("1 row differs") if count == 1 else self.tr("{count} rows differ").format(count=count)
        self._note.set_text(said if count else self.tr("Nothing differs"))
        self.edit.setVisible(view.editable)
        self._lay_out()

    def _edit_first(self) -> None:
        cells = [
            cell for one in (self._view.rows if self._view else ()) for cell in one.cells if cell.editable
        ]
        if cells:
            self.edit_asked.emit(cells[0].field)

    # layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._view is not None and self._fitting() != self._mode:
            # Not within the pass that gave this width: that one has asked for the heights already.
            QTimer.singleShot(0, self, self._lay_out)

    def _fitting(self) -> str:
        width = self.width()
        return "wide" if width >= _WIDE else "narrow" if width < _NARROW else "plain"

    def _lay_out(self) -> None:
        view = self._view
        if view is None:
            return
        self._mode = self._fitting()
        old, self._holder = self._holder, QWidget()
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(0)
        first = 1 if self._mode == "wide" else 0
        self._grid.setColumnMinimumWidth(0, _LABELS if first else 0)
        for number in range(3):
            self._grid.setColumnStretch(number, 1 if first <= number < first + len(view.labels) else 0)
        line = 0
        if self._mode != "narrow":
            for number, label in enumerate(view.labels):
                own = number == view.own
                head = Text(self.theme, label, Role.LABEL, Tone.ACCENT if own else Tone.TEXT2)
                self._grid.addWidget(head, 0, first + number)
            line = 1
        for one in view.rows:
            line = self._add_row(view, one, line)
        self._column.replaceWidget(old, self._holder)
        old.hide()
        old.deleteLater()
        self._holder.show()

    def _add_row(self, view: SidesView, one: SideRow, line: int) -> int:
        rule = Rule(self.theme)
        self._grid.addWidget(holding(column(5, rule, 5)), line, 0, 1, -1)
        line += 1
        if self._mode == "wide":
            label = column(Text(self.theme, one.label, Role.SECONDARY, Tone.TEXT3), gap=2)
            if one.differs:
                label.addLayout(self._differs())
            label.addStretch(1)
            self._grid.addLayout(label, line, 0)
            for number, cell in enumerate(one.cells):
                self._grid.addWidget(
                    self._value(cell, view.labels[number]), line, 1 + number, Qt.AlignmentFlag.AlignTop
                )
            return line + 1
        head = row(Text(self.theme, one.label, Role.CAPTION, Tone.TEXT3), gap=8)
        if one.differs:
            head.addLayout(self._differs())
        head.addStretch(1)
        self._grid.addLayout(head, line, 0, 1, -1)
        for number, cell in enumerate(one.cells):
            value = self._value(cell, view.labels[number])
            if self._mode == "narrow":
                line += 1
                side = Text(self.theme, view.labels[number], Role.LABEL, Tone.TEXT2)
                self._grid.addWidget(holding(column(side, value)), line, 0, 1, -1)
            else:
                self._grid.addWidget(value, line + 1, number, Qt.AlignmentFlag.AlignTop)
        return line + 2

    def _value(self, cell: SideCell, side: str) -> SideValue:
        value = SideValue(self.theme, cell, side)
        value.setObjectName(f"sides.{cell.field}")
        value.pressed.connect(self.edit_asked)
        return value

    def _differs(self) -> QVBoxLayout:
        words = self.tr("differs")
        icon = Icon(self.theme, "arrows-left-right", Tone.WARN, 14, words)
        text = Text(self.theme, words, Role.CAPTION_MEDIUM, Tone.WARN)
        return column(row(icon, text, None, gap=4))


class TogetherPane(Panel):
    """What both sides write: the text, who wrote last, and the way to write. `edit_asked`: the field."""

    edit_asked = Signal(str)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, rules="bottom", parent=parent)
        self._portal = portal
        self._shown: tuple[Shared, ...] = ()
        self._body = QVBoxLayout()
        self._body.setSpacing(12)
        self.setLayout(column(self._body, margins=(16, 11, 16, 12)))
        self.hide()

    def show_shared(self, shared: tuple[Shared, ...]) -> None:
        """Show these texts."""
        self.setVisible(bool(shared))
        if shared == self._shown:
            return
        self._shown = shared
        emptied(self._body)
        for one in shared:
            self._body.addLayout(self._text(one))

    def _text(self, one: Shared) -> QVBoxLayout:
        title = Text(self.theme, one.label, Role.TABLE_HEAD, Tone.TEXT3)
        head = row(title, None)
        if one.editable:
            write = link(self.theme, self.tr("Write"), "pencil")
            write.setObjectName(f"together.{one.field}")
            write.setAccessibleName(self.tr("Write {what}").format(what=one.label))
            write.clicked.connect(lambda _on=False: self.edit_asked.emit(one.field))
            head.addWidget(write)
        words = one.words or self.tr("Nothing agreed yet.")
        text = Text(self.theme, words, Role.BODY, Tone.TEXT if one.words else Tone.TEXT3, wrap=True)
        text.setAccessibleName(f"{one.label}: {words}")
        parts = column(head, text, gap=4)
        last = self._last(one)
        if last:
            parts.addWidget(Text(self.theme, last, Role.CAPTION, Tone.TEXT3))
        return parts

    def _last(self, one: Shared) -> str:
        """*Last written by Ingrid Solheim, Today 08:57*."""
        entry = one.last
        if entry is None:
            return ""
        if entry.sync is not SyncState.SYNCED:
            return self.tr("Written by you, waits to send")
        me = self._portal.me
        who = self.tr("you") if entry.by in (me.name, me.user) else entry.by
        when = self._portal.formats.moment(entry.at) if entry.at else ""
        words = self.tr("Last written by {who}, {when}") if who else self.tr("Last written {when}")
        return words.format(who=who, when=when)


class BothSides(QWidget):
    """Table and common texts of a record; hidden for a type without sides. `edit_asked`: the field."""

    edit_asked = Signal(str)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._portal = portal
        self.table = SidesTable(theme)
        self.together = TogetherPane(theme, portal)
        self.setLayout(column(self.table, self.together))
        for part in (self.table, self.together):
            part.edit_asked.connect(self.edit_asked)
        self.hide()

    def show_record(self, record: RecordView) -> None:
        """Show both sides of a record as it is now."""
        view = self._portal.sides.read(record)
        self.setVisible(view is not None)
        self.table.show_sides(view)
        self.together.show_shared(self._portal.sides.shared(record) if view is not None else ())


def beside(view: SidesView | None) -> dict[str, str]:
    """Return what the other side holds beside each field of one's own: *Halden: Committed*."""
    if view is None:
        return {}
    found: dict[str, str] = {}
    for one in view.rows:
        own = one.cells[view.own] if view.own < len(one.cells) else None
        others = [
            f"{view.labels[number]}: {cell.words}"
            for number, cell in enumerate(one.cells)
            if number != view.own and cell.words
        ]
        if own is not None and others:
            found[own.field] = " · ".join(others)
    return found
