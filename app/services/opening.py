"""From nothing to an open account: who is known here, signing in, the key, the store.

Nothing here touches Qt; the window and the command line walk the same way. Calls that reach the network or derive a
key block for a while: the window runs them as errands.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.contract.changes import Me
from app.contract.errors import BadAnswer, CounterpartError, KeyStoreAway, LocalError, Refused, WipeOrdered
from app.contract.said import said
from app.services.admission import (
    admitted,
    engine_settings,
    expect_clear,
    expect_no_kiosk,
    gateway_client,
)
from app.services.colleagues import ColleagueService
from app.services.erased import ErasedWords, account_erased, erased_words
from app.services.format import Formats
from app.services.in_contact import InContact, expect_in_contact
from app.services.noticing import forget_with_the_last, heard, overheard
from app.services.prefs import GATEWAY, KEY_HOLDER, Prefs
from app.services.words import Words
from app.session.accounts import Account, Accounts, Left, account_id, gateway_url
from app.session.erasing import Erasing, WipeNote
from app.session.held_key import HeldKey
from app.session.logbook.happenings import Happened, Ref
from app.session.logbook.log import SILENT, Log
from app.session.oauth import OAuth, TokenSet
from app.session.policy.schema import NOBODYS, Managed
from app.session.tokens import MemoryVault, Session, StoreVault
from app.session.wipe import FilesRemain, SignedOut, sign_out
from app.store.copies import KEPT, forget_copies
from app.store.database import Store
from app.store.keys import KeyRing, PassphraseKey, key_source, new_key
from app.store.turns import Turns
from app.sync.clock import Clock, Ids, Rng
from app.sync.colleagues import ColleagueCalls
from app.sync.events import Event
from app.sync.http_transport import HttpTransport
from app.sync.pauses import patient
from app.sync.settings import EngineSettings
from app.sync.signed import Signed
from app.sync.wire import Wire

if TYPE_CHECKING:
    from app.services.portal import Portal
    from app.store.salvage import SalvageReport
    from app.store.way_back import WayBackReport
    from app.sync.engine import Engine
    from app.sync.loop import SyncLoop

#: The holder of a key that a passphrase wraps.
BY_PASSPHRASE = "passphrase"  # noqa: S105

#: A passphrase shorter than this is guessed by a machine in a day.
SHORTEST_PASSPHRASE = 10


@dataclass(frozen=True)
class Surroundings:
    """What a running client is given from outside.

    `ring` looks for the key store anew each time: None while this computer has none, or it has not started yet.
    """

    root: Path
    clock: Clock
    ids: Ids
    rng: Rng
    ring: Callable[[], KeyRing | None]
    open_browser: Callable[[str], bool]
    locale: str = "en_GB"
    zone: tzinfo | None = None
    words: Words | None = None
    managed: Managed = NOBODYS
    log: Log = SILENT


class Lock(StrEnum):
    """What it takes to open an account."""

    OPEN = "open"  # the system's key store has its key
    NEW = "new"  # a key is made and goes to the system's key store
    PASSPHRASE = "passphrase"  # its passphrase is needed  # noqa: S105
    NEW_PASSPHRASE = "new_passphrase"  # one has to be chosen  # noqa: S105
    LOST = "lost"  # there is a store, but its key is gone


@dataclass(frozen=True)
class SignedIn:
    """Who came back from the browser."""

    account: Account
    tokens: TokenSet


class FirstSignIn:
    """One sign-in at a gateway, for an account that may be new here. `run` blocks; `cancel` from another thread.

    It may lead to an order to destroy what is held here of whoever signs in. That is obeyed; only whoever has the
    account open has to close it first, and is handed the order.
    """

    def __init__(self, surroundings: Surroundings, gateway: str, open_account: str = "") -> None:
        """`open_account`: the id of the account that is open, if one is."""
        # What speaks to a browser; whoever is signed in opens without it.
        from app.session.sign_in import SignIn  # noqa: PLC0415

        expect_no_kiosk(surroundings.managed)
        self._surroundings = surroundings
        self._open_account = open_account
        self._accounts = Accounts(surroundings.root)
        self._gateway = admitted(surroundings.managed, gateway)
        self._wire = _wire(surroundings, self._gateway)
        self._oauth = OAuth(self._wire, surroundings.clock)
        device = self._accounts.device(surroundings.ids.new_id())
        self._sign_in = SignIn(self._gateway, self._oauth, device, surroundings.open_browser)

    @property
    def address(self) -> str:
        """The page the browser shows."""
        return self._sign_in.address

    def run(self) -> SignedIn:
        """Wait for the browser; returns the account with its folder made.

        Raises AccountErased after an order was obeyed, WipeOrdered with one for the account that is open, contract
        errors.
        """
        try:
            with self._surroundings.log.noting(Happened.SIGNED_IN, Happened.NOT_SIGNED_IN):
                return self._signed_in()
        except WipeOrdered as ordered:
            raise self._obeyed(ordered) from None
        finally:
            self._wire.close()

    def _signed_in(self) -> SignedIn:
        # A receipt that did not get through would have the gateway give the order once more.
        erasing_of(self._surroundings).tell(self._gateway)
        tokens = self._sign_in.run()
        session = Session(MemoryVault(tokens), self._oauth, self._surroundings.clock)
        me = patient(HttpTransport(self._wire, session).me, self._sign_in.cancelled.wait)
        return SignedIn(self._account(me), tokens)

    def _obeyed(self, ordered: WipeOrdered) -> CounterpartError:
        """Obey an order for whoever signed in, which is also confirmed when nothing of theirs is here."""
        known = account_id(self._gateway, ordered.user)
        if not ordered.user or known == self._open_account:
            return ordered
        nothing = Account(known, self._gateway, ordered.user, "", "", self._accounts.root / known)
        erasing = erasing_of(self._surroundings)
        erasing.obey(self._accounts.get(known) or nothing, ordered.order)
        erasing.tell(self._gateway)
        around = self._surroundings
        forget_with_the_last(around.log, self._accounts)
        notes = [note for note in erasing.notes() if note.gateway == self._gateway]
        return account_erased(notes, Formats(around.clock, around.locale, around.zone, around.words))

    def _account(self, me: Me) -> Account:
        """The account of who signed in. What is left of one that was ordered away goes first."""
        erasing = erasing_of(self._surroundings)
        known = account_id(self._gateway, me.user)
        if erasing.pending(known):
            erasing.finish()
        if erasing.pending(known):
            raise FilesRemain
        erasing.seen(self._gateway)
        return self._accounts.at(self._gateway, me.user, me.name, me.vendor)

    def cancel(self) -> None:
        """Stop waiting."""
        self._sign_in.cancel()


class OpenAccount:
    """An account whose key is known. Hands out stores, portals and the engine; holds no connection itself."""

    def __init__(self, surroundings: Surroundings, account: Account, key: bytes | HeldKey) -> None:
        """Open the store once to see that it can be. Raises WrongKey, StoreDamaged, StoreBusy, DiskFull."""
        self.account = account
        self._surroundings = surroundings
        self._key = key if isinstance(key, HeldKey) else HeldKey(key)
        self._turns = Turns()
        client = gateway_client(surroundings.managed, account.gateway)
        self.open_store().close()
        self._wire = Wire(client, surroundings.clock, heard(surroundings.log))
        self._oauth = OAuth(self._wire, surroundings.clock)
        self.session = Session(StoreVault(self.open_store), self._oauth, surroundings.clock)
        self.transport = HttpTransport(self._wire, self.session)
        days = surroundings.managed.policy.offline_days
        self.contact = InContact(self.open_store, self.transport, surroundings.clock, days)
        self.staff = ColleagueService(ColleagueCalls(Signed(self._wire, self.session)))

    @property
    def surroundings(self) -> Surroundings:
        """What it was given from outside."""
        return self._surroundings

    @property
    def unlocked(self) -> Mapping[str, bytes]:
        """Its key by its id, for whoever examines its store."""
        return {self.account.id: self._key.read()}

    def open_store(self, *, patient: bool = False) -> Store:
        """Open a store for the calling thread. A `patient` one lets everybody else's writes go first."""
        return Store.open(self.account.store_path, self._key.read(), self._turns, patient=patient)

    @property
    def ready(self) -> bool:
        """Whether the portal is known here: a window can open without a network then."""
        with self.open_store() as store:
            return store.cursors.portal_known

    def first_contact(self) -> None:
        """Fetch manifest and user, so that a window can open.

        Raises RetryableError kinds, SignInNeeded, UpdateNeeded, BadAnswer.
        """
        never = threading.Event()  # whoever looks on can go elsewhere meanwhile
        me = patient(self.transport.me, never.wait)
        answer = patient(lambda: self.transport.manifest(None), never.wait)
        with self.open_store() as store, store.transaction():
            store.cursors.save_me(me)
            if answer.text is not None:
                _keep_manifest(store, answer.text, answer.etag)

    def open_portal(self, wake: Callable[[], None]) -> Portal:
        """Open a portal over a store of its own, for the calling thread."""
        from app.services.portal import Portal  # noqa: PLC0415  # all use cases: an entrance needs none of them

        surroundings = self._surroundings
        return Portal.open(
            self.open_store(),
            surroundings.clock,
            surroundings.ids,
            wake,
            locale=surroundings.locale,
            zone=surroundings.zone,
            words=surroundings.words,
            managed=surroundings.managed,
        )

    def loop(self, emit: Callable[[Event], None]) -> SyncLoop:
        """Return the engine with its threads. The window stands by then."""
        from app.sync.loop import SyncLoop  # noqa: PLC0415

        surroundings = self._surroundings
        return SyncLoop(
            self._patient_store,
            self.transport,
            surroundings.clock,
            surroundings.rng,
            overheard(surroundings.log, self.account, emit),
            self.engine_settings,
        )

    @property
    def engine_settings(self) -> EngineSettings:
        """How its engine works."""
        return engine_settings(self._surroundings.managed)

    def _patient_store(self) -> Store:
        return self.open_store(patient=True)

    def engine(self, store: Store, emit: Callable[[Event], None]) -> Engine:
        """Return the engine alone, over the caller's store."""
        from app.sync.engine import Engine  # noqa: PLC0415

        around = self._surroundings
        noted = overheard(around.log, self.account, emit)
        return Engine(store, self.transport, around.clock, around.rng, noted, settings=self.engine_settings)

    def sign_in(self) -> SignInAgain:
        """Begin a further sign-in for this account, when its session has ended."""
        return SignInAgain(self._surroundings, self)

    def close(self) -> None:
        """Close the connections to the gateway."""
        self._wire.close()

    def erase(self, order: str) -> WipeNote:
        """Destroy everything of this account, as the gateway ordered. All its stores must be closed."""
        self.close()
        with self._noting(Happened.ERASED):
            note = erasing_of(self._surroundings).obey(self.account, order)
        self._forget()
        return note

    def sign_out(self) -> SignedOut:
        """End the session, destroy the key and delete everything of this account. All its stores must be closed."""
        self.close()
        # The connections were cut when the engine stopped; telling the gateway takes a fresh one.
        wire = _wire(self._surroundings, self.account.gateway)
        try:
            session = Session(
                StoreVault(self.open_store), OAuth(wire, self._surroundings.clock), self._surroundings.clock
            )
            with self._noting(Happened.SIGNED_OUT):
                return sign_out(self.account, session, _Keys(self._surroundings, self.account))
        finally:
            wire.close()
            self._forget()

    def _noting(self, done: Happened) -> AbstractContextManager[None]:
        return self._surroundings.log.noting(done, Happened.NOT_REMOVED, account=Ref.of(self.account.id))

    def _forget(self) -> None:
        forget_with_the_last(self._surroundings.log, Accounts(self._surroundings.root))


