"""The vendor asked for something in a task, and nothing it begins after stands in the way."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.manifest import EntityType, Tone
from app.services.needing.asking import Sources, day_due, in_state, may, need
from app.services.submission import submission_command
from app.services.views_model import Need, TaskLine

_TASK = "task"


def to_hand_in(sources: Sources) -> Iterator[Need]:
    entity = sources.context.manifest.entity(_TASK)
    if entity is None or entity.lifecycle is None:
        return
    mine = [state.name for state in entity.lifecycle.states if state.open and state.waits_on == "partner"]
    for line in sources.tasks.lines(in_state(sources, _TASK, mine)):
        command = submission_command(entity, line.record.state)
        if command is not None and may(sources, _TASK, command.name) and not line.after:
            yield _task(sources, entity, line)


def _task(sources: Sources, entity: EntityType, line: TaskLine) -> Need:
    record = line.record
    template = sources.context.template_of(_TASK, record.data)
    returned = record.state == "returned"
    said = _first_line(record.data.get("review_note")) if returned else ""
    about = " · ".join(
        part for part in (record.subtitle, said or _standing(sources, entity, line, returned)) if part
    )
    tr = sources.context.tr
    begin = (template.action or tr("Fill in")) if template else tr("Open")
    action = tr("Mend") if returned else tr("Go on") if line.begun else begin
    icon = template.icon if template else "list-check"
    title = tr("Mend “{title}”").format(title=record.title) if returned else record.title
    due = day_due(sources, record.data.get("due_at"))
    return need(
        record, icon, title, about, due, _short(sources, action), "edit", Tone.WARN if returned else ""
    )


def _standing(sources: Sources, entity: EntityType, line: TaskLine, returned: bool) -> str:
    if returned:
        return sources.context.tr.inside(line.record.state_label)
    return sources.context.tr("begun") if line.begun else sources.context.tr.inside(entity.label)


def _short(sources: Sources, action: str) -> str:
    """A button of the list holds a verb of two or three words."""
    return action if len(action) <= 14 else sources.context.tr("Fill in")


def _first_line(value: object) -> str:
    return str(value or "").strip().split("\n", 1)[0]
