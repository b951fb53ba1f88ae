"""What a partner would see, before anything is kept: some of each source system is read into a gateway in memory.

The very code that decides what is shared decides here, too; nothing is written to any system.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.contract.manifest import Manifest
from gateway.assembly import in_memory
from gateway.clock import Clock, Ids
from gateway.core import Gateway
from gateway.grants import company_names
from gateway.identity.people import NewUser
from gateway.ingest.aside import dead_letters
from gateway.limits import Limits
from gateway.systems import System

#: Examples told of each entity type, and kinds of reason for which rows stand aside.
_EXAMPLES, _REASONS = 3, 5

#: Nothing is compared or removed in a gateway that is not kept.
_NEVER = timedelta(days=36_500)


@dataclass(frozen=True)
class Shown:
    """What a user would see of one entity type: how many records, and what some of them are called."""

    label: str
    count: int
    examples: tuple[str, ...]

    def line(self) -> str:
        """Say it in one line."""
        names = f": {', '.join(self.examples)}" if self.examples else ""
        return f"{self.count:5} {self.label}{names}{' …' if self.count > len(self.examples) else ''}"


@dataclass(frozen=True)
class Aside:
    """Rows that could not be understood, for one reason."""

    system: str
    obj: str
    reason: str
    count: int

    def line(self) -> str:
        """Say it in one line."""
        return f"{self.count} of {self.system}'s {self.obj}: {self.reason}"


class Preview:
    """A gateway in memory that has read some rows of each object. `unread`: by system, why it was not read on."""

    def __init__(self, gateway: Gateway, unread: dict[str, str]) -> None:
        self._gateway = gateway
        self.unread = unread

    def companies(self) -> dict[str, str]:
        """Return the gids of the companies that were read, by name."""
        return company_names(self._gateway.ground.database)

    def seen_by(self, company: str, role: str) -> list[Shown]:
        """Return what somebody of that role would see, who acts for the company of that gid."""
        identity = self._gateway.identity
        key = f"{role}-{company}@preview.invalid"
        found = identity.people.find(key)
        user = (
            found.id
            if found
            else identity.add_user(NewUser("Preview", key, role, (company,), os.urandom(16).hex()))
        )
        session = identity.session_for(user, "preview")
        titles: dict[str, list[str]] = {}
        manifest = self._gateway.grant(session).view.manifest
        for entity, data in _records(lambda after: self._gateway.snapshot(session, after)):
            spec = manifest.entity(entity)
            titles.setdefault(entity, []).append(str(data.get(spec.title_field) or "") if spec else "")
        return [
            Shown(entity.plural, len(titles[entity.name]), _some(titles[entity.name]))
            for entity in manifest.entities
            if entity.name in titles
        ]

    def aside(self) -> list[Aside]:
        """Return why rows could not be understood, the most frequent reasons first."""
        with self._gateway.ground.database.read() as connection:
            found = dead_letters(connection)
        many = Counter((one.system, one.ref.obj, one.reason) for one in found)
        return [Aside(*reason, count) for reason, count in many.most_common(_REASONS)]


@contextmanager
def previewed(
    systems: Sequence[System], manifest: Manifest, clock: Clock, ids: Ids, steps: int = 2
) -> Iterator[Preview]:
    """Read some pages of each object, a few hundred rows, and let it be looked at. Raises ValueError."""
    limits = replace(Limits(), sweep_every=_NEVER)
    gateway = in_memory(manifest, systems, clock, ids, os.urandom, limits)
    with closing(gateway):
        for _ in range(steps):
            gateway.ingest_step()
        unread = {one.system: one.stale_reason for one in gateway.sources() if one.stale_reason}
        yield Preview(gateway, unread)


def _records(page_after: Callable[[str | None], bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    after: str | None = None
    while True:
        page = json.loads(page_after(after))
        for _, entity, _, _, data in page["puts"]:
            yield entity, data
        after = page["after"]
        if page["cursor"]:
            return


def _some(titles: Sequence[str]) -> tuple[str, ...]:
    named = sorted(title for title in titles if title)
    return tuple(title if len(title) <= 40 else f"{title[:39]}…" for title in named[:_EXAMPLES])