def _keep_manifest(store: Store, text: str, etag: str) -> None:
    try:
        store.cursors.save_manifest(text, etag)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(said("The portal's manifest could not be read.")) from error


class SignInAgain:
    """A sign-in for an account that is open; only the same person gets in."""

    def __init__(self, surroundings: Surroundings, account: OpenAccount) -> None:
        self._account = account
        self._again = FirstSignIn(surroundings, account.account.gateway, account.account.id)

    @property
    def address(self) -> str:
        """The page the browser shows."""
        return self._again.address

    def run(self) -> None:
        """Wait for the browser and take up the session.

        Raises Refused for another person, WipeOrdered when this account is to be destroyed, contract errors.
        """
        signed_in = self._again.run()
        if signed_in.account.id != self._account.account.id:
            raise Refused(
                said(
                    "You signed in as {other}, but this account is {name}’s.",
                    other=signed_in.account.name,
                    name=self._account.account.name,
                ),
                kept=said("Nothing was mixed up; what waits here is kept."),
                next_step=said("Sign in as {name}.", name=self._account.account.name),
                code="other_user",
            )
        self._account.session.begin(signed_in.tokens)

    def cancel(self) -> None:
        """Stop waiting."""
        self._again.cancel()


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
        return self._lock(account, self._source(account))

    def _lock(self, account: Account, source: KeyRing | PassphraseKey) -> Lock:
        if isinstance(source, PassphraseKey):
            if source.exists:
                return Lock.PASSPHRASE
            return Lock.LOST if account.store_path.exists() else Lock.NEW_PASSPHRASE
        if source.load(account.id) is not None:
            return Lock.OPEN
        return Lock.LOST if account.store_path.exists() else Lock.NEW

    def key(self, account: Account, passphrase: str = "") -> bytes:
        """Return an account's key, making one for a new account.

        Raises WrongKey for another passphrase, LocalError for a lost key, KeyStoreLocked, Refused for a new
        passphrase that is too short.
        """
        source = self._source(account)
        match self._lock(account, source):
            case Lock.PASSPHRASE:
                assert isinstance(source, PassphraseKey)
                return source.unlock(passphrase)
            case Lock.NEW_PASSPHRASE:
                return self.choose_passphrase(account, passphrase)
            case Lock.NEW:
                assert isinstance(source, KeyRing)
                key = new_key()
                source.save(account.id, key)
                return key
            case Lock.OPEN:
                assert isinstance(source, KeyRing)
                found = source.load(account.id)
                assert found is not None
                return found
            case Lock.LOST:
                raise key_is_lost()

    def choose_passphrase(self, account: Account, passphrase: str) -> bytes:
        """Make a key for a new account, wrapped by a passphrase. Raises Refused when it is too short."""
        if account.store_path.exists():
            raise key_is_lost()
        if len(passphrase) < SHORTEST_PASSPHRASE:
            words = said(
                "Too short. Choose at least {count} characters; a few words do well.",
                count=SHORTEST_PASSPHRASE,
            )
            raise Refused(words, kept=" ", code="passphrase", fields={"passphrase": words})
        key = new_key()
        PassphraseKey(account.key_path).create(passphrase, key)
        return key

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
            holder = self._holder(account)
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
        from app.services.portal import Portal  # noqa: PLC0415  # as above

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

    def _holder(self, account: Account) -> str:
        """Who holds the key: *passphrase*, *windows*, *macos* or *secret_service*."""
        if isinstance(self._source(account), PassphraseKey):
            return BY_PASSPHRASE
        return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "secret_service")

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

    def _source(self, account: Account) -> KeyRing | PassphraseKey:
        return _source(self._surroundings, account)


