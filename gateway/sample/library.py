"""The document library: what is published when, in which version, for whom, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.crm.embedded import files
from gateway.crm.embedded.codes import DocumentStatus
from gateway.crm.embedded.sheet import Paper
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION, Unit
from gateway.sample.cast import Cast
from gateway.sample.days import Days
from gateway.sample.dice import Dice
from gateway.sample.script import Row, Script
from gateway.sample.words import Words, plain


@dataclass(frozen=True)
class Edition:
    """One version of a document. `back`: how many days ago it was published; `until`: its last day, if it has one."""

    version: str
    back: int
    write: Callable[[date], Paper]
    until: date | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Title:
    """A document with its editions, newest first; each replaces the one behind it unless `apart`."""

    code: str
    title: str
    summary: str
    category: str
    editions: tuple[Edition, ...]
    audience: tuple[str, ...] = ("ALL",)
    stages: tuple[str, ...] = ()
    apart: bool = False
    named: bool = False

    def name_of(self, edition: Edition) -> str:
        """Return the title of an edition; that of a `named` one ends with its version."""
        return f"{self.title} {edition.version}" if self.named else self.title


class Library:
    """Writes the library into the script."""

    def __init__(
        self,
        script: Script,
        cast: Cast,
        words: Words,
        days: Days,
        news: Mapping[str, str],
        confirm: Mapping[str, int],
    ) -> None:
        """`news`, `confirm`: by code, what is new in the newest edition, and days until its reading is confirmed."""
        self._news, self._confirm = news, confirm
        #: The newest edition of each title by its code.
        self.current: dict[str, Row] = {}
        self._script = script
        self._hand = cast.staffer("sofia").hand
        self._words = words
        self._days = days

    def write(self, titles: Sequence[Title], dice: Dice) -> int:
        """Write all titles; returns how many documents there are."""
        count = 0
        for title in titles:
            behind: Row | None = None
            for edition in reversed(title.editions):
                behind = self._publish(title, edition, behind, dice)
                self.current[title.code] = behind
                count += 1
        return count

    def _publish(self, title: Title, edition: Edition, behind: Row | None, dice: Dice) -> Row:
        row = Row("document")
        day = self._days.ahead(-edition.back)
        moment = self._days.capped(datetime.combine(day, time(8, 30), UTC))
        if edition.back:
            moment = self._days.office_time(day, dice)
        replaces = None if title.apart else behind
        newest = edition is title.editions[0]
        days = self._confirm.get(title.code) if newest else None
        told = {
            "change_note": self._news.get(title.code) if newest else None,
            "confirm_by": None if days is None else self._days.ahead(days).isoformat(),
        }
        file_name = f"{plain(title.title).lower().replace(' ', '-')}-{edition.version}.pdf"

        def act(unit: Unit) -> None:
            paper = edition.write(day)
            stored = files.store(unit.connection, [paper.body])
            values = {
                "doc_code": f"{title.code}-{edition.version}",
                "doc_title": title.name_of(edition),
                "abstract": title.summary,
                "cat_code": title.category,
                "ver_label": edition.version,
                "file_name": file_name,
                "mime": "application/pdf",
                "byte_count": stored.size,
                "page_count": paper.pages,
                "digest": stored.digest,
                "valid_from": day.isoformat(),
                "valid_to": edition.until.isoformat() if edition.until else None,
                "replaces_id": replaces.id if replaces else None,
                "status_code": DocumentStatus.CURRENT.value,
                "audience": list(title.audience),
                "for_stages": list(title.stages) or None,
                "published_ms": to_ms(moment),
                **told,
            }
            row.key = unit.insert("document", values, self._hand)
            if replaces is not None:
                old = unit.row("document", replaces.id)
                if old["status_code"] == DocumentStatus.CURRENT:
                    unit.change(
                        "document", replaces.id, {"status_code": DocumentStatus.SUPERSEDED.value}, self._hand
                    )

        self._script.at(moment, act)
        if edition.withdrawn:
            over = {"status_code": DocumentStatus.WITHDRAWN.value}
            self._script.change(self._days.later(moment, dice, 6, 9), row, over, self._hand)
        elif (
            edition.until
            and edition.until < self._days.today
            and (title.apart or edition is title.editions[0])
        ):
            over = {"status_code": DocumentStatus.EXPIRED.value}
            ended = datetime.combine(edition.until + timedelta(days=1), time(0, 5), UTC)
            self._script.change(self._days.capped(ended), row, over, AUTOMATION)
        return row
