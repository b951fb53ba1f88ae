"""Beside a question that is being written: what may already answer it, and reading that without leaving the form.

Looked for on this computer after each pause in typing, off the window's thread. The form is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.services.views_model import Suggestion
from app.views.documents.viewer import FileViewer
from app.views.page import PageContext
from app.views.requests.thread import Shown, Thread
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import link
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.rows import OpenRow
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon

if TYPE_CHECKING:
    from app.services.portal import Portal

_LIST_WIDTH, _READER_WIDTH = 300, 440
_PAUSE_MS = 400


class SuggestionRow(OpenRow):
    """Title, what it is, and the place where the words stand, marked."""

    def __init__(self, theme: Theme, suggestion: Suggestion, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.suggestion = suggestion
        title = Text(theme, suggestion.title, Role.NAME, wrap=True)
        excerpt = Text.of_runs(theme, marked(suggestion), Role.SECONDARY, wrap=True)
        parts: list[QWidget] = [title]
        if suggestion.detail:
            parts.append(Text(theme, suggestion.detail, Role.CAPTION, Tone.TEXT3, elide=True))
        parts.append(excerpt)
        line = row(gap=10, margins=(12, 10, 12, 11), align=False)
        line.addWidget(Icon(theme, suggestion.icon, Tone.ACCENT, 20), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column(*parts, gap=2), 1)
        self.setLayout(line)
        policy = self.sizePolicy()
        policy.setVerticalPolicy(policy.Policy.Preferred)
        self.setSizePolicy(policy)
        self.setAccessibleName(f"{suggestion.title}, {suggestion.detail}. {suggestion.excerpt}")


def marked(suggestion: Suggestion) -> list[Run]:
    """The excerpt with the words of the question marked."""
    runs: list[Run] = []
    at = 0
    for start, end in suggestion.ranges:
        if start > at:
            runs.append(Run(suggestion.excerpt[at:start], Tone.TEXT2))
        runs.append(Run(suggestion.excerpt[start:end], Tone.TEXT, Role.LABEL, ground=Tone.WARN))
        at = end
    runs.append(Run(suggestion.excerpt[at:], Tone.TEXT2))
    return [run for run in runs if run.text]


class SuggestionsPane(Panel):
    """Hidden until something is found. `said` gives toasts; `open_record`: leave the form for the record itself."""

    said = Signal(object)
    open_record = Signal(str)
    found = Signal()
    """What was looked for last has been answered."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "raised", rules="leading", parent=parent)
        self._portal = context.portal
        self._tasks = OwnTasks(self, context.bridge)
        self._question = ""
        self._text = self._looked = ""
        self._turn = 0
        self._open = ""
        self._shown: tuple[Suggestion, ...] = ()
        self.rows: list[SuggestionRow] = []
        theme = context.theme
        self._title = Text(theme, self.tr("May already be answered"), Role.STRONG, wrap=True)
        self._note = Text(theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(Space.S)
        self.viewer = FileViewer(context)
        self.talk = Thread(theme)
        self.back = link(theme, self.tr("All suggestions"), "arrow-left")
        self.place = link(theme, self.tr("Open in its place"))
        self._name = Text(theme, "", Role.STRONG, wrap=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list())
        self._stack.addWidget(self._reader())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.addWidget(self._stack)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.back.clicked.connect(self.close_reader)
        self.place.clicked.connect(lambda: self.open_record.emit(self._open))
        self.viewer.said.connect(self.said)
        self.setFixedWidth(_LIST_WIDTH)
        self.hide()

    def _list(self) -> QWidget:
        content = QWidget()
        head = column(self._title, self._note, gap=2)
        content.setLayout(
            column(head, Space.M, self._cards, None, margins=(Space.L, Space.L, Space.L, Space.L))
        )
        return scrolled(content, self.tr("May already be answered"))

    def _reader(self) -> QWidget:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.viewer)
        self._pages.addWidget(self.talk)
        whole = QWidget()
        head = row(self.back, None, self.place)
        layout = column(
            column(head, self._name, gap=6, margins=(Space.L, Space.M, Space.L, Space.M)), self._pages
        )
        layout.setStretch(1, 1)
        whole.setLayout(layout)
        return whole

    # looking

    def ask(self, question: str, text: str) -> None:
        """The question (a gid) reads like this now; look once its writer pauses."""
        if question != self._question:
            self._question = question
            self._looked = ""
            self._show(())
        self._text = text
        if self._text != self._looked:
            self._pause.start()

    def forget(self) -> None:
        """No question is being written any more."""
        self._turn += 1
        self._pause.stop()
        self._question = self._text = self._looked = ""
        self._show(())

    def _look(self) -> None:
        self._turn += 1
        turn, text, question = self._turn, self._text, self._question
        self._looked = text

        def look(portal: Portal) -> list[Suggestion]:
            return portal.requests.suggestions.suggest(text, but=question)

        def looked(found: list[Suggestion]) -> None:
            if turn == self._turn:
                self._show(found)
                self.found.emit()

        self._tasks.run(look, looked)

    def _show(self, found: Sequence[Suggestion]) -> None:
        if tuple(found) != self._shown:
            self._shown = tuple(found)
            emptied(self._cards)
            self.rows = [self._row(one) for one in found]
        # What one reads stays, whatever is found meanwhile.
        self.setVisible(bool(found) or self.reading)
        self._count()

    def _row(self, suggestion: Suggestion) -> SuggestionRow:
        made = SuggestionRow(self.theme, suggestion)
        made.opened.connect(lambda: self.open_suggestion(suggestion))
        card = Card(self.theme)
        card.body.addWidget(made)
        self._cards.addWidget(card)
        return made

    def _count(self) -> None:
        """What was opened is counted for the one who asks, here alone."""
        opened = self._portal.requests.suggestions.opened(self._question) if self._question else 0
        if opened == 0:
            words = self.tr("Found on this computer. Your text stays here.")
        elif opened == 1:
            words = self.tr("You opened 1 of them. Go on if it did not help.")
        else:
            words = self.tr("You opened {count} of them. Go on if they did not help.").format(count=opened)
        self._note.set_text(words)

    # reading

    @property
    def reading(self) -> bool:
        """Whether one of them is open."""
        return self._stack.currentIndex() == 1

    def open_suggestion(self, suggestion: Suggestion) -> None:
        """Open one beside the form."""
        record = self._portal.records.get(suggestion.gid)
        if record is None:
            return
        self._open = suggestion.gid
        self._name.set_text(record.title)
        if record.data.get("sha256"):
            self.viewer.show_file(record.gid, record.title, str(record.data.get("media_type") or ""))
            self._pages.setCurrentWidget(self.viewer)
        else:
            messages = tuple(self._portal.records.conversation(record.gid))
            shown = Shown(messages, {}, None)
            self.talk.show_messages(record.gid, shown, self._portal.me.name, self._portal.formats)
            self._pages.setCurrentWidget(self.talk)
        self._stack.setCurrentIndex(1)
        self.setFixedWidth(_READER_WIDTH)
        self._portal.requests.suggestions.note_opened(self._question, suggestion.gid)
        self._count()
        self.back.setFocus()

    def close_reader(self) -> None:
        """Back to what was found."""
        self._stack.setCurrentIndex(0)
        self.viewer.clear()
        self._open = ""
        self.setFixedWidth(_LIST_WIDTH)
        self.setVisible(bool(self._shown))
