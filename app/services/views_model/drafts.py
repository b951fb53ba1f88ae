"""What is being written, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.services.views_model.records import Doubt


@dataclass(frozen=True)
class Done:
    """What an intent did: for the toast, and for undo.

    `words` is the toast's text; `undoable` tells whether `undo(done)` of the same service can still take it back.
    `before` is what an edit replaced, `more` the other mutations of the same intent, `taken` what left the outbox.
    """

    mutation_id: str
    gid: str
    words: str
    undoable: bool
    before: Mapping[str, Any] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    taken: object = None


@dataclass(frozen=True)
class FileInfo:
    """A file taken in but not yet sent. `name` is safe; `pages` is None when it has none that can be counted."""

    sha256: str
    name: str
    size: int
    media_type: str
    pages: int | None = None


@dataclass(frozen=True)
class Origin:
    """What a draft was derived from: the record `gid` by the manifest's `job`; `copied` is what it began with."""

    job: str
    gid: str
    copied: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """Something being written. `problems` maps field (or child entity) to the vendor's reason after a rejection.

    `note` is the vendor's general reason. `step` is the wizard's section index. `text` is a request's first message.
    `submitted` tells that it stands in the outbox now. `origin`: what it was derived from.
    `doubt`: why `saved_at` is wrong.
    """

    gid: str
    entity: str
    data: Mapping[str, Any]
    files: tuple[FileInfo, ...]
    problems: Mapping[str, str]
    note: str
    saved_at: datetime
    step: int
    text: str = ""
    submitted: bool = False
    origin: Origin | None = None
    doubt: Doubt | None = None


@dataclass(frozen=True)
class Discarded:
    """A draft that was thrown away, with the bytes of its files, for as long as undo is offered."""

    draft: Draft
    contents: Mapping[str, bytes]


@dataclass(frozen=True)
class ClashHint:
    """A registration that may meet this one; a hint, never a block. Another partner's has neither gid nor number."""

    title: str
    detail: str
    gid: str
    number: str


@dataclass(frozen=True)
class Target:
    """Where an action leads, in the words of the window's places (`Place(**vars(target))`).

    `page`: "home", "sync_centre", "settings", "conflict" (with `gid`), "new" (form of `entity`, draft `gid`), or the
    name of an entity type. `focus`: "", "reply", "attach", "edit" or "command:NAME".
    """

    page: str
    gid: str = ""
    entity: str = ""
    chip: str = ""
    text: str = ""
    focus: str = ""
