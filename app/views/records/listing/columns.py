"""The columns of one list as they are chosen: drawn wider, moved, hidden, added, and back to the portal's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.bridge.models import RecordListModel
from app.services.columns import Chosen, as_choice, column_name, moved, toggled, with_width
from app.services.portal import Portal
from app.views.delegates.roles import CellKind
from app.views.records.listing.column_needs import ColumnNeeds
from app.views.records.listing.columns_panel import ColumnsPanel
from app.views.theme.theme import Theme
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton
from app.views.widgets.layout import row
from app.views.widgets.record_table import Column as Shown
from app.views.widgets.record_table import RecordTable

_PAUSE_MS = 400
_CORNER = 32
_KINDS = {"name": CellKind.NAME, "money": CellKind.FIGURE, "countdown": CellKind.FIGURE,
          "pill": CellKind.PILL, "sync": CellKind.MARK}  # fmt: skip


class ListColumns(QObject):
    """Keeps table, model and choice in step. `changed`: other columns are shown."""

    changed = Signal()

    def __init__(
        self, theme: Theme, portal: Portal, entity: str, model: RecordListModel, table: RecordTable
    ) -> None:
        super().__init__(table)
        self._portal = portal
        self._entity = entity
        self._model = model
        self._table = table
        self._drawn: dict[int, int] = {}
        self._needs = ColumnNeeds(portal, table)
        self.panel = ColumnsPanel(theme, table)
        # In the head's far corner, where other tables have it too; its ground covers whatever column ends there.
        self.button = IconButton(theme, "adjustments-horizontal", self.tr("Choose columns"), icon_size=14)
        self._corner = Panel(theme, "raised", rules="top bottom", parent=table.head)
        self._corner.setLayout(row(self.button, margins=(4, 0, 4, 0)))
        table.head.corner = _CORNER
        self.button.setObjectName("records.columns")
        self.button.setFixedSize(24, 24)
        self.button.clicked.connect(self.open_panel)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._keep_widths)
        self._connect()

    def _connect(self) -> None:
        table, panel = self._table, self.panel
        table.let_arrange()
        table.head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.head.customContextMenuRequested.connect(self._open_menu)
        table.head.sectionMoved.connect(self._on_moved)
        table.column_drawn.connect(self._on_drawn)
        table.head.resized.connect(self._place_button)
        panel.toggled.connect(lambda name, on: self._choose(toggled(self._now(), name, on=on)))
        panel.moved.connect(lambda name, by: self._choose(moved(self._now(), name, by)))
        panel.reset_asked.connect(lambda: self._choose(()))
        self._model.refreshed.connect(self._look)

    def apply(self) -> None:
        """Give the table columns as wide as what they hold needs, or as they were drawn."""
        self._needs.forget()
        self._needs.look(self._model.columns)
        self._lay_out()

    def _look(self) -> None:
        """Other rows may need more room; while a column is being drawn they wait for it."""
        if self._needs.look(self._model.columns) and not self._later.isActive():
            self._lay_out()

    def _lay_out(self) -> None:
        entity, columns = self._portal.manifest.entity(self._entity), self._model.columns
        if entity is None:
            return
        choice = self._portal.columns.choice(self._entity)
        drawn = {one.name: one.width for one in choice}
        needs = self._needs.of(entity, columns, chosen=bool(choice))
        self._table.set_columns(
            [
                Shown(
                    drawn.get(column_name(one), 0),
                    _KINDS.get(one.show, CellKind.TEXT),
                    sortable=bool(one.field),
                    need=need,
                )
                for one, need in zip(columns, needs, strict=True)
            ]
        )
        self._place_button()

    def open_panel(self) -> None:
        """Open the list of all columns below its button."""
        self._show_panel()
        self.panel.show_below(self.button)
        self.panel.focus()

    def reset(self) -> None:
        """Show the portal's own columns again."""
        self._choose(())

    # what the user does

    def _now(self) -> tuple[Chosen, ...]:
        return as_choice(self._model.columns, self._portal.columns.choice(self._entity))

    def _choose(self, choice: Sequence[Chosen]) -> None:
        self._drawn.clear()
        self._portal.columns.choose(self._entity, choice)
        marked = self._table.marked()
        self._model.read_columns()
        self.apply()
        self._table.mark(marked)
        if self.panel.isVisible():
            self._show_panel()
        self.changed.emit()

    def _show_panel(self) -> None:
        shown = self._portal.columns.of(self._entity)
        names = {column_name(one) for one in shown}
        others = [
            one for one in self._portal.columns.available(self._entity) if column_name(one) not in names
        ]
        self.panel.show_columns(shown, others, chosen=bool(self._portal.columns.choice(self._entity)))

    def _on_moved(self, _logical: int, before: int, after: int) -> None:
        # The head moves a picture of the column; the model then has them in that order, and the head starts afresh.
        QTimer.singleShot(0, self, lambda: self._take_order(before, after))

    def _take_order(self, before: int, after: int) -> None:
        name = column_name(self._model.columns[before])
        self._table.head.put_in_order()
        self._choose(moved(self._now(), name, after - before))

    def _on_drawn(self, column: int, width: int) -> None:
        self._drawn[column] = width
        self._later.start()

    def _keep_widths(self) -> None:
        self._later.stop()
        choice = self._now()
        for number, width in self._drawn.items():
            if number < len(self._model.columns):
                choice = with_width(choice, column_name(self._model.columns[number]), width)
        self._drawn.clear()
        self._portal.columns.choose(self._entity, choice)
        self._lay_out()

    # menu and button

    def _open_menu(self, spot: QPoint) -> None:
        menu = self.menu(self._table.head.logicalIndexAt(spot))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._table.head.mapToGlobal(spot))

    def menu(self, at: int) -> QMenu:
        """What can be done with the column at a place, and with all of them."""
        menu = QMenu(self._table)
        menu.setToolTipsVisible(True)
        columns = self._model.columns
        if 0 <= at < len(columns):
            one = columns[at]
            name = column_name(one)
            entries = (
                (
                    "hide",
                    _tr("Hide {column}"),
                    len(columns) > 1,
                    lambda: toggled(self._now(), name, on=False),
                ),
                ("back", _tr("Move {column} back"), at > 0, lambda: moved(self._now(), name, -1)),
                ("on", _tr("Move {column} on"), at < len(columns) - 1, lambda: moved(self._now(), name, 1)),
            )
            for key, words, possible, result in entries:
                entry = QAction(words.format(column=one.label), menu)
                entry.setObjectName(f"column.{key}")
                entry.setEnabled(possible)
                if not possible:
                    entry.setToolTip(
                        _tr("One column always stays.") if key == "hide" else _tr("It is at the end.")
                    )
                entry.triggered.connect(lambda _on=False, made=result: self._choose(made()))
                menu.addAction(entry)
            menu.addSeparator()
        choose = menu.addAction(_tr("Choose columns…"))
        choose.setObjectName("column.choose")
        choose.triggered.connect(self.open_panel)
        own = menu.addAction(_tr("Back to the portal's columns"))
        own.setObjectName("column.reset")
        own.setEnabled(bool(self._portal.columns.choice(self._entity)))
        if not own.isEnabled():
            own.setToolTip(_tr("These are the portal's columns."))
        own.triggered.connect(self.reset)
        return menu

    def _place_button(self) -> None:
        head: QWidget = self._table.head
        mirrored = head.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self._corner.setGeometry(0 if mirrored else head.width() - _CORNER, 0, _CORNER, head.height())


def _tr(words: str) -> str:
    return QCoreApplication.translate("ListColumns", words)
