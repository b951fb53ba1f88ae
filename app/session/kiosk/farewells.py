"""Sessions that are to be ended at the gateway: at once where it can be reached, else later, also by the next start.

A farewell ends one session and can do nothing else, so it may lie on the disk in plain text. It is written down when
the session begins: a kiosk that was killed ends it when it comes up again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from app.contract.errors import CounterpartError
from app.session.oauth import OAuth
from app.session.small_file import load, private_folder, write
from app.sync.clock import Clock
from app.sync.wire import Wire

#: By then a kiosk's session has ended at the gateway by itself.
GIVE_UP = timedelta(days=2)


class Farewells:
    """The notes of one kiosk."""

    def __init__(self, folder: Path, clock: Clock, connect: Callable[[str], Wire]) -> None:
        """`connect` returns a connection to a gateway, which is closed after use. It may raise contract errors."""
        self._folder = folder
        self._clock = clock
        self._connect = connect
        self._under_way: set[Path] = set()

    def begin(self, gateway: str, farewell: str) -> Path:
        """Write down how a session that begins is ended; returns the note."""
        private_folder(self._folder)
        note = self._folder / f"{hashlib.sha256(farewell.encode()).hexdigest()[:24]}.json"
        write(note, {"gateway": gateway, "farewell": farewell, "at": self._clock.now().isoformat()})
        self._under_way.add(note)
        return note

    def end(self, note: Path) -> bool:
        """A session is over; returns whether the gateway took note now. It is told later otherwise."""
        self._under_way.discard(note)
        return self._tell(note)

    def tell(self) -> int:
        """Tell the gateway of all sessions that are over; returns how many it does not know of yet."""
        due = [note for note in sorted(self._folder.glob("*.json")) if note not in self._under_way]
        return sum(not self._tell(note) for note in due)

    def _tell(self, note: Path) -> bool:
        known = load(note)
        gateway, farewell = known.get("gateway"), known.get("farewell")
        if not isinstance(gateway, str) or not isinstance(farewell, str):
            note.unlink(missing_ok=True)
            return True
        if not (self._taken(gateway, farewell) or self._is_old(known.get("at"))):
            return False
        note.unlink(missing_ok=True)
        return True

    def _taken(self, gateway: str, farewell: str) -> bool:
        try:
            with closing(self._connect(gateway)) as wire:
                OAuth(wire, self._clock).revoke(farewell)
        except CounterpartError:
            return False
        return True

    def _is_old(self, at: object) -> bool:
        try:
            return self._clock.now() - datetime.fromisoformat(str(at)) > GIVE_UP
        except (ValueError, TypeError):
            return True
