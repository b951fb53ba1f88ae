"""The proof: what was compared with the gateway, when, and how it came out; a kind of record opens to its buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.freshness import bucket_words, hashed_words
from app.services.views_model import BucketProof, Proof, ProofWords
from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import Panel, ThemedWidget, keyboard_came
from app.views.widgets.buttons import ButtonKind
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.gauges import BucketGrid, CellState
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_BUCKETS = 16
_NAME, _COUNT, _GAP = 98, 50, 12
_CHEVRON = 12
_ICONS = {Tone.OK: "circle-check", Tone.WARN: "circle-dashed", Tone.NEUTRAL: "circle-dashed"}
_GROUNDS = {Tone.OK: "ok_soft", Tone.WARN: "warn_soft"}


@dataclass(frozen=True)
class Kind:
    """A kind of record: its key, its plural, and how many are here."""

    entity: str
    label: str
    records: int


class ProofRow(QPushButton):
    """A kind of record on one line; once it was compared, it opens and closes its buckets."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._focus_by_key = False
        self.setProperty("kind", ButtonKind.QUIET.value)
        self.setAutoDefault(False)
        self.setFixedHeight(29)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._inside = column()
        self.setLayout(self._inside)

    def show_line(self, content: QWidget, name: str, *, opens: bool) -> None:
        """Show other figures in the same place."""
        emptied(self._inside)
        content.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._inside.addWidget(content)
        content.show()
        self.setAccessibleName(name)
        if not opens:
            self.setChecked(False)
        self.setCheckable(opens)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if opens else Qt.FocusPolicy.NoFocus)
        tip = self.tr("Shows or hides what was compared, bucket by bucket.") if opens else ""
        self.setAccessibleDescription(tip)
        self.setToolTip(self.tr("Bucket by bucket") if opens else "")
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isCheckable():
            return
        tokens = self._theme.tokens
        painter = QPainter(self)
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), QColor(tokens.raised if self.isChecked() else tokens.hover))
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        closed = "chevron-left" if rtl else "chevron-right"
        edge = self.width() - 2 - _CHEVRON if rtl else 2
        icon = "chevron-down" if self.isChecked() else closed
        self._theme.draw_icon(painter, edge, (self.height() - _CHEVRON) // 2, icon, tokens.text3, _CHEVRON)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class Buckets(Panel):
    """The sixteen buckets of a kind of record with their counts, and in words what was compared and mended."""

    def __init__(self, theme: Theme, entity: BucketProof, proof: Proof, formats: Formats) -> None:
        super().__init__(theme, "raised", rules="top")
        self.setObjectName("proof.buckets")
        self._formats = formats
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for index, identical in enumerate(entity.identical):
            grid.addWidget(self._cell(entity, index, identical), index // 4, index % 4)
        words = Text(theme, bucket_words(entity, proof, formats), Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.setLayout(column(grid, 8, words, margins=(16, 10, 14, 12)))

    def _cell(self, entity: BucketProof, index: int, identical: bool) -> QWidget:
        mended = index < len(entity.mended) and entity.mended[index] > 0
        count = self._formats.number(entity.counts[index]) if index < len(entity.counts) else "–"
        state = self.tr("still differs")
        icon, tone = "alert-triangle", Tone.WARN
        if identical:
            state = self.tr("identical, after a repair") if mended else self.tr("identical")
            icon, tone = ("refresh", Tone.WARN) if mended else ("check", Tone.OK)
        name = Text(self.theme, f"{index:X}", Role.CAPTION_MEDIUM, Tone.TEXT3)
        name.setFixedWidth(12)
        figure = Text(
            self.theme, count, Role.SECONDARY, Tone.TEXT, align=Qt.AlignmentFlag.AlignTrailing, elide=True
        )
        figure.setFixedWidth(32)
        holder = holding(row(name, figure, Icon(self.theme, icon, tone, 14, state), None, gap=4))
        said = count
        if index < len(entity.counts):
            said = self._formats.tr.plural(entity.counts[index], "%n record", "%n records")
        words = self.tr("Bucket {name}: {records}, {state}")
        holder.setAccessibleName(words.format(name=f"{index:X}", records=said, state=state))
        return holder


class ProofSection(ThemedWidget):
    """Headline on a ground of its tone, then one line a kind of record, then when every byte was hashed last."""

    def __init__(self, theme: Theme, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._formats = formats
        self._shown: object = None
        self._proof: Proof | None = None
        self._lines: dict[str, tuple[ProofRow, QVBoxLayout]] = {}
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
        self._hashed = Text(theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        foot = Panel(theme, "surface", rules="top", corners="bottom")
        foot.setLayout(column(self._hashed, margins=(16, 9, 16, 10)))
        self._card = Card(theme, name=self.tr("Proof"))
        self._card.body.addWidget(self._top)
        self._card.body.addWidget(self._head())
        self._card.body.addLayout(self._rows)
        self._card.body.addWidget(foot)
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
        head.setLayout(row(name, count, _GAP, buckets, None, gap=0, margins=(16, 0, 16, 0)))
        return head

    def show_proof(
        self, words: ProofWords, proof: Proof | None, hashed: Proof | None, kinds: Sequence[Kind]
    ) -> None:
        """Show a proof, or that nothing was compared yet; `kinds` are the rows in order.

        `hashed` is the latest proof for which every stored byte was hashed.
        """
        wanted = (words, proof, hashed, tuple(kinds))
        if wanted == self._shown:
            return
        self._shown = wanted
        self._proof = proof
        tone = Tone(words.tone)
        self._header.set_note(words.checked)
        self._top.set_ground(_GROUNDS.get(tone, "raised"))
        self._icon.show_icon(_ICONS.get(tone, "circle-dashed"), Tone.TEXT2 if tone is Tone.NEUTRAL else tone)
        self._headline.set_text(words.headline)
        self._headline.set_tone(Tone.TEXT if tone is Tone.NEUTRAL else tone)
        self._detail.set_text(words.detail)
        self._card.setAccessibleDescription(f"{words.headline}. {words.detail}")
        self._hashed.set_text(hashed_words(hashed, self._formats))
        found = {entity.entity: entity for entity in proof.entities} if proof is not None else {}
        if [kind.entity for kind in kinds] != [*self._lines]:
            self._make_lines(kinds)
        for kind in kinds:
            line, place = self._lines[kind.entity]
            checked = None if proof is None or proof.inconclusive else found.get(kind.entity)
            opens = checked is not None
            line.show_line(self._line(kind, checked), self._said(kind, checked), opens=opens)
            emptied(place)
            if proof is not None and checked is not None and line.isChecked():
                self._open(place, checked, proof)
        # Words that wrap have another height now, which a layout asks for only when it is told to.
        self._top.updateGeometry()
        self._card.body.invalidate()
        self._card.body.activate()
        self.updateGeometry()

    def _make_lines(self, kinds: Sequence[Kind]) -> None:
        """A line a kind of record, with the place of its buckets below. They stay: another proof only fills them."""
        emptied(self._rows)
        self._lines = {}
        for number, kind in enumerate(kinds):
            if number:
                self._rows.addWidget(Rule(self.theme))
            line, place = ProofRow(self.theme), column()
            line.toggled.connect(partial(self._toggle, kind.entity))
            self._rows.addWidget(line)
            self._rows.addLayout(place)
            self._lines[kind.entity] = line, place

    def _toggle(self, entity: str, on: bool) -> None:
        _line, place = self._lines[entity]
        emptied(place)
        proof = self._proof
        checked = next((one for one in proof.entities if one.entity == entity), None) if proof else None
        if on and proof is not None and checked is not None:
            self._open(place, checked, proof)

    def _open(self, place: QVBoxLayout, checked: BucketProof, proof: Proof) -> None:
        place.addWidget(Buckets(self.theme, checked, proof, self._formats))

    def _line(self, kind: Kind, checked: BucketProof | None) -> QWidget:
        name = Text(self.theme, kind.label, Role.LABEL, elide=True)
        name.setFixedWidth(_NAME)
        records = self._formats.number(checked.records if checked is not None else kind.records)
        count = Text(
            self.theme, records, Role.SECONDARY, Tone.TEXT2, align=Qt.AlignmentFlag.AlignTrailing, elide=True
        )
        count.setFixedWidth(_COUNT)
        grid = BucketGrid(self.theme, _cells(checked), self._said(kind, checked))
        line = row(name, count, _GAP, grid, None, self._end(checked), gap=0, margins=(16, 0, 14, 0))
        holder = holding(line)
        holder.setFixedHeight(29)
        return holder

    def _end(self, checked: BucketProof | None) -> QWidget:
        if checked is None:
            return Text(self.theme, "–", Role.CAPTION, Tone.TEXT3)
        same = sum(checked.identical)
        if same == len(checked.identical) and any(checked.mended):
            return Icon(self.theme, "refresh", Tone.WARN, 14, self.tr("Identical, after a repair"))
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
