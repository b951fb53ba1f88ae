"""The key of one account: in the system's key store, wrapped by a passphrase, yet to be made, or gone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum

from app.contract.errors import KeyStoreAway, LocalError, Refused
from app.contract.said import said
from app.session.accounts import Account
from app.store.keys import KeyRing, PassphraseKey, key_source, new_key

#: The holder of a key that a passphrase wraps.
BY_PASSPHRASE = "passphrase"  # noqa: S105

#: A passphrase shorter than this is guessed by a machine in a day.
SHORTEST_PASSPHRASE = 10


class Lock(StrEnum):
    """What it takes to open an account."""

    OPEN = "open"  # the system's key store has its key
    NEW = "new"  # a key is made and goes to the system's key store
    PASSPHRASE = "passphrase"  # its passphrase is needed  # noqa: S105
    NEW_PASSPHRASE = "new_passphrase"  # one has to be chosen  # noqa: S105
    LOST = "lost"  # there is a store, but its key is gone


class AccountKey:
    """Where the key of an account is. Each call looks anew: a key store may start, or be unlocked, meanwhile.

    Whatever has to look raises KeyStoreLocked, and KeyStoreAway when it may be in a key store that is not there.
    """

    def __init__(self, account: Account, ring: Callable[[], KeyRing | None]) -> None:
        self._account = account
        self._ring = ring

    def lock(self) -> Lock:
        """Return what it takes to have it."""
        return self._lock(self._source())

    def _lock(self, source: KeyRing | PassphraseKey) -> Lock:
        if isinstance(source, PassphraseKey):
            if source.exists:
                return Lock.PASSPHRASE
            return Lock.LOST if self._account.store_path.exists() else Lock.NEW_PASSPHRASE
        if source.load(self._account.id) is not None:
            return Lock.OPEN
        return Lock.LOST if self._account.store_path.exists() else Lock.NEW

    def find(self, passphrase: str = "") -> bytes:
        """Return it, making one for a new account.

        Raises WrongKey for another passphrase, LocalError for a lost key, Refused for a new passphrase that is too
        short.
        """
        source = self._source()
        match self._lock(source):
            case Lock.PASSPHRASE:
                assert isinstance(source, PassphraseKey)
                return source.unlock(passphrase)
            case Lock.NEW_PASSPHRASE:
                return self.choose_passphrase(passphrase)
            case Lock.NEW:
                assert isinstance(source, KeyRing)
                key = new_key()
                source.save(self._account.id, key)
                return key
            case Lock.OPEN:
                assert isinstance(source, KeyRing)
                found = source.load(self._account.id)
                assert found is not None
                return found
            case Lock.LOST:
                raise _key_is_lost()

    def choose_passphrase(self, passphrase: str) -> bytes:
        """Make a key for a new account, wrapped by a passphrase. Raises Refused when it is too short."""
        if self._account.store_path.exists():
            raise _key_is_lost()
        if len(passphrase) < SHORTEST_PASSPHRASE:
            words = said(
                "Too short. Choose at least {count} characters; a few words do well.",
                count=SHORTEST_PASSPHRASE,
            )
            raise Refused(words, kept=" ", code="passphrase", fields={"passphrase": words})
        key = new_key()
        PassphraseKey(self._account.key_path).create(passphrase, key)
        return key

    def holder(self) -> str:
        """Return who holds it: *passphrase*, *windows*, *macos* or *secret_service*."""
        if isinstance(self._source(), PassphraseKey):
            return BY_PASSPHRASE
        return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "secret_service")

    def destroy(self, account: str) -> None:
        """Destroy it, wherever it is."""
        source = self._source()
        if isinstance(source, PassphraseKey):
            source.destroy()
        else:
            source.destroy(account)

    def _source(self) -> KeyRing | PassphraseKey:
        account = self._account
        source = key_source(account.key_path, self._ring())
        # A store without a key file may have its key in the key store, also where nobody wrote down that it has.
        maybe_away = account.store_path.exists() and account.key_holder != BY_PASSPHRASE
        if maybe_away and isinstance(source, PassphraseKey) and not source.exists:
            raise KeyStoreAway() if account.key_holder else _key_out_of_reach()
        return source


def _key_out_of_reach() -> KeyStoreAway:
    """The error while there is no key store, for an account of which it is not known what held its key."""
    return KeyStoreAway(
        said("The key of this account cannot be reached."),
        kept=said("What is on this computer is kept as it is, closed."),
        next_step=said(
            "If the key is in your key store, that may still be starting: try again in a moment. "
            "If a passphrase opened this account, restore its key file from a backup."
        ),
    )


def _key_is_lost() -> LocalError:
    """The error for a store whose key is nowhere."""
    return LocalError(
        said("The key of this account is not on this computer any more."),
        kept=said("Its store is kept as it is, closed."),
        next_step=said(
            "Restore the key from a backup, or start afresh: the vendor's records come again by themselves."
        ),
    )
