"""Proves that both sides hold the same, and mends what differs: bucket sums, then one bucket, then the records."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from app.contract.changes import DigestPage
from app.contract.digest import BUCKETS, Buckets, buckets, differing
from app.contract.errors import BadAnswer
from app.store.database import Store
from app.sync.clock import Clock
from app.sync.events import BucketProof, Proof
from app.sync.transport import MAX_RECORDS, Transport

_MOVED = "Something changed while it was compared. It is compared again by itself."
_INCOMPLETE = "The first sync has not ended, so there is nothing to compare yet."
_EMPTY: Buckets = ((0, 0),) * BUCKETS


class Verify:
    """One comparison of the mirror with the gateway at its head."""

    def __init__(self, store: Store, transport: Transport, clock: Clock) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._began = clock.monotonic()

    def run(self, rehash: bool) -> Proof:
        """Compare, mend once what differs, and compare again. Raises contract errors of the network."""
        cursor = self._store.cursors.read().cursor
        if cursor is None:
            return self._proof(None, {}, rehash, note=_INCOMPLETE)
        page = self._transport.digest(cursor)
        mine = self._mine(rehash)
        if not page.current:
            return self._proof(page, mine, rehash, note=_MOVED)
        wrong = differing(mine, _theirs(page))
        repaired = 0
        if wrong:
            repaired = self._mend(wrong, cursor, rehash)
            page = self._transport.digest(cursor)
            mine = self._mine(rehash)
            if not page.current:
                return self._proof(page, mine, rehash, repaired=repaired, note=_MOVED)
        proof = self._proof(page, mine, rehash, repaired=repaired)
        self._keep(proof, cursor)
        return proof

    def _mine(self, rehash: bool) -> dict[str, Buckets]:
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for entity, gid, record_hash in self._store.mirror.hashes(rehash=rehash):
            found[entity].append((gid, record_hash))
        return {entity: buckets(pairs) for entity, pairs in found.items()}

    def _mend(self, wrong: tuple[tuple[str, int], ...], cursor: str, rehash: bool) -> int:
        gids: list[str] = []
        for entity, index in wrong:
            theirs = self._transport.bucket(entity, index, cursor).hashes
            mine = self._store.mirror.bucket(entity, index, rehash=rehash)
            gids += sorted(gid for gid in {*mine, *theirs} if mine.get(gid) != theirs.get(gid))
        manifest = self._store.manifest
        if manifest is None:
            raise BadAnswer("The portal's manifest is not here yet.")
        for start in range(0, len(gids), MAX_RECORDS):
            page = self._transport.records(gids[start : start + MAX_RECORDS], cursor)
            with self._store.transaction():
                for gone in page.envelope.gone:
                    self._store.mirror.remove(gone.gid, gone.reason, gone.into)
                self._store.mirror.apply_puts(page.puts, manifest)
        if gids:
            count = "1 record" if len(gids) == 1 else f"{len(gids):,} records"
            self._store.activity.add(self._clock.now(), "repaired", f"{count} differed and came in again")
        return len(gids)

    def _keep(self, proof: Proof, cursor: str) -> None:
        same = sum(sum(entity.identical) for entity in proof.entities)
        total = sum(len(entity.identical) for entity in proof.entities)
        with self._store.transaction():
            checkpoint = self._store.cursors.read()
            if proof.identical and checkpoint.cursor == cursor:
                self._store.cursors.write(replace(checkpoint, proven_at=proof.at))
            self._store.activity.add(proof.at, "proof", f"Proof: {same} of {total} buckets identical")

    def _proof(
        self,
        page: DigestPage | None,
        mine: dict[str, Buckets],
        rehash: bool,
        *,
        repaired: int = 0,
        note: str = "",
    ) -> Proof:
        theirs = _theirs(page) if page is not None else {}
        wrong = set(differing(mine, theirs))
        manifest = self._store.manifest
        order = [entity.name for entity in manifest.entities] if manifest else []
        names = sorted({*mine, *theirs}, key=lambda name: (order.index(name) if name in order else 99, name))
        entities = tuple(
            BucketProof(
                name,
                sum(count for count, _ in mine.get(name, _EMPTY)),
                tuple((name, index) not in wrong for index in range(BUCKETS)),
            )
            for name in names
        )
        return Proof(
            at=self._clock.now(),
            seconds=self._clock.monotonic() - self._began,
            identical=not note and not wrong,
            inconclusive=bool(note),
            rehashed=rehash,
            entities=entities,
            repaired=repaired,
            sources=page.sources if page is not None else (),
            note=note,
        )


def _theirs(page: DigestPage) -> dict[str, Buckets]:
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
