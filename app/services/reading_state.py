"""Which version of a document this user read last, on this computer, and what has changed since.

What one has read is one's own: it is kept with this account on this computer and told to nobody. Versions of one
document are records of their own; what they have in common is their series: the code without its version, or the title
without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from app.contract.canonical import canonical, content_hash
from app.services.format import moment_of
from app.services.prefs import Prefs
from app.services.views_model import Difference, RecordView

_READ = "documents.read"
_MOST_PARAGRAPHS = 2_000
#: Of two texts that have less than this in common no differences are told: it is another text.
_ALIKE = 0.2


@dataclass(frozen=True)
class Read:
    """What was read: the record, its bytes, its version, and when (UTC)."""

    gid: str
    sha256: str
    version: str
    at: datetime


def series_of(data: Mapping[str, Any]) -> str:
    """Return what all versions of a document share; never empty."""
    version = str(data.get("version") or "").strip()
    code, title = str(data.get("code") or "").strip(), str(data.get("title") or "").strip()
    for name in (code, title):
        stem = _without(name, version)
        if stem and stem != name:
            return stem.casefold()
    return f"{title.casefold() or code.casefold()}|{data.get('category') or ''}"


def _without(name: str, version: str) -> str:
    if not version or not name.endswith(version):
        return name
    return name.removesuffix(version).rstrip(" -_.v")


def folded(records: Sequence[RecordView]) -> dict[str, list[RecordView]]:
    """Return what stands under what: earlier versions by the gid of the current one, newest first.

    A series without a current version is headed by its newest.
    """
    by_series: dict[str, list[RecordView]] = {}
    for record in records:
        by_series.setdefault(series_of(record.data), []).append(record)
    under: dict[str, list[RecordView]] = {}
    for members in by_series.values():
        newest = sorted(members, key=_age, reverse=True)
        current = [record for record in newest if record.state == "current"] or newest[:1]
        earlier = [record for record in newest if record not in current]
        if earlier:
            under[current[0].gid] = earlier
    return under


def _age(record: RecordView) -> tuple[str, str]:
    return str(record.data.get("published_at") or ""), str(record.data.get("version") or "")


class ReadingState:
    """What was read last, by series."""

    def __init__(self, prefs: Prefs) -> None:
        self._prefs = prefs

    def last(self, record: RecordView) -> Read | None:
        """Return what was read last of a document's series, or None when nothing was."""
        found = self._all().get(_key(record))
        at = moment_of(found.get("at")) if isinstance(found, dict) else None
        if not isinstance(found, dict) or at is None:
            return None
        return Read(str(found["gid"]), str(found["sha256"]), str(found.get("version") or ""), at)

    def read(self, record: RecordView, now: datetime) -> None:
        """Remember that this version is open before the user."""
        kept = self._all()
        kept[_key(record)] = {
            "gid": record.gid,
            "sha256": str(record.data.get("sha256") or ""),
            "version": str(record.data.get("version") or ""),
            "at": now.isoformat(),
        }
        self._prefs.set(_READ, kept)

    def forget(self, record: RecordView, before: Read | None) -> None:
        """Take a reading back: what was read before it holds again."""
        kept = self._all()
        kept.pop(_key(record), None)
        if before is not None:
            kept[_key(record)] = {**vars(before), "at": before.at.isoformat()}
        self._prefs.set(_READ, kept)

    def changed(self, record: RecordView) -> bool:
        """Tell whether a current document holds something else than what was read last; unread ones are no change."""
        last = self.last(record)
        if last is None or record.state != "current":
            return False
        return last.sha256 != str(record.data.get("sha256") or "")

    def has_read(self, record: RecordView) -> bool:
        """Tell whether exactly these bytes were open before the user."""
        last = self.last(record)
        return last is not None and last.sha256 == str(record.data.get("sha256") or "")

    def keep_only(self, records: Sequence[RecordView]) -> None:
        """Forget what was read of documents that are not shared any more: nothing of them stays here."""
        known = {_key(record) for record in records}
        kept = self._all()
        if not kept.keys() <= known:
            self._prefs.set(_READ, {key: value for key, value in kept.items() if key in known} or None)

    def _all(self) -> dict[str, Any]:
        kept = self._prefs.get(_READ, {})
        return dict(kept) if isinstance(kept, dict) else {}


def _key(record: RecordView) -> str:
    """The name a series is kept under: no words of a title that may be taken back one day."""
    return content_hash(canonical(series_of(record.data)))[:24]


def differences(before: str, after: str, most: int = 12) -> list[Difference] | None:
    """Return where two texts differ, paragraph by paragraph, at most `most` places.

    None when they are too long, or too different to be told as changes.
    """
    old, new = _paragraphs(before), _paragraphs(after)
    if max(len(old), len(new)) > _MOST_PARAGRAPHS or not old or not new:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    found = [
        Difference("\n".join(old[a:b]), "\n".join(new[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]
    return found[:most]


def _paragraphs(text: str) -> list[str]:
    """Lines without what only the layout added."""
    return [line for line in (" ".join(part.split()) for part in text.splitlines()) if line]
