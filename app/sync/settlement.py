"""What an outcome means for the outbox: a pure decision; `apply` carries it out in one transaction.

The policy, by outcome (every arm is a row of the test table):

    applied, merged   truth; later commands and deletes on the record bind to the version this one made (applied only)
    conflict          truth; a conflict for the user; later edits of the same fields join it; what depends on it stops
    rejected, draft   the draft reopens with the reasons on its fields; its other unsent items go back into it; what
                      was to move the record it was derived from goes with it
    rejected, else    kept aside with the reason; later edits of the same fields rebase on what this one had seen;
                      what was refused only for what it follows is set aside as following it
    gone, deleted     truth; the user decides (keep as a new draft, or discard); a delete has got what it wanted
    gone, revoked     out of sight: everything of the record goes, only what the user typed is kept aside;
                      an addition to a record says so of that record
    deferred          tried again later; a file that the gateway does not hold (any more) is sent again before
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from app.contract.mutations import FieldClash, Kind, Mutation, Outcome, Problem, Status
from app.contract.records import Record
from app.store.outbox import Item
from app.store.states import ConflictKind, Ending
from app.sync.plan import depends, overlaps

#: `problem.code` of a *gone* outcome whose record was deleted rather than withdrawn from this user's sight.
DELETED = "deleted"

#: `problem.code` of a rejection that only follows from another one.
DEPENDS = "depends"

#: `problem.code` of a file that the gateway would not take.
UPLOAD = "upload"

#: `problem.code` when the gateway does not hold a file that the mutation names.
NO_FILE = "blob"

#: Seconds more with each time, and at most, before a mutation goes again that needs its file to be sent again: a
#: confused gateway that never has it does not keep the line busy.
_FILE_AGAIN = 5.0
_FILE_AGAIN_MOST = 300.0


@dataclass(frozen=True)
class Truth:
    """The record as the gateway has it now."""

    record: Record


@dataclass(frozen=True)
class Lost:
    """The record is no longer there: "tombstone" or "revoked"."""

    gid: str
    reason: str


@dataclass(frozen=True)
class Finish:
    """The mutation is settled with `status`; its receipt, if any, is kept."""

    mutation_id: str
    status: str


@dataclass(frozen=True)
class Postpone:
    """Try again, not before `seconds` when the gateway said so."""

    mutation_id: str
    seconds: float | None
    reason: str


@dataclass(frozen=True)
class SetAside:
    """The mutation needs a person."""

    mutation_id: str
    problem: Mapping[str, Any]


@dataclass(frozen=True)
class Rewrite:
    """An unsent mutation takes a new body under its old id."""

    mutation: Mutation


@dataclass(frozen=True)
class OpenConflict:
    """A conflict for the user. `mutation` holds all that the user wants, what joined it included."""

    mutation: Mutation
    kind: ConflictKind
    clashes: tuple[FieldClash, ...]


@dataclass(frozen=True)
class Reopen:
    """A draft is open again. `problems` maps field to reason; `changes` were made after it was handed in.

    `follows`: it was refused only because something before it was. What was said of the draft itself goes before that.
    """

    draft: str
    problems: Mapping[str, str]
    note: str
    changes: Mapping[str, Any]
    follows: bool = False


Action = Truth | Lost | Finish | Postpone | SetAside | Rewrite | OpenConflict | Reopen


@dataclass(frozen=True)
class Waiting:
    """The other open items, in outbox order, as far as an outcome may touch them (those for a person are not)."""

    items: Sequence[Item]

    def unsent_after(self, item: Item) -> Iterator[Item]:
        """Yield what was entered later and never left this computer."""
        return (other for other in self.items if other.seq > item.seq and not other.frozen)

    def of_draft(self, draft: str, besides: str) -> Iterator[Item]:
        """Yield the unsent items of a draft."""
        return (
            other
            for other in self.items
            if other.draft == draft and not other.frozen and other.mutation.mutation_id != besides
        )


def decide(item: Item, outcome: Outcome, waiting: Waiting) -> tuple[Action, ...]:
    """Return the actions that settle `item`, in the order in which they are to be carried out."""
    match outcome.status:
        case Status.APPLIED | Status.MERGED:
            return (*_truth(item, outcome), Finish(_id(item), outcome.status), *_bind(item, outcome, waiting))
        case Status.CONFLICT:
            return (*_truth(item, outcome), *_conflict(item, outcome, waiting))
        case Status.REJECTED:
            return (*_truth(item, outcome), *_rejected(item, outcome.problem or _UNSAID, waiting))
        case Status.GONE:
            return tuple(_gone(item, outcome, waiting))
        case Status.DEFERRED:
            return (_postponed(item, outcome),)
        case _:
            assert_never(outcome.status)


def _postponed(item: Item, outcome: Outcome) -> Postpone:
    seconds, problem = outcome.retry_after, outcome.problem
    if problem is not None and problem.code == NO_FILE:
        grown = min(_FILE_AGAIN * item.attempts, _FILE_AGAIN_MOST)
        seconds = max(grown, seconds or 0.0)
    return Postpone(_id(item), seconds, problem.message if problem is not None else "")


def strand(item: Item, waiting: Waiting) -> tuple[Action, ...]:
    """Return the actions for an unsent item whose dependency can no longer be met, and for what hangs on it."""
    return (_follows(item), *_strand_dependents([item], waiting))


_UNSAID = Problem(code="refused", message="This was refused without a reason.")
_UNNAMED = "This follows something that was not taken."
_FOLLOWS: Mapping[str, Any] = {
    "kind": "dependency",
    "code": DEPENDS,
    "message": f"{_UNNAMED} Settle that first, then send this again.",
    "fields": {},
    "possible": [],
}


_GOES_ALONG: Mapping[str, Any] = {
    **_FOLLOWS,
    "message": f"{_UNNAMED} Mend that and send it; this goes along by itself.",
}


def _follows(item: Item, earlier: Item | None = None) -> SetAside:
    """What is added to a record goes by itself once there is one; anything else is for a person to send again.

    `earlier`: what was not taken, where that is known.
    """
    problem = _GOES_ALONG if item.mutation.kind is Kind.APPEND else _FOLLOWS
    what = " · ".join(part for part in (earlier.label, earlier.detail) if part) if earlier else ""
    if what:
        named = f"This follows “{what}”, which was not taken."
        problem = {**problem, "message": problem["message"].replace(_UNNAMED, named)}
    return SetAside(_id(item), problem)


def _id(item: Item) -> str:
    return item.mutation.mutation_id


def _truth(item: Item, outcome: Outcome) -> Iterator[Action]:
    if outcome.record is not None:
        yield Truth(outcome.record)
    elif item.mutation.kind is Kind.DELETE and outcome.status is Status.APPLIED:
        yield Lost(item.mutation.gid, "tombstone")


def _bind(item: Item, outcome: Outcome, waiting: Waiting) -> Iterator[Action]:
    """Later commands and deletes bind to the version this mutation made.

    Not after a merge: then the record holds somebody else's words that the user has not seen.
    """
    if outcome.status is not Status.APPLIED or outcome.record is None:
        return
    for other in waiting.unsent_after(item):
        mutation = other.mutation
        bound = mutation.kind in (Kind.COMMAND, Kind.DELETE) and mutation.gid == item.mutation.gid
        if bound and mutation.base_version in (item.mutation.base_version, None):
            yield Rewrite(mutation.model_copy(update={"base_version": outcome.record.version}))


def _conflict(item: Item, outcome: Outcome, waiting: Waiting) -> Iterator[Action]:
    joined = item.mutation
    clashes = outcome.clashes
    folded: list[Item] = []
    for other in waiting.unsent_after(item):
        if other.mutation.kind is Kind.PATCH and overlaps(joined, other.mutation):
            clashes = tuple(_with_mine(clash, other.mutation.changes) for clash in clashes)
            joined = joined.model_copy(
                update={
                    "changes": {**joined.changes, **other.mutation.changes},
                    "base": {**other.mutation.base, **joined.base},
                }
            )
            folded.append(other)
    yield OpenConflict(joined, ConflictKind.FIELDS, clashes)
    yield Finish(_id(item), Status.CONFLICT)
    yield from (Finish(_id(other), Ending.SUPERSEDED) for other in folded)
    yield from _strand_dependents([item, *folded], waiting)


def _with_mine(clash: FieldClash, changes: Mapping[str, Any]) -> FieldClash:
    mine = {name: changes.get(name, value) for name, value in clash.mine.items()}
    return clash.model_copy(update={"mine": mine})


def _rejected(item: Item, problem: Problem, waiting: Waiting) -> Iterator[Action]:
    if item.moves_another and problem.code == DEPENDS:
        # Its draft is open again, and gives it once more when it is handed in.
        yield Finish(_id(item), Status.REJECTED)
        return
    if item.draft is not None and not item.moves_another:
        yield from _back_to_draft(item, item.draft, problem, waiting)
        return
    if problem.code == DEPENDS:
        # It travelled with what it follows, and was refused only for that.
        yield _follows(item)
    else:
        yield SetAside(_id(item), described("upload" if problem.code == UPLOAD else "rejected", problem))
    if item.mutation.kind is Kind.PATCH:
        yield from _rebase(item, waiting)
    yield from _strand_dependents([item], waiting)


def _rebase(item: Item, waiting: Waiting) -> Iterator[Action]:
    """Later edits of the same fields had seen a value that never came to be; they take over what this one saw."""
    left = set(item.mutation.changes)
    for other in waiting.unsent_after(item):
        mutation = other.mutation
        shared = left & mutation.changes.keys() if mutation.gid == item.mutation.gid else set()
        if mutation.kind is Kind.PATCH and shared:
            base = {name: item.mutation.base.get(name) for name in shared}
            yield Rewrite(mutation.model_copy(update={"base": {**mutation.base, **base}}))
            left -= shared


def _back_to_draft(item: Item, draft: str, problem: Problem, waiting: Waiting) -> Iterator[Action]:
    """Reopen the draft with the reasons; whatever of it was not sent goes back into it, later edits included."""
    parts = list(waiting.of_draft(draft, _id(item)))
    never_made = item.mutation.kind is Kind.CREATE and item.mutation.gid == draft
    if never_made:
        known = {_id(part) for part in parts}
        parts += [
            other
            for other in waiting.unsent_after(item)
            if other.mutation.gid == draft and _id(other) not in known
        ]
    changes: dict[str, Any] = {}
    for part in parts:
        if part.mutation.gid == draft and part.mutation.kind is Kind.PATCH:
            changes.update(part.mutation.changes)
    follows = problem.code == DEPENDS
    yield Reopen(draft, {} if follows else problem.fields, problem.message, changes, follows)
    yield Finish(_id(item), Status.REJECTED)
    yield from (Finish(_id(part), Ending.CANCELLED) for part in parts)
    yield from _strand_dependents([item, *parts], waiting)


def _gone(item: Item, outcome: Outcome, waiting: Waiting) -> Iterator[Action]:
    mutation = item.mutation
    deleted = outcome.problem is not None and outcome.problem.code == DELETED
    match mutation.kind:
        case Kind.DELETE:
            yield Lost(mutation.gid, "tombstone")
            yield Finish(_id(item), Status.GONE)
        case Kind.PATCH | Kind.COMMAND if not deleted:
            # Losing the record takes its pending items aside with it, this one included.
            yield Lost(mutation.gid, "revoked")
        case Kind.PATCH:
            yield from _edit_of_deleted(item, waiting)
        case Kind.COMMAND:
            yield Lost(mutation.gid, "tombstone")
            yield SetAside(_id(item), described("gone", outcome.problem or _NO_LONGER_THERE))
            yield from _strand_dependents([item], waiting)
        case Kind.CREATE | Kind.APPEND:
            parent = mutation.changes.get("parent")
            if isinstance(parent, str) and not deleted:
                yield Lost(parent, "revoked")
            else:
                # What it belongs to is gone; the new record itself never was at the gateway.
                yield from _rejected(item, outcome.problem or _NO_LONGER_THERE, waiting)
        case _:
            assert_never(mutation.kind)


_NO_LONGER_THERE = Problem(code="gone", message="What this belongs to is no longer there.")


def _edit_of_deleted(item: Item, waiting: Waiting) -> Iterator[Action]:
    joined = item.mutation
    folded = [
        other
        for other in waiting.unsent_after(item)
        if other.mutation.gid == joined.gid and other.mutation.kind is Kind.PATCH
    ]
    for other in folded:
        joined = joined.model_copy(update={"changes": {**joined.changes, **other.mutation.changes}})
    yield OpenConflict(joined, ConflictKind.GONE, ())
    yield Finish(_id(item), Status.GONE)
    yield from (Finish(_id(other), Ending.SUPERSEDED) for other in folded)
    yield from _strand_dependents([item, *folded], waiting)
    yield Lost(joined.gid, "tombstone")


def _strand_dependents(failed: Sequence[Item], waiting: Waiting) -> Iterator[Action]:
    """Set aside what can no longer be done, and what hangs on that in turn; in outbox order."""
    lost = list(failed)
    settled = {_id(item) for item in failed}
    for other in waiting.unsent_after(failed[0]):
        if _id(other) in settled:
            continue
        earlier = next((one for one in lost if depends(other, one)), None)
        if earlier is not None:
            lost.append(other)
            yield _follows(other, earlier)


def described(kind: str, problem: Problem) -> dict[str, Any]:
    """Return a problem as the outbox keeps it."""
    return {
        "kind": kind,
        "code": problem.code,
        "message": problem.message,
        "fields": dict(problem.fields),
        "possible": list(problem.possible),
    }
