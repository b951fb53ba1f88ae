"""Full-text search: what is found, how it is marked, and how it keeps up."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.store.database import Store
from app.store.query import match_expression
from tests.store import world
from tests.store.world import DEAL, DOCUMENT, gid, patch, puts, row


def found(store: Store, text: str) -> set[str]:
    return {hit.gid for hit in store.search.find(text, 50)}


@pytest.fixture
def filled(store: Store) -> Store:
    rows = [
        row(
            1,
            title="Edge rollout",
            customer="Café Zürich",
            number="D-1001",
            problem="The mast fails in storms",
        ),
        row(2, title="Vault", customer="Harbour Authority", number="D-1002", problem="Edge of the map"),
        row(3, entity=DOCUMENT, title="Price list", code="PL-7", summary="Edge and Vault", sha256="a" * 64),
        row(4, entity="hologram", title="Edge"),
        row(5, entity=DOCUMENT, title="Mast fittings"),
    ]
    store.mirror.apply_puts(puts(rows), world.manifest())
    return store


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("harbour", {2}),
        ("HARB", {2}),
        ("cafe zur", {1}),
        ("zurich café", {1}),
        ("edge", {1, 2, 3}),
        ("edge storms", {1}),
        ("edg storms", set()),
        ("D-1002", {2}),
        ("pl-7", {3}),
        ("", set()),
        ("  \t", set()),
        ("-", set()),
        ('"', set()),
        ('har"bour', set()),
        ("NOT harbour", set()),
        ("title:edge", set()),
        ("edge AND (", {3}),  # a word like any other, and the document has it
        ("*", set()),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(filled: Store, text: str, numbers: set[int]) -> None:
    assert found(filled, text) == {gid(number) for number in numbers}


def test_the_title_weighs_more_and_hits_are_marked(filled: Store) -> None:
    titled, other = filled.search.find("mast", 10)
    assert (titled.gid, titled.title, titled.title_ranges) == (gid(5), "Mast fittings", ((0, 4),))
    assert (other.gid, other.title, other.title_ranges) == (gid(1), "Café Zürich", ()), (
        "a deal's title is its customer"
    )
    assert [other.excerpt[start:end] for start, end in other.excerpt_ranges] == ["mast"]
    [hit] = filled.search.find("authority", 1)
    assert [hit.title[start:end] for start, end in hit.title_ranges] == ["Authority"]
    assert len(filled.search.find("edge", 2)) == 2


def test_what_is_shown_is_what_is_found(filled: Store) -> None:
    filled.outbox.enqueue(patch("p", 2, {"customer": "Harbour Authority"}, {"customer": "Airport"}), "Edit")
    assert found(filled, "airport") == {gid(2)}
    assert found(filled, "harbour") == set()
    filled.mirror.apply_puts(puts([row(2, version="v2", title="Vault", customer="Quay")]), world.manifest())
    assert found(filled, "airport") == {gid(2)}
    filled.outbox.cancel("p", world.NOW)
    assert found(filled, "quay") == {gid(2)}
    assert found(filled, "airport") == set()


def test_the_text_of_a_document_is_found_and_follows_its_bytes(filled: Store) -> None:
    assert not filled.search.has_text("a" * 64)
    filled.search.add_text("a" * 64, "Surcharge for islands")
    assert found(filled, "surcharge") == {gid(3)}
    assert filled.search.coverage().documents == 1
    filled.search.add_text("a" * 64, "No surcharge any more for \x02 anybody \x03")
    assert found(filled, "islands") == set()
    assert found(filled, "anybody") == {gid(3)}
    [hit] = filled.search.find("surcharge", 1)
    assert [hit.excerpt[start:end] for start, end in hit.excerpt_ranges] == ["surcharge"]
    filled.mirror.apply_puts(
        puts([row(3, entity=DOCUMENT, title="Price list", sha256="b" * 64)]), world.manifest()
    )
    assert found(filled, "surcharge") == set()
    assert not filled.search.has_text("a" * 64)


def test_control_characters_in_the_vendors_text_are_not_taken_for_hits(store: Store) -> None:
    store.mirror.apply_puts(puts([row(1, customer="a \x02evil\x03 name")]), world.manifest())
    [hit] = store.search.find("name", 1)
    assert [hit.title[start:end] for start, end in hit.title_ranges] == ["name"]


def test_after_a_first_sync_the_index_is_built_in_slices(new_store: Store) -> None:
    new_store.cursors.save_manifest(world.manifest_text(), "e")
    new_store.mirror.apply_puts(puts(row(n, customer=f"customer{n}") for n in range(25)), world.manifest())
    assert found(new_store, "customer7") == set()
    assert new_store.search.build(10) == 10
    # Meanwhile a record that has its entry changes, and leaves it behind.
    new_store.mirror.apply_puts(puts([row(7, version="v2", customer="seven")]), world.manifest())
    assert found(new_store, "customer7") == set()
    made = []
    while count := new_store.search.build(10):
        made.append(count)
    assert made == [10, 5, 1]
    assert found(new_store, "seven") == {gid(7)}
    assert new_store.search.coverage().records == 25
    new_store.cursors.write(replace(new_store.cursors.read(), complete=True))
    new_store.mirror.apply_puts(puts([row(8, version="v2", customer="eight")]), world.manifest())
    assert found(new_store, "eight") == {gid(8)}


def test_a_manifest_that_names_other_fields(filled: Store) -> None:
    data = json.loads(world.manifest_text())
    deal = next(one for one in data["entities"] if one["name"] == DEAL)
    deal["search"] = ["number"]
    filled.adopt_manifest(json.dumps(data), "etag-2")
    while filled.search.build():
        pass
    assert found(filled, "D-1001") == {gid(1)}
    assert found(filled, "storms") == set()


def test_a_manifest_that_names_the_same_fields_leaves_the_index_alone(filled: Store) -> None:
    filled.adopt_manifest(json.dumps({**json.loads(world.manifest_text()), "version": "next"}), "etag-2")
    assert found(filled, "storms") == {gid(1)}


def test_parts_of_the_index_are_joined_by_the_engine_and_not_by_a_save(filled: Store) -> None:
    assert filled.connection.value("SELECT v FROM search_config WHERE k = 'automerge'") == 0

    def parts() -> int:
        return int(filled.connection.value("SELECT count(DISTINCT segid) FROM search_idx"))

    for number in range(10, 20):
        filled.mirror.apply_puts(puts([row(number, customer=f"customer{number}")]), world.manifest())
    before = parts()
    assert before > 4
    filled.search.join_parts()
    assert parts() < before
    assert found(filled, "customer1") == {gid(number) for number in range(10, 20)}


def test_a_query_is_quoted_whole() -> None:
    assert match_expression('dri"ve  (now) -') == '"dri" "ve" "(now)"*'
