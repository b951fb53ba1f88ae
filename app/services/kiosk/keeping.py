"""What a kiosk does with one person's files: opened with their key, sealed when they leave, then gone.

The order is always: first the sealed file, whole and on the disk; then everything else goes. Whatever interrupts that
leaves only files that this machine has no key for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.contract.changes import Me
from app.contract.errors import LocalError, StoreDamaged, WrongKey
from app.services.kiosk.account import KioskAccount
from app.services.kiosk.values import Apart, KioskPerson, TakenBack
from app.services.portal import Portal
from app.services.prefs import GATEWAY, KEY_HOLDER, Prefs
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.session.erasing import remove_folder
from app.session.kiosk.code_box import CodeBox
from app.session.kiosk.folder import KioskFolder, dated
from app.session.kiosk.seal_keys import SealKeys
from app.session.kiosk.sealed_file import Head, SealBroken, read_sealed, write_sealed
from app.session.small_file import private_folder
from app.store.database import Store
from app.store.salvage import salvage
from app.store.unsent import Row, count, put_in, take_out
from app.sync.transport import ManifestAnswer

#: The holder of a key that comes with each sign-in.
BY_SIGNING_IN = "kiosk"

#: Parts of a store that lie beside it.
_BESIDE = ("-wal", "-shm")


@dataclass
class Visit:
    """Somebody who is signed in at this kiosk, with the screen or locked.

    `farewell`: the note by which the session is ended. `keys` are in memory while the person has the screen, `box`
    holds them under a code, if one was chosen. `apart`: rows of kept work that could not be taken up; dropped while the
    screen is locked, since they are in the sealed file. `things`, `sealed`: how the last sealing went.
    """

    person: KioskPerson
    account: Account
    farewell: Path
    keys: SealKeys | None = field(default=None, repr=False)
    box: CodeBox | None = None
    opened: KioskAccount | None = None
    apart: tuple[Row, ...] = field(default=(), repr=False)
    things: int = 0
    sealed: bool = True

    def forget_keys(self) -> None:
        """Overwrite what is in memory of them, the box included."""
        self.close()
        self.box = None

    def close(self) -> None:
        """Give up connections and keys; a box stays."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None
        if self.keys is not None:
            self.keys.drop()
            self.keys = None
        self.apart = ()


