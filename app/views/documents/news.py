"""Above a document: what changed since it was read, whether it still holds, and the word that one has read it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.portal import Portal
from app.services.views_model import ChangedSince, Confirmation, RecordView, SyncState
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import link, primary, secondary
from app.views.widgets.diff_text import DiffText
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_SHOWN = 6


class ChangedStrip(Panel):
    """*Changed since you read 2026.3 on Tue 3 Nov*, the vendor's note and the places; `seen` is its button."""

    seen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="bottom", parent=parent)
        self._shown: ChangedSince | None = None
        self._title = Text(theme, "", Role.NAME, wrap=True)
        self._note = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.button = secondary(theme, self.tr("Mark as read"), small=True)
        self.button.setObjectName("documents.seen")
        self.button.clicked.connect(self.seen)
        self.places = link(theme, "", "chevron-down")
        self.places.clicked.connect(self._toggle)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        head = row(Icon(theme, "history", Tone.ACCENT, 16), gap=Space.S)
        head.addWidget(self._title, 1)
        head.addWidget(self.button)
        self.setLayout(
            column(head, self._note, row(self.places, None), self._list, gap=4, margins=(20, 9, 16, 10))
        )
        self.hide()

    def show_change(self, change: ChangedSince | None) -> None:
        """Show what is new, or nothing."""
        self.setVisible(change is not None)
        if change is None or change == self._shown:
            self._shown = change
            return
        self._shown = change
        self._title.set_text(change.title)
        self._note.set_text(change.note)
        self.setAccessibleName(f"{change.title}. {change.note}")
        emptied(self._rows)
        for place in change.differences[:_SHOWN]:
            self._rows.addWidget(DiffText(self.theme, place.before, place.after))
        more = len(change.differences) - _SHOWN
        if more > 0:
            words = self.tr("and {count} more in the text").format(count=more)
            self._rows.addWidget(Text(self.theme, words, Role.SECONDARY, Tone.TEXT3))
        self._list.setVisible(False)
        self.places.setVisible(bool(change.differences))
        self._name_places()

    def _toggle(self) -> None:
        self._list.setVisible(not self._list.isVisibleTo(self))
        self._name_places()

    def _name_places(self) -> None:
        count = len(self._shown.differences) if self._shown is not None else 0
        shown = self._list.isVisibleTo(self)
        if shown:
            words = self.tr("Hide what changed in the text")
        elif count == 1:
            words = self.tr("Show what changed in the text: 1 place")
        else:
            words = self.tr("Show what changed in the text: {count} places").format(count=count)
        self.places.set_text(words)
        self.places.set_icon("chevron-up" if shown else "chevron-down")


class ConfirmStrip(Panel):
    """Asks for the word that a document was read, or says that it was given; `confirmed` is its button."""

    confirmed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="top", parent=parent)
        self._icon = Icon(theme, "file-certificate", Tone.WARN, 16)
        self._words = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.button = primary(theme, "", small=True)
        self.button.setObjectName("documents.confirm")
        self.button.clicked.connect(self.confirmed)
        line = row(self._icon, gap=Space.S, margins=(16, 9, 16, 9))
        line.addWidget(self._words, 1)
        line.addWidget(self.button)
        self.setLayout(line)
        self.hide()

    def show_state(self, state: Confirmation | None, *, here: bool, online: bool) -> None:
        """Show how it stands; `here`: the document can be read now."""
        self.setVisible(state is not None)
        if state is None:
            return
        waits = state.sync is not SyncState.SYNCED
        tone = Tone.BAD if state.late else Tone.WARN
        icon = ("clock" if waits else "circle-check") if state.done else "file-certificate"
        self._icon.show_icon(icon, (Tone.WARN if waits else Tone.OK) if state.done else tone)
        self._words.set_text(state.words)
        self._words.set_tone(Tone.BAD if state.late else Tone.TEXT2)
        self.setAccessibleName(state.words)
        self.button.setVisible(not state.done and state.possible)
        words = self.tr("Confirm that you have read it")
        self.button.set_text(words if online else self.tr("Confirm (waits to send)"))
        if here:
            self.button.enable()
        else:
            self.button.disable(self.tr("Open it first: what you confirm is what you have read."))


class StandingLine(Panel):
    """A document that holds no more, with the one that does; `opened` gives its gid."""

    opened = Signal(str)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="bottom", parent=parent)
        self._portal = portal
        self._current = ""
        self._icon = Icon(theme, "clock", Tone.WARN, 16)
        self._words = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.open = secondary(theme, "", small=True)
        self.open.clicked.connect(lambda: self.opened.emit(self._current))
        line = row(self._icon, gap=Space.S, margins=(20, 9, 16, 9))
        line.addWidget(self._words, 1)
        line.addWidget(self.open)
        self.setLayout(line)
        self.hide()

    def show_document(self, record: RecordView) -> None:
        """Show a line for what has been replaced or has ended; nothing for what holds."""
        lapsed = self._portal.documents.lapsed(record) and record.state != "revoked"
        self.setVisible(lapsed)
        if not lapsed:
            return
        current = self._portal.library.current_of(record)
        self._current = current.gid if current is not None else ""
        if current is not None:
            words = self.tr("A newer version holds now. This one stays readable.")
        else:
            words = self.tr("It holds no more. It stays readable, but do not rely on it.")
        self._words.set_text(words)
        self.setAccessibleName(words)
        version = str(current.data.get("version") or "") if current is not None else ""
        self.open.set_text(
            self.tr("Open {version}").format(version=version) if version else self.tr("Open it")
        )
        self.open.setVisible(current is not None)
