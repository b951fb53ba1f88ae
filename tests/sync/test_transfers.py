"""Document bytes: resumed, verified, cancelled, and never in anybody's way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest

from app.contract.errors import (
    Busy,
    CursorExpired,
    DiskFull,
    LocalError,
    NotAllowed,
    Refused,
    SignInNeeded,
    StoreBusy,
    Unreachable,
)
from app.contract.mutations import Kind
from app.store.documents import Blob
from app.store.drafts import Draft, DraftChild
from app.store.failpoints import StorePoint
from app.store.states import BlobState, DraftState, ItemState
from app.sync.events import OutboxChanged, TransferProgress
from app.sync.settings import LIMIT_KEY
from app.sync.transfers import CHUNK, Transfers
from tests.store.world import gid, mutation
from tests.sync.world import FILE, World, deferred

LARGE = bytes(range(256)) * 4 * 700  # 2.7 chunks


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def attach(client: World, name: str = "f1", data: bytes = LARGE, number: int = 40, **more: Any) -> str:
    """The user adds a file to a deal."""
    blob = client.store.blobs.add(sha(data), len(data), "image/png", "rack.png", [data], client.clock.now())
    changes = {"parent": gid(1), "name": "rack.png", "sha256": blob.sha256, "size": len(data)}
    client.enter(mutation(name, number, Kind.APPEND, FILE, changes=changes), blobs=(blob.sha256,), **more)
    return blob.sha256


def document(client: World, data: bytes = LARGE, number: int = 60) -> str:
    """The vendor publishes a document, and the user asks for it."""
    client.gateway.put(number, "document", title="Prices", sha256=sha(data), size=len(data))
    client.gateway.blobs[sha(data)] = data
    client.sync()
    client.store.blobs.want(sha(data), len(data), "application/pdf", "prices.pdf", client.clock.now())
    return sha(data)


def run(transfers: Transfers, clock_step: Callable[[], None] = lambda: None) -> int:
    """Step until there is nothing to move; return the number of steps."""
    for count in range(50):
        if not transfers.step():
            return count
        clock_step()
    raise AssertionError("it never ends")


def held(client: World, sha256: str) -> Blob:
    blob = client.store.blobs.get(sha256)
    assert blob is not None
    return blob


def told(client: World) -> list[tuple[str, int]]:
    return [(event.state, event.done) for event in client.told(TransferProgress)]


# -- up --------------------------------------------------------------------------------------------------


def test_a_file_goes_up_in_chunks_and_then_its_mutation_follows(client: World) -> None:
    sha256 = attach(client)
    client.sync()
    assert client.gateway.pushed == []
    assert run(client.transfers(), lambda: client.clock.advance(1)) == 3
    assert client.gateway.blobs[sha256] == LARGE
    assert told(client) == [("running", CHUNK), ("running", 2 * CHUNK), ("done", len(LARGE))]
    assert client.told(TransferProgress)[1].rate == 2 * CHUNK
    assert OutboxChanged() in client.events
    client.sync()
    assert client.gateway.pushed == [("f1",)]
    assert client.identical()
    assert "Sent the file rack.png" in client.lines()


def test_an_upload_goes_on_where_the_gateway_has_it(client: World) -> None:
    sha256 = attach(client)
    client.gateway.faults["upload"] = [None, Unreachable()]
    transfers = client.transfers()
    assert transfers.step()
    assert not transfers.step()
    assert transfers.wait() > 0
    assert not transfers.step()
    assert run(client.transfers()) == 2
    assert client.gateway.calls.count("upload") == 4
    assert client.gateway.blobs[sha256] == LARGE


def test_a_wait_is_over_when_the_network_is_back_unless_the_gateway_named_it(client: World) -> None:
    attach(client)
    client.gateway.faults["begin_upload"] = [Unreachable(), Busy(retry_after=30)]
    transfers = client.transfers()
    assert not transfers.step()
    transfers.encourage()
    assert transfers.wait() == 0
    assert not transfers.step()
    transfers.encourage()
    assert transfers.wait() >= 30


def test_without_a_session_nothing_moves_until_there_is_one(client: World) -> None:
    sha256 = attach(client)
    client.gateway.faults["begin_upload"] = [SignInNeeded()]
    transfers = client.transfers()
    assert not transfers.step()
    assert not transfers.step()
    assert held(client, sha256).unsent
    transfers.encourage()
    assert run(transfers) == 3


@pytest.mark.parametrize("error", [Refused("Wrong place.", code="offset"), NotAllowed()])
def test_an_upload_the_gateway_lost_track_of_is_opened_anew(client: World, error: Exception) -> None:
    sha256 = attach(client)
    client.gateway.faults["upload"] = [None, error]  # type: ignore[list-item]
    transfers = client.transfers()
    transfers.step()
    transfers.step()
    transfers.encourage()
    run(transfers)
    assert client.gateway.calls.count("begin_upload") == 2
    assert client.gateway.blobs[sha256] == LARGE


@pytest.mark.parametrize("call", ["begin_upload", "upload"])
def test_an_answer_about_positions_says_nothing_of_a_file(client: World, call: str) -> None:
    sha256 = attach(client)
    client.gateway.faults[call] = [CursorExpired()]
    transfers = client.transfers()
    assert not transfers.step()
    assert transfers.wait() > 0
    assert held(client, sha256).unsent
    transfers.encourage()
    run(transfers)
    assert client.gateway.blobs[sha256] == LARGE


def test_a_file_the_gateway_will_not_take_asks_for_a_person(client: World) -> None:
    sha256 = attach(client)
    client.gateway.faults["begin_upload"] = [Refused("Halden takes files up to 50 MB.", code="too_large")]
    run(client.transfers())
    (left,) = client.store.outbox.open_items()
    assert left.state is ItemState.QUARANTINED
    assert (left.problem or {})["kind"] == "upload"
    assert (left.problem or {})["message"] == "Halden takes files up to 50 MB."
    assert held(client, sha256).unsent
    assert told(client) == [("failed", 0)]


def test_a_file_that_is_refused_the_second_time_keeps_nothing_that_was_sent_with_it(client: World) -> None:
    """The first one waits for the CRM when the same file is attached once more."""
    attach(client, "f1", number=40)
    transfers = client.transfers()
    run(transfers)
    client.gateway.outcomes["f1"] = lambda sent: deferred(sent, 60)
    client.sync()
    attach(client, "f2", number=41)
    client.gateway.faults["begin_upload"] = [Refused("Files up to 10 MB now.", code="too_large")] * 100
    client.gateway.calls.clear()
    run(transfers)
    assert client.gateway.calls.count("begin_upload") == 1
    first, second = client.store.outbox.open_items()
    assert (first.state, second.state) == (ItemState.DEFERRED, ItemState.QUARANTINED)
    assert (second.problem or {})["message"] == "Files up to 10 MB now."
    del client.gateway.outcomes["f1"]
    client.clock.advance(120)
    client.sync()
    assert [item.mutation.mutation_id for item in client.store.outbox.open_items()] == ["f2"]
    assert client.store.blobs.content(sha(LARGE)) == LARGE


def test_a_draft_whose_file_is_not_taken_comes_back(client: World) -> None:
    draft = Draft(gid(30), "deal_registration", {"customer": "New"}, client.clock.now(),
                  children=(DraftChild(FILE, gid(40), {"sha256": sha(LARGE), "name": "rack.png"}),))  # fmt: skip
    client.store.drafts.save(draft)
    client.enter(mutation("c1", 30, Kind.CREATE, changes={"customer": "New"}), draft=gid(30))
    attach(client, draft=gid(30))
    client.store.drafts.submit(gid(30))
    client.gateway.faults["begin_upload"] = [Refused("Too large.", code="too_large")]
    run(client.transfers())
    back = client.store.drafts.load(gid(30))
    assert back is not None
    assert (back.state, back.problems) == (DraftState.OPEN, {FILE: "Too large."})
    assert back.children == draft.children
    assert client.store.outbox.open_items() == []


def test_a_file_taken_back_stops_moving(client: World) -> None:
    attach(client)
    transfers = client.transfers()
    transfers.step()
    client.store.outbox.cancel("f1", client.clock.now())
    assert not transfers.step()
    assert told(client)[-1] == ("cancelled", CHUNK)
    assert client.gateway.calls.count("upload") == 1


def test_a_gateway_that_claims_to_hold_more_than_there_is_is_not_believed(client: World) -> None:
    sha256 = attach(client)
    client.gateway.upload = lambda upload_id, offset, data: 10**9  # type: ignore[method-assign]
    run(client.transfers())
    assert held(client, sha256).unsent
    assert client.store.outbox.open_items()[0].state is ItemState.QUARANTINED


def test_a_gateway_that_never_gets_further_is_given_up(client: World) -> None:
    attach(client)
    client.gateway.upload = lambda upload_id, offset, data: offset  # type: ignore[method-assign]
    assert run(client.transfers()) == 1
    assert client.store.outbox.open_items()[0].state is ItemState.QUARANTINED


def test_a_file_the_gateway_has_lost_is_uploaded_once_more(client: World) -> None:
    from tests.sync.world import rejected

    sha256 = attach(client)
    run(client.transfers())
    client.gateway.outcomes["f1"] = lambda one: rejected(one, "blob", "The file is not here.")
    client.sync()
    assert held(client, sha256).unsent
    client.store.outbox.retry("f1", "f2", client.clock.now())
    assert client.store.blobs.uploads() != []


def test_a_file_the_gateway_asks_for_again_is_uploaded_before_its_mutation_goes_again(client: World) -> None:
    sha256 = attach(client)
    run(client.transfers())
    client.gateway.outcomes["f1"] = lambda one: deferred(one, 5, "Its file is not here yet.", "blob")
    client.sync()
    assert held(client, sha256).unsent
    client.gateway.outcomes.clear()
    client.clock.advance(60)
    client.sync()
    (waiting,) = client.store.outbox.open_items()
    assert waiting.state is ItemState.DEFERRED, "it waits for its file"
    run(client.transfers())
    client.sync()
    assert client.store.outbox.open_items() == []
    assert client.gateway.calls.count("begin_upload") == 2


# -- down ------------------------------------------------------------------------------------------------


def test_a_document_arrives_in_chunks_and_is_verified(client: World) -> None:
    sha256 = document(client)
    assert run(client.transfers(), lambda: client.clock.advance(1)) == 3
    assert held(client, sha256).state is BlobState.COMPLETE
    assert client.store.blobs.content(sha256) == LARGE
    assert [state for state, _ in told(client)] == ["running", "running", "done"]
    assert client.lines()[-1] == "Pulled a document"


def test_a_download_goes_on_where_it_was_cut(client: World) -> None:
    sha256 = document(client)
    client.gateway.faults["download part"] = [None] * 4 + [Unreachable()]
    transfers = client.transfers()
    run(transfers)
    first = held(client, sha256).have
    assert 0 < first < len(LARGE)
    client.clock.advance(10)
    run(client.transfers())
    assert held(client, sha256).state is BlobState.COMPLETE
    assert client.gateway.calls.count("download") == 2


@pytest.mark.parametrize("point", [StorePoint.PIECE_KEPT, StorePoint.DOCUMENT_WHOLE])
@pytest.mark.parametrize("error", [DiskFull, StoreBusy])
def test_a_chunk_the_store_did_not_take_is_fetched_again(
    client: World, point: StorePoint, error: type[LocalError]
) -> None:
    """The disk is full, or somebody holds the file: what has been read of the stream is lost, and nothing else."""
    sha256 = document(client)
    transfers = client.transfers()
    transfers.step()
    kept = held(client, sha256).have
    assert 0 < kept < len(LARGE)

    def fail(reached: StrEnum) -> None:
        if reached is point:
            raise error

    client.store.failpoints.hook = fail
    with pytest.raises(error):
        run(transfers)
    client.store.failpoints.hook = None
    assert held(client, sha256).have >= kept
    run(transfers)
    assert client.store.blobs.content(sha256) == LARGE
    assert [state for state, _ in told(client) if state != "running"] == ["done"]


def test_bytes_that_are_not_the_document_are_thrown_away(client: World) -> None:
    sha256 = document(client)
    client.gateway.blobs[sha256] = bytes(len(LARGE))
    run(client.transfers())
    blob = held(client, sha256)
    assert (blob.state, blob.have, blob.wanted) == (BlobState.PARTIAL, 0, False)
    assert blob.error
    assert told(client)[-1][0] == "failed"


def test_more_bytes_than_the_document_has_are_refused(client: World) -> None:
    sha256 = document(client)
    client.gateway.blobs[sha256] = LARGE + b"x" * CHUNK
    run(client.transfers())
    assert held(client, sha256).state is BlobState.PARTIAL
    assert held(client, sha256).have <= len(LARGE)


def test_a_download_that_ends_early_is_taken_up_again(client: World) -> None:
    sha256 = document(client)
    client.gateway.blobs[sha256] = LARGE[: CHUNK + 1000]
    run(client.transfers())
    assert held(client, sha256).have == CHUNK + 1000
    client.gateway.blobs[sha256] = LARGE
    client.clock.advance(10)
    run(client.transfers())
    assert held(client, sha256).state is BlobState.COMPLETE


def test_a_document_that_is_no_longer_shared_is_given_up_with_the_reason(client: World) -> None:
    sha256 = document(client)
    del client.gateway.blobs[sha256]
    run(client.transfers())
    assert held(client, sha256).error == NotAllowed().cause


def test_a_download_that_is_cancelled_or_revoked_under_way_stops(client: World) -> None:
    sha256 = document(client)
    transfers = client.transfers()
    transfers.step()
    client.gateway.take(60, "revoked")
    client.gateway.meanwhile["download part"] = client.sync
    transfers.step()
    assert client.store.blobs.get(sha256) is None
    assert told(client)[-1][0] == "cancelled"
    assert not transfers.step()


def test_a_download_the_user_cancels_stops_and_leaves_nothing_behind(client: World) -> None:
    sha256 = document(client)
    transfers = client.transfers()
    transfers.step()
    client.gateway.meanwhile["download part"] = lambda: client.store.blobs.cancel(sha256)
    transfers.step()
    assert told(client)[-1][0] == "cancelled"
    assert client.store.blobs.get(sha256) is None
    assert client.store.connection.value("SELECT count(*) FROM blob_chunk") == 0
    assert not transfers.step()
    client.store.blobs.want(sha256, len(LARGE), "application/pdf", "prices.pdf", client.clock.now())
    run(transfers)
    assert client.store.blobs.content(sha256) == LARGE, "asked for again, it comes from the beginning"


def test_the_limit_of_the_moment_is_obeyed_and_never_costs_what_has_just_come(client: World) -> None:
    """The user sets it while things move; a document larger than the limit is still read."""
    transfers = client.transfers()
    first = document(client, LARGE, 60)
    run(transfers)
    client.clock.advance(60)
    client.store.settings.put(LIMIT_KEY, len(LARGE))
    second = document(client, LARGE[::-1], 61)
    run(transfers)
    assert client.store.blobs.get(first) is None
    assert held(client, second).state is BlobState.COMPLETE
    client.store.settings.put(LIMIT_KEY, 10)
    client.clock.advance(60)
    third = document(client, b"small but too large", 62)
    run(transfers)
    assert client.store.blobs.get(second) is None
    assert held(client, third).state is BlobState.COMPLETE


def test_what_was_asked_for_first_and_came_last_is_not_the_first_to_go(client: World) -> None:
    """Its use begins when it is here, not when it was asked for."""
    transfers = client.transfers()
    slow = document(client, LARGE, 60)
    client.gateway.faults["download"] = [Unreachable()]
    transfers.step()
    client.clock.advance(600)
    client.store.blobs.want(sha(b"quick"), 5, "text/plain", "quick", client.clock.now())
    client.store.blobs.append(sha(b"quick"), 0, b"quick")
    assert client.store.blobs.finish(sha(b"quick"), client.clock.now())
    client.clock.advance(600)
    run(transfers)
    assert held(client, slow).last_used == client.clock.now()
    client.gateway.put(63, "document", title="Quick", sha256=sha(b"quick"), size=5)
    client.store.blobs.evict(len(LARGE))
    assert client.store.blobs.get(sha(b"quick")) is None
    assert held(client, slow).state is BlobState.COMPLETE


def test_two_documents_of_the_same_bytes_are_pulled_once(client: World) -> None:
    sha256 = document(client, LARGE, 60)
    document(client, LARGE, 61)
    run(client.transfers())
    assert client.gateway.calls.count("download") == 1
    document(client, LARGE, 62)
    run(client.transfers())
    assert client.gateway.calls.count("download") == 1, "they are here already"
    assert held(client, sha256).state is BlobState.COMPLETE


def test_a_file_attached_in_two_places_goes_up_once_and_nothing_else_waits_for_it(client: World) -> None:
    attach(client, "f1", number=40)
    attach(client, "f2", number=41)
    client.edit("m1", 2, next_steps="Not about the file")
    client.sync()
    assert client.gateway.pushed == [("m1",)], "only what names the file waits for it"
    run(client.transfers())
    client.sync()
    assert client.gateway.pushed[1:] == [("f1", "f2")]
    assert client.gateway.calls.count("upload") == 3, "three chunks, once"


def test_what_the_user_waits_to_send_goes_first(client: World) -> None:
    sha256 = document(client)
    transfers = client.transfers()
    transfers.step()
    attach(client, data=b"small")
    transfers.step()
    assert client.gateway.blobs[sha(b"small")] == b"small"
    run(transfers)
    assert held(client, sha256).state is BlobState.COMPLETE


def test_progress_is_told_ten_times_a_second_at_most(client: World) -> None:
    document(client)
    run(client.transfers(), lambda: client.clock.advance(0.06))
    assert [state for state, _ in told(client)] == ["running", "done"]
