"""Undo for what was taken out of the outbox: the same wishes, entered anew under new ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.services.context import PortalContext
from app.store.outbox import Item
from app.store.states import BlobState, ItemState


@dataclass(frozen=True)
class TakenBack:
    """Items that left the outbox, in the user's order, with the bytes of their files."""

    items: tuple[Item, ...]
    contents: Mapping[str, bytes]


def held(context: PortalContext, items: Sequence[Item]) -> TakenBack:
    """Remember items before they leave: with them the store lets go of files that nothing else names."""
    contents = {}
    for sha256 in {sha256 for item in items for sha256 in item.blobs}:
        blob = context.store.blobs.get(sha256)
        if blob is not None and blob.state is BlobState.COMPLETE:
            contents[sha256] = context.store.blobs.content(sha256)
    return TakenBack(tuple(items), contents)


def enter_again(context: PortalContext, taken: TakenBack) -> None:
    """Enter what was taken back once more; what had been set aside is set aside again, with its reason."""
    store = context.store
    ids = {item.mutation.mutation_id: context.ids.new_id() for item in taken.items}
    with store.transaction():
        for item in taken.items:
            mutation = item.mutation.model_copy(
                update={
                    "mutation_id": ids[item.mutation.mutation_id],
                    "depends_on": tuple(ids.get(one, one) for one in item.mutation.depends_on),
                }
            )
            for sha256 in item.blobs:
                if sha256 in taken.contents and store.blobs.get(sha256) is None:
                    changes, data = mutation.changes, taken.contents[sha256]
                    kind, name = str(changes.get("media_type") or ""), str(changes.get("name") or "")
                    store.blobs.add(sha256, len(data), kind, name, (data,), context.now())
            store.outbox.enqueue(mutation, item.label, item.detail, item.draft, item.blobs, item.clock_off)
            if item.state is ItemState.QUARANTINED and item.problem is not None:
                store.outbox.quarantine(mutation.mutation_id, item.problem)
    context.wake()
