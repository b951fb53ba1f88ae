"""What may already answer a question: found by the words it shares, offline, and never by those every sentence has."""

from __future__ import annotations

import pytest

from app.services.suggesting import telling_words
from tests.services.conftest import MAYA, World

QUESTION = "Hello, how do we replace a failed power supply of an Edge 440? Please tell us."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Hello, can you please tell us", []),
        ("VPN drops after firmware 8.4", ["firmware", "drops", "vpn", "8.4"]),
        ("Bitte die Preisliste für Edge-440", ["preisliste", "edge-440"]),
        ("🙂 ?!", []),
        ("السلام price", ["السلام", "price"]),
    ],
)
def test_telling_words(text: str, words: list[str]) -> None:
    assert telling_words(text) == words


def test_documents_and_answered_requests_are_suggested_with_the_words_marked(world: World) -> None:
    guide = world.put(
        "document", "guide", title="Edge 440 installer guide", sha256="a" * 64, size=9, state="current", version="4"
    )  # fmt: skip
    world.put("document", "old", title="Edge 440 power supply", sha256="b" * 64, size=9, state="superseded")
    world.store.search.add_text(
        "a" * 64, "Swapping parts.\nA failed power supply is replaced while the unit runs."
    )
    solved = world.request("psu", subject="Edge 440 beeps", state="resolved")
    world.put(
        "message", "m", parent=solved, body="The power supply had failed; a new one comes.", author=MAYA, side="vendor"
    )  # fmt: skip
    world.request("other", subject="Logo files for webinar")
    world.deal(title="Edge 440 power supply replacement")
    found = world.portal.requests.suggestions.suggest(QUESTION)
    assert [one.gid for one in found] == [guide, solved]
    marked = [found[0].excerpt[start:end].lower() for start, end in found[0].ranges]
    assert {"power", "supply", "failed"} & set(marked)
    assert "\n" not in found[0].excerpt
    assert found[1].detail == "REQ-3321 · Resolved"


def test_one_common_word_is_no_answer_and_the_question_itself_neither(world: World) -> None:
    mine = world.request("mine", subject=QUESTION)
    world.request("far", subject="Edge launch event")
    assert world.portal.requests.suggestions.suggest(QUESTION, but=mine) == []


def test_what_was_opened_is_counted_here_once_each(world: World) -> None:
    suggestions = world.portal.requests.suggestions
    assert suggestions.opened("q") == 0
    assert suggestions.note_opened("q", "a") == 1
    assert suggestions.note_opened("q", "a") == 1
    assert suggestions.note_opened("q", "b") == 2
    assert suggestions.opened("q") == 2
    assert world.sent() == []


def test_two_of_one_title_are_told_apart(world: World) -> None:
    for number, version in enumerate(("3", "4")):
        world.put(
            "document", f"guide-{number}", title="Replace a failed power supply", sha256=str(number) * 64, size=9,
            state="current", version=version, code=f"G-{number}",
        )  # fmt: skip
    found = world.portal.requests.suggestions.suggest(QUESTION)
    assert sorted(one.detail for one in found) == ["Version 3 · Current", "Version 4 · Current"]


def test_what_is_alike_in_everything_else_shows_its_number(world: World) -> None:
    for number in range(2):
        world.put(
            "document", f"guide-{number}", title="Replace a failed power supply", sha256=str(number) * 64, size=9,
            state="current", version="4", category="guide", code=f"G-{number}",
        )  # fmt: skip
    found = world.portal.requests.suggestions.suggest(QUESTION)
    assert sorted(one.detail for one in found) == ["G-0 · Current", "G-1 · Current"]
