"""The jobs that wait for the user: which records ask for something, in one sentence with one action each.

Each kind is a function of `Sources` in `app.services.needing`; a further kind is one more function in `_KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from app.contract.manifest import Tone
from app.services.needing import (
    approvals,
    deals,
    deliverables,
    documents,
    invoices,
    leads,
    memberships,
    others,
    own,
    renewals,
    requests,
    tasks,
)
from app.services.needing.asking import Sources
from app.services.views_model import Need

_LAST = datetime.max.replace(tzinfo=UTC)
#: Without a date of its own, what is the user's turn stands with what is due today.
_PRESSING = (Tone.WARN, Tone.BAD)

_KINDS: tuple[Callable[[Sources], Iterator[Need]], ...] = (
    requests.replies,
    deals.action_required,
    own.conflicts,
    own.returned,
    own.set_aside,
    tasks.to_hand_in,
    approvals.to_decide,
    documents.to_confirm,
    others.my_turn,
    renewals.quotes,
    leads.offers,
    deliverables.to_answer,
    invoices.overdue,
    memberships.due,
    deals.protection,
    own.drafts,
)


def jobs(sources: Sources) -> list[Need]:
    """Return all jobs, most urgent first."""
    found = [need for kind in _KINDS for need in kind(sources)]
    formats = sources.context.formats
    tonight = formats.now().replace(hour=23, minute=59, second=59)
    return sorted(found, key=lambda need: need.due_at or (tonight if need.tone in _PRESSING else _LAST))
