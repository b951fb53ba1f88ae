"""Mutations (one user intent each) and their outcomes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from app.contract.canonical import canonical, content_hash
from app.contract.records import Record
from app.contract.version import WIRE_SCHEMA


class Kind(StrEnum):
    """What a mutation wants."""

    CREATE = "create"
    PATCH = "patch"
    COMMAND = "command"
    APPEND = "append"
    DELETE = "delete"


class Command(BaseModel):
    """A transition asked for. `expected_state` is what the user saw."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    expected_state: str
    args: dict[str, Any] = {}


class Mutation(BaseModel):
    """One user intent. Its body is frozen at first send; its id makes the effect happen once.

    `base` holds, for the touched fields, what the user saw (earlier pending edits included). `base_version` is the
    version of the record seen, or None for a record born here. `depends_on` names mutations that must have been
    applied before. `captured_at` is the client's clock and decides nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mutation_id: str
    entity: str
    gid: str
    kind: Kind
    base_version: str | None = None
    base: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    command: Command | None = None
    depends_on: tuple[str, ...] = ()
    captured_at: datetime
    wire_schema: int = WIRE_SCHEMA
    supersedes: str | None = None

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if (self.kind is Kind.COMMAND) != (self.command is not None):
            raise ValueError("a command mutation carries a command, and no other kind does")
        if self.kind in (Kind.COMMAND, Kind.DELETE) and self.changes:
            raise ValueError(f"a {self.kind} mutation carries no changes")
        return self

    def body_hash(self) -> str:
        """Return the hash by which a repeated send is told from a different body under the same id."""
        return content_hash(canonical(self.model_dump(mode="json")))


class Status(StrEnum):
    """How a mutation ended; DEFERRED alone is not final."""

    APPLIED = "applied"
    MERGED = "merged"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    GONE = "gone"
    DEFERRED = "deferred"

    @property
    def final(self) -> bool:
        """Whether this outcome settles the mutation."""
        return self is not Status.DEFERRED


class ClashReason(StrEnum):
    """Why a field could not be merged."""

    BOTH_CHANGED = "both_changed"
    LOCKED = "locked"


class FieldClash(BaseModel):
    """One field (or group of fields) that needs a person. Values are keyed by field name within `group`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    group: str
    reason: ClashReason
    base: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, Any]
    theirs_by: str = ""
    theirs_at: datetime | None = None
    theirs_via: str = ""


class Problem(BaseModel):
    """Why a mutation was rejected, in the words of the vendor's system; `fields` maps field to reason.

    `possible` names the commands that are possible from the record's present state.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    message: str
    fields: dict[str, str] = {}
    possible: tuple[str, ...] = ()


class Outcome(BaseModel):
    """What became of one mutation. A final outcome carries the record as it is now, when it is visible.

    `others` names the fields that somebody else had changed and that were merged around.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    mutation_id: str
    status: Status
    record: Record | None = None
    clashes: tuple[FieldClash, ...] = ()
    problem: Problem | None = None
    others: tuple[str, ...] = ()
    retry_after: float | None = None
    receipt: str = ""
    written_at: datetime | None = None


class PushBody(BaseModel):
    """Body of `POST /v1/mutations`, at most `MAX_BATCH` mutations in the order they are to be applied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mutations: tuple[Mutation, ...]


class PushAnswer(BaseModel):
    """Answer of `POST /v1/mutations`: one outcome each, in the same order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    epoch: str
    outcomes: tuple[Outcome, ...]


#: The most mutations one push carries.
MAX_BATCH = 200
