"""What views are given: plain frozen values, already in the user's words.

Views import their types from here and from `app.bridge` only; events of the engine are re-exported for that reason.
Times are UTC datetimes unless a name ends in `_words`. Money is `Decimal` by ISO 4217 code. `tone` is a value of
`Tone`, or "clash" for a conflict and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.contract.manifest import FieldType, Template, Tone
from app.contract.mutations import ClashReason
from app.store.states import SyncState
from app.sync.events import (
    BucketProof,
    FirstSyncProgress,
    Mode,
    Proof,
    ReceiptArrived,
    RecordsChanged,
    Status,
    TransferProgress,
)

__all__ = [
    "AccountFact",
    "AccountView",
    "ActivityLine",
    "BucketProof",
    "ChangeLine",
    "ChangedSince",
    "Checklist",
    "Choice",
    "ChoiceKind",
    "ClashHint",
    "ClashReason",
    "ClockView",
    "Closing",
    "Confirmation",
    "ConflictField",
    "ConflictView",
    "Covers",
    "Credential",
    "Difference",
    "Discarded",
    "DocMark",
    "DocState",
    "DocumentState",
    "Done",
    "Download",
    "Draft",
    "Due",
    "FieldType",
    "FileInfo",
    "FileView",
    "FirstSyncProgress",
    "Freshness",
    "Glance",
    "Hit",
    "MessageView",
    "Mode",
    "Need",
    "Notice",
    "Option",
    "Origin",
    "OutboxAction",
    "OutboxView",
    "Pipeline",
    "PipelineStage",
    "PreviewLine",
    "Proof",
    "ProofWords",
    "ReceiptArrived",
    "ReceiptFact",
    "ReceiptView",
    "RecordView",
    "RecordsChanged",
    "RefusedEdit",
    "RenewalWindow",
    "Reopened",
    "SavedFile",
    "SourceView",
    "Status",
    "Storage",
    "Suggestion",
    "SyncState",
    "Target",
    "TaskLine",
    "TaskView",
    "Template",
    "TimelineEntry",
    "Tone",
    "TransferProgress",
]


# ------------------------------------------------------------------------------------------------- records
@dataclass(frozen=True)
class RecordView:
    """One record as the user sees it, pending edits included.

    `data` holds raw values by field name; `title`, `subtitle`, `number` are filled from the manifest's fields.
    `state_label` and `tone` are empty when the entity type has no states. `version` is None when born here.
    """

    id: int
    gid: str
    entity: str
    data: Mapping[str, Any]
    sync: SyncState
    title: str
    subtitle: str
    number: str
    state: str
    state_label: str
    tone: str
    version: str | None


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a record: the vendor's own, or one of mine that is still under way (`sync` says so).

    `receipt` names the signed evidence the words end with (*R-7F3C*), `mutation_id` what it is about. `where`: from
    which place it was done, where that is known.
    """

    at: datetime | None
    by: str
    kind: str
    text: str
    icon: str
    tone: str
    sync: SyncState
    receipt: str = ""
    mutation_id: str = ""
    where: str = ""


@dataclass(frozen=True)
class ListView:
    """Which list: of an entity type, narrowed by a chip and a search, in an order ("" is the manifest's)."""

    entity: str
    chip: str = ""
    text: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Listing:
    """A list: row ids in order, the records of every chip under the same search, and sums by currency.

    `whole` False: the first rows only, and nothing counted yet.
    """

    ids: Sequence[int]
    counts: Mapping[str, int]
    totals: Mapping[str, Decimal]
    whole: bool = True


@dataclass(frozen=True)
class Figure:
    """How many records, and their sums by currency."""

    count: int
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Option:
    """One value a reference field may take."""

    gid: str
    label: str
    detail: str


@dataclass(frozen=True)
class Due:
    """A point in time with its urgency, such as *Today 12:00*, *5 days* or *4 h 55 m left*."""

    words: str
    tone: str
    at: datetime | None


@dataclass(frozen=True)
class FileView:
    """A file on a record or message. `gid` is the file record's; empty for one that is still part of a draft."""

    gid: str
    sha256: str
    name: str
    size: int
    media_type: str
    by: str
    at: datetime | None
    sync: SyncState
    here: bool


