"""Home: what needs me, how the pipeline stands, which renewals are due, and what the vendor changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from app.contract.manifest import EntityType, StateSpec, Tone
from app.services import changes, needs
from app.services.conflicts import ConflictService
from app.services.context import PortalContext, in_states, open_condition, within_days
from app.services.format import moment_of, plural, quarter_end
from app.services.outbox import OutboxService
from app.services.prefs import Prefs
from app.services.records import Records
from app.services.views_model import (
    ChangeLine,
    Closing,
    Need,
    Pipeline,
    PipelineStage,
    RenewalWindow,
)
from app.store.query import Condition

_STAGES = 5
_SEEN = "seen_at"
_FIRST_LOOK_BACK = timedelta(days=3)
_WINDOWS = (30, 60, 90)


class HomeService:
    """Reads for the first page. Each method looks afresh."""

    def __init__(
        self,
        context: PortalContext,
        records: Records,
        outbox: OutboxService,
        conflicts: ConflictService,
        prefs: Prefs,
    ) -> None:
        self._context = context
        self._records = records
        self._sources = needs.Sources(context, records, outbox, conflicts)
        self._prefs = prefs

    def greeting(self) -> tuple[str, str]:
        """Return title and date: *Good morning, Maya*, *Monday 23 November*."""
        now = self._context.formats.now()
        part = "morning" if 4 <= now.hour < 12 else "afternoon" if 12 <= now.hour < 18 else "evening"
        first = self._context.me.name.split()[0] if self._context.me.name else ""
        name = f", {first}" if first else ""
        return f"Good {part}{name}", self._context.formats.long_day(now.date())

    def needs_me(self) -> list[Need]:
        """Return the jobs that wait for this user, most urgent first."""
        return needs.jobs(self._sources)

    def needs_summary(self, jobs: list[Need]) -> str:
        """*7 jobs · 3 due today*."""
        today = self._context.formats.today()
        local = self._context.formats.local
        due = sum(1 for job in jobs if job.due_at is not None and local(job.due_at).date() <= today)
        return f"{plural(len(jobs), 'job')} · {due} due today" if due else plural(len(jobs), "job")

    # -- pipeline -----------------------------------------------------------------------------------------
    def pipeline(self, entity: str = "deal_registration") -> Pipeline | None:
        """Return open records by stage; None for a portal whose manifest has no such list with a total."""
        spec = self._context.manifest.entity(entity)
        if spec is None or spec.lifecycle is None or not spec.list.total:
            return None
        staged = _staged(spec)
        stages = tuple(self._stage(spec, group, index) for index, group in enumerate(staged, start=1))
        states = tuple(state.name for group in staged for state in group)
        where = in_states(self._context, spec, states)
        totals = self._records.sums(spec, where)
        return Pipeline(
            entity=entity,
            open_count=sum(stage.count for stage in stages),
            currencies=tuple(totals),
            totals=totals,
            stages=stages,
            closing=self._closing(spec, where),
            ending=self._records.count(entity, "ending"),
        )

    def _stage(self, spec: EntityType, group: tuple[StateSpec, ...], index: int) -> PipelineStage:
        where = in_states(self._context, spec, tuple(state.name for state in group))
        return PipelineStage(
            state=group[0].name,
            label=group[0].label,
            index=index,
            count=self._count(spec, where),
            totals=self._records.sums(spec, where),
        )

    def _closing(self, spec: EntityType, where: Condition) -> Closing:
        """What is meant to close by the end of this quarter."""
        field = spec.field("target_close") or spec.field("term_end")
        if field is None:
            return Closing(0, {})
        today = self._context.formats.today()
        due = where & within_days(self._context, spec, field.name, (quarter_end(today) - today).days)
        return Closing(self._count(spec, due), self._records.sums(spec, due))

    def _count(self, spec: EntityType, condition: Condition) -> int:
        return self._context.store.projection.count(spec.name, condition)

    # -- renewals -----------------------------------------------------------------------------------------
    def renewals(self, entity: str = "renewal") -> list[RenewalWindow]:
        """Return open renewals by when their term ends: within 30, then 60, then 90 days."""
        spec = self._context.manifest.entity(entity)
        if spec is None or spec.field("term_end") is None:
            return []
        reach = [self._reach(spec, days) for days in _WINDOWS]
        windows: list[RenewalWindow] = []
        before = _Reach(0, 0, {})
        for days, so_far in zip(_WINDOWS, reach, strict=True):
            windows.append(_window(days, so_far.beyond(before)))
            before = so_far
        return windows

    def _reach(self, spec: EntityType, days: int) -> _Reach:
        """Open renewals from today on to `days` ahead."""
        where = open_condition(self._context, spec) & within_days(self._context, spec, "term_end", days)
        waiting = where & in_states(self._context, spec, ("quoted",))
        return _Reach(self._count(spec, where), self._count(spec, waiting), self._records.sums(spec, where))

    # -- what changed -------------------------------------------------------------------------------------
    def seen_at(self) -> datetime:
        """Return when the user last marked the changes as seen; at first, three days ago."""
        seen = moment_of(self._prefs.get(_SEEN))
        return seen or self._context.now() - _FIRST_LOOK_BACK

    def changed(self, limit: int = 40) -> list[ChangeLine]:
        """Return what the vendor changed since then, newest first."""
        return changes.lines(self._context, self._records, self.seen_at(), limit)

    def changed_since_words(self) -> str:
        """*Changed since Friday 17:36*."""
        return f"Changed since {self._context.formats.since(self.seen_at())}"

    def mark_seen(self) -> None:
        """Remember that everything up to now was seen."""
        self._prefs.set(_SEEN, self._context.now().isoformat())

    def unmark_seen(self, before: datetime) -> None:
        """Undo `mark_seen`: go back to an earlier moment."""
        self._prefs.set(_SEEN, before.isoformat())


@dataclass(frozen=True)
class _Reach:
    """Renewals within some days: all of them, those that wait for an answer, and their totals."""

    count: int
    waiting: int
    totals: Mapping[str, Decimal]

    def beyond(self, nearer: _Reach) -> _Reach:
        """What is left after the renewals of a nearer reach."""
        left = {code: total - nearer.totals.get(code, Decimal(0)) for code, total in self.totals.items()}
        return _Reach(
            self.count - nearer.count,
            self.waiting - nearer.waiting,
            {code: total for code, total in left.items() if total},
        )


def _window(days: int, reach: _Reach) -> RenewalWindow:
    nearest = days == _WINDOWS[0]
    note, tone = ("Quotes to come", Tone.NEUTRAL) if reach.count else ("Nothing to renew", Tone.NEUTRAL)
    if reach.waiting:
        note, tone = (f"{reach.waiting} not answered", Tone.WARN) if nearest else ("Quoted", Tone.NEUTRAL)
    elif reach.count and nearest:
        note, tone = "All answered", Tone.OK
    return RenewalWindow(f"Within {days} days", reach.count, reach.totals, note, tone)


def _staged(spec: EntityType) -> list[tuple[StateSpec, ...]]:
    """The open states on the main path as at most five segments; further ones join the segment of their step."""
    staged: list[tuple[StateSpec, ...]] = []
    for state in spec.lifecycle.states if spec.lifecycle else ():
        if not state.open or state.step is None:
            continue
        same_step = next((i for i, group in enumerate(staged) if group[0].step == state.step), None)
        if len(staged) < _STAGES:
            staged.append((state,))
        elif same_step is not None:
            staged[same_step] = (*staged[same_step], state)
    return staged
