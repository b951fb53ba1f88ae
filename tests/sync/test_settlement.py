"""What an outcome means for the outbox: each policy is a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.contract.mutations import ClashReason, FieldClash, Kind, Mutation, Outcome, Problem, Status
from app.store.outbox import Item
from app.store.states import ConflictKind
from app.sync.settlement import (
    Action,
    Finish,
    Lost,
    OpenConflict,
    Postpone,
    Reopen,
    Rewrite,
    SetAside,
    Truth,
    Waiting,
    decide,
    strand,
)
from tests.store.world import FILE, MESSAGE, command, gid, mutation, patch, record
from tests.sync.test_plan import create, item, message

NOW_THERE = record(1, version="v7", x="theirs", y="same")
CLASH = FieldClash(
    group="x", reason=ClashReason.BOTH_CHANGED, base={"x": "old"}, theirs={"x": "theirs"}, mine={"x": "mine"}
)


def edit(name: str, base: dict[str, Any], changes: dict[str, Any], **more: Any) -> Mutation:
    return patch(name, 1, base, changes, **more)


def outcome(status: Status, **more: Any) -> Outcome:
    return Outcome(mutation_id="a", status=status, **more)


def refused(code: str = "invalid", message: str = "Too low.", **fields: str) -> Outcome:
    return outcome(Status.REJECTED, problem=Problem(code=code, message=message, fields=fields))


MINE = edit("a", {"x": "old"}, {"x": "mine"})
SECOND = edit("b", {"x": "mine"}, {"x": "mine again"})
APART = edit("b", {"y": "same"}, {"y": "other"})
SUBMIT = command("b", 1, "submit", "draft")


def after(*mutations: Mutation, frozen: bool = False, **more: Any) -> tuple[Item, ...]:
    """What waits behind the item that is settled."""
    return tuple(item(n + 2, one, frozen=frozen, **more) for n, one in enumerate(mutations))


def kinds(actions: Sequence[Action]) -> list[str]:
    """Each action in short."""
    return [_short(action) for action in actions]


def _short(action: Action) -> str:
    match action:
        case Truth():
            return f"truth {action.record.version}"
        case Lost():
            return f"lost {action.gid[7]} {action.reason}"
        case Finish():
            return f"finish {action.mutation_id} {action.status}"
        case Postpone():
            return f"postpone {action.mutation_id} {action.seconds} {action.reason}"
        case SetAside():
            return f"aside {action.mutation_id} {action.problem['kind']}"
        case Rewrite():
            mutation = action.mutation
            return f"rewrite {mutation.mutation_id} base={mutation.base} version={mutation.base_version}"
        case OpenConflict():
            mine = [clash.mine for clash in action.clashes]
            return f"conflict {action.mutation.mutation_id} {action.kind} {action.mutation.changes} {mine}"
        case Reopen():
            after = " after what was said" if action.follows else ""
            told = f"{dict(action.problems)} {action.note!r} {dict(action.changes)}{after}"
            return f"reopen {action.draft[7]} {told}"


@dataclass(frozen=True)
class Row:
    """An item, what it became, what waits behind it, and what follows."""

    title: str
    mutation: Mutation
    became: Outcome
    behind: tuple[Item, ...]
    actions: list[str]
    draft: str | None = None


APPLIED = outcome(Status.APPLIED, record=NOW_THERE)
MERGED = outcome(Status.MERGED, record=NOW_THERE, others=("x",))
CONFLICT = outcome(Status.CONFLICT, record=NOW_THERE, clashes=(CLASH,))
DELETED = outcome(Status.GONE, problem=Problem(code="deleted", message="Deleted."))
REVOKED = outcome(Status.GONE, problem=Problem(code="revoked", message="Not shared."))
NO_FILE_HERE = Problem(code="blob", message="Not here.")

ROWS = [
    # -- applied and merged
    Row("applied", MINE, APPLIED, (), ["truth v7", "finish a applied"]),
    Row("merged", MINE, MERGED, (), ["truth v7", "finish a merged"]),
    Row("applied, but no longer visible", MINE, outcome(Status.APPLIED), (), ["finish a applied"]),
    Row(
        "applied: a later edit keeps what it has seen, three ways stay right",
        MINE, APPLIED, after(SECOND), ["truth v7", "finish a applied"],
    ),
    Row(
        "applied: a later delete binds to the new version",
        MINE, APPLIED, after(mutation("b", 1, Kind.DELETE)),
        ["truth v7", "finish a applied", "rewrite b base={} version=v7"],
    ),
    Row(
        "applied: a later command of the same sight binds to the new version",
        edit("a", {}, {}, base_version="v3"), APPLIED, after(SUBMIT.model_copy(update={"base_version": "v3"})),
        ["truth v7", "finish a applied", "rewrite b base={} version=v7"],
    ),
    Row(
        "applied: what bound to another version keeps it",
        edit("a", {}, {}, base_version="v3"), APPLIED, after(SUBMIT.model_copy(update={"base_version": "v5"})),
        ["truth v7", "finish a applied"],
    ),
    Row(
        "merged: nothing binds to words the user has not seen",
        MINE, MERGED, after(mutation("b", 1, Kind.DELETE)), ["truth v7", "finish a merged"],
    ),
    Row(
        "applied: what was sent already is not rewritten",
        MINE, APPLIED, after(SUBMIT, frozen=True), ["truth v7", "finish a applied"],
    ),
    Row("a delete applied", mutation("a", 1, Kind.DELETE), outcome(Status.APPLIED), (),
        ["lost 1 tombstone", "finish a applied"]),
    # -- conflict
    Row(
        "conflict", MINE, CONFLICT, (),
        ["truth v7", "conflict a fields {'x': 'mine'} [{'x': 'mine'}]", "finish a conflict"],
    ),
    Row(
        "conflict: a later edit of the same field joins it",
        MINE, CONFLICT, after(SECOND),
        ["truth v7", "conflict a fields {'x': 'mine again'} [{'x': 'mine again'}]", "finish a conflict",
         "finish b superseded"],
    ),
    Row(
        "conflict: what overlaps with what joined joins too",
        MINE, CONFLICT,
        after(edit("b", {"x": "mine", "y": "same"}, {"x": "b", "y": "b"}), edit("c", {"y": "b"}, {"y": "c"})),
        ["truth v7", "conflict a fields {'x': 'b', 'y': 'c'} [{'x': 'b'}]", "finish a conflict",
         "finish b superseded", "finish c superseded"],
    ),
    Row(
        "conflict: an edit of another field goes its own way",
        MINE, CONFLICT, after(APART),
        ["truth v7", "conflict a fields {'x': 'mine'} [{'x': 'mine'}]", "finish a conflict"],
    ),
    Row(
        "conflict: a submission that follows the edit stops, since it would hand in the vendor's value",
        MINE, CONFLICT, after(SUBMIT),
        ["truth v7", "conflict a fields {'x': 'mine'} [{'x': 'mine'}]", "finish a conflict", "aside b dependency"],
    ),
    Row(
        "conflict: what names an edit that joined stops with it",
        MINE, CONFLICT, after(SECOND, message("c", 3, 9, depends_on=("b",))),
        ["truth v7", "conflict a fields {'x': 'mine again'} [{'x': 'mine again'}]", "finish a conflict",
         "finish b superseded", "aside c dependency"],
    ),
    # -- rejected
    Row("rejected", MINE, refused(), (), ["aside a rejected"]),
    Row("rejected without a reason", MINE, outcome(Status.REJECTED), (), ["aside a rejected"]),
    Row("rejected, with the record as it is", MINE, outcome(Status.REJECTED, record=NOW_THERE), (),
        ["truth v7", "aside a rejected"]),
    Row(
        "rejected: a later edit of the same field takes over what this one had seen",
        MINE, refused(), after(SECOND), ["aside a rejected", "rewrite b base={'x': 'old'} version=None"],
    ),
    Row(
        "rejected: only the first of several later edits does",
        MINE, refused(), after(SECOND, edit("c", {"x": "mine again"}, {"x": "c"})),
        ["aside a rejected", "rewrite b base={'x': 'old'} version=None"],
    ),
    Row("rejected: an edit of another field stays", MINE, refused(), after(APART), ["aside a rejected"]),
    Row("rejected: another record's items stay", MINE, refused(), after(patch("b", 2, {"x": "mine"}, {"x": "b"})),
        ["aside a rejected"]),
    Row(
        "rejected: what depends on it, and what depends on that, stops",
        create("a", 1), refused(), after(message("b", 2, 1), message("c", 3, 9, depends_on=("b",)), message("d", 4, 9)),
        ["aside a rejected", "aside b dependency", "aside c dependency"],
    ),
    # -- rejected, of a draft
    Row(
        "rejected creation: the draft comes back with reasons and parts, later edits included",
        create("a", 1), refused(amount="Too low."),
        (
            item(2, message("b", 2, 1), draft=gid(1)),
            item(3, SUBMIT.model_copy(update={"mutation_id": "c"}), draft=gid(1)),
            item(4, edit("d", {"x": None}, {"x": "later"})),
        ),
        ["reopen 1 {'amount': 'Too low.'} 'Too low.' {'x': 'later'}", "finish a rejected",
         "finish b cancelled", "finish c cancelled", "finish d cancelled"],
        draft=gid(1),
    ),
    Row(
        "rejected submission: the record exists, so its own edits go on",
        command("a", 1, "submit", "draft"), refused(),
        (item(2, edit("b", {"y": 1}, {"y": 2})),),
        ["reopen 1 {} 'Too low.' {}", "finish a rejected"],
        draft=gid(1),
    ),
    Row(
        "rejected only because something before it was: what that was, and no reasons of its own",
        command("a", 1, "submit", "draft"), refused("depends", "What this follows was not taken."), (),
        ["reopen 1 {} 'What this follows was not taken.' {} after what was said", "finish a rejected"],
        draft=gid(1),
    ),
    Row(
        "rejected creation: what was sent already waits for its own outcome",
        create("a", 1), refused(), (item(2, message("b", 2, 1), draft=gid(1), frozen=True),),
        ["reopen 1 {} 'Too low.' {}", "finish a rejected"],
        draft=gid(1),
    ),
    Row(
        "rejected creation: a message written afterwards is kept for its author",
        create("a", 1), refused(), (item(2, message("b", 2, 1)),),
        ["reopen 1 {} 'Too low.' {}", "finish a rejected", "aside b dependency"],
        draft=gid(1),
    ),
    Row("a file the gateway will not take", mutation("a", 2, Kind.APPEND, FILE, changes={"parent": gid(1)}),
        refused("upload", "Too large."), (), ["aside a upload"]),
    # -- gone
    Row(
        "deleted meanwhile: the user decides about the edit",
        MINE, DELETED, (), ["conflict a gone {'x': 'mine'} []", "finish a gone", "lost 1 tombstone"],
    ),
    Row(
        "deleted meanwhile: later edits join it, a command stops",
        MINE, DELETED, after(APART, SUBMIT.model_copy(update={"mutation_id": "c"})),
        ["conflict a gone {'x': 'mine', 'y': 'other'} []", "finish a gone", "finish b superseded",
         "aside c dependency", "lost 1 tombstone"],
    ),
    Row("deleted meanwhile: a command", command("a", 1, "submit", "draft"), DELETED, (),
        ["lost 1 tombstone", "aside a gone"]),
    Row("deleted meanwhile: so did I", mutation("a", 1, Kind.DELETE), DELETED, (),
        ["lost 1 tombstone", "finish a gone"]),
    Row("out of sight: an edit", MINE, REVOKED, (), ["lost 1 revoked"]),
    Row("out of sight: a command", command("a", 1, "submit", "draft"), REVOKED, (), ["lost 1 revoked"]),
    Row("out of sight without a reason", MINE, outcome(Status.GONE), (), ["lost 1 revoked"]),
    Row("out of sight: a message says so of its record", message("a", 2, 1), REVOKED, (), ["lost 1 revoked"]),
    Row("deleted meanwhile: a message is kept for its author", message("a", 2, 1), DELETED, (), ["aside a rejected"]),
    # -- deferred
    Row(
        "deferred",
        MINE, outcome(Status.DEFERRED, retry_after=20, problem=Problem(code="crm", message="Down.")), after(SECOND),
        ["postpone a 20.0 Down."],
    ),
    Row("deferred without a time", MINE, outcome(Status.DEFERRED), (), ["postpone a None "]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [(1, None, 5.0), (1, 60.0, 60.0), (3, 5.0, 15.0), (200, 5.0, 300.0), (2, float("nan"), 10.0)],
)
def test_a_file_is_not_sent_again_as_fast_as_a_gateway_loses_it(
    attempts: int, asked: float | None, seconds: float
) -> None:
    became = outcome(Status.DEFERRED, retry_after=asked, problem=NO_FILE_HERE)
    settled = replace(item(1, MINE, frozen=True), attempts=attempts)
    assert decide(settled, became, Waiting(())) == (Postpone("a", seconds, "Not here."),)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_settlement(row: Row) -> None:
    settled = item(1, row.mutation, frozen=True, draft=row.draft)
    assert kinds(decide(settled, row.became, Waiting(row.behind))) == row.actions


def test_a_conflict_keeps_what_the_user_saw_first() -> None:
    first = edit("a", {"x": "old"}, {"x": "mine"})
    second = edit("b", {"x": "mine", "y": "same"}, {"x": "b", "y": "b"})
    actions = decide(item(1, first, frozen=True), CONFLICT, Waiting(after(second)))
    (conflict,) = [action for action in actions if isinstance(action, OpenConflict)]
    assert conflict.mutation.base == {"x": "old", "y": "same"}
    assert conflict.kind is ConflictKind.FIELDS


def test_what_is_stranded_takes_along_what_hangs_on_it() -> None:
    items = after(message("b", 2, 9, depends_on=("a",)), message("c", 3, 9))
    actions = strand(item(1, message("a", 1, 9, depends_on=("lost",))), Waiting(items))
    assert kinds(actions) == ["aside a dependency", "aside b dependency"]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("status", list(Status))
def test_every_kind_with_every_outcome_ends_in_something(kind: Kind, status: Status) -> None:
    """No pair leaves the mutation as it was: that would send it for ever."""
    makers: dict[Kind, Callable[[], Mutation]] = {
        Kind.CREATE: lambda: create("a", 1),
        Kind.PATCH: lambda: MINE,
        Kind.COMMAND: lambda: command("a", 1, "submit", "draft"),
        Kind.APPEND: lambda: mutation("a", 2, Kind.APPEND, MESSAGE, changes={"parent": gid(1)}),
        Kind.DELETE: lambda: mutation("a", 1, Kind.DELETE),
    }
    settled = item(1, makers[kind](), frozen=True)
    actions = decide(settled, outcome(status, record=None), Waiting(()))
    ends = [a for a in actions if isinstance(a, Finish | SetAside | Postpone | Lost)]
    assert ends
