"""Lines of the activity list, in the user's words: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from app.contract.evidence import fingerprint
from app.contract.manifest import EntityType, Manifest
from app.contract.mutations import Outcome, Status


@dataclass(frozen=True)
class Line:
    """One line; `kind` picks its mark."""

    kind: str
    text: str


def told(what: str, whom: str, outcome: Outcome, entity: EntityType | None) -> Line | None:
    """Return what to tell of an outcome; None when there is nothing to tell yet."""
    about = ", ".join(part for part in (what or "a change", whom) if part)
    receipt = f", receipt {outcome.receipt}" if outcome.receipt else ""
    match outcome.status:
        case Status.APPLIED:
            return Line("sent", f"Sent: {about}{receipt}")
        case Status.MERGED:
            fields = listed(_label(entity, name) for name in outcome.others)
            return Line(
                "merged", f"Merged: {', '.join(part for part in (fields or what, whom) if part)}{receipt}"
            )
        case Status.CONFLICT:
            who = next((clash.theirs_by for clash in outcome.clashes if clash.theirs_by), "Somebody else")
            return Line("conflict", f"Needs you: {about}{receipt}. {who} changed the same.")
        case Status.REJECTED:
            reason = outcome.problem.message if outcome.problem else ""
            return Line("rejected", f"Not taken: {about}{receipt}. {reason}".rstrip())
        case Status.GONE:
            return Line("gone", "A change could not be sent: its record is no longer there.")
        case Status.DEFERRED:
            return None
        case _:
            assert_never(outcome.status)


def news(
    entity: EntityType, before: Mapping[str, Any] | None, after: Mapping[str, Any], vendor: str
) -> Line | None:
    """Return what to tell of a record that came in: a stage that moved. None when it is nothing to speak of."""
    if before is None or entity.lifecycle is None:
        return None
    was, now = before.get(entity.state_field), after.get(entity.state_field)
    if was == now or not isinstance(now, str):
        return None
    state = entity.lifecycle.state(now)
    name = str(after.get(entity.number_field) or after.get(entity.title_field) or "")
    stage = (state.label if state else now).lower()
    from_whom = f", received from {vendor}" if vendor else ""
    return Line("received", f"{entity.label} {name}".rstrip() + f": {stage}{from_whom}")


def pulled(changes: int, seconds: float) -> Line:
    """Return the line of a pull."""
    count = "1 change" if changes == 1 else f"{changes:,} changes"
    return Line("pulled", f"Pulled {count} in {max(seconds, 0.1):.1f} s")


def read_afresh(records: int, seconds: float) -> Line:
    """Return the line of a snapshot."""
    return Line("pulled", f"Read {records:,} records in {duration(timedelta(seconds=seconds))}")


def taken_out(records: int, *, agreed: bool) -> Line:
    """Return the line of most records leaving at once; `agreed`: a person has said that this is right."""
    return Line(
        "removed",
        f"Removed {records:,} records that the gateway no longer shows"
        + (", as you agreed" if agreed else ""),
    )


def back(away: timedelta, cause: str) -> Line:
    """Return the line of a return to the network; `cause` is why it was away."""
    why = cause.rstrip(".")
    why = why[:1].lower() + why[1:]
    return Line("online", f"Back after {duration(away)} offline" + (f": {why}" if why else ""))


def incident(differed: Mapping[str, int], left: Collection[str] | None, manifest: Manifest | None) -> Line:
    """Return the line of a difference that no exchange explains.

    `differed`: records by entity type; `left`: the types that still differ, None when that is not known.
    """
    what = listed(_counted(manifest, entity, count) for entity, count in sorted(differed.items()))
    if left is None:
        ending = "fetched again; both sides are compared again soon"
    elif not left:
        ending = "repaired"
    else:
        still = listed(_plural(manifest, entity) for entity in sorted(left))
        ending = f"not repaired: {still} still differ"
    return Line("incident", f"Incident: {what} differed from the gateway, {ending}")


def _counted(manifest: Manifest | None, entity: str, count: int) -> str:
    spec = manifest.entity(entity) if manifest else None
    one, many = (spec.label, spec.plural) if spec else (entity, entity)
    return f"{count:,} {(one if count == 1 else many).lower()}" if count else f"the sums of {many.lower()}"


def _plural(manifest: Manifest | None, entity: str) -> str:
    spec = manifest.entity(entity) if manifest else None
    return (spec.plural if spec else entity).lower()


def traces_left() -> Line:
    """Tell that the file could not be written anew after a revocation, for want of room."""
    return Line(
        "problem",
        "What is no longer shared with you is deleted; its last traces leave the encrypted file"
        " once the disk has room",
    )


def strange_key(key: str) -> Line:
    """Return the line of a gateway that signs with another key than the one that is known here."""
    return Line("problem", f"Receipts are signed with another key now: {fingerprint(key)}")


def duration(span: timedelta) -> str:
    """Return a length of time in the two units that matter."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{max(1, seconds)} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours < 48 else f"{hours // 24} days"


def listed(names: Iterable[str]) -> str:
    """Return *a*, *a and b*, *a, b and c*."""
    all_names = [*names]
    if len(all_names) < 2:
        return "".join(all_names)
    return f"{', '.join(all_names[:-1])} and {all_names[-1]}"


def _label(entity: EntityType | None, name: str) -> str:
    field = entity.field(name) if entity is not None else None
    return field.label.lower() if field is not None else name
