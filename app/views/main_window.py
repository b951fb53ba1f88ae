"""The window of one account: navigation, top bar, banner, pages, palette, keys, toast.

Usage: ``MainWindow(portal, bridge, theme).show()``. Pages are built when first gone to and kept; all of them are built
anew when the manifest changes. What a page is to the window stands in `app.views.page`; it opens where it was left.
"""

from __future__ import annotations

from PySide6.QtCore import QMetaObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from app.bridge.engine import Bridge
from app.bridge.speech import Speech
from app.contract.errors import CounterpartError
from app.services.first_steps import PALETTE
from app.services.links import Link, Missing
from app.services.portal import Portal
from app.services.views_model import Mode, RecordsChanged, Status, Target
from app.views.page import HOME, NEW, SETTINGS, SYNC_CENTRE, Page, PageContext, Place, Toast, Way
from app.views.shell.accounts import AccountSwitch
from app.views.shell.beginning import Beginning
from app.views.shell.catalogue import FIRST_SYNC, build_page
from app.views.shell.commands import WindowCommands
from app.views.shell.days import DayWatch
from app.views.shell.desk import Desk
from app.views.shell.head import HeadBar
from app.views.shell.keys import WindowKeys
from app.views.shell.look import choose_look, show_brand
from app.views.shell.nav_filling import NavFilling
from app.views.shell.overlays import Overlays
from app.views.shell.panes import Panes
from app.views.shell.places import nav_key, pinned_gid
from app.views.shell.restoring import Restoring
from app.views.shell.saying import Saying
from app.views.shell.standing import Standing
from app.views.theme.theme import Theme
from app.views.widgets.banner import Banner
from app.views.widgets.base import Panel
from app.views.widgets.nav import NavList
from app.views.widgets.painting import LaidOutFirst


