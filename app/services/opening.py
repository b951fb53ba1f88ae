"""From nothing to an open account: who is known here, signing in, the key, the store.

Nothing here touches Qt; the window and the command line walk the same way. Calls that reach the network or derive a
key block for a while: the window runs them as errands.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.contract.errors import CounterpartError, KeyStoreAway
from app.services.account_key import AccountKey, Lock
from app.services.admission import admitted, expect_clear, expect_no_kiosk
from app.services.erased import ErasedWords, erased_words
from app.services.format import Formats
from app.services.in_contact import expect_in_contact
from app.services.open_account import OpenAccount
from app.services.prefs import GATEWAY, KEY_HOLDER, Prefs
from app.services.signing_in import FirstSignIn
from app.services.surroundings import Surroundings, erasing_of
from app.services.words import Words
from app.session.accounts import Account, Accounts, Left, gateway_url
from app.session.logbook.happenings import Happened, Ref
from app.session.policy.schema import Managed
from app.store.copies import KEPT, forget_copies
from app.store.database import Store

if TYPE_CHECKING:
    from app.services.portal import Portal
    from app.store.salvage import SalvageReport
    from app.store.way_back import WayBackReport


class Opening:
    """The accounts of this computer and how to open one."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._accounts = Accounts(surroundings.root)
        self._words = surroundings.words or Words(surroundings.locale)
        self.erasing = erasing_of(surroundings)

    @property
    def tr(self) -> Words:
        """Says a text in the reader's language."""
        return self._words

    @property
    def surroundings(self) -> Surroundings:
        """What this client was given from outside."""
        return self._surroundings

    @property
    def managed(self) -> Managed:
        """What the organisation set for this computer."""
        return self._surroundings.managed

    def expect_clear(self) -> None:
        """Raise PolicyUnclear while what the organisation set is not understood."""
        expect_clear(self.managed)

    def accounts(self) -> tuple[Account, ...]:
        """Return the accounts that are known here; one that was ordered away is not, whatever is left of it."""
        return tuple(account for account in self._accounts.list() if not self.erasing.pending(account.id))

    def account(self, wanted: str) -> Account | None:
        """Return an account by its id."""
        return None if self.erasing.pending(wanted) else self._accounts.get(wanted)

    def last(self) -> Account | None:
        """Return the account that was open last, if it may be opened again."""
        found = self._accounts.last()
        return found if found is not None and not self.erasing.pending(found.id) else None

    def leave(self, account: str, left: Left) -> None:
        """Remember how an account was left."""
        self._accounts.leave(account, left)

    def erased(self) -> ErasedWords | None:
        """Return what a person has to be told of accounts that were ordered away; None when there is nothing."""
        notes = [note for note in self.erasing.notes() if not note.seen]
        around = self._surroundings
        return (
            erased_words(notes, Formats(around.clock, around.locale, around.zone, around.words))
            if notes
            else None
        )

    def at_gateway(self, gateway: str) -> tuple[Account, ...]:
        """Return the accounts at a gateway. Raises Refused for what is no address."""
        address = gateway_url(gateway)
        return tuple(account for account in self.accounts() if account.gateway == address)

    def sign_in(self, gateway: str) -> FirstSignIn:
        """Begin a sign-in. Raises Refused for what is no address, GatewayNotAllowed, PolicyUnclear."""
        return FirstSignIn(self._surroundings, gateway)

    def lock(self, account: Account) -> Lock:
        """Return what it takes to open an account.

        Raises KeyStoreLocked, and KeyStoreAway while there is none; GatewayNotAllowed, PolicyUnclear.
        """
        admitted(self.managed, account.gateway)
        return self._key(account).lock()

    def key(self, account: Account, passphrase: str = "") -> bytes:
        """Return an account's key, making one for a new account.

        Raises WrongKey for another passphrase, LocalError for a lost key, KeyStoreLocked, Refused for a new
        passphrase that is too short.
        """
        return self._key(account).find(passphrase)

    def choose_passphrase(self, account: Account, passphrase: str) -> bytes:
        """Make a key for a new account, wrapped by a passphrase. Raises Refused when it is too short."""
        return self._key(account).choose_passphrase(passphrase)

    def open(self, account: Account, key: bytes, *, signed_in: bool = False) -> OpenAccount:
        """Open an account. `signed_in`: its user has just come back from signing in.

        Raises KioskOnly, WrongKey, StoreDamaged, StoreBusy, DiskFull; GatewayNotAllowed, PolicyUnclear; for one that
        was without its gateway for too long AwayTooLong, or what the gateway says to it now.
        """
        expect_no_kiosk(self.managed)
        with self._surroundings.log.noting(Happened.OPENED, Happened.NOT_OPENED, account=Ref.of(account.id)):
            opened = OpenAccount(self._surroundings, account, key)
            try:
                opened.contact.open(signed_in=signed_in)
            except CounterpartError:
                opened.close()
                raise
        forget_copies(account.store_path, self._surroundings.clock.now() - KEPT)
        with opened.open_store() as store:
            # What the window tells of this account besides its records.
            prefs = Prefs(store)
            prefs.set(GATEWAY, account.gateway)
            holder = self._key(account).holder()
            prefs.set(KEY_HOLDER, holder)
            if opened.engine_settings.quota_is_forced:
                store.blobs.evict(opened.engine_settings.quota)
        self._accounts.key_held_by(account, holder)
        return opened

    def look_into(self, account: Account, key: bytes) -> Portal:
        """Open an account's portal only to read it; nothing syncs, and nothing can be written.

        Raises WrongKey, StoreDamaged, StoreBusy, UpdateNeeded, LocalError while its portal is not known here;
        GatewayNotAllowed, PolicyUnclear, AwayTooLong.
        """
        from app.services.portal import Portal  # noqa: PLC0415  # all use cases: an entrance needs none of them

        around = self._surroundings
        admitted(around.managed, account.gateway)
        store = Store.look(account.store_path, key)
        try:
            expect_in_contact(store, around.managed.policy.offline_days, around.clock.now())
            return Portal.open(
                store,
                around.clock,
                around.ids,
                lambda: None,
                locale=around.locale,
                zone=around.zone,
                words=around.words,
                managed=around.managed,
            )
        except BaseException:
            store.close()
            raise

    def salvage(self, account: Account, key: bytes) -> SalvageReport:
        """Set a damaged store aside and bring over what was not sent. Its stores must be closed."""
        from app.store.salvage import salvage  # noqa: PLC0415  # for bad days

        return salvage(account.store_path, key, self._surroundings.clock.now())

    def go_back(self, account: Account, key: bytes) -> WayBackReport:
        """Leave what a newer version made of a store, and bring over what was not sent. Its stores must be closed."""
        from app.store.way_back import go_back  # noqa: PLC0415  # for bad days

        return go_back(account.store_path, key, self._surroundings.clock.now())

    def start_afresh(self, account: Account, *, although_away: bool = False) -> Path | None:
        """Set a store aside whose key is gone, so that the account can begin anew; returns where it is kept.

        None: the key is there (again), and nothing was done. Raises KeyStoreLocked, and KeyStoreAway while there is no
        key store, unless `although_away`: the user gives up waiting for it.
        """
        try:
            if self.lock(account) is not Lock.LOST:
                return None
        except KeyStoreAway:
            if not although_away:
                raise
        stamp = f"{self._surroundings.clock.now():%Y%m%dT%H%M%S}"
        aside = account.store_path.with_name(f"{account.store_path.name}.locked-{stamp}")
        for rest in ("", "-wal", "-shm"):
            # What stands in the log belongs to the file, should its key come back.
            part = account.store_path.with_name(account.store_path.name + rest)
            if part.exists():
                part.replace(aside.with_name(aside.name + rest))
        return aside

    def _key(self, account: Account) -> AccountKey:
        return AccountKey(account, self._surroundings.ring)
