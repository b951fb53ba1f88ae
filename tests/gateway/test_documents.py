"""File bytes: who may have them, uploads that go on where they stopped, and files fetched on first need."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

import pytest

from app.contract.mutations import Kind, Mutation, Outcome, Status
from gateway import blobs
from gateway.blobs import BlobStore, DamagedBlob, DiskBlobs, MemoryBlobs
from gateway.identity.session import Session
from gateway.limits import Limits
from gateway.problems import Problem
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE

BODY = b"evidence " * 1000
SHA = hashlib.sha256(BODY).hexdigest()


def send(world: World, session: Session, body: bytes = BODY, name: str = "proof.pdf") -> str:
    """Upload a file in two pieces."""
    sha256 = hashlib.sha256(body).hexdigest()
    upload_id, offset = world.gateway.begin_upload(session, sha256, len(body), "application/pdf", name)
    half = len(body) // 2
    for piece in (body[offset:half], body[half:]):
        offset = world.gateway.upload(session, upload_id, offset, piece)
    assert offset == len(body)
    return upload_id


def attach(world: World, parent: str, **changes: object) -> Mutation:
    """Adding the file to a record."""
    whole = {
        "parent": parent,
        "name": "proof.pdf",
        "sha256": SHA,
        "size": len(BODY),
        "media_type": "application/pdf",
    }
    return world.mutation(Kind.APPEND, "file", world.ids.new_id(), changes={**whole, **changes})


def status_of(call: object) -> int:
    """The status of the problem a call raises."""
    assert callable(call)
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.status


def deal(world: World) -> str:
    """A deal that has been read."""
    ref = world.deal()
    world.read()
    return world.gid(ref)


@ON_BOTH
def test_an_uploaded_file_is_added_and_can_be_read_by_the_company(world: World) -> None:
    gid = deal(world)
    send(world, world.admin)
    outcome = world.push_one(world.admin, attach(world, gid))
    assert outcome.status is Status.APPLIED, outcome
    assert outcome.record is not None
    assert outcome.record.data["sha256"] == SHA
    assert world.port.files[SHA] == BODY
    assert b"".join(world.gateway.read_blob(world.colleague(), SHA)) == BODY
    assert status_of(lambda: world.gateway.blob(world.other, SHA)) == 404


def test_an_upload_is_its_uploaders_alone_until_a_record_names_it(world: World) -> None:
    send(world, world.admin)
    assert world.gateway.blob(world.admin, SHA).size == len(BODY)
    assert status_of(lambda: world.gateway.blob(world.colleague(), SHA)) == 404


def test_an_upload_learns_nothing_from_somebody_elses_content(world: World) -> None:
    send(world, world.admin)
    upload_id, offset = world.gateway.begin_upload(world.other, SHA, len(BODY), "", "")
    assert offset == 0
    gid = world.gid(world.deal(world.south))
    world.read()
    assert is_asked_for(world.push_one(world.other, attach(world, gid)))
    assert status_of(lambda: world.gateway.upload_state(world.admin, upload_id)) == 404
    assert status_of(lambda: world.gateway.upload(world.admin, upload_id, 0, BODY)) == 404


def is_asked_for(outcome: Outcome) -> bool:
    """Whether a mutation waits for its file."""
    return (outcome.status, outcome.problem and outcome.problem.code) == (Status.DEFERRED, "blob")


def refusal(outcome: Outcome) -> dict[str, str]:
    """The fields of a rejection."""
    assert outcome.status is Status.REJECTED, outcome
    assert outcome.problem is not None
    return outcome.problem.fields


def test_what_can_be_read_already_need_not_be_sent(world: World) -> None:
    ref = world.port.add_file("doc", BODY, title="Prices", stage="C", audience="everyone")
    gid = deal(world)
    assert world.gid(ref) in Mirror(world, world.admin).snapshot().rows
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == ("readable", len(BODY))
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sha256": "nonsense"}, "sha256"),
        ({"size": 5}, "size"),
        ({"name": "../../etc/passwd"}, "name"),
        ({"name": "a\\b.pdf"}, "name"),
        ({"name": "a\x00.pdf"}, "name"),
        ({"name": ""}, "name"),
        ({"added_by": "me"}, "added_by"),
    ],
)
def test_files_that_are_refused(world: World, changes: dict[str, object], field: str) -> None:
    gid = deal(world)
    send(world, world.admin)
    assert set(refusal(world.push_one(world.admin, attach(world, gid, **changes)))) == {field}


def test_a_file_that_is_not_here_is_waited_for_by_nobody_but_its_sender(world: World) -> None:
    gid = deal(world)
    add, edit = attach(world, gid), world.patch(gid, {"competitor": None}, {"competitor": "x"})
    asked, edited = world.push(world.admin, add, edit)
    assert is_asked_for(asked)
    assert edited.status is Status.APPLIED, "it holds nothing else up"
    calls = len(world.port.calls)
    world.clock.forward(600)
    assert world.gateway.recover() == 0
    assert len(world.port.calls) == calls, "it is left alone until its file comes"
    assert is_asked_for(world.push_one(world.admin, add))
    send(world, world.admin)
    assert world.push_one(world.admin, add).status is Status.APPLIED


@pytest.mark.parametrize("here_at_last", [False, True])
def test_a_file_is_not_waited_for_longer_than_a_day(world: World, here_at_last: bool) -> None:
    add = attach(world, deal(world))
    assert is_asked_for(world.push_one(world.admin, add))
    if here_at_last:
        send(world, world.admin)
    world.clock.forward(24 * 3600)
    assert world.gateway.recover() == 1
    outcome = world.push_one(world.admin, add)
    if here_at_last:
        assert outcome.status is Status.APPLIED
    else:
        assert refusal(outcome) == {"sha256": "Upload this file first."}


def test_a_file_of_a_message_belongs_to_the_same_record(world: World) -> None:
    gid, elsewhere = deal(world), deal(world)
    send(world, world.admin)
    message, foreign = world.message(gid), world.message(elsewhere)
    good = attach(world, gid, message=message.gid)
    bad = attach(world, gid, message=foreign.gid)
    outcomes = world.push(world.admin, message, foreign, good, bad)
    assert [o.status for o in outcomes] == [Status.APPLIED, Status.APPLIED, Status.APPLIED, Status.REJECTED]
    assert outcomes[2].record is not None
    assert outcomes[2].record.data["message"] == message.gid


def test_an_upload_goes_on_where_it_stopped(world: World) -> None:
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    world.gateway = world.restarted()
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 3000)
    assert world.gateway.upload_state(world.admin, upload_id).received == 3000
    assert status_of(lambda: world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])) == 409
    assert status_of(lambda: world.gateway.upload(world.admin, upload_id, 4000, b"x")) == 409
    assert status_of(lambda: world.gateway.upload(world.admin, upload_id, 3000, BODY)) == 413
    assert world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:]) == len(BODY)
    assert world.gateway.upload(world.admin, upload_id, 0, b"late repeat") == len(BODY)
    assert b"".join(world.gateway.read_blob(world.admin, SHA)) == BODY


def test_an_upload_goes_on_from_the_bytes_that_are_there(world: World) -> None:
    """A crash may lie between the file that was put in its place and the database that says so."""
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    world.blobs.write_part(upload_id, 3000, BODY[3000:])
    world.blobs.finish_part(upload_id, SHA)
    world.gateway = world.restarted()
    assert status_of(lambda: world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:])) == 409
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 0)
    assert world.gateway.upload(world.admin, upload_id, 0, BODY[:3000]) == 3000
    assert world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:]) == len(BODY)
    assert world.push_one(world.admin, attach(world, deal(world))).status is Status.APPLIED


def test_a_whole_upload_whose_bytes_are_lost_is_asked_for_again(world: World) -> None:
    """As after a power cut that took the file and left the database, or a backup restored without its files."""
    gid = deal(world)
    upload_id = send(world, world.admin)
    world.blobs.drop(SHA)
    world.gateway = world.restarted()
    assert is_asked_for(world.push_one(world.admin, attach(world, gid)))
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 0)
    assert world.gateway.upload(world.admin, upload_id, 0, BODY) == len(BODY)
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED


# ----------------------------------------------------------------------------- several devices, several processes


def desktop(world: World) -> Session:
    """Another device of the administrator's."""
    return world.gateway.identity.session_for(world.admin.user, "desktop")


