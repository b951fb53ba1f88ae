"""Before a newer version migrates a store, a copy is kept; going back to the older one loses nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.contract.errors import DiskFull, LocalError, StoreNewer, WrongKey
from app.contract.mutations import Kind
from app.store.connection import Connection
from app.store.copies import KEPT, copy_of, forget_copies, newest_copy
from app.store.database import Store
from app.store.drafts import Draft
from app.store.migrations.steps import KNOWN_STEPS, migrations
from app.store.way_back import go_back
from tests.store import world
from tests.store.test_salvage import EVIDENCE, SHA256, assert_all_there, fill
from tests.store.world import DEAL, LATER, NOW, gid, mutation, patch, shown

#: What a version of the future does to a store.
_FUTURE = (
    "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('store', 'm999_future', '')",
    "ALTER TABLE outbox ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",
    "ALTER TABLE draft ADD COLUMN colour TEXT",
    "ALTER TABLE record ADD COLUMN colour TEXT",
    "CREATE TABLE palette(colour TEXT PRIMARY KEY)",
    "INSERT INTO meta(key, value) VALUES('palette', 'warm')",
)


def older(path: Path, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Leave a file as a version with so many steps made it, with a setting in it."""
    with monkeypatch.context() as patched:
        stop = KNOWN_STEPS[steps]
        patched.setattr(Connection, "_migrate", lambda self: migrations.apply(self.db, stop_before=stop))
        with Store.open(path, world.KEY) as store:
            store.settings.put("window.width", 1_280)


def to_the_future(path: Path) -> None:
    """Open a file with a version of the future, which keeps a copy as this one does."""
    with Store.open(path, world.KEY) as store:
        assert store.connection.truncate_log()
        copy_of(path, len(KNOWN_STEPS)).write_bytes(path.read_bytes())
        with store.transaction():
            for statement in _FUTURE:
                store.connection.run(statement)


