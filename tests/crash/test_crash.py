"""A slice of `make crash`: every named point once and some statements; and that the judge sees what it should."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from app.store.database import Store
from app.sync.failpoints import SyncPoint
from tests.crash import judge
from tests.crash.blade import NAMED, Sql
from tests.crash.journal import Journal
from tests.crash.look import Reader
from tests.crash.world import KEY, ROOT, World, prepare, sync_first

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked, which this system cannot")

#: Enough that every named point comes once, and each of the three databases.
_SLICE = 36

#: A client that keeps a page's position before its rows, and is ended between the two: at the n-th page for seed n.
_EARLY_CURSOR = """
import sys
from dataclasses import replace
from app.sync.failpoints import SyncPoint
from app.sync.pull import Pull
from tests.crash import suite
from tests.crash.__main__ import main
from tests.crash.blade import Kill

keep = Pull._keep

def early(self, page):
    checkpoint = self._store.cursors.read()
    if checkpoint.complete:
        self._store.cursors.write(replace(checkpoint, cursor=page.envelope.cursor))
    return keep(self, page)

def plan(seed, ground, lives):
    return suite.Plan(seed, suite.SYNCED, (Kill(f"client: {SyncPoint.ROWS_STORED}", seed),), looking=False)

Pull._keep, suite.plan = early, plan
sys.exit(main())
"""

#: The first pages of a life bring nothing new; among so many is one that does.
_PAGES = 5


def suite(report: Path, *program: str, **options: int) -> tuple[int, str, Any]:
    """Run the suite as `make crash` does; return its exit code, what it printed, and its report."""
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, *program, *arguments, "--cuts", "0", "--report", str(report)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stderr
    return done.returncode, done.stdout, json.loads(report.read_text("utf-8"))


@pytest.mark.timeout(300)
def test_both_sides_end_at_every_named_point_and_nothing_is_lost_torn_or_done_twice(tmp_path: Path) -> None:
    code, printed, report = suite(tmp_path / "report", "-m", "tests.crash", kills=_SLICE)
    assert (code, report["failed"]) == (0, []), printed
    assert [place for place in (*NAMED, *Sql) if not report["kills"].get(place)] == []
    assert sum(report["kills"].values()) >= _SLICE


@pytest.mark.nightly  # it tests the test above
@pytest.mark.timeout(300)
def test_a_cursor_that_goes_ahead_of_its_page_is_caught(tmp_path: Path) -> None:
    code, printed, report = suite(tmp_path / "report", "-c", _EARLY_CURSOR, kills=_PAGES)
    assert code == 1
    assert [*report["violations"]] == [f"client: {SyncPoint.ROWS_STORED}"]
    assert "promise 8: at" in printed
    assert f"--first {report['failed'][0]} " in printed


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crash") / "synced"
    prepare(folder)
    sync_first(folder)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A client that has synced, its gateway and the CRM, all of them at rest."""
    return Path(shutil.copytree(template, tmp_path / "case"))


@pytest.fixture
def world(folder: Path) -> Iterator[World]:
    world = World(folder, 1, "test")
    yield world
    world.close()


def test_a_reader_sees_one_checkpoint_or_the_next(folder: Path, world: World) -> None:
    """It looks at each point of the page's way; the page has several rows, and takes one away."""
    reader = Reader(folder)
    seen: list[tuple[StrEnum, int]] = []
    wrong: list[str] = []

    def look(point: StrEnum) -> None:
        wrong.extend(reader.look())
        seen.append((point, reader.position))

    world.store.failpoints.hook = look
    for ref in world.deals[:5]:
        world.desk.edit(ref, {"rival": f"Rival of {ref.id}"})
    world.desk.move(world.deals[5], replace(world.deals[5], obj="account", id=world.cast.calder))
    world.sync()
    reader.close()
    assert wrong == []
    pages = [at for at, (point, _) in enumerate(seen) if point is SyncPoint.ROWS_STORED]
    for at in pages:
        (_, before), (stored, meanwhile), (kept, after) = seen[at : at + 3]
        assert (stored, kept) == (SyncPoint.PAGE_STORED, SyncPoint.PAGE_KEPT)
        assert before == meanwhile <= after, "what is not committed nobody sees"
    assert seen[pages[0]][1] < seen[-1][1]


def lose_an_edit(folder: Path) -> None:
    journal = Journal(folder / "journal", lambda: None)
    journal.write("trying", what="edit", gid="g1", field="competitor", value="Word1")
    journal.write("saved", what="edit", id="m1", gid="g1", field="competitor", value="Word1")


def lose_a_row(folder: Path) -> None:
    with Store.open(folder / "client.db", KEY) as store:
        store.connection.run("DELETE FROM record WHERE gid = (SELECT max(gid) FROM record)")


def keep_a_row_of_a_later_page(folder: Path) -> None:
    with Store.open(folder / "client.db", KEY) as store:
        store.connection.run("UPDATE record SET version = 'ffff-0' WHERE gid = (SELECT max(gid) FROM record)")


def drop_a_feed_row(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "gateway.sqlite3")) as gateway, gateway:
        gateway.execute("DELETE FROM feed WHERE gid = (SELECT max(gid) FROM feed)")


def forget_the_head(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "gateway.sqlite3")) as gateway, gateway:
        gateway.execute("UPDATE position SET value = value - 1")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lose_an_edit, "promise 7: the edit competitor = Word1"),
        (lose_a_row, "promise 8: at"),
        (keep_a_row_of_a_later_page, "promise 5: at"),
        (drop_a_feed_row, "gateway: the feed has"),
        (forget_the_head, "gateway: the head is"),
    ],
)
def test_the_judge_sees_what_is_wrong(harm: Callable[[Path], None], told: str, folder: Path) -> None:
    assert judge.at_once(folder) == []
    harm(folder)
    assert any(text.startswith(told) for text in judge.at_once(folder)), judge.at_once(folder)


def test_the_judge_sees_an_effect_that_came_twice_or_never(folder: Path) -> None:
    world = World(folder, 1, "test")
    [request, *_] = world.requests
    for _ in range(2):
        world.desk.comment(request, "Twice")
    gid = world.gid(request)
    world.close()
    journal = Journal(folder / "journal", lambda: None)
    journal.write("trying", what="message", gid=gid, value="Twice")
    journal.write("saved", what="message", id="m1", gid=gid, value="Never")
    found = judge.at_rest(folder, 2, "test")
    assert "promise 3: the message Twice stands 2 times" in found
    assert "promise 2: the message Never is nowhere" in found
