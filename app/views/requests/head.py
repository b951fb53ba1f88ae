"""Above a conversation: what it is about, how it stands, and the commands that fit its state."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.contract.manifest import CommandSpec
from app.services.format import moment_of
from app.services.portal import Portal
from app.services.views_model import RecordView
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import secondary
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text

_HEIGHT = 73


class ConversationHead(Panel):
    """`commanded` gives the name of the command whose button was used."""

    commanded = Signal(str)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, "surface", rules="bottom", parent=parent)
        self._portal = portal
        self._offered: tuple[CommandSpec, ...] = ()
        self._title = Text(theme, "", Role.SECTION, elide=True)
        self._pill = Pill(theme, "")
        self._detail = Text(theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        self._commands = QHBoxLayout()
        self._commands.setSpacing(8)
        self.setFixedHeight(_HEIGHT)
        first = row(self._title, self._pill, None, gap=8)
        line = row(gap=12, margins=(24, 14, 24, 12), align=False)
        line.addLayout(column(first, self._detail, gap=4), 1)
        line.addLayout(self._commands)
        self.setLayout(line)

    def show_request(self, record: RecordView) -> None:
        """Show a request as it is now. Commands that need arguments are not offered here."""
        self._title.set_text(record.title)
        self._title.setMaximumWidth(self._title.sizeHint().width())
        self._pill.show_stage(record.state_label, Tone(record.tone))
        self._pill.setVisible(bool(record.state_label))
        self._detail.set_text(self._about(record))
        # Opening it again takes words: that is asked below the conversation.
        again = self._portal.requests.reopening(record)
        commands = tuple(c for c in self._portal.records.commands(record.gid) if not c.args and c != again)
        if commands != self._offered:
            self._offer(commands)

    def _offer(self, commands: tuple[CommandSpec, ...]) -> None:
        self._offered = commands
        emptied(self._commands)
        for command in commands:
            button = secondary(self.theme, command.label, small=True)
            button.clicked.connect(lambda _on=False, name=command.name: self.commanded.emit(name))
            self._commands.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def _about(self, record: RecordView) -> str:
        number = record.number or self.tr("Not sent yet")
        mine = record.data.get("owner") == self._portal.me.user
        who = self.tr("you") if mine else str(record.data.get("owner_name") or "")
        created = moment_of(record.data.get("created_at"))
        raised = self.tr("raised by {name}").format(name=who) if who else ""
        if raised and created is not None:
            formats = self._portal.formats
            raised += " " + self.tr("on {day}").format(day=formats.weekday_day(formats.local(created).date()))
        return " · ".join(part for part in (number, record.subtitle, raised) if part)
