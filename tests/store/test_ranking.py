"""Which hits come first: what was typed in the title, then beginnings in it, then the text; of many the newest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Store
from app.store.ranking import Ranking
from tests.store import world

DEALS = (
    ("Fibre for the harbour office", "The old copper line drops out whenever it rains."),
    ("Fibres and ducts, phase two", "Twelve new cabinets along the quay."),
    ("Meeting rooms, north wing", "They want fibre to each of the rooms by Easter."),
    ("Warehouse scanners", "Fibreglass housings for the cold store."),
    ("Café Wi-Fi", "Guests at the harbour café complain every weekend."),
    ("Firewall renewal", "Two boxes at the end of their life."),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", world.KEY) as made:
        world.complete(made)
        rows = [world.row(n, customer=title, problem=problem) for n, (title, problem) in enumerate(DEALS)]
        made.mirror.apply_puts(world.puts(rows), world.manifest())
        yield made


def titles(store: Store, text: str, limit: int = 10) -> list[str]:
    return [found.title for found in store.search.find(text, limit)]


def test_the_word_itself_in_the_title_then_its_beginning_then_the_text(store: Store) -> None:
    assert titles(store, "fibre") == [
        "Fibre for the harbour office",
        "Fibres and ducts, phase two",
        "Meeting rooms, north wing",
        "Warehouse scanners",
    ]


def test_every_word_has_to_occur(store: Store) -> None:
    assert titles(store, "fibre harbour") == ["Fibre for the harbour office"]
    assert titles(store, "fibre ea") == ["Meeting rooms, north wing"]
    assert titles(store, "harbour nowhere") == []


def test_from_the_first_letter_on(store: Store) -> None:
    begun = {
        "Fibre for the harbour office",
        "Fibres and ducts, phase two",
        "Firewall renewal",
        "Café Wi-Fi",
    }
    for text in ("f", "fi"):
        assert set(titles(store, text)[:4]) == begun
        assert titles(store, text)[4:] == ["Warehouse scanners", "Meeting rooms, north wing"]
    assert titles(store, "fir") == ["Firewall renewal"]
    assert titles(store, "wi") == ["Café Wi-Fi", "Meeting rooms, north wing"], "the word itself comes first"


@pytest.mark.parametrize("text", ["café", "cafe", "CAFÉ", "ca", "cá"])
def test_accents_and_capitals_do_not_count(store: Store, text: str) -> None:
    assert "Café Wi-Fi" in titles(store, text)


def test_what_is_no_word_finds_nothing(store: Store) -> None:
    assert titles(store, "") == []
    assert titles(store, ' " * ') == []
    assert titles(store, "zz") == []


def test_of_many_the_newest_come_first(store: Store) -> None:
    rows = [world.row(number, customer=f"Harbour berth {number}") for number in range(100, 600)]
    store.mirror.apply_puts(world.puts(rows), world.manifest())
    assert titles(store, "harbour", 3) == ["Harbour berth 599", "Harbour berth 598", "Harbour berth 597"]
    assert titles(store, "har", 3) == ["Harbour berth 599", "Harbour berth 598", "Harbour berth 597"]
    assert titles(store, "harbour 100", 3) == ["Harbour berth 100"], "a closer question finds the old one"
    assert len(titles(store, "h", 20)) == 20


def test_no_more_than_asked_for_and_none_twice(store: Store) -> None:
    best = Ranking(store.connection).best
    assert len(best(["fibre"], 2)) == 2
    everything = best(["fibre"], 50)
    assert len(everything) == len(set(everything)) == 4
