"""The queue: what joins, what stays apart, and what every change does to the shown record."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.contract.mutations import Kind
from app.store.database import Store
from app.store.outbox import Item
from app.store.receipts import Trace
from app.store.states import Ending, ItemState, SyncState
from tests.store import world
from tests.store.world import DEAL, FILE, LATER, NOW, command, gid, mutation, patch, puts, row, shown


@pytest.fixture
def deal(store: Store) -> Store:
    """A store with one deal."""
    store.mirror.apply_puts(
        puts([row(1, title="a", customer="c", state="approved", amount="1.00")]), world.manifest()
    )
    return store


def edit(store: Store, name: str, base: dict[str, Any], changes: dict[str, Any], **more: Any) -> Item | None:
    return store.outbox.enqueue(patch(name, 1, base, changes, **more), name)


def ids(store: Store) -> list[str]:
    return [item.mutation.mutation_id for item in store.outbox.open_items()]


def sync(store: Store, number: int = 1) -> SyncState | None:
    found = store.projection.get(gid(number))
    return None if found is None else found.sync


def test_an_edit_is_shown_at_once_and_kept_as_it_is(deal: Store) -> None:
    wanted = patch("p", 1, {"title": "a"}, {"title": "b"}, base_version="v1")
    item = deal.outbox.enqueue(wanted, "Title", "of the deal", draft=None, blobs=["f" * 64])
    assert item is not None
    assert item == deal.outbox.get("p")
    assert item.mutation == wanted
    assert (item.label, item.detail, item.blobs, item.state) == (
        "Title",
        "of the deal",
        ("f" * 64,),
        ItemState.QUEUED,
    )
    assert shown(deal, 1) == {"title": "b", "customer": "c", "state": "approved", "amount": "1.00"}
    assert sync(deal) is SyncState.WAITING


def test_an_edit_joins_the_unsent_edit_before_it(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    item = edit(
        deal, "q", {"title": "b", "customer": "c"}, {"title": "bb", "customer": "cc"}, captured_at=LATER
    )
    assert ids(deal) == ["p"]
    assert item is not None
    assert item.mutation.changes == {"title": "bb", "customer": "cc"}
    assert item.mutation.base == {"title": "a", "customer": "c"}, "what was seen before the first edit"
    assert (item.captured_at, item.label) == (LATER, "q")


def test_an_edit_that_takes_the_queued_one_back_leaves_nothing(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    assert edit(deal, "q", {"title": "b"}, {"title": "a"}) is None
    assert ids(deal) == []
    assert sync(deal) is SyncState.SYNCED
    assert deal.connection.value("SELECT count(*) FROM shadow") == 0


def test_what_keeps_edits_apart(deal: Store) -> None:
    edit(deal, "sent", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["sent"])
    edit(deal, "after a sent one", {"title": "b"}, {"title": "c"})
    deal.outbox.enqueue(command("command", 1, "convert", "approved", po_reference="1"), "Convert")
    edit(deal, "after a command", {"title": "c"}, {"title": "d"})
    edit(deal, "anew", {"title": "d"}, {"title": "e"}, supersedes="sent")
    deal.outbox.enqueue(patch("with a file", 1, {}, {"title": "f"}), "x", blobs=["f" * 64])
    deal.outbox.enqueue(patch("of a draft", 1, {}, {"title": "g"}), "x", draft=gid(1))
    deal.outbox.enqueue(patch("of another record", 2, {}, {"title": "g"}), "x")
    assert ids(deal) == [
        "sent",
        "after a sent one",
        "command",
        "after a command",
        "anew",
        "with a file",
        "of a draft",
        "of another record",
    ]


def test_the_hash_of_what_was_sent_outlives_its_base_values(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    assert hash_kept(deal, "p") == "", "it may still change"
    (sent,) = deal.outbox.mark_sending(["p"])
    deal.outbox.release(["p"])
    assert deal.outbox.mark_sending(["p"]) == [sent]
    assert hash_kept(deal, "p") == sent.body_hash()
    deal.outbox.settle("p", "applied", NOW)
    settled = deal.outbox.settled("p")
    assert settled is not None
    assert settled.mutation.body_hash() != sent.body_hash()
    assert hash_kept(deal, "p") == sent.body_hash()


def test_what_has_no_hash_is_sent_all_the_same(deal: Store) -> None:
    """The gateway is the one to refuse a number that has no exact form."""
    edit(deal, "p", {"title": "a"}, {"title": 0.5})
    assert [one.mutation_id for one in deal.outbox.mark_sending(["p"])] == ["p"]
    assert hash_kept(deal, "p") == ""


def hash_kept(store: Store, mutation_id: str) -> str:
    trace = store.receipts.trace(mutation_id)
    assert trace is not None
    return trace.body_hash


def test_an_edit_does_not_join_one_that_may_have_arrived(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    deal.outbox.release(["p"])
    edit(deal, "q", {"title": "b"}, {"title": "c"})
    assert ids(deal) == ["p", "q"]
    first = deal.outbox.get("p")
    assert first is not None
    assert first.mutation.changes == {"title": "b"}


def test_an_edit_during_the_push_stays_pending(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    edit(deal, "q", {"title": "b"}, {"title": "c"})
    deal.mirror.put(world.record(1, title="b", customer="c"))
    deal.outbox.settle("p", "applied", NOW)
    assert ids(deal) == ["q"]
    assert shown(deal, 1) == {"title": "c", "customer": "c"}


def test_a_sent_body_is_frozen_through_everything_that_follows(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    assert sync(deal) is SyncState.SENDING
    body = deal.outbox.get("p")
    assert body is not None
    with pytest.raises(ValueError, match="cannot change"):
        deal.outbox.rebase("p", {"title": "x"})
    with pytest.raises(ValueError, match="cannot change"):
        deal.outbox.rewrite(patch("p", 1, {}, {"title": "x"}))
    deal.outbox.release(["p"])
    item = deal.outbox.get("p")
    assert item is not None
    assert (item.state, item.frozen, item.attempts, item.mutation) == (
        ItemState.QUEUED,
        True,
        1,
        body.mutation,
    )
    assert deal.outbox.cancel("p", NOW) == ()


def test_what_a_crash_left_in_sending_is_queued_again(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    assert deal.outbox.sendable(NOW) == []
    assert deal.outbox.release_sending() == 1
    assert [item.mutation.mutation_id for item in deal.outbox.sendable(NOW)] == ["p"]
    assert deal.outbox.release_sending() == 0


def test_deferred_items_wait_for_their_time(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.defer("p", LATER, "The CRM is down.")
    assert deal.outbox.sendable(NOW) == []
    assert [item.problem for item in deal.outbox.sendable(LATER)] == [
        {"kind": "deferred", "message": "The CRM is down."}
    ]
    assert sync(deal) is SyncState.WAITING
    deal.outbox.mark_sending(["p"])
    item = deal.outbox.get("p")
    assert item is not None
    assert item.problem is None
    assert deal.outbox.counts() == {ItemState.SENDING: 1}


def test_the_history_keeps_the_outcome_and_no_base(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.settle("p", "rejected", NOW, receipt="r", problem={"kind": "rejected", "message": "no"})
    [line] = deal.outbox.history(5)
    assert line == deal.outbox.settled("p")
    assert (line.status, line.receipt, line.problem) == (
        "rejected",
        "r",
        {"kind": "rejected", "message": "no"},
    )
    assert line.mutation.base == {}
    assert line.mutation.changes == {"title": "b"}
    assert deal.outbox.history_of(gid(1)) == [line]
    assert deal.outbox.history_of(gid(2)) == []
    assert deal.outbox.get("p") is None
    assert deal.outbox.purge_history(NOW) == 0
    assert deal.outbox.purge_history(NOW + timedelta(seconds=1)) == 1
    assert deal.outbox.settled("p") is None
    with pytest.raises(KeyError):
        deal.outbox.settle("p", "applied", NOW)


def test_an_attested_command_outlives_the_rest_of_the_history(deal: Store) -> None:
    for name, receipt in (("asked", "R-1"), ("cancelled", "")):
        deal.outbox.enqueue(command(name, 1, "withdraw", "approved"), "Withdraw")
        deal.outbox.settle(name, "applied", NOW, receipt=receipt)
    assert deal.outbox.purge_history(LATER + timedelta(days=400)) == 1
    assert [line.mutation.mutation_id for line in deal.outbox.history(5)] == ["asked"]


def test_a_refusal_keeps_its_receipt_whatever_becomes_of_it(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.quarantine("p", {"kind": "rejected", "message": "no"}, "R-1")
    assert deal.receipts.trace("p") == Trace(gid(1), NOW, "R-1", "")
    deal.outbox.quarantine("p", {"kind": "dependency"})
    deal.outbox.discard("p", LATER)
    settled = deal.outbox.settled("p")
    assert settled is not None
    assert (settled.status, settled.receipt) == ("discarded", "R-1")


def test_a_rejected_edit_steps_back_and_its_successor_takes_over_what_it_had_seen(deal: Store) -> None:
    edit(deal, "lost", {"title": "a", "customer": "c"}, {"title": "b", "customer": "x"})
    deal.outbox.mark_sending(["lost"])
    edit(deal, "next", {"title": "b"}, {"title": "c"})
    deal.outbox.enqueue(
        patch("later", 1, {"title": "c", "customer": "x"}, {"title": "d", "customer": "y"}),
        "x",
        blobs=["f" * 64],
    )
    lost = deal.outbox.get("lost")
    assert lost is not None
    deal.outbox.rebase_after_loss(lost)
    deal.outbox.quarantine("lost", {"kind": "rejected", "message": "no"})
    bases = {item.mutation.mutation_id: item.mutation.base for item in deal.outbox.open_items()}
    assert bases["next"] == {"title": "a"}
    assert bases["later"] == {"title": "c", "customer": "c"}, (
        "the title it saw is still that of its predecessor"
    )
    assert shown(deal, 1) == {"title": "d", "customer": "y", "state": "approved", "amount": "1.00"}
    assert sync(deal) is SyncState.REJECTED


def test_a_problem_needs_its_kind(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    with pytest.raises(ValueError, match="kind"):
        deal.outbox.quarantine("p", {"message": "no"})


def test_taking_back_an_edit(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    [item] = deal.outbox.cancel("p", NOW)
    assert item.mutation.mutation_id == "p"
    assert shown(deal, 1) is not None
    assert sync(deal) is SyncState.SYNCED
    [line] = deal.outbox.history(1)
    assert line.status == Ending.CANCELLED
    assert deal.outbox.cancel("p", NOW) == ()


def test_taking_back_a_create_takes_back_all_that_needs_it(deal: Store) -> None:
    sha256 = deal.blobs.add_file(Path(__file__), "text/x-python", "evidence.py", NOW).sha256
    deal.outbox.enqueue(mutation("c", 5, Kind.CREATE, changes={"title": "new"}), "Create", draft=gid(5))
    file = {"parent": gid(5), "sha256": sha256}
    deal.outbox.enqueue(
        mutation("f", 6, Kind.APPEND, FILE, changes=file, depends_on=("c",)), "File", blobs=[sha256]
    )
    deal.outbox.enqueue(command("s", 5, "submit", "draft"), "Submit", draft=gid(5))
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    assert [item.mutation.mutation_id for item in deal.outbox.of_draft(gid(5))] == ["c", "s"]
    assert [item.mutation.mutation_id for item in deal.outbox.cancel("c", NOW)] == ["c", "f", "s"]
    assert ids(deal) == ["p"]
    assert shown(deal, 5) is None
    assert deal.blobs.get(sha256) is None


def test_what_was_sent_cannot_be_taken_back_not_even_by_its_parent(deal: Store) -> None:
    deal.outbox.enqueue(mutation("c", 5, Kind.CREATE, changes={"title": "new"}), "Create")
    deal.outbox.enqueue(command("s", 5, "submit", "draft"), "Submit")
    deal.outbox.mark_sending(["s"])
    assert deal.outbox.cancel("c", NOW) == ()
    assert ids(deal) == ["c", "s"]


def test_giving_up_what_failed(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    with pytest.raises(ValueError, match="being sent"):
        deal.outbox.discard("p", NOW)
    deal.outbox.quarantine("p", {"kind": "rejected", "message": "no"})
    deal.outbox.discard("p", NOW)
    assert ids(deal) == []
    assert sync(deal) is SyncState.SYNCED
    [line] = deal.outbox.history(1)
    assert (line.status, line.problem) == (Ending.DISCARDED, {"kind": "rejected", "message": "no"})


def test_a_rejected_one_is_tried_again_under_a_new_id(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    deal.outbox.quarantine("p", {"kind": "rejected", "message": "no"})
    item = deal.outbox.retry("p", "q", LATER)
    assert (item.mutation.mutation_id, item.mutation.supersedes, item.frozen) == ("q", "p", False)
    assert item.mutation.base == {"title": "a"}
    assert ids(deal) == ["q"]
    line = deal.outbox.settled("p")
    assert line is not None
    assert line.status == Ending.SUPERSEDED
    assert shown(deal, 1) == {"title": "b", "customer": "c", "state": "approved", "amount": "1.00"}


def test_another_failure_is_tried_again_under_the_same_id(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.mark_sending(["p"])
    deal.outbox.quarantine("p", {"kind": "unreadable", "message": "?"})
    item = deal.outbox.retry("p", "unused", LATER)
    assert (item.mutation.mutation_id, item.state, item.frozen) == ("p", ItemState.QUEUED, True)
    assert ids(deal) == ["p"]


def test_what_is_tried_again_goes_behind_what_it_follows_also_when_that_was_expressed_anew(
    deal: Store,
) -> None:
    """An edit clashed, and the command that follows it was set aside; its user decides, and then tries that again."""
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    asked = command("k", 1, "convert", "approved", po_reference="PO 1").model_copy(
        update={"depends_on": ("p",)}
    )
    deal.outbox.enqueue(asked, "Convert")
    deal.outbox.settle("p", "conflict", NOW)
    deal.outbox.quarantine("k", {"kind": "dependency", "message": "?"})
    edit(deal, "q", {"title": "z"}, {"title": "b"}, supersedes="p")
    deal.outbox.retry("k", "unused", LATER)
    assert ids(deal) == ["q", "k"]
    assert deal.outbox.open_items()[1].mutation.depends_on == ("q",)
    edit(deal, "r", {"customer": "c"}, {"customer": "d"})
    assert ids(deal) == ["q", "k", "r"]


def test_a_pending_delete_hides_its_record_until_it_is_taken_back(deal: Store) -> None:
    deal.outbox.enqueue(mutation("d", 1, Kind.DELETE, base_version="v1"), "Delete")
    assert shown(deal, 1) is None
    assert deal.projection.count(DEAL) == 0
    assert len([*deal.mirror.hashes()]) == 1
    deal.mirror.apply_puts(puts([row(1, version="v2", title="changed meanwhile")]), world.manifest())
    assert shown(deal, 1) is None, "no ghost"
    deal.outbox.cancel("d", NOW)
    assert shown(deal, 1) == {"title": "changed meanwhile"}


def test_other_words_for_an_item(deal: Store) -> None:
    edit(deal, "p", {"title": "a"}, {"title": "b"})
    deal.outbox.relabel("p", "Two fields", "Contoso")
    item = deal.outbox.get("p")
    assert item is not None
    assert (item.label, item.detail) == ("Two fields", "Contoso")


_TYPIST = """
import sys
from pathlib import Path
from app.store.database import Store
from app.store.drafts import Draft
from tests.store import world
store = Store.open(Path(sys.argv[1]), world.KEY)
count = 0
while True:
    count += 1
    store.drafts.save(Draft(world.gid(1), world.DEAL, {"title": "x" * count}, world.NOW))
    store.outbox.enqueue(world.patch(f"p{count}", 2, {"title": None}, {"title": "y" * count}), "Edit")
    sys.stdout.write(f"{count}\\n")
    sys.stdout.flush()
"""


def test_what_was_said_to_be_saved_survives_a_kill(path: Path, store: Store) -> None:
    store.mirror.apply_puts(puts([row(2, title=None)]), world.manifest())
    process = subprocess.Popen(
        [sys.executable, "-c", _TYPIST, str(path)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said = 0
    while said < 25:
        said = int(process.stdout.readline())
    process.kill()
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    said = int(rest[-1]) if rest else said
    draft = store.drafts.load(gid(1))
    assert draft is not None
    assert len(draft.data["title"]) >= said
    [item] = store.outbox.open_items()
    assert len(item.mutation.changes["title"]) >= said
    assert shown(store, 2) == {"title": item.mutation.changes["title"]}
