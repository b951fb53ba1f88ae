"""A small form in the detail pane: editing within the locks of a state, or what a command asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.contract.manifest import EntityType
from app.views.forms.cells import FormSources
from app.views.forms.form import RecordForm
from app.views.forms.sections import Section
from app.views.records.record.notices import COMPARE, Told, ToldList
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text


def one_below_the_other(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return the sections with one field a row: a detail pane is narrow."""
    return tuple(
        Section(section.title, "", tuple((spec,) for spec in section.fields), spread=section.spread)
        for section in sections
        if section.rows
    )


class FormPane(QWidget):
    """Title, form, locked facts, and a footer with Save and Cancel. `edited`: the user changed something."""

    saved = Signal()
    cancelled = Signal()
    edited = Signal()
    compare_asked = Signal()
    """The user wants to decide what both sides changed."""

    def __init__(self, theme: Theme, sources: FormSources, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sources = sources
        self._start: dict[str, Any] = {}
        self._shown: Mapping[str, Any] = {}
        self._slot = QVBoxLayout()
        self.form = RecordForm(theme, None, (), sources)
        self._slot.addWidget(self.form)
        self._title = Text(theme, "", Role.SECTION, wrap=True)
        self._explain = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self._problem.setObjectName("detail.form.problem")
        self.told = ToldList(theme)
        self.told.setContentsMargins(0, 0, 0, 0)
        self.told.layout().setContentsMargins(0, 0, 0, 0)  # type: ignore[union-attr]
        self.told.acted.connect(self._on_told)
        self._locked_title = Text(theme, self.tr("Locked now"), Role.TABLE_HEAD, Tone.TEXT3)
        self.locked = KeyValueList(theme)
        self.save = primary(theme, self.tr("Save"), small=True)
        self.save.setObjectName("deals.save")
        self.save.clicked.connect(self.saved)
        self.cancel = secondary(theme, self.tr("Cancel"), small=True)
        self.cancel.setObjectName("deals.cancel")
        self.cancel.clicked.connect(self.cancelled)
        content = QWidget()
        head = (self._title, self._explain, self._problem, self.told)
        parts = (*head, self._slot, self._locked_title, self.locked, None)
        content.setLayout(column(*parts, gap=12, margins=(16, 14, 16, 16)))
        foot = Panel(theme, "raised", rules="top")
        foot.setFixedHeight(Height.ACTION_FOOTER)
        foot.setLayout(row(self.save, self.cancel, None, margins=(16, 1, 16, 0)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scrolled(content, self.tr("Form")), 1)
        layout.addWidget(foot)

    def open_form(
        self, title: str, explain: str, entity: EntityType | None, sections: Sequence[Section]
    ) -> None:
        """Make the form anew; `show_data` fills it."""
        emptied(self._slot)
        self.form = RecordForm(self._theme, entity, one_below_the_other(sections), self._sources)
        self.form.edited.connect(lambda _names: self.edited.emit())
        self._slot.addWidget(self.form)
        self._title.set_text(title)
        self._explain.set_text(explain)
        self._explain.setVisible(bool(explain))
        self.show_problem("")
        self.told.show_told(())
        self.show_locked(())

    def show_data(self, data: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """Show a record, and what the user has changed of it so far over that."""
        self._shown = data
        self.form.show_data(data)
        self._start = self.form.values()
        if changes:
            self.form.show_data({**data, **changes})

    @property
    def base(self) -> Mapping[str, Any]:
        """The record's values as the form last showed them, without the user's changes."""
        return self._shown

    def changes(self) -> dict[str, Any]:
        """What the user has changed, by field name."""
        values = self.form.values()
        return {name: value for name, value in values.items() if value != self._start.get(name)}

    def show_locked(self, facts: Sequence[Fact]) -> None:
        """Fields that cannot be edited now, with the reason."""
        self.locked.set_facts(facts)
        self.locked.setVisible(bool(facts))
        self._locked_title.setVisible(bool(facts))

    def show_verb(self, words: str, online: bool) -> None:
        """What the button does, now or later."""
        self.save.set_text(words if online else self.tr("{does} (waits to send)").format(does=words))

    def show_problem(self, words: str) -> None:
        """What is wrong with the whole; empty when nothing is."""
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))

    def _on_told(self, _told: Told, key: str) -> None:
        if key == COMPARE:
            self.compare_asked.emit()

    def tell(self, fields: Mapping[str, str], text: str) -> None:
        """Show a refusal: on its fields where the form has them, in words above it otherwise."""
        known = {name: words for name, words in fields.items() if name in self.form.names}
        others = [words for name, words in fields.items() if name not in known]
        self.form.tell(known)
        self.show_problem(" ".join(others) or ("" if known else text))
        if known:
            self.form.focus_field(next(iter(known)))
