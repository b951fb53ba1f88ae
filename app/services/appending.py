"""Children that are only ever added: messages and files, and what has to be sent before what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.contract import rules
from app.contract.errors import Refused
from app.contract.mutations import Kind, Mutation
from app.contract.predicates import Children
from app.contract.said import said
from app.services.context import PortalContext
from app.services.views_model import FileInfo, SyncState
from app.store.states import ItemState

MESSAGE = "message"
FILE = "file"
ACKNOWLEDGEMENT = "acknowledgement"


def without_bytes(name: str) -> Refused:
    """What is said of a file that cannot be sent, since this computer does not hold it any more."""
    cause = said("“{name}” is no longer on this computer.", name=name)
    return Refused(
        cause,
        kept=said("What you typed is kept here."),
        next_step=said("Add the file again."),
        fields={FILE: cause},
    )


class Appending:
    """Builds and enqueues append mutations; callers hold the transaction when several belong together.

    `gid` names a child that had its id already (as part of a draft); `draft` is the draft all of it belongs to.
    """

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store

    def message(
        self, parent: str, text: str, *, gid: str = "", after: Sequence[str] = (), draft: str | None = None
    ) -> Mutation:
        """Enqueue one message. `after`: mutations it waits for besides its parent's birth."""
        changes = {"parent": parent, "body": text.strip()}
        mutation = self._append(MESSAGE, gid, changes, [*self.birth(parent), *after])
        self._store.outbox.enqueue(
            mutation, label=self._context.tr("Message"), detail=self._title(parent), draft=draft
        )
        return mutation

    def file(
        self,
        parent: str,
        info: FileInfo,
        *,
        gid: str = "",
        message: Mutation | None = None,
        after: Sequence[str] = (),
        draft: str | None = None,
    ) -> Mutation:
        """Enqueue one file; it waits for its own bytes, its parent's birth, and the message it belongs to.

        Raises Refused when its bytes are not here.
        """
        if self._store.blobs.get(info.sha256) is None:
            raise without_bytes(info.name)
        waits = [*self.birth(parent), *after, *([message.mutation_id] if message else [])]
        changes: dict[str, Any] = {
            "parent": parent,
            "name": info.name,
            "sha256": info.sha256,
            "size": info.size,
            "media_type": info.media_type,
        }
        if message is not None:
            changes["message"] = message.gid
        mutation = self._append(FILE, gid, changes, waits)
        title = self._title(parent)
        self._store.outbox.enqueue(mutation, label=info.name, detail=title, draft=draft, blobs=(info.sha256,))
        return mutation

    def acknowledgement(self, document: str, sha256: str, version: str) -> Mutation:
        """Enqueue the word that a document was read: exactly these bytes."""
        changes = {"parent": document, "sha256": sha256, "version": version}
        mutation = self._append(ACKNOWLEDGEMENT, "", changes, self.birth(document))
        self._store.outbox.enqueue(mutation, label="Confirmation", detail=self._title(document))
        return mutation

    def _append(self, entity: str, gid: str, changes: Mapping[str, Any], waits: Sequence[str]) -> Mutation:
        spec = self._context.entity(entity)
        found = {v.field: self._context.tr(v.message) for v in rules.check_creation(spec, changes)}
        for field in spec.fields:
            violation = rules.validate_field(field, changes, self._context.rules_context())
            if violation is not None and field.name not in found:
                found[field.name] = self._context.tr(violation.message)
        if found:
            cause = next(iter(found.values()))
            raise Refused(
                cause, kept=self._context.tr("What you typed is kept here."), code="invalid", fields=found
            )
        return Mutation(
            mutation_id=self._context.ids.new_id(),
            entity=entity,
            gid=gid or self._context.ids.new_id(),
            kind=Kind.APPEND,
            changes=dict(changes),
            depends_on=tuple(dict.fromkeys(waits)),
            captured_at=self._context.now(),
        )

    def birth(self, gid: str) -> tuple[str, ...]:
        """Return the mutation that creates a record and is not settled yet, if there is one."""
        items = self._store.outbox.pending(gid)
        kinds = (Kind.CREATE, Kind.APPEND)
        return tuple(item.mutation.mutation_id for item in items if item.mutation.kind in kinds)

    def waited_for(self, gid: str, requires: Sequence[Children]) -> tuple[str, ...]:
        """Return what a command has to wait for: the record's own open mutations and the children it requires."""
        wanted = {need.entity for need in requires}
        pending = self._store.outbox.pending(gid)
        own = [item.mutation.mutation_id for item in pending if item.state is not ItemState.QUARANTINED]
        children = [
            item.mutation.mutation_id
            for item in self._store.outbox.open_items()
            if item.state is not ItemState.QUARANTINED
            and item.mutation.kind is Kind.APPEND
            and item.mutation.entity in wanted
            and item.mutation.changes.get("parent") == gid
        ]
        return tuple(dict.fromkeys([*own, *children]))

    def rules_context(self, gid: str) -> rules.Context:
        """What the rules may look at for one record: today, how many children it has of each type, its template."""
        types = [entity.name for entity in self._context.manifest.entities if entity.kind == "append"]
        children = {
            name: sum(
                1 for one in self._store.projection.children(gid, name) if one.sync is not SyncState.DRAFT
            )
            for name in types
        }
        shown = self._store.projection.get(gid)
        template = self._context.template_of(shown.entity, shown.data) if shown else None
        return self._context.rules_context(children, template)

    def _title(self, gid: str) -> str:
        shown = self._store.projection.get(gid)
        return self._context.view(shown).title if shown else ""
