"""Ways through a system that the lanes go, and rows for tests to meet on them."""

from __future__ import annotations

import secrets
from datetime import datetime

from app.contract.ids import time_ordered_id
from gateway.crm.port import (
    ChangedId,
    Ref,
)
from tests.connectors.lab import Lab


def gid_at(now: datetime) -> str:
    """Return an id as a client makes it."""
    return time_ordered_id(now, secrets.token_bytes(10))


def walk(lab: Lab, obj: str, since: datetime | None, limit: int) -> list[ChangedId]:
    """Go through what changed, page by page, as the lanes do."""
    found: list[ChangedId] = []
    after: str | None = None
    while True:
        page = lab.port.changed_since(obj, since, after, limit)
        assert len(page) <= limit
        found += page
        if len(page) < limit:
            return found
        since, after = page[-1].modified_at, page[-1].ref.id


def sweep(lab: Lab, obj: str, limit: int) -> list[str]:
    """Go through all ids, page by page, as the sweep does."""
    found: list[str] = []
    while True:
        page = lab.port.sweep(obj, found[-1] if found else None, limit)
        found += page
        if len(page) < limit:
            return found


def nobody(lab: Lab, obj: str = "") -> Ref:
    """Return a row that was there and is not any more."""
    if obj:
        # Far from any id there is, where ids are numbers that are counted up.
        return Ref(obj, lab.deal(lab.company("Gone Ltd")).id + "00000")
    ref = lab.deal(lab.company("Gone Ltd"))
    lab.delete(ref)
    return ref


def parent_of(lab: Lab, entity: str) -> Ref:
    """Return a record to which something can be added."""
    company = lab.company("Brightwater IT")
    return lab.deal(company) if entity == "deal_registration" else lab.request(company, "Where is it?")
