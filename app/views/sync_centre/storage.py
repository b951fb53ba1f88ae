"""What Counterpart takes on this computer, and how to get some of it back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import Storage
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import link, secondary
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.gauges import StorageBar, StorageKind, StoragePart
from app.views.widgets.layout import row
from app.views.widgets.text import Text


class StorageSection(ThemedWidget):
    """Bar with legend, the limit, and *Clear space*, which never touches what is unsent or kept."""

    clear_asked = Signal()
    limit_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._header = SectionHeader(theme, self.tr("Storage"), note_at_end=True)
        self._bar = StorageBar(theme)
        self.clear = secondary(theme, self.tr("Clear space"), small=True)
        self.clear.clicked.connect(self.clear_asked)
        self._limit = Text(theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        self.change = link(theme, self.tr("Change"))
        self.change.set_tip(self.tr("Change how much documents may take"))
        self.change.setAccessibleName(self.tr("Change the limit for documents"))
        self.change.clicked.connect(self.limit_asked)
        self.clear.set_tip(self.tr("Clearing never touches what is kept or unsent."))
        line = row(self._limit, self.change, None, self.clear, gap=8)
        card = Card(theme, inset=15, name=self.tr("Storage"))
        card.body.addWidget(self._bar)
        card.body.addSpacing(Space.M)
        card.body.addLayout(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(card)

    def show_storage(self, storage: Storage, formats: Formats) -> None:
        """Draw what is used by kind; what the disk has left is a figure, for it belongs to others too."""
        used = self.tr("{size}, encrypted").format(size=formats.size(storage.used))
        self._header.set_note(used)
        parts = (
            (StorageKind.DOCUMENTS, self.tr("Documents"), storage.documents),
            (StorageKind.RECORDS, self.tr("Records"), storage.records),
            (StorageKind.UNSENT, self.tr("Unsent"), storage.unsent),
        )
        shown = [StoragePart(kind, size, label, formats.size(size)) for kind, label, size in parts]
        shown.append(StoragePart(StorageKind.FREE, 0, self.tr("Free"), formats.size(storage.free)))
        self._bar.show_parts(shown)
        limit = self.tr("No limit for documents")
        if storage.limit is not None:
            limit = self.tr("Documents: {limit} at most").format(limit=formats.size(storage.limit))
        self._limit.set_text(limit)
        if storage.documents:
            self.clear.enable()
        else:
            self.clear.disable(self.tr("No document takes room here."))
