"""Home: what needs me, how the pipeline stands, which renewals are due, and what the vendor changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.contract.manifest import EntityType, FieldType, StateSpec, Tone
from app.services import changes, needs, stages
from app.services.context import PortalContext, in_states, open_condition, within_days
from app.services.format import date_of, moment_of
from app.services.lists import Lists
from app.services.needing.asking import Sources
from app.services.passing import window_words
from app.services.prefs import Prefs
from app.services.records import Records
from app.services.views_model import (
    ChangeLine,
    Closing,
    Due,
    Figure,
    Glance,
    HomeView,
    Need,
    Pipeline,
    PipelineStage,
    RenewalWindow,
)
from app.services.words import Words
from app.store.query import Condition, sort_order

_SEEN = "seen_at"
_FIRST_LOOK_BACK = timedelta(days=3)
#: The filter of what loses its protection soon, where a list has one.
_ENDING = "ending"
_GLANCE = 8


class HomeService:
    """Reads for the first page. Each method looks afresh."""

    def __init__(
        self,
        context: PortalContext,
        records: Records,
        sources: Sources,
        prefs: Prefs,
        lists: Lists,
    ) -> None:
        self._context = context
        self._lists = lists
        self._records = records
        self._sources = sources
        self._prefs = prefs

    def greeting(self) -> tuple[str, str]:
        """Return title and date: *Good morning, Maya*, *Monday 23 November*."""
        now = self._context.formats.now()
        first = self._context.me.name.split()[0] if self._context.me.name else ""
        return self._greeted(now.hour, first), self._context.formats.long_day(now.date())

    def _greeted(self, hour: int, name: str) -> str:
        tr = self._context.tr
        if 4 <= hour < 12:
            return tr("Good morning, {name}").format(name=name) if name else tr("Good morning")
        if 12 <= hour < 18:
            return tr("Good afternoon, {name}").format(name=name) if name else tr("Good afternoon")
        return tr("Good evening, {name}").format(name=name) if name else tr("Good evening")

    def needs_me(self) -> list[Need]:
        """Return the jobs that wait for this user, most urgent first."""
        return needs.jobs(self._sources)

    def needs_summary(self, jobs: list[Need]) -> str:
        """*7 jobs · 3 due today*."""
        today = self._context.formats.today()
        local = self._context.formats.local
        due = sum(1 for job in jobs if job.due_at is not None and local(job.due_at).date() <= today)
        counted = self._context.tr.plural(len(jobs), "%n job", "%n jobs")
        return self._context.tr("{jobs} · {due} due today").format(jobs=counted, due=due) if due else counted

    def read(self) -> HomeView:
        """Return what the first page shows but for the pipeline."""
        jobs = self.needs_me()
        return HomeView(
            needs=tuple(jobs),
            needs_summary=self.needs_summary(jobs),
            renewals=tuple(self.renewals()),
            changed=tuple(self.changed()),
            changed_since=self.changed_since_words(),
            glance=tuple(self.glance()) if self.pipeline_of is None else (),
        )

    # -- pipeline -----------------------------------------------------------------------------------------
    @property
    def pipeline_of(self) -> EntityType | None:
        """The kind of record shown by stage: the first one with stages, a sum and a date to close by; or None.

        What comes due in windows of days, as contracts do, is told there and is no pipeline.
        """
        found = [
            spec
            for spec in self._context.manifest.entities
            if spec.nav
            and not spec.list.windows
            and stages.has_stages(spec)
            and stages.staged(spec)
            and stages.closing_field(spec)
        ]
        return min(found, key=lambda spec: (not spec.creatable, spec.rank), default=None)

    def pipeline(self, entity: str = "") -> Pipeline | None:
        """Return open records by stage; None for a portal whose manifest has no such list with a total."""
        spec = self._context.manifest.entity(entity) if entity else self.pipeline_of
        if spec is None or not stages.has_stages(spec):
            return None
        figures = {
            name: self._lists.figure(spec, name, where) for name, where in stages.groups(self._context, spec)
        }
        found = tuple(_stage(group, index, figures) for index, group in enumerate(stages.staged(spec), 1))
        totals = figures[stages.OPEN].totals
        closing = figures.get(stages.CLOSING, Figure(0, {}))
        ends = any(chip.name == _ENDING for chip in spec.list.chips)
        ending = (
            self._lists.figure(spec, _ENDING, self._records.chip(spec, _ENDING)) if ends else Figure(0, {})
        )
        return Pipeline(
            entity=spec.name,
            open_count=sum(stage.count for stage in found),
            currencies=tuple(totals),
            totals=totals,
            stages=found,
            closing=Closing(closing.count, closing.totals),
            ending=ending.count,
        )

    # -- what there is, where there is no pipeline ---------------------------------------------------------
    def glance(self) -> list[Glance]:
        """Return what a portal without a pipeline has: its lists that hold something, what is open, what is next."""
        found = []
        for spec in sorted(self._context.manifest.entities, key=lambda spec: spec.rank):
            if spec.kind == "record" and spec.nav and spec.lifecycle is not None:
                total = self._records.count(spec.name)
                if total:
                    found.append(self._glance(spec, total))
        return found[:_GLANCE]

    def _glance(self, spec: EntityType, total: int) -> Glance:
        first = spec.list.chips[0] if spec.list.chips and spec.list.chips[0].filters else None
        only_open = first is None or [one.op for one in first.filters] == ["open"]
        # What the navigation counts: the list as it opens.
        where = self._records.chip(spec, first.name) if first else open_condition(self._context, spec)
        count = self._count(spec, where)
        tr = self._context.tr
        if first is None or only_open:
            words = tr.plural(count, "%n open", "%n open") if count else tr("None open")
        else:
            words = tr("{what}: {count}").format(what=first.label, count=tr.number(count))
        amounts = self._context.formats.totals(self._records.sums(spec, where) if count else {})
        return Glance(spec.name, spec.place_name, spec.icon, words, self._next_date(spec), amounts, total)

    def _next_date(self, spec: EntityType) -> Due:
        """The nearest date ahead among the open ones, where their list counts down to one."""
        column = next((c for c in spec.list.columns if c.show in ("countdown", "date")), None)
        field = spec.field(column.field) if column is not None else None
        if field is None or field.type is not FieldType.DATE:
            return Due("", Tone.NEUTRAL, None)
        where = open_condition(self._context, spec) & within_days(self._context, spec, field.name, 366)
        ids = self._context.store.projection.ids(spec.name, where, sort_order(spec, field.name), 1)
        first = next(iter(self._records.rows(ids)), None)
        day = date_of(first.data.get(field.name)) if first is not None else None
        return self._next_due(day) if day is not None else Due("", Tone.NEUTRAL, None)

    def _next_due(self, day: date) -> Due:
        return replace(self._context.formats.due(day), words=self._context.formats.next(day))

    def _count(self, spec: EntityType, condition: Condition) -> int:
        return self._context.store.projection.count(spec.name, condition)

    # -- renewals -----------------------------------------------------------------------------------------
    @property
    def windows_of(self) -> EntityType | None:
        """The kind of record whose dates are counted in windows, as renewals are; None where the portal has none."""
        found = (spec for spec in self._context.manifest.entities if spec.list.windows)
        fit = [spec for spec in found if spec.field(spec.list.window_field) is not None]
        # What one answers, with sums, before what only ends.
        return min(fit, key=lambda spec: (not spec.list.total, spec.rank), default=None)

    def renewals(self) -> list[RenewalWindow]:
        """Return open renewals by when their term ends: within 30, then 60, then 90 days, as the manifest says."""
        spec = self.windows_of
        if spec is None:
            return []
        windows: list[RenewalWindow] = []
        before, first = _Reach(0, 0, {}), 0
        for days in sorted(spec.list.windows):
            so_far = self._reach(spec, days)
            label = window_words(self._context, first, days)
            windows.append(_window(label, so_far.beyond(before), self._context.tr, nearest=not windows))
            before, first = so_far, days + 1
        return windows

    def _reach(self, spec: EntityType, days: int) -> _Reach:
        """Open renewals from today on to `days` ahead."""
        field = spec.list.window_field
        where = open_condition(self._context, spec) & within_days(self._context, spec, field, days)
        states = spec.lifecycle.states if spec.lifecycle else ()
        mine = tuple(state.name for state in states if state.open and state.waits_on == "partner")
        waiting = where & in_states(self._context, spec, mine)
        return _Reach(self._count(spec, where), self._count(spec, waiting), self._records.sums(spec, where))

    # -- what changed -------------------------------------------------------------------------------------
    def seen_at(self) -> datetime:
        """Return when the user last marked the changes as seen; at first, three days ago."""
        seen = moment_of(self._prefs.get(_SEEN))
        return seen or self._context.present() - _FIRST_LOOK_BACK

    def changed(self, limit: int = 40) -> list[ChangeLine]:
        """Return what the vendor changed since then, newest first."""
        return changes.lines(self._context, self._records, self.seen_at(), limit)

    def changed_after(self, since: datetime, limit: int) -> list[ChangeLine]:
        """Return what the vendor changed after a moment, newest first."""
        return changes.lines(self._context, self._records, since, limit)

    def changed_since_words(self) -> str:
        """*Changed since Friday 17:36*."""
        return self._context.tr("Changed since {since}").format(
            since=self._context.formats.since(self.seen_at())
        )

    def mark_seen(self) -> None:
        """Remember that everything up to now was seen."""
        self._prefs.set(_SEEN, self._context.present().isoformat())

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


def _window(label: str, reach: _Reach, tr: Words, *, nearest: bool) -> RenewalWindow:
    note, tone = (tr("Quotes to come"), Tone.NEUTRAL) if reach.count else (tr("None due"), Tone.NEUTRAL)
    if reach.waiting:
        note, tone = (
            (tr("{waiting} not answered").format(waiting=reach.waiting), Tone.WARN)
            if nearest
            else (tr("Quoted"), Tone.NEUTRAL)
        )
    elif reach.count and nearest:
        note, tone = tr("All answered"), Tone.OK
    return RenewalWindow(label, reach.count, reach.totals, note, tone)


def _stage(group: tuple[StateSpec, ...], index: int, figures: Mapping[str, Figure]) -> PipelineStage:
    figure = figures[stages.stage_name(group)]
    return PipelineStage(group[0].name, group[0].label, index, figure.count, figure.totals)
