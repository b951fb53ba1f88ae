"""The foot of a decision: its buttons, what one of them asks for, and why none of them can be pressed now.

What it asks for stands below what is decided on, never over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.contract.manifest import CommandSpec
from app.services.portal import Portal
from app.views.forms.form import RecordForm
from app.views.forms.sections import argument_sections
from app.views.forms.sources import sources_of
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, primary, secondary
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Text

_UNSAVED = "decisions.unsaved"


class DecisionFoot(Panel):
    """`decided` gives the command and its arguments. What is typed is kept until it is handed in."""

    decided = Signal(str, dict)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="top", parent=parent)
        self._portal = portal
        self._gid = ""
        self._commands: tuple[CommandSpec, ...] = ()
        self._asking: CommandSpec | None = None
        self._online = True
        self._reason = ""
        self._shown: tuple[object, ...] = ()
        self._buttons: dict[str, Button] = {}
        self.form: RecordForm | None = None
        self._slot = QVBoxLayout()
        self._row = row(gap=8)
        self._note = Text(theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self._note.setObjectName("decision.note")
        self.setLayout(column(self._slot, self._row, margins=(24, 12, 24, 12)))

    @property
    def asks(self) -> bool:
        """Whether a form is open."""
        return self._asking is not None

    @property
    def buttons(self) -> Sequence[Button]:
        """What can be pressed, the first leading."""
        return tuple(self._buttons.values())

    def show_commands(
        self, gid: str, commands: Sequence[CommandSpec], *, online: bool, reason: str, note: str
    ) -> None:
        """Show what may be done. `reason`: why nothing can be done this moment; `note`: what is said beside it."""
        if gid != self._gid:
            self.close_form()
        self._gid = gid
        ordered = tuple(sorted(commands, key=lambda one: not one.primary))
        if self._asking is not None and self._asking.name not in {one.name for one in ordered}:
            self.close_form()
        shown = (gid, ordered, online, self._asking)
        self._commands, self._online, self._reason = ordered, online, reason
        if shown != self._shown:
            self._shown = shown
            self._build()
        for button in self._buttons.values():
            if reason:
                button.disable(reason)
            else:
                button.enable()
        self._note.set_text(reason or note)
        self._note.set_tone(Tone.WARN if reason else Tone.TEXT3)
        self.setVisible(bool(ordered) or bool(note))

    def _build(self) -> None:
        held = next((name for name, one in self._buttons.items() if one.hasFocus()), "")
        self._note.setParent(self)
        self._row.removeWidget(self._note)
        emptied(self._row)
        self._buttons = {}
        asked = (self._asking,) if self._asking is not None else self._commands
        for command in asked:
            make = primary if command is asked[0] and (command.primary or self.asks) else secondary
            words = command.label
            waits = self.tr("{does} (waits to send)").format(does=words)
            button = make(self.theme, words if self._online else waits)
            name = f"decision.{command.name}" if not self.asks else "decision.confirm"
            button.setObjectName(name)
            button.clicked.connect(lambda _on=False, one=command: self._press(one))
            self._row.addWidget(button)
            self._buttons[name] = button
        if self.asks:
            cancel = secondary(self.theme, self.tr("Cancel"))
            cancel.setObjectName("decision.cancel")
            cancel.clicked.connect(self.close_form)
            self._row.addWidget(cancel)
        self._row.addSpacing(8)
        self._row.addWidget(self._note, 1, Qt.AlignmentFlag.AlignVCenter)
        self._note.show()
        if held in self._buttons:
            self._buttons[held].setFocus()

    # asking

    def press(self, name: str) -> None:
        """As if its button was pressed; nothing while it cannot be."""
        command = next((one for one in self._commands if one.name == name), None)
        if command is not None and not self._reason:
            self._press(command)

    def _press(self, command: CommandSpec) -> None:
        if command.args and self._asking is None:
            self._open_form(command)
        elif command.args and self.form is not None:
            problems = self.form.judge()
            if problems:
                self.form.focus_field(next(iter(problems)))
            else:
                self.decided.emit(command.name, self.form.values())
        else:
            self.decided.emit(command.name, {})

    def _open_form(self, command: CommandSpec) -> None:
        self._asking = command
        self.form = RecordForm(self.theme, None, argument_sections(command.args), sources_of(self._portal))
        start = {spec.name: spec.default for spec in command.args}
        self.form.show_data({**start, **self._unsaved()})
        self.form.edited.connect(lambda _names: self.keep())
        self._slot.addWidget(self.form)
        self._slot.addSpacing(12)
        self._refresh()
        self.form.focus_first()

    def close_form(self) -> None:
        """Close the form; what was typed is kept for the next time."""
        if self._asking is None:
            return
        self.keep()
        self._asking = None
        self.form = None
        emptied(self._slot)
        self._refresh()

    def _refresh(self) -> None:
        self._shown = ()
        note = self._note.text() if not self._reason else ""
        self.show_commands(self._gid, self._commands, online=self._online, reason=self._reason, note=note)

    def settled(self) -> None:
        """It was handed in: nothing typed is left over."""
        self._put_unsaved({})
        self._asking = None
        self.form = None
        emptied(self._slot)
        self._shown = ()

    def tell(self, fields: dict[str, str]) -> None:
        """Show what somebody else found wrong with what was typed."""
        if self.form is not None:
            self.form.tell(fields)

    # what is not handed in yet

    def keep(self) -> None:
        """Keep what stands in the form."""
        if self.form is not None:
            self._put_unsaved({name: value for name, value in self.form.values().items() if value})

    def _unsaved(self) -> dict[str, Any]:
        kept = self._portal.prefs.get(_UNSAVED, {})
        found = kept.get(self._gid) if isinstance(kept, dict) else None
        return dict(found) if isinstance(found, dict) else {}

    def _put_unsaved(self, values: dict[str, Any]) -> None:
        kept = self._portal.prefs.get(_UNSAVED, {})
        whole = dict(kept) if isinstance(kept, dict) else {}
        whole.pop(self._gid, None)
        if values:
            whole[self._gid] = values
        self._portal.prefs.set(_UNSAVED, whole or None)
