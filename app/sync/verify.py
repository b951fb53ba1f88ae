"""Proves that both sides hold the same, and mends what differs: bucket sums, then one bucket, then the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.contract.changes import DigestPage
from app.contract.digest import BUCKETS, EMPTY, Buckets, differing, total
from app.contract.errors import BadAnswer, CursorExpired
from app.contract.said import said
from app.store.database import Store
from app.sync import proofs
from app.sync.apply import take_away
from app.sync.clock import Clock
from app.sync.events import BucketProof, Proof
from app.sync.snapshot import manifest_of
from app.sync.transport import MAX_RECORDS, Transport
from app.sync.words import incident

_MOVED = "Something changed while it was compared. It is compared again by itself."
_INCOMPLETE = "The records have not all arrived yet, so there is nothing to compare."

#: More records than this in one bucket differ only when something is wrong that fetching them again cannot mend.
_MOST_MENDED = 5_000


#: Records that were fetched again, by entity type and bucket.
_Mended = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class _Compared:
    """Sums of both sides by entity type; `theirs` is None when they stand for another moment than ours."""

    mine: Mapping[str, Buckets]
    theirs: Mapping[str, Buckets] | None
    page: DigestPage

    @property
    def wrong(self) -> tuple[tuple[str, int], ...]:
        return () if self.theirs is None else differing(self.mine, self.theirs)


class Verify:
    """Comparisons of the mirror with the gateway at its head."""

    def __init__(self, store: Store, transport: Transport, clock: Clock) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock

    def run(self, rehash: bool, undisturbed: Callable[[], bool] = lambda: True) -> Proof:
        """Compare, mend once what differs, and compare again. Raises contract errors of the network.

        The proof claims nothing (`inconclusive`) when the gateway moved on meanwhile or the mirror is not complete.
        `undisturbed` may break off the hashing of stored bytes; GaveWay then.
        """
        began = self._clock.monotonic()
        checkpoint = self._store.cursors.read()
        if checkpoint.cursor is None or not checkpoint.complete:
            return self._proof(began, rehash, None, {}, _INCOMPLETE)
        try:
            compared, mended = self._compare_and_mend(checkpoint.cursor, rehash, undisturbed)
        except CursorExpired:
            return self._proof(began, rehash, None, {}, _MOVED)
        if compared.theirs is None:
            return self._proof(began, rehash, compared, mended, _MOVED)
        proof = self._proof(began, rehash, compared, mended, "")
        self._keep(proof, checkpoint.cursor)
        return proof

    def _compare_and_mend(
        self, cursor: str, rehash: bool, undisturbed: Callable[[], bool]
    ) -> tuple[_Compared, _Mended]:
        compared = self._compare(cursor, rehash, undisturbed)
        if not compared.wrong:
            return compared, {}
        mended = self._mend(compared.wrong, cursor, rehash)
        # What was found is told even when the second look is broken off or cannot be had.
        again: _Compared | None = None
        try:
            again = self._compare(cursor, rehash, undisturbed)
        finally:
            self._tell_incident(mended, again)
        return again, mended

    def _compare(self, cursor: str, rehash: bool, undisturbed: Callable[[], bool]) -> _Compared:
        page = self._transport.digest(cursor)
        same_history = page.epoch == self._store.cursors.read().epoch
        theirs = _sums(page) if page.current and same_history else None
        mine = self._store.proofs.rehashed(undisturbed) if rehash else self._quick(theirs)
        return _Compared(mine, theirs, page)

    def _quick(self, theirs: Mapping[str, Buckets] | None) -> Mapping[str, Buckets]:
        """Our sums. Where totals are the same as theirs, so are the buckets: no two differences cancel out."""
        proofs = self._store.proofs
        if theirs is None:
            return proofs.sums()
        same = proofs.totals() == {name: total(sums) for name, sums in theirs.items() if sums != EMPTY}
        return theirs if same else proofs.sums()

    def _mend(self, wrong: Sequence[tuple[str, int]], cursor: str, rehash: bool) -> _Mended:
        """Fetch again what differs; returns how many records by entity type and bucket."""
        found = {(entity, index): self._different(entity, index, cursor, rehash) for entity, index in wrong}
        gids = [gid for differing_gids in found.values() for gid in differing_gids]
        for start in range(0, len(gids), MAX_RECORDS):
            asked = frozenset(gids[start : start + MAX_RECORDS])
            page = self._transport.records(sorted(asked), cursor)
            with self._store.transaction():
                for gone in page.envelope.gone:
                    if gone.gid in asked:
                        take_away(self._store, gone)
                self._store.mirror.apply_puts(page.puts, manifest_of(self._store), asked=asked)
        return {bucket: len(differing_gids) for bucket, differing_gids in found.items()}

    def _tell_incident(self, mended: _Mended, again: _Compared | None) -> None:
        """Say what differed, how much of it, and whether it is the same now."""
        by_entity: dict[str, int] = {}
        for (entity, _), count in mended.items():
            by_entity[entity] = by_entity.get(entity, 0) + count
        left = None if again is None or again.theirs is None else {entity for entity, _ in again.wrong}
        line = incident(by_entity, left, self._store.manifest)
        self._store.activity.add(self._clock.now(), line.kind, line.text)

    def _different(self, entity: str, index: int, cursor: str, rehash: bool) -> list[str]:
        theirs = self._transport.bucket(entity, index, cursor).hashes
        mine = self._store.mirror.bucket(entity, index, rehash=rehash)
        found = sorted(gid for gid in {*mine, *theirs} if mine.get(gid) != theirs.get(gid))
        return found[:_MOST_MENDED]

    def _keep(self, proof: Proof, cursor: str) -> None:
        same = sum(sum(entity.identical) for entity in proof.entities)
        total = sum(len(entity.identical) for entity in proof.entities)
        with self._store.transaction():
            checkpoint = self._store.cursors.read()
            proven = proof.at if proof.identical and checkpoint.cursor == cursor else None
            self._store.cursors.write(replace(checkpoint, proven_at=proven))
            kind = "proof" if proof.identical else "repaired"
            self._store.activity.add(
                proof.at, kind, said("Proof: {same} of {total} buckets identical", same=same, total=total)
            )
            proofs.keep(self._store, proof)

    def _proof(
        self, began: float, rehash: bool, compared: _Compared | None, mended: _Mended, note: str
    ) -> Proof:
        return Proof(
            at=self._clock.now(),
            seconds=self._clock.monotonic() - began,
            identical=not note and compared is not None and not compared.wrong,
            inconclusive=bool(note),
            rehashed=rehash,
            entities=() if compared is None or compared.theirs is None else self._entities(compared, mended),
            repaired=sum(mended.values()),
            sources=compared.page.sources if compared is not None else (),
            note=note,
        )

    def _entities(self, compared: _Compared, mended: _Mended) -> tuple[BucketProof, ...]:
        wrong = set(compared.wrong)
        manifest = self._store.manifest
        order = [entity.name for entity in manifest.entities] if manifest else []
        names = {*compared.mine, *(compared.theirs or {})}
        return tuple(
            BucketProof(
                name,
                sum(count for count, _ in compared.mine.get(name, EMPTY)),
                tuple((name, index) not in wrong for index in range(BUCKETS)),
                tuple(count for count, _ in compared.mine.get(name, EMPTY)),
                tuple(mended.get((name, index), 0) for index in range(BUCKETS)),
            )
            for name in sorted(names, key=lambda n: (order.index(n) if n in order else len(order), n))
        )


def _sums(page: DigestPage) -> dict[str, Buckets]:
    try:
        found = {
            entity: tuple((count, int(total)) for count, total in sums)
            for entity, sums in page.entities.items()
        }
    except ValueError as error:
        raise BadAnswer("The gateway's sums were not numbers, so nothing was compared.") from error
    if any(len(sums) != BUCKETS for sums in found.values()):
        raise BadAnswer("The gateway's sums were not for 16 buckets, so nothing was compared.")
    return found
