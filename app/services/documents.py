"""Documents and attached files: pulled into the encrypted store, opened from there, saved elsewhere only when asked."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from app.contract.errors import NoReader, NotAllowed, Refused
from app.contract.manifest import EntityType, Filter, Tone
from app.contract.said import said
from app.services.admission import engine_settings
from app.services.context import PortalContext, in_states, is_paper
from app.services.file_names import free_path, safe_name
from app.services.files import bytes_named
from app.services.format import date_of
from app.services.mark_of_the_web import mark
from app.services.pdf import text_of
from app.services.records import Records
from app.services.views_model import (
    DocMark,
    DocState,
    DocumentState,
    Download,
    RecordView,
    SavedFile,
    Storage,
)
from app.services.whole_file import write_whole
from app.store.documents import Blob
from app.store.query import chip_condition, sort_order
from app.store.states import BlobState, Direction
from app.sync.settings import LIMIT_KEY, NO_LIMIT

_PDF = "application/pdf"
_ENDS_SOON_DAYS = 30
_WORTH_KEEPING = ("prices", "data_sheet", "legal")
#: More than so many nobody keeps at once.
_MOST_KEPT = 200
_LAPSED = ("superseded", "expired", "revoked")
_MOST_TEXT_FILE = 2_000_000
#: How often the text of a file is looked for until it is left alone, and where the count is kept meanwhile.
_MOST_TRIES, _TRIED = 3, "text.tried."


class DocumentService:
    """Copies of the vendor's files on this computer. A `gid` names any record that carries a `sha256`."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._store = context.store
        self._records = records

    # -- state --------------------------------------------------------------------------------------------
    def state(self, gid: str) -> DocumentState:
        """Return where the bytes of a document are; its hash is empty where the vendor has put no file there yet."""
        record = self._records.get(gid)
        return self.state_of(record if record is not None else self._record(gid))

    def state_of(self, record: RecordView) -> DocumentState:
        """Return where the bytes of a document are that has been read already."""
        sha256 = str(record.data.get("sha256") or "")
        size = bytes_named(record.data)
        blob = self._store.blobs.get(sha256) if sha256 else None
        formats = self._context.formats
        if blob is None:
            return DocumentState(
                sha256, DocState.ABSENT, 0, size, kept=False, error="", words=formats.size(size)
            )
        state = _state(blob)
        words = formats.size(blob.size) if state is DocState.HERE else formats.size_of(blob.have, blob.size)
        return DocumentState(sha256, state, blob.have, blob.size, blob.pinned, blob.error or "", words)

    def states(self, gids: Sequence[str]) -> dict[str, DocumentState]:
        """Return the state of several documents; those that are not here are left out."""
        found = self._store.projection.many(gids)
        return {gid: self.state_of(self._context.view(shown)) for gid, shown in found.items()}

    def mark(self, record: RecordView) -> DocMark:
        """Return a document's standing: *Current*, *Ends in 7 days*, *Superseded*, *Expired*."""
        until = date_of(record.data.get("valid_until"))
        left = (until - self._context.formats.today()).days if until else None
        if record.state == "current" and left is not None and left < 0:
            return DocMark(self._context.tr("Expired"), Tone.BAD, "clock")
        if record.state == "current" and left is not None and left <= _ENDS_SOON_DAYS:
            words = (
                self._context.tr("Ends today")
                if left == 0
                else self._context.tr.plural(left, "Ends in %n day", "Ends in %n days")
            )
            return DocMark(words, Tone.WARN, "hourglass")
        icons = {"current": "check", "superseded": "history", "expired": "clock", "revoked": "ban"}
        return DocMark(record.state_label, record.tone, icons.get(record.state, "info-circle"))

    def lapsed(self, record: RecordView) -> bool:
        """Tell whether a document no longer holds: the vendor said so, or its last day has passed meanwhile."""
        until = date_of(record.data.get("valid_until"))
        return record.state in _LAPSED or (until is not None and until < self._context.formats.today())

    # -- pulling ------------------------------------------------------------------------------------------
    def pull(self, gid: str) -> None:
        """Queue a document's bytes; they come as soon as there is a network."""
        self._want(self._record(gid))
        self._context.wake()

    def cancel(self, gid: str) -> None:
        """Stop pulling a document; what has arrived of it goes."""
        self._store.blobs.cancel(self._sha256(self._record(gid)))

    def keep(self, gid: str, *, on: bool) -> None:
        """Keep a document on this computer (and pull it), or let it go when space is needed."""
        record = self._record(gid)
        if on:
            self._want(record)
        self._store.blobs.pin(self._sha256(record), on)
        self._context.wake()

    def keep_many(self, gids: Sequence[str]) -> None:
        """Keep several documents."""
        with self._store.transaction():
            for gid in gids:
                record = self._record(gid)
                self._want(record)
                self._store.blobs.pin(self._sha256(record), True)
        self._context.wake()

    def recommended(self) -> tuple[list[str], int]:
        """Return the current documents worth keeping at once (prices, data sheets, terms), and their bytes.

        Of very many, those that changed last.
        """
        found: list[RecordView] = []
        for entity in self._document_types():
            if entity.field("category") is None:
                continue
            worth = chip_condition(
                self._context.query(entity), (Filter(op="in", field="category", values=_WORTH_KEEPING),)
            )
            where = worth & in_states(self._context, entity, ("current",))
            ids = self._store.projection.ids(
                entity.name, where, sort_order(entity, "-updated_at"), _MOST_KEPT
            )
            found += self._records.rows(ids)
        return [record.gid for record in found], sum(bytes_named(record.data) for record in found)

    def _want(self, record: RecordView) -> None:
        blob = self._store.blobs.get(self._sha256(record))
        if blob is not None and blob.state is BlobState.COMPLETE:
            return
        data = record.data
        self._store.blobs.want(
            self._sha256(record),
            bytes_named(data),
            str(data.get("media_type") or ""),
            self._name(record),
            self._context.now(),
        )

    # -- reading ------------------------------------------------------------------------------------------
    def bytes(self, gid: str) -> bytes:
        """Return a document's bytes. Raises Refused when they are not on this computer."""
        sha256 = self._sha256(self._record(gid))
        # One state of the store: it may make room for others at any moment.
        with self._store.reading():
            self._whole(sha256)
            data = self._store.blobs.content(sha256)
        self._store.blobs.touch(sha256, self._context.now())
        return data

    def check(self, gid: str) -> bool:
        """Hash the stored bytes afresh and tell whether they are the vendor's file. Slow: run it in a task."""
        sha256 = self._sha256(self._record(gid))
        with self._store.transaction():
            self._whole(sha256)
            return self._store.blobs.verify(sha256, self._context.now())

    def _whole(self, sha256: str) -> Blob:
        blob = self._store.blobs.get(sha256)
        if blob is None or blob.state is not BlobState.COMPLETE:
            raise Refused(
                self._context.tr("This file is not on this computer yet."),
                kept=self._context.tr("It can be pulled as soon as there is a network."),
                next_step=self._context.tr("Pull it first."),
                code="not_here",
            )
        return blob

    def suggested_name(self, gid: str) -> str:
        """Return a safe file name for a copy."""
        return self._name(self._record(gid))

    def save_as(self, gid: str, target: Path) -> SavedFile:
        """Save a copy into a folder (under a safe, free name) or as a file the user picked. Returns where it is.

        Raises DiskFull, and Refused when the place cannot be written to or the bytes are not the vendor's any more.
        """
        record = self._record(gid)
        data = self.bytes(gid)
        path = free_path(target, self._name(record)) if target.is_dir() else target
        # What the store gives out is checked once more: a copy is what the vendor published, or it is none.
        if hashlib.sha256(data).hexdigest() != record.data["sha256"]:
            self._store.blobs.verify(self._sha256(record), self._context.now())
            raise Refused(
                self._context.tr("The copy on this computer was damaged, so nothing was saved."),
                kept=self._context.tr("It can be pulled again."),
                next_step=self._context.tr("Pull it again."),
                code="damaged",
            )
        write_whole(path, data, kept=self._context.tr("The file is kept in Counterpart."))
        return SavedFile(path, mark(path))

    # -- transfers, storage -------------------------------------------------------------------------------
    def downloads(self) -> list[Download]:
        """Return what waits to be transferred or is under way, uploads first."""
        blobs = [*self._store.blobs.uploads(), *self._store.blobs.downloads()]
        formats = self._context.formats
        return [
            Download(
                sha256=blob.sha256,
                name=blob.name,
                upload=blob.direction is Direction.UP,
                have=blob.have,
                size=blob.size,
                state=_state(blob),
                error=blob.error or "",
                bytes_words=formats.size_of(blob.have, blob.size),
            )
            for blob in blobs
        ]

    def storage(self) -> Storage:
        """Return the store's bytes by use, and what the disk has left."""
        usage = self._store.blobs.usage()
        free = shutil.disk_usage(self._store.path.parent).free
        return Storage(usage.documents, usage.records, usage.unsent, free, self.limit)

    @property
    def limit(self) -> int | None:
        """The most bytes documents may take, None when there is no limit."""
        found = engine_settings(self._context.managed).limit(self._store)
        return None if found >= NO_LIMIT else found

    @property
    def limit_is_forced(self) -> bool:
        """Whether the organisation set it."""
        return engine_settings(self._context.managed).quota_is_forced

    def set_limit(self, limit: int | None) -> int:
        """Set the most bytes documents may take; None for no limit. What is too much goes at once.

        What is kept or unsent stays, even over the limit. Returns the bytes freed. Raises Refused where the
        organisation set it.
        """
        if self.limit_is_forced:
            raise Refused(
                said("Your organisation set the limit for documents on this computer."),
                kept=said("Nothing was changed."),
                code="forced",
            )
        wanted = NO_LIMIT if limit is None else limit
        with self._store.transaction():
            self._store.settings.put(LIMIT_KEY, wanted)
            return self._store.blobs.evict(wanted)

    def clear_space(self) -> int:
        """Let go of every copy that is not kept; what is unsent is never touched. Returns the bytes freed."""
        return self._store.blobs.evict(0)

    def summary(self) -> str:
        """*41 documents · 18 kept offline, 214 MB*."""
        count = sum(self._records.count(entity.name) for entity in self._document_types())
        kept = [blob for blob in self._store.blobs.all() if blob.pinned and blob.state is BlobState.COMPLETE]
        size = self._context.formats.size(sum(blob.size for blob in kept))
        return self._context.tr("{documents} · {kept} kept offline, {size}").format(
            documents=self._context.tr.plural(count, "%n document", "%n documents"), kept=len(kept), size=size
        )

    # -- the text inside ----------------------------------------------------------------------------------
    def index_text(self, sha256: str) -> None:
        """Make a pulled document's text findable. Slow: run it in a task. Raises NoReader; it is tried another time."""
        blob = self._store.blobs.get(sha256)
        if blob is None or blob.state is not BlobState.COMPLETE or self._store.search.has_text(sha256):
            return
        settings, name = self._store.settings, f"{_TRIED}{sha256}"
        tried = int(settings.get(name) or 0)
        settings.put(name, tried + 1)
        # A file over which the process ends, or waits for ever, is not begun with anew at every start.
        try:
            text = self._text(blob) if tried < _MOST_TRIES else ""
        except NoReader:
            settings.put(name, tried)  # which was not the file's doing
            raise
        self._store.search.add_text(sha256, text)
        settings.remove(name)

    def index_missing(self, leaving: Callable[[], bool] = lambda: False) -> int:
        """Make the text of every pulled document findable that is not yet; returns how many. Run it in a task.

        Once `leaving`, no further one is begun.
        """
        missing = [
            blob.sha256
            for blob in self._store.blobs.all()
            if blob.state is BlobState.COMPLETE and not self._store.search.has_text(blob.sha256)
        ]
        done = 0
        for sha256 in missing:
            if leaving():
                break
            self.index_text(sha256)
            done += 1
        return done

    def _text(self, blob: Blob) -> str:
        if blob.media_type == _PDF:
            try:
                return text_of(self._store.blobs.content(blob.sha256))
            except Refused:
                return ""
        if blob.media_type.startswith("text/") and blob.size <= _MOST_TEXT_FILE:
            return self._store.blobs.content(blob.sha256).decode(errors="replace")
        return ""

    # -- parts --------------------------------------------------------------------------------------------
    def _document_types(self) -> list[EntityType]:
        return [entity for entity in self._context.manifest.entities if is_paper(entity)]

    def _record(self, gid: str) -> RecordView:
        record = self._records.get(gid)
        if record is None or not record.data.get("sha256"):
            raise NotAllowed(
                self._context.tr("This document is not shared with you any more."),
                kept=self._context.tr("What you saved elsewhere stays."),
            )
        return record

    @staticmethod
    def _sha256(record: RecordView) -> str:
        return str(record.data["sha256"])

    @staticmethod
    def _name(record: RecordView) -> str:
        data = record.data
        return safe_name(str(data.get("file_name") or data.get("name") or record.title))


def _state(blob: Blob) -> DocState:
    if blob.state is BlobState.COMPLETE:
        return DocState.HERE
    if blob.error:
        return DocState.FAILED
    return DocState.QUEUED if blob.wanted or blob.unsent else DocState.ABSENT
