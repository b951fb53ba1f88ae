"""Below a conversation that is over: whether it helped, opening it again with words, or where to ask anew.

It asks once and calmly; whoever does not answer is not asked by anything else.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.portal import Portal
from app.services.views_model import RecordView
from app.views.page import NEW, Place, Toast
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class ResolvedStrip(Panel):
    """`changed`: it stands otherwise now; `again`: the user wants to open it again; `said` and `go` are the page's."""

    changed = Signal()
    again = Signal()
    said = Signal(object)
    go = Signal(object)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="top", parent=parent)
        self._portal = portal
        self._gid = self._entity = ""
        self._reopening = ""
        self._icon = Icon(theme, "circle-check", Tone.OK, 18)
        self._title = Text(theme, "", Role.NAME, wrap=True)
        self._text = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.yes = secondary(theme, self.tr("Yes"), "check", small=True)
        self.no = secondary(theme, self.tr("No, open it again"), small=True)
        self.never_mind = secondary(theme, self.tr("Leave it resolved"), small=True)
        self.new = primary(theme, "", small=True)
        self.yes.setAccessibleDescription(self.tr("This helped."))
        self.yes.clicked.connect(self._content)
        self.no.clicked.connect(self._begin)
        self.never_mind.clicked.connect(self._give_up)
        self.new.clicked.connect(lambda: self.go.emit(Place(NEW, entity=self._entity)))
        line = row(self._icon, gap=Space.M, margins=(Space.PAGE, 10, Space.PAGE, 10))
        line.addLayout(column(self._title, self._text), 1)
        for button in (self.yes, self.no, self.never_mind, self.new):
            line.addWidget(button)
        self.setLayout(line)

    @property
    def reopening(self) -> bool:
        """Whether the message that is written opens the request again."""
        return bool(self._reopening)

    def show_request(self, record: RecordView) -> bool:
        """Show what fits a request as it is now; returns whether one may still write into it."""
        requests = self._portal.requests
        raise_words = self._raise_words(record.entity)
        over = record.state_label and not self._is_open(record)
        may_reopen = requests.reopening(record) is not None
        if not may_reopen or self._reopening != record.gid:
            self._reopening = ""
        asks = requests.asks_whether_it_helped(record) and not self.reopening
        self.setVisible(bool(over) and (asks or self.reopening or not may_reopen))
        self.yes.setVisible(asks)
        self.no.setVisible(asks)
        self.never_mind.setVisible(self.reopening)
        self.new.setVisible(bool(over) and not may_reopen and bool(raise_words))
        self.new.set_text(raise_words)
        self._gid, self._entity = record.gid, record.entity
        if self.reopening:
            words = self.tr("Sending it opens the request again.")
            self._say("rotate-clockwise", Tone.ACCENT, self.tr("Say what is still missing"), words)
        elif asks:
            words = self.tr("It stays as it is if you do nothing.")
            self._say("circle-check", Tone.OK, self.tr("Did this help?"), words)
        elif not may_reopen:
            words = self.tr("It can be read, but no longer answered.")
            self._say("lock", Tone.TEXT3, self.tr("This request is closed."), words)
        return not over or may_reopen

    def _is_open(self, record: RecordView) -> bool:
        lifecycle = self._portal.entity(record.entity).lifecycle
        state = lifecycle.state(record.state) if lifecycle is not None else None
        return state is None or state.open

    def _say(self, icon: str, tone: Tone, title: str, text: str) -> None:
        self._icon.show_icon(icon, tone)
        self._title.set_text(title)
        self._text.set_text(text)
        self.setAccessibleName(f"{title} {text}")

    def _raise_words(self, entity: str) -> str:
        """What raising a new one is called; empty for who may not."""
        jobs = (job for job in self._portal.manifest.jobs if job.entity == entity and job.does == "create")
        return next((job.label for job in jobs), "")

    def _begin(self) -> None:
        self._reopening = self._gid
        self.changed.emit()
        self.again.emit()

    def _give_up(self) -> None:
        self._reopening = ""
        self.changed.emit()

    def sent(self) -> None:
        """The words that open it again are on their way."""
        self._reopening = ""

    def _content(self) -> None:
        gid = self._gid
        self._portal.requests.helped(gid)
        self.changed.emit()
        self.said.emit(Toast(self.tr("Good to know"), lambda: self._ask_again(gid)))

    def _ask_again(self, gid: str) -> None:
        self._portal.requests.ask_again(gid)
        self.changed.emit()
