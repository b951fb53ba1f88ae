"""Whatever else a portal's manifest says is the user's turn: a kind of record that has no words of its own here."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.manifest import EntityType, FieldType, Tone
from app.services.needing.asking import Sources, day_due, in_state, need
from app.services.views_model import Need, RecordView

#: Kinds with a function of their own in this package; what those leave out needs nobody.
TOLD_ELSEWHERE = frozenset(
    {
        "approval",
        "deal_registration",
        "deliverable",
        "document",
        "invoice",
        "lead",
        "membership",
        "renewal",
        "request",
        "task",
    }
)


def my_turn(sources: Sources) -> Iterator[Need]:
    for entity in sources.context.manifest.entities:
        if entity.kind != "record" or entity.lifecycle is None or entity.name in TOLD_ELSEWHERE:
            continue
        # Without a command nothing can be done about it here, whoever's turn it is.
        mine = [
            state.name
            for state in entity.lifecycle.states
            if state.open and state.waits_on == "partner" and _can_act(entity, state.name)
        ]
        for record in in_state(sources, entity.name, mine):
            yield _need(sources, entity, record)


def _can_act(entity: EntityType, state: str) -> bool:
    commands = entity.lifecycle.commands if entity.lifecycle else ()
    return any(command.by == "partner" and state in command.from_states for command in commands)


def _need(sources: Sources, entity: EntityType, record: RecordView) -> Need:
    first = next(
        (c for c in sources.records.commands(record.gid) if c.primary),
        None,
    )
    verb = first.label if first is not None and len(first.label) <= 14 else sources.context.tr("Open")
    title = sources.context.tr("{kind}: {title}").format(kind=entity.label, title=record.title)
    about = " · ".join(
        part for part in (record.subtitle, sources.context.tr.inside(record.state_label)) if part
    )
    due = day_due(sources, record.data.get(_due_field(entity)))
    return need(record, entity.icon, title, about, due, verb, "", Tone.WARN if not due.words else "")


def _due_field(entity: EntityType) -> str:
    """The date of a kind of record by which something is due: that of its countdown, or the first that says so."""
    counted = next((column.field for column in entity.list.columns if column.show == "countdown"), "")
    dates = [spec.name for spec in entity.fields if spec.type is FieldType.DATE]
    return counted or next((name for name in dates if name.startswith("due")), "")
