"""Pages of server truth: applied whole, rows that are not sound set aside, and what lies over them kept."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.contract.canonical import canonical, content_hash
from app.contract.errors import BadAnswer, HostileAnswer
from app.contract.mutations import Kind
from app.store.database import Store
from app.store.mirror import MOST_NAMED, Applied
from app.store.states import SyncState
from tests.store import world
from tests.store.world import DEAL, DOCUMENT, MESSAGE, gid, mutation, patch, puts, row, shown


def apply(store: Store, *rows: list[Any], generation: int | None = None) -> Applied:
    return store.mirror.apply_puts(puts(rows), world.manifest(), generation)


def test_rows_arrive_as_they_were_sent(store: Store) -> None:
    data: dict[str, Any] = {
        "title": 'a "quoted" ünïcode\nline',
        "amount": "1.50",
        "later": {"nested": [1, True, None]},
    }
    applied = apply(store, row(1, **data))
    assert applied == Applied(frozenset({gid(1)}), frozenset({DEAL}), read=1)
    found = store.projection.get(gid(1))
    assert found is not None
    assert (found.data, found.version, found.sync) == (data, "v1", SyncState.SYNCED)
    assert store.connection.value("SELECT data FROM record") == canonical(data), (
        "the very bytes, so that they hash"
    )
    assert (
        [*store.mirror.hashes(rehash=True)] == [*store.mirror.hashes()] == [(DEAL, gid(1), row(1, **data)[3])]
    )


def test_only_what_changed_is_named(store: Store) -> None:
    apply(store, row(1, title="a"), row(2, title="b"))
    applied = apply(store, row(1, title="a"), row(2, title="B", version="v2"))
    assert applied.gids == frozenset({gid(2)})
    found = store.projection.get(gid(2))
    assert found is not None
    assert found.version == "v2"


def test_a_record_keeps_its_id_when_it_changes(store: Store) -> None:
    apply(store, row(1, title="a"))
    before = store.projection.ids(DEAL)
    apply(store, row(1, title="b"))
    assert store.projection.ids(DEAL) == before


def test_a_new_version_with_the_same_content_is_kept(store: Store) -> None:
    apply(store, row(1, title="a"))
    assert apply(store, row(1, version="v9", title="a")).gids == frozenset()
    truth = store.mirror.truth(gid(1))
    assert truth is not None
    assert truth.version == "v9"


def test_very_many_changes_are_not_named(store: Store) -> None:
    applied = apply(store, *(row(n, title="a") for n in range(MOST_NAMED + 1)))
    assert applied.gids is None
    assert applied.entities == {DEAL}


def test_entity_types_and_fields_nobody_knows_survive(store: Store) -> None:
    applied = apply(store, row(1, entity="hologram", depth="3 cm"), row(2, colour="green"))
    assert applied.unknown == {"hologram"}
    assert applied.quarantined == 0
    assert shown(store, 1) == {"depth": "3 cm"}
    store.outbox.enqueue(patch("p", 2, {"title": None}, {"title": "mine"}), "Edit")
    assert shown(store, 2) == {"colour": "green", "title": "mine"}
    assert store.proofs.counts() == {"hologram": 1, DEAL: 1}


UNSOUND: dict[str, Any] = {
    "not an array": {"gid": gid(7)},
    "a number": 7,
    "a text": "a deal",
    "a text that is JSON": json.dumps([gid(7), DEAL, "v1", "0" * 32, {}]),
    "too short": [gid(7), DEAL, "v1"],
    "no gid": ["seven", DEAL, "v1", "0" * 32, {}],
    "a gid of other letters": ["z" * 36, DEAL, "v1", "0" * 32, {}],
    "a gid that is not a text": [7, DEAL, "v1", "0" * 32, {}],
    "no entity type": [gid(7), "", "v1", "0" * 32, {}],
    "entity null": [gid(7), None, "v1", "0" * 32, {}],
    "entity an object": [gid(7), {"name": DEAL}, "v1", "0" * 32, {}],
    "entity a list": [gid(7), [DEAL], "v1", "0" * 32, {}],
    "version an object": [gid(7), DEAL, {"v": 1}, "0" * 32, {}],
    "version a number": [gid(7), DEAL, 1, "0" * 32, {}],
    "no version": [gid(7), DEAL, None, "0" * 32, {}],
    "a short hash": [gid(7), DEAL, "v1", "0" * 31, {}],
    "a hash of other letters": [gid(7), DEAL, "v1", "g" * 32, {}],
    "data null": [gid(7), DEAL, "v1", "0" * 32, None],
    "data a list": [gid(7), DEAL, "v1", "0" * 32, [1]],
    "data a text": [gid(7), DEAL, "v1", "0" * 32, '{"a":1}'],
    "empty": [],
    "null": None,
}


@pytest.mark.parametrize("name", UNSOUND)
def test_a_row_that_is_not_sound_is_set_aside_and_blocks_nothing(store: Store, name: str) -> None:
    page = json.dumps([row(1, title="a"), UNSOUND[name], row(2, title="b")]).encode()
    applied = store.mirror.apply_puts(page, world.manifest())
    assert applied.quarantined == 1
    assert applied.gids == frozenset({gid(1), gid(2)})
    assert len(store.mirror.quarantined()) == 1
    assert store.proofs.counts() == {DEAL: 2}


@pytest.mark.parametrize("bracket", ["[", "{"])
def test_a_text_may_begin_with_a_bracket(store: Store, bracket: str) -> None:
    applied = apply(store, [gid(1), DEAL, f"{bracket}v1", "0" * 32, {"title": "a"}], row(2, title="b"))
    assert (applied.quarantined, applied.gids) == (0, frozenset({gid(1), gid(2)}))
    truth = store.mirror.truth(gid(1))
    assert truth is not None
    assert truth.version == f"{bracket}v1"


def test_a_good_row_takes_the_place_of_one_set_aside(store: Store) -> None:
    bad = [gid(1), DEAL, "v1", "short", {"title": "a"}]
    store.mirror.apply_puts(json.dumps([bad]).encode(), world.manifest())
    assert [found for found, _ in store.mirror.quarantined()] == [gid(1)]
    apply(store, row(1, title="a"))
    assert store.mirror.quarantined() == []


@pytest.mark.parametrize("page", [b"", b"[", b'[["a"]', b"{}", b"nul", b'["\xff\xfe"]', b"[NaN]", b"[1,]"])
def test_a_page_that_is_not_json_is_refused_whole(store: Store, page: bytes) -> None:
    with pytest.raises(BadAnswer):
        store.mirror.apply_puts(page, world.manifest())


def test_what_is_local_stays_over_a_page(store: Store) -> None:
    apply(store, row(1, title="old", customer="a"))
    store.outbox.enqueue(patch("p", 1, {"title": "old"}, {"title": "mine"}), "Edit")
    apply(store, row(1, version="v2", title="old", customer="b"), row(2, title="x"))
    assert shown(store, 1) == {"title": "mine", "customer": "b"}
    truth = store.mirror.truth(gid(1))
    assert truth is not None
    assert truth.data == {"title": "old", "customer": "b"}
    found = store.projection.get(gid(1))
    assert found is not None
    assert (found.version, found.sync) == ("v2", SyncState.WAITING)
    assert [*store.mirror.hashes(rehash=True)] == [*store.mirror.hashes()], (
        "the mirror is what the server said"
    )


def test_the_mirror_hashes_truth_and_not_what_is_shown(store: Store) -> None:
    apply(store, row(1, title="old"))
    before = [*store.mirror.hashes()]
    store.outbox.enqueue(patch("p", 1, {"title": "old"}, {"title": "mine"}), "Edit")
    store.drafts.save(world_draft(5))
    assert [*store.mirror.hashes(rehash=True)] == before
    assert store.mirror.bucket(DEAL, 1, rehash=True) == {gid(1): before[0][2]}
    assert store.mirror.bucket(DEAL, 2) == {}
    assert store.proofs.counts() == {DEAL: 1}


def test_rehashing_sees_a_byte_that_changed_on_this_computer(store: Store) -> None:
    apply(store, row(1, title="old"))
    store.connection.run("UPDATE record SET data = replace(data, 'old', 'odd')")
    [(_, _, claimed)] = store.mirror.hashes()
    [(_, _, real)] = store.mirror.hashes(rehash=True)
    assert claimed == row(1, title="old")[3]
    assert real == content_hash(canonical({"title": "odd"}))


def test_rehashing_takes_another_spelling_of_the_same_value(store: Store) -> None:
    data: dict[str, Any] = {"b": 1, "a": "é"}
    page = json.dumps([[gid(1), DEAL, "v1", row(1, **data)[3], data]], indent=1).encode()
    store.mirror.apply_puts(page, world.manifest())
    assert [*store.mirror.hashes(rehash=True)] == [*store.mirror.hashes()]


def test_one_record_from_an_outcome(store: Store) -> None:
    apply(store, row(1, title="old"))
    store.mirror.put(world.record(1, title="new"))
    assert shown(store, 1) == {"title": "new"}
    assert [hit.gid for hit in store.search.find("new", 5)] == [gid(1)]
    with pytest.raises(HostileAnswer):
        store.mirror.put(world.record(1, title="x").model_copy(update={"hash": "no"}))
    assert shown(store, 1) == {"title": "new"}


def test_a_deleted_record_leaves_with_its_text_and_its_bytes(store: Store) -> None:
    sha256 = world_blob(store, b"old list")
    apply(store, row(1, entity=DOCUMENT, title="Prices", sha256=sha256))
    removed = store.mirror.remove(gid(1), "tombstone")
    assert (removed.entity, removed.pending) == (DOCUMENT, False)
    assert shown(store, 1) is None
    assert store.search.find("Prices", 5) == []
    assert store.blobs.get(sha256) is None
    assert store.mirror.remove(gid(1), "tombstone").entity is None


def test_a_deleted_record_with_an_edit_stays_shown_until_its_user_has_decided(store: Store) -> None:
    apply(store, row(1, title="old", customer="a"))
    store.outbox.enqueue(patch("p", 1, {"title": "old"}, {"title": "mine"}), "Edit")
    assert store.mirror.remove(gid(1), "tombstone").pending
    assert store.mirror.truth(gid(1)) is None
    assert [*store.mirror.hashes()] == []
    assert shown(store, 1) == {"title": "mine", "customer": "a"}
    store.outbox.settle("p", "gone", world.NOW)
    assert shown(store, 1) is None
    assert store.connection.value("SELECT count(*) FROM shadow") == 0


def test_a_deleted_record_that_comes_back_is_no_longer_shown_as_it_was(store: Store) -> None:
    apply(store, row(1, title="old", customer="a"))
    store.outbox.enqueue(patch("p", 1, {"title": "old"}, {"title": "mine"}), "Edit")
    store.mirror.remove(gid(1), "tombstone")
    apply(store, row(1, version="v2", title="back"))
    assert shown(store, 1) == {"title": "mine"}
    assert store.connection.value("SELECT last FROM shadow") is None


def test_bytes_of_a_hidden_record_stay(store: Store) -> None:
    sha256 = world_blob(store, b"evidence")
    apply(store, row(1, entity=DOCUMENT, title="Prices", sha256=sha256))
    store.outbox.enqueue(mutation("d", 1, Kind.DELETE, entity=DOCUMENT), "Delete")
    assert shown(store, 1) is None
    store.blobs.release({sha256})
    assert store.blobs.get(sha256) is not None
    store.outbox.cancel("d", world.NOW)
    assert store.blobs.content(sha256) == b"evidence"


def test_an_unknown_reason_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="vanished"):
        store.mirror.remove(gid(1), "vanished")


def test_a_snapshot_over_a_mirror_sweeps_what_it_did_not_see(store: Store) -> None:
    apply(store, *(row(n, title=f"t{n}") for n in range(1, 6)))
    store.outbox.enqueue(patch("p", 2, {"title": "t2"}, {"title": "mine"}), "Edit")
    store.outbox.enqueue(patch("q", 3, {"title": "t3"}, {"title": "mine"}), "Edit")
    store.drafts.save(world_draft(9))
    store.cursors.write(replace(store.cursors.read(), generation=1))
    apply(store, row(1, title="t1"), row(3, title="t3"))
    store.mirror.put(world.record(6, title="from an outcome during the snapshot"))
    swept = store.mirror.sweep_generation(1)
    assert swept.gids == frozenset({gid(2), gid(4), gid(5)})
    assert {found for _, found, _ in store.mirror.hashes()} == {gid(1), gid(3), gid(6)}
    assert shown(store, 2) is None, "an edit of what is not there shows nothing, but it is kept"
    assert [item.mutation.mutation_id for item in store.outbox.open_items()] == ["p", "q"]
    assert shown(store, 3) == {"title": "mine"}
    assert shown(store, 9) == {"title": "typed", "state": "draft"}


def test_a_document_that_got_other_bytes_lets_the_old_ones_go(store: Store) -> None:
    old, new = world_blob(store, b"old"), world_blob(store, b"new")
    apply(store, row(1, entity=DOCUMENT, title="Prices", sha256=old))
    apply(store, row(1, entity=DOCUMENT, title="Prices", sha256=new))
    assert store.blobs.get(old) is None
    assert store.blobs.get(new) is not None


def test_a_snapshot_that_replaced_bytes_lets_the_old_ones_go(store: Store) -> None:
    old, new = world_blob(store, b"old"), world_blob(store, b"new")
    apply(store, row(1, entity=DOCUMENT, title="Prices", sha256=old))
    store.search.add_text(old, "old words")
    store.cursors.write(replace(store.cursors.read(), generation=1, complete=False))
    applied = apply(store, row(1, entity=DOCUMENT, title="Prices", sha256=new))
    assert applied == Applied(None, frozenset({DOCUMENT}), rows={DOCUMENT: 0}, read=1), "counted, not named"
    store.mirror.sweep_generation(1)
    assert store.blobs.get(old) is None
    assert not store.search.has_text(old)
    assert store.blobs.content(new) == b"new"


def test_indexes_serve_the_manifest_and_follow_it(store: Store) -> None:
    from app.contract.manifest import Manifest
    from app.store.query import QueryContext, chip_condition, sort_order

    apply(
        store,
        *(row(n, title=f"t{n}", updated_at="2026-11-24T09:00:00Z", state="approved") for n in range(50)),
    )
    store.mirror.build_indexes(world.manifest())
    store.mirror.build_indexes(world.manifest())
    deal = world.manifest().by_name[DEAL]
    context = QueryContext(deal, "u", world.NOW.date())
    for chip in deal.list.chips:
        condition = chip_condition(context, chip.filters)
        sql = f"SELECT id FROM record WHERE entity = '{DEAL}' AND ({condition.sql}) ORDER BY "
        plan = explain(store, sql + sort_order(deal, deal.list.sort), condition.params)
        assert f"USING INDEX list:{DEAL}" in plan
        assert "TEMP B-TREE" not in plan, "the order comes from the index"
    empty = Manifest.model_validate({**world.manifest().model_dump(mode="json"), "entities": []})
    store.mirror.build_indexes(empty)
    assert store.connection.value("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'list:%'") == 0


def explain(store: Store, sql: str, params: tuple[Any, ...]) -> str:
    return "\n".join(found[3] for found in store.connection.rows(f"EXPLAIN QUERY PLAN {sql}", params))


def test_hostile_names_of_fields_are_names_and_nothing_else(store: Store) -> None:
    from app.contract.manifest import EntityType
    from app.store.query import Condition, field_equals, sort_order

    name = "x') OR 1=1; DROP TABLE record; --\"'"
    entity = EntityType.model_validate(
        {
            "name": "e'vil",
            "label": "",
            "plural": "",
            "title_field": name,
            "fields": [{"name": name, "label": "", "type": "text", "owner": "vendor"}],
            "list": {"sort": name},
        }
    )
    apply(store, row(1, entity="e'vil", **{name: "found"}), row(2, title="other"))
    assert store.projection.ids("e'vil", field_equals(entity, name, "found"), sort_order(entity, name)) == []
    assert store.projection.count("e'vil", Condition("1")) == 1
    store.mirror.build_indexes(world.manifest().model_copy(update={"entities": (entity,)}))


_APPLIER = """
import sys
from pathlib import Path
from app.store.database import Store
from dataclasses import replace
from tests.store import world
store = Store.open(Path(sys.argv[1]), world.KEY)
print("ready", flush=True)
number = 0
while True:
    number += 1
    with store.transaction():
        store.mirror.apply_puts(world.puts(world.row(n, title=f"page {number}") for n in range(60)), world.manifest())
        store.mirror.put(world.record(99, title=f"page {number}"))
        store.cursors.write(replace(store.cursors.read(), cursor=f"page {number}"))
