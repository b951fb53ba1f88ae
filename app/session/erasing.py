"""The gateway's order to destroy an account on this computer: obeyed once and to the end, and confirmed.

A note beside the accounts is written first, so that whatever interrupts the work, the next start goes on with it. It
holds the gateway's address, the order and, until everything is gone, the account's id, which tells nothing about its
user. Once the work is done the receipt is due; it is sent at every start until the gateway has taken it.

Nothing is kept aside: see docs/adr/0009-a-wipe-is-total.md.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.contract.colleagues import Wiped
from app.contract.errors import CounterpartError, KeyStoreLocked
from app.session.accounts import KEY_FILE, Account, is_account_id
from app.session.small_file import load, private_folder, write
from app.store.keys import KeyRing, PassphraseKey
from app.sync.clock import Clock
from app.sync.wire import Wire

_NOTES = "wiped-*.json"

#: A receipt that nobody has taken for so long is given up: whoever gave the order knows nothing of it any more.
GIVE_UP = timedelta(days=90)


@dataclass(frozen=True)
class WipeNote:
    """What is left of an account that was ordered away.

    `order`: the receipt it asks for, empty once that was taken. `account`: the id of what is not destroyed yet; empty
    once all is. `in_ring`: its key is in the system's key store. `wiped_at`: when all was gone, UTC. `seen`: a person
    was told.
    """

    gateway: str
    order: str
    account: str = ""
    in_ring: bool = True
    wiped_at: datetime | None = None
    seen: bool = False

    @property
    def done(self) -> bool:
        """Whether everything is destroyed."""
        return self.wiped_at is not None


class Erasing:
    """The orders this computer was given, under one root folder."""

    def __init__(
        self,
        root: Path,
        clock: Clock,
        ring: Callable[[], KeyRing | None],
        connect: Callable[[str], Wire],
        beside: Callable[[str], Iterable[Path]] = lambda _: (),
        *,
        keys_at_rest: bool = True,
    ) -> None:
        """`connect` returns a connection to a gateway, which is closed after use. It may raise contract errors.

        `beside`: files of an account that lie elsewhere than in its folder. `keys_at_rest`: not on a kiosk, where keys
        are in memory only.
        """
        self._root = root
        self._clock = clock
        self._ring = ring
        self._connect = connect
        self._beside = beside
        self._keys_at_rest = keys_at_rest

    def notes(self) -> tuple[WipeNote, ...]:
        """Return what is known of orders, those not obeyed to the end included."""
        found = (_read(path) for path in sorted(self._root.glob(_NOTES)))
        return tuple(note for note in found if note is not None)

    def pending(self, account: str) -> bool:
        """Whether an account of that id was ordered away and is not all gone; it must not be opened."""
        return any(note.account == account for note in self.notes())

    def obey(self, account: Account, order: str) -> WipeNote:
        """Destroy an account's key and files, as ordered; its stores must be closed. What resists stays noted."""
        there = account.folder.exists() or any(True for _ in self._beside(account.id))
        in_ring = self._keys_at_rest and there and not account.key_path.exists()
        note = WipeNote(account.gateway, order, account.id, in_ring=in_ring)
        path = self._path(account.gateway, order)
        if not there:
            # Another process was first, or only the receipt is missing; or nothing was held, and that is confirmed.
            note = replace(_read(path) or note, seen=False)
        private_folder(self._root)
        write(path, _written(note))
        return self._carry_out(path, note)

    def finish(self) -> None:
        """Go on with what was interrupted, or resisted."""
        for path in sorted(self._root.glob(_NOTES)):
            note = _read(path)
            if note is not None and not note.done:
                self._carry_out(path, note)

    def tell(self, gateway: str = "") -> None:
        """Send the receipts that are due, to one gateway or to all.

        What cannot be sent, or is refused, is tried again the next time.
        """
        for path in sorted(self._root.glob(_NOTES)):
            note = _read(path)
            if note is None or note.wiped_at is None or not note.order or gateway not in ("", note.gateway):
                continue
            if self._taken(note, note.wiped_at) or self._clock.now() - note.wiped_at > GIVE_UP:
                self._keep(path, replace(note, order=""))

    def seen(self, gateway: str = "") -> None:
        """A person knows of the orders of that gateway, or of all; what is done and confirmed is forgotten."""
        for path in sorted(self._root.glob(_NOTES)):
            note = _read(path)
            if note is not None and gateway in ("", note.gateway):
                self._keep(path, replace(note, seen=True))

    # -- parts --------------------------------------------------------------------------------------------
    def _carry_out(self, path: Path, note: WipeNote) -> WipeNote:
        """The key first: without it nobody can read what a full disk or another program keeps from being deleted."""
        if note.done:
            return note
        folder = self._root / note.account
        key_gone = self._destroy_key(note, folder)
        remove_folder(folder)
        for beside in self._beside(note.account):
            with suppress(OSError):
                beside.unlink()
        if key_gone and not folder.exists() and not any(True for _ in self._beside(note.account)):
            note = replace(note, account="", wiped_at=self._clock.now())
            self._keep(path, note)
        return note

    def _destroy_key(self, note: WipeNote, folder: Path) -> bool:
        ring = self._ring()
        with suppress(OSError):
            PassphraseKey(folder / KEY_FILE).destroy()
        try:
            if ring is not None:
                ring.destroy(note.account)
        except KeyStoreLocked:
            return not note.in_ring
        return ring is not None or not note.in_ring

    def _taken(self, note: WipeNote, wiped_at: datetime) -> bool:
        body = Wiped(order=note.order, wiped_at=wiped_at, kept_aside=0)
        try:
            with closing(self._connect(note.gateway)) as wire:
                wire.call(
                    "POST",
                    "/v1/wiped",
                    headers={"Content-Type": "application/json"},
                    content=body.model_dump_json().encode(),
                )
        except CounterpartError:
            return False
        return True

    def _keep(self, path: Path, note: WipeNote) -> None:
        if note.done and note.seen and not note.order:
            path.unlink(missing_ok=True)
        else:
            write(path, _written(note))

    def _path(self, gateway: str, order: str) -> Path:
        name = hashlib.sha256(f"{gateway}\n{order}".encode()).hexdigest()[:24]
        return self._root / _NOTES.replace("*", name)


def remove_folder(folder: Path) -> list[str]:
    """Delete a folder with everything in it; returns what could not be. That is at least emptied, if it can be."""
    failed: list[str] = []

    def emptied(_call: object, name: str, _error: object) -> None:
        failed.append(name)
        with suppress(OSError), Path(name).open("r+b") as file:
            file.truncate(0)

    shutil.rmtree(folder, onerror=emptied)
    return failed


def _written(note: WipeNote) -> dict[str, object]:
    return {**asdict(note), "wiped_at": note.wiped_at.isoformat() if note.wiped_at else None}


def _read(path: Path) -> WipeNote | None:
    data = load(path)
    at = data.get("wiped_at")
    try:
        note = WipeNote(
            gateway=str(data["gateway"]),
            order=str(data["order"]),
            account=str(data["account"]),
            in_ring=bool(data["in_ring"]),
            wiped_at=datetime.fromisoformat(at) if at else None,
            seen=bool(data["seen"]),
        )
    except (KeyError, ValueError, TypeError):
        return None
    # A folder is deleted by this name, so it has to be that of an account and nothing else.
    return note if note.done or is_account_id(note.account) else None
