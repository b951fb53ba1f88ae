"""In the place of a record that is no longer shared: what the user typed on it, to take along or to give up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.contract.manifest import CommandSpec, EntityType
from app.services.portal import Portal
from app.views.page import Toast
from app.views.records.record.editing import Unsaved, place_of
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class Leftover(QWidget):
    """Shows nothing of the record itself, only the user's own words. `said` gives a toast."""

    said = Signal(object)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._portal = portal
        self._gid = ""
        self._facts: tuple[Fact, ...] = ()
        self.setObjectName("detail.leftover")
        title = Text(theme, self.tr("This is no longer shared with you."), Role.SECTION, wrap=True)
        kept = Text(
            theme,
            self.tr("What you typed and had not sent is kept here, encrypted."),
            Role.SECONDARY,
            Tone.TEXT2,
            wrap=True,
        )
        self._list = KeyValueList(theme, stacked=True)
        self._copy = primary(theme, self.tr("Copy what you typed"), "copy", small=True)
        self._copy.setObjectName("leftover.copy")
        self._copy.clicked.connect(self._take)
        self._discard = secondary(theme, self.tr("Discard it"), small=True)
        self._discard.setObjectName("leftover.discard")
        self._discard.clicked.connect(self._give_up)
        buttons = row(self._copy, self._discard, None)
        lock = Icon(theme, "lock", Tone.TEXT3, 24)
        layout = column(gap=8, margins=(16, 24, 16, 16))
        layout.addWidget(lock, 0, Qt.AlignmentFlag.AlignLeading)
        for part in (title, kept, self._list):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_typed(self, gid: str, entity: str, typed: Mapping[str, Mapping[str, Any]]) -> None:
        """Show what was typed, by command and field; an edit is under the empty name.

        `entity` is empty after a start, when nothing tells any more what kind of record it was.
        """
        facts = tuple(
            self._fact(entity, command, name, values)
            for command, values in typed.items()
            for name, value in values.items()
            if value not in ("", None, [])
        )
        if (gid, facts) == (self._gid, self._facts):
            return
        self._gid = gid
        self._show(facts)

    def _fact(self, entity: str, command: str, name: str, values: Mapping[str, Any]) -> Fact:
        manifest = self._portal.manifest
        known = manifest.entity(entity)
        for kind in (known,) if known else manifest.entities:
            asked = _asked(kind, command)
            specs = asked.args if asked else kind.fields if not command else ()
            spec = next((one for one in specs if one.name == name), None)
            if spec is not None:
                label = f"{asked.label}: {spec.label}" if asked else spec.label
                return Fact(label, self._portal.records.spec_words(spec, values))
        return Fact(name.replace("_", " ").capitalize(), str(values[name]))

    def _take(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{one.label}: {one.value}" for one in self._facts))
        self.said.emit(Toast(self.tr("Copied")))

    def _give_up(self) -> None:
        unsaved = Unsaved(self._portal)
        gid, typed, facts = self._gid, unsaved.everything(self._gid), self._facts
        for command in typed:
            unsaved.put(place_of(gid, command), {})

        def bring_back() -> None:
            for command, values in typed.items():
                unsaved.put(place_of(gid, command), values)
            self._show(facts)

        self._show(())
        self.said.emit(Toast(self.tr("Discarded"), bring_back))

    def _show(self, facts: tuple[Fact, ...]) -> None:
        self._facts = facts
        self._list.set_facts(facts)
        for button in (self._copy, self._discard):
            if facts:
                button.enable()
            else:
                button.disable(self.tr("There is nothing left to copy."))


def _asked(kind: EntityType, command: str) -> CommandSpec | None:
    given = kind.lifecycle.commands if kind.lifecycle else ()
    return next((one for one in given if one.name == command), None)
