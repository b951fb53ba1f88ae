"""What was opened lately, and what a user pinned to come back to: names of records only, never their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.services.prefs import Prefs
from app.services.records import Records
from app.services.views_model import RecordView

MOST_RECENT = 20
MOST_PINNED = 50
_RECENT, _PINNED = "recent", "pinned"


@dataclass(frozen=True)
class KeptItem:
    """A record to come back to, as a list names it."""

    gid: str
    entity: str
    title: str
    detail: str
    pinned: bool


class Recent:
    """Both lists, newest first. A record that is gone, or no longer shared, is left out without a word."""

    def __init__(self, prefs: Prefs, records: Records) -> None:
        self._prefs = prefs
        self._records = records

    def opened(self, gid: str) -> None:
        """Take note that a record was opened."""
        before = _read(self._prefs.get(_RECENT))
        if gid and before[:1] != [gid]:
            self._prefs.set(_RECENT, [gid, *(one for one in before if one != gid)][:MOST_RECENT])

    def recent(self) -> list[RecordView]:
        """Return what was opened lately."""
        return self._there(_read(self._prefs.get(_RECENT)))

    def pinned(self) -> list[RecordView]:
        """Return what is pinned, in the order of pinning."""
        return self._there(_read(self._prefs.get(_PINNED)))

    @property
    def any_pinned(self) -> bool:
        """Whether anything is pinned at all."""
        return bool(_read(self._prefs.get(_PINNED)))

    def is_pinned(self, gid: str) -> bool:
        """Tell whether a record is pinned."""
        return gid in _read(self._prefs.get(_PINNED))

    def pin(self, gids: Sequence[str], *, on: bool) -> None:
        """Pin records, or let go of them."""
        before = _read(self._prefs.get(_PINNED))
        kept = [one for one in before if one not in gids]
        after = [*before, *(gid for gid in gids if gid not in before)] if on else kept
        self._prefs.set(_PINNED, after[-MOST_PINNED:] or None)

    def _there(self, gids: Sequence[str]) -> list[RecordView]:
        return [record for gid in gids if (record := self._records.get(gid)) is not None]

    def list(self) -> list[KeptItem]:
        """Return what is pinned, the latest first, then what was opened lately besides."""
        pinned = self.pinned()[::-1]
        known = {record.gid for record in pinned}
        lately = [record for record in self.recent() if record.gid not in known]
        return [_item(one, pinned=True) for one in pinned] + [_item(one, pinned=False) for one in lately]


def _item(record: RecordView, *, pinned: bool) -> KeptItem:
    detail = " · ".join(part for part in (record.number, record.subtitle) if part)
    return KeptItem(record.gid, record.entity, record.title, detail, pinned)


def _read(kept: Any) -> list[str]:
    return [one for one in kept if isinstance(one, str)] if isinstance(kept, list) else []
