"""How a project stands: its milestones with what is handed over at each, what waits for the user, and its budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.contract.manifest import EntityType
from app.services.context import PortalContext, state_spec
from app.services.format import date_of, decimal_of
from app.services.passing import of_chip
from app.services.records import Records
from app.services.views_model import RecordView

MILESTONE, DELIVERABLE, PROJECT = "milestone", "deliverable", "project"


class Mark(StrEnum):
    """How one milestone stands."""

    REACHED = "reached"
    NOW = "now"
    LATE = "late"
    PLANNED = "planned"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Milestone:
    """One milestone; `when` says the day in words, `late` by how much it is late, empty when it is not."""

    gid: str
    title: str
    about: str
    mark: Mark
    state: str
    when: str
    late: str
    deliverables: tuple[RecordView, ...]


@dataclass(frozen=True)
class Budget:
    """What is spent of what is agreed, in one currency; `share` from 0, above 1 when it is overspent."""

    spent: Decimal
    budget: Decimal
    currency: str

    @property
    def share(self) -> float:
        """The part that is spent."""
        return float(self.spent / self.budget)

    @property
    def over(self) -> Decimal:
        """What is spent beyond the budget; zero when nothing is."""
        return max(Decimal(0), self.spent - self.budget)


@dataclass(frozen=True)
class Plan:
    """A project's milestones in their order, deliverables that belong to none, and those that wait for the user."""

    milestones: tuple[Milestone, ...]
    others: tuple[RecordView, ...]
    waiting: tuple[RecordView, ...]
    budget: Budget | None


def plan_of(context: PortalContext, records: Records, project: RecordView) -> Plan:
    """Read how a project stands."""
    milestones = _of(context, records, MILESTONE, project)
    deliverables = _of(context, records, DELIVERABLE, project)
    milestones.sort(key=_place)
    known = {one.gid for one in milestones}
    entity = context.manifest.entity(DELIVERABLE)
    return Plan(
        milestones=tuple(
            _milestone(context, one, [d for d in deliverables if d.data.get(MILESTONE) == one.gid])
            for one in milestones
        ),
        others=tuple(one for one in deliverables if one.data.get(MILESTONE) not in known),
        waiting=tuple(one for one in deliverables if entity is not None and waits_on_me(entity, one)),
        budget=budget_of(project),
    )


def _of(context: PortalContext, records: Records, entity: str, project: RecordView) -> list[RecordView]:
    spec = context.manifest.entity(entity)
    if spec is None or spec.field(PROJECT) is None:
        return []
    return records.rows(records.ids(entity, of_chip(PROJECT, project.gid)))


def _place(one: RecordView) -> tuple[int, str]:
    number = one.data.get("order_no")
    return (number if isinstance(number, int) else 10**6, str(one.data.get("due_at") or "9999"))


def waits_on_me(entity: EntityType, record: RecordView) -> bool:
    """Tell whether it is the user's turn on a record."""
    state = state_spec(entity, record.state)
    return state is not None and state.open and state.waits_on == "partner"


def _milestone(context: PortalContext, record: RecordView, found: Sequence[RecordView]) -> Milestone:
    due, reached = date_of(record.data.get("due_at")), date_of(record.data.get("reached_at"))
    entity = context.manifest.entity(MILESTONE)
    state = state_spec(entity, record.state)
    today = context.formats.today()
    mark = milestone_mark(record.state, is_open=state is None or state.open, due=due, today=today)
    over = (today - due).days if mark is Mark.LATE and due is not None else 0
    return Milestone(
        gid=record.gid,
        title=record.title,
        about=str(record.data.get("description") or ""),
        mark=mark,
        state=record.state_label,
        when=_when(context, mark, due, reached),
        late=context.tr.plural(over, "%n day late", "%n days late") if over > 0 else "",
        deliverables=tuple(found),
    )


def milestone_mark(state: str, *, is_open: bool, due: date | None, today: date) -> Mark:
    """Tell how a milestone stands: one whose day has passed is late, whether the vendor says so or not."""
    if state == "reached":
        return Mark.REACHED
    if not is_open:
        return Mark.DROPPED
    if state == "late" or (due is not None and due < today):
        return Mark.LATE
    return Mark.NOW if state == "active" else Mark.PLANNED


def _when(context: PortalContext, mark: Mark, due: date | None, reached: date | None) -> str:
    formats = context.formats
    if mark is Mark.REACHED:
        words = context.tr("Reached {day}")
        return words.format(day=formats.weekday_day(reached)) if reached else context.tr("Reached")
    if mark is Mark.DROPPED or due is None:
        return ""
    words = context.tr("Was due {day}") if due < formats.today() else context.tr("Due {day}")
    return words.format(day=formats.weekday_day(due))


def budget_of(project: RecordView) -> Budget | None:
    """Return a project's budget; None where none is told or it is not above zero."""
    budget, spent = decimal_of(project.data.get("budget")), decimal_of(project.data.get("spent"))
    if budget is None or budget <= 0:
        return None
    return Budget(spent or Decimal(0), budget, str(project.data.get("currency") or ""))


def earlier_versions(context: PortalContext, records: Records, record: RecordView) -> tuple[RecordView, ...]:
    """Return the other versions of a deliverable: of the same title in the same project, the newest first."""
    project = records.get(str(record.data.get(PROJECT) or ""))
    if project is None:
        return ()
    same = [
        one
        for one in _of(context, records, record.entity, project)
        if one.gid != record.gid and one.title.casefold() == record.title.casefold()
    ]
    return tuple(sorted(same, key=lambda one: str(one.data.get("handed_over_at") or ""), reverse=True))
