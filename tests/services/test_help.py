"""Help: the topics there are, in each language, found by word and leading to places that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.help import Help, parse_topic, place_of
from tests.services.conftest import partner_manifest

FOLDER = Path(__file__).parents[2] / "resources" / "help"


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_language_has_all_topics_with_text_and_a_place(language: str) -> None:
    found = Help(FOLDER, language).topics
    assert [topic.name for topic in found] == [topic.name for topic in Help(FOLDER, "en").topics]
    assert len(found) == 8
    manifest = partner_manifest()
    for topic in found:
        assert topic.title, topic.name
        assert len(topic.text) > 200, topic.name
        assert "http" not in topic.text
        assert "![" not in topic.text
        assert place_of(topic, manifest) == topic.place


def test_a_word_finds_titles_before_texts_and_every_word_counts() -> None:
    helping = Help(FOLDER, "en_GB")
    assert helping.search("outbox")[0].title == "The outbox"
    assert {topic.title for topic in helping.search("outbox")} > {"Working offline"}
    assert [topic.title for topic in helping.search("keep price")] == ["Documents"]
    assert helping.search("xyzzy") == ()
    assert helping.search("") == helping.topics


def test_a_language_without_topics_gets_english() -> None:
    assert Help(FOLDER, "fr_FR").topics == Help(FOLDER, "en").topics
    assert Help(FOLDER, "de-AT").topics == Help(FOLDER, "de").topics
    assert Help(FOLDER, "../de").topics == Help(FOLDER, "en").topics


def test_a_file_may_have_less() -> None:
    topic = parse_topic("x", "# Title\n\nText: not a fact.\n")
    assert (topic.title, topic.place, topic.text) == ("Title", "", "Text: not a fact.")


def test_a_portal_without_that_list_shows_its_first() -> None:
    manifest = partner_manifest()
    smaller = manifest.changed(entities=tuple(one for one in manifest.entities if one.name != "document"))
    topic = next(one for one in Help(FOLDER, "en").topics if one.place == "document")
    assert place_of(topic, smaller) == min((e for e in smaller.entities if e.nav), key=lambda e: e.rank).name