class MainWindow(Panel):
    """Hosts the pages. The composition root connects the signals."""

    sign_in_requested = Signal()
    sign_out_requested = Signal()
    """The user has been asked."""
    switch_requested = Signal(str, object)
    """Another account's id, and the Target to show there or None."""
    add_requested = Signal()
    """Sign in at another vendor."""
    settled = Signal()
    """The page that is shown has its content."""
    painted = Signal()
    """The window has been on the screen for the first time; what is not needed for that may begin."""

    def __init__(
        self,
        portal: Portal,
        bridge: Bridge,
        theme: Theme,
        begin: Place | None = None,
        speech: Speech | None = None,
        *,
        desk: Desk | None = None,
        frame: QRect | None = None,
    ) -> None:
        """`begin`: where to begin instead of where it was left. `speech`: what changes the language, if anything does.

        `frame`: the place of the window before this one.
        """
        super().__init__(theme, "surface")
        self._portal = portal
        self._bridge = bridge
        self._desk = desk or Desk()
        self._context = PageContext(portal, bridge, theme, speech, self._desk.updates, self._desk.apart)
        self._pages: dict[str, Page] = {}
        self._name = ""
        self._place = Place(HOME)
        self._restoring = Restoring(self, portal.prefs)
        self._scrolled = 0
        self._was_painted = False
        choose_look(portal, theme)
        self.nav = NavList(theme, "", "")
        self.filling = NavFilling(self._context, self.nav, lambda: self.current, self)
        self.bar = HeadBar(theme)
        self.banner = Banner(theme)
        self._stack = QStackedWidget()
        self.beginning = Beginning(self._context, self)
        self._build()
        LaidOutFirst(self)
        self._restoring.place_window(frame)
        self.accounts = AccountSwitch(theme, self.nav, self._desk, self)
        self.panes = Panes(self.nav, self.bar, lambda: self.current, self)
        self.commands = WindowCommands(self._context, self, self.go)
        self.overlays = Overlays(self._context, self, self._desk)
        self.palette_source, self.palette_overlay = self.overlays.source, self.overlays.palette
        self.sheet, self.help = self.overlays.sheet, self.overlays.help
        self.saying = Saying(self._context, self, self._stack, lambda: self.current)
        self.toast = self.saying.line
        self.keys = WindowKeys(self, lambda: self.overlays.none_open and self.accounts.menu.isHidden())
        self.standing = Standing(self._context, self.bar.freshness, self.banner, self)
        self.days = DayWatch(portal.formats, self)
        self.commands.bind(self.keys)
        self._connect()
        self.filling.show_places()
        self._begin(begin)
        self.filling.ask()

    def _begin(self, begin: Place | None) -> None:
        """Show the place asked for, or the one where the user was; home where that is no more."""
        place, scrolled = (begin, 0) if begin is not None else self._restoring.place()
        if place is not None and self.page(self._name_of(place)) is not None:
            self._scrolled = scrolled
            self.go(place)
        if self.current is None:
            self.go(Place(HOME))

    def _scroll_back(self) -> None:
        """Once the page that was left has its content, scroll down to where it was."""
        if self._scrolled and self.current is not None and self.isVisible():
            self.current.scroll_to(self._scrolled)
            if self.current.scrolled() == self._scrolled:
                self._scrolled = 0

    # building

    def _build(self) -> None:
        show_brand(self, self._portal, self.theme)
        side = QVBoxLayout()
        side.setSpacing(0)
        for part in (self.bar, self.banner, self.beginning.strip):
            side.addWidget(part)
        side.addWidget(self._stack, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.nav)
        whole.addLayout(side, 1)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.recordsChanged.connect(self._on_records)
        bridge.outboxChanged.connect(self._on_outbox)
        bridge.progress.connect(lambda _progress: self.filling.ask())
        bridge.statusChanged.connect(self._on_status)
        bridge.manifestChanged.connect(self._on_manifest)
        bridge.failed.connect(self._on_failed)
        bridge.signInChanged.connect(self._on_sign_in)
        self.nav.chosen.connect(self._on_place)
        self.nav.user_clicked.connect(lambda: self.go(Place(SETTINGS)))
        self.bar.searched.connect(self._on_search)
        self.bar.search_left.connect(self.panes.focus_content)
        self.bar.palette_asked.connect(self.open_palette)
        self.bar.crumb_chosen.connect(self.go)
        self.standing.why_asked.connect(self.show_why)
        self.standing.sign_in_asked.connect(self.sign_in_requested)
        self.days.turned.connect(self._on_day)
        self.accounts.wanted.connect(lambda account: self.switch_requested.emit(account, None))
        self.accounts.add_wanted.connect(self.add_requested)

    def _on_place(self, key: str) -> None:
        gid = pinned_gid(key)
        if gid:
            self.open_record(gid)
        else:
            self.go(Place(key))
        self.nav.select(nav_key(self._place))

    # going somewhere

    def go(self, where: Place | Target) -> None:
        """Show a place. The page that is shown may refuse to be left; a place this user has not is said so."""
        place = where if isinstance(where, Place) else Place(**vars(where))
        name = self._name_of(place)
        page = self.page(name)
        if page is None:
            self.say(Toast(self.tr("This is not shared with you.")))
            return
        current = self.current
        if current is not None and current is not page and not current.may_leave():
            return
        self._place = place
        self.nav.select(nav_key(place))
        self.standing.show_page(nav_key(place))
        self.beginning.show_page(name)
        if current is not page:
            self._show(name, page)
        elif name == NEW:
            page.may_leave()
        if place != Place(place.page):
            page.arrive(place)
            self._portal.recent.opened("" if name == NEW else place.gid)
        self._show_head()
        if place.text and self.bar.search is not None:
            self.bar.search.set_text(place.text)

    def _show(self, name: str, page: Page) -> None:
        self._name = name
        page.refresh()
        self._stack.setCurrentWidget(page)
        self.saying.left_page()
        self.keys.bind_page(page.keys())
        self.bar.show_head(page.head(), fresh=True)
        self.filling.ask()

    def _name_of(self, place: Place) -> str:
        first = (
            place.page == HOME and self._bridge.status.mode is Mode.FIRST_SYNC and not self._portal.complete
        )
        return FIRST_SYNC if first else place.page

    def page(self, name: str) -> Page | None:
        """The page of that name, built if need be; None when this user has no such place."""
        if name not in self._pages:
            made = build_page(name, self._context)
            if made is None:
                return None
            made.go.connect(self.go)
            made.said.connect(self.saying.say_of_page)
            made.pinned.connect(self.filling.show_pinned)
            made.open_record.connect(self.open_record)
            made.head_changed.connect(lambda: self._on_head(made))
            made.settled.connect(lambda: self._on_settled(made))
            made.sign_out_requested.connect(self.sign_out_requested)
            self._stack.addWidget(made)
            self._pages[name] = made
        return self._pages[name]

    @property
    def current(self) -> Page | None:
        """The page that is shown."""
        return self._pages.get(self._name)

    def open_record(self, gid: str) -> None:
        """Show a record where its entity type lives; what is still being written opens in its form."""
        record = self._portal.records.get(gid)
        if record is None:
            self.say(Toast(self.tr("This is not on this computer any more.")))
        elif self._portal.records.is_draft(gid):
            self.go(Place(NEW, gid=gid, entity=record.entity))
        else:
            self.go(Place(record.entity, gid=gid))

    def follow(self, link: Link) -> None:
        """Show what a link of this vendor names; one that is not here says so and offers to look for it."""
        found = self._portal.links.follow(link)
        if isinstance(found, Missing):
            search = found.search
            way = Way(self.tr("Search"), lambda: self.open_palette(search)) if search else None
            self.say(Toast(found.words, action=way))
        else:
            self.go(found)

    def say(self, toast: Toast) -> None:
        """One line at the bottom; the newest replaces. What can be taken back is remembered for longer."""
        self.saying.say(toast)

    def show_why(self) -> None:
        """Say why it is not live, and open the place where one can see and act."""
        status = self._bridge.status
        self.go(Place(SYNC_CENTRE))
        if status.cause:
            tr = self._portal.formats.tr
            words = " ".join(tr(part) for part in (status.cause, status.next_step) if part)
            self.say(Toast(words, action=self.overlays.way_to_check))

    # palette, keys, panes

    def open_palette(self, text: str = "") -> None:
        """Ctrl+K; with a text in its field."""
        self.overlays.open_palette(text)
        self.beginning.did(PALETTE)

    def focus_search(self) -> None:
        """Ctrl+F: the page's search box, or the palette where there is none."""
        if not self.panes.focus_search():
            self.open_palette()

    def undo(self) -> None:
        """Ctrl+Z."""
        self.saying.undo()

    # what happens meanwhile

    def _on_settled(self, page: Page) -> None:
        if page is self.current:
            self._scroll_back()
            # Where lists are short this comes while the window is still being made, before anybody can listen.
            QMetaObject.invokeMethod(self, "settled", Qt.ConnectionType.QueuedConnection)

    def _on_head(self, page: Page) -> None:
        if page is self.current:
            self._show_head()

    def _show_head(self) -> None:
        if self.current is not None:
            self.bar.show_head(self.current.head(), fresh=False)

    def _on_search(self, text: str) -> None:
        if self.current is not None:
            self.current.search(text)

    def _on_records(self, changed: RecordsChanged) -> None:
        self.filling.ask()
        if self._portal.recent.any_pinned:
            self.filling.show_pinned()
        if self.current is not None:
            self.current.on_records(changed.entities, changed.gids)
            self._show_head()

    def _on_day(self) -> None:
        """What ended with the day before says so, whether or not anything came in."""
        self._on_outbox()

    def _on_outbox(self) -> None:
        self.filling.ask()
        self.beginning.follow()
        if self.current is not None:
            self.current.refresh()
            self._show_head()

    def _on_status(self, status: Status) -> None:
        self.filling.ask()
        if self._name == FIRST_SYNC and status.mode is not Mode.FIRST_SYNC and self._portal.complete:
            self.go(Place(HOME))

    def _on_failed(self, error: CounterpartError) -> None:
        self.say(Toast(self._portal.formats.tr.told(error)))

    def _on_sign_in(self, said: str) -> None:
        if said not in ("", "waiting"):
            self.say(Toast(said))

    def _on_manifest(self) -> None:
        """Forms, lists and places are built again; what is being written was saved by its page."""
        if self.current is not None:
            self.current.may_leave()
        place = (self.current.place() if self.current else None) or self._place
        old = list(self._pages.values())
        self.saying.forget()
        self._pages = {}
        self._name = ""
        choose_look(self._portal, self.theme)
        show_brand(self, self._portal, self.theme)
        self.keys.clear()
        self.commands.bind(self.keys)
        self.filling.show_places()
        self.filling.ask()
        self.go(place if self.page(self._name_of(place)) else Place(HOME))
        for page in old:
            lead = page.head().lead
            if lead is not None:
                lead.deleteLater()
            self._stack.removeWidget(page)
            page.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Only now there is room to scroll in.
        self._scroll_back()

    def left_at(self) -> Place:
        """Save what is being written and what the window remembers, and say where it stands: another takes over."""
        self.leave()
        return (self.current.place() if self.current else None) or self._place

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.keys.escape():
            return
        super().keyPressEvent(event)

    def leave(self) -> bool:
        """Keep what is typed and how the window stands, before it goes. False: the page wants to stay."""
        page = self.current
        if page is not None and not page.may_leave():
            return False
        self._restoring.keep(page, (page.place() if page is not None else None) or self._place)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        self.leave()
        if self._desk.hides():
            event.ignore()
            self.hide()
            return
        super().closeEvent(event)
