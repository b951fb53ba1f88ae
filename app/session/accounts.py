"""Accounts on this computer: one folder for each gateway and user, so that nothing is shared between them."""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from app.contract.errors import Refused
from app.session.small_file import load, private_folder, write

#: In an account's folder: its key, wrapped by a passphrase; not there when the system's key store holds it.
KEY_FILE = "key.json"

_ACCOUNT_FILE = "account.json"
_DEVICE_FILE = "device.json"
_UNREADABLE = "Write the address the vendor gave you, such as portal.vendor.example."
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Device:
    """This computer as the gateway knows it: an id made once, and the name people see."""

    id: str
    name: str


@dataclass(frozen=True)
class Left:
    """How an account was left when it was closed last, for the list of accounts; its store is locked meanwhile.

    `accent` is the vendor's colour (*#RRGGBB* or empty), `mark` its logo as a manifest has it, `needs` how many jobs
    waited for the user. `as_of` and `at` are moments in ISO 8601, UTC: when both sides were the same, and when the
    account was open last. Empty: never.
    """

    accent: str = ""
    mark: str = ""
    needs: int = 0
    as_of: str = ""
    at: str = ""


@dataclass(frozen=True)
class Account:
    """One user at one gateway.

    `id` names its folder and its key. `user` is the gateway's user id; `name` and `vendor` are shown in the list.
    `key_holder` is who was seen last to hold its key, empty when that is not known. `left` is how it was left last.
    """

    id: str
    gateway: str
    user: str
    name: str
    vendor: str
    folder: Path
    key_holder: str = ""
    left: Left = Left()

    @property
    def store_path(self) -> Path:
        """Where the encrypted store is."""
        return self.folder / "store.db"

    @property
    def key_path(self) -> Path:
        """Where its key is, if a passphrase wraps it."""
        return self.folder / KEY_FILE


def default_root() -> Path:
    """Return the folder in which this user's accounts live, by the system's own convention."""
    return platformdirs.user_data_path("Counterpart", appauthor=False, roaming=False)


def gateway_url(text: str) -> str:
    """Return the gateway's address in one form, such as `https://portal.halden.example`.

    Raises Refused for what is not an address, and for one without TLS unless it is on this computer.
    """
    typed = text.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise _refused(_UNREADABLE) from None
    if not host or " " in typed or parts.username or parts.query or parts.fragment:
        raise _refused(_UNREADABLE)
    if parts.scheme not in ("https", "http"):
        raise _refused("The address has to begin with https://.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise _refused("The address has to begin with https://, so that nobody on the way can read along.")
    shown = f"[{host}]" if ":" in host else host
    standard = {"https": 443, "http": 80}[parts.scheme]
    return (
        f"{parts.scheme}://{shown}{f':{port}' if port and port != standard else ''}{parts.path.rstrip('/')}"
    )


def _refused(message: str) -> Refused:
    return Refused(message, code="gateway_url", fields={"gateway": message})


def account_id(gateway: str, user: str) -> str:
    """Return the folder name of an account: the same for the same gateway and user, and telling nothing about them."""
    return hashlib.sha256(f"{gateway}\n{user}".encode()).hexdigest()[:24]


def is_account_id(text: str) -> bool:
    """Whether a text is an id as `account_id` makes them."""
    return re.fullmatch("[0-9a-f]{24}", text) is not None


class Accounts:
    """The accounts under one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def list(self) -> tuple[Account, ...]:
        """Return all accounts, by vendor and name. A folder that cannot be read as one is passed over."""
        found = [self._read(folder) for folder in sorted(self.root.glob(f"*/{_ACCOUNT_FILE}"))]
        known = [account for account in found if account is not None]
        return tuple(sorted(known, key=lambda account: (account.vendor.lower(), account.name.lower())))

    def get(self, wanted: str) -> Account | None:
        """Return the account of that id."""
        return self._read(self.root / wanted / _ACCOUNT_FILE)

    def at(self, gateway: str, user: str, name: str, vendor: str) -> Account:
        """Return the account for a gateway and user; its folder is made, and name and vendor kept up to date."""
        wanted = account_id(gateway, user)
        before = self.get(wanted)
        account = Account(wanted, gateway, user, name, vendor, self.root / wanted)
        if before is not None:
            account = replace(account, key_holder=before.key_holder, left=before.left)
        private_folder(account.folder)
        self._keep(account)
        return account

    def key_held_by(self, account: Account, holder: str) -> None:
        """Remember who holds an account's key, so that one who is away for a moment is not taken for a lost key."""
        if account.key_holder != holder:
            self._keep(replace(account, key_holder=holder))

    def leave(self, wanted: str, left: Left) -> None:
        """Remember how an account was left. One that is gone meanwhile is left alone."""
        account = self.get(wanted)
        if account is not None and account.left != left:
            self._keep(replace(account, left=left))

    def last(self) -> Account | None:
        """Return the account that was open last; None when none ever was."""
        known = [account for account in self.list() if account.left.at]
        return max(known, key=lambda account: account.left.at, default=None)

    def device(self, new_id: str) -> Device:
        """Return this computer's identity; `new_id` becomes its id when it has none yet."""
        path = self.root / _DEVICE_FILE
        known = load(path).get("id")
        if not isinstance(known, str) or not known:
            private_folder(self.root)
            write(path, {"id": new_id})
            known = new_id
        return Device(known, platform.node() or "this computer")

    def _keep(self, account: Account) -> None:
        known = {key: value for key, value in asdict(account).items() if key != "folder"}
        write(account.folder / _ACCOUNT_FILE, known)

    def _read(self, path: Path) -> Account | None:
        data = load(path)
        try:
            texts = {key: str(data[key]) for key in ("id", "gateway", "user", "name", "vendor")}
        except KeyError:
            return None
        if texts["id"] != path.parent.name:
            return None
        holder, left = str(data.get("key_holder", "")), _left(data.get("left"))
        return Account(**texts, folder=path.parent, key_holder=holder, left=left)


def _left(data: Any) -> Left:
    """Read how an account was left; what cannot be read is as if nobody had written it."""
    found = data if isinstance(data, dict) else {}
    texts = {
        name: value for name in ("accent", "mark", "as_of", "at") if isinstance(value := found.get(name), str)
    }
    needs = found.get("needs")
    return Left(**texts, needs=needs if isinstance(needs, int) and needs > 0 else 0)
