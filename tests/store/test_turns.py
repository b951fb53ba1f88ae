"""A person's write goes before the engine's, and a long piece of work gives way to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.contract.errors import StoreBusy
from app.store.database import Store
from app.store.failpoints import StorePoint
from app.store.faults import GaveWay
from app.store.turns import Turns
from tests.store import world

SOON = 10.0


def in_thread(action: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def test_a_person_who_waits_goes_before_the_next_patient_one() -> None:
    turns, order = Turns(), []
    ready = threading.Barrier(3)

    def write(name: str, *, patient: bool) -> None:
        ready.wait(SOON)
        with turns.taken(SOON, patient=patient):
            order.append(name)

    with turns.taken(SOON, patient=True):
        person = in_thread(lambda: write("person", patient=False))
        engine = in_thread(lambda: write("engine", patient=True))
        ready.wait(SOON)
        with turns._changed:
            assert turns._changed.wait_for(lambda: bool(turns._people), SOON)
    person.join(SOON)
    engine.join(SOON)
    assert order == ["person", "engine"]


def test_who_waits_too_long_is_told() -> None:
    turns = Turns()
    with (
        turns.taken(SOON, patient=True),
        pytest.raises(StoreBusy, match="still busy writing"),  # no other Counterpart is there to be closed
        turns.taken(0.01, patient=False),
    ):
        pass
    with turns.taken(0.01, patient=True):
        pass  # who gave up waiting does not stand in the way


def test_only_who_is_not_patient_makes_others_give_way() -> None:
    turns, asked = Turns(), []
    with turns.taken(SOON, patient=True, give_way=lambda: asked.append(1)):
        with pytest.raises(StoreBusy), turns.taken(0.01, patient=True):
            pass
        assert not asked
        with pytest.raises(StoreBusy), turns.taken(0.01, patient=False):
            pass
        assert asked


def test_long_work_is_taken_back_for_a_save_and_can_be_done_again(path: Path) -> None:
    turns = Turns()
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    started = threading.Event()
    outcome: list[BaseException] = []

    def work() -> None:
        with Store.open(path, world.KEY, turns, patient=True) as engine:
            try:
                with engine.connection.transaction(gives_way=True):
                    engine.settings.put("a.half", 1)
                    started.set()
                    engine.connection.run(endless)
                    engine.connection.row(endless)
            except GaveWay as gave_way:
                outcome.append(gave_way)

    with Store.open(path, world.KEY, turns) as person:
        thread = in_thread(work)
        assert started.wait(SOON)
        person.settings.put("a.saved", 1)
        thread.join(SOON)
        assert len(outcome) == 1
        assert person.settings.keys() == ("a.saved",)


def test_a_file_that_is_being_written_anew_gives_way_to_a_save(path: Path) -> None:
    turns = Turns()
    saved: list[threading.Thread] = []
    waited: list[bool] = []

    def save() -> None:
        with Store.open(path, world.KEY, turns) as person:
            person.settings.put("a.saved", 1)

    def comes_in_between() -> int:
        """Amid VACUUM: whoever is seen waiting, with the lock held, has asked it to give way."""
        if turns._taken and not saved:
            saved.append(in_thread(save))
            with turns._changed:
                waited.append(turns._changed.wait_for(lambda: bool(turns._people), SOON))
        return 0

    with Store.open(path, world.KEY, turns, patient=True) as engine:
        engine.cursors.require_scrub()
        engine.failpoints.hook = lambda point: (
            engine.connection._raw.set_progress_handler(comes_in_between, 1)
            if point is StorePoint.CONDENSED
            else None
        )
        with pytest.raises(GaveWay):
            engine.scrub(gives_way=True)
        saved[0].join(SOON)
        assert waited == [True]
        assert engine.settings.keys() == ("a.saved",)
        assert engine.scrub_due
        assert engine.scrub(gives_way=True)
        assert engine.connection.value("PRAGMA integrity_check") == "ok"


def test_an_index_that_is_kept_from_being_made_leaves_the_rest_to_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.mirror.apply_puts(world.puts(world.row(n) for n in range(1, 30)), world.manifest())
    store.search.rebuild()
    store.cursors.require_index()
    build = store.mirror.build_indexes

    def kept_from_it(*_: object, give_way: bool) -> None:
        assert give_way
        raise GaveWay

    monkeypatch.setattr(store.mirror, "build_indexes", kept_from_it)
    assert store.make_index()
    with pytest.raises(GaveWay):
        store.make_index()
    assert store.search.coverage().records == 29
    assert store.cursors.index_due
    monkeypatch.setattr(store.mirror, "build_indexes", build)
    assert not store.make_index()
    assert not store.cursors.index_due


def test_entries_are_made_in_ever_smaller_slices_while_somebody_saves(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.cursors.require_index()
    asked: list[tuple[int, bool]] = []

    def build(limit: int, *, gives_way: bool) -> int:
        asked.append((limit, gives_way))
        if gives_way:
            raise GaveWay
        return 0

    monkeypatch.setattr(store.search, "build", build)
    while store.make_index():
        pass
    assert asked == [*((50_000 >> n, True) for n in range(7)), (500, False)]
