"""A record's messages with their files, and its files on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.services.captured import doubt
from app.services.context import PortalContext
from app.services.files import bytes_named
from app.services.format import initials, moment_of
from app.services.views_model import FileView, MessageView, RecordView
from app.store.outbox import Item
from app.store.states import BlobState, ItemState


def files(context: PortalContext, records: Sequence[RecordView]) -> list[FileView]:
    """Turn file records into what the user sees of them."""
    return [_file(context, record) for record in records]


def own_file(context: PortalContext, record: RecordView | None) -> list[FileView]:
    """Return the file that a record itself carries, such as an invoice as it was sent; none for a file's own record."""
    entity = context.manifest.entity(record.entity) if record else None
    if record is None or entity is None or entity.kind != "record" or not record.data.get("sha256"):
        return []
    name = str(record.data.get("file_name") or record.title)
    return [replace(_file(context, record), name=name)]


def _file(context: PortalContext, record: RecordView) -> FileView:
    sha256 = str(record.data.get("sha256") or "")
    blob = context.store.blobs.get(sha256)
    return FileView(
        gid=record.gid,
        sha256=sha256,
        name=record.title,
        size=bytes_named(record.data),
        media_type=str(record.data.get("media_type") or ""),
        by=str(record.data.get("added_by") or ""),
        at=moment_of(record.data.get("added_at")),
        sync=record.sync,
        here=blob is not None and blob.state is BlobState.COMPLETE,
    )


def messages(
    context: PortalContext, sent: Sequence[RecordView], attached: Sequence[RecordView]
) -> list[MessageView]:
    """Return messages with their files, in the order given; a refused one of mine stays among them."""
    by_message: dict[str, list[FileView]] = {}
    for record, file in zip(attached, files(context, attached), strict=True):
        by_message.setdefault(str(record.data.get("message") or ""), []).append(file)
    items = {item.mutation.gid: item for item in context.store.outbox.open_items()}
    return [
        _message(context, record, by_message.get(record.gid, []), items.get(record.gid)) for record in sent
    ]


def _message(
    context: PortalContext, record: RecordView, attached: Sequence[FileView], item: Item | None
) -> MessageView:
    data = record.data
    mine = record.version is None or data.get("author") == context.me.user
    author = context.me.name if mine else str(data.get("author_name") or "")
    sent = moment_of(data.get("sent_at"))
    return MessageView(
        gid=record.gid,
        author=context.tr("You") if mine else author,
        initials=initials(author),
        mine=mine,
        vendor=data.get("side") == "vendor",
        body=str(data.get("body") or ""),
        at=sent or (item.captured_at if item else None),
        sync=record.sync,
        files=tuple(attached),
        mutation_id=item.mutation.mutation_id if item and _needs_or_allows_a_change(item) else "",
        problem=problem_text(item),
        doubt=doubt(context, item.captured_at, item.clock_off) if item and sent is None else None,
    )


def _needs_or_allows_a_change(item: Item) -> bool:
    unsent = not item.frozen and item.state in (ItemState.QUEUED, ItemState.DEFERRED)
    return unsent or item.state is ItemState.QUARANTINED


def problem_text(item: Item | None) -> str:
    """Return why an item needs a person, in the words of whoever refused it."""
    return str((item.problem or {}).get("message") or "") if item else ""
