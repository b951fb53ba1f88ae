"""What is decided on, complete: amount, words, lines, the facts around it, and the file itself."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.contract.manifest import FieldType
from app.services.views_model import DocState, RecordView
from app.views.documents.viewer import FileViewer
from app.views.orders.lines import LinesPart
from app.views.page import PageContext
from app.views.records.record.facts import facts_of
from app.views.records.record.file_line import FileLine
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, Rule
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text

_VIEWER = 440
#: Told by the head, by the state or by the decision itself.
_ELSEWHERE = frozenset(
    {"amount", "decided_by", "decided_at", "reason", "superseded_by", "lines", "title", "version"}
    | {"sha256", "size", "media_type", "file_name"}
)


class DecisionContent(ThemedWidget):
    """The content of one record; `opened` gives a link as facts have it, `file_opened` a gid."""

    opened = Signal(str)
    file_opened = Signal(str)
    said = Signal(object)

    def __init__(self, context: PageContext, ask: AskWhere, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, parent)
        self._context = context
        theme = context.theme
        self._amount = Text(theme, "", Role.FIGURE)
        self._amount_label = Text(theme, "", Role.CAPTION, Tone.TEXT3)
        self._amounts = holding(column(self._amount_label, row(self._amount, None), 12))
        self._words = Text(theme, "", Role.LEAD, wrap=True)
        self._words_label = Text(theme, "", Role.TABLE_HEAD, Tone.TEXT3)
        self._summary = holding(column(self._words_label, 4, self._words, 14))
        self.lines = LinesPart(context, inset=0)
        self.facts = KeyValueList(theme, label_width=120)
        self.facts.opened.connect(self.opened)
        self._facts_shown: tuple[Fact, ...] = ()
        self.file = FileLine(context, ask, "decision.file")
        self.file.opened.connect(self.file_opened)
        self.file.said.connect(self.said)
        self.viewer = FileViewer(context, ask=ask)
        self.viewer.said.connect(self.said)
        self.viewer.setFixedHeight(_VIEWER)
        self._file = Card(theme, name=self.tr("File"))
        self._file.body.setContentsMargins(1, 1, 1, 1)
        self._file.body.addLayout(column(self.file, margins=(12, 10, 8, 10)))
        self._file.body.addWidget(Rule(theme))
        self._file.body.addWidget(self.viewer)
        parts = (self._amounts, self._summary, self.lines, self.facts, 14, self._file)
        self.setLayout(column(*parts, margins=(24, 16, 24, 20)))

    def show_content(self, record: RecordView) -> None:
        """Draw what a record holds now."""
        portal = self._context.portal
        entity = portal.entity(record.entity)
        money = entity.field("amount")
        shown = money is not None and record.data.get("amount") not in (None, "")
        self._amounts.setVisible(shown)
        if money is not None and shown:
            self._amount_label.set_text(money.label)
            self._amount.set_text(portal.records.value_words(entity.name, "amount", record.data))
        words = next(
            (one for one in entity.fields if one.type is FieldType.LONG_TEXT and one.name != "reason"), None
        )
        text = str(record.data.get(words.name) or "") if words else ""
        self._summary.setVisible(bool(text))
        if words is not None:
            self._words_label.set_text(words.label)
            self._words.set_text(text)
        self.lines.show_record(record, online=True)
        without = _ELSEWHERE | ({words.name} if words else set())
        facts = tuple(facts_of(portal, record, (), without))
        if facts != self._facts_shown:
            self._facts_shown = facts
            self.facts.set_facts(facts)
        self._show_file(record)

    def _show_file(self, record: RecordView) -> None:
        has_file = bool(record.data.get("sha256"))
        self._file.setVisible(has_file)
        if has_file:
            self.file.show_file(record)
            media_type = str(record.data.get("media_type") or "")
            self.viewer.show_file(record.gid, record.title, media_type)
            self.viewer.follow()
        else:
            self.viewer.clear()

    def clear(self) -> None:
        """Let the file go."""
        self.viewer.clear()

    def unread_file(self, record: RecordView) -> bool:
        """Tell whether there is a file that is not on this computer, so that nobody can have read it."""
        if not record.data.get("sha256"):
            return False
        return self._context.portal.documents.state_of(record).state is not DocState.HERE