def erasing_of(surroundings: Surroundings) -> Erasing:
    """Return the orders this computer was given to destroy accounts."""

    def connect(gateway: str) -> Wire:
        return _wire(surroundings, gateway)

    return Erasing(surroundings.root, surroundings.clock, surroundings.ring, connect)


def _wire(surroundings: Surroundings, gateway: str) -> Wire:
    """Return a connection to a gateway; the log hears how its calls go."""
    client = gateway_client(surroundings.managed, gateway)
    return Wire(client, surroundings.clock, heard(surroundings.log))


def _source(surroundings: Surroundings, account: Account) -> KeyRing | PassphraseKey:
    """Return where the key of an account is. Raises KeyStoreAway when it may be in a key store that is not there."""
    source = key_source(account.key_path, surroundings.ring())
    # A store without a key file may have its key in the key store, also where nobody wrote down that it has.
    maybe_away = account.store_path.exists() and account.key_holder != BY_PASSPHRASE
    if maybe_away and isinstance(source, PassphraseKey) and not source.exists:
        raise KeyStoreAway() if account.key_holder else _key_out_of_reach()
    return source


class _Keys:
    """Where the key of one account is, wherever that is."""

    def __init__(self, surroundings: Surroundings, account: Account) -> None:
        self._surroundings = surroundings
        self._account = account

    def destroy(self, account: str) -> None:
        """Destroy the account's key."""
        source = _source(self._surroundings, self._account)
        if isinstance(source, PassphraseKey):
            source.destroy()
        else:
            source.destroy(account)


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


def key_is_lost() -> LocalError:
    """The error for a store whose key is nowhere."""
    return LocalError(
        said("The key of this account is not on this computer any more."),
        kept=said("Its store is kept as it is, closed."),
        next_step=said(
            "Restore the key from a backup, or start afresh: the vendor's records come again by themselves."
        ),
    )
