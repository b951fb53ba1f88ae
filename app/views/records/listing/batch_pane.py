"""What a command asks for once for several records, in the place of the detail."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.bulk import Offer
from app.services.portal import Portal
from app.views.forms.sections import argument_sections
from app.views.forms.sources import sources_of
from app.views.records.record.form_pane import FormPane
from app.views.theme.theme import Theme


class BatchPane(FormPane):
    """One form for all of them; `given` brings the values once they are in order."""

    given = Signal(object, object)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, sources_of(portal), parent)
        self._portal = portal
        self._offer: Offer | None = None
        self.setObjectName("batch.form")
        self.save.setObjectName("batch.run")
        self.cancel.setObjectName("batch.cancel")
        self.saved.connect(self.commit)

    @property
    def offer(self) -> Offer | None:
        """What is being asked about."""
        return self._offer

    def open_offer(self, offer: Offer, noun: str, *, online: bool) -> None:
        """Ask for what a command needs; `noun` says of how many what: *3 deals*."""
        self._offer = offer
        command = offer.command
        title = self.tr("{verb}: {what}").format(verb=command.label, what=noun)
        stay = self._portal.bulk.staying(offer) if offer.partial else ""
        explain = " ".join(part for part in (command.explain, stay) if part)
        self.open_form(title, explain, None, argument_sections(command.args))
        self.show_data({spec.name: spec.default for spec in command.args}, {})
        self.follow(online=online)
        first = next(iter(self.form.names), "")
        if first:
            self.form.focus_field(first)

    def follow(self, *, online: bool) -> None:
        """The button says whether it waits."""
        if self._offer is not None:
            self.show_verb(self._offer.command.label, online)

    def commit(self) -> None:
        """Hand the values over, or show what needs mending."""
        problems = self.form.judge()
        if problems:
            self.form.focus_field(next(iter(problems)))
        elif self._offer is not None:
            self.given.emit(self._offer, self.form.values())