class Turn:
    """A lock that tells when somebody has to wait for it."""

    def __init__(self, queued: Event) -> None:
        self._lock = Lock()
        self._queued = queued

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._queued.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_two_devices_that_send_one_file_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(folder=tmp_path)
    gateway, other = world.gateway, desktop(world)
    upload_id, _ = gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    assert gateway.begin_upload(other, SHA, len(BODY), "", "") == (upload_id, 0)
    gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    opened, go_on, queued = Event(), Event(), Event()
    private = blobs._private

    def held(path: Path) -> int:
        descriptor = private(path)
        if not opened.is_set():
            opened.set()
            assert go_on.wait(30)
        return descriptor

    monkeypatch.setattr(blobs, "_private", held)
    monkeypatch.setattr(gateway.documents, "_turns", [Turn(queued)] * 64, raising=False)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(gateway.upload, other, upload_id, 3000, BODY[3000:6000])
        assert opened.wait(30)

        def whole() -> int:
            try:
                gateway.upload(world.admin, upload_id, 3000, BODY[3000:6000])
                return gateway.upload(world.admin, upload_id, 6000, BODY[6000:])
            finally:
                queued.set()

        quick = pool.submit(whole)
        assert queued.wait(30)
        go_on.set()
        assert slow.result(30) == 6000, "it came first, so it was let finish"
        error = quick.exception(30)
    assert isinstance(error, Problem)
    assert (error.status, error.fields) == (409, {"offset": "6000"})
    assert gateway.upload(world.admin, upload_id, 6000, BODY[6000:]) == len(BODY)
    assert b"".join(gateway.read_blob(world.admin, SHA)) == BODY


