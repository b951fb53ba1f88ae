"""File bytes in an S3 store: the promises of the disk, several processes, crashes, and a store that is out of order."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ResponseStreamingError
from botocore.response import StreamingBody

from app.contract.mutations import Status
from gateway import s3_blobs
from gateway.blobs import BlobStore, DamagedBlob, DiskBlobs, MemoryBlobs, TooManyPieces
from gateway.logs import configure_logs
from gateway.problems import Problem
from gateway.s3_blobs import S3Blobs
from gateway.s3_bucket import Bucket, connect
from gateway.settings import Settings
from gateway.stores import open_blobs
from tests.gateway.s3_server import S3Server, elsewhere, keys, s3_server
from tests.gateway.test_documents import BODY, SHA, attach, deal, is_asked_for, send
from tests.gateway.world import ROOT, World

MEGA = 1024 * 1024

# Where processes meet in the database as well, tests say so; the rest is about files.
pytestmark = pytest.mark.databases("sqlite")
both_databases = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    """A server that speaks S3."""
    with s3_server() as server:
        yield server


@pytest.fixture(params=["disk", "memory", "s3"])
def store(request: pytest.FixtureRequest, s3: S3Server, tmp_path: Path) -> BlobStore:
    """Each of the stores there are."""
    match request.param:
        case "disk":
            return DiskBlobs(tmp_path)
        case "memory":
            return MemoryBlobs()
        case _:
            return s3.store()


@pytest.fixture
def bucket(s3: S3Server) -> Bucket:
    """An empty bucket."""
    return s3.bucket()


def in_s3(store: S3Blobs) -> World:
    """A gateway whose files are in a store; `restarted` gives another process over the same."""
    world = World()
    world.blobs = store
    world.gateway = world.restarted()
    return world


def problem_of(call: Any) -> Problem:
    """The problem that a call raises."""
    with pytest.raises(Problem) as caught:
        call()
    return caught.value


# ----------------------------------------------------------------------------------------------- the same promises


def test_an_upload_comes_in_parts_and_becomes_a_blob(store: BlobStore) -> None:
    assert store.part_size("u1") == 0
    store.write_part("u1", 0, BODY[:100])
    assert store.part_size("u1") == 100
    store.write_part("u1", 100, BODY[100:5000])
    store.write_part("u1", 50, BODY[50:70])
    assert store.part_size("u1") == 70, "what stood behind is cut off"
    store.write_part("u1", 70, BODY[70:])
    store.finish_part("u1", SHA)
    store.drop_part("u1")
    assert (store.part_size("u1"), store.size(SHA)) == (0, len(BODY))
    assert b"".join(store.read(SHA, 0, len(BODY))) == BODY


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (10, 20), (8999, 9000), (0, 9000), (5, 99_999), (7, 7)], ids=str
)
def test_any_range_can_be_read(store: BlobStore, start: int, end: int) -> None:
    assert store.keep(SHA, iter((BODY[:4000], BODY[4000:]))) == len(BODY)
    assert b"".join(store.read(SHA, start, end)) == BODY[start:end]


def test_content_of_another_hash_leaves_nothing(store: BlobStore) -> None:
    with pytest.raises(DamagedBlob):
        store.keep("0" * 64, iter((b"x",)))
    store.write_part("u2", 0, b"x")
    with pytest.raises(DamagedBlob):
        store.finish_part("u2", SHA)
    with pytest.raises(DamagedBlob):
        store.finish_part("never begun", SHA)
    assert (store.size("0" * 64), store.size(SHA)) == (None, None)


def test_content_that_breaks_off_leaves_nothing(store: BlobStore) -> None:
    def broken() -> Iterator[bytes]:
        yield BODY
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.keep(SHA, broken())
    assert store.size(SHA) is None


def test_a_blob_is_kept_again_and_dropped(store: BlobStore) -> None:
    for _ in range(2):
        assert store.keep(SHA, iter((BODY,))) == len(BODY)
    store.drop(SHA)
    store.drop(SHA)
    assert store.size(SHA) is None


def test_an_empty_file_is_a_blob_too(store: BlobStore) -> None:
    empty = hashlib.sha256(b"").hexdigest()
    store.write_part("u3", 0, b"")
    store.finish_part("u3", empty)
    store.drop_part("u3")
    assert store.size(empty) == 0
    assert b"".join(store.read(empty, 0, 0)) == b""
    assert store.keep(empty, iter(())) == 0


def test_what_is_old_is_named(store: BlobStore) -> None:
    store.keep(SHA, iter((BODY,)))
    store.write_part("u4", 0, b"x")
    store.write_part("u4", 1, b"y")
    # What is in memory goes with its process.
    there = ([], []) if isinstance(store, MemoryBlobs) else (["u4"], [SHA])
    assert ([*store.old_parts(soon())], [*store.old_blobs(soon())]) == there
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    assert ([*store.old_parts(long_ago)], [*store.old_blobs(long_ago)]) == ([], [])


def test_a_store_in_order_says_nothing(store: BlobStore) -> None:
    assert store.problem() == ""


def soon() -> datetime:
    """A moment that everything is older than."""
    return datetime.now(UTC) + timedelta(hours=1)


# -------------------------------------------------------------------------------------- several processes, crashes


@both_databases
def test_two_processes_take_turns_with_the_parts_of_one_upload(s3: S3Server, bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    first = world.gateway
    world.blobs = S3Blobs(bucket)
    second = world.restarted()
    upload_id, offset = first.begin_upload(world.admin, SHA, len(BODY), "application/pdf", "proof.pdf")
    turn = 0
    while offset < len(BODY):
        gateway = (first, second)[turn % 2]
        assert gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, offset)
        offset = gateway.upload(world.admin, upload_id, offset, BODY[offset : offset + 1000])
        turn += 1
    assert turn == 9
    assert b"".join(first.read_blob(world.admin, SHA, 100, 200)) == BODY[100:200]
    assert keys(bucket) == [f"blobs/{SHA[:2]}/{SHA}"], "no part is left"
    assert world.push_one(world.admin, attach(world, deal(world))).status is Status.APPLIED
    assert world.port.files[SHA] == BODY


def test_after_a_crash_between_the_parts_it_goes_on_where_the_database_stands(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    world.blobs.write_part(upload_id, 3000, b"?" * 3000)  # and the process ends before the database says so
    world.gateway = world.restarted()
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 3000)
    assert world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:4000]) == 4000
    assert world.gateway.upload(world.admin, upload_id, 4000, BODY[4000:]) == len(BODY)
    assert b"".join(world.gateway.read_blob(world.admin, SHA)) == BODY


def test_after_a_crash_between_the_blob_and_the_database_nothing_is_sent_twice(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    world.blobs.write_part(upload_id, 3000, BODY[3000:])
    world.blobs.finish_part(upload_id, SHA)
    world.gateway = world.restarted()
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 3000)
    assert world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:]) == len(BODY)
    assert keys(bucket) == [f"blobs/{SHA[:2]}/{SHA}"]


def test_a_part_that_was_lost_is_asked_for_again(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    for start in (0, 3000):
        world.gateway.upload(world.admin, upload_id, start, BODY[start : start + 3000])
    first = f"{bucket.prefix}uploads/{upload_id}/{0:020}"
    connect(bucket).delete_object(Bucket=bucket.name, Key=first)
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 0), "a hole"
    assert world.gateway.upload(world.admin, upload_id, 0, BODY) == len(BODY)


@both_databases
def test_two_processes_that_end_one_upload_at_once_both_succeed(bucket: Bucket) -> None:
    """Both have read the row, both write the last part and both join the parts; neither has told the database."""
    world = in_s3(S3Blobs(bucket))
    first, second = world.gateway, world.restarted()
    upload_id, _ = first.begin_upload(world.admin, SHA, len(BODY), "", "")
    first.upload(world.admin, upload_id, 0, BODY[:3000])
    place, both, turn = world.blobs.finish_part, threading.Barrier(2, timeout=30), threading.Lock()

    def at_once(upload: str, sha256: str) -> None:
        both.wait()
        with turn:
            place(upload, sha256)
        both.wait()

    world.blobs.finish_part = at_once  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        ends = [
            pool.submit(gateway.upload, world.admin, upload_id, 3000, BODY[3000:])
            for gateway in (first, second)
        ]
        assert [end.result(60) for end in ends] == [len(BODY)] * 2
    assert first.upload_state(world.admin, upload_id).complete
    assert keys(bucket) == [f"blobs/{SHA[:2]}/{SHA}"]
    assert b"".join(second.read_blob(world.admin, SHA)) == BODY


def test_what_another_process_throws_away_while_it_is_joined_is_not_kept(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = S3Blobs(bucket), S3Blobs(bucket)
    for start in (0, 3000):
        store.write_part("u1", start, BODY[start : start + 3000])
    listed = store._parts

    def late(upload: str) -> object:
        found = listed(upload)
        other.drop_part(upload)
        return found

    monkeypatch.setattr(store, "_parts", late)
    with pytest.raises(DamagedBlob):
        store.finish_part("u1", hashlib.sha256(BODY[:6000]).hexdigest())
    assert keys(bucket) == []


@both_databases
def test_bytes_that_were_damaged_in_the_store_are_refused_and_thrown_away(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    connect(bucket).put_object(
        Bucket=bucket.name, Key=f"{bucket.prefix}uploads/{upload_id}/{0:020}", Body=b"?" * 3000
    )
    found = problem_of(lambda: world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:]))
    assert (found.status, found.code) == (422, "checksum")
    assert keys(bucket) == []
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")[1] == 0


def test_a_blob_that_was_cut_off_in_the_store_is_sent_again(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    gid, upload_id = deal(world), send(world, world.admin)
    key = f"{bucket.prefix}blobs/{SHA[:2]}/{SHA}"
    connect(bucket).put_object(Bucket=bucket.name, Key=key, Body=BODY[:100])
    assert problem_of(lambda: world.gateway.blob(world.admin, SHA)).status == 404
    assert is_asked_for(world.push_one(world.admin, attach(world, gid)))
    assert world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "") == (upload_id, 0)
    assert world.gateway.upload(world.admin, upload_id, 0, BODY) == len(BODY)
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED


@both_databases
def test_strays_of_a_crash_or_a_backup_are_thrown_away_and_nothing_else(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    gid = deal(world)
    send(world, world.admin)
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED
    open_one, _ = world.gateway.begin_upload(world.admin, "1" * 64, 9, "", "")
    world.gateway.upload(world.admin, open_one, 0, b"half")
    lost = hashlib.sha256(b"lost").hexdigest()
    world.blobs.write_part("forgotten", 0, b"x")
    world.blobs.keep(lost, iter((b"lost",)))
    connect(bucket).create_multipart_upload(Bucket=bucket.name, Key=f"{bucket.prefix}blobs/00/broken")
    world.clock.at = datetime.now(UTC) + timedelta(days=29)
    assert world.gateway.documents.drop_strays() == 0, "they may belong to what is being done"
    world.clock.forward(2 * 86400)
    assert world.gateway.documents.drop_strays() == 2
    assert keys(bucket) == [f"blobs/{SHA[:2]}/{SHA}", f"uploads/{open_one}/{0:020}"]
    broken = connect(bucket).list_multipart_uploads(Bucket=bucket.name).get("Uploads", [])
    assert broken == []


def test_files_broken_off_on_disk_are_thrown_away(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    (tmp_path / "uploads" / f"{SHA}-0123456789ab").write_bytes(b"half")
    (tmp_path / "uploads" / "forgotten").write_bytes(b"x")
    world.blobs.keep(SHA, iter((BODY,)))
    world.clock.at = datetime.now(UTC) + timedelta(days=31)
    assert world.gateway.documents.drop_strays() == 2
    assert [
        path for folder in ("uploads", "blobs") for path in (tmp_path / folder).rglob("*") if path.is_file()
    ] == []
    world.gateway.close()


# ---------------------------------------------------------------------------------------------------- large files


@pytest.mark.nightly
def test_fifty_megabytes_pass_through_bounded_memory(bucket: Bucket) -> None:
    """In a process of its own, since the server holds everything in the memory of this one."""
    command = [sys.executable, "-W", "error", "-m", "tests.gateway.large_blob", bucket.endpoint, bucket.name]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100).stdout
    found = json.loads(told)
    assert found["whole"]
    assert found["size"] == 50 * MEGA
    assert found["grown"] < 40 * MEGA, f"{found['grown'] / MEGA:.0f} MB"
    assert keys(bucket) == [f"blobs/{found['sha256'][:2]}/{found['sha256']}"]


def test_a_large_file_of_another_hash_is_never_seen(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_blobs, "_BLOCK", 5 * MEGA)
    store, piece = S3Blobs(bucket), bytes(MEGA)
    with pytest.raises(DamagedBlob):
        store.keep(SHA, iter([piece] * 12))
    assert keys(bucket) == []
    assert connect(bucket).list_multipart_uploads(Bucket=bucket.name).get("Uploads", []) == []


@pytest.mark.parametrize("size", [5 * MEGA, 10 * MEGA, 10 * MEGA + 1], ids=str)
def test_a_file_of_whole_blocks(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(s3_blobs, "_BLOCK", 5 * MEGA)
    store, data = S3Blobs(bucket), random.Random(size).randbytes(size)
    sha256 = hashlib.sha256(data).hexdigest()
    assert store.keep(sha256, iter((data[:100], data[100:]))) == size
    assert store.size(sha256) == size
    assert b"".join(store.read(sha256, 5 * MEGA - 10, size)) == data[5 * MEGA - 10 :]


def test_an_upload_in_more_pieces_than_can_be_found_again_is_refused(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_blobs, "_MOST_PIECES", 3)
    world = in_s3(S3Blobs(bucket))
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    for start in range(3):
        world.gateway.upload(world.admin, upload_id, start, BODY[start : start + 1])
    found = problem_of(lambda: world.gateway.upload(world.admin, upload_id, 3, BODY[3:4]))
    assert (found.status, found.code) == (413, "too_many_pieces")
    with pytest.raises(TooManyPieces):
        world.blobs.write_part(upload_id, 3, b"x")


# ----------------------------------------------------------------------------------------- a store out of order


class Faults:
    """Answers of the store that go wrong: by the name of the call, how often."""

    def __init__(self, store: S3Blobs, code: str, status: int, **calls: int) -> None:
        self.left = dict(calls)
        answer = AWSResponse("http://store", status, HTTPHeaders(), None)
        body = {
            "Error": {"Code": code, "Message": "so it is"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }

        def before(model: Any, **_: Any) -> Any:
            if self.left.get(model.name, 0) > 0:
                self.left[model.name] -= 1
                return answer, body
            return None

        store._s3.meta.events.register("before-call.s3", before)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"endpoint": "http://127.0.0.1:1"}, "cannot be reached"),
        ({"name": "not-there"}, "There is no bucket not-there"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_clear_answer_and_loses_nothing(
    bucket: Bucket, broken: dict[str, str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world = in_s3(S3Blobs(bucket))
    gid = deal(world)
    upload_id, _ = world.gateway.begin_upload(world.admin, SHA, len(BODY), "", "")
    world.gateway.upload(world.admin, upload_id, 0, BODY[:3000])
    good, world.blobs = world.blobs, elsewhere(bucket, **broken)
    gateway = world.restarted()
    configure_logs("INFO")
    for call in (
        lambda: gateway.upload(world.admin, upload_id, 3000, BODY[3000:]),
        lambda: gateway.begin_upload(world.admin, SHA, len(BODY), "", ""),
        lambda: gateway.upload_state(world.admin, upload_id),
    ):
        found = problem_of(call)
        assert (found.status, found.code, found.retry_after) == (503, "busy", 15.0)
        assert bucket.endpoint not in found.detail, "callers learn nothing of how it is set up"
    assert says in capsys.readouterr().err
    assert says in world.blobs.problem()
    world.blobs = good
    world.gateway = world.restarted()
    assert world.gateway.upload(world.admin, upload_id, 3000, BODY[3000:]) == len(BODY)
    assert world.push_one(world.admin, attach(world, gid)).status is Status.APPLIED


def test_a_mutation_waits_for_a_store_that_is_down(bucket: Bucket) -> None:
    world = in_s3(S3Blobs(bucket))
    gid = deal(world)
    send(world, world.admin)
    add, edit = attach(world, gid), world.patch(gid, {"competitor": None}, {"competitor": "x"})
    good, world.blobs = world.blobs, elsewhere(bucket, endpoint="http://127.0.0.1:1")
    world.gateway = world.restarted()
    added, edited = world.push(world.admin, add, edit)
    assert (added.status, edited.status) == (Status.DEFERRED, Status.APPLIED)
    world.blobs = good
    world.gateway = world.restarted()
    world.clock.forward(60)
    assert world.gateway.recover() == 1
    assert world.push_one(world.admin, add).status is Status.APPLIED
    assert world.port.files[SHA] == BODY


def test_a_read_of_a_store_that_is_down_is_told_before_the_first_byte(bucket: Bucket) -> None:
    store = S3Blobs(bucket)
    store.keep(SHA, iter((BODY,)))
    assert problem_of(lambda: elsewhere(bucket, name="not-there").read(SHA, 0, 10)).status == 503
    assert problem_of(lambda: store.read("0" * 64, 0, 10)).status == 503, "it went since it was found"


def test_a_file_in_a_bucket_that_is_gone_is_not_taken_for_lost(bucket: Bucket) -> None:
    assert S3Blobs(bucket).size(SHA) is None
    assert problem_of(lambda: elsewhere(bucket, name="not-there").size(SHA)).status == 503


def test_a_read_goes_on_where_the_connection_broke(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    store = S3Blobs(bucket)
    store.keep(SHA, iter((BODY,)))
    monkeypatch.setattr(s3_blobs, "_PIECE", 1000)
    chunks, breaks = StreamingBody.iter_chunks, [0]

    def broken(body: StreamingBody, size: int = 1000) -> Iterator[bytes]:
        for at, piece in enumerate(chunks(body, size)):
            if at == 2 and breaks[0] < 3:
                breaks[0] += 1
                raise ResponseStreamingError(error="reset")
            yield piece

    monkeypatch.setattr(StreamingBody, "iter_chunks", broken)
    assert b"".join(store.read(SHA, 100, len(BODY))) == BODY[100:]
    assert breaks == [3]
    breaks[0] = -1
    assert problem_of(lambda: b"".join(store.read(SHA, 100, len(BODY)))).status == 503, "not for ever"


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("AccessDenied", 403, "Allow s3:ListBucket"),
        ("403", 403, "Allow s3:ListBucket"),
        ("InvalidAccessKeyId", 403, "COUNTERPART_GATEWAY_S3_ACCESS_KEY"),
        ("SignatureDoesNotMatch", 403, "COUNTERPART_GATEWAY_S3_SECRET_KEY"),
        ("PermanentRedirect", 301, "COUNTERPART_GATEWAY_S3_REGION"),
        ("QuotaExceeded", 400, "answers QuotaExceeded: so it is"),
    ],
)
def test_what_is_wrong_is_said_with_how_to_mend_it(bucket: Bucket, code: str, status: int, says: str) -> None:
    store = S3Blobs(bucket)
    Faults(store, code, status, PutObject=1)
    assert says in store.problem()
    assert "secret" not in repr(bucket)
    Faults(store, code, status, PutObject=1)
    assert problem_of(lambda: store.write_part("u1", 0, b"x")).retry_after == 15.0
    assert store.problem() == ""


def test_a_bucket_that_everybody_can_read_is_told(bucket: Bucket) -> None:
    connect(bucket).put_bucket_acl(Bucket=bucket.name, ACL="public-read")
    assert "can be read by everybody" in S3Blobs(bucket).problem()


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    assert "There are no credentials" in elsewhere(bucket, access_key="", secret_key="").problem()


# --------------------------------------------------------------------------------------------- what is asked of it


@pytest.mark.parametrize("size", [9, 11 * MEGA])
def test_every_object_is_private_and_sealed_as_it_was_set(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(s3_blobs, "_BLOCK", 5 * MEGA)
    store, data = elsewhere(bucket, encryption="AES256"), bytes(size)
    sha256 = hashlib.sha256(data).hexdigest()
    store.keep(sha256, iter((data,)))
    store.write_part("u1", 0, b"x")
    s3 = connect(bucket)
    for key in keys(bucket):
        found = s3.head_object(Bucket=bucket.name, Key=bucket.prefix + key)
        assert found["ServerSideEncryption"] == "AES256", key
        if size < MEGA:  # this server does not tell it of objects that came in parts
            grants = s3.get_object_acl(Bucket=bucket.name, Key=bucket.prefix + key)["Grants"]
            assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]


def test_settings_name_the_store(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "BLOBS": "s3",
        "S3_BUCKET": bucket.name,
        "S3_ENDPOINT": bucket.endpoint,
        "S3_PREFIX": "/counterpart",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "hunter2",
    }.items():
        monkeypatch.setenv(f"COUNTERPART_GATEWAY_{name}", value)
    settings = Settings(folder=tmp_path)
    assert "hunter2" not in repr(settings)
    store = open_blobs(settings)
    store.keep(SHA, iter((BODY,)))
    assert S3Blobs(bucket).size(SHA) == len(BODY)
    assert isinstance(open_blobs(Settings(folder=tmp_path, blobs="disk")), DiskBlobs)
    with pytest.raises(ValueError, match="COUNTERPART_GATEWAY_S3_BUCKET"):
        Settings(s3_bucket="")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    store = DiskBlobs(tmp_path)
    (tmp_path / "uploads").rmdir()
    assert str(tmp_path) in store.problem()
