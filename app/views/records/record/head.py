"""Above a record: its number, how it stands, its name, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.contract.manifest import FieldType
from app.services.portal import Portal
from app.services.views_model import RecordView, SyncState
from app.views.records.record.offers import COMMAND, Offer, offers_of
from app.views.requests.flow import Flow
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, IconButton, primary, secondary
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.pills import Pill, SyncMark
from app.views.widgets.text import Text

#: What is offered beyond these stands in the menu.
_BUTTONS = 3


#: What may be done with a record besides its commands, each under a name of its own that `commanded` gives.
Extras = Callable[[RecordView], Sequence[Offer]]


def no_extras(_record: RecordView) -> Sequence[Offer]:
    """Nothing but the manifest's commands."""
    return ()


class DetailHead(Panel):
    """`commanded` gives the name of a command, `derive_asked` that of a job; the other signals are other buttons."""

    commanded = Signal(str)
    derive_asked = Signal(str)
    edit_asked = Signal()
    continue_asked = Signal()
    copy_asked = Signal()
    pin_asked = Signal()
    print_asked = Signal()
    pdf_asked = Signal()
    link_asked = Signal()
    back_asked = Signal()

    def __init__(
        self, theme: Theme, portal: Portal, extras: Extras = no_extras, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "surface", parent=parent)
        self._portal = portal
        self._extras = extras
        self._gid = ""
        self._offered: tuple[object, ...] = ()
        self._overflow: tuple[Offer, ...] = ()
        self._buttoned: dict[str, Offer] = {}
        self._number = Text(theme, "", Role.CAPTION, Tone.TEXT3, elide=True)
        self._draft = Pill(theme, self.tr("Draft"))
        self._mark = SyncMark(theme, Mark.SYNCED)
        self._more = IconButton(theme, "dots", self.tr("More"))
        self._more.setObjectName("detail.more")
        self._more.clicked.connect(self._open_menu)
        self.back = IconButton(theme, "arrow-left", self.tr("Back to the list"))
        self.back.setObjectName("detail.back")
        self.back.clicked.connect(self.back_asked)
        self._title = Text(theme, "", Role.SECTION, wrap=True)
        self._subtitle = Text(theme, "", Role.BODY, Tone.TEXT2, wrap=True)
        self._buttons = Flow(8)
        # The gap above the buttons goes with them.
        self._holder = holding(column(10, self._buttons))
        line = row(self.back, self._number, None, self._draft, self._mark, self._more, gap=4)
        names = column(self._title, self._subtitle, self._holder)
        self.setLayout(column(line, names, margins=(16, 10, 10, 12)))
        self.back.hide()

    def show_record(self, record: RecordView, *, online: bool) -> None:
        """Show a record as it is now; `online` decides whether its buttons say that they wait."""
        portal = self._portal
        self._gid = record.gid
        draft = portal.records.is_draft(record.gid)
        # What has no number of its own kind is only called unsent where it is.
        unsent = "" if record.sync is SyncState.SYNCED else self.tr("Not sent yet")
        self._number.set_text(record.number or unsent)
        # What is known by its number alone says it once, as its title.
        self._number.setVisible(record.number != record.title)
        self._title.set_text(record.title)
        told = record.subtitle == record.number or self._told_below(record)
        subtitle = "" if told else record.subtitle
        self._subtitle.set_text(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        is_mark = record.sync is not SyncState.DRAFT
        self._mark.setVisible(is_mark)
        self._draft.setVisible(not is_mark)
        if is_mark:
            self._mark.show_mark(Mark(record.sync.value), portal.records.changed_words(record))
        offers = (*offers_of(portal, record.gid), *self._extras(record))
        offered = (offers, bool(portal.records.editable(record.gid)), draft, online)
        if offered != self._offered:
            self._offered = offered
            self._offer(offers, editable=offered[1], draft=draft, online=online)

    def _told_below(self, record: RecordView) -> bool:
        """Whether what stands below the title is a long text that the facts give in full anyway."""
        entity = self._portal.entity(record.entity)
        spec = entity.field(entity.subtitle_field)
        return spec is not None and spec.type is FieldType.LONG_TEXT and spec.name in entity.detail

    def _offer(self, offers: Sequence[Offer], *, editable: bool, draft: bool, online: bool) -> None:
        focused = QApplication.focusWidget()
        held = focused.objectName() if focused is not None and self._holder.isAncestorOf(focused) else ""
        emptied(self._buttons)
        if draft:
            self._add(primary(self.theme, self.tr("Continue"), "pencil", small=True), "detail.continue")
        self._overflow = tuple(offers[_BUTTONS:])
        self._buttoned = {offer.key: offer for offer in offers}
        for offer in offers[:_BUTTONS]:
            waits = not online and offer.kind == COMMAND
            words = self.tr("{does} (waits to send)").format(does=offer.label) if waits else offer.label
            make = primary if offer is offers[0] and offer.primary else secondary
            button = make(self.theme, words, offer.icon, small=True)
            button.set_tip(offer.tip)
            self._add(button, offer.key)
        if editable:
            self._add(secondary(self.theme, self.tr("Edit"), "pencil", small=True), "deals.edit")
        self._holder.setVisible(self._buttons.count() > 0)
        if held:
            self._give_back_focus(held)

    def _give_back_focus(self, name: str) -> None:
        """The buttons were made anew: the keyboard stays where it was, or near it."""
        buttons = [item.widget() for n in range(self._buttons.count()) if (item := self._buttons.itemAt(n))]
        again = next((one for one in buttons if one and one.objectName() == name), self.first_button())
        if again is not None:
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    def first_button(self) -> Button | None:
        """The first of what can be done now."""
        item = self._buttons.itemAt(0)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, Button) else None

    def _add(self, button: Button, name: str) -> None:
        button.setObjectName(name)
        button.clicked.connect(lambda _on=False: self._pressed(name))
        self._buttons.addWidget(button)

    def _pressed(self, name: str) -> None:
        if name == "detail.continue":
            self.continue_asked.emit()
        elif name == "deals.edit":
            self.edit_asked.emit()
        elif name in self._buttoned:
            self._take(self._buttoned[name])

    def _take(self, offer: Offer) -> None:
        (self.commanded if offer.kind == COMMAND else self.derive_asked).emit(offer.name)

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """What stands behind the dots: commands there is no button for, and what one does with any record."""
        menu = QMenu(self)
        for offer in self._overflow:
            entry = QAction(offer.label, menu)
            entry.setObjectName(offer.key)
            entry.triggered.connect(lambda _on=False, offer=offer: self._take(offer))
            menu.addAction(entry)
        pinned = self._portal.recent.is_pinned(self._gid)
        further = (
            ("copy", self.tr("Copy number"), self.copy_asked),
            ("link", self.tr("Copy link"), self.link_asked),
            ("pin", self.tr("Unpin") if pinned else self.tr("Pin"), self.pin_asked),
            *((("print", self.tr("Print…"), self.print_asked),) if allowed().paper else ()),
            *((("pdf", self.tr("Save as PDF…"), self.pdf_asked),) if allowed().files else ()),
        )
        for name, words, signal in further:
            entry = QAction(words, menu)
            entry.setObjectName(f"detail.{name}")
            entry.triggered.connect(lambda _on=False, asked=signal: asked.emit())
            menu.addAction(entry)
        return menu
