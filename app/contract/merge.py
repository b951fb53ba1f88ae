"""Three-way merge of one record's fields: pure, the same preview on the client and decision at the gateway.

The policy, by group of fields that mean one thing together:

    mine equals theirs                    nothing to do
    only I touched it                     mine
    only they touched it                  theirs (it is not in `mine` at all, or mine equals base)
    both, long text, lines apart          both, merged by line
    both, otherwise                       clash "both_changed"
    I changed it, it is locked meanwhile  clash "locked"

A mutation is atomic: if any group clashes, nothing of it is written. Clocks play no part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from app.contract.manifest import EntityType, FieldType
from app.contract.mutations import ClashReason
from app.contract.textmerge import merge_text


@dataclass(frozen=True)
class Clash:
    """A group of fields that a person has to decide; values keyed by field name."""

    group: str
    reason: ClashReason
    base: Mapping[str, Any]
    theirs: Mapping[str, Any]
    mine: Mapping[str, Any]


@dataclass(frozen=True)
class Merged:
    """Result of a merge.

    `write`: what is to be written over `theirs` (empty: nothing to do). `others`: touched fields whose text was
    merged with somebody else's. `clashes`: when not empty, `write` is empty.
    """

    write: Mapping[str, Any]
    others: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()


def same(one: Any, two: Any) -> bool:
    """Tell whether two values mean the same: absent, null, blank and empty list are one."""
    return bool(_plain(one) == _plain(two))


def _plain(value: Any) -> Any:
    if value is None or value == "" or value == [] or value == ():
        return None
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, tuple):
        return list(value)
    return value


def merge(
    entity: EntityType,
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    editable: Collection[str],
) -> Merged:
    """Merge the touched fields `mine` over the record `theirs`, given what the user saw (`base`).

    `editable` names the fields the record's present state lets this user edit.
    """
    write: dict[str, Any] = {}
    others: list[str] = []
    clashes: list[Clash] = []
    for group, names in _groups(entity, mine).items():
        b = {name: base.get(name) for name in names}
        t = {name: theirs.get(name) for name in names}
        m = {name: mine.get(name) for name in names}
        if all(same(m[name], t[name]) for name in names):
            continue
        if all(same(m[name], b[name]) for name in names):
            continue
        if any(name not in editable for name in names if not same(m[name], t[name])):
            clashes.append(Clash(group, ClashReason.LOCKED, b, t, m))
        elif all(same(t[name], b[name]) for name in names):
            write.update(m)
        else:
            text = _merged_text(entity, names, b, t, m)
            if text is None:
                clashes.append(Clash(group, ClashReason.BOTH_CHANGED, b, t, m))
            else:
                write.update(text)
                others.extend(names)
    if clashes:
        return Merged({}, (), tuple(clashes))
    return Merged(write, tuple(others))


def _groups(entity: EntityType, mine: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Touched fields by merge group; a group holds only fields that were touched or that share the meaning."""
    groups: dict[str, list[str]] = {}
    for name in mine:
        spec = entity.field(name)
        groups.setdefault(spec.merge_group if spec else name, []).append(name)
    return {group: tuple(names) for group, names in groups.items()}


def _merged_text(
    entity: EntityType,
    names: tuple[str, ...],
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
) -> dict[str, Any] | None:
    if len(names) != 1:
        return None
    name = names[0]
    spec = entity.field(name)
    if spec is None or spec.type is not FieldType.LONG_TEXT:
        return None
    text = merge_text(_text(base[name]), _text(theirs[name]), _text(mine[name]))
    return None if text is None else {name: text}


def _text(value: Any) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n")


def with_group(entity: EntityType, changes: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """Complete touched fields to whole groups from what the user saw, so that a group always travels together."""
    touched = {spec.merge_group for name in changes if (spec := entity.field(name))}
    whole = {
        spec.name: seen.get(spec.name) for spec in entity.fields if spec.merge_group in touched and spec.group
    }
    return {**whole, **changes}
