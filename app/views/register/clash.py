"""The card that says a registration may meet another one; it never blocks."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.contract.manifest import FieldType
from app.services.views_model import ClashHint
from app.views.forms.form import RecordForm
from app.views.theme.theme import Theme
from app.views.widgets.banner import Notice


class ClashCard(Notice):
    """Stands right below the row with the website, which the hint is about, and marks that field."""

    def __init__(self, theme: Theme, form: RecordForm, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent=parent)
        self.setObjectName("register.clash")
        first = form.sections[0]
        site = next((spec.name for spec in first.fields if spec.type is FieldType.URL), "")
        rows = first.rows
        at = next(
            (n for n, line in enumerate(rows) if any(spec.name == site for spec in line)), len(rows) - 1
        )
        form.slot(0).insertWidget((1 if first.title else 0) + at + 1, self)
        self._site = form.cell(site)
        self.hide()

    def show_hint(self, hint: ClashHint | None) -> None:
        """Show a hint; None hides the card. Of another partner's registration there is nothing to open."""
        if hint is not None:
            action = self.tr("Open {number}").format(number=hint.number) if hint.gid else ""
            self.show_words(hint.title, hint.detail, action)
        self.setVisible(hint is not None)
        if self._site is not None:
            self._site.field.warn(hint.title if hint is not None else "")
