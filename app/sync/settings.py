"""How often, how much and how long; handed in so that tests and the simulation can choose their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from app.contract.mutations import MAX_BATCH
from app.store.database import Store
from app.sync.retry import Backoff

#: Where the user's own limit for documents is kept, in bytes.
LIMIT_KEY = "documents.limit"

#: A limit that is none.
NO_LIMIT = 1 << 62


@dataclass(frozen=True)
class EngineSettings:
    """Figures of the engine; times in seconds."""

    #: Rows a page asks for; one page is one transaction, short enough for a user's save to come between.
    page_rows: int = 1000
    #: Most mutations a push carries, while the push before is being settled.
    batch: int = MAX_BATCH
    #: Most pages one cycle reads, and most bytes of records in them; an answer that says `more` for ever is given up
    #: then and told. A million records come to a thousand pages and 2 GB; what is honest and larger goes on with the
    #: next cycle.
    most_pages: int = 5_000
    most_bytes: int = 2 * 1024**3
    #: So many records more than it said at first, and twice as many, a snapshot may bring: some come while it is read.
    most_grown: int = 10_000
    #: Most pages in a row that say `more` and bring nothing.
    most_empty_pages: int = 50
    #: How often to look for changes when no event channel tells of them.
    poll: float = 30.0
    #: How often to look while the channel stands, in case it has gone deaf.
    poll_live: float = 300.0
    #: When the thread that moves bytes asks for its store again after that was busy or the disk full.
    open_again: float = 5.0
    #: How often to ask who is signed in and whether the manifest is still the same.
    greet: float = 600.0
    #: How often to ask which customers are registered by others.
    clashes: float = 300.0
    #: How often a client that was signed out asks whether that still holds, or whether more was ordered.
    signed_out: float = 3600.0
    #: How often both sides are compared by themselves, by the hashes that are stored.
    verify: float = 3600.0
    #: The hour of day at which every stored byte is hashed and compared, once a night.
    night_hour: int = 2
    #: Over how long the clients of one gateway spread that.
    night_spread: float = 3600.0
    #: How long nobody must have entered anything before it begins, or a large file is written anew.
    quiet: float = 120.0
    #: Where the night is; None is this computer's own time zone.
    zone: tzinfo | None = None
    #: After a revocation a file of so many bytes is written anew at once; a larger one when it is quiet.
    scrub_at_once: int = 16_000_000
    #: For how long it is put off for people at work, at most.
    scrub_most: float = 8 * 3600.0
    #: When it is tried again after there was no room for it, or another process held the file.
    scrub_again: float = 3600.0
    #: How long to wait for a second look before most of the records held are removed.
    brake: float = 600.0
    #: Fewer records than this go without a second look.
    brake_least: int = 200
    #: How often old history is cleaned up.
    tidy: float = 3600.0
    #: How long settled mutations and activity are kept, in days.
    keep_days: int = 30
    #: Most bytes of documents, unless the user has set another limit. What is pinned or unsent counts and stays.
    quota: int = 1_000_000_000
    #: Whether the organisation set that, so that the user's own does not count.
    quota_is_forced: bool = False
    backoff: Backoff = field(default_factory=Backoff)

    def limit(self, store: Store) -> int:
        """Return the most bytes documents may take now."""
        chosen = None if self.quota_is_forced else store.settings.get(LIMIT_KEY)
        return chosen if isinstance(chosen, int) and chosen >= 0 else self.quota
