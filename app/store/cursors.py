"""Where the mirror stands, and what the gateway said about itself and its user."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.contract.canonical import content_hash
from app.contract.changes import Me, Source
from app.contract.manifest import Manifest, parse_manifest
from app.store.connection import Connection
from app.store.timestamps import moment_or_none, stamp_or_none

_CHECKPOINT, _MANIFEST, _ETAG, _REVISION, _ME = (
    "checkpoint",
    "manifest",
    "manifest_etag",
    "manifest_revision",
    "me",
)
_SCRUB = "scrub_due"
_REWRITTEN = "scrub_rewritten"
_INDEX = "index_due"

#: Keys that a salvage brings over: who is signed in, and how the portal looks. The position is not among them.
KEPT_BY_SALVAGE = frozenset({_MANIFEST, _ETAG, _REVISION, _ME})

#: Keys that it leaves behind.
LEFT_BY_SALVAGE = frozenset({_CHECKPOINT, _SCRUB, _REWRITTEN, _INDEX})


@dataclass(frozen=True)
class Checkpoint:
    """A position in the gateway's feed with what belongs to it.

    `complete` is False until a first snapshot has ended; `snapshot_after` leads to the next page of a snapshot that
    is under way. Rows take the `generation` of the snapshot that saw them. `as_of`: when the mirror last equalled the
    gateway. `proven_at`: when that was last verified.
    """

    cursor: str | None = None
    epoch: str | None = None
    complete: bool = False
    snapshot_after: str | None = None
    generation: int = 0
    as_of: datetime | None = None
    proven_at: datetime | None = None
    sources: tuple[Source, ...] = ()

    @property
    def arriving(self) -> bool:
        """Whether a first snapshot is under way."""
        return self.generation > 0 and not self.complete


class Cursors:
    """Reads and writes them. Write a checkpoint in the transaction of the page it belongs to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parsed: tuple[str, Manifest] | None = None

    def read(self) -> Checkpoint:
        """Return the checkpoint; that of an empty store when there is none."""
        text = self._get(_CHECKPOINT)
        if text is None:
            return Checkpoint()
        data = json.loads(text)
        return Checkpoint(
            cursor=data["cursor"],
            epoch=data["epoch"],
            complete=data["complete"],
            snapshot_after=data["snapshot_after"],
            generation=data["generation"],
            as_of=moment_or_none(data["as_of"]),
            proven_at=moment_or_none(data["proven_at"]),
            sources=tuple(Source.model_validate(source) for source in data["sources"]),
        )

    @property
    def portal_known(self) -> bool:
        """Whether the gateway has said what this portal is, and for whom: after the first contact it has."""
        return self.manifest() is not None and self.me() is not None

    def write(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""
        data: dict[str, Any] = asdict(checkpoint) | {
            "as_of": stamp_or_none(checkpoint.as_of),
            "proven_at": stamp_or_none(checkpoint.proven_at),
            "sources": [source.model_dump(mode="json") for source in checkpoint.sources],
        }
        self._put(_CHECKPOINT, json.dumps(data))

    def manifest(self) -> Manifest | None:
        """Return the effective manifest; parsed once, and again when any connection has saved another one."""
        revision = self._get(_REVISION)
        if revision is None:
            return None
        if self._parsed is None or self._parsed[0] != revision:
            text = self._get(_MANIFEST)
            if text is None:
                return None  # a salvage found the one and not the other
            self._parsed = (revision, parse_manifest(json.loads(text)))
        return self._parsed[1]

    def manifest_etag(self) -> str | None:
        """Return the ETag under which the manifest was served."""
        return self._get(_ETAG)

    def save_manifest(self, text: str, etag: str) -> Manifest:
        """Keep a manifest's JSON text. Raises UpdateNeeded or ValueError, and keeps the old one, if it cannot be read.

        A manifest that follows another one may show less than it: what is stale in the file is due to be scrubbed.
        """
        data = json.loads(text)
        json.dumps(
            data, ensure_ascii=False
        ).encode()  # half a character, which JSON can say, is no word to show
        manifest = parse_manifest(data)
        with self._connection.transaction():
            revision, before = content_hash(text), self._get(_REVISION)
            self._put(_ETAG, etag)
            self._put(_MANIFEST, text)
            self._put(_REVISION, revision)
            if before not in (None, revision):
                self.require_scrub()
        return manifest

    def me(self) -> Me | None:
        """Return who is signed in."""
        text = self._get(_ME)
        return None if text is None else Me.model_validate_json(text)

    def save_me(self, me: Me) -> None:
        """Keep who is signed in."""
        self._put(_ME, me.model_dump_json())

    @property
    def scrub_due(self) -> bool:
        """Whether bytes of something out of scope may still lie in the slack of the file."""
        return self._get(_SCRUB) is not None

    def scrub_wanted(self) -> int:
        """How often a scrub was required since the last one ended: whoever does it does it for all of these."""
        return int(self._get(_SCRUB) or 0)

    def require_scrub(self) -> None:
        """Note, in the transaction that removes something out of scope, that its traces are still to be removed."""
        with self._connection.transaction():
            self._put(_SCRUB, str(self.scrub_wanted() + 1))

    def rewritten(self) -> int:
        """For how many of the scrubs that are wanted the file has been written anew: only the log is left then."""
        return int(self._get(_REWRITTEN) or 0)

    def mark_rewritten(self, wanted: int) -> None:
        """Note that it has been for so many."""
        self._put(_REWRITTEN, str(wanted))

    def scrubbed(self, wanted: int) -> None:
        """Note that no traces are left of what so many scrubs were required for; a later one stays due."""
        with self._connection.transaction():
            self._connection.run(
                "DELETE FROM meta WHERE key = ? OR (key = ? AND value = ?)", (_REWRITTEN, _SCRUB, str(wanted))
            )

    @property
    def index_due(self) -> bool:
        """Whether indexes or search entries may be missing that the manifest asks for."""
        return self._get(_INDEX) is not None

    def require_index(self) -> None:
        """Note, in the transaction that makes it so, that indexes and search entries are to be made."""
        self._put(_INDEX, "1")

    def indexed(self) -> None:
        """Note that they are all there."""
        with self._connection.transaction():
            self._connection.run("DELETE FROM meta WHERE key = ?", (_INDEX,))

    def _get(self, key: str) -> str | None:
        value: str | None = self._connection.value("SELECT value FROM meta WHERE key = ?", (key,))
        return value

    def _put(self, key: str, value: str) -> None:
        with self._connection.transaction():
            self._connection.run(
                "INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                (key, value),
            )
