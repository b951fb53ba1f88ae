"""The reading calls: each in one transaction, under the grant that holds in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from app.contract.changes import BucketPage, ChangesPage, DigestPage, SnapshotPage, Source
from gateway.feed import proof, snapshot
from gateway.feed.cursor import Cursor, Signer
from gateway.feed.positions import head
from gateway.feed.reader import answers, changes, check_history
from gateway.feed.walk import Room, named
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.identity.identity import user_tag
from gateway.identity.session import Bearer, Session, Whoever
from gateway.identity.sessions import still_open
from gateway.ingest.sources import sources
from gateway.pages import changes_body, snapshot_body
from gateway.problems import not_found, unacceptable

log = structlog.get_logger(__name__)

_MOST_RECORDS = 50


@dataclass(frozen=True)
class Page:
    """A page's body, and opaque text that changes when the caller's grant or manifest does."""

    body: bytes
    grant: str


class Reading:
    """Answers for whoever calls: a session, or a token that is checked in the call's own transaction."""

    def __init__(self, ground: Ground, signer: Signer, epoch: str) -> None:
        self._grants = ground.grants
        self._systems = tuple(ground.systems)
        self._clock = ground.clock
        self._limits = ground.limits
        self._signer = signer
        self._epoch = epoch

    def snapshot(self, who: Whoever, after: str | None, limit: int | None) -> Page:
        """Return a page of everything visible; `after` None begins one. Raises Problem 401, 410."""
        with self._opened(who) as (connection, grant):
            if after is None:
                token = snapshot.begin(connection, grant, self._epoch)
            else:
                token = self._signer.read_snapshot(grant.user, after)
            part = snapshot.page(connection, grant, self._epoch, token, self._room(limit))
            read = self._sources(connection)
        following, cursor = part.following, part.cursor
        envelope = SnapshotPage(
            epoch=self._epoch,
            after=self._signer.write_snapshot(grant.user, following) if following else None,
            cursor=self._signer.write_cursor(grant.user, cursor) if cursor else None,
            as_of=self._clock.now(),
            sources=read,
            counts=part.counts,
        )
        return Page(snapshot_body(envelope, part.puts), grant.label)

    def changes(self, who: Whoever, cursor: str, limit: int | None) -> Page:
        """Return what changed since `cursor`. Raises Problem 401, 410."""
        with self._opened(who) as (connection, grant):
            given = self._cursor(grant, cursor)
            part = changes(connection, self._grants, grant, self._epoch, given, self._room(limit))
            read = self._sources(connection)
        following = cursor if part.cursor == given else self._signer.write_cursor(grant.user, part.cursor)
        envelope = self._envelope(following, read, more=part.more)
        return Page(changes_body(envelope, part.gone, part.puts), grant.label)

    def records(self, who: Whoever, gids: Sequence[str], cursor: str) -> Page:
        """Return these records as they are now; those that are not visible are gone. Raises Problem 401, 410, 422."""
        if len(gids) > _MOST_RECORDS:
            raise unacceptable(f"Ask for {_MOST_RECORDS} records at most.")
        with self._opened(who) as (connection, grant):
            given = self._cursor(grant, cursor)
            check_history(connection, self._epoch, given.epoch, given.position, given.stamp)
            puts, gone = answers(connection, grant, named(connection, gids))
            read = self._sources(connection)
        return Page(changes_body(self._envelope(cursor, read, more=False), gone, puts), grant.label)

    def digest(self, who: Whoever, cursor: str) -> DigestPage:
        """Return the bucket sums at the head; empty when they would not be comparable. Raises Problem 401, 410."""
        with self._opened(who) as (connection, grant):
            current = proof.is_current(connection, grant, self._epoch, self._cursor(grant, cursor))
            found = proof.sums(connection, grant) if current else {}
            read = self._sources(connection)
        entities = {name: tuple((n, str(total)) for n, total in item) for name, item in found.items()}
        now = self._clock.now()
        return DigestPage(epoch=self._epoch, current=current, as_of=now, sources=read, entities=entities)

    def bucket(self, who: Whoever, entity: str, index: int, cursor: str) -> BucketPage:
        """Return ids and hashes of one bucket. Raises Problem 401, 404, 410."""
        with self._opened(who) as (connection, grant):
            if entity not in grant.view.fields or not 0 <= index < 16:
                raise not_found()
            current = proof.is_current(connection, grant, self._epoch, self._cursor(grant, cursor))
            hashes = proof.bucket_hashes(connection, grant, entity, index)
        # A bucket is asked for only when its sums were found to differ.
        log.warning("client differs", user=grant.user, entity=entity, bucket=index, current=current)
        return BucketPage(epoch=self._epoch, current=current, hashes=hashes)

    def listened_for(self, session: Session) -> tuple[frozenset[str], int]:
        """Return the tags whose changes a session hears of, and the head. Raises Problem 401 when it has ended."""
        with self._grants.reading(session.user) as (connection, grant):
            still_open(connection, session)
            return grant.tags | {user_tag(grant.user)}, head(connection)

    @contextmanager
    def _opened(self, who: Whoever) -> Iterator[tuple[Connection, Grant]]:
        with self._grants.reading(who if isinstance(who, Bearer) else who.user) as opened:
            yield opened

    def _cursor(self, grant: Grant, cursor: str) -> Cursor:
        return self._signer.read_cursor(grant.user, cursor)

    def _room(self, limit: int | None) -> Room:
        records = max(1, min(limit or self._limits.page_usual, self._limits.page_most))
        return Room(records, self._limits.page_text)

    def _sources(self, connection: Connection) -> tuple[Source, ...]:
        return sources(connection, self._systems)

    def _envelope(self, cursor: str, read: tuple[Source, ...], *, more: bool) -> ChangesPage:
        now = self._clock.now()
        return ChangesPage(epoch=self._epoch, cursor=cursor, more=more, as_of=now, sources=read)
