"""What the engine asks of the network. The HTTP shell and the simulated network both implement it.

Every method raises errors of `app.contract.errors` only: RetryableError kinds when the same call may succeed later,
PermanentError kinds otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar, runtime_checkable

from app.contract.changes import BucketPage, ChangesPage, DigestPage, Me, SnapshotPage
from app.contract.mutations import PushAnswer, PushBody
from app.contract.receipts import Receipt

Envelope = TypeVar("Envelope")

#: The most records one call of `records` asks for.
MAX_RECORDS = 50


@dataclass(frozen=True)
class RawPage(Generic[Envelope]):
    """A page taken apart once: the parsed envelope (with `puts` empty) and the JSON array of its puts, unparsed.

    `grant` is the opaque version of what the user may see, as the answer named it; empty when it named none.
    """

    envelope: Envelope
    puts: bytes
    grant: str = ""


@dataclass(frozen=True)
class ManifestAnswer:
    """The manifest's JSON text and ETag, or `text` None when it has not changed."""

    text: str | None
    etag: str


@dataclass(frozen=True)
class ClashAnswer:
    """The filter of registrations as JSON text with its ETag; `text` None when it has not changed.

    `offered` is False where there is none for this user: what is held of it goes.
    """

    text: str | None
    etag: str
    offered: bool = True


@runtime_checkable
class TellsClashes(Protocol):
    """A transport to a gateway that may say, without names, which customers somebody has registered."""

    def clashes(self, etag: str | None) -> ClashAnswer:
        """Return the filter of registrations."""


@runtime_checkable
class TellsTime(Protocol):
    """A transport to a gateway that tells its time."""

    @property
    def ahead(self) -> timedelta | None:
        """How far this computer's clock is ahead of the gateway's; None while that is not known."""


@runtime_checkable
class Cuttable(Protocol):
    """A transport whose waiting calls another thread can end."""

    def cut(self) -> None:
        """End every call under way; further ones are free to try."""

    def abort(self) -> None:
        """End every call under way; further ones fail at once."""


class Transport(Protocol):
    """One signed-in connection to one gateway."""

    def me(self) -> Me:
        """Return who is signed in."""

    def manifest(self, etag: str | None) -> ManifestAnswer:
        """Return the effective manifest."""

    def snapshot(self, after: str | None, limit: int) -> RawPage[SnapshotPage]:
        """Return a page of everything visible; `after` None starts one."""

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        """Return what changed since `cursor`. Raises CursorExpired."""

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        """Return at most `MAX_RECORDS` records by id: visible ones as puts, the others as gone; `cursor` unchanged."""

    def push(self, body: PushBody) -> PushAnswer:
        """Send mutations; one outcome each."""

    def begin_push(self, body: PushBody) -> Callable[[], PushAnswer]:
        """Begin to send mutations; what is returned waits for their outcomes, and raises what `push` raises."""

    def digest(self, cursor: str) -> DigestPage:
        """Return the gateway's bucket sums at its head."""

    def bucket(self, entity: str, index: int, cursor: str) -> BucketPage:
        """Return ids and hashes of one bucket."""

    def receipt(self, mutation_id: str) -> Receipt:
        """Return the signed evidence of one mutation."""

    def download(self, sha256: str, offset: int) -> Iterator[bytes]:
        """Yield the bytes of a blob from `offset` on."""

    def begin_upload(self, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        """Open or find an upload; return its id and how many bytes the gateway holds already."""

    def upload(self, upload_id: str, offset: int, data: bytes) -> int:
        """Send bytes at `offset`; return how many bytes the gateway holds now (equal to the size: complete)."""

    def pokes(self) -> Iterator[str]:
        """Yield once when the channel stands, then an opaque position each time something visible may have changed.

        Ends when cut. What changed before the first value is not announced, so always pull after it.
        """
