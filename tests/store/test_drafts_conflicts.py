"""Drafts, conflicts, the activity list, settings and checkpoints: kept as they were given."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.contract.changes import Company, Me, Source
from app.contract.errors import UpdateNeeded
from app.contract.mutations import ClashReason, FieldClash
from app.store.conflicts import Conflict
from app.store.cursors import Checkpoint
from app.store.database import Store
from app.store.drafts import Draft, DraftChild
from app.store.states import ConflictKind, DraftState, SyncState
from app.store.timestamps import moment, stamp
from tests.store import world
from tests.store.world import DEAL, FILE, LATER, NOW, gid, patch, puts, row, shown


def sync(store: Store, number: int) -> SyncState | None:
    found = store.projection.get(gid(number))
    return None if found is None else found.sync


def test_a_draft_is_kept_and_shown(store: Store) -> None:
    draft = Draft(
        gid(1),
        DEAL,
        {"title": "ä", "amount": "1.00"},
        NOW,
        (DraftChild(FILE, gid(2), {"name": "x"}),),
        step=2,
    )
    store.drafts.save(draft)
    assert store.drafts.load(gid(1)) == draft
    assert shown(store, 1) == {"title": "ä", "amount": "1.00", "state": "draft"}
    assert sync(store, 1) is SyncState.DRAFT
    store.drafts.save(replace(draft, data={"title": "b"}, saved_at=LATER))
    assert shown(store, 1) == {"title": "b", "state": "draft"}
    store.drafts.discard(gid(1))
    store.drafts.discard(gid(1))
    assert shown(store, 1) is None
    assert store.connection.value("SELECT count(*) FROM shadow") == 0


def test_a_draft_handed_in_can_come_back(store: Store) -> None:
    store.drafts.save(Draft(gid(1), DEAL, {"title": "a"}, NOW))
    store.drafts.submit(gid(1))
    assert shown(store, 1) is None, "now the mutations of the outbox show it"
    assert [one.gid for one in store.drafts.all(DraftState.SUBMITTED)] == [gid(1)]
    store.drafts.reopen(gid(1), {"title": "Too short."}, "Please mend.", LATER)
    draft = store.drafts.load(gid(1))
    assert draft is not None
    assert (draft.state, draft.problems, draft.note) == (
        DraftState.OPEN,
        {"title": "Too short."},
        "Please mend.",
    )
    assert sync(store, 1) is SyncState.REJECTED
    store.drafts.submit(gid(1))
    draft = store.drafts.load(gid(1))
    assert draft is not None
    assert (draft.problems, draft.note) == ({}, "")
    with pytest.raises(KeyError):
        store.drafts.submit(gid(9))


def test_files_a_draft_lets_go_are_dropped(store: Store) -> None:
    blob = store.blobs.add_file(Path(__file__), "text/x-python", "evidence.py", NOW)
    draft = Draft(gid(1), DEAL, {}, NOW, (DraftChild(FILE, gid(2), {"sha256": blob.sha256}),))
    store.drafts.save(draft)
    store.drafts.save(draft)
    assert store.blobs.get(blob.sha256) is not None
    store.drafts.save(replace(draft, children=()))
    assert store.blobs.get(blob.sha256) is None


def conflict(name: str, number: int, kind: ConflictKind = ConflictKind.FIELDS) -> Conflict:
    edit = patch(name, number, {"title": "a"}, {"title": "mine"})
    clash = FieldClash(
        group="title",
        reason=ClashReason.BOTH_CHANGED,
        base={"title": "a"},
        theirs={"title": "theirs"},
        mine={"title": "mine"},
        theirs_at=NOW,
    )
    return Conflict(
        name,
        gid(number),
        DEAL,
        kind,
        (clash,),
        edit,
        edit.changes,
        edit.base,
        {"title": "last"},
        "Edit",
        NOW,
        LATER,
        "laptop",
    )


def test_a_conflict_is_kept_and_mine_stays_shown(store: Store) -> None:
    store.mirror.apply_puts(puts([row(1, title="theirs", customer="c")]), world.manifest())
    store.conflicts.add(conflict("p", 1))
    assert store.conflicts.get("p") == conflict("p", 1)
    assert store.conflicts.of(gid(1)) == store.conflicts.all() == [conflict("p", 1)]
    assert store.conflicts.count() == 1
    assert shown(store, 1) == {"title": "mine", "customer": "c"}
    assert sync(store, 1) is SyncState.CONFLICT
    store.mirror.apply_puts(
        puts([row(1, version="v3", title="theirs again", customer="d")]), world.manifest()
    )
    assert shown(store, 1) == {"title": "mine", "customer": "d"}
    store.conflicts.resolve("p")
    assert shown(store, 1) == {"title": "theirs again", "customer": "d"}
    assert sync(store, 1) is SyncState.SYNCED
    store.conflicts.resolve("p")


def test_a_successor_folds_into_what_the_user_wants(store: Store) -> None:
    store.mirror.apply_puts(puts([row(1, title="theirs", customer="c")]), world.manifest())
    store.conflicts.add(conflict("p", 1))
    store.conflicts.fold("p", {"title": "mine too", "customer": "x"}, {"title": "mine", "customer": "c"})
    found = store.conflicts.get("p")
    assert found is not None
    assert found.mine == {"title": "mine too", "customer": "x"}
    assert found.base == {"title": "a", "customer": "c"}
    assert shown(store, 1) == {"title": "mine too", "customer": "x"}
    with pytest.raises(KeyError):
        store.conflicts.fold("q", {}, {})


def test_the_activity_list(store: Store) -> None:
    first = store.activity.add(NOW, "pull", "12 records", None)
    second = store.activity.add(LATER, "edit", "Title changed", gid(1))
    assert [line.id for line in store.activity.recent(10)] == [second, first]
    assert [line.text for line in store.activity.recent(10, kind="pull")] == ["12 records"]
    assert [line.at for line in store.activity.of(gid(1))] == [LATER]
    assert store.activity.purge(LATER) == 1
    assert [line.id for line in store.activity.recent(10)] == [second]


def test_settings_hold_any_json(store: Store) -> None:
    for value in (None, True, 3, "ü", [1, {"a": None}]):
        store.settings.put("prefs.x", value)
        assert store.settings.get("prefs.x") == value
    store.settings.put("prefs_y", 1)
    assert store.settings.keys("prefs.") == ("prefs.x",)
    assert store.settings.keys("%") == ()
    store.settings.remove("prefs.x")
    store.settings.remove("prefs.x")
    assert store.settings.keys() == ("prefs_y",)


def test_a_checkpoint_commits_with_its_page_or_not_at_all(path: Path, store: Store) -> None:
    source = Source(system="embedded", label="CRM", read_at=NOW, stale_reason="slow")
    point = Checkpoint("c2", "e1", True, "after", 3, NOW, LATER, (source,))

    def page() -> None:
        with store.transaction():
            store.mirror.apply_puts(puts([row(1, title="a")]), world.manifest())
            store.cursors.write(point)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        page()
    assert store.cursors.read().cursor == "c1"
    assert shown(store, 1) is None
    store.cursors.write(point)
    with Store.open(path, world.KEY) as other:
        assert other.cursors.read() == point
    assert Checkpoint() == Checkpoint(None, None, False, None, 0, None, None, ())


def test_the_manifest_another_connection_saved_is_seen(path: Path, store: Store) -> None:
    before = store.manifest
    assert before is not None
    assert store.manifest is before, "parsed once"
    with Store.open(path, world.KEY) as other:
        other.cursors.save_manifest(
            json.dumps({**json.loads(world.manifest_text()), "version": "next"}), "etag-2"
        )
    after = store.manifest
    assert after is not None
    assert after.version == "next"
    assert store.cursors.manifest_etag() == "etag-2"


def test_a_manifest_that_cannot_be_read_leaves_the_old_one(store: Store) -> None:
    with pytest.raises(UpdateNeeded):
        store.cursors.save_manifest('{"format": 99}', "new")
    with pytest.raises(ValueError, match="format"):
        store.cursors.save_manifest("{}", "new")
    assert store.cursors.manifest_etag() == "etag-1"
    assert store.manifest is not None


def test_who_is_signed_in(new_store: Store) -> None:
    assert new_store.cursors.me() is None
    assert new_store.manifest is None
    me = Me(
        user="u",
        name="Ann",
        email="a@b.example",
        role="admin",
        role_label="Administrator",
        companies=(Company(gid=gid(1), name="P"),),
        vendor="H",
        device="d",
        grant="g",
    )
    new_store.cursors.save_me(me)
    assert new_store.cursors.me() == me


def test_points_in_time_sort_as_text() -> None:
    times = [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(seconds=1)]
    assert sorted(map(stamp, times)) == [*map(stamp, times)]
    assert [moment(stamp(one)) for one in times] == times
    with pytest.raises(ValueError, match="time zone"):
        stamp(NOW.replace(tzinfo=None))
