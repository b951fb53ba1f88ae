"""An account whose key is known: its stores, its portal, its engine, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from app.contract.errors import BadAnswer
from app.contract.said import said
from app.services.account_key import AccountKey
from app.services.admission import engine_settings
from app.services.colleagues import ColleagueService
from app.services.in_contact import InContact
from app.services.noticing import forget_with_the_last, overheard
from app.services.signing_in import SignInAgain
from app.services.surroundings import Surroundings, erasing_of, wire_to
from app.session.accounts import Account, Accounts
from app.session.erasing import WipeNote
from app.session.held_key import HeldKey
from app.session.logbook.happenings import Happened, Ref
from app.session.oauth import OAuth
from app.session.tokens import Session, StoreVault
from app.session.wipe import SignedOut, sign_out
from app.store.database import Store
from app.store.turns import Turns
from app.sync.colleagues import ColleagueCalls
from app.sync.events import Event
from app.sync.http_transport import HttpTransport
from app.sync.pauses import patient
from app.sync.settings import EngineSettings
from app.sync.signed import Signed

if TYPE_CHECKING:
    from app.services.portal import Portal
    from app.sync.engine import Engine
    from app.sync.loop import SyncLoop


class OpenAccount:
    """An account whose key is known. Hands out stores, portals and the engine; holds no connection itself."""

    def __init__(self, surroundings: Surroundings, account: Account, key: bytes | HeldKey) -> None:
        """Open the store once to see that it can be. Raises WrongKey, StoreDamaged, StoreBusy, DiskFull."""
        self.account = account
        self._surroundings = surroundings
        self._key = key if isinstance(key, HeldKey) else HeldKey(key)
        self._turns = Turns()
        self._wire = wire_to(surroundings, account.gateway)
        self.open_store().close()
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
        return SignInAgain(self._surroundings, self.account, self.session)

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
        wire = wire_to(self._surroundings, self.account.gateway)
        try:
            session = Session(
                StoreVault(self.open_store), OAuth(wire, self._surroundings.clock), self._surroundings.clock
            )
            with self._noting(Happened.SIGNED_OUT):
                return sign_out(self.account, session, AccountKey(self.account, self._surroundings.ring))
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
