"""What needs a person on a record: a conflict, a refusal, something set aside, a draft that came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.services.portal import Portal
from app.services.standing import Verdict
from app.services.views_model import OutboxAction, OutboxView, RecordView, SyncState
from app.views.requests.flow import Flow
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import secondary
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

#: Begins the key of a button that opens a record.
OPEN = "open:"
EDIT = "edit"
#: Takes a refused edit back into the form.
MEND = "mend"
COMPARE = "compare"
CONTINUE = "continue"
_ACTED = (OutboxAction.ASK, OutboxAction.RETRY, OutboxAction.DISCARD, OutboxAction.EXPORT)
_SET_ASIDE = (SyncState.REJECTED, SyncState.QUARANTINED)


@dataclass(frozen=True)
class Told:
    """One card: `lines` stand below the text, `actions` are (key, words), `mutation_id` is what they act on."""

    icon: str
    tone: Tone
    title: str
    text: str = ""
    lines: tuple[str, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    mutation_id: str = ""


def told_of(portal: Portal, record: RecordView) -> list[Told]:
    """Return what a record has to say for itself before anything else."""
    if portal.records.is_draft(record.gid):
        return [_draft(portal, record)]
    verdict = portal.standing.verdict(record)
    found: list[Told] = [_decided(portal, verdict)] if verdict is not None else []
    conflict = portal.conflicts.get(record.gid)
    if conflict is not None:
        compare = ((COMPARE, _tr("Compare")),)
        found.append(Told("arrows-diff", Tone.CLASH, conflict.headline, actions=compare))
    if record.sync not in (SyncState.SYNCED, SyncState.DRAFT):
        items = [one for one in portal.outbox.items() if one.gid == record.gid and one.mutation_id]
        found += [_refused(portal, record, one) for one in items if one.state in _SET_ASIDE]
    return found


def _decided(portal: Portal, verdict: Verdict) -> Told:
    """What the vendor asks for or decided."""
    actions: tuple[tuple[str, str], ...] = ()
    if verdict.edits:
        actions = ((EDIT, _tr("Mend it")),)
    elif verdict.opens:
        number = portal.records.get(verdict.opens)
        actions = (
            ((OPEN + verdict.opens, _tr("Open {name}").format(name=number.number or number.title)),)
            if number
            else ()
        )
    icon = {Tone.BAD: "circle-x", Tone.WARN: "alert-triangle", Tone.OK: "circle-check"}
    tone = Tone(verdict.tone)
    return Told(icon.get(tone, "info-circle"), tone, verdict.title, verdict.text, verdict.lines, actions)


def _draft(portal: Portal, record: RecordView) -> Told:
    entity = portal.entity(record.entity)
    draft = portal.drafts.load(record.gid)
    if not draft.note and not draft.problems:
        saved = portal.formats.on(draft.saved_at)
        text = _tr("Saved on this computer {when}").format(when=saved)
        lines = (draft.doubt.text,) if draft.doubt else ()
        return Told("pencil", Tone.NEUTRAL, _tr("Not handed in yet"), text, lines)
    said = []
    for name, words in draft.problems.items():
        spec = entity.field(name)
        said.append(f"{spec.label}: {words}" if spec else words)
    title = _tr("{vendor} sent this back").format(vendor=portal.vendor)
    go_on = ((CONTINUE, _tr("Mend it")),)
    return Told("alert-octagon-filled", Tone.BAD, title, draft.note, tuple(said), go_on)


def _refused(portal: Portal, record: RecordView, item: OutboxView) -> Told:
    words = {
        OutboxAction.ASK: _tr("Ask {vendor}").format(vendor=portal.vendor),
        OutboxAction.RETRY: _tr("Send again"),
        OutboxAction.DISCARD: _tr("Discard"),
        OutboxAction.EXPORT: _tr("Export"),
    }
    shown = [one for one in item.actions if one is not OutboxAction.EXPORT or allowed().files]
    actions = tuple((action.value, words[action]) for action in shown if action in _ACTED)
    if portal.outbox.may_mend(item.mutation_id):
        actions = ((MEND, _tr("Mend it")), *actions)
    asked = item.what.partition(":")[0]
    entity = portal.entity(record.entity)
    labels = [one.label for one in entity.lifecycle.commands] if entity.lifecycle else []
    title, reason = item.what, item.reason
    lines: tuple[str, ...] = ()
    if item.state is SyncState.REJECTED and asked in labels and record.state_label:
        title = _tr("“{command}” no longer fits: this {what} is {state} now.").format(
            command=asked,
            what=portal.formats.tr.inside(entity.label),
            state=portal.formats.tr.inside(record.state_label),
        )
        # What was possible when it was refused may have changed since.
        reason = item.reason.partition(portal.formats.tr(" Possible now: {commands}.").partition("{")[0])[0]
        possible = ", ".join(command.label for command in portal.records.commands(record.gid))
        lines = (_tr("You can: {commands}").format(commands=possible),) if possible else ()
    return Told("alert-octagon-filled", Tone.BAD, title, reason, lines, actions, item.mutation_id)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Detail", words)


class ToldCard(Card):
    """One card; `acted` gives the key of the button."""

    acted = Signal(str)

    def __init__(self, theme: Theme, told: Told, parent: QWidget | None = None) -> None:
        super().__init__(theme, tint=_TINTS.get(told.tone, "raised"), name=told.title, parent=parent)
        self.setAccessibleDescription(" ".join(part for part in (told.text, *told.lines) if part))
        self.setObjectName("detail.notice")
        texts = column(Text(theme, told.title, Role.NAME, wrap=True), gap=2)
        for line in (told.text, *told.lines):
            if line:
                texts.addWidget(Text(theme, line, Role.SECONDARY, Tone.TEXT2, wrap=True))
        if told.actions:
            texts.addSpacing(6)
            texts.addWidget(self._buttons(theme, told))
        whole = row(gap=10, margins=(12, 10, 12, 10), align=False)
        tone = Tone.TEXT2 if told.tone is Tone.NEUTRAL else told.tone
        whole.addWidget(Icon(theme, told.icon, tone, 18), 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(texts, 1)
        self.body.addLayout(whole)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def _buttons(self, theme: Theme, told: Told) -> QWidget:
        holder = QWidget()
        flow = Flow(8)
        holder.setLayout(flow)
        for key, words in told.actions:
            button = secondary(theme, words, small=True)
            button.setObjectName(f"detail.notice.{key}")
            button.clicked.connect(lambda _on=False, key=key: self.acted.emit(key))
            flow.addWidget(button)
        return holder


class ToldList(ThemedWidget):
    """The cards of a record, one below the other; `acted` gives a card's content and the key of its button."""

    acted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[Told, ...] = ()
        self._cards: list[ToldCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 8)
        self._column.setSpacing(8)
        self.hide()

    @property
    def shown(self) -> tuple[Told, ...]:
        """What stands here."""
        return self._shown

    def show_told(self, told: Sequence[Told]) -> None:
        """Show these; what is shown already is left alone, so that a button keeps the keyboard."""
        if tuple(told) == self._shown:
            return
        self._shown = tuple(told)
        for old in self._cards:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._cards = []
        for one in told:
            card = ToldCard(self.theme, one)
            card.acted.connect(lambda key, one=one: self.acted.emit(one, key))
            self._column.addWidget(card)
            self._cards.append(card)
        self.setVisible(bool(told))


_TINTS = {Tone.WARN: "warn", Tone.BAD: "bad", Tone.OK: "ok", Tone.CLASH: "clash", Tone.ACCENT: "accent"}
