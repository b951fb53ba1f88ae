"""So many records that nobody may read all of a kind to show some: what the window's thread reads is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QSize, QStringListModel
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.bridge.engine import Bridge
from app.contract.manifest import Manifest, effective
from app.services.portal import Portal
from app.store.connection import Connection
from app.store.database import Store
from app.sync.events import Event, RecordsChanged
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.shell.catalogue import every_page
from app.views.theme.theme import Theme
from app.views.widgets.action_list import RowList
from gateway.portals import load_portal
from tests.manifests import FOLDER
from tests.services.conftest import KEY, World, open_world
from tests.views.bad_days import Content, data_of
from tests.views.stage import NoSignIn, Stage, StillLoop, settle

#: Rows one look may read: what is seen of a list a few times over; lists that end at 200, read twice, ids and records.
_ROWS, _QUERIES = 1_000, 90
_MANY = 1_500
#: Documents are folded by their versions, all of a library at once: up to 4,000, and none beyond.
_FOLDED = "document"


class Read:
    """What the window's thread has read of any store: rows, and in how many statements."""

    def __init__(self) -> None:
        self.rows = self.queries = 0
        self.largest = ""
        self._most = 0

    def take(self, sql: str, rows: int) -> None:
        self.rows, self.queries = self.rows + rows, self.queries + 1
        if rows > self._most:
            self._most, self.largest = rows, sql[:160]

    def forget(self) -> None:
        self.__init__()  # type: ignore[misc]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    found, ours, before = Read(), threading.get_ident(), Connection.rows

    def counted(self: Connection, sql: str, params: Any = ()) -> list[Any]:
        rows = before(self, sql, params)
        if threading.get_ident() == ours:
            found.take(sql, len(rows))
        return rows

    monkeypatch.setattr(Connection, "rows", counted)
    return found


def _fill(world: World, manifest: Manifest, many: int) -> None:
    """So many of every kind of record, in all its states, all of this user and of these days."""
    with world.store.transaction():
        for entity in manifest.entities:
            if entity.kind != "record" or entity.name == "company":
                continue
            states = [state.name for state in entity.lifecycle.states] if entity.lifecycle else [""]
            for number in range(many):
                data = data_of(entity, states[number % len(states)], Content(grim=False))
                days = {s.name: f"2026-11-{20 + number % 10}" for s in entity.fields if s.type == "date"}
                named = {entity.title_field: f"{entity.label} {number:05}", "owner": "user-maya"}
                at = {"updated_at": f"2026-11-23T0{number % 9}:00:{number % 60:02}Z"}
                world.put(entity.name, f"{number}", **{**days, **data, **named, **at})


@contextmanager
def long_portal(folder: Path, theme: Theme, manifest: Manifest, many: int) -> Iterator[Stage]:
    """A stage on which every list is a long one."""
    path = folder / "store.db"
    world = open_world(path, role="admin", manifest=manifest)
    world.store.cursors.write(replace(world.store.cursors.read(), cursor="c", epoch="e", complete=True))
    _fill(world, manifest, many)
    world.store.mirror.build_indexes(manifest)

    def opened(wake: Callable[[], None]) -> Portal:
        return Portal.open(Store.open(path, KEY), world.clock, world.ids, wake, zone=UTC, short=0)

    portal = opened(lambda: None)
    loops: list[StillLoop] = []

    def make_loop(emit: Callable[[Event], None]) -> StillLoop:
        loops.append(StillLoop(emit))
        return loops[0]

    bridge = Bridge(portal, make_loop, opened, NoSignIn)
    stage = Stage(World(world.store, portal, world.clock, world.ids), bridge, loops[0], theme)
    stage.online()
    try:
        yield stage
    finally:
        bridge.stop()
        portal.close()
        world.store.close()


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("portal", ["partner", "client"])
def test_no_page_reads_all_there_is(
    tmp_path: Path, theme: Theme, read: Read, qtbot: QtBot, portal: str
) -> None:
    manifest = effective(load_portal(FOLDER / f"{portal}.toml"), "admin")
    with long_portal(tmp_path, theme, manifest, _MANY) as stage:
        window = MainWindow(stage.portal, stage.bridge, theme)
        window.resize(1280, 800)
        too_much: dict[str, str] = {}

        def look(what: str, act: Callable[[], object]) -> None:
            """Do something, wait for what it asked beside, and hold what was read here to the bound."""
            read.forget()
            act()
            settled: list[bool] = []
            stage.bridge.reader.run(lambda _portal: None, lambda _none: settled.append(True))
            qtbot.waitUntil(lambda: bool(settled), timeout=20_000)
            QApplication.processEvents()
            window.grab()
            if read.rows > _ROWS or read.queries > _QUERIES:
                too_much[what] = f"{read.rows} rows in {read.queries} statements: {read.largest}"

        look("open", window.show)
        for name in every_page(manifest):
            if name in (_FOLDED, "new", "conflict", "first_sync"):
                continue
            look(name, lambda name=name: window.go(Place(name)))  # type: ignore[misc]
            page = window.current
            assert page is not None
            if manifest.entity(name) is None or not _some(stage, name):
                continue
            look(f"{name}: search", lambda page=page: page.search("00012"))  # type: ignore[misc]
            look(f"{name}: all again", lambda page=page: page.search(""))  # type: ignore[misc]
            changed = RecordsChanged(frozenset({name}), frozenset({_some(stage, name)}))
            look(f"{name}: one has changed", lambda changed=changed: stage.tell(changed))  # type: ignore[misc]
        look("palette", lambda: window.open_palette("00012"))
        window.palette_overlay.hide()
        window.close()
        window.deleteLater()
        settle()
        assert too_much == {}


def _some(stage: Stage, name: str) -> str:
    """The gid of a record of a kind; empty where there is none."""
    found = stage.portal.records.rows(stage.portal.records.ids(name, most=1))
    return found[0].gid if found else ""


def test_what_stands_beside_the_lists_ends_somewhere(tmp_path: Path, theme: Theme, read: Read) -> None:
    """A company's contacts and requests, a checklist, what is worth keeping: a page of each, whatever there is."""
    world = open_world(tmp_path / "store.db", role="admin")
    with world.store.transaction():
        for number in range(450):
            world.put("contact", f"{number}", name=f"Contact {number:03}")
            world.put("task", f"{number}", title=f"Task {number:03}", state=("todo", "done")[number % 2])
            world.put(
                "document", f"{number}", title=f"D {number}", category="prices", state="current", size=10
            )
    read.forget()
    assert len(world.portal.account.read().contacts) == 100
    gids, size = world.portal.documents.recommended()
    assert (len(gids), size) == (200, 2_000)
    (checklist,) = world.portal.tasks.checklists("task", "all", "", 50)
    assert (checklist.done, checklist.total, len(checklist.lines)) == (225, 450, 50)
    assert read.rows < 1_000, read.largest
    world.store.close()


def test_a_list_of_rows_measures_one_of_them(theme: Theme, qtbot: QtBot) -> None:
    measured: list[int] = []

    class Measuring(QStyledItemDelegate):
        def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
            measured.append(index.row())
            return QSize(240, 54)

    view = RowList(theme, "Rows")
    qtbot.addWidget(view)
    view.setItemDelegate(Measuring(view))
    view.setModel(QStringListModel([f"{number}" for number in range(20_000)], view))
    view.resize(300, 400)
    view.show()
    QApplication.processEvents()
    assert len(set(measured)) < 50
