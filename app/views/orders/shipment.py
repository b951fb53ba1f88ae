"""Where the goods are: carrier and tracking number, what has left, and the way to the carrier's own page."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.services.format import date_of
from app.services.journey import shipped_lines
from app.services.views_model import RecordView
from app.services.web_links import host_of, safe_address
from app.views.page import PageContext, Toast
from app.views.records.record.parts import Part
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import OpenAddress, allowed, open_address
from app.views.widgets.buttons import IconButton, secondary
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile


class ShipmentPart(Part):
    """A card; absent while nothing has left and nothing is expected."""

    fields = frozenset({"carrier", "tracking", "tracking_url"})

    def __init__(self, context: PageContext, open_it: OpenAddress = open_address) -> None:
        super().__init__(context)
        self._open = open_it
        self._tracking = ""
        self._address = ""
        self._tile = IconTile(self.theme, "truck")
        self._title = Text(self.theme, "", Role.NAME, wrap=True)
        self._detail = Text(self.theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.follow = secondary(self.theme, self.tr("Follow the shipment"), "external-link", small=True)
        self.follow.setObjectName("shipment.follow")
        self.follow.clicked.connect(self._follow)
        self.copy = IconButton(self.theme, "copy", self.tr("Copy the tracking number"))
        self.copy.setObjectName("shipment.copy")
        self.copy.clicked.connect(self._copy)
        card = Card(self.theme, inset=12, tint="raised", name=self.tr("Shipment"))
        line = row(self._tile, gap=12)
        line.addLayout(column(self._title, self._detail), 1)
        line.addWidget(self.copy)
        card.body.addLayout(line)
        self._below = holding(column(10, row(self.follow, None)))
        card.body.addWidget(self._below)
        self.setLayout(column(card, margins=(16, 12, 16, 12)))

    @property
    def words(self) -> tuple[str, str]:
        """What the card says."""
        return self._title.text(), self._detail.text()

    def show_record(self, record: RecordView, *, online: bool) -> None:
        data = record.data
        self._tracking = str(data.get("tracking") or "")
        self._address = safe_address(data.get("tracking_url"))
        left = bool(self._tracking or data.get("shipped_at") or data.get("carrier"))
        self.setVisible(left)
        if not left:
            return
        carried = " ".join(part for part in (str(data.get("carrier") or ""), self._tracking) if part)
        self._title.set_text(carried or self.tr("Shipped"))
        self._detail.set_text(self._about(record))
        self._detail.setVisible(bool(self._detail.text()))
        self._tile.show_icon("truck-delivery" if data.get("delivered_at") else "truck", Tone.ACCENT)
        self.copy.setVisible(bool(self._tracking))
        self._below.setVisible(bool(data.get("tracking_url")) and allowed().programs)
        self._show_follow(online)

    def _show_follow(self, online: bool) -> None:
        if not self._address:
            self.follow.disable(self.tr("This address is no https address, so it is not opened from here."))
        elif not online:
            self.follow.disable(self.tr("You are offline. The carrier's page opens when you are back."))
        else:
            self.follow.enable()
            self.follow.set_tip(self.tr("Opens {host} in your browser").format(host=host_of(self._address)))

    def _about(self, record: RecordView) -> str:
        """*Delivered Fri 6 Nov*, *Shipped Fri 20 Nov* over *2 of 3 lines*."""
        formats = self.portal.formats
        delivered, shipped = (date_of(record.data.get(name)) for name in ("delivered_at", "shipped_at"))
        if delivered is not None:
            return self.tr("Delivered {day}").format(day=formats.weekday_day(delivered))
        counted = shipped_lines(self.portal.about.lines(record))
        day = self.tr("Shipped {day}").format(day=formats.weekday_day(shipped)) if shipped else ""
        words = self.tr("{count} of {all} lines")
        lines = words.format(count=counted[0], all=counted[1]) if counted and counted[0] else ""
        return "\n".join(part for part in (day, lines) if part)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._tracking)
        self.said.emit(Toast(self.tr("{number} copied").format(number=self._tracking)))

    def _follow(self) -> None:
        if self._address and allowed().programs and not self._open(self._address):
            self.said.emit(Toast(self.tr("Nothing on this computer opens the carrier's page.")))
