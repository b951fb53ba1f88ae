"""What the palette offers: jobs, places and records, ranked by what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.services.portal import Portal
from app.services.views_model import Hit, SyncState
from app.views.shell.palette_list import Entry, Group
from app.views.shell.ranking import Match, rank
from app.views.theme.marks import Mark

_RECORDS = 8


@dataclass(frozen=True)
class Command:
    """Something to do or a place to go, with its keys."""

    group: Group
    icon: str
    text: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    note: Callable[[], str] = lambda: ""
    also: str = ""


class PaletteSource:
    """Gives the palette its entries; records come from the full-text search, offline."""

    def __init__(
        self, portal: Portal, commands: Callable[[], Sequence[Command]], show: Callable[[Hit], None]
    ) -> None:
        self._portal = portal
        self._commands = commands
        self._show = show

    def entries(self, query: str) -> Sequence[Entry]:
        """Return what answers `query`, best first within each group."""
        found: list[Entry] = []
        for group in (Group.DO, Group.GO):
            matches = [
                (match, command)
                for command in self._commands()
                if command.group is group and (match := rank(query, command.text, command.also))
            ]
            matches.sort(key=lambda pair: -pair[0].score)
            found += [_entry(command, match) for match, command in matches]
        if len(query.strip()) > 1:
            found += [self._record(hit) for hit in self._portal.search.query(query, _RECORDS)]
        return found

    def _record(self, hit: Hit) -> Entry:
        mark = None if hit.sync is SyncState.DRAFT else Mark(hit.sync.value)
        ranges = tuple((start, end - start) for start, end in hit.ranges)
        return Entry(
            Group.RECORDS,
            hit.icon,
            hit.title,
            lambda: self._show(hit),
            note=hit.detail,
            ranges=ranges,
            mark=mark,
        )


def _entry(command: Command, match: Match) -> Entry:
    return Entry(
        command.group,
        command.icon,
        command.text,
        command.run,
        note=command.note(),
        keys=command.keys,
        ranges=match.ranges,
    )
