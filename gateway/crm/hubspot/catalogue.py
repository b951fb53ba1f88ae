"""What an account calls things: stages and pipelines, choices, users, ways of linking. Read when needed, and kept.

Whatever is kept may be older than the account: a value that is not known is looked up once more, but not all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from gateway.clock import Clock
from gateway.crm.hubspot.client import Client, links_path, next_page, path_to, results, schema_path
from gateway.crm.hubspot.types import OWNER, PIPELINE_OF, VERSION

#: Seconds for which what is kept counts as new, even if something is missing in it; and until it is read again anyway.
_FRESH, _KEPT = 30.0, 900.0

_Kept = TypeVar("_Kept")


@dataclass(frozen=True)
class Stage:
    """One stage, by id, in its pipeline."""

    id: str
    label: str
    pipeline: str
    pipeline_label: str


@dataclass(frozen=True)
class Way:
    """One way in which records of two objects are linked."""

    category: str
    type_id: int
    label: str

    @property
    def spec(self) -> dict[str, Any]:
        """As HubSpot takes it."""
        return {"associationCategory": self.category, "associationTypeId": self.type_id}


class Catalogue:
    """The account's own names. Safe to use on any thread; all of it can be lost at any time."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._lock = Lock()

    def _keep(
        self,
        key: tuple[str, ...],
        read: Callable[[], _Kept],
        enough: Callable[[_Kept], bool] = lambda _: True,
    ) -> _Kept:
        """Return what is kept, read anew when it is old, or when it is not enough and not quite new."""
        now = self._clock.monotonic()
        with self._lock:
            at, found = self._kept.get(key, (None, None))
        if at is not None and found is not None:
            age = now - at
            if 0 <= age < _FRESH or (0 <= age < _KEPT and enough(found)):
                kept: _Kept = found
                return kept
        fresh = read()
        with self._lock:
            self._kept[key] = (now, fresh)
        return fresh

    def forget(self, obj: str) -> None:
        """Have an object's properties and pipelines looked up again: somebody wants to know how it is now."""
        with self._lock:
            for kind in ("properties", "pipelines"):
                self._kept.pop((kind, obj), None)

    def learn(self, obj: str, name: str, told: Mapping[str, Any]) -> None:
        """Take in what a property is made of that was made or changed just now."""
        key = ("properties", obj)
        with self._lock:
            at, known = self._kept.get(key, (None, None))
            if at is not None and known is not None:
                self._kept[key] = (at, {**known, name: told})

    # ------------------------------------------------------------------------------------------------ labels

    def label(self, obj: str, base: str, value: str) -> str:
        """Return what people read for a value; the value itself where nothing is known of it."""
        labels = self._labels(obj, base, lambda known: value in known)
        return labels.get(value, value)

    def _labels(self, obj: str, base: str, enough: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        if base in PIPELINE_OF:
            stages = self.stages(obj, lambda many: enough({one.id: one.label for one in many}))
            return {one.id: one.label for one in stages}
        if base in PIPELINE_OF.values():
            stages = self.stages(obj, lambda many: enough({one.pipeline: one.label for one in many}))
            return {one.pipeline: one.pipeline_label for one in stages}
        return self.choices(obj, base)

    def value(self, obj: str, base: str, label: str, pipelines: Sequence[str]) -> str | None:
        """Return the value that people read as `label`, of one of those pipelines if any are named."""
        if base in PIPELINE_OF:

            def fitting(many: Sequence[Stage]) -> list[str]:
                fit = [one for one in many if one.label == label]
                return [one.id for one in fit if not pipelines or one.pipeline_label in pipelines]

            return next(iter(fitting(self.stages(obj, lambda many: bool(fitting(many))))), None)
        found = self._labels(obj, base, lambda known: label in known.values())
        return next((value for value, one in found.items() if one == label), None)

    def stages(self, obj: str, enough: Callable[[Sequence[Stage]], bool] = lambda _: True) -> Sequence[Stage]:
        """Return the stages of all pipelines of an object; none where it has no pipelines."""
        return self._keep(("pipelines", obj), lambda: self._read_stages(obj), enough)

    def _read_stages(self, obj: str) -> list[Stage]:
        answer = self._client.get(schema_path("pipelines", obj))
        if answer.status in (400, 404):
            return []
        if not answer.well:
            raise self._client.unexpected(answer)
        return [
            Stage(str(stage["id"]), str(stage["label"]), str(one["id"]), str(one["label"]))
            for one in results(answer)
            for stage in one.get("stages", ())
        ]

    def choices(self, obj: str, name: str) -> Mapping[str, str]:
        """Return value to label of what may stand in a property; empty where anything may."""
        if name == OWNER:
            return self._owners("id", lambda _: True)
        definition = (self.properties(obj) or {}).get(name, {})
        return {str(one["value"]): str(one["label"]) for one in definition.get("options") or ()}

    # ----------------------------------------------------------------------------------------------- properties

    def properties(self, obj: str) -> Mapping[str, Mapping[str, Any]] | None:
        """Return an object's properties by name; None where there is no such object."""
        found = self._keep(("properties", obj), lambda: self._read_properties(obj))
        return found or None

    def _read_properties(self, obj: str) -> Mapping[str, Mapping[str, Any]]:
        answer = self._client.get(schema_path("properties", obj))
        if answer.status in (400, 404):
            return {}
        if not answer.well:
            raise self._client.unexpected(answer)
        return {str(one["name"]): one for one in results(answer)}

    # ---------------------------------------------------------------------------------------------------- users

    def owner(self, owner_id: str) -> str:
        """Return the name of a user by the id that stands in records; the id where nobody knows it."""
        return self._owners("id", lambda known: owner_id in known).get(owner_id, owner_id)

    def user(self, user_id: str) -> str:
        """Return the name of a user by the id that stands in histories; empty where nobody knows it."""
        return self._owners("userId", lambda known: user_id in known).get(user_id, "")

    def _owners(self, member: str, enough: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        def named(many: Sequence[Mapping[str, Any]]) -> dict[str, str]:
            return {str(one.get(member)): _name(one) for one in many if one.get(member) is not None}

        return named(self._keep(("owners",), self._read_owners, lambda many: enough(named(many))))

    def _read_owners(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        after = ""
        while True:
            params = {"limit": 500} | ({"after": after} if after else {})
            answer = self._client.get(path_to("crm", "owners", VERSION), params)
            if not answer.well:
                raise self._client.unexpected(answer)
            found += results(answer)
            after = next_page(answer)
            if not after:
                return found

    # ---------------------------------------------------------------------------------------------------- links

    def way(self, origin: str, target: str, label: str) -> Way | None:
        """Return how a link is made: under a label; without one, as the primary one where there is such a thing."""
        ways = self._keep(("ways", origin, target), lambda: self._read_ways(origin, target))
        for wanted in (label,) if label else ("Primary", ""):
            found = next((one for one in ways if one.label == wanted), None)
            if found:
                return found
        return None

    def _read_ways(self, origin: str, target: str) -> list[Way]:
        answer = self._client.get(links_path(origin, target, "labels"))
        if answer.status in (400, 404):
            return []
        if not answer.well:
            raise self._client.unexpected(answer)
        return [
            Way(str(one["category"]), int(one["typeId"]), str(one.get("label") or ""))
            for one in results(answer)
        ]


def _name(owner: Mapping[str, Any]) -> str:
    name = f"{owner.get('firstName') or ''} {owner.get('lastName') or ''}".strip()
    return name or str(owner.get("email") or "")
