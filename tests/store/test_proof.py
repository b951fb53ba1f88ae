"""Sums over the mirror are those of the contract, wherever they are read from."""

from __future__ import annotations

from app.contract.digest import Buckets, buckets, total
from app.store.database import Store
from tests.store import world
from tests.store.world import DEAL, DOCUMENT, gid, patch, puts, row


def expected(store: Store) -> dict[str, Buckets]:
    held: dict[str, list[tuple[str, str]]] = {}
    for entity, one, digest in store.mirror.hashes():
        held.setdefault(entity, []).append((one, digest))
    return {entity: buckets(rows) for entity, rows in held.items()}


def fill(store: Store) -> None:
    rows = [row(n, title=f"Deal {n}") for n in range(1, 80)]
    rows += [row(100, entity=DOCUMENT, title="Price list"), row(101, entity="hologram", title="Unknown here")]
    store.mirror.apply_puts(puts(rows), world.manifest())


def test_sums_are_the_same_with_and_without_an_index_to_read_them_from(store: Store) -> None:
    fill(store)
    store.outbox.enqueue(patch("p", 1, {"title": "Deal 1"}, {"title": "Mine"}), "Edit")
    before = expected(store)
    assert before.keys() == {DEAL, DOCUMENT, "hologram"}
    assert store.proofs.sums() == before
    assert store.proofs.totals() == {name: total(sums) for name, sums in before.items()}
    store.mirror.build_indexes(world.manifest())
    assert store.proofs.sums() == store.proofs.rehashed() == before
    assert store.proofs.totals() == {name: total(sums) for name, sums in before.items()}
    assert store.proofs.counts() == {DEAL: 79, DOCUMENT: 1, "hologram": 1}


def test_long_lists_are_summed_from_their_index_alone(store: Store) -> None:
    fill(store)
    store.mirror.build_indexes(world.manifest())
    asked: list[str] = []
    run = store.connection.rows

    def noted(sql: str, params: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        asked.append(sql)
        return run(sql, params)

    store.connection.rows = noted  # type: ignore[method-assign, assignment]
    store.proofs.sums()
    store.proofs.totals()
    both = [sql for sql in asked if f"entity = '{DEAL}'" in sql]
    assert len(both) == 2
    for sql in both:
        plan = " ".join(str(step[3]) for step in run(f"EXPLAIN QUERY PLAN {sql}"))
        assert f"USING INDEX list:{DEAL}" in plan


def test_bytes_that_are_not_what_their_hash_says_show_only_when_they_are_hashed_anew(store: Store) -> None:
    fill(store)
    before = store.proofs.sums()
    store.connection.run(
        "UPDATE record SET data = json_set(data, '$.title', 'Another') WHERE gid = ?", (gid(7),)
    )
    assert store.proofs.sums() == before
    again = store.proofs.rehashed()
    wrong = [at for at in range(16) if again[DEAL][at] != before[DEAL][at]]
    assert wrong == [int(gid(7)[-1], 16)]
    assert again[DOCUMENT] == before[DOCUMENT]