@pytest.mark.parametrize("end", [6000, len(BODY)], ids=["a chunk", "the last chunk"])
@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_what_another_process_has_ended_stays_whole(kind: str, end: int, tmp_path: Path) -> None:
    world = World(folder=tmp_path if kind == "disk" else None)
    first, second = world.gateway, world.restarted()
    upload_id, _ = first.begin_upload(world.admin, SHA, len(BODY), "", "")
    first.upload(world.admin, upload_id, 0, BODY[:3000])
    before_write(world, lambda: second.upload(world.admin, upload_id, 3000, BODY[3000:]))
    assert first.upload(world.admin, upload_id, 3000, BODY[3000:end]) == len(BODY)
    assert first.upload_state(world.admin, upload_id).complete
    assert b"".join(first.read_blob(world.admin, SHA)) == BODY
    assert world.blobs.part_size(upload_id) == 0, "nothing is left lying about"


def test_what_another_process_goes_on_with_is_told(world: World) -> None:
    first, second = world.gateway, world.restarted()
    upload_id, _ = first.begin_upload(world.admin, SHA, len(BODY), "", "")
    before_write(world, lambda: second.upload(world.admin, upload_id, 0, BODY[:3000]))
    with pytest.raises(Problem) as caught:
        first.upload(world.admin, upload_id, 0, BODY[:2000])
    assert (caught.value.status, caught.value.fields) == (409, {"offset": "2000"}), "it was written over"
    assert first.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 2000)
    assert first.upload(world.admin, upload_id, 2000, BODY[2000:]) == len(BODY)
    assert b"".join(second.read_blob(world.admin, SHA)) == BODY


def test_an_upload_another_process_has_thrown_away_is_gone(world: World) -> None:
    first, second = world.gateway, world.restarted()
    upload_id, _ = first.begin_upload(world.admin, SHA, 10, "", "")
    before_write(world, lambda: second.begin_upload(world.admin, SHA, len(BODY), "", ""))
    assert status_of(lambda: first.upload(world.admin, upload_id, 0, b"12345")) == 404
    assert world.blobs.part_size(upload_id) == 0