@dataclass(frozen=True)
class MessageView:
    """One message of a conversation. `mutation_id` is set while it can still be edited or cancelled."""

    gid: str
    author: str
    initials: str
    mine: bool
    vendor: bool
    body: str
    at: datetime | None
    sync: SyncState
    files: tuple[FileView, ...]
    mutation_id: str = ""
    problem: str = ""


# ------------------------------------------------------------------------------------------------- documents
@dataclass(frozen=True)
class ChangedSince:
    """What is new in a document since its user read it: one line, the vendor's note, and where the texts differ."""

    title: str
    note: str
    differences: Sequence[Difference]


@dataclass(frozen=True)
class Confirmation:
    """The user's word that they read a document: given (`done`), or asked for. `possible`: their role may give it."""

    done: bool
    words: str
    sync: SyncState = SyncState.SYNCED
    possible: bool = False
    late: bool = False


@dataclass(frozen=True)
class Difference:
    """One place where two texts differ: what was there and what is; either may be empty."""

    before: str
    after: str


# ------------------------------------------------------------------------------------------------- requests
@dataclass(frozen=True)
class ClockView:
    """The time an answer takes: *4 h 55 m* and *left*, whose `turn` it is since when, and who answers by when.

    `figure` is empty where no time is set; `share` of it has passed; `paused`: the vendor's time stands still.
    """

    figure: str
    rest: str
    tone: str
    share: float
    turn: str
    words: str
    paused: bool


@dataclass(frozen=True)
class Suggestion:
    """What may answer a question already. `ranges` are the places of its words within `excerpt`."""

    gid: str
    entity: str
    icon: str
    title: str
    detail: str
    excerpt: str
    ranges: tuple[tuple[int, int], ...]


# ------------------------------------------------------------------------------------------------- account
@dataclass(frozen=True)
class AccountFact:
    """One detail of a company. `own`: this user may edit it; `asks`: the kind of change to ask for instead."""

    name: str
    label: str
    value: str
    own: bool = False
    asks: str = ""


@dataclass(frozen=True)
class Credential:
    """A membership or certificate with how long it holds; `due` None when it has ended or never ends."""

    record: RecordView
    title: str
    detail: str
    due: Due | None


@dataclass(frozen=True)
class AccountView:
    """What stands about one of the user's companies. `record` None: the portal tells nothing of it but its name."""

    gid: str
    name: str
    record: RecordView | None
    facts: Sequence[AccountFact]
    editable: bool
    may_ask: bool
    may_add_contacts: bool
    keeper: str
    contacts: Sequence[RecordView]
    changes: Sequence[RecordView]
    credentials: Sequence[Credential]


# ------------------------------------------------------------------------------------------------- tasks
@dataclass(frozen=True)
class TaskLine:
    """One task in its list. `turn`: partner, vendor, or empty when nobody has to do anything.

    `after` names the tasks it begins after that are not handed in yet; `begun`: something was filled in here.
    """

    record: RecordView
    due: Due
    turn: str
    done: bool
    begun: bool
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """The tasks of one project; `done` of `total` are accepted, lines in the order they are due."""

    name: str
    done: int
    total: int
    lines: Sequence[TaskLine]


@dataclass(frozen=True)
class TaskView:
    """One task as it is filled in.

    `answers` and `files` stand on this computer until they are handed in; `sent` are the files the vendor has or gets.
    `problems` (by field name of the template, or *file*) and `note` are what the vendor said when it came back.
    `open`: it may be filled in now; `hand_in` is then what the command is called. `reason`: why it may not be handed in
    yet. `next`: what happens now, or after it is handed in. `unread`: its document has to be opened first.
    """

    line: TaskLine
    template: Template | None
    answers: Mapping[str, Any]
    files: Sequence[FileInfo]
    sent: Sequence[FileView]
    problems: Mapping[str, str]
    note: str
    saved_at: datetime | None
    open: bool
    hand_in: str
    reason: str
    next: str
    document: RecordView | None = None
    unread: bool = False
    waiting: bool = False
    takes_files: bool = False


# ------------------------------------------------------------------------------------------------- intents, drafts
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


# ------------------------------------------------------------------------------------------------- documents
class DocState(StrEnum):
    """Where the bytes of a document are."""

    ABSENT = "absent"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    HERE = "here"