"""


def test_a_page_is_there_whole_with_its_cursor_or_not_at_all_after_a_kill(path: Path, store: Store) -> None:
    for pages in (1, 4, 9):
        process = subprocess.Popen(
            [sys.executable, "-c", _APPLIER, str(path)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        seen: set[str | None] = set()
        deadline = time.monotonic() + 60
        while len(seen) < pages:
            assert time.monotonic() < deadline
            with store.reading():
                cursor = store.cursors.read().cursor
                titles = {found.data["title"] for found in store.projection.rows(store.projection.ids(DEAL))}
            assert cursor == "c1" or titles == {cursor}, "a reader sees one checkpoint and never between"
            seen |= {cursor} - {"c1"}
        process.kill()
        process.wait()
        process.stdout.close()
        cursor = store.cursors.read().cursor
        titles = {found.data["title"] for found in store.projection.rows(store.projection.ids(DEAL))}
        assert cursor != "c1"
        assert titles == {cursor}
        with Store.open(path, world.KEY) as fresh:
            assert fresh.connection.value("PRAGMA integrity_check") == "ok"


def world_draft(number: int) -> Any:
    from app.store.drafts import Draft

    return Draft(gid(number), DEAL, {"title": "typed"}, world.NOW)


def world_blob(store: Store, content: bytes) -> str:
    import hashlib

    sha256 = hashlib.sha256(content).hexdigest()
    store.blobs.add(sha256, len(content), "text/plain", "list.txt", [content], world.NOW)
    store.blobs.mark_sent(sha256)
    return sha256


def test_a_page_costs_no_python_object_per_record(store: Store) -> None:
    """The bound is loose on purpose: it fails when rows are parsed one by one, not when a machine is busy."""
    rows = [row(n, title="x" * 300, customer="c" * 300) for n in range(5000)]
    page = puts(rows)
    store.cursors.write(replace(store.cursors.read(), complete=False))
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        store.mirror.apply_puts(page, world.manifest())
    finally:
        sys.setprofile(None)
    assert calls < 2 * len(rows), "Python ran for every row"
    assert store.proofs.counts() == {DEAL: 5000}
    assert [m for m in (MESSAGE,) if m in store.proofs.counts()] == []
