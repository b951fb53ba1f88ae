"""The window: navigation at the leading edge, the top bar, a banner when something holds for all, and the pages.

Usage::

    window = MainWindow(portal, bridge, theme); window.show()
    window.go_to(Place("deal_registration", chip="ending")); window.open_record(gid)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.engine import Bridge
from app.contract.manifest import EntityType
from app.services.format import plural
from app.services.freshness import freshness, notice
from app.services.portal import Portal
from app.services.views_model import Hit, Mode, RecordsChanged, Target
from app.views.conflict.page import ConflictPage
from app.views.deals.page import RecordsPage
from app.views.documents.page import DocumentsPage
from app.views.home.page import HomePage
from app.views.page import (
    CONFLICT,
    HOME,
    NEW,
    SETTINGS,
    SYNC_CENTRE,
    Action,
    Key,
    Page,
    PageContext,
    Place,
)
from app.views.page import Toast as Said
from app.views.register.page import RegisterPage
from app.views.requests.page import RequestsPage
from app.views.settings.page import SettingsPage
from app.views.shell.commands import Command, PaletteSource
from app.views.shell.keys import KeyRing, KeySheet, caps
from app.views.shell.palette import PaletteOverlay
from app.views.shell.palette_list import Group
from app.views.sync_centre.page import SyncCentrePage
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.welcome.first_sync import FirstSyncPage
from app.views.widgets.banner import Banner
from app.views.widgets.buttons import Button, primary, secondary
from app.views.widgets.freshness import Freshness
from app.views.widgets.layout import holding, row
from app.views.widgets.nav import NavItem, NavList
from app.views.widgets.search_box import SearchBox
from app.views.widgets.toast import Toast
from app.views.widgets.topbar import TopBar

_SIZE = (1280, 800)
_SMALLEST = (1024, 640)
_GEOMETRY = "window.geometry"
_LAST_PLACE = "window.place"
_FIRST = "first_sync"
_CHIPS = {
    "live": Freshness.LIVE,
    "proven": Freshness.PROVEN,
    "syncing": Freshness.SYNCING,
    "first": Freshness.FIRST_SYNC,
    "offline": Freshness.OFFLINE,
    "sign_in": Freshness.PROBLEM,
    "problem": Freshness.PROBLEM,
}


class MainWindow(QMainWindow):
    """Hosts the pages and owns everything around them."""

    sign_in_requested = Signal()
    sign_out_requested = Signal()

    def __init__(self, portal: Portal, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._portal = portal
        self._bridge = bridge
        self._theme = theme
        self._context = PageContext(portal, bridge, theme)
        self._pages: dict[str, Page] = {}
        self._shown: Page | None = None
        self._place = Place(HOME)
        self._undo: Callable[[], None] | None = None
        self._nav = NavList(theme, portal.me.vendor, self._company())
        self._bar = TopBar(theme)
        self._lead: QWidget | None = None
        self._banner = Banner(theme)
        self._stack = QStackedWidget()
        self._build()
        self._toast = Toast(theme, self)
        self._palette = PaletteOverlay(
            theme, self, PaletteSource(portal, self._commands, self._show_hit).entries
        )
        self._keys = KeyRing(self)
        self._page_keys = KeyRing(self)
        self._connect()
        self._make_nav()
        self._keys.set_keys(self._own_keys())
        self._on_status()
        self._restore()

    def _build(self) -> None:
        self.setWindowTitle(f"{self._portal.me.vendor} · Counterpart")
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._bar, self._banner):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        self._banner.hide()
        whole = holding(row(self._nav, gap=0, align=False))
        layout = whole.layout()
        assert layout is not None
        work = QWidget()
        work.setLayout(column)
        layout.addWidget(work)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.statusChanged.connect(lambda _status: self._on_status())
        bridge.progress.connect(lambda _progress: self._on_progress())
        bridge.recordsChanged.connect(self._on_records)
        bridge.outboxChanged.connect(self._on_outbox)
        bridge.manifestChanged.connect(self._on_manifest)
        bridge.failed.connect(lambda error: self.say(Said(error.text)))
        bridge.signInChanged.connect(self._on_sign_in)
        self._nav.chosen.connect(lambda key: self.go_to(Place(key)))
        self._nav.user_clicked.connect(lambda: self.go_to(Place(SETTINGS)))
        self._bar.freshness.clicked.connect(lambda: self.go_to(Place(SYNC_CENTRE)))
        self._bar.crumb_clicked.connect(self._follow_crumb)
        self._banner.acted.connect(self._on_banner)

    # -- places -------------------------------------------------------------------------------------------
    def page(self, name: str) -> Page:
        """Return a page, made when it is first asked for."""
        if name not in self._pages:
            page = self._make_page(name)
            self._pages[name] = page
            self._stack.addWidget(page)
            page.head_changed.connect(lambda: self._read_head(page))
            page.open_record.connect(self.open_record)
            page.go.connect(self._go)
            page.said.connect(self.say)
            if isinstance(page, SettingsPage):
                page.sign_out_requested.connect(self.sign_out_requested)
        return self._pages[name]

    def _make_page(self, name: str) -> Page:
        made: dict[str, Callable[[PageContext], Page]] = {
            HOME: HomePage,
            "request": RequestsPage,
            "document": DocumentsPage,
            SYNC_CENTRE: SyncCentrePage,
            SETTINGS: SettingsPage,
            CONFLICT: ConflictPage,
            NEW: RegisterPage,
            _FIRST: FirstSyncPage,
        }
        if name in made:
            return made[name](self._context)
        return RecordsPage(self._context, name)

    def _go(self, place: object) -> None:
        """A page says where; services say it in their own words."""
        if isinstance(place, Target):
            place = Place(**vars(place))
        self.go_to(cast("Place", place))

    def go_to(self, place: Place) -> None:
        """Show a place, unless the page that is shown has a reason to stay."""
        known = place.page in (HOME, SYNC_CENTRE, SETTINGS, CONFLICT, NEW)
        if not known and self._portal.manifest.entity(place.page) is None:
            place = Place(HOME)
        page = self.page(self._name_of(place))
        if self._shown is not None and self._shown is not page and not self._shown.may_leave():
            self._nav.select(self._nav_key(self._place))
            return
        self._place = place
        changed = page is not self._shown
        self._shown = page
        self._stack.setCurrentWidget(page)
        if changed:
            self._page_keys.set_keys(page.keys())
        page.refresh()
        if changed or place != Place(place.page):
            page.arrive(place)
        self._read_head(page, afresh=changed)
        self._nav.select(self._nav_key(place))
        if place.page not in (NEW, CONFLICT):
            self._portal.prefs.set(_LAST_PLACE, place.page)

    def open_record(self, gid: str) -> None:
        """Show a record where its entity type lives."""
        record = self._portal.records.get(gid)
        if record is None:
            return
        entity = self._portal.manifest.entity(record.entity)
        if entity is not None and entity.kind == "append":
            self.open_record(str(record.data.get("parent") or ""))
        elif self._portal.records.is_draft(gid):
            self.go_to(Place(NEW, gid=gid, entity=record.entity))
        else:
            self.go_to(Place(record.entity, gid=gid))

    def _name_of(self, place: Place) -> str:
        first = self._bridge.status.mode is Mode.FIRST_SYNC
        return _FIRST if place.page == HOME and first else place.page

    def _nav_key(self, place: Place) -> str:
        if place.page == NEW:
            return place.entity
        return SYNC_CENTRE if place.page == CONFLICT else place.page

    def _follow_crumb(self) -> None:
        if self._shown is not None and self._shown.head().trail:
            self.go_to(self._shown.head().trail[0].place)

    # -- top bar ------------------------------------------------------------------------------------------
    def _read_head(self, page: Page, *, afresh: bool = False) -> None:
        if page is not self._shown:
            return
        head = page.head()
        if head.trail:
            self._bar.set_breadcrumb(head.trail[0].text, head.title)
        else:
            self._bar.set_title(head.title, head.subtitle)
        if afresh or head.search is None:
            self._bar.set_search(None)
        if head.search is not None and self._bar.search is None:
            self._bar.set_search(self._search_box(head.search.hint, head.search.everything, page))
        self._show_lead(head.lead)
        self._bar.set_action(self._action_buttons(head.actions))

    def _search_box(self, hint: str, everything: bool, page: Page) -> SearchBox:
        key = "Ctrl K" if everything else "Ctrl F"
        width = 220 if everything else 300
        box = SearchBox(self._theme, hint, key=key, width=width, as_button=everything)
        if everything:
            box.searched.connect(lambda _text: self.open_palette())
        else:
            box.searched.connect(page.search)
        return box

    def _show_lead(self, lead: QWidget | None) -> None:
        if self._lead is not None and self._lead is not lead:
            self._lead.hide()
        if lead is not None and lead is not self._lead:
            self._bar.add_tool(lead)
        if lead is not None:
            lead.show()
        self._lead = lead

    def _action_buttons(self, actions: Sequence[Action]) -> QWidget | None:
        if not actions:
            return None
        buttons = [self._action_button(action) for action in actions]
        return buttons[0] if len(buttons) == 1 else holding(row(*buttons, gap=8))

    def _action_button(self, action: Action) -> Button:
        make = primary if action.primary else secondary
        button = make(self._theme, action.text, icon=action.icon)
        button.clicked.connect(action.run)
        if action.reason:
            button.disable(action.reason)
        return button

    # -- navigation ---------------------------------------------------------------------------------------
    def _company(self) -> str:
        names = [company.name for company in self._portal.me.companies]
        return (
            names[0]
            if len(names) == 1
            else self.tr("%n companies", "", len(names)).replace("%n", str(len(names)))
        )

    def _listed(self) -> list[EntityType]:
        shown = [entity for entity in self._portal.manifest.entities if entity.nav]
        order = {"deal_registration": 0, "lead": 1, "request": 2, "document": 3, "order": 4, "renewal": 5}
        return sorted(shown, key=lambda entity: (order.get(entity.name, 9), entity.rank))

    def _make_nav(self) -> None:
        places = [NavItem(HOME, self.tr("Home"), "home")]
        places += [NavItem(entity.name, entity.plural, entity.icon) for entity in self._listed()]
        self._nav.set_places(places)
        self._nav.set_footer_places(
            [
                NavItem(SYNC_CENTRE, self.tr("Sync centre"), "arrows-diff"),
                NavItem(SETTINGS, self.tr("Settings"), "settings"),
            ]
        )
        self._nav.set_user(self._portal.me.name, self._portal.me.role_label)
        self._count()

    def _count(self) -> None:
        formats = self._portal.formats
        progress = self._bridge.first_progress if self._bridge.status.mode is Mode.FIRST_SYNC else None
        counts = self._portal.records.nav_counts()
        for entity in self._listed():
            count = counts.get(entity.name, 0)
            text, quiet = (formats.number(count) if count else "", False)
            if entity.name == "document":
                text = ""
            if progress is not None and entity.name in progress.by_entity:
                done, total = progress.by_entity[entity.name]
                text = self._progress_words(done, total)
                quiet = done < total
            self._nav.set_count(entity.name, text, quiet=quiet)
        waiting = self._portal.outbox.count()
        self._nav.set_count(SYNC_CENTRE, formats.number(waiting) if waiting else "")

    def _progress_words(self, done: int, total: int) -> str:
        if done >= total:
            return self.tr("Ready")
        return f"{done * 100 // total} %" if done else self.tr("Next")

    # -- what changed -------------------------------------------------------------------------------------
    def _on_status(self) -> None:
        status = self._bridge.status
        formats = self._portal.formats
        chip = freshness(status, formats, self._bridge.first_progress)
        self._bar.freshness.show_state(_CHIPS[chip.kind], chip.text, chip.why)
        told = notice(status, formats)
        if told is None:
            self._banner.hide()
        else:
            self._banner.show_message(told.icon, told.text, told.action_label, Tone(told.tone))
            self._banner.show()
        if self._shown is not None and self._place.page == HOME:
            wanted = self.page(self._name_of(self._place))
            if wanted is not self._shown:
                self.go_to(Place(HOME))
                return
        self._count()
        if self._shown is not None:
            self._read_head(self._shown)

    def _on_progress(self) -> None:
        status = self._bridge.status
        chip = freshness(status, self._portal.formats, self._bridge.first_progress)
        self._bar.freshness.show_state(_CHIPS[chip.kind], chip.text, chip.why)
        self._count()

    def _on_records(self, changed: RecordsChanged) -> None:
        self._count()
        if self._shown is not None:
            self._shown.on_records(changed.entities, changed.gids)
            self._read_head(self._shown)

    def _on_outbox(self) -> None:
        self._count()
        if self._shown is not None:
            self._shown.refresh()

    def _on_manifest(self) -> None:
        """Forms and lists are built again, where the user stands."""
        place = self._place
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._shown = None
        self._lead = None
        self._make_nav()
        self.go_to(place)

    def _on_banner(self) -> None:
        told = notice(self._bridge.status, self._portal.formats)
        match told.action if told else "":
            case "sign_in":
                self.sign_in_requested.emit()
            case "online":
                self._bridge.set_offline(False)
            case _:
                self.go_to(Place(SYNC_CENTRE))

    def _on_sign_in(self, text: str) -> None:
        if text == "waiting":
            self.say(Said(self.tr("Go on in your browser; this window follows by itself.")))
        elif text:
            self.say(Said(text))

    # -- palette, keys, toast -----------------------------------------------------------------------------
    def open_palette(self) -> None:
        """Show the palette over everything."""
        self._palette.open(self._portal.search.covers().words)

    def _show_hit(self, hit: Hit) -> None:
        self._go(hit.target)

    def _commands(self) -> list[Command]:
        found = [
            Command(
                Group.DO,
                job.icon,
                job.label,
                self._starter(job.entity),
                caps(job.shortcut),
            )
            for job in self._portal.manifest.jobs
            if job.does == "create"
        ]
        waiting = self._portal.outbox
        found += [
            Command(
                Group.DO,
                "refresh",
                self.tr("Retry what waits to send"),
                self._send,
                caps("Ctrl+Shift+S"),
                note=lambda: plural(waiting.count(), self.tr("change")),
            ),
            Command(
                Group.DO,
                "circle-check",
                self.tr("Recheck that both sides are identical"),
                self._prove,
                caps("Ctrl+Shift+V"),
            ),
            Command(Group.DO, "wifi-off", self.tr("Work offline"), lambda: self._bridge.set_offline(True)),
            Command(Group.DO, "wifi", self.tr("Go online"), lambda: self._bridge.set_offline(False)),
        ]
        found += [
            Command(Group.GO, icon, text, self._goer(key), ("G", letter) if letter else ())
            for key, text, icon, letter in self._destinations()
        ]
        return found

    def _destinations(self) -> list[tuple[str, str, str, str]]:
        return [
            (HOME, self.tr("Home"), "home", "H"),
            *((e.name, e.plural, e.icon, e.key) for e in self._listed()),
            (SYNC_CENTRE, self.tr("Sync centre"), "arrows-diff", "S"),
            (SETTINGS, self.tr("Settings"), "settings", ""),
        ]

    def _starter(self, entity: str) -> Callable[[], None]:
        return lambda: self.go_to(Place(NEW, entity=entity))

    def _goer(self, page: str) -> Callable[[], None]:
        return lambda: self.go_to(Place(page))

    def _own_keys(self) -> list[Key]:
        keys = [
            Key("Ctrl+K", self.tr("Do, go to, or find"), self.open_palette),
            Key("Ctrl+F", self.tr("Search this page"), self._focus_search),
            Key("Ctrl+Z", self.tr("Undo the last change"), self._toast.undo),
            Key("Ctrl+Shift+S", self.tr("Send what waits"), self._send),
            Key("Ctrl+Shift+V", self.tr("Check both sides"), self._prove),
            Key("F6", self.tr("Next pane"), self._next_pane),
            Key("?", self.tr("All keys"), self._show_keys),
        ]
        keys += [
            Key(job.shortcut, job.label, self._starter(job.entity))
            for job in self._portal.manifest.jobs
            if job.shortcut and job.does == "create"
        ]
        keys += [
            Key(f"G, {letter}", text, self._goer(key))
            for key, text, _icon, letter in self._destinations()
            if letter
        ]
        return keys

    def _show_keys(self) -> None:
        page = self._shown.keys() if self._shown is not None else ()
        sheet = KeySheet(self._theme, self, [*self._own_keys(), *page])
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _focus_search(self) -> None:
        if self._bar.search is not None:
            self._bar.search.focus_text()

    def _next_pane(self) -> None:
        panes: list[QWidget] = [self._nav, *(self._shown.panes() if self._shown else ())]
        here = self.focusWidget()
        inside = (
            n
            for n, pane in enumerate(panes)
            if pane is here or (here is not None and pane.isAncestorOf(here))
        )
        at = next(inside, -1)
        pane = panes[(at + 1) % len(panes)]
        if pane is self._nav:
            self._nav.focus_rows()
        else:
            pane.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _send(self) -> None:
        self._portal.outbox.retry_all()
        self._bridge.wake()

    def _prove(self) -> None:
        self._bridge.verify()
        self.go_to(Place(SYNC_CENTRE))

    def say(self, said: object) -> None:
        """Show one line at the bottom."""
        told = cast("Said", said)
        self._toast.say(told.text, told.undo)

    # -- opening and closing ------------------------------------------------------------------------------
    def _restore(self) -> None:
        kept = self._portal.prefs.get(_GEOMETRY, "")
        if isinstance(kept, str) and kept:
            self.restoreGeometry(QByteArray.fromBase64(kept.encode()))
        last = self._portal.prefs.get(_LAST_PLACE, HOME)
        self.go_to(Place(last if isinstance(last, str) else HOME))
        QTimer.singleShot(0, self._nav.focus_rows)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is typed and where the window was."""
        if self._shown is not None:
            self._shown.may_leave()
        self._portal.prefs.set(_GEOMETRY, bytes(self.saveGeometry().toBase64().data()).decode())
        super().closeEvent(event)
