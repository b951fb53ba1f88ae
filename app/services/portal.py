"""Everything a view may ask of one account, in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from app.contract.changes import Me, Source
from app.contract.errors import LocalError
from app.contract.manifest import EntityType, Manifest
from app.contract.said import said
from app.services.about import About
from app.services.account import AccountService
from app.services.boards import Boards
from app.services.bulk import Bulk
from app.services.columns import Columns
from app.services.conflicts import ConflictService
from app.services.context import PortalContext
from app.services.deciding import Deciding
from app.services.deriving import Deriving
from app.services.documents import DocumentService
from app.services.drafts import DraftService
from app.services.first_steps import FirstSteps
from app.services.format import Formats
from app.services.home import HomeService
from app.services.in_contact import locks_in
from app.services.intents import Intents
from app.services.library import Library
from app.services.links import Links
from app.services.lists import SHORT, Lists
from app.services.may import May
from app.services.needing.asking import Sources
from app.services.outbox import OutboxService
from app.services.own_filters import OwnFilters
from app.services.prefs import Prefs
from app.services.receipts import ReceiptService
from app.services.recent import Recent
from app.services.records import Records
from app.services.renewing import Renewing
from app.services.requests import RequestService
from app.services.search import SearchService
from app.services.sides import Sides
from app.services.standing import Standing
from app.services.tasks import TaskService
from app.services.words import Words
from app.session.policy.schema import NOBODYS, Managed
from app.store.database import Store
from app.sync import proofs
from app.sync.clock import Clock, Ids
from app.sync.events import Proof


class Portal:
    """The use cases over one store. One thread only: a task opens its own portal over its own store."""

    def __init__(self, context: PortalContext, short: int = SHORT) -> None:
        self._context = context
        self.formats = context.formats
        self.prefs = Prefs(context.store)
        self.records = Records(context)
        self.standing = Standing(context, self.records)
        self.sides = Sides(context, self.records)
        self.lists = Lists(context, self.records, short)
        self.boards = Boards(context, self.records, self.lists)
        self.may = May(context)
        self.intents = Intents(context)
        self.bulk = Bulk(context, self.records, self.intents)
        self.columns = Columns(context, self.prefs)
        self.filters = OwnFilters(context, self.prefs)
        self.recent = Recent(self.prefs, self.records)
        self.drafts = DraftService(context)
        self.requests = RequestService(context, self.records, self.intents, self.prefs)
        self.deriving = Deriving(context, self.records, self.drafts)
        self.documents = DocumentService(context, self.records)
        self.library = Library(context, self.records, self.prefs)
        self.tasks = TaskService(context, self.records, self.prefs)
        self.account = AccountService(context, self.records, self.drafts)
        self.outbox = OutboxService(context, self.drafts)
        self.conflicts = ConflictService(context, self.records)
        sources = Sources(context, self.records, self.outbox, self.conflicts, self.library, self.tasks)
        self.home = HomeService(context, self.records, sources, self.prefs, self.lists)
        self.search = SearchService(context, self.records)
        self.links = Links(context)
        self.first_steps = FirstSteps(context)
        self.reckon()
        self.receipts = ReceiptService(context)
        self.about = About(context, self.records)
        self.deciding = Deciding(context, self.intents)
        self.renewing = Renewing(context, self.intents)

    @classmethod
    def ready(cls, store: Store) -> bool:
        """Tell whether the store knows its portal yet: after the first contact with the gateway it does."""
        return store.cursors.portal_known

    @classmethod
    def open(  # noqa: PLR0913  # the surroundings, as far as a portal knows any
        cls,
        store: Store,
        clock: Clock,
        ids: Ids,
        wake: Callable[[], None],
        *,
        locale: str = "en_GB",
        zone: tzinfo | None = None,
        words: Words | None = None,
        short: int = SHORT,
        managed: Managed = NOBODYS,
    ) -> Portal:
        """Open the portal over a store. `wake` is called after each intent, so that it is sent at once.

        `zone` None is this computer’s own time zone. `short`: see `Lists`. `managed`: what the organisation set.
        Raises LocalError when the store is not `ready`.
        """
        manifest, me = store.cursors.manifest(), store.cursors.me()
        if manifest is None or me is None:
            raise LocalError(
                said("The vendor's portal has not reached this computer yet."), kept=said("Nothing is lost.")
            )
        return cls(
            PortalContext(
                store, manifest, me, clock, ids, Formats(clock, locale, zone, words), wake, managed
            ),
            short,
        )

    def reckon(self) -> None:
        """Reckon days by the gateway's clock from now on, as far as it is known how far this computer's is off."""
        self.formats.ahead = timedelta(minutes=self._context.store.clock_off.minutes(self._context.now()))

    def notify(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each change from now on."""
        self._context.wake = wake

    def close(self) -> None:
        """Close the store beneath; nothing may be asked after that."""
        self._context.store.close()

    def rest(self) -> None:
        """Let go of pages of the store that were kept in case they are read again soon."""
        self._context.store.connection.shrink()

    def break_off(self) -> None:
        """Break off what is being read; the only method that another thread may call."""
        self._context.store.connection.interrupt()

    def now(self) -> datetime:
        """The present moment by this computer's clock, UTC."""
        return self._context.now()

    def present(self) -> datetime:
        """The present moment by the gateway's clock, as far as that is known, UTC."""
        return self._context.present()

    @property
    def as_of(self) -> datetime | None:
        """When the mirror last equalled the gateway, as far as this computer knows."""
        return self._context.store.cursors.read().as_of

    @property
    def sources(self) -> tuple[Source, ...]:
        """How the vendor's systems stood when the gateway was last heard."""
        return self._context.store.cursors.read().sources

    @property
    def last_proof(self) -> Proof | None:
        """What was proven last, also by an earlier run."""
        return proofs.last(self._context.store)

    @property
    def last_hashed(self) -> Proof | None:
        """What was proven last by hashing every stored byte."""
        return proofs.last_hashed(self._context.store)

    def reload(self) -> None:
        """Read manifest and user again after the engine told of a change."""
        manifest, me = self._context.store.cursors.manifest(), self._context.store.cursors.me()
        if manifest is not None and me is not None:
            self._context.renew(manifest, me)

    @property
    def manifest(self) -> Manifest:
        """The effective manifest."""
        return self._context.manifest

    @property
    def me(self) -> Me:
        """Who is signed in."""
        return self._context.me

    @property
    def managed(self) -> Managed:
        """What the organisation set for this computer."""
        return self._context.managed

    def locks_in(self) -> int | None:
        """In how many days this account locks unless its gateway is reached; None while that is far off, or never."""
        return locks_in(self._context.store, self.managed.policy.offline_days, self.now())

    @property
    def vendor(self) -> str:
        """The vendor's name as sentences use it."""
        return self._context.vendor

    @property
    def keeps_colleagues(self) -> bool:
        """Whether the user invites and removes colleagues on this device: their role may, and a kiosk may not."""
        return self.me.keeps_colleagues

    @property
    def first_name(self) -> str:
        """The user's first name."""
        return self.me.name.split()[0] if self.me.name else ""

    @property
    def complete(self) -> bool:
        """Whether the first sync is done."""
        return self._context.store.cursors.read().complete

    def entity(self, name: str) -> EntityType:
        """Return an entity type. Raises NotAllowed when this user has none of that name."""
        return self._context.entity(name)
