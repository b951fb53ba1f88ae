"""Below a list: how many and their sums; or what is marked and what can be done with it; or how far something is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QWidget

from app.bridge.tips import plain_tip
from app.services.bulk import Offer
from app.services.format import Formats
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, IconButton, link, secondary
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import emptied, holding, row
from app.views.widgets.popup import open_above
from app.views.widgets.text import Text

_HEIGHT = 44
#: Commands beyond these stand in the menu.
_BUTTONS = 2


class ListFoot(Panel):
    """One strip with three faces. `commanded` gives an Offer; the two with a widget say where a menu is to open."""

    menu_asked = Signal(QWidget)
    clear_asked = Signal()
    commanded = Signal(object)
    copy_asked = Signal()
    export_asked = Signal(QWidget)
    cancel_asked = Signal()

    def __init__(
        self, theme: Theme, formats: Formats, parent: QWidget | None = None, *, narrow: bool = False
    ) -> None:
        """`narrow`: below a list that is a column; it shows only while rows are marked or something is under way."""
        super().__init__(theme, "raised", rules="top", parent=parent)
        self.setFixedHeight(_HEIGHT)
        self._narrow = narrow
        self._figure = formats.number
        self.totals_shown: tuple[str, ...] = ()
        #: Says which of the marked ones something does not fit.
        self.explain: Callable[[Offer], str] = lambda _offer: ""
        self._shown: tuple[Offer, ...] = ()
        self._overflow: tuple[Offer, ...] = ()
        self._online = True
        self._faces = QStackedWidget()
        self._faces.addWidget(self._figures())
        self._faces.addWidget(self._marks())
        self._faces.addWidget(self._progress())
        # What does not fit stands in a menu or is cut short: a foot never holds a pane open.
        self._faces.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 1, 0, 0)
        whole.addWidget(self._faces)
        if narrow:
            self.copy.hide()
            self.export.hide()
            self.hide()

    def add(self, control: QWidget) -> None:
        """Another control of the list, behind its figures."""
        self._besides.addWidget(control)

    # figures

    def _figures(self) -> QWidget:
        self.count = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3)
        self.count.setObjectName("deals.count")
        self._totals = QHBoxLayout()
        self._totals.setSpacing(16)
        self.order = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        says = self.tr("Export, print, copy") if allowed().files else self.tr("Copy the list")
        self.more = IconButton(self.theme, "dots", says)
        self.more.setObjectName("records.more")
        self.more.clicked.connect(lambda: self.menu_asked.emit(self.more))
        line = row(self.count, gap=16, margins=(16, 0, 8, 0))
        line.addLayout(self._totals)
        line.addStretch(1)
        self._besides = QHBoxLayout()
        line.addLayout(self._besides)
        line.addWidget(self.order)
        line.addSpacing(-8)
        line.addWidget(self.more)
        return holding(line)

    def show_figures(self, count: str, totals: tuple[str, ...], order: str) -> None:
        """The number of records, sums by currency, and how they are sorted."""
        self.count.set_text(count)
        if totals != self.totals_shown:
            self.totals_shown = totals
            emptied(self._totals)
            for one in totals:
                self._totals.addWidget(Text(self.theme, one, Role.SECONDARY, Tone.TEXT2))
        self.order.set_text(order)

    # marks

    def _marks(self) -> QWidget:
        self.marked = Text(self.theme, "", Role.LABEL, Tone.TEXT)
        self.marked.setObjectName("records.marked")
        self.clear = link(self.theme, self.tr("Clear"))
        self.clear.setObjectName("records.clear")
        self.clear.clicked.connect(self.clear_asked)
        self._offers = QHBoxLayout()
        self._offers.setSpacing(8)
        self._others = IconButton(self.theme, "dots", self.tr("More to do with them"))
        self._others.setObjectName("records.bulk.more")
        self._others.clicked.connect(self._open_others)
        self.copy = secondary(self.theme, self.tr("Copy"), "copy", small=True)
        self.copy.setObjectName("records.copy")
        self.copy.clicked.connect(self.copy_asked)
        self.export = secondary(self.theme, self.tr("Export"), "download", small=True)
        self.export.setObjectName("records.export")
        self.export.clicked.connect(lambda: self.export_asked.emit(self.export))
        if not allowed().files:
            self.export.hide()
        line = row(self.marked, self.clear, None, gap=12, margins=(16, 0, 16, 0))
        for part in (self._offers, self._others, self.copy, self.export):
            if isinstance(part, QWidget):
                line.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
            else:
                line.addLayout(part)
        line.setSpacing(8)
        return holding(line)

    def show_marks(self, words: str) -> None:
        """How many rows are marked; an empty text shows the figures again."""
        self.marked.set_text(words)
        if self._faces.currentIndex() != _PROGRESS:
            self._faces.setCurrentIndex(_MARKS if words else _FIGURES)
            self.setVisible(bool(words) or not self._narrow)
        if not words:
            self.show_offers((), online=self._online)

    def show_offers(self, offers: Sequence[Offer], *, online: bool) -> None:
        """What can be done with what is marked, in the words of now."""
        self._online = online
        emptied(self._offers)
        self._shown = tuple(offers)
        buttons = [self._button(offer) for offer in offers[:_BUTTONS]]
        room = self.width() - self._taken()
        while buttons and sum(one.sizeHint().width() + 8 for one in buttons) > room:
            buttons.pop().deleteLater()
        for button in buttons:
            self._offers.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._overflow = tuple(offers[len(buttons) :])
        self._others.setVisible(self._narrow or bool(self._overflow))

    def _button(self, offer: Offer) -> Button:
        button = secondary(self.theme, self._words(offer), small=True)
        button.setObjectName(f"records.bulk.{offer.command.name}")
        button.set_tip(self._explained(offer))
        button.clicked.connect(lambda _on=False, one=offer: self.commanded.emit(one))
        return button

    def _taken(self) -> int:
        """The width of all that stands beside the commands, the menu's dots included."""
        parts = [self.marked, self.clear, self._others]
        parts += [] if self._narrow else [one for one in (self.copy, self.export) if not one.isHidden()]
        return sum(part.sizeHint().width() + 8 for part in parts) + 40

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown and event.size().width() != event.oldSize().width():
            self.show_offers(self._shown, online=self._online)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _HEIGHT)

    def first_offer(self) -> Button | None:
        """The button of the first thing that can be done with them."""
        item = self._offers.itemAt(0)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, Button) else None

    def _words(self, offer: Offer) -> str:
        words = offer.command.label
        if offer.partial:
            some = self.tr("{verb} {fits} of {all}")
            words = some.format(verb=words, fits=self._figure(offer.fits), all=self._figure(offer.chosen))
        return words if self._online else self.tr("{does} (waits to send)").format(does=words)

    def _explained(self, offer: Offer) -> str:
        return self.explain(offer) if offer.partial else offer.command.explain

    def _open_others(self) -> None:
        open_above(self.others_menu(), self._others)

    def others_menu(self) -> QMenu:
        """What there is no room for."""
        menu = QMenu(self)
        for offer in self._overflow:
            entry = menu.addAction(self._words(offer))
            entry.setObjectName(f"records.bulk.{offer.command.name}")
            entry.setToolTip(plain_tip(self._explained(offer)))
            entry.triggered.connect(lambda _on=False, one=offer: self.commanded.emit(one))
        menu.setToolTipsVisible(True)
        if self._narrow:
            menu.addSeparator()
            copy = ("copy", self.tr("Copy as a table"), self.copy_asked.emit)
            export = ("export", self.tr("Export…"), lambda: self.export_asked.emit(self._others))
            for name, words, run in (copy, export) if allowed().files else (copy,):
                entry = menu.addAction(words)
                entry.setObjectName(f"records.{name}")
                entry.triggered.connect(lambda _on=False, does=run: does())
        return menu

    # progress

    def _progress(self) -> QWidget:
        self.doing = Text(self.theme, "", Role.SECONDARY, Tone.TEXT2)
        self.doing.setObjectName("records.doing")
        self.bar = ProgressBar(self.theme)
        self.bar.setFixedWidth(80 if self._narrow else 200)
        self.cancel = link(self.theme, self.tr("Cancel"))
        self.cancel.setObjectName("records.cancel")
        self.cancel.clicked.connect(self.cancel_asked)
        return holding(row(self.doing, self.bar, None, self.cancel, gap=12, margins=(16, 0, 16, 0)))

    def show_progress(self, words: str, share: float, *, stoppable: bool = True) -> None:
        """How far something is; it stands until `end_progress`."""
        self.doing.set_text(words)
        self.bar.show_share(share, words)
        self.cancel.setVisible(stoppable)
        self._faces.setCurrentIndex(_PROGRESS)
        self.show()

    def end_progress(self) -> None:
        """What stood before stands again."""
        self._faces.setCurrentIndex(_MARKS if self.marked.text() else _FIGURES)
        self.setVisible(bool(self.marked.text()) or not self._narrow)


_FIGURES, _MARKS, _PROGRESS = range(3)
