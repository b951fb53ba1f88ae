"""What the palette offers: things to do, places to go, records found; ranked by what was typed.

Usage: ``PaletteSource(portal, bridge, window_commands, go_to, counts).ask("re", show)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication

from app.bridge.engine import Bridge
from app.bridge.tasks import Task
from app.services.everywhere import VendorHits
from app.services.portal import Portal
from app.services.views_model import Hit, SyncState, Target
from app.views.page import ACCOUNT, COLLEAGUES, HOME, SETTINGS, SYNC_CENTRE, Place
from app.views.shell.desk import AskEverywhere
from app.views.shell.keys import caps
from app.views.shell.palette_list import Entry, Group, ShowMore
from app.views.shell.places import ACCOUNT_KEY, HOME_KEY, SYNC_KEY, letters, listed
from app.views.shell.ranking import rank
from app.views.theme.marks import Mark

_MOST_RECORDS = 8
_MOST_PLACES = 4
_MOST_COMMANDS = 8
_MOST_HERE = 10
_MOST_RECENT = 5


@dataclass(frozen=True)
class Command:
    """Something one can do. `words`: further words it may be found by. `note` is read when shown.

    `here`: it belongs to the page that is shown.
    """

    text: str
    icon: str
    run: Callable[[], None]
    keys: str = ""
    words: str = ""
    note: Callable[[], str] | None = None
    here: bool = False


def _nothing() -> Sequence[Command]:
    return ()


@dataclass(frozen=True)
class Further:
    """What a palette offers beyond this account: `search` all others, and `switch` to one, showing a target there."""

    search: AskEverywhere
    switch: Callable[[str, Target | None], None]


class PaletteSource:
    """Answers one query at a time, the latest; records of a long list are searched by the bridge's reader."""

    def __init__(
        self,
        portal: Portal,
        bridge: Bridge,
        commands: Callable[[], Sequence[Command]],
        go: Callable[[Place | Target], None],
        open_ones: Callable[[], Mapping[str, int]],
        here: Callable[[], Sequence[Command]] = _nothing,
        further: Callable[[], Further | None] = lambda: None,
    ) -> None:
        """`open_ones`: what stands beside each navigation row. `here`: what can be done on the page that is shown."""
        self._portal = portal
        self._bridge = bridge
        self._asked: Task[list[Hit]] | None = None
        self._commands = commands
        self._go = go
        self._open_ones = open_ones
        self._here = here
        self._further = further

    def covers(self) -> str:
        """What a search looks through, for the foot."""
        return self._portal.search.covers().words

    def ask(self, query: str, show: Callable[[Sequence[Entry]], None]) -> None:
        """Show everything that answers the query, grouped; with an empty one what is done and gone to most.

        `show` is called once, before this returns where all lists are short; not at all when another query follows.
        """
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        if not query or self._portal.lists.all_short():
            show(self._entries(query, self._portal.search.query(query, _MOST_RECORDS)))
            return
        self._asked = self._bridge.reader.run(
            lambda portal: portal.search.query(query, _MOST_RECORDS),
            lambda hits: show(self._entries(query, hits)),
        )

    def _entries(self, query: str, hits: Sequence[Hit]) -> list[Entry]:
        found = [*self._ranked(self._doing(self._commands()), query, _MOST_COMMANDS)]
        found += self._ranked(self._doing(self._here()), query, _MOST_HERE)
        found += self._ranked(self._going(), query, _MOST_PLACES if query else 20)
        found += [] if query else self._recent()
        found += [self._record(hit) for hit in hits]
        further = self._further() if query else None
        return [*found, self._all_vendors(query, further)] if further is not None else found

    def _all_vendors(self, query: str, further: Further) -> Entry:
        words = QCoreApplication.translate("Palette", "Search all vendors for “{text}”").format(text=query)

        def more(show: ShowMore) -> None:
            further.search(query, lambda found, over: show(_elsewhere(found, further), over))

        return Entry(Group.ELSEWHERE, "search", words, lambda: None, more=more)

    def _recent(self) -> list[Entry]:
        """What was pinned or looked at last."""
        items = self._portal.recent.list()[:_MOST_RECENT]
        return [
            Entry(
                Group.RECENT,
                "pin-filled" if item.pinned else "history",
                item.title,
                partial(self._go, Target(item.entity, gid=item.gid)),
                note=item.detail,
            )
            for item in items
        ]

    def _ranked(self, entries: Sequence[tuple[Entry, str]], query: str, most: int) -> list[Entry]:
        if not query:
            return [entry for entry, _ in entries][:most]
        matched = [(match, entry) for entry, also in entries if (match := rank(query, entry.text, also))]
        matched.sort(key=lambda pair: -pair[0].score)
        return [replace(entry, ranges=match.ranges) for match, entry in matched[:most]]

    def _doing(self, commands: Sequence[Command]) -> list[tuple[Entry, str]]:
        return [
            (
                Entry(
                    Group.HERE if command.here else Group.DO,
                    command.icon,
                    command.text,
                    command.run,
                    note=command.note() if command.note else "",
                    keys=caps(command.keys) if command.keys else (),
                ),
                command.words,
            )
            for command in commands
        ]

    def _going(self) -> list[tuple[Entry, str]]:
        translate = QCoreApplication.translate
        found = [(self._place(HOME, "home", translate("Places", "Home"), HOME_KEY, ""), "start")]
        counts, keys = self._open_ones(), letters(self._portal.manifest)
        tr = self._portal.formats.tr
        for entity in listed(self._portal.manifest):
            note = (
                f"{tr.number(counts[entity.name])} {tr.inside(entity.list.chips[0].label)}"
                if counts.get(entity.name)
                else ""
            )
            found.append(
                (
                    self._place(entity.name, entity.icon, entity.place_name, keys.get(entity.name, ""), note),
                    entity.label,
                )
            )
        waiting = self._portal.outbox.count()
        note = translate("Palette", "{count} in the outbox").format(count=waiting) if waiting else ""
        sync = self._place(SYNC_CENTRE, "arrows-diff", translate("Places", "Sync centre"), SYNC_KEY, note)
        settings = self._place(SETTINGS, "settings", translate("Places", "Settings"), "", "")
        if self._portal.account.there:
            own = self._place(ACCOUNT, "building", translate("Places", "Your company"), ACCOUNT_KEY, "")
            found.append((own, translate("Palette", "account details contacts address membership")))
        if self._portal.keeps_colleagues:
            colleagues = self._place(COLLEAGUES, "users", translate("Places", "Colleagues"), "", "")
            found.append((colleagues, translate("Palette", "people invite role link remove administrator")))
        found.append((sync, translate("Palette", "outbox conflicts proof storage activity")))
        found.append((settings, translate("Palette", "appearance dark light sign out account devices")))
        return found

    def _place(self, page: str, icon: str, text: str, key: str, note: str) -> Entry:
        keys = ("G", key.upper()) if key else ()
        return Entry(Group.GO, icon, text, lambda: self._go(Place(page)), note=note, keys=keys)

    def _record(self, hit: Hit) -> Entry:
        entity = self._portal.manifest.entity(hit.entity)
        noun = entity.label if entity and hit.entity == "document" else ""
        return Entry(
            Group.RECORDS,
            hit.icon,
            hit.title,
            lambda: self._go(hit.target),
            note=" · ".join(part for part in (noun, hit.detail) if part),
            ranges=tuple((start, end - start) for start, end in hit.ranges),
            mark=None if hit.sync is SyncState.DRAFT else Mark(hit.sync.value),
        )


def _elsewhere(found: Sequence[VendorHits], further: Further) -> list[Entry]:
    """What other accounts have, under the vendor and the person; choosing one opens it there."""
    entries: list[Entry] = []
    translate = QCoreApplication.translate
    for vendor in found:
        head = f"{vendor.vendor} · {vendor.person}"
        entries.extend(
            Entry(
                Group.ELSEWHERE,
                hit.icon,
                hit.title,
                partial(further.switch, vendor.account, hit.target),
                note=hit.detail,
                ranges=tuple((start, end - start) for start, end in hit.ranges),
                head=head,
            )
            for hit in vendor.hits
        )
        if not vendor.hits:
            words = vendor.skipped or translate("Palette", "Nothing found there. Open it to look around.")
            icon = "lock" if vendor.skipped else "circle"
            switch = partial(further.switch, vendor.account, None)
            entries.append(Entry(Group.ELSEWHERE, icon, words, switch, head=head))
    return entries