@dataclass(frozen=True)
class DocumentState:
    """The local copy of one document. Sizes in bytes; `words` for a line such as *12.4 of 38.0 MB*."""

    sha256: str
    state: DocState
    have: int
    size: int
    kept: bool
    error: str
    words: str


@dataclass(frozen=True)
class DocMark:
    """A document's standing: *Current*, *Superseded*, *Expired*, *Ends in 7 days*. `icon` names one of `resources`."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Download:
    """One transfer that is queued or under way; how fast it goes is told by `TransferProgress`."""

    sha256: str
    name: str
    upload: bool
    have: int
    size: int
    state: DocState
    error: str
    bytes_words: str


@dataclass(frozen=True)
class Storage:
    """Bytes by use. `free` is what the disk has left; `limit` the most that documents may take, None for no limit."""

    documents: int
    records: int
    unsent: int
    free: int
    limit: int | None = None

    @property
    def used(self) -> int:
        """Bytes in the encrypted store."""
        return self.documents + self.records + self.unsent


# ------------------------------------------------------------------------------------------------- outbox, conflicts
class OutboxAction(StrEnum):
    """What a user may do with an outbox item."""

    EDIT = "edit"
    CANCEL = "cancel"
    RETRY = "retry"
    DISCARD = "discard"
    EXPORT = "export"
    COMPARE = "compare"
    ASK = "ask"
    OPEN = "open"


@dataclass(frozen=True)
class OutboxView:
    """One thing that waits, is under way, or needs a person.

    `reason` is in the words of the vendor's system; `possible` holds labels of what can be done now.
    `transfer` is the blob whose progress belongs to the row. `actions` are in the order of the buttons.
    """

    mutation_id: str
    state: SyncState
    what: str
    whom: str
    captured_at: datetime
    reason: str
    actions: tuple[OutboxAction, ...]
    gid: str
    entity: str
    transfer: str = ""
    transfer_size: int = 0
    possible: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reopened:
    """Something taken back from the outbox to go on editing it.

    A draft: `target` leads to its form. A message: `text` and `files` are what it held, `target` its parent.
    """

    target: Target
    text: str = ""
    files: tuple[FileInfo, ...] = ()


@dataclass(frozen=True)
class RefusedEdit:
    """An edit the vendor refused, taken back to be mended: what was wanted, and why not, by field or in general."""

    gid: str
    changes: Mapping[str, Any]
    fields: Mapping[str, str]
    reason: str


@dataclass(frozen=True)
class ActivityLine:
    """One line of the activity list; `kind` is the engine's word for it, such as "proof" or "repaired"."""

    at: datetime
    icon: str
    tone: str
    text: str
    gid: str
    kind: str = ""


class ChoiceKind(StrEnum):
    """How a conflicting group is decided."""

    THEIRS = "theirs"
    MINE = "mine"
    EDITED = "edited"


@dataclass(frozen=True)
class Choice:
    """A decision for one group; `value` maps field name to value and is used with EDITED only."""

    kind: ChoiceKind
    value: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ConflictField:
    """One group of fields that differ. `*_words` are shown, the mappings are raw values by field name.

    `editable` tells whether MINE and EDITED are possible now (a field locked meanwhile only takes THEIRS).
    `suggested` is the start of an edited text.
    """

    group: str
    label: str
    type_label: str
    type: FieldType
    names: tuple[str, ...]
    base: Mapping[str, Any]
    theirs: Mapping[str, Any]
    mine: Mapping[str, Any]
    base_words: str
    theirs_words: str
    mine_words: str
    reason: ClashReason
    reason_words: str
    preselect: ChoiceKind | None
    suggested: str
    editable: bool


@dataclass(frozen=True)
class ConflictView:
    """A conflict against the *current* record. `kind` is "fields" or "gone".

    `agreeing` counts the fields that agree on both sides. `headline` says what happened in one sentence.
    """

    gid: str
    entity: str
    mutation_id: str
    title: str
    subtitle: str
    number: str
    kind: str
    headline: str
    base_at: datetime | None
    theirs_by: str
    theirs_at: datetime | None
    theirs_via: str
    mine_by: str
    mine_at: datetime
    mine_device: str
    fields: tuple[ConflictField, ...]
    agreeing: int


