"""What a page is to the window that hosts it.

A page draws its own content; navigation, title, search box, freshness chip, banner, keys and toast are the window's.
It tells the window what stands in the top bar through `head()`, and where to go through its signals.

Usage::

    class HomePage(Page):
        def head(self) -> Head:
            return Head("Good morning, Maya", search=SearchBox("Search everything", everything=True))

        def refresh(self) -> None:
            ...                                   # read the portal afresh; cheap, called when shown and on changes

    self.open_record.emit(gid)                    # opens the record wherever its entity type lives
    self.go.emit(Place("deal_registration", chip="ending"))
    self.said.emit(Toast("Moved to Sales office Wi-Fi", undo=self._move_back))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.views.theme.theme import Theme

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.bridge.speech import Speech
    from app.bridge.updates import UpdateWatch
    from app.services.kiosk.apart import SetApart
    from app.services.portal import Portal
    from app.services.views_model import Done

HOME = "home"
SYNC_CENTRE = "sync_centre"
SETTINGS = "settings"
COLLEAGUES = "colleagues"
ACCOUNT = "account"
CONFLICT = "conflict"
NEW = "new"

#: Begins the focus of a form for a record that is made from another one: the name of the job and the other's gid.
DERIVE = "derive:"


@dataclass(frozen=True)
class PageContext:
    """What every page is given. `speech` is None where the language cannot be changed.

    `updates`: None where nothing looks for newer versions of the program. `apart`: None but on a shared screen.
    """

    portal: Portal
    bridge: Bridge
    theme: Theme
    speech: Speech | None = None
    updates: UpdateWatch | None = None
    apart: SetApart | None = None


@dataclass(frozen=True)
class Place:
    """Where to go.

    `page`: "home", "sync_centre", "colleagues", "account", "settings", "conflict" (with `gid`), "new" (a form;
    `entity` and perhaps the `gid` of a draft), or the name of an entity type, whose list opens. `gid` selects a
    record, `chip` a filter, `text` a search.
    `focus` is for the page that is gone to: "reply", "attach", "edit", "read", "fresh" (a draft that holds
    nothing typed yet), "command:NAME", or "derive:JOB:GID" for a form.
    """

    page: str
    gid: str = ""
    entity: str = ""
    chip: str = ""
    text: str = ""
    focus: str = ""


@dataclass(frozen=True)
class Action:
    """A button of the top bar. `reason` disables it and says why."""

    text: str
    run: Callable[[], None]
    icon: str = ""
    primary: bool = False
    reason: str = ""


@dataclass(frozen=True)
class SearchBox:
    """The search box of the top bar: Ctrl+F looks through this page, or `everything` opens the palette (Ctrl+K)."""

    hint: str
    everything: bool = False


@dataclass(frozen=True)
class Crumb:
    """A step of the trail before the title; a click goes there."""

    text: str
    place: Place


@dataclass(frozen=True)
class Head:
    """What stands in the top bar. `lead` is a widget left of the freshness chip; the page keeps owning it."""

    title: str
    subtitle: str = ""
    trail: tuple[Crumb, ...] = ()
    search: SearchBox | None = None
    actions: tuple[Action, ...] = ()
    lead: QWidget | None = None


@dataclass(frozen=True)
class Key:
    """A key that works while the page is shown: `keys` as Qt writes them ("Ctrl+Return"), `words` for the sheet."""

    keys: str
    words: str
    run: Callable[[], None]


@dataclass(frozen=True)
class Way:
    """A way on, and the word on its button."""

    text: str
    run: Callable[[], None]


@dataclass(frozen=True)
class Toast:
    """One line at the bottom for 8 s; `undo` puts a button on it and answers Ctrl+Z, also later.

    `undo` returns False when it came too late, such as for what was sent meanwhile. `action` is another way on, with
    its word: `Toast("No deal X-1 is here.", action=Way("Search", look_for_it))`. `done`: what `undo` takes back; the
    button goes once all of it has left the outbox.
    """

    text: str
    undo: Callable[[], object] | None = None
    action: Way | None = None
    done: tuple[Done, ...] = ()


class Page(QWidget):
    """One page of the window. Subclasses override what they need; everything here has a quiet default."""

    head_changed = Signal()
    """The top bar is to read `head()` again."""
    open_record = Signal(str)
    """A gid: show this record."""
    go = Signal(object)
    """A Place, or a Target as the services give it."""
    said = Signal(object)
    """A Toast."""
    sign_out_requested = Signal()
    """The user has been asked and wants to leave this account."""
    pinned = Signal()
    """Something was pinned or let go of."""
    settled = Signal()
    """What the page was asked to show stands there now; pages that read beside the window's thread say so."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.portal = context.portal
        self.bridge = context.bridge
        self.theme = context.theme

    def head(self) -> Head:
        """Title, search box and actions as they are now."""
        return Head("")

    def refresh(self) -> None:
        """Read everything shown afresh. Called when the page is shown and when something changed while it is shown."""

    def on_records(self, entities: frozenset[str], gids: frozenset[str] | None) -> None:
        """Records changed while this page is shown (`gids` None: too many to name). Default: `refresh`."""
        self.refresh()

    def arrive(self, place: Place) -> None:
        """The user went here with arguments; called after `refresh`."""

    def place(self) -> Place | None:
        """Where the page stands, to come back to it later, also after a restart; None: where it was gone to."""
        return None

    def scrolled(self) -> int:
        """How far what is shown is scrolled down, in pixels; to come back to it when the window opens again."""
        return 0

    def scroll_to(self, distance: int) -> None:
        """Scroll down so far; called once the page has its content."""

    def untouched(self) -> str:
        """A record that was begun here and holds nothing typed yet: its gid. It does not count as one."""
        return ""

    def may_leave(self) -> bool:
        """Called before another page is shown; save what is typed. False keeps this page."""
        return True

    def search(self, text: str) -> None:
        """The text of the search box changed (already debounced)."""

    def keys(self) -> tuple[Key, ...]:
        """Keys of this page besides the window's own; read once."""
        return ()

    def panes(self) -> tuple[QWidget, ...]:
        """Widgets that F6 gives the focus to, in order."""
        return ()
