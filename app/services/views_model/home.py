"""What needs the user, what changed, the pipeline, and what search finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.services.views_model.drafts import Target
from app.services.views_model.records import Due
from app.store.states import SyncState


@dataclass(frozen=True)
class Need:
    """One job that waits for the user. The first one of the list carries the primary button."""

    icon: str
    tone: str
    title: str
    detail: str
    due: str
    due_tone: str
    due_at: datetime | None
    action_label: str
    target: Target


@dataclass(frozen=True)
class PipelineStage:
    """One segment of the stage bar, colour `index` 1 to 5."""

    state: str
    label: str
    index: int
    count: int
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Closing:
    """Deals that close this quarter."""

    count: int
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Pipeline:
    """Open deals by stage; currencies in the manifest's order, never added up. `ending`: lose protection in 30 days."""

    entity: str
    open_count: int
    currencies: tuple[str, ...]
    totals: Mapping[str, Decimal]
    stages: tuple[PipelineStage, ...]
    closing: Closing
    ending: int


@dataclass(frozen=True)
class RenewalWindow:
    """Renewals whose term ends within a window; the windows do not overlap."""

    label: str
    count: int
    totals: Mapping[str, Decimal]
    note: str
    note_tone: str


@dataclass(frozen=True)
class Glance:
    """One list of a portal in a line: what is open, the next date among it, and sums by currency in words."""

    entity: str
    label: str
    icon: str
    words: str
    next: Due
    amounts: str
    total: int


@dataclass(frozen=True)
class HomeView:
    """What the first page shows but for the pipeline, whose figures take longer."""

    needs: Sequence[Need]
    needs_summary: str
    renewals: Sequence[RenewalWindow]
    changed: Sequence[ChangeLine]
    changed_since: str
    glance: Sequence[Glance] = ()


@dataclass(frozen=True)
class ChangeLine:
    """Something the vendor changed. `group` is the heading under which it stands, such as *Today* or *Weekend*.

    `answer`: somebody at the vendor wrote.
    """

    at: datetime
    group: str
    when: str
    icon: str
    tone: str
    title: str
    detail: str
    target: Target
    answer: bool = False


@dataclass(frozen=True)
class Hit:
    """One search result. `ranges` are (start, end) character positions of matches within `title`."""

    gid: str
    entity: str
    icon: str
    title: str
    detail: str
    sync: SyncState
    ranges: tuple[tuple[int, int], ...]
    target: Target


@dataclass(frozen=True)
class Covers:
    """What search covers; `words` is the sentence below it."""

    records: int
    documents: int
    words: str
