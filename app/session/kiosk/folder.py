"""Where a kiosk keeps what it must: apart from the accounts of a computer that has one user.

    kiosk/device.json       the machine's id, made once
    kiosk/ID/               the encrypted store of who is signed in, locked, or whose session broke off
    kiosk/kept/ID.sealed    what somebody has not sent, sealed for them alone
    kiosk/farewells/        how sessions are ended that the gateway does not know to be over yet
    kiosk/temp/             what programs put aside for a moment; emptied at each start, sign-out and end

ID is that of an account, which tells nothing about its user. No name, address or key is in any of these files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from app.session.accounts import is_account_id
from app.session.erasing import remove_folder
from app.session.small_file import private_folder

#: What nobody came back for is kept for so long.
KEPT_FOR = timedelta(days=30)

_STORE = "store.db"
_SEALED = ".sealed"
#: In the folder of a store whose session broke off: since when it is known here.
_SEEN = "seen"
#: Beside a store of which all that is unsent has been sealed.
_EMPTIED = "emptied"
#: What a file that its person's key does not open is renamed to, so that another one can take its place.
_UNREADABLE = ".unreadable-"


class KioskFolder:
    """The folder of one kiosk."""

    def __init__(self, data: Path) -> None:
        """`data`: the folder in which this user's accounts live."""
        self.root = data / "kiosk"
        self.kept = self.root / "kept"
        self.farewells = self.root / "farewells"
        self.temp = self.root / "temp"

    def prepare(self) -> None:
        """Make the folders, for this user alone, with nothing in the one for a moment's files."""
        for folder in (self.root, self.kept, self.farewells, self.temp):
            private_folder(folder)
        self.empty_temp()

    def empty_temp(self) -> None:
        """Delete what was put aside for a moment."""
        if not self.temp.exists():
            return
        for path in self.temp.iterdir():
            if path.is_dir() and not path.is_symlink():
                remove_folder(path)
            else:
                with suppress(OSError):
                    path.unlink()

    def environment(self) -> Mapping[str, str]:
        """Return what a program is started with so that its files of a moment land in `temp`."""
        return dict.fromkeys(("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"), str(self.temp))

    def account(self, account: str) -> Path:
        """Return where somebody's store is."""
        return self.root / account

    def sealed(self, account: str) -> Path:
        """Return where somebody's unsent work is kept."""
        return self.kept / f"{account}{_SEALED}"

    def all_sealed(self) -> dict[str, Path]:
        """Return the sealed files there are, by account."""
        found = {path.name.removesuffix(_SEALED): path for path in self.kept.glob(f"*{_SEALED}")}
        return {name: path for name, path in found.items() if is_account_id(name)}

    def stores(self) -> tuple[str, ...]:
        """Return the accounts whose store is here."""
        found = (path.parent.name for path in self.root.glob(f"*/{_STORE}"))
        return tuple(sorted(name for name in found if is_account_id(name)))

    def unreadable(self, account: str) -> tuple[Path, ...]:
        """Return the files of somebody that their key did not open."""
        return tuple(sorted(self.kept.glob(f"{account}*{_UNREADABLE}*")))

    def set_aside(self, path: Path, account: str, now: datetime) -> Path:
        """Put a file that its person's key does not open out of the way; it goes after thirty days."""
        private_folder(self.kept)
        suffix = path.suffix if path.suffix == _SEALED else ".db"
        name = f"{account}{suffix}{_UNREADABLE}{now:%Y%m%dT%H%M%S}"
        aside = next(free for n in count() if not (free := self.kept / f"{name}.{n}").exists())
        path.replace(aside)
        dated(aside, now)
        return aside

    def of_account(self, account: str) -> tuple[Path, ...]:
        """Return the files of somebody beside their folder."""
        return tuple(sorted(self.kept.glob(f"{account}*")))

    def let_go(self, now: datetime) -> int:
        """Delete what nobody came back for within thirty days; returns how many. `now`: by a clock to be believed.

        A store whose session broke off counts from when it is first seen here: its own times are this computer's.
        """
        before = (now - KEPT_FOR).timestamp()
        gone = 0
        for path in self.kept.iterdir() if self.kept.exists() else ():
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                gone += 1
        for account in self.stores():
            seen = self.account(account) / _SEEN
            if not seen.exists():
                seen.touch(0o600)
                dated(seen, now)
            elif seen.stat().st_mtime < before:
                remove_folder(self.account(account))
                gone += 1
        return gone

    def taken_up(self, account: str) -> None:
        """Somebody came back for their store: what is said of it beside it does not hold any more."""
        for note in (_SEEN, _EMPTIED):
            (self.account(account) / note).unlink(missing_ok=True)

    def emptied(self, account: str) -> None:
        """All that is unsent in somebody's store is in the sealed file, or there is nothing: the store may go."""
        (self.account(account) / _EMPTIED).touch(0o600)

    def drop_emptied(self) -> None:
        """Delete the stores that may go: whoever was locked when the kiosk was switched off has to sign in anew."""
        for account in self.stores():
            if (self.account(account) / _EMPTIED).exists():
                remove_folder(self.account(account))


def dated(path: Path, now: datetime) -> None:
    """Have a file say a time by a clock that can be believed, where that is known, instead of this computer's."""
    os.utime(path, (now.timestamp(), now.timestamp()))
