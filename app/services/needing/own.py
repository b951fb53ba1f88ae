"""What stands still on this computer: conflicts, what was refused, what nobody sent yet."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.manifest import Tone
from app.services.needing.asking import Sources
from app.services.views_model import Need, OutboxAction, OutboxView, SyncState, Target


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def conflicts(sources: Sources) -> Iterator[Need]:
    today = sources.context.formats.today()
    for conflict in sources.conflicts.list():
        name = conflict.subtitle or conflict.title
        title = sources.context.tr("Decide what becomes of your edit on “{name}”")
        if conflict.fields:
            title = sources.context.tr.plural(
                len(conflict.fields), "Decide %n field on “{name}”", "Decide %n fields on “{name}”"
            )
        due = sources.context.formats.due(today)
        yield Need(
            icon="arrows-left-right",
            tone="clash",
            title=title.format(name=name),
            detail=_joined(conflict.number, conflict.title, sources.context.tr("conflict")),
            due=due.words,
            due_tone=due.tone,
            due_at=conflict.mine_at,
            action_label=sources.context.tr("Compare"),
            target=Target("conflict", gid=conflict.gid),
        )


def returned(sources: Sources) -> Iterator[Need]:
    """What the vendor refused: drafts that came back, and edits that stand in the sync centre."""
    for item in sources.outbox.items():
        if item.state is SyncState.REJECTED:
            yield _returned_need(sources, item)


def _returned_need(sources: Sources, item: OutboxView) -> Need:
    edits = OutboxAction.EDIT in item.actions
    return Need(
        icon="mark-rejected",
        tone=Tone.BAD,
        title=sources.context.tr("{vendor} returned “{what}”").format(
            vendor=sources.context.vendor, what=item.what
        ),
        detail=_joined(item.whom, item.reason),
        due="",
        due_tone=Tone.NEUTRAL,
        due_at=item.captured_at,
        action_label=sources.context.tr("Mend") if edits else sources.context.tr("Look"),
        target=Target("new", entity=item.entity, gid=item.gid)
        if edits
        else Target("sync_centre", gid=item.gid),
    )


def set_aside(sources: Sources) -> Iterator[Need]:
    """What can neither be sent nor is refused: it needs a person, and holds nothing else up."""
    for item in sources.outbox.items():
        if item.state is SyncState.QUARANTINED:
            yield Need(
                icon="mark-quarantined",
                tone=Tone.BAD,
                title=sources.context.tr("Decide what becomes of “{what}”").format(what=item.what),
                detail=_joined(item.whom, item.reason),
                due="",
                due_tone=Tone.NEUTRAL,
                due_at=item.captured_at,
                action_label=sources.context.tr("Look"),
                target=Target("sync_centre", gid=item.gid),
            )


def drafts(sources: Sources) -> Iterator[Need]:
    for row in sources.outbox.unfinished_drafts():
        entity = sources.context.manifest.entity(row.entity)
        record = sources.records.get(row.gid)
        label = entity.label if entity else row.entity
        name = (record.subtitle or record.title) if record else label
        yield Need(
            icon="pencil",
            tone=Tone.NEUTRAL,
            title=sources.context.tr("Finish “{name}”").format(name=name),
            detail=_joined(
                sources.context.tr("{label} · not submitted · saved {when}").format(
                    label=label, when=sources.context.formats.on(row.saved_at)
                ),
                row.doubt.words if row.doubt else "",
            ),
            due="",
            due_tone=Tone.NEUTRAL,
            due_at=None,
            action_label=sources.context.tr("Go on"),
            target=Target("new", entity=row.entity, gid=row.gid),
        )
