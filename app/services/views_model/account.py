"""The user's own company, and what its people may call themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.views_model.records import Due, RecordView


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
