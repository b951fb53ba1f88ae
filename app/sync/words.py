"""Lines of the activity list, in the user's words: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from app.contract.evidence import fingerprint
from app.contract.manifest import EntityType, Manifest
from app.contract.mutations import Outcome, Status
from app.contract.said import Said, counted, inside, said

#: Between a figure and its unit, which one line keeps together.
_TIED = "\u00a0"


@dataclass(frozen=True)
class Line:
    """One line; `kind` picks its mark."""

    kind: str
    text: str


def told(what: str, whom: str, outcome: Outcome, entity: EntityType | None) -> Line | None:
    """Return what to tell of an outcome; None when there is nothing to tell yet."""
    about = ", ".join(part for part in (what, whom) if part) or said("a change")
    receipt = said(", receipt {name}", name=outcome.receipt) if outcome.receipt else ""
    match outcome.status:
        case Status.APPLIED:
            return Line("sent", said("Sent: {about}{receipt}", about=about, receipt=receipt))
        case Status.MERGED:
            fields = listed(_label(entity, name) for name in outcome.others)
            merged = ", ".join(part for part in (fields or what, whom) if part)
            return Line("merged", said("Merged: {about}{receipt}", about=merged, receipt=receipt))
        case Status.CONFLICT:
            who = next(
                (clash.theirs_by for clash in outcome.clashes if clash.theirs_by), said("Somebody else")
            )
            return Line(
                "conflict",
                said(
                    "Needs you: {about}{receipt}. {who} changed the same.",
                    about=about,
                    receipt=receipt,
                    who=who,
                ),
            )
        case Status.REJECTED:
            reason = outcome.problem.message if outcome.problem else ""
            if not reason:
                return Line("rejected", said("Not taken: {about}{receipt}.", about=about, receipt=receipt))
            text = said("Not taken: {about}{receipt}. {reason}", about=about, receipt=receipt, reason=reason)
            return Line("rejected", text)
        case Status.GONE:
            return Line("gone", said("A change could not be sent: its record is no longer there."))
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
    what = f"{entity.label} {name}".rstrip()
    if not vendor:
        return Line("received", f"{what}: {stage}")
    text = said("{what}: {stage}, received from {vendor}", what=what, stage=stage, vendor=vendor)
    return Line("received", text)


def pulled(changes: int, seconds: float) -> Line:
    """Return the line of a pull."""
    lasted = f"{max(seconds, 0.1):.1f}"
    text = counted(
        changes, "Pulled %n change in {seconds} s", "Pulled %n changes in {seconds} s", seconds=lasted
    )
    return Line("pulled", text)


def read_afresh(records: int, seconds: float) -> Line:
    """Return the line of a snapshot."""
    lasted = duration(timedelta(seconds=seconds))
    text = counted(records, "Read %n record in {time}", "Read %n records in {time}", time=lasted)
    return Line("pulled", text)


def taken_out(records: int, *, agreed: bool) -> Line:
    """Return the line of most records leaving at once; `agreed`: a person has said that this is right."""
    if agreed:
        text = counted(
            records,
            "Removed %n record that the gateway no longer shows, as you agreed",
            "Removed %n records that the gateway no longer shows, as you agreed",
        )
    else:
        text = counted(
            records,
            "Removed %n record that the gateway no longer shows",
            "Removed %n records that the gateway no longer shows",
        )
    return Line("removed", text)


def back(away: timedelta, cause: str) -> Line:
    """Return the line of a return to the network; `cause` is why it was away."""
    if not cause:
        return Line("online", said("Back after {time} offline", time=duration(away)))
    return Line("online", said("Back after {time} offline. {why}", time=duration(away), why=sentence(cause)))


def incident(differed: Mapping[str, int], left: Collection[str] | None, manifest: Manifest | None) -> Line:
    """Return the line of a difference that no exchange explains.

    `differed`: records by entity type; `left`: the types that still differ, None when that is not known.
    """
    what = listed(_counted(manifest, entity, count) for entity, count in sorted(differed.items()))
    if left is None:
        ending = said("fetched again; both sides are compared again soon")
    elif not left:
        ending = said("repaired")
    else:
        still = listed(_plural(manifest, entity) for entity in sorted(left))
        ending = said("not repaired: {what} still differ", what=still)
    text = said("Incident: {what} differed from the gateway, {ending}", what=what, ending=ending)
    return Line("incident", text)


def _counted(manifest: Manifest | None, entity: str, count: int) -> str:
    spec = manifest.entity(entity) if manifest else None
    one, many = (spec.label, spec.plural) if spec else (entity, entity)
    if not count:
        return said("the sums of {things}", things=inside(many))
    return said("{count} {things}", count=count, things=inside(one if count == 1 else many))


def _plural(manifest: Manifest | None, entity: str) -> str:
    spec = manifest.entity(entity) if manifest else None
    return inside(spec.plural if spec else entity)


def traces_left() -> Line:
    """Tell that the file could not be written anew after a revocation, for want of room."""
    return Line(
        "problem",
        said(
            "What is no longer shared with you is deleted; its last traces leave the encrypted file"
            " once the disk has room"
        ),
    )


def strange_key(key: str) -> Line:
    """Return the line of a gateway that signs with another key than the one that is known here."""
    return Line("problem", said("Receipts are signed with another key now: {key}", key=fingerprint(key)))


def duration(span: timedelta) -> str:
    """Return a length of time in the two units that matter."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{max(1, seconds)}{_TIED}s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes}{_TIED}min"
    hours, rest = divmod(minutes, 60)
    return (
        f"{hours}{_TIED}h{_TIED}{rest}{_TIED}min" if hours < 48 else counted(hours // 24, "%n day", "%n days")
    )


def sentence(cause: str) -> str:
    """Return an error's own sentence so that, inside another one, it can still be said in another language."""
    return cause if isinstance(cause, Said) else said(cause)


def listed(names: Iterable[str]) -> str:
    """Return *a*, *a and b*, *a, b and c*."""
    *before, last = [*names] or [""]
    if not before:
        return last
    first = before[0]
    for name in before[1:]:
        first = said("{first}, {second}", first=first, second=name)
    return said("{first} and {second}", first=first, second=last)


def _label(entity: EntityType | None, name: str) -> str:
    field = entity.field(name) if entity is not None else None
    return field.label.lower() if field is not None else name
