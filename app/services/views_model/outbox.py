"""What waits to send, what was refused, and where two edits meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.contract.manifest import FieldType
from app.contract.mutations import ClashReason
from app.services.views_model.drafts import FileInfo, Target
from app.services.views_model.records import Doubt
from app.store.states import SyncState


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
    `doubt`: why `captured_at` is wrong.
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
    doubt: Doubt | None = None


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
    """One line of the activity list; `kind` is the engine's word for it, such as "proof" or "repaired".

    `doubt`: why `at` is wrong.
    """

    at: datetime
    icon: str
    tone: str
    text: str
    gid: str
    kind: str = ""
    doubt: Doubt | None = None


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
    `doubt`: why `mine_at` is wrong.
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
    doubt: Doubt | None = None


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