def before_write(world: World, meanwhile: Callable[[], object]) -> None:
    """Let something happen when bytes have been let in and are about to be written, once."""
    store, write = world.blobs, world.blobs.write_part

    def late(upload: str, offset: int, data: bytes) -> None:
        store.write_part = write  # type: ignore[method-assign]
        meanwhile()
        write(upload, offset, data)

    store.write_part = late  # type: ignore[method-assign]


def test_a_file_that_was_cut_off_on_the_disk_is_not_given_out(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    gid = deal(world)
    upload_id = send(world, world.admin)
    os.truncate(tmp_path / "blobs" / SHA[:2] / SHA, 100)
    assert status_of(lambda: world.gateway.blob(world.admin, SHA)) == 404
    assert is_asked_for(world.push_one(world.admin, attach(world, gid)))
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 0)
    assert world.gateway.upload(world.admin, upload_id, 0, BODY) == len(BODY)
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED
    os.truncate(tmp_path / "blobs" / SHA[:2] / SHA, 100)
    assert b"".join(world.gateway.read_blob(world.colleague(), SHA)) == BODY, "its system has it whole"


def test_bytes_that_are_not_the_announced_file_are_thrown_away(world: World) -> None:
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    with pytest.raises(Problem) as caught:
        world.gateway.upload(world.admin, upload_id, 0, b"x" * len(BODY))
    assert (caught.value.status, caught.value.code) == (422, "checksum")
    assert status_of(lambda: world.gateway.blob(world.admin, SHA)) == 404
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")[1] == 0


def test_an_empty_file_is_complete_at_once(world: World) -> None:
    empty = hashlib.sha256(b"").hexdigest()
    upload_id, offset = world.gateway.begin_upload(world.admin, empty, 0, "text/plain", "empty.txt")
    assert offset == 0
    assert world.gateway.upload_state(world.admin, upload_id).complete


def test_uploads_that_are_not_opened() -> None:
    world = World(Limits(blob_most=1000, uploads_most=2))
    begin = world.gateway.begin_upload
    assert status_of(lambda: begin(world.admin, "x", 5, "", "")) == 422
    assert status_of(lambda: begin(world.admin, SHA, -1, "", "")) == 422
    assert status_of(lambda: begin(world.admin, SHA, 1001, "", "")) == 413
    for text in ("1" * 64, "2" * 64):
        begin(world.admin, text, 5, "", "")
    assert status_of(lambda: begin(world.admin, SHA, 5, "", "")) == 429
    assert begin(world.other, SHA, 5, "", "")[1] == 0, "one user's uploads are not another's limit"


def test_one_user_does_not_fill_the_disk_with_whole_files() -> None:
    """Files that are whole are not among those to be finished first, and are kept for weeks."""
    world = World(Limits(uploads_bytes=100))
    for number in range(2):
        send(world, world.admin, b"%d" % number * 50)
    with pytest.raises(Problem) as caught:
        send(world, world.admin, b"2")
    assert (caught.value.status, caught.value.code) == (429, "too_much_uploaded")
    assert caught.value.retry_after is None, "the device's other calls go on"
    send(world, world.admin, b"1" * 50)  # the same file again is none more
    send(world, world.other, b"2")
    world.clock.forward(31 * 86400)
    world.gateway.documents.tidy()
    send(world, world.admin, b"2")


def test_another_size_begins_the_upload_anew(world: World) -> None:
    first, _ = world.gateway.begin_upload(world.admin, SHA, 10, "", "")
    world.gateway.upload(world.admin, first, 0, b"12345")
    second, offset = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    assert (second != first, offset) == (True, 0)


def test_uploads_nobody_touches_are_thrown_away(world: World) -> None:
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.clock.forward(29 * 86400)
    assert world.gateway.documents.tidy() == 0
    world.clock.forward(2 * 86400)
    assert world.gateway.documents.tidy() == 1
    assert status_of(lambda: world.gateway.upload_state(world.admin, upload_id)) == 404


