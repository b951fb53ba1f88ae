"""What a notification says, and when: what happened within a minute becomes one line, at most one a minute.

Pure, with the clock handed in. A notification names kinds and numbers, never what a record holds: it lies open on a
screen that others may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.contract.manifest import Manifest
from app.services.portal import Portal
from app.services.views_model import Target
from app.services.words import Words

#: Seconds within which happenings become one message, and the least between two messages.
GAP = 60.0
_MOST = 200
#: What is older when it comes in is no news to anybody.
_LOOK_BACK = timedelta(days=3)


class Wish(StrEnum):
    """What a person wants to be told of."""

    ALL = "all"
    MINE = "needs_me"
    NONE = "none"


@dataclass(frozen=True)
class Happening:
    """Something that came in. `kind`: *answer*, or the entity type; `mine`: it waits for the user."""

    key: str
    kind: str
    target: Target
    mine: bool


@dataclass(frozen=True)
class Notification:
    """One line, and where a click leads: to the one record it is about, or home."""

    text: str
    target: Target


def happenings(portal: Portal) -> tuple[tuple[Happening, ...], int]:
    """Return what the vendor did of late, and how many jobs wait for the user now.

    When something happened says little about when it came in; what was not there before is news.
    """
    since = portal.present() - _LOOK_BACK
    needs = portal.home.needs_me()
    waiting = {need.target.gid for need in needs if need.target.gid}
    found = [
        Happening(
            f"{line.target.gid} {line.at.isoformat()} {line.icon}",
            "answer" if line.answer else line.target.page,
            line.target,
            line.target.gid in waiting,
        )
        for line in portal.home.changed_after(since, _MOST)
    ]
    return tuple(found), len(needs)


class Coalescer:
    """Collects happenings while nobody looks, and says when and what to tell. Moments are monotonic seconds."""

    def __init__(self, wish: Wish = Wish.ALL) -> None:
        self.wish = wish
        self._waiting: dict[str, Happening] = {}
        self._told: set[str] = set()
        self._due: float | None = None

    def know(self, found: Sequence[Happening]) -> None:
        """This is on the screen, or was there before: it is no news."""
        self._told.update(one.key for one in found)

    def note(self, found: Sequence[Happening], now: float) -> None:
        """Something came in; what is known already is not told again."""
        wanted = [one for one in found if self.wish is Wish.ALL or (self.wish is Wish.MINE and one.mine)]
        fresh = {one.key: one for one in wanted if one.key not in self._told}
        self._waiting.update(fresh)
        if self._waiting and self._due is None:
            self._due = now + GAP

    @property
    def due(self) -> float | None:
        """When to ask `take`; None while there is nothing to tell."""
        return self._due

    def take(self, now: float) -> tuple[Happening, ...]:
        """Return what is to be told now as one; nothing before its time."""
        if self._due is None or now < self._due:
            return ()
        found = tuple(self._waiting.values())
        self._told.update(self._waiting)
        self._waiting = {}
        self._due = None
        return found

    def seen(self) -> None:
        """The person looks at the window: nothing of before has to be told any more."""
        self._told.update(self._waiting)
        self._waiting = {}
        self._due = None


def notification(
    found: Sequence[Happening], manifest: Manifest, vendor: str, tr: Words
) -> Notification | None:
    """Return the one line for what happened: *3 answers and 1 order at Halden*. None for nothing."""
    if not found:
        return None
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    text = tr("{what} at {vendor}").format(what=tr.listed(_counted(counts, manifest, tr)), vendor=vendor)
    about = {one.target.gid: one.target for one in found}
    only = next(iter(about.values()))
    return Notification(text, only if len(about) == 1 else Target("home"))


def _counted(counts: Mapping[str, int], manifest: Manifest, tr: Words) -> list[str]:
    answers = counts.get("answer", 0)
    said = [tr.plural(answers, "%n answer", "%n answers")] if answers else []
    for kind, count in counts.items():
        entity = manifest.entity(kind)
        if kind != "answer" and entity is not None:
            said.append(f"{tr.number(count)} {tr.inside(entity.label if count == 1 else entity.plural)}")
    return said
