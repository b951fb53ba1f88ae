"""Above a record: its number, how it stands, its name, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.contract.manifest import CommandSpec
from app.services.portal import Portal
from app.services.views_model import RecordView, SyncState
from app.views.requests.flow import Flow
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, IconButton, primary, secondary
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.pills import Pill, SyncMark
from app.views.widgets.text import Text

#: Commands beyond these stand in the menu.
_BUTTONS = 3


#: What may be done with a record besides its commands, each under a name of its own that `commanded` gives.
Extras = Callable[[RecordView], Sequence[CommandSpec]]


def no_extras(_record: RecordView) -> Sequence[CommandSpec]:
    """Nothing but the manifest's commands."""
    return ()


class DetailHead(Panel):
    """`commanded` gives the name of a command; the other signals are the other buttons."""

    commanded = Signal(str)
    edit_asked = Signal()
    continue_asked = Signal()
    copy_asked = Signal()
    back_asked = Signal()

    def __init__(
        self, theme: Theme, portal: Portal, extras: Extras = no_extras, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "surface", parent=parent)
        self._portal = portal
        self._extras = extras
        self._offered: tuple[object, ...] = ()
        self._overflow: tuple[CommandSpec, ...] = ()
        self._number = Text(theme, "", Role.CAPTION, Tone.TEXT3)
        self._draft = Pill(theme, self.tr("Draft"))
        self._mark = SyncMark(theme, Mark.SYNCED)
        self._more = IconButton(theme, "dots", self.tr("More"))
        self._more.setObjectName("detail.more")
        self._more.clicked.connect(self._open_menu)
        self.back = IconButton(theme, "arrow-left", self.tr("Back to the list"))
        self.back.setObjectName("detail.back")
        self.back.clicked.connect(self.back_asked)
        self._title = Text(theme, "", Role.SECTION, wrap=True)
        self._subtitle = Text(theme, "", Role.BODY, Tone.TEXT2, wrap=True)
        self._holder = QWidget()
        self._buttons = Flow(8)
        self._holder.setLayout(self._buttons)
        line = row(self.back, self._number, None, self._draft, self._mark, self._more, gap=4)
        names = column(self._title, self._subtitle, 10, self._holder, margins=(0, 0, 0, 0))
        self.setLayout(column(line, names, margins=(16, 10, 10, 12)))
        self.back.hide()

    def show_record(self, record: RecordView, *, online: bool) -> None:
        """Show a record as it is now; `online` decides whether its buttons say that they wait."""
        portal = self._portal
        draft = portal.records.is_draft(record.gid)
        self._number.set_text(record.number or self.tr("Not sent yet"))
        self._title.set_text(record.title)
        subtitle = "" if record.subtitle == record.number else record.subtitle
        self._subtitle.set_text(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        is_mark = record.sync is not SyncState.DRAFT
        self._mark.setVisible(is_mark)
        self._draft.setVisible(not is_mark)
        if is_mark:
            self._mark.show_mark(Mark(record.sync.value), portal.records.changed_words(record))
        given = [*portal.records.commands(record.gid), *self._extras(record)]
        commands = sorted(given, key=lambda one: not one.primary)
        offered = (tuple(commands), bool(portal.records.editable(record.gid)), draft, online)
        if offered != self._offered:
            self._offered = offered
            self._offer(commands, editable=offered[1], draft=draft, online=online)

    def _offer(self, commands: Sequence[CommandSpec], *, editable: bool, draft: bool, online: bool) -> None:
        focused = QApplication.focusWidget()
        held = focused.objectName() if focused is not None and self._holder.isAncestorOf(focused) else ""
        emptied(self._buttons)
        if draft:
            self._add(primary(self.theme, self.tr("Continue"), "pencil", small=True), "detail.continue")
        self._overflow = tuple(commands[_BUTTONS:])
        for command in commands[:_BUTTONS]:
            words = command.label if online else self.tr("{does} (waits to send)").format(does=command.label)
            make = primary if command is commands[0] and command.primary else secondary
            button = make(self.theme, words, small=True)
            button.set_tip(command.explain)
            self._add(button, f"detail.command.{command.name}")
        if editable:
            self._add(secondary(self.theme, self.tr("Edit"), "pencil", small=True), "deals.edit")
        self._holder.setVisible(self._buttons.count() > 0)
        if held:
            self._give_back_focus(held)

    def _give_back_focus(self, name: str) -> None:
        """The buttons were made anew: the keyboard stays where it was, or near it."""
        buttons = [item.widget() for n in range(self._buttons.count()) if (item := self._buttons.itemAt(n))]
        again = next((one for one in buttons if one and one.objectName() == name), self.first_button())
        if again is not None:
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    def first_button(self) -> Button | None:
        """The first of what can be done now."""
        item = self._buttons.itemAt(0)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, Button) else None

    def _add(self, button: Button, name: str) -> None:
        button.setObjectName(name)
        button.clicked.connect(lambda _on=False: self._pressed(name))
        self._buttons.addWidget(button)

    def _pressed(self, name: str) -> None:
        if name == "detail.continue":
            self.continue_asked.emit()
        elif name == "deals.edit":
            self.edit_asked.emit()
        else:
            self.commanded.emit(name.removeprefix("detail.command."))

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """What stands behind the dots: commands there is no button for, and copying the number."""
        menu = QMenu(self)
        for command in self._overflow:
            entry = QAction(command.label, menu)
            entry.setObjectName(f"detail.command.{command.name}")
            entry.triggered.connect(lambda _on=False, name=command.name: self.commanded.emit(name))
            menu.addAction(entry)
        copy = QAction(self.tr("Copy number"), menu)
        copy.setObjectName("detail.copy")
        copy.triggered.connect(lambda _on=False: self.copy_asked.emit())
        menu.addAction(copy)
        return menu