def future(path: Path) -> Store:
    """What the version of the future does with its store, as far as this one knows how."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Connection, "_migrate", lambda _self: None)
        return Store.open(path, world.KEY)


def title(store: Store, n: int) -> str:
    """The title that is shown of a record."""
    return str((shown(store, n) or {})["title"])


@pytest.mark.parametrize("steps", range(1, len(KNOWN_STEPS)))
def test_an_older_file_is_copied_before_it_is_migrated(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    older(path, monkeypatch, steps)
    with Store.open(path, world.KEY) as store:
        assert store.settings.get("window.width") == 1_280
    copy = copy_of(path, steps)
    assert newest_copy(path, len(KNOWN_STEPS)) == copy
    assert b"window.width" not in copy.read_bytes(), "it is encrypted as the file is"
    with monkeypatch.context() as patched:
        stop = KNOWN_STEPS[steps]
        patched.setattr(Connection, "_migrate", lambda self: migrations.apply(self.db, stop_before=stop))
        with Store.open(copy, world.KEY) as before:
            assert before.settings.get("window.width") == 1_280
            assert [step.name for step in migrations.applied(before.db)] == [*KNOWN_STEPS[:steps]]
    with pytest.raises(WrongKey):
        Store.open(copy, bytes(32))
    stamp = copy.stat().st_mtime_ns
    Store.open(path, world.KEY).close()
    assert copy.stat().st_mtime_ns == stamp, "there is nothing to migrate any more"


def test_a_new_file_needs_no_copy(path: Path) -> None:
    Store.open(path, world.KEY).close()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_without_room_for_the_copy_the_older_file_stays_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(path, monkeypatch, 3)
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=1_000))
        with pytest.raises(DiskFull):
            Store.open(path, world.KEY)
    assert path.read_bytes() == before
    assert newest_copy(path, 99) is None
    Store.open(path, world.KEY).close()
    assert newest_copy(path, 99) == copy_of(path, 3)
    assert not list(path.parent.glob("*.new"))


def test_a_migration_that_fails_leaves_file_and_copy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(path, monkeypatch, 3)

    class Broken(Exception):
        """The power goes in the middle of it."""

    def broken(_db: object) -> None:
        raise Broken

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "apply", broken)
        with pytest.raises(Broken):
            Store.open(path, world.KEY)
    assert copy_of(path, 3).exists()
    with Store.open(path, world.KEY) as store:
        assert store.settings.get("window.width") == 1_280


def test_a_newer_file_says_how_to_go_on(path: Path) -> None:
    Store.open(path, world.KEY).close()
    to_the_future(path)
    with pytest.raises(StoreNewer) as caught:
        Store.open(path, world.KEY)
    assert "go back" in caught.value.next_step
    assert "kept" in caught.value.kept


@pytest.mark.parametrize("copied", [True, False])
def test_going_back_brings_over_everything_that_only_this_computer_has(path: Path, copied: bool) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        fill(store)
    to_the_future(path)
    if not copied:
        forget_copies(path)
    report = go_back(path, world.KEY, LATER)
    assert (report.from_copy, report.items, report.drafts, report.conflicts, report.left) == (
        copied,
        2,
        1,
        1,
        0,
    )
    assert report.set_aside.exists()
    with Store.open(path, world.KEY) as store:
        if not copied:
            assert_all_there(store)
            return
        assert store.cursors.read().complete, "the records of before are there at once"
        assert shown(store, 50) == {"title": "title 50", "next_steps": "x" * 200}
        assert [item.mutation.mutation_id for item in store.outbox.open_items()] == ["sent", "c"]
        assert title(store, 1) == "mine", "and what was not sent lies over them"
        assert store.blobs.content(SHA256) == EVIDENCE
        assert store.proofs.counts() != {}


def test_going_back_takes_what_happened_since_from_the_newer_file(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        fill(store)
    to_the_future(path)
    with future(path) as store:
        store.outbox.mark_sending(["sent"])
        store.outbox.settle("sent", "applied", NOW)
        store.drafts.discard(gid(900))
        store.drafts.save(Draft(gid(910), DEAL, {"title": "typed since"}, LATER))
        store.outbox.enqueue(patch("since", 4, {"title": "title 4"}, {"title": "four"}), "Edit")
        store.outbox.enqueue(mutation("made", 920, Kind.CREATE, changes={"title": "made since"}), "Create")
        store.connection.run("DELETE FROM conflict")
        store.settings.put("session.tokens", {"access": "renewed"})
    report = go_back(path, world.KEY, LATER)
    assert (report.from_copy, report.items, report.drafts, report.conflicts) == (True, 3, 1, 0)
    with Store.open(path, world.KEY) as store:
        assert [item.mutation.mutation_id for item in store.outbox.open_items()] == ["c", "since", "made"]
        assert store.outbox.settled("sent") is not None
        assert store.settings.get("session.tokens") == {"access": "renewed"}
        assert title(store, 4) == "four"
        assert title(store, 920) == "made since"
        assert title(store, 910) == "typed since"
        assert title(store, 1) == "title 1", "until the next sync brings what became of it"
        assert store.projection.get(gid(900)) is None
        assert store.drafts.load(gid(900)) is None
        assert store.conflicts.all() == []


def test_what_this_version_does_not_understand_is_counted_and_set_aside(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        fill(store)
    to_the_future(path)
    with future(path) as store:
        store.connection.run("UPDATE outbox SET state = 'levitating' WHERE mutation_id = 'c'")
    report = go_back(path, world.KEY, LATER)
    assert (report.items, report.left) == (1, 1)
    with future(report.set_aside) as store:
        assert store.connection.value("SELECT count(*) FROM outbox WHERE state = 'levitating'") == 1


def test_a_file_that_is_kept_quite_differently_is_left_alone(path: Path) -> None:
    Store.open(path, world.KEY).close()
    to_the_future(path)
    with future(path) as store:
        store.connection.run("ALTER TABLE outbox RENAME TO letters")
    before = path.read_bytes()
    with pytest.raises(LocalError, match="cannot read"):
        go_back(path, world.KEY, LATER)
    assert path.read_bytes() == before
    with pytest.raises(StoreNewer):
        Store.open(path, world.KEY)


def test_another_key_does_not_go_back(path: Path) -> None:
    Store.open(path, world.KEY).close()
    to_the_future(path)
    with pytest.raises(WrongKey):
        go_back(path, bytes(32), LATER)


@pytest.mark.parametrize("cut", range(5))
def test_cut_off_at_any_step_the_newer_file_or_the_finished_one_is_found(
    path: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        fill(store)
    to_the_future(path)
    if cut == 0:
        forget_copies(path)
    done, moved = 0, Path.replace

    class Cut(BaseException):
        """The power goes."""

    def replace(this: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done == max(1, cut):
            raise Cut
        return moved(this, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with suppress(Cut):
            go_back(path, world.KEY, LATER)
    try:
        Store.open(path, world.KEY).close()
    except StoreNewer:
        go_back(path, world.KEY, LATER)
    with Store.open(path, world.KEY) as store:
        assert {item.mutation.mutation_id for item in store.outbox.open_items()} == {"sent", "c"}
        assert store.drafts.load(gid(900)) is not None


def test_a_scrub_leaves_no_copy_that_holds_what_was_revoked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(path, monkeypatch, 4)
    Store.open(path, world.KEY).close()
    to_the_future(path)
    go_back(path, world.KEY, LATER)
    assert len(list(path.parent.glob("*.schema-*"))) == 2
    with Store.open(path, world.KEY) as store:
        store.cursors.require_scrub()
        assert store.scrub()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_copies_go_after_some_weeks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(path, monkeypatch, 4)
    Store.open(path, world.KEY).close()
    copy = copy_of(path, 4)
    then = copy.stat().st_mtime
    os.utime(copy, (then, then))
    forget_copies(path, NOW.fromtimestamp(then, NOW.tzinfo) - timedelta(seconds=1))
    assert copy.exists()
    forget_copies(path, NOW.fromtimestamp(then, NOW.tzinfo) + KEPT)
    assert not copy.exists()


def test_a_copy_of_a_version_that_is_newer_still_is_not_taken(path: Path) -> None:
    Store.open(path, world.KEY).close()
    to_the_future(path)
    copy_of(path, len(KNOWN_STEPS) + 1).write_bytes(path.read_bytes())
    assert newest_copy(path, len(KNOWN_STEPS)) == copy_of(path, len(KNOWN_STEPS))
    assert go_back(path, world.KEY, LATER).from_copy