class Keeping:
    """The files of a kiosk's people."""

    def __init__(self, surroundings: Surroundings, folder: KioskFolder, machine: Callable[[], str]) -> None:
        """`machine` returns this machine's id, to which sealed files are bound."""
        self._surroundings = surroundings
        self._folder = folder
        self._machine = machine

    # -- in -----------------------------------------------------------------------------------------------
    def prepare(self, visit: Visit) -> bool:
        """See to it that the store can be opened, or begun; whether there was one already.

        One that another key made is set aside, one that is damaged is salvaged.
        """
        account, keys = visit.account, _keys(visit)
        private_folder(account.folder)
        self._folder.taken_up(account.id)
        if not account.store_path.exists():
            return False
        try:
            Store.open(account.store_path, keys.store.read()).close()
        except WrongKey:
            self._folder.set_aside(account.store_path, account.id, self._now(visit))
            for suffix in _BESIDE:
                account.store_path.with_name(account.store_path.name + suffix).unlink(missing_ok=True)
            return False
        except StoreDamaged:
            salvage(account.store_path, keys.store.read(), self._surroundings.clock.now())
        return True

    def make_ready(self, opened: KioskAccount, me: Me, manifest: ManifestAnswer) -> None:
        """Put the portal into a store that does not know it yet, as it was fetched with the sign-in."""
        with opened.open_store() as store, store.transaction():
            if not Portal.ready(store) and manifest.text is not None:
                store.cursors.save_me(me)
                store.cursors.save_manifest(manifest.text, manifest.etag)

    def take_back(self, visit: Visit, opened: KioskAccount) -> tuple[Path, ...]:
        """Put what was kept into the open store, in order and under the same ids.

        Returns the files that may go once the account is open to the end. Files that do not open stay, and so does one
        that holds something which could not be taken up.
        """
        account, key = visit.account, _keys(visit).kept
        things, unreadable, apart, done = 0, 0, list[Row](), list[Path]()
        for path in [*self._all_sealed(account.id)]:
            try:
                with opened.open_store() as store:
                    found = put_in(store, read_sealed(path, account.id, key.read(), self._machine()))
            except (SealBroken, ValueError):
                unreadable += 1
                self._out_of_the_way(visit, path)
                continue
            things += found.things
            apart += found.apart
            if not found.apart:
                done.append(path)
        stores = sum(".db" in path.name for path in self._folder.unreadable(account.id))
        with opened.open_store() as store:
            # What the window tells of this account besides its records.
            prefs = Prefs(store)
            prefs.set(GATEWAY, account.gateway)
            prefs.set(KEY_HOLDER, BY_SIGNING_IN)
        visit.apart = tuple(apart)
        opened.took_back(
            TakenBack(things, tuple(map(_shown, apart)), unreadable + stores), lambda: self._give_up(visit)
        )
        return tuple(done)

    def discard_fresh(self, visit: Visit) -> None:
        """A store that was begun and never filled goes again."""
        remove_folder(visit.account.folder)

    # -- out ----------------------------------------------------------------------------------------------
    def count(self, visit: Visit) -> int:
        """Return how many things of theirs are not at the vendor. Raises LocalError kinds."""
        with Store.open(visit.account.store_path, _keys(visit).store.read()) as store:
            return count(store) + len(visit.apart)

    def seal(self, visit: Visit) -> None:
        """Put what is not at the vendor into the sealed file; without any there is none.

        What cannot be sealed, on a full disk, stays in the store: `visit.sealed` is False then.
        """
        account, keys = visit.account, _keys(visit)
        path = self._folder.sealed(account.id)
        try:
            with Store.open(account.store_path, keys.store.read()) as store:
                visit.things = count(store) + len(visit.apart)
                if visit.things:
                    private_folder(path.parent)
                    head = Head(account.id, visit.things, self._now(visit))
                    rows = take_out(store, self._surroundings.ids.new_id(), visit.apart)
                    write_sealed(path, head, rows, keys.kept.read(), self._machine())
                    dated(path, head.kept_at)
                else:
                    path.unlink(missing_ok=True)
            self._folder.emptied(account.id)
            visit.sealed = True
        except (LocalError, OSError):
            visit.sealed = False

    def remove(self, visit: Visit) -> None:
        """Delete everything of somebody but the sealed file; where that was not made, the store stays."""
        if visit.sealed:
            remove_folder(visit.account.folder)

    # -- parts --------------------------------------------------------------------------------------------
    def _all_sealed(self, account: str) -> Iterator[Path]:
        """The file that was sealed last, and those that did not open before: a key may have come back."""
        path = self._folder.sealed(account)
        if path.exists():
            yield path
        yield from (one for one in self._folder.unreadable(account) if ".sealed" in one.name)

    def _out_of_the_way(self, visit: Visit, path: Path) -> None:
        if path == self._folder.sealed(visit.account.id):
            self._folder.set_aside(path, visit.account.id, self._now(visit))

    def _give_up(self, visit: Visit) -> None:
        visit.apart = ()
        for path in self._all_sealed(visit.account.id):
            if path == self._folder.sealed(visit.account.id):
                path.unlink(missing_ok=True)

    def _now(self, visit: Visit) -> datetime:
        """The gateway's time where it is known: thirty days must not pass because a clock is wrong."""
        ahead = visit.opened.ahead if visit.opened is not None else None
        now = self._surroundings.clock.now()
        return now - ahead if ahead is not None else now


def _keys(visit: Visit) -> SealKeys:
    assert visit.keys is not None, "their screen is locked"
    return visit.keys


def _shown(row: Row) -> Apart:
    return Apart(str(row.get("part", "")), json.dumps(row, ensure_ascii=False, indent=1))