def test_bytes_of_an_old_upload_stay_only_where_a_record_names_them(world: World) -> None:
    gid = deal(world)
    send(world, world.admin)
    send(world, world.admin, b"never used")
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED
    world.clock.forward(31 * 86400)
    assert world.gateway.documents.tidy() == 2
    assert world.blobs.size(SHA) == len(BODY)
    assert world.blobs.size(hashlib.sha256(b"never used").hexdigest()) is None
    assert b"".join(world.gateway.read_blob(world.admin, SHA)) == BODY


def test_a_document_is_fetched_from_its_system_once(world: World) -> None:
    world.port.add_file("doc", BODY, title="Prices", stage="C", audience="gold")
    world.read()
    assert b"".join(world.gateway.read_blob(world.admin, SHA)) == BODY
    assert b"".join(world.gateway.read_blob(world.admin, SHA, 9, 18)) == BODY[9:18]
    assert world.port.calls.count("open_file") == 1
    assert status_of(lambda: world.gateway.blob(world.other, SHA)) == 404, "silver does not see gold prices"


def test_a_document_whose_system_is_down_or_has_lost_it(world: World) -> None:
    ref = world.port.add_file("doc", BODY, title="Prices", stage="C", audience="everyone")
    world.read()
    world.port.down = True
    assert status_of(lambda: world.gateway.blob(world.admin, SHA)) == 503
    world.port.down = False
    world.port.files[SHA] = b"something else"
    assert status_of(lambda: world.gateway.blob(world.admin, SHA)) == 503
    world.port.delete(ref)
    assert status_of(lambda: world.gateway.blob(world.admin, SHA)) == 404


def test_a_revoked_document_is_not_read_from_what_was_kept(world: World) -> None:
    ref = world.port.add_file("doc", BODY, title="Prices", stage="C", audience="gold")
    world.read()
    world.gateway.blob(world.admin, SHA)
    world.port.edit(ref, audience="nobody")
    world.read()
    assert status_of(lambda: world.gateway.blob(world.admin, SHA)) == 404


def test_a_hash_in_a_text_gives_no_right_to_the_bytes(world: World) -> None:
    """Only the field the mapping names as bytes counts, whatever a user writes elsewhere."""
    send(world, world.admin)
    gid = world.gid(world.deal(world.south, pain=SHA))
    world.read()
    assert gid in Mirror(world, world.other).snapshot().rows
    assert status_of(lambda: world.gateway.blob(world.other, SHA)) == 404


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_blob_stores_keep_the_same_promises(kind: str, tmp_path: Path) -> None:
    store: BlobStore = DiskBlobs(tmp_path) if kind == "disk" else MemoryBlobs()
    assert store.part_size("u1") == 0
    store.write_part("u1", 0, BODY[:100])
    assert store.part_size("u1") == 100
    store.write_part("u1", 50, BODY[50:])  # what was not counted as received is written over
    store.finish_part("u1", SHA)
    assert store.part_size("u1") == 0, "it has gone to its place"
    assert store.size(SHA) == len(BODY)
    assert b"".join(store.read(SHA, 10, 20)) == BODY[10:20]
    assert b"".join(store.read(SHA, 0, len(BODY) + 99)) == BODY
    with pytest.raises(DamagedBlob):
        store.keep("0" * 64, iter((b"x",)))
    assert store.size("0" * 64) is None
    store.write_part("u2", 0, b"x")
    with pytest.raises(DamagedBlob):
        store.finish_part("u2", SHA)
    store.drop_part("u2")
    store.drop(SHA)
    assert store.size(SHA) is None
    if kind == "disk":
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_on_disk_are_their_owners_alone(tmp_path: Path) -> None:
    store = DiskBlobs(tmp_path)
    store.keep(SHA, iter((BODY,)))
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.stat().st_mode & 0o777 == 0o600
