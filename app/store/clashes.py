"""The filter of registrations as the gateway sent it last: which customers may be taken, by nobody's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.contract.clashing import OpenFilter, read_filter
from app.store.settings import Settings

_FILTER, _ETAG, _AS_OF = "clashes.filter", "clashes.etag", "clashes.as_of"


class ClashStore:
    """One filter, or none. It is large, so its tag and its age stand beside it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def etag(self) -> str | None:
        """Return the tag of what is held."""
        found: str | None = self._settings.get(_ETAG)
        return found

    def keep(self, value: Any, etag: str, as_of: datetime) -> None:
        """Keep a filter as it came, in a transaction of the caller's."""
        self._settings.put(_FILTER, value)
        self._settings.put(_ETAG, etag)
        self.still_holds(as_of)

    def still_holds(self, as_of: datetime) -> None:
        """The gateway says that nothing has changed."""
        self._settings.put(_AS_OF, as_of.isoformat())

    def forget(self) -> None:
        """Hold none any more."""
        for name in self._settings.keys("clashes."):
            self._settings.remove(name)

    def read(self) -> tuple[OpenFilter, datetime] | None:
        """Return the filter and until when it is known to hold; None when there is none that can be used."""
        found = read_filter(self._settings.get(_FILTER))
        as_of = self._settings.get(_AS_OF)
        return (found, datetime.fromisoformat(as_of) if as_of else found.as_of) if found else None
