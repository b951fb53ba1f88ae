"""Tasks and the checklists they come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.contract.manifest import Template
from app.services.views_model.drafts import FileInfo
from app.services.views_model.records import Doubt, Due, FileView, RecordView


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
    yet. `next`: what happens now, or after it is handed in. `unread`: its document has to be opened first. `doubt`: why
    `saved_at` is wrong.
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
    doubt: Doubt | None = None
