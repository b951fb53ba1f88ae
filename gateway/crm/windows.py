"""Pages in the order (time, id) from systems that cannot sort so: they sort by one field, cap what a question may
bring, or show times more coarsely than they keep them.

Two questions are enough. What lies within one instant comes in the order of ids, from one id on; what lies beyond comes
in the order of time, and of that page the last instant is left out where the page may have been cut in the middle of
it. No question is ever continued by a page number, so no cap on the number of results is met.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.crm.port import ChangedId


class Within(Protocol):
    """Rows modified within one instant, in the order of ids after `after`, `limit` at most."""

    def __call__(self, instant: datetime, after: str | None, limit: int) -> Sequence[ChangedId]: ...


class Beyond(Protocol):
    """Rows modified after an instant (None: all there are), in the order of time, `limit` at most."""

    def __call__(self, instant: datetime | None, limit: int) -> Sequence[ChangedId]: ...


def keyset_page(
    within: Within, beyond: Beyond, since: datetime | None, after: str | None, limit: int
) -> Sequence[ChangedId]:
    """Return a page as `CrmPort.changed_since` does; a page shorter than `limit` means that there is no more.

    Ids that are numbers must be told, and listed, by their size; others by their signs.

    An instant stands for the whole step of the system's clock it lies in: where times are told in seconds, `within`
    12:00:00.4 is all that was modified from 12:00:00 until before 12:00:01, and `beyond` what came from then on.
    """
    found: list[ChangedId] = []
    if since is not None:
        found += within(since, after, limit)
    instant = since
    while len(found) < limit:
        page = beyond(instant, limit)
        whole = _whole_instants(page, limit)
        found += whole
        if len(page) < limit:
            break
        last = page[-1].modified_at
        if not whole:
            # All of it is one instant, which has more rows than a page: they come in the order of ids.
            found += within(last, None, limit)
            instant = last
        else:
            instant = whole[-1].modified_at
    return found[:limit]


def _whole_instants(page: Sequence[ChangedId], limit: int) -> list[ChangedId]:
    """Return the rows of those instants of which a page holds all rows, in the order (time, id)."""
    if len(page) < limit:
        return sorted(page, key=_place)
    last = page[-1].modified_at
    return sorted((entry for entry in page if entry.modified_at < last), key=_place)


def _place(entry: ChangedId) -> tuple[datetime, int, str]:
    """Ids of numbers go by their size, as systems that number their rows sort them."""
    key = entry.ref.id
    return entry.modified_at, int(key) if key.isdecimal() else 0, key
