"""A record as one reads it: stepper, what needs a person, facts, timeline, comments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.portal import Portal
from app.services.views_model import FileView, RecordView
from app.views.opportunities.sides import BothSides
from app.views.records.record.comments import CommentList, remark_of
from app.views.records.record.facts import events_of, facts_of, lines_of, steps_of
from app.views.records.record.notices import ToldList, told_of
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

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._portal = portal
        self._facts_shown: tuple[Fact, ...] = ()
        self._lines_shown: tuple[object, ...] = ()
        self._events_shown: tuple[Event, ...] = ()
        self.stepper = Stepper(theme)
        self._strip = Panel(theme, "raised", rules="top bottom")
        self._strip.setLayout(column(self.stepper, margins=(4, 13, 4, 13)))
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
        content = QWidget()
        content.setLayout(
            column(self.told, self.sides, facts, self._tables, self._timeline, self._talk, None)
        )
        self.area = scrolled(content, self.tr("About this record"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._strip)
        layout.addWidget(self.area, 1)

    @property
    def shown_facts(self) -> tuple[Fact, ...]:
        """The facts that stand here."""
        return self._facts_shown

    @property
    def shown_events(self) -> tuple[Event, ...]:
        """The timeline that stands here."""
        return self._events_shown

    def show_record(self, record: RecordView, files: Sequence[FileView]) -> None:
        """Show a record as it is now. What has not changed is left alone, so that it keeps the keyboard."""
        steps = steps_of(self._portal, record)
        self._strip.setVisible(steps is not None)
        if steps is not None:
            self.stepper.show_stages(steps[0], steps[1], failed=steps[2])
        self.told.show_told(told_of(self._portal, record))
        self.sides.show_record(record)
        facts = tuple(facts_of(self._portal, record, files))
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

    def _show_lines(self, record: RecordView) -> None:
        lines = lines_of(self._portal, record)
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
