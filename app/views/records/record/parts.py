"""Sections of a record that are made by hand, where a job deserves more than a list of facts.

A part is told of the record whenever it is read afresh, and hides itself where there is nothing to show. What it tells
is told once: `fields` are left out of the facts, and with `tells` "steps" or "lines" the general form of those goes.

Usage::

    class ShipmentPart(Part):
        fields = frozenset({"carrier", "tracking"})

        def show_record(self, record: RecordView, *, online: bool) -> None: ...

    DetailPane(context, ask, ask_target, parts=(ShipmentPart(context),))
"""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.portal import Portal
from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.facts import RECORD_LINK
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.text import Text

#: A link to the file that another record carries; its gid follows.
OTHER_FILE = "file-of:"

STEPS, LINES, RELATED = "steps", "lines", "related"


class Part(Panel):
    """One section. `opened` gives a link as facts have it, `commanded` the name of a command."""

    opened = Signal(str)
    said = Signal(object)
    go = Signal(object)
    commanded = Signal(str)

    fields: frozenset[str] = frozenset()
    tells: ClassVar[frozenset[str]] = frozenset()
    #: Stands before the facts, or after them.
    first: ClassVar[bool] = True

    def __init__(self, context: PageContext, rules: str = "top", parent: QWidget | None = None) -> None:
        super().__init__(context.theme, rules=rules, parent=parent)
        self.context = context
        #: Whether a rule parts it from what stands above.
        self.parted = "top" in rules.split()
        self.hide()

    @property
    def portal(self) -> Portal:
        """The account's portal."""
        return self.context.portal

    def show_record(self, record: RecordView, *, online: bool) -> None:
        """Show a record as it is now."""
        raise NotImplementedError

    def open_record(self, gid: str) -> None:
        """Ask for another record to be shown."""
        self.opened.emit(RECORD_LINK + gid)

    def open_file_of(self, gid: str) -> None:
        """Ask for the file that a record carries to be shown."""
        self.opened.emit(OTHER_FILE + gid)

    def heading(self, words: str) -> Text:
        """A section's head as the detail has them."""
        return Text(self.theme, words, Role.TABLE_HEAD, Tone.TEXT3)
