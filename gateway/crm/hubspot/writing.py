"""Writes: what goes into a record and what into links, once per marker, with the mark in the same call.

A record is made together with its links in one call, so that none is ever there without its company. The marker is a
unique property: HubSpot itself lets it be used once, however often and by whomever a creation is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.clock import Clock
from gateway.convert import rfc3339
from gateway.crm.calling import Answer
from gateway.crm.hubspot.catalogue import Catalogue, Way
from gateway.crm.hubspot.client import Client, objects_path, results
from gateway.crm.hubspot.errors import part_refusal, refusal
from gateway.crm.hubspot.marks import mark_of
from gateway.crm.hubspot.names import Label, Linked, Naming, Parent, Plain
from gateway.crm.hubspot.records import read_records, read_ties
from gateway.crm.hubspot.text import to_html
from gateway.crm.hubspot.types import DATED, HTML, PIPELINE_OF, path_of
from gateway.crm.port import (
    Actor,
    CrmConflict,
    CrmError,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
)


@dataclass(frozen=True)
class Link:
    """A link to make: to which record, how, and in the place of all others to that object."""

    obj: str
    id: str
    way: Way | None


@dataclass
class Content:
    """What is written into a record, and the links it has afterwards. A link to nobody takes all away."""

    values: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


class Writer:
    """Writes records."""

    def __init__(
        self, client: Client, catalogue: Catalogue, clock: Clock, naming: Callable[[str], Naming]
    ) -> None:
        self._client = client
        self._catalogue = catalogue
        self._clock = clock
        self._naming = naming

    # ------------------------------------------------------------------------------------------------- content

    def content(self, obj: str, fields: Mapping[str, Any]) -> Content:
        """Take what a mapping names apart. Raises CrmRefused for what cannot be written."""
        naming, found = self._naming(obj), Content()
        for name, value in fields.items():
            match naming.names.get(name, Plain(name)):
                case Plain():
                    found.values[name] = _value(name, value)
                case Label(_, base):
                    found.values[base] = self._labelled(naming, name, base, value, fields)
                case Linked(_, target, label, "") if target:
                    way = self._catalogue.way(path_of(obj), target, label)
                    if way is None:
                        raise CrmRefused(
                            f"{self._client.label} has no such link.",
                            {name: f"There is no link “{label or target}”."},
                        )
                    found.links.append(Link(target, str(value or ""), way))
                case Parent():
                    pass  # the parent is given by itself
                case _:
                    raise CrmRefused(
                        f"{self._client.label} cannot write this.",
                        {name: "This is only told, and cannot be written."},
                    )
        return found

    def _labelled(self, naming: Naming, name: str, base: str, value: Any, fields: Mapping[str, Any]) -> str:
        if value is None:
            return ""
        pipeline = PIPELINE_OF.get(base, "")
        named = str(fields.get(f"{pipeline}.label") or "")
        within = (named,) if named else naming.pipelines(pipeline) if pipeline else ()
        found = self._catalogue.value(path_of(naming.obj), base, str(value), within)
        if found is None:
            words = f"“{value}” is not there to be chosen in {self._client.label}."
            raise CrmRefused(f"{self._client.label} does not have what is to be written.", {name: words})
        return found

    def _marked(self, naming: Naming, values: Mapping[str, str], marker: str, actor: Actor) -> dict[str, str]:
        return {**values, naming.mark: mark_of(marker, actor)} if naming.mark else dict(values)

    def _new(self, creation: RowCreation) -> tuple[dict[str, Any], Naming]:
        """Return what to hand in for a new record."""
        obj, naming = creation.obj, self._naming(creation.obj)
        content = self.content(obj, creation.fields)
        values = self._marked(naming, content.values, creation.marker, creation.actor)
        if naming.marker:
            values[naming.marker] = creation.marker
        dated = DATED.get(path_of(obj))
        if dated:
            values.setdefault(dated, rfc3339(self._clock.now()))
        links = [link for link in content.links if link.id]
        if creation.parent:
            way = self._catalogue.way(path_of(obj), creation.parent.obj, "")
            links.append(Link(creation.parent.obj, creation.parent.id, way))
        associations = [
            {"to": {"id": link.id}, "types": [link.way.spec]} for link in links if link.way is not None
        ]
        written = {name: value for name, value in values.items() if value != ""}
        return {"properties": written, "associations": associations}, naming

    # ------------------------------------------------------------------------------------------------- creating

    def create(self, creation: RowCreation) -> str:
        """Make a record once per marker. Returns its id. Raises CrmRefused, CrmMissing, CrmUnavailable."""
        obj = path_of(creation.obj)
        if creation.parent and not read_records(self._client, creation.parent.obj, [creation.parent.id], []):
            raise CrmMissing(f"{self._client.label} does not have the record any more that this belongs to.")
        body, naming = self._new(creation)
        answer = self._client.write("POST", objects_path(obj), body)
        if answer.well and isinstance(answer.data, dict):
            return str(answer.data["id"])
        return self._made_before(naming, creation, refusal(self._client, answer, naming.behind))

    def _made_before(self, naming: Naming, creation: RowCreation, error: CrmError) -> str:
        """A creation that is refused may be one that was made before: the marker is taken then."""
        found = self.find(naming, creation.obj, creation.marker)
        if found:
            return found
        if isinstance(error, CrmConflict):
            raise CrmUnavailable(str(error)) from error
        raise error

    def find(self, naming: Naming, obj: str, marker: str) -> str | None:
        """Return the record made with a marker, archived or not, by a look-up that does not lag."""
        if not naming.marker:
            return None
        for archived in ("false", "true"):
            params = {"idProperty": naming.marker, "archived": archived}
            answer = self._client.get(objects_path(path_of(obj), marker), params)
            if answer.well and isinstance(answer.data, dict):
                return str(answer.data["id"])
            if answer.status != 404:
                raise self._client.unexpected(answer)
        return None

    # ------------------------------------------------------------------------------------------------- updating

    def update(self, update: RowUpdate) -> None:
        """Write the named properties only, with the mark. Raises CrmConflict, CrmRefused, CrmMissing."""
        obj, naming = path_of(update.ref.obj), self._naming(update.ref.obj)
        content = self.content(update.ref.obj, update.fields)
        values = self._marked(naming, content.values, update.marker, update.actor)
        if content.links:
            if not read_records(self._client, obj, [update.ref.id], []):
                raise self._missing(update.ref)
            # Before the mark, which says that all of it is done.
            for link in content.links:
                self._relink(Ref(obj, update.ref.id), link)
        answer = self._client.write("PATCH", objects_path(obj, update.ref.id), {"properties": values})
        if not answer.well:
            raise refusal(self._client, answer, naming.behind)
        if str((answer.data or {}).get("id")) != update.ref.id:
            raise self._missing(update.ref, str((answer.data or {}).get("id")))

    def _missing(self, ref: Ref, into: str = "") -> CrmMissing:
        words = f"{self._client.label} does not have this record any more."
        return CrmMissing(words, Ref(ref.obj, into) if into else None)

    def _relink(self, ref: Ref, link: Link) -> None:
        """The new link first: at no instant is there none."""
        ties = read_ties(self._client, ref.obj, link.obj, [ref.id]).get(ref.id, [])
        if link.id and link.way:
            path = objects_path(ref.obj, ref.id, "associations", link.obj, link.id)
            self._must(self._client.write("PUT", path, [link.way.spec]))
        label = link.way.label if link.way else ""
        for tie in ties:
            if tie.id != link.id and (label in tie.labels or not label):
                self._must(
                    self._client.write(
                        "DELETE", objects_path(ref.obj, ref.id, "associations", link.obj, tie.id)
                    )
                )

    def _must(self, answer: Answer) -> None:
        if not answer.well:
            raise refusal(self._client, answer, {})

    def archive(self, ref: Ref) -> None:
        """Archive a record; one that is gone already is success. Raises CrmUnavailable."""
        answer = self._client.write("DELETE", objects_path(path_of(ref.obj), ref.id))
        if not answer.well and answer.status != 404:
            raise refusal(self._client, answer, {})

    # ----------------------------------------------------------------------------------------------------- many

    def many(self, writes: Sequence[RowWrite]) -> list[str | CrmError]:
        """Carry out writes, as many as can be in one call. Returns the id of each, or why it was not made."""
        done: list[str | CrmError | None] = [None] * len(writes)
        groups: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        for place, write in enumerate(writes):
            try:
                group, body = self._input(write, place)
            except CrmError as error:
                if isinstance(error, CrmUnavailable):
                    raise
                done[place] = error
                continue
            if body is not None:
                groups.setdefault(group, {})[place] = body
        for (obj, action), inputs in groups.items():
            self._batch(obj, action, inputs, writes, done)
        return [one if one is not None else self._alone(writes[place]) for place, one in enumerate(done)]

    def _input(self, write: RowWrite, place: int) -> tuple[tuple[str, str], dict[str, Any] | None]:
        """Return what a batch takes for a write; None for what needs calls of its own."""
        match write:
            case RowUpdate(ref, fields, marker, actor, _):
                naming, content = self._naming(ref.obj), self.content(ref.obj, fields)
                if content.links:
                    return ("", ""), None
                values = self._marked(naming, content.values, marker, actor)
                body = {"id": ref.id, "properties": values, "objectWriteTraceId": str(place)}
                return (path_of(ref.obj), "update"), body
            case RowCreation():
                if write.parent:
                    return ("", ""), None
                body, _ = self._new(write)
                return (path_of(write.obj), "create"), {**body, "objectWriteTraceId": str(place)}

    def _batch(
        self,
        obj: str,
        action: str,
        inputs: Mapping[int, dict[str, Any]],
        writes: Sequence[RowWrite],
        done: list[str | CrmError | None],
    ) -> None:
        """Make one call. Of what it does not speak of one by one, nothing is known: each is then looked at alone."""
        answer = self._client.write(
            "POST", objects_path(obj, "batch", action), {"inputs": [*inputs.values()]}
        )
        if not answer.well or not isinstance(answer.data, dict):
            return
        for one in results(answer):
            place = self._place(one, inputs)
            if place is not None:
                done[place] = str(one["id"])
        for part in answer.data.get("errors") or ():
            traces = part.get("context", {}).get("objectWriteTraceId") or ()
            for trace in traces:
                place = int(trace) if str(trace).isdecimal() else -1
                if place in inputs and done[place] is None:
                    done[place] = self._part(writes[place], part)

    def _place(self, one: Mapping[str, Any], inputs: Mapping[int, dict[str, Any]]) -> int | None:
        trace = str(one.get("objectWriteTraceId") or "")
        if trace.isdecimal() and int(trace) in inputs:
            return int(trace)
        return next((place for place, body in inputs.items() if body.get("id") == str(one["id"])), None)

    def _part(self, write: RowWrite, part: Mapping[str, Any]) -> str | CrmError:
        naming = self._naming(write.ref.obj if isinstance(write, RowUpdate) else write.obj)
        error = part_refusal(self._client, part, naming.behind)
        if isinstance(write, RowCreation):
            try:
                return self._made_before(naming, write, error)
            except CrmUnavailable:
                raise
            except CrmError as refused:
                return refused
        return error

    def _alone(self, write: RowWrite) -> str | CrmError:
        try:
            if isinstance(write, RowCreation):
                return self.create(write)
            self.update(write)
            return write.ref.id
        except CrmUnavailable:
            raise
        except CrmError as error:
            return error


def _value(name: str, value: Any) -> str:
    """Write a value as HubSpot takes it: everything is text, and nothing is an empty one."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ";".join(str(one) for one in value)
        case _:
            return to_html(str(value)) if name in HTML else str(value)
