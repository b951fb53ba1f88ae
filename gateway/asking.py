"""What is asked for: understanding it, the order in which it can be carried out, and what can be said at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum, auto
from typing import Any, Literal

from pydantic import ValidationError

from app.contract.mutations import Mutation, Outcome, Problem, Status
from app.contract.version import WIRE_SCHEMA
from gateway.ledger import Asked, Entry, State
from gateway.sight import names

_APPLIED = (Status.APPLIED, Status.MERGED)

#: Why something waits that builds on what is not done yet.
EARLIER = "Something it builds on is not done yet."

#: Why something waits whose record another call, or the ingest thread, has under its lease.
ELSEWHERE = "Somebody else is writing this record."

#: Why the rest of a push waits.
BUSY = "The gateway has much to do."

#: Why something is not even written down: its user has as much waiting as there is room for.
CROWDED = "Too much of yours is waiting to be done. This goes on once some of it is."
CROWDED_CODE = "too_many_open"

#: Why something waits that was captured by a newer client, and for how many seconds. It is right, only not yet here.
NEWER = "This was written by a newer version than the gateway is. It is kept until the gateway is updated."
NEWER_WAIT = 300.0


def parsed(item: Any) -> Asked | Outcome:
    """Understand one member of a batch, or say what is wrong with it; the others are none of its business."""
    try:
        mutation = item if isinstance(item, Mutation) else Mutation.model_validate(item)
        wrong = _wrong(mutation)
        return _malformed(item, wrong) if wrong else Asked.of(mutation)
    except ValidationError as error:
        if _newer(item):
            return deferred(_name(item), NEWER_WAIT, NEWER)
        fields = {".".join(str(part) for part in e["loc"]) or "mutation": e["msg"] for e in error.errors()}
        return _malformed(item, fields)
    except (ValueError, RecursionError) as error:
        return _malformed(item, {"changes": str(error)})


#: Members of one mutation's values, and mutations one may wait for. What each names is looked up together.
_MOST_VALUES, _MOST_NEEDS = 200, 50


def _wrong(mutation: Mutation) -> dict[str, str]:
    """What cannot be right by itself, by member."""
    args = mutation.command.args if mutation.command else {}
    members = {"base": mutation.base, "changes": mutation.changes, "command.args": args}
    for member, values in members.items():
        if len(values) > _MOST_VALUES:
            return {member: f"{_MOST_VALUES} fields at most."}
        for name, value in values.items():
            if "\0" in name or _holds_nul(value):
                return {name.replace("\0", ""): "No NUL may stand in it."}
    if len(mutation.depends_on) > _MOST_NEEDS or any(
        len(needed) > 60 or "\0" in needed for needed in mutation.depends_on
    ):
        return {"depends_on": f"{_MOST_NEEDS} ids at most, each of 60 characters at most."}
    return _wrong_ids(mutation)


def _holds_nul(value: Any) -> bool:
    """Whether a value holds what no text in a database may."""
    match value:
        case str():
            return "\0" in value
        case dict():
            return any("\0" in name or _holds_nul(item) for name, item in value.items())
        case list() | tuple():
            return any(map(_holds_nul, value))
        case _:
            return False


def _wrong_ids(mutation: Mutation) -> dict[str, str]:
    wrong = {
        name: "Too long, empty, or no text."
        for name, most in (("mutation_id", 60), ("gid", 36), ("entity", 60))
        if not 0 < len(text := getattr(mutation, name)) <= most or not _tellable(text)
    }
    if mutation.captured_at.tzinfo is None or not 1900 < mutation.captured_at.year < 9000:
        wrong["captured_at"] = "A time with its zone."
    return wrong


def _newer(item: Any) -> bool:
    """Whether it says of itself that it is of a shape that is still to come."""
    schema = item.get("wire_schema") if isinstance(item, dict) else None
    return isinstance(schema, int) and schema > WIRE_SCHEMA


def _malformed(item: Any, fields: Mapping[str, str]) -> Outcome:
    problem = Problem(code="malformed", message="This could not be understood.", fields=dict(fields))
    return refusal(_name(item), problem)


def _name(item: Any) -> str:
    """The id it was sent under; empty when it has none that could be told again."""
    named = item.get("mutation_id") if isinstance(item, dict) else getattr(item, "mutation_id", None)
    return named if isinstance(named, str) and _tellable(named) else ""


def _tellable(text: str) -> bool:
    """Whether a text can be sent and stored: JSON may name half surrogates, which UTF-8 does not have, and NUL."""
    return not any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in text)


def refusal(mutation_id: str, problem: Problem) -> Outcome:
    return Outcome(mutation_id=mutation_id, status=Status.REJECTED, problem=problem)


def waves(asked: Mapping[int, Asked]) -> list[list[int]]:
    """Put mutations, by their places, in waves: what one builds on, or shares a record with, is in an earlier wave.

    So is what came before under the same id, whatever it is about.
    """
    waves: list[list[int]] = []
    about: dict[str, int] = {}
    naming: dict[str, int] = {}
    by_id: dict[str, int] = {}
    for place, one in asked.items():
        mutation, named = one.mutation, names(one.mutation)
        after = [about[name] for name in named if name in about]
        after += [naming[mutation.gid]] if mutation.gid in naming else []
        after += [by_id[name] for name in (mutation.mutation_id, *mutation.depends_on) if name in by_id]
        wave = max(after, default=-1) + 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(place)
        about[mutation.gid] = by_id[mutation.mutation_id] = wave
        for name in named - {mutation.gid}:
            naming[name] = max(wave, naming.get(name, wave))
    return waves


class Known(Enum):
    """What is known about a mutation already, where that is no outcome by itself."""

    DONE = auto()


def at_once(
    asked: Asked,
    known: Mapping[str, Entry],
    first_open: Mapping[str, int],
    leased: AbstractSet[str],
    out_of_patience: Callable[[str], bool],
) -> Outcome | Literal[Known.DONE] | None:
    """Say what can be said to a mutation at once, None when it is to be carried out.

    `out_of_patience`: whether one has waited long enough for what nobody here has heard of.
    """
    mutation = asked.mutation
    entry = known.get(mutation.mutation_id)
    if entry and entry.body_hash != asked.body_hash:
        message = "Another mutation was sent under this id before."
        return refusal(mutation.mutation_id, Problem(code="id_reused", message=message))
    if entry and entry.state is State.DONE:
        return Known.DONE
    if not failed(mutation, known):
        needs = [known.get(needed) for needed in mutation.depends_on]
        unfinished = any(need and need.stored is None for need in needs)
        unheard_of = any(need is None for need in needs)
        if unfinished or (unheard_of and not out_of_patience(mutation.mutation_id)):
            return deferred(mutation.mutation_id, 2.0, EARLIER)
    earlier = first_open.get(mutation.gid)
    if earlier is not None and (entry is None or earlier < entry.seq):
        return deferred(mutation.mutation_id, 2.0, EARLIER)
    if mutation.gid in leased:
        return deferred(mutation.mutation_id, 1.0, ELSEWHERE)
    return None


def crowded_out(
    fresh: Sequence[int], room: int, asked: Sequence[Asked], retry_after: float
) -> dict[int, Outcome]:
    """Put off what there is no room for: of these places, in order, all but the first `room`."""
    return {
        place: deferred(asked[place].mutation.mutation_id, retry_after, CROWDED, CROWDED_CODE)
        for place in fresh[room:]
    }


def failed(mutation: Mutation, known: Mapping[str, Entry]) -> Entry | None:
    """Return what it needs and was not applied, the first of several."""
    entries = (known.get(needed) for needed in mutation.depends_on)
    return next((e for e in entries if e and e.stored and e.stored.status not in _APPLIED), None)


def depends_words(need: Entry, label: str, title: str) -> str:
    """Say why something cannot be done that builds on `need`. `label`, `title`: what that was about."""
    named = f"the {label[:1].lower()}{label[1:]} “{title}”" if title else f"a change of the {label.lower()}"
    became = {Status.CONFLICT: "met another change", Status.GONE: "is not there any more"}
    status = need.stored.status if need.stored else Status.REJECTED
    return f"It builds on {named}, which {became.get(status, 'was not accepted')}."


def deferred(mutation_id: str, retry_after: float, reason: str, code: str = "later") -> Outcome:
    """Return *not yet*, with the reason for whoever waits."""
    problem = Problem(code=code, message=reason)
    return Outcome(mutation_id=mutation_id, status=Status.DEFERRED, problem=problem, retry_after=retry_after)
