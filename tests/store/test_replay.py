"""What is shown, as a table: server truth, what is local, and the result."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.mutations import Kind
from app.store.replay import Local, OpenDraft, Pending, Unresolved, replay, sync_state
from app.store.states import ItemState, SyncState
from tests.store.world import DEAL, command, manifest, mutation, patch

ENTITY = manifest().entity(DEAL)
QUEUED, SENDING, DEFERRED, ASIDE = (
    ItemState.QUEUED,
    ItemState.SENDING,
    ItemState.DEFERRED,
    ItemState.QUARANTINED,
)
TRUTH = {"title": "old", "amount": "1.00", "currency": "GBP", "state": "approved"}
LINES = "one\ntwo\nthree\nfour\nfive\n"


def queued(*mutations: Any) -> Local:
    return Local(tuple(Pending(one, QUEUED) for one in mutations))


CREATE = mutation("c", 1, Kind.CREATE, changes={"title": "new"})
DELETE = mutation("x", 1, Kind.DELETE, base_version="v1")
EDIT = patch("p", 1, {"title": "old"}, {"title": "mine"})

CASES: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None, Local, dict[str, Any] | None]] = {
    "nothing local": (TRUTH, None, Local(), TRUTH),
    "nothing anywhere": (None, None, Local(), None),
    "an edit lies over": (TRUTH, None, queued(EDIT), {**TRUTH, "title": "mine"}),
    "an unknown field survives": (
        {**TRUTH, "later": [1]},
        None,
        queued(EDIT),
        {**TRUTH, "later": [1], "title": "mine"},
    ),
    "an edit of a field the vendor changed too shows mine": (
        {**TRUTH, "title": "theirs"},
        None,
        queued(EDIT),
        {**TRUTH, "title": "mine"},
    ),
    "a group member that was not touched follows the vendor": (
        {**TRUTH, "amount": "9.00"},
        None,
        queued(patch("p", 1, {"title": "old", "amount": "1.00"}, {"title": "mine", "amount": "1.00"})),
        {**TRUTH, "amount": "9.00", "title": "mine"},
    ),
    "long texts merge by line": (
        {"problem": LINES.replace("one", "ONE")},
        None,
        queued(patch("p", 1, {"problem": LINES}, {"problem": LINES.replace("five", "FIVE")})),
        {"problem": LINES.replace("one", "ONE").replace("five", "FIVE")},
    ),
    "a clash keeps mine and lets the rest merge": (
        {"title": "theirs", "problem": LINES.replace("one", "ONE")},
        None,
        queued(
            patch(
                "p",
                1,
                {"title": "old", "problem": LINES},
                {"title": "mine", "problem": LINES.replace("five", "FIVE")},
            )
        ),
        {"title": "mine", "problem": LINES.replace("one", "ONE").replace("five", "FIVE")},
    ),
    "edits apply in order": (
        TRUTH,
        None,
        queued(EDIT, patch("q", 1, {"title": "mine"}, {"title": "mine again"})),
        {**TRUTH, "title": "mine again"},
    ),
    "a create is shown from its values": (None, None, queued(CREATE), {"title": "new", "state": "draft"}),
    "a create that arrived meanwhile shows what became of it": (
        {"title": "corrected", "state": "draft"},
        None,
        queued(CREATE),
        {"title": "corrected", "state": "draft"},
    ),
    "an edit of what was just created": (
        None,
        None,
        queued(CREATE, patch("p", 1, {"title": "new"}, {"title": "newer"})),
        {"title": "newer", "state": "draft"},
    ),
    "create and submit": (
        None,
        None,
        queued(CREATE, command("s", 1, "submit", "draft")),
        {"title": "new", "state": "submitted"},
    ),
    "a command shows where it leads": (
        TRUTH,
        None,
        queued(command("k", 1, "convert", "approved", po_reference="PO 1")),
        {**TRUTH, "state": "converted"},
    ),
    "a command that no longer fits changes nothing": (
        {**TRUTH, "state": "expired"},
        None,
        queued(command("k", 1, "convert", "approved", po_reference="PO 1")),
        {**TRUTH, "state": "expired"},
    ),
    "an unknown command changes nothing": (
        TRUTH,
        None,
        queued(command("k", 1, "levitate", "approved")),
        TRUTH,
    ),
    "a delete hides the record": (TRUTH, None, queued(DELETE), None),
    "a conflict keeps mine": (
        {**TRUTH, "title": "theirs"},
        None,
        Local(conflicts=(Unresolved({"title": "old"}, {"title": "mine"}),)),
        {**TRUTH, "title": "mine"},
    ),
    "a conflict about a deleted record shows it as it was": (
        None,
        TRUTH,
        Local(conflicts=(Unresolved({"title": "old"}, {"title": "mine"}),)),
        {**TRUTH, "title": "mine"},
    ),
    "a conflict about a record nobody knows any more shows what is known": (
        None,
        None,
        Local(conflicts=(Unresolved({"title": "old", "amount": "1.00"}, {"title": "mine"}),)),
        {"title": "mine", "amount": "1.00"},
    ),
    "an edit of a deleted record shows it as it was": (None, TRUTH, queued(EDIT), {**TRUTH, "title": "mine"}),
    "an edit of what is not there shows nothing": (None, None, queued(EDIT), None),
    "a rejected edit does not lie over": (TRUTH, None, Local((Pending(EDIT, ASIDE, "rejected"),)), TRUTH),
    "a rejected create still shows": (
        None,
        None,
        Local((Pending(CREATE, ASIDE, "rejected"),)),
        {"title": "new", "state": "draft"},
    ),
    "a revoked one shows nothing": (None, None, Local((Pending(CREATE, ASIDE, "revoked"),)), None),
    "a draft": (None, None, Local(draft=OpenDraft({"title": "typed"})), {"title": "typed", "state": "draft"}),
    "a draft that came back lies over what the server has": (
        {"title": "sent", "number": "D-1", "state": "draft"},
        None,
        Local(draft=OpenDraft({"title": "typed"}, returned=True)),
        {"title": "typed", "number": "D-1", "state": "draft"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown(name: str) -> None:
    truth, last, local, expected = CASES[name]
    assert replay(ENTITY, truth, last, local).data == expected


def test_an_entity_type_nobody_knows_is_overlaid_plainly() -> None:
    assert replay(None, {"a": 1, "b": 2}, None, queued(patch("p", 1, {"a": 1}, {"a": 3}))).data == {
        "a": 3,
        "b": 2,
    }


STANDINGS: dict[str, tuple[Local, SyncState]] = {
    "nothing local": (Local(), SyncState.SYNCED),
    "queued": (queued(EDIT), SyncState.WAITING),
    "deferred": (Local((Pending(EDIT, DEFERRED),)), SyncState.WAITING),
    "one is being sent, one waits": (
        Local((Pending(EDIT, SENDING), Pending(DELETE, QUEUED))),
        SyncState.SENDING,
    ),
    "rejected before waiting": (
        Local((Pending(EDIT, ASIDE, "rejected"), Pending(DELETE, QUEUED))),
        SyncState.REJECTED,
    ),
    "set aside for another reason": (Local((Pending(EDIT, ASIDE, "revoked"),)), SyncState.QUARANTINED),
    "conflict before everything": (
        Local((Pending(EDIT, ASIDE, "rejected"),), (Unresolved({}, {"title": "mine"}),)),
        SyncState.CONFLICT,
    ),
    "a draft": (Local(draft=OpenDraft({})), SyncState.DRAFT),
    "a draft that came back": (Local(draft=OpenDraft({}, returned=True)), SyncState.REJECTED),
}


@pytest.mark.parametrize("name", STANDINGS)
def test_how_it_stands(name: str) -> None:
    local, expected = STANDINGS[name]
    assert sync_state(local) is expected


def test_inputs_stay_as_they_were() -> None:
    truth = dict(TRUTH)
    replay(ENTITY, truth, None, queued(EDIT))
    assert truth == TRUTH
