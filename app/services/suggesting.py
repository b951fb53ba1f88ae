"""What may already answer a question: documents and earlier requests that share its words, found on this computer.

A question is a sentence, not a search: words that every sentence has are left out, and not every word has to occur.
Rare words count more than common ones. Nothing about it leaves this computer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.services.context import PortalContext, is_paper
from app.services.format import moment_of
from app.services.prefs import Prefs
from app.services.search import ranges
from app.services.views_model import RecordView, Suggestion, SyncState
from app.store.search import Found

_OPENED = "suggestions.opened"
_WORD = re.compile(r"\w[\w.-]*\w|\w", re.UNICODE)
_MOST_WORDS = 8
_HITS = 24
_LONGEST = 150
#: A single word in common says little, unless there is only one.
_LEAST_WORDS = 2

_EVERYDAY = """
a about after again all also am an and any are as at be been before but by can could did do does for from get give had
has have hello her his how i if in into is it its just know let like me more my need new no not now of on one only or
our out over please send she should so some tell than thank thanks that the their them then there these they this those
to too two up us very want was we were what when where which while who why will with would you your
aber alle als am an auch auf aus bei bin bis bitte da damit danke das dass dem den der des die dies dieser ein eine
einem einen einer es für gibt hallo hat haben ich ihr im in ist ja kann kein keine mehr mit möchte muss nach nicht noch
nur oder ob sein sie sind so über um und uns unser von vor war was wenn wer wie wir wird wo zu zum zur
"""
_COMMON = frozenset(_EVERYDAY.split())


@dataclass
class _Candidate:
    """A record that shares words with the question; `found` is the hit whose words are shown."""

    record: RecordView
    found: Found
    words: set[str] = field(default_factory=set)
    score: float = 0.0


class Suggesting:
    """Suggestions for a question that is being written."""

    def __init__(self, context: PortalContext, prefs: Prefs) -> None:
        self._context = context
        self._store = context.store
        self._prefs = prefs

    def suggest(self, text: str, but: str = "", most: int = 3) -> list[Suggestion]:
        """Return what may answer a question, best first; `but` is the gid of the question itself."""
        wanted = telling_words(text)
        if not wanted:
            return []
        found = self._candidates(wanted, but)
        least = min(_LEAST_WORDS, len(wanted))
        good = [one for one in found if len(one.words) >= least]
        best = sorted(good, key=lambda one: (-one.score, one.record.gid))[:most]
        return self._told_apart([(one.record, self._suggestion(one)) for one in best])

    def _candidates(self, wanted: list[str], but: str) -> list[_Candidate]:
        by_gid: dict[str, _Candidate] = {}
        for word in wanted:
            hits = self._store.search.find(word, _HITS)
            weight = 1.0 / (1.0 + len(hits) / 4)
            for hit in hits:
                record = self._place(hit)
                if record is None or record.gid == but:
                    continue
                one = by_gid.setdefault(record.gid, _Candidate(record, hit))
                if word not in one.words:
                    one.words.add(word)
                    titled = bool(hit.title_ranges) and hit.gid == record.gid
                    one.score += weight * (1.5 if titled else 1.0)
        return list(by_gid.values())

    def _place(self, hit: Found) -> RecordView | None:
        """The document or request a hit belongs to; anything else answers no question."""
        shown = self._store.projection.get(hit.gid)
        entity = self._context.manifest.entity(shown.entity) if shown else None
        if shown is None or entity is None:
            return None
        if entity.kind == "append":
            shown = self._store.projection.get(str(shown.data.get("parent") or ""))
            entity = self._context.manifest.entity(shown.entity) if shown else None
            if shown is None or entity is None:
                return None
        record = self._context.view(shown)
        if is_paper(entity):
            return record if record.state in ("", "current") else None
        return record if entity.name == "request" and record.sync is not SyncState.DRAFT else None

    def _suggestion(self, one: _Candidate) -> Suggestion:
        """Its title, and the part of it that has most of the words."""
        best = self._with_most_words(one)
        entity = self._context.manifest.entity(one.record.entity)
        about = one.record.number if entity and not is_paper(entity) else ""
        detail = " · ".join(part for part in (about, one.record.state_label) if part)
        excerpt, places = _tidy(best.excerpt, best.excerpt_ranges)
        if entity is not None and not is_paper(entity) and best.gid == one.record.gid:
            # Of a request its facts say little; what was answered last says more.
            excerpt, places = self._last_answer(one) or (excerpt, places)
        return Suggestion(
            gid=one.record.gid,
            entity=one.record.entity,
            icon=entity.icon if entity else "file",
            title=one.record.title,
            detail=detail,
            excerpt=excerpt,
            ranges=places,
        )

    def _told_apart(self, found: list[tuple[RecordView, Suggestion]]) -> list[Suggestion]:
        """Of those that read alike each says more of itself: what is the first that differs."""
        told = []
        for record, one in found:
            alike = [other for other, two in found if (two.title, two.detail) == (one.title, one.detail)]
            more = self._own(record, alike) if len(alike) > 1 else ""
            detail = " · ".join(part for part in (more, one.detail) if part)
            told.append(replace(one, detail=detail))
        return told

    def _own(self, record: RecordView, alike: list[RecordView]) -> str:
        """*Version 4.2*, *Guides*, *18 Nov 2026*, or its number."""
        ways = (self._version, self._category, self._day, lambda one: one.number)
        for way in ways:
            if way(record) and len({way(one) for one in alike}) == len(alike):
                return way(record)
        return ", ".join(part for part in (way(record) for way in ways) if part)

    def _version(self, record: RecordView) -> str:
        version = str(record.data.get("version") or "")
        return self._context.tr("Version {version}").format(version=version) if version else ""

    def _category(self, record: RecordView) -> str:
        entity = self._context.manifest.entity(record.entity)
        spec = entity.field("category") if entity is not None else None
        return self._context.formats.value(spec, record.data) if spec is not None else ""

    def _day(self, record: RecordView) -> str:
        at = moment_of(record.data.get("published_at") or record.data.get("updated_at"))
        return self._context.formats.day(self._context.formats.local(at).date()) if at is not None else ""

    def _last_answer(self, one: _Candidate) -> tuple[str, tuple[tuple[int, int], ...]] | None:
        """The beginning of what the vendor wrote last on a request, with the words of the question."""
        said = [
            str(child.data.get("body") or "")
            for child in self._store.projection.children(one.record.gid, "message")
            if child.data.get("side") == "vendor"
        ]
        if not said:
            return None
        text = " ".join(said[-1].split())
        short = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
        return short, ranges(short, " ".join(one.words))

    def _with_most_words(self, one: _Candidate) -> Found:
        """The part of a record with most of the words; a word that stands there in another form is let go of."""
        words = sorted(one.words)
        for left_out in ("", *words):
            wanted = " ".join(word for word in words if word != left_out)
            hits = self._store.search.find(wanted, _HITS) if wanted else []
            fits = next((hit for hit in hits if self._is(hit, one)), None)
            if fits is not None:
                return fits
        return one.found

    def _is(self, hit: Found, one: _Candidate) -> bool:
        if hit.gid == one.record.gid:
            return True
        shown = self._store.projection.get(hit.gid)
        return shown is not None and shown.data.get("parent") == one.record.gid

    # -- what was opened ----------------------------------------------------------------------------------
    def opened(self, question: str) -> int:
        """Return how many suggestions were opened for a question; it is counted on this computer alone."""
        kept = self._prefs.get(_OPENED, {})
        return len(kept.get(question, ())) if isinstance(kept, dict) else 0

    def note_opened(self, question: str, gid: str) -> int:
        """Count that a suggestion was opened for a question, each once."""
        kept = self._prefs.get(_OPENED, {})
        whole = dict(kept) if isinstance(kept, dict) else {}
        seen = list(dict.fromkeys([*whole.get(question, ()), gid]))
        self._prefs.set(_OPENED, {question: seen})
        return len(seen)


def telling_words(text: str) -> list[str]:
    """Return the words of a question that tell what it is about, the longest first: those are the rarest."""
    found: Iterable[str] = (match.group().casefold() for match in _WORD.finditer(text))
    telling = [word for word in dict.fromkeys(found) if _tells(word)]
    return sorted(telling, key=len, reverse=True)[:_MOST_WORDS]


def _tells(word: str) -> bool:
    has_digit = any(letter.isdigit() for letter in word)
    return word not in _COMMON and (len(word) > 2 or (has_digit and len(word) > 1))


def _tidy(excerpt: str, ranges: Iterable[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Write an excerpt in one line; every blank becomes one space, so that the places stay where they are."""
    return re.sub(r"\s", " ", excerpt), tuple(ranges)
