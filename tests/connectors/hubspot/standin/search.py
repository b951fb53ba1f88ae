"""The search: what its index shows, in pages, up to the ten thousandth result and no further."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.connectors.hubspot.standin.account import Account, Record
from tests.connectors.hubspot.standin.errors import bad_request
from tests.connectors.hubspot.standin.model import ObjectType
from tests.connectors.hubspot.standin.times import read_ms

PAGE_MOST = 200
RESULTS_MOST = 10_000
_GROUPS, _FILTERS, _ALL_FILTERS = 5, 6, 18

_Shown = Mapping[str, str]
_Test = Callable[[_Shown], bool]


def search(
    account: Account, kind: ObjectType, body: Mapping[str, Any]
) -> tuple[int, list[tuple[Record, _Shown]], str]:
    """How many match, one page of them with what the index shows, and where the next one begins. Raises Problem."""
    limit, after = int(body.get("limit", 10)), int(body.get("after") or 0)
    if not 0 < limit <= PAGE_MOST:
        raise bad_request(f"Invalid input JSON: limit {limit} is not between 1 and {PAGE_MOST}")
    if after + limit > RESULTS_MOST:
        raise bad_request(f"Paging past {RESULTS_MOST} results is not supported.")
    tests = _groups(account, kind, body.get("filterGroups") or [])
    now = account.now_ms()
    found = []
    for record in account.records[kind.name].values():
        shown = _shown(record, now)
        if shown is not None and (not tests or any(all(one(shown) for one in group) for group in tests)):
            found.append((record, shown))
    _sort(account, kind, found, body.get("sorts") or [])
    page = found[after : after + limit]
    return len(found), page, str(after + limit) if after + limit < len(found) else ""


def _shown(record: Record, now: int) -> _Shown | None:
    shots = record.shots
    if len(shots) == 1:
        return shots[0][1] if shots[0][0] <= now else None
    return next((values for at, values in reversed(shots) if at <= now), None)


def _groups(account: Account, kind: ObjectType, groups: Sequence[Mapping[str, Any]]) -> list[list[_Test]]:
    counts = [len(group["filters"]) for group in groups]
    if len(groups) > _GROUPS or any(count > _FILTERS for count in counts) or sum(counts) > _ALL_FILTERS:
        raise bad_request("There are too many filters.")
    # By id first: of ten thousand that leaves out most, and costs least.
    ordered = [
        sorted(group["filters"], key=lambda one: one["propertyName"] != "hs_object_id") for group in groups
    ]
    return [[_test(account, kind, one) for one in filters] for filters in ordered]


def _test(account: Account, kind: ObjectType, wanted: Mapping[str, Any]) -> _Test:
    name, operator = str(wanted["propertyName"]), str(wanted["operator"])
    definition = account.definitions[kind.name].get(name)
    if definition is None:
        raise bad_request(f"There was a problem with the request: property {name} does not exist.")
    match operator:
        case "HAS_PROPERTY":
            return lambda shown: bool(shown.get(name))
        case "NOT_HAS_PROPERTY":
            return lambda shown: not shown.get(name)
        case "IN":
            values = {str(one).lower() for one in wanted["values"]}
            return lambda shown: shown.get(name, "").lower() in values
        case _:
            return _compared(name, operator, wanted, _reading(definition.type))


def _compared(name: str, operator: str, wanted: Mapping[str, Any], read: Callable[[str], Any]) -> _Test:
    if "value" not in wanted or not isinstance(wanted["value"], str):
        raise bad_request(f"operator {operator} requires a value, as text")
    value = read(wanted["value"])

    def at(shown: _Shown) -> Any:
        kept = shown.get(name)
        return read(kept) if kept else None

    match operator:
        case "EQ":
            return lambda shown: at(shown) == value
        case "NEQ":
            return lambda shown: at(shown) != value
        case "GT":
            return lambda shown: (one := at(shown)) is not None and one > value
        case "GTE":
            return lambda shown: (one := at(shown)) is not None and one >= value
        case "LT":
            return lambda shown: (one := at(shown)) is not None and one < value
        case "LTE":
            return lambda shown: (one := at(shown)) is not None and one <= value
        case "BETWEEN":
            high = read(str(wanted["highValue"]))
            return lambda shown: (one := at(shown)) is not None and value <= one <= high
        case _:
            raise bad_request(f"Invalid operator {operator}")


def _reading(kind: str) -> Callable[[str], Any]:
    match kind:
        case "number":
            return lambda text: int(text) if text.isdecimal() else float(text)
        case "datetime" | "date":
            return _Times()
        case _:
            return str.lower


class _Times(dict[str, int]):
    """Times are read once each: a herd has the same one ten thousand times."""

    def __call__(self, text: str) -> int:
        return self[text]

    def __missing__(self, text: str) -> int:
        self[text] = read_ms(text)
        return self[text]


def _scattered(one: tuple[Record, _Shown]) -> int:
    return (one[0].id * 7919) % 1009


def _sort(
    account: Account, kind: ObjectType, found: list[tuple[Record, _Shown]], sorts: Sequence[Any]
) -> None:
    """One property at most; what is equal there comes in no order that could be relied on."""
    if len(sorts) > 1:
        raise bad_request("Only one sort is supported.")
    found.sort(key=_scattered)
    if not sorts:
        return
    told = sorts[0] if isinstance(sorts[0], Mapping) else {"propertyName": str(sorts[0]).lstrip("-")}
    name = str(told["propertyName"])
    backwards = told.get("direction") == "DESCENDING" or str(sorts[0]).startswith("-")
    definition = account.definitions[kind.name].get(name)
    if definition is None:
        raise bad_request(f"There was a problem with the request: property {name} does not exist.")
    read = _reading(definition.type)
    found.sort(key=lambda one: read(v) if (v := one[1].get(name)) else read("0"), reverse=backwards)
