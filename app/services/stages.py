"""The open records of a type by stage, as the first page shows them; and what is meant to close this quarter."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.manifest import EntityType, FieldSpec, StateSpec
from app.services.context import PortalContext, in_states, within_days
from app.services.format import quarter_end
from app.store.query import CLOSING_FIELDS, Condition

_MOST_STAGES = 5

#: Names of the figures that are not of a stage.
OPEN, CLOSING = "figure:open", "figure:closing"


def has_stages(spec: EntityType) -> bool:
    """Whether records of a type go through stages and have a sum."""
    return spec.lifecycle is not None and bool(spec.list.total)


def staged(spec: EntityType) -> list[tuple[StateSpec, ...]]:
    """The open states on the main path as at most five segments; further ones join the segment of their step."""
    found: list[tuple[StateSpec, ...]] = []
    for state in spec.lifecycle.states if spec.lifecycle else ():
        if not state.open or state.step is None:
            continue
        same_step = next((i for i, group in enumerate(found) if group[0].step == state.step), None)
        if len(found) < _MOST_STAGES:
            found.append((state,))
        elif same_step is not None:
            found[same_step] = (*found[same_step], state)
    return found


def stage_name(stage: tuple[StateSpec, ...]) -> str:
    """The name of a stage's figure."""
    return f"figure:{stage[0].name}"


def closing_field(spec: EntityType) -> FieldSpec | None:
    """The date on which a record is meant to close."""
    return next((field for name in CLOSING_FIELDS if (field := spec.field(name)) is not None), None)


def groups(context: PortalContext, spec: EntityType) -> Iterator[tuple[str, Condition]]:
    """Yield name and condition of every figure of a type; none of a type without stages."""
    if not has_stages(spec):
        return
    stages = staged(spec)
    for stage in stages:
        yield stage_name(stage), in_states(context, spec, tuple(state.name for state in stage))
    where = in_states(context, spec, tuple(state.name for stage in stages for state in stage))
    yield OPEN, where
    field = closing_field(spec)
    if field is not None:
        today = context.formats.today()
        yield CLOSING, where & within_days(context, spec, field.name, (quarter_end(today) - today).days)