@dataclass(frozen=True)
class PreviewLine:
    """What applying sends for one group. `after` empty: nothing is sent, `before` says what stays."""

    group: str
    label: str
    before: str
    after: str
    choice: ChoiceKind | None

    @property
    def sends(self) -> bool:
        """Whether anything is sent for this group."""
        return bool(self.after)


# ------------------------------------------------------------------------------------------------- home, search
@dataclass(frozen=True)
class Need:
    """One job that waits for the user. The first one of the list carries the primary button."""

    icon: str
    tone: str
    title: str
    detail: str
    due: str
    due_tone: str
    due_at: datetime | None
    action_label: str
    target: Target


@dataclass(frozen=True)
class PipelineStage:
    """One segment of the stage bar, colour `index` 1 to 5."""

    state: str
    label: str
    index: int
    count: int
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Closing:
    """Deals that close this quarter."""

    count: int
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Pipeline:
    """Open deals by stage; currencies in the manifest's order, never added up. `ending`: lose protection in 30 days."""

    entity: str
    open_count: int
    currencies: tuple[str, ...]
    totals: Mapping[str, Decimal]
    stages: tuple[PipelineStage, ...]
    closing: Closing
    ending: int


@dataclass(frozen=True)
class RenewalWindow:
    """Renewals whose term ends within a window; the windows do not overlap."""

    label: str
    count: int
    totals: Mapping[str, Decimal]
    note: str
    note_tone: str


@dataclass(frozen=True)
class Glance:
    """One list of a portal in a line: what is open, the next date among it, and sums by currency in words."""

    entity: str
    label: str
    icon: str
    words: str
    next: Due
    amounts: str
    total: int


@dataclass(frozen=True)
class HomeView:
    """What the first page shows but for the pipeline, whose figures take longer."""

    needs: Sequence[Need]
    needs_summary: str
    renewals: Sequence[RenewalWindow]
    changed: Sequence[ChangeLine]
    changed_since: str
    glance: Sequence[Glance] = ()


@dataclass(frozen=True)
class ChangeLine:
    """Something the vendor changed. `group` is the heading under which it stands, such as *Today* or *Weekend*.

    `answer`: somebody at the vendor wrote.
    """

    at: datetime
    group: str
    when: str
    icon: str
    tone: str
    title: str
    detail: str
    target: Target
    answer: bool = False


@dataclass(frozen=True)
class Hit:
    """One search result. `ranges` are (start, end) character positions of matches within `title`."""

    gid: str
    entity: str
    icon: str
    title: str
    detail: str
    sync: SyncState
    ranges: tuple[tuple[int, int], ...]
    target: Target


@dataclass(frozen=True)
class Covers:
    """What search covers; `words` is the sentence below it."""

    records: int
    documents: int
    words: str


# ------------------------------------------------------------------------------------------------- status in words
@dataclass(frozen=True)
class Freshness:
    """The chip at the top right; `why` for the tip.

    `kind`: live, proven, partly (some of the vendor's systems cannot be read), syncing, first, offline, sign_in,
    problem.
    """

    kind: str
    text: str
    why: str


@dataclass(frozen=True)
class SourceView:
    """One of the vendor's systems: which lists live in it, and how it stands. `stale`: it cannot be read now."""

    label: str
    holds: str
    words: str
    stale: bool


@dataclass(frozen=True)
class Notice:
    """A banner for what holds for the whole window. `action`: "why", "sign_in", "online", "remove" or empty."""

    tone: str
    icon: str
    text: str
    action: str
    action_label: str


@dataclass(frozen=True)
class ProofWords:
    """A proof as it is told: headline, one line below, and when in how long. `tone`: ok, warn or neutral."""

    tone: str
    headline: str
    detail: str
    checked: str


@dataclass(frozen=True)
class ReceiptFact:
    """One line of a receipt: what, its value, and whose word it is."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class ReceiptView:
    """Signed evidence as it is told. `here`: it is on this computer, so it can be exported; `facts` are its lines."""

    mutation_id: str
    name: str
    about: str
    here: bool
    tone: str
    headline: str
    detail: str
    facts: tuple[ReceiptFact, ...] = ()


@dataclass(frozen=True)
class SavedFile:
    """Where a copy was saved."""

    path: Path
    marked: bool
