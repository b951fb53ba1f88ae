"""What a command asks for before it goes: a small form made from the arguments the manifest names.

What is typed is kept as it is typed and survives leaving and a crash, until the command was given.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import CommandSpec, FieldType
from app.services.deciding import Sight
from app.services.portal import Portal
from app.services.views_model import Done, RecordView
from app.views.forms.sections import argument_sections
from app.views.forms.sources import sources_of
from app.views.records.record.editing import Unsaved, place_of
from app.views.records.record.form_pane import FormPane
from app.views.theme.theme import Theme


class CommandPane(FormPane):
    """Asks for the arguments of one command and gives it."""

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, sources_of(portal), parent)
        self._portal = portal
        self._unsaved = Unsaved(portal)
        self._gid = ""
        self._sight: Sight | None = None
        self._command: CommandSpec | None = None
        self.setObjectName("detail.command")
        self.save.setObjectName("detail.command.run")
        self.cancel.setObjectName("detail.command.cancel")
        self.edited.connect(self.keep)

    def open_command(self, record: RecordView, command: CommandSpec, *, online: bool) -> None:
        """Ask for what a command needs."""
        self._gid = record.gid
        self._sight = self._portal.deciding.sight(record)
        self._command = command
        self.open_form(command.label, command.explain, None, argument_sections(command.args))
        kept = self._unsaved.read(self._place)
        fitting = {name: value for name, value in kept.items() if name in self.form.names}
        self.show_data({spec.name: spec.default for spec in command.args}, fitting)
        self.show_verb(command.label, online)
        first = next(iter(self.form.names), "")
        if first:
            self.form.focus_field(first)

    def keep(self) -> None:
        """Keep what stands in the form."""
        if self._command is not None:
            self._unsaved.put(self._place, self.changes())

    @property
    def _place(self) -> str:
        return place_of(self._gid, self._command.name) if self._command else ""

    def bind(self, sight: Sight) -> None:
        """The command that is asked about counts for this, which was seen before its form opened."""
        self._sight = sight

    def follow(self, *, online: bool) -> bool:
        """Whether the command still fits; its button says whether it waits."""
        command = self._command
        if command is None:
            return False
        self.show_verb(command.label, online)
        return command.name in {one.name for one in self._portal.records.commands(self._gid)}

    def long_words(self) -> list[str]:
        """The longer texts that were written for the command."""
        asked = self._command.args if self._command else ()
        values = self.form.values()
        return [
            str(values[one.name]) for one in asked if one.type is FieldType.LONG_TEXT and values.get(one.name)
        ]

    def commit(self) -> Done | None:
        """Give the command; None when something needs mending, which is shown."""
        if self._command is None or self._sight is None:
            return None
        problems = self.form.judge()
        if problems:
            self.form.focus_field(next(iter(problems)))
            return None
        try:
            done = self._portal.deciding.give(self._sight, self._command.name, self.form.values())
        except Refused as refusal:
            self.tell(refusal.fields, refusal.text)
        except CounterpartError as problem:
            self.show_problem(self._portal.formats.tr.told(problem))
        else:
            self._unsaved.put(self._place, {})
            return done
        return None
