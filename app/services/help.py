"""Help inside the app: short topics in Markdown files, one folder a language; found offline, by word.

A file begins with its title (``# Working offline``), then lines ``place: sync_centre`` (where *Show me* leads, a page
or an entity type) and ``words: …`` (what else it may be found by), and after an empty line the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.contract.manifest import Manifest

_FALLBACK = "en"
#: Places that every portal has.
_ALWAYS = ("home", "sync_centre", "settings")


@dataclass(frozen=True)
class Topic:
    """One page of help. `text` is Markdown without the title; `place` is empty where there is nothing to show."""

    name: str
    title: str
    place: str
    words: str
    text: str


def parse_topic(name: str, written: str) -> Topic:
    """Read a topic from what its file holds."""
    lines = written.strip().splitlines()
    title = lines[0].lstrip("# ").strip() if lines else name
    facts: dict[str, str] = {}
    body = lines[1:]
    while body and (not body[0].strip() or body[0].split(":", 1)[0] in ("place", "words")):
        key, _, value = body.pop(0).partition(":")
        facts[key.strip()] = value.strip()
    return Topic(name, title, facts.get("place", ""), facts.get("words", ""), "\n".join(body).strip())


class Help:
    """The topics in the user's language; a language that has none gets English."""

    def __init__(self, folder: Path, language: str) -> None:
        """`language`: a locale such as *de_AT*; its first part counts."""
        own = folder / language.replace("-", "_").split("_", 1)[0].lower()
        chosen = own if own.is_dir() and language else folder / _FALLBACK
        self.topics: tuple[Topic, ...] = tuple(
            parse_topic(path.stem, path.read_text(encoding="utf-8")) for path in sorted(chosen.glob("*.md"))
        )

    def search(self, text: str) -> tuple[Topic, ...]:
        """Return the topics that hold every word, those with it in title or words first; all for no words."""
        wanted = text.casefold().split()
        found = [(_rank(topic, wanted), topic) for topic in self.topics]
        return tuple(topic for rank, topic in sorted(found, key=lambda pair: -pair[0]) if rank >= 0)


def _rank(topic: Topic, wanted: Sequence[str]) -> int:
    title, words, text = (part.casefold() for part in (topic.title, topic.words, topic.text))
    rank = 0
    for word in wanted:
        if word in title:
            rank += 4
        elif word in words:
            rank += 2
        elif word in text:
            rank += 1
        else:
            return -1
    return rank


def place_of(topic: Topic, manifest: Manifest) -> str:
    """Return where *Show me* leads in this portal: its place, or the first list of one that has no such entity type."""
    if not topic.place or topic.place in _ALWAYS or manifest.entity(topic.place) is not None:
        return topic.place
    lists = [entity for entity in manifest.entities if entity.nav]
    return min(lists, key=lambda entity: entity.rank).name if lists else ""
