"""Where words stand in a text, and the part that is shown of it."""

from __future__ import annotations

import pytest

from app.store.excerpt import Phrases
from app.store.query import match_words


def marked(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in Phrases(match_words(query)).ranges(text)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Café Zürich", "cafe zur", ["Café", "Zürich"]),
        ("Cafe\u0301 Zürich", "café", ["Cafe\u0301"]),
        ("Edge of the edge", "edge", ["Edge", "edge"]),
        ("Edges", "edge storm", []),  # only the last word may be a beginning
        ("Edges", "edge", ["Edges"]),
        ("Registration D-1002 and D-100", "D-1002", ["D-1002"]),
        ("1002 D", "D-1002", []),  # a run stands side by side, in order
        ("under_scored words", "scored", ["scored"]),
        ("straße STRASSE", "straße", ["straße"]),
        ("one two three", "two three", ["two", "three"]),
        ("", "edge", []),
        ("edge", "", []),
    ],
)
def test_words_are_marked_as_the_index_finds_them(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_overlapping_runs_are_one_range() -> None:
    assert Phrases(["a-b", "b-c"]).ranges("x a b c y") == ((2, 7),)


def test_an_excerpt_holds_the_part_with_most_words() -> None:
    text = " ".join(
        [*(f"w{n}" for n in range(30)), "mast", "w31", "storm", *(f"w{n}" for n in range(33, 60))]
    )
    shown, ranges = Phrases(["mast", "storm"]).excerpt(text, 6)
    assert shown == "…mast w31 storm w33 w34 w35…"
    assert [shown[start:end] for start, end in ranges] == ["mast", "storm"]


def test_an_excerpt_of_a_short_text_is_the_text() -> None:
    assert Phrases(["no"]).excerpt("No such thing.", 6) == ("No such thing.", ((0, 2),))
    assert Phrases(["no"]).excerpt(" — ", 6) == (" — ", ())


def test_an_excerpt_begins_with_the_text_where_nothing_is_found_and_ends_with_it_at_its_end() -> None:
    text = " ".join(f"w{n}" for n in range(10))
    assert Phrases(["absent"]).excerpt(text, 3) == ("w0 w1 w2…", ())
    assert Phrases(["w9"]).excerpt(text, 3)[0] == "…w7 w8 w9"
