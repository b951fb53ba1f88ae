"""A record as one reads it: stepper, what needs a person, facts, timeline, comments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.portal import Portal
from app.services.views_model import FileView, RecordView
from app.views.forms.explain import KEY, ExplainPopover
from app.views.opportunities.sides import BothSides
from app.views.records.record.comments import CommentList, remark_of
from app.views.records.record.facts import events_of, explained_facts, facts_of, lines_of, steps_of
from app.views.records.record.notices import ToldList, told_of
from app.views.records.record.parts import LINES, STEPS, Part
from app.views.records.record.standing import StandingParts
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, emptied
from app.views.widgets.scroll import scrolled
from app.views.widgets.stepper import Stepper
from app.views.widgets.text import Text
from app.views.widgets.timeline import Event, EventList


class ReadingPane(QWidget):
    """`opened` gives the link of a fact, `receipt_asked` a mutation, `acted` a card and the key of its button."""

    opened = Signal(str)
    receipt_asked = Signal(str)
    acted = Signal(object, str)
    edit_asked = Signal(str)
    """A field to edit."""

    def __init__(
        self, theme: Theme, portal: Portal, parts: Sequence[Part] = (), parent: QWidget | None = None
    ) -> None:
        """`parts`: sections made by hand, which stand before or after the facts."""
        super().__init__(parent)
        self._theme = theme
        self._portal = portal
        self.parts = tuple(parts)
        self._told_by_parts = frozenset(name for part in parts for name in part.fields)
        self._general = frozenset((STEPS, LINES)) - {name for part in parts for name in part.tells}
        self._facts_shown: tuple[Fact, ...] = ()
        self._lines_shown: tuple[object, ...] = ()
        self._events_shown: tuple[Event, ...] = ()
        self.stepper = Stepper(theme)
        self._strip = Panel(theme, "raised", rules="top bottom")
        self.standing = StandingParts(theme, portal)
        strip = column(self.stepper, self.standing.turn, gap=10, margins=(4, 13, 4, 13))
        self._strip.setLayout(strip)
        self.told = ToldList(theme)
        self.told.acted.connect(self.acted)
        self.sides = BothSides(theme, portal)
        self.sides.edit_asked.connect(self.edit_asked)
        self.facts = KeyValueList(theme)
        self.facts.opened.connect(self.opened)
        self._tables = QVBoxLayout()
        self._tables.setSpacing(0)
        self.events = EventList(theme)
        self.events.opened.connect(self.receipt_asked)
        self._timeline = Panel(theme, rules="top")
        head = Text(theme, self.tr("Timeline"), Role.TABLE_HEAD, Tone.TEXT3)
        self._timeline.setLayout(column(head, 4, self.events, margins=(16, 11, 16, 8)))
        self.comments = CommentList(theme)
        self._talk = Panel(theme, rules="top")
        self._talk.setLayout(column(self.comments))
        facts = column(self.facts, margins=(16, 10, 16, 8))
        before = [part for part in self.parts if part.first]
        after = [part for part in self.parts if not part.first]
        rest = (facts, self._tables, *after, self._timeline, self._talk, None)
        content = QWidget()
        content.setLayout(column(self.told, self.standing.window, self.sides, *before, *rest))
        self.area = scrolled(content, self.tr("About this record"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._strip)
        layout.addWidget(self.area, 1)
        self._record: RecordView | None = None
        asked = QShortcut(QKeySequence(KEY), self)
        asked.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        asked.activated.connect(self.explain)

    def explain(self) -> None:
        """Say of every fact that stands here what it is."""
        told = explained_facts(self._portal, self._record) if self._record is not None else ()
        if told:
            popover = ExplainPopover(self._theme, told, self.window())
            popover.show_below(self.facts)
            popover.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def shown_facts(self) -> tuple[Fact, ...]:
        """The facts that stand here."""
        return self._facts_shown

    @property
    def shown_events(self) -> tuple[Event, ...]:
        """The timeline that stands here."""
        return self._events_shown

    def show_record(self, record: RecordView, files: Sequence[FileView], *, online: bool = True) -> None:
        """Show a record as it is now. What has not changed is left alone, so that it keeps the keyboard."""
        self._record = record
        steps = steps_of(self._portal, record) if STEPS in self._general else None
        told = self.standing.show_record(record)
        self.stepper.setVisible(steps is not None)
        self._strip.setVisible(steps is not None or bool(self.standing.turn.words))
        if steps is not None:
            self.stepper.show_stages(steps[0], steps[1], failed=steps[2])
        self.told.show_told(told_of(self._portal, record))
        self.sides.show_record(record)
        for part in self.parts:
            part.show_record(record, online=online)
        self._draw_rules()
        without = self._told_by_parts | frozenset(told)
        facts = tuple(facts_of(self._portal, record, files, without))
        if facts != self._facts_shown:
            self._facts_shown = facts
            self.facts.set_facts(facts)
        self._show_lines(record)
        events = tuple(events_of(self._portal, self._portal.records.timeline(record.gid)))
        if events != self._events_shown:
            self._events_shown = events
            self.events.set_events(events)
        self._timeline.setVisible(bool(events))
        self._show_comments(record)

    def _draw_rules(self) -> None:
        """Between two sections stands one rule, whichever of them brings it."""
        ruled = not self._strip.isHidden() and self.told.isHidden()
        for section in (self.standing.window, self.sides, *(part for part in self.parts if part.first)):
            if section.isHidden():
                continue
            if isinstance(section, Part) and section.parted:
                section.rule("top", on=not ruled)
            ruled = isinstance(section, Panel) and section.is_ruled("bottom")

    def _show_lines(self, record: RecordView) -> None:
        lines = lines_of(self._portal, record) if LINES in self._general else []
        shown = tuple((title, tuple(rows)) for title, rows in lines)
        if shown == self._lines_shown:
            return
        self._lines_shown = shown
        emptied(self._tables)
        for title, rows in lines:
            table = KeyValueList(self._theme, label_width=160)
            table.set_facts(rows)
            panel = Panel(self._theme, rules="top")
            head = Text(self._theme, title, Role.TABLE_HEAD, Tone.TEXT3)
            panel.setLayout(column(head, 4, table, margins=(16, 11, 16, 8)))
            self._tables.addWidget(panel)

    def _show_comments(self, record: RecordView) -> None:
        talks = takes_children(self._portal, record.entity, "message") and not self._portal.records.is_draft(
            record.gid
        )
        self._talk.setVisible(talks)
        formats = self._portal.formats
        you = self.tr("You")
        said = self._portal.records.conversation(record.gid) if talks else []
        self.comments.show_remarks(
            [remark_of(one, formats.short_moment(one.at) if one.at else "", you) for one in said]
        )


def takes_children(portal: Portal, entity: str, child: str) -> bool:
    """Whether records of this type may have such children, for this user."""
    kind = portal.manifest.entity(child)
    return kind is not None and entity in kind.parents
