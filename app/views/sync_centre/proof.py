"""The proof: what was compared with the gateway, when, and how it came out, bucket by bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import BucketProof, Proof, ProofWords
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import Panel, ThemedWidget
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.gauges import BucketGrid, CellState
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_BUCKETS = 16
_NAME, _COUNT = 84, 52
_ICONS = {Tone.OK: "circle-check", Tone.WARN: "circle-dashed", Tone.NEUTRAL: "circle-dashed"}
_GROUNDS = {Tone.OK: "ok_soft", Tone.WARN: "warn_soft"}


@dataclass(frozen=True)
class Kind:
    """A kind of record: its key, its plural, and how many are here."""

    entity: str
    label: str
    records: int


class ProofSection(ThemedWidget):
    """Headline on a ground of its tone, then one line a kind of record."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: object = None
        self._header = SectionHeader(theme, self.tr("Proof"), note_at_end=True)
        # As high as the head of the outbox beside it, which has buttons.
        self._header.setFixedHeight(Height.CONTROL_SMALL)
        self._top = Panel(theme, "raised", rules="bottom", corners="top")
        self._icon = Icon(theme, "circle-dashed", Tone.TEXT3, 24)
        self._headline = Text(theme, "", Role.STRONG, wrap=True)
        self._detail = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        line = row(self._icon, gap=12, margins=(16, 12, 16, 13))
        line.addLayout(column(self._headline, self._detail), 1)
        self._top.setLayout(line)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._card = Card(theme, name=self.tr("Proof"))
        self._card.body.addWidget(self._top)
        self._card.body.addWidget(self._head())
        self._card.body.addLayout(self._rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self._header)
        layout.addWidget(self._card)

    def _head(self) -> QWidget:
        head = Panel(self.theme, "raised", rules="bottom")
        head.setFixedHeight(Height.TABLE_HEAD - 2)
        name = Text(self.theme, self.tr("Kind"), Role.TABLE_HEAD, Tone.TEXT3)
        name.setFixedWidth(_NAME)
        count = Text(
            self.theme,
            self.tr("Records"),
            Role.TABLE_HEAD,
            Tone.TEXT3,
            align=Qt.AlignmentFlag.AlignTrailing,
            elide=True,
        )
        count.setFixedWidth(_COUNT)
        buckets = Text(self.theme, self.tr("Buckets"), Role.TABLE_HEAD, Tone.TEXT3)
        head.setLayout(row(name, count, 16, buckets, None, gap=0, margins=(16, 0, 16, 0)))
        return head

    def show_proof(self, words: ProofWords, proof: Proof | None, kinds: Sequence[Kind]) -> None:
        """Show a proof, or that nothing was compared yet; `kinds` are the rows in order."""
        wanted = (words, proof, tuple(kinds))
        if wanted == self._shown:
            return
        self._shown = wanted
        tone = Tone(words.tone)
        self._header.set_note(words.checked)
        self._top.set_ground(_GROUNDS.get(tone, "raised"))
        self._icon.show_icon(_ICONS.get(tone, "circle-dashed"), Tone.TEXT2 if tone is Tone.NEUTRAL else tone)
        self._headline.set_text(words.headline)
        self._headline.set_tone(Tone.TEXT if tone is Tone.NEUTRAL else tone)
        self._detail.set_text(words.detail)
        self._card.setAccessibleDescription(f"{words.headline}. {words.detail}")
        emptied(self._rows)
        found = {entity.entity: entity for entity in proof.entities} if proof is not None else {}
        for number, kind in enumerate(kinds):
            if number:
                self._rows.addWidget(Rule(self.theme))
            checked = found.get(kind.entity)
            inconclusive = proof is not None and proof.inconclusive
            self._rows.addWidget(self._row(kind, None if inconclusive else checked))

    def _row(self, kind: Kind, checked: BucketProof | None) -> QWidget:
        name = Text(self.theme, kind.label, Role.LABEL, elide=True)
        name.setFixedWidth(_NAME)
        records = f"{checked.records if checked is not None else kind.records:,}"
        count = Text(
            self.theme, records, Role.SECONDARY, Tone.TEXT2, align=Qt.AlignmentFlag.AlignTrailing, elide=True
        )
        count.setFixedWidth(_COUNT)
        grid = BucketGrid(self.theme, _cells(checked), self._said(kind, checked))
        line = row(name, count, 16, grid, None, self._end(checked), gap=0, margins=(16, 0, 14, 0))
        holder = holding(line)
        holder.setFixedHeight(29)
        return holder

    def _end(self, checked: BucketProof | None) -> QWidget:
        if checked is None:
            return Text(self.theme, "–", Role.CAPTION, Tone.TEXT3)
        same = sum(checked.identical)
        if same == len(checked.identical):
            return Icon(self.theme, "check", Tone.OK, 14, self.tr("Identical"))
        return Text(self.theme, f"{same}/{len(checked.identical)}", Role.CAPTION_MEDIUM, Tone.WARN)

    def _said(self, kind: Kind, checked: BucketProof | None) -> str:
        if checked is None:
            return self.tr("{kind}: not checked").format(kind=kind.label)
        words = self.tr("{kind}: {same} of {all} buckets identical")
        return words.format(kind=kind.label, same=sum(checked.identical), all=len(checked.identical))


def _cells(checked: BucketProof | None) -> list[CellState]:
    if checked is None:
        return [CellState.UNCHECKED] * _BUCKETS
    return [CellState.SAME if same else CellState.DIFFERS for same in checked.identical]
