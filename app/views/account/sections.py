"""The parts of the account page: details, people, what was asked for, what holds how long, who looks after it all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.format import NOTHING
from app.services.portal import Portal
from app.services.views_model import AccountFact, AccountView, Credential, RecordView, SyncState
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, link, secondary
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.pills import Pill, SyncMark
from app.views.widgets.rows import OpenRow
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar, IconTile

_LABEL = 150
_ROW = 54


class AccountSection(ThemedWidget):
    """A title with a button, above a card. Rows are built anew when what they show changes."""

    def __init__(self, theme: Theme, title: str, action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: object = None
        self.header = SectionHeader(theme, title)
        self.action: Button | None = None
        if action:
            self.action = secondary(theme, action, small=True)
            self.header.add(self.action)
        self.card = Card(theme, name=title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self.header)
        layout.addWidget(self.card)

    def _is_new(self, shown: object) -> bool:
        if self._shown == shown:
            return False
        self._shown = shown
        emptied(self.card.body)
        return True

    def _fill(self, rows: Sequence[QWidget]) -> None:
        for number, one in enumerate(rows):
            if number:
                self.card.body.addWidget(Rule(self.theme))
            self.card.body.addWidget(one)

    def _nothing(self, *words: str) -> None:
        """What belongs here, in a card that may be narrow."""
        said = " ".join(part for part in words if part)
        text = Text(self.theme, said, Role.SECONDARY, Tone.TEXT3, wrap=True)
        text.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.card.body.addWidget(text)


class DetailsSection(AccountSection):
    """The company's details: `edit_asked` for one's own, `change_asked` gives the field of a fixed one."""

    edit_asked = Signal()
    change_asked = Signal(str)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", self.tr("Edit details"), parent)
        self._portal = portal
        assert self.action is not None
        self.action.setObjectName("account.edit")
        self.action.clicked.connect(self.edit_asked)

    def show_account(self, account: AccountView) -> None:
        """Show a company; fixed details say how they can be changed."""
        self.header.set_title(account.name)
        self.card.setAccessibleName(account.name)
        waiting = account.record is not None and account.record.sync is not SyncState.SYNCED
        if self.action is not None:
            self.action.setVisible(account.editable)
        if not self._is_new((account.facts, waiting, account.may_ask)):
            return
        rows: list[QWidget] = [self._row(fact, may_ask=account.may_ask) for fact in account.facts]
        if waiting and account.record is not None:
            rows.append(self._waiting(account.record))
        self._fill(rows)
        if not rows:
            words = self.tr("{vendor} tells nothing more about it here.").format(vendor=self._portal.vendor)
            self._nothing(words)

    def _row(self, fact: AccountFact, *, may_ask: bool) -> QWidget:
        label = Text(self.theme, fact.label, Role.SECONDARY, Tone.TEXT3, elide=True)
        label.setFixedWidth(_LABEL)
        label.setContentsMargins(0, 2, 0, 2)
        value = Text(
            self.theme, fact.value or NOTHING, Role.BODY, Tone.TEXT if fact.value else Tone.TEXT3, wrap=True
        )
        line = row(gap=Space.M, margins=(Space.L, 8, Space.L, 8))
        line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(value, 1)
        if fact.asks and may_ask:
            ask = link(self.theme, self.tr("Ask for a change"))
            ask.setAccessibleName(self.tr("Ask for a change of {what}").format(what=fact.label))
            ask.clicked.connect(lambda: self.change_asked.emit(fact.name))
            line.addWidget(ask)
        elif not fact.own:
            words = self.tr("Set by {vendor}").format(vendor=self._portal.vendor)
            line.addWidget(Text(self.theme, words, Role.CAPTION, Tone.TEXT3))
        made = ThemedWidget(self.theme)
        made.setLayout(line)
        made.setAccessibleName(f"{fact.label}: {fact.value or NOTHING}")
        return made

    def _waiting(self, record: RecordView) -> QWidget:
        made = ThemedWidget(self.theme)
        mark = SyncMark(self.theme, Mark(record.sync.value))
        made.setLayout(row(mark, None, margins=(Space.L, 8, Space.L, 8)))
        return made


class RecordRow(OpenRow):
    """A record in two lines with what leads it, and at the end a pill, a mark or a date."""

    def __init__(
        self,
        theme: Theme,
        lead: QWidget,
        title: str,
        detail: str,
        *ends: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.setFixedHeight(_ROW)
        words = column(
            None,
            Text(theme, title, Role.NAME, elide=True),
            *([Text(theme, detail, Role.SECONDARY, Tone.TEXT3, elide=True)] if detail else []),
            None,
        )
        line = row(lead, gap=Space.M, margins=(Space.M, 0, Space.L, 0))
        line.addLayout(words, 1)
        for end in ends:
            line.addWidget(end)
        self.setLayout(line)
        spoken = (
            title,
            detail,
            *(end.text() if isinstance(end, Text) else end.accessibleName() for end in ends),
        )
        self.setAccessibleName(", ".join(part for part in spoken if part))


class RecordsSection(AccountSection):
    """Records of one kind; `opened` gives the gid of a row, `added` is the button."""

    opened = Signal(str)
    added = Signal()

    def __init__(
        self, theme: Theme, portal: Portal, entity: str, action: str = "", parent: QWidget | None = None
    ) -> None:
        spec = portal.manifest.entity(entity)
        super().__init__(theme, spec.plural if spec is not None else "", action, parent)
        self._portal = portal
        self._entity = entity
        if self.action is not None:
            self.action.setObjectName(f"account.add.{entity}")
            self.action.clicked.connect(self.added)

    def _show_nothing(self) -> None:
        spec = self._portal.manifest.entity(self._entity)
        if spec is not None:
            self._nothing(spec.empty, spec.empty_hint if spec.creatable else "")

    def _opening(self, made: RecordRow, gid: str) -> RecordRow:
        made.opened.connect(lambda: self.opened.emit(gid))
        return made


class ContactsSection(RecordsSection):
    """Whom the vendor may turn to."""

    def show_contacts(self, contacts: Sequence[RecordView]) -> None:
        """Show these people."""
        if not self._is_new(tuple(contacts)):
            return
        self._fill([self._row(one) for one in contacts])
        if not contacts:
            self._show_nothing()

    def _row(self, contact: RecordView) -> RecordRow:
        data = contact.data
        purpose = (
            self._portal.records.value_words(contact.entity, "purpose", data) if data.get("purpose") else ""
        )
        about = (contact.subtitle, data.get("email"), data.get("phone"), purpose)
        detail = " · ".join(str(part) for part in about if part)
        made = RecordRow(
            self.theme,
            Avatar(self.theme, contact.title, 32),
            contact.title,
            detail,
            *_mark(self.theme, contact),
        )
        return self._opening(made, contact.gid)


class ChangesSection(RecordsSection):
    """What the vendor was asked to change, with what became of it."""

    def show_changes(self, changes: Sequence[RecordView]) -> None:
        """Show these requests."""
        if not self._is_new(tuple(changes)):
            return
        self._fill([self._row(one) for one in changes])
        if not changes:
            self._show_nothing()

    def _row(self, change: RecordView) -> RecordRow:
        answer = str(change.data.get("answer") or "").strip().split("\n", 1)[0]
        present = str(change.data.get("present") or "")
        words = f"{present} → {change.subtitle}" if present and change.subtitle else change.subtitle
        ends = _mark(self.theme, change)
        if not ends and change.state_label:
            ends = (Pill(self.theme, change.state_label, Tone(change.tone)),)
        tile = IconTile(self.theme, "pencil", Tone.ACCENT)
        made = RecordRow(self.theme, tile, change.title, answer or words, *ends)
        return self._opening(made, change.gid)


class CredentialsSection(RecordsSection):
    """Memberships and certificates with how long they hold."""

    def show_credentials(self, credentials: Sequence[Credential]) -> None:
        """Show these, the one that ends first in front."""
        if not self._is_new(tuple(credentials)):
            return
        self._fill([self._row(one) for one in credentials])
        if not credentials:
            self._show_nothing()

    def _row(self, credential: Credential) -> RecordRow:
        due, record = credential.due, credential.record
        ends: list[QWidget] = []
        if due is not None and due.tone != Tone.NEUTRAL:
            ends.append(Text(self.theme, due.words, Role.LABEL, Tone(due.tone)))
        elif record.state_label:
            ends.append(Pill(self.theme, record.state_label, Tone(record.tone)))
        tone = Tone(record.tone) if record.tone else Tone.ACCENT
        tile = IconTile(self.theme, "certificate", Tone.ACCENT if tone is Tone.NEUTRAL else tone)
        return self._opening(
            RecordRow(self.theme, tile, credential.title, credential.detail, *ends), record.gid
        )


class KeeperSection(AccountSection):
    """Who looks after this account at the vendor; `written` asks to write to them."""

    written = Signal()

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", "", parent)
        self._portal = portal
        self.header.set_title(self.tr("At {vendor}").format(vendor=portal.vendor))

    def show_keeper(self, name: str, write: str) -> None:
        """Show who it is; `write` is what the button says, empty for who may not write."""
        self.setVisible(bool(name))
        if not name or not self._is_new((name, write)):
            return
        words = column(
            Text(self.theme, name, Role.NAME, elide=True),
            Text(self.theme, self.tr("looks after your company"), Role.SECONDARY, Tone.TEXT3, elide=True),
        )
        line = row(Avatar(self.theme, name, 32), gap=Space.M, margins=(Space.M, 11, Space.L, 11))
        line.addLayout(words, 1)
        if write:
            button = secondary(self.theme, write, small=True)
            button.clicked.connect(self.written)
            line.addWidget(button)
        self.card.body.addLayout(line)


def _mark(theme: Theme, record: RecordView) -> tuple[QWidget, ...]:
    """How a record stands, where it is not simply with the vendor."""
    if record.sync is SyncState.SYNCED:
        return ()
    if record.sync is SyncState.DRAFT:
        return (Pill(theme, QCoreApplication.translate("Account", "Not submitted"), Tone.NEUTRAL),)
    return (SyncMark(theme, Mark(record.sync.value)),)
