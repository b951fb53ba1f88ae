"""Bytes over real HTTP, both ways: a process killed in the middle is taken up by the next, from where it was."""

from __future__ import annotations

import asyncio
import hashlib
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.contract.mutations import Kind
from app.store.database import Store
from app.store.states import BlobState
from app.sync.transfers import CHUNK
from gateway.api.app import Shape, build_app
from tests.gateway.serving import serving
from tests.gateway.test_api import Api
from tests.gateway.world import World
from tests.patience import PATIENCE
from tests.store.world import FILE, KEY, NOW, complete, gid, mutation

SIZE = 9 * CHUNK + 1234
DATA = random.Random(4).randbytes(SIZE)
SHA = hashlib.sha256(DATA).hexdigest()


@dataclass
class Seen:
    """One request for bytes, and how many bytes its answer carried."""

    method: str
    range: str
    offset: str
    status: int = 0
    sent: int = 0


@dataclass
class Watched:
    """The gateway's application; holds the answer to the `hold`-th request of a method back from a given byte on."""

    app: ASGIApp
    seen: list[Seen] = field(default_factory=list)
    method: str = ""
    hold: int = 0
    after: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(("/v1/blobs/", "/v1/uploads")):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        one = Seen(scope["method"], headers.get("range", ""), headers.get("upload-offset", ""))
        self.seen.append(one)
        held = one.method == self.method and len(self.of(one.method)) == self.hold

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                one.status = message["status"]
            if held and one.sent >= self.after:
                self.reached.set()
                await asyncio.to_thread(self.go_on.wait, PATIENCE)
            one.sent += len(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, watched)

    def of(self, method: str) -> list[Seen]:
        """The requests of one method, in order."""
        return [one for one in self.seen if one.method == method]


@dataclass
class Bench:
    """A gateway over HTTP, and a client's store beside it."""

    world: World
    watched: Watched
    url: str
    token: str
    path: Path

    @contextmanager
    def moving(self) -> Iterator[subprocess.Popen[str]]:
        """A process that moves bytes; it is gone afterwards, whatever happens."""
        command = [sys.executable, "-m", "tests.e2e.mover", str(self.path), self.url, self.token]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self) -> list[str]:
        """Let a process move everything; returns what it told."""
        with self.moving() as process:
            told, errors = process.communicate(timeout=PATIENCE)
            assert (process.returncode, errors) == (0, "")
        return told.split("\n")[:-1]

    def kill_when_held(self, least: int) -> None:
        """Kill -9 a process once its request is held back and it has told of at least so many bytes."""
        with self.moving() as process:
            assert process.stdout is not None
            assert self.watched.reached.wait(PATIENCE)
            done = 0
            while done < least:
                done = int(process.stdout.readline().split()[1])
            process.kill()
            assert process.wait(PATIENCE) == -9
        self.watched.go_on.set()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    world = World(folder=tmp_path / "gateway")
    watched = Watched(build_app(world.gateway, Shape(body_most=1024 * 1024)))
    path = tmp_path / "store.db"
    with Store.open(path, KEY) as store:
        complete(store)
    with serving(watched) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield Bench(world, watched, url, Api(world, client).token, path)
        watched.go_on.set()
    world.gateway.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal 9")
def test_a_download_goes_on_after_kill_9_with_the_bytes_it_has(bench: Bench) -> None:
    upload_id, offset = bench.world.gateway.begin_upload(
        bench.world.admin, SHA, SIZE, "application/pdf", "a.pdf"
    )
    assert bench.world.gateway.upload(bench.world.admin, upload_id, offset, DATA) == SIZE
    with Store.open(bench.path, KEY) as store:
        store.blobs.want(SHA, SIZE, "application/pdf", "a.pdf", NOW)
    bench.watched.method, bench.watched.hold, bench.watched.after = "GET", 1, 4 * CHUNK
    bench.kill_when_held(2 * CHUNK)
    with Store.open(bench.path, KEY) as store:
        half = store.blobs.get(SHA)
        assert half is not None
        assert 2 * CHUNK <= half.have < SIZE
        assert half.wanted
        assert b"".join(store.blobs.read(SHA)) == DATA[: half.have]
    assert bench.run()[-1] == f"done {SIZE}"
    first, second = bench.watched.of("GET")
    assert (first.range, first.status) == ("", 200)
    assert (second.range, second.status) == (f"bytes={half.have}-", 206)
    assert second.sent == SIZE - half.have, "nothing is fetched twice"
    with Store.open(bench.path, KEY) as store:
        whole = store.blobs.get(SHA)
        assert whole is not None
        assert (whole.state, whole.verified_at is not None) == (BlobState.COMPLETE, True)
        assert store.blobs.content(SHA) == DATA
    assert bench.run() == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal 9")
def test_an_upload_goes_on_after_kill_9_though_the_answer_to_its_last_piece_was_lost(bench: Bench) -> None:
    with Store.open(bench.path, KEY) as store:
        blob = store.blobs.add(SHA, SIZE, "image/png", "rack.png", [DATA], NOW)
        changes = {"parent": gid(1), "name": "rack.png", "sha256": SHA, "size": SIZE}
        store.outbox.enqueue(
            mutation("f1", 40, Kind.APPEND, FILE, changes=changes), "File", blobs=(blob.sha256,)
        )
    bench.watched.method, bench.watched.hold = "PATCH", 3
    bench.kill_when_held(2 * CHUNK)
    with Store.open(bench.path, KEY) as store:
        unsent = store.blobs.get(SHA)
        assert unsent is not None
        assert unsent.unsent
    told = bench.run()
    assert told[-1] == f"done {SIZE}"
    offsets = [int(one.offset) for one in bench.watched.of("PATCH")]
    assert offsets == [*range(0, SIZE, CHUNK)], "the piece whose answer was lost is not sent again"
    assert bench.world.blobs.size(SHA) == SIZE
    assert b"".join(bench.world.gateway.read_blob(bench.world.admin, SHA)) == DATA
    with Store.open(bench.path, KEY) as store:
        sent = store.blobs.get(SHA)
        assert sent is not None
        assert not sent.unsent
    assert bench.run() == []


def test_bytes_spoilt_on_the_way_never_become_a_document(bench: Bench) -> None:
    """The gateway's disk gives back something else: it is thrown away and said, and nothing of it can be opened."""
    upload_id, offset = bench.world.gateway.begin_upload(
        bench.world.admin, SHA, SIZE, "application/pdf", "a.pdf"
    )
    bench.world.gateway.upload(bench.world.admin, upload_id, offset, DATA)
    (kept,) = [path for path in bench.path.parent.rglob(SHA) if path.is_file()]
    kept.write_bytes(DATA[:-1] + bytes([DATA[-1] ^ 1]))
    with Store.open(bench.path, KEY) as store:
        store.blobs.want(SHA, SIZE, "application/pdf", "a.pdf", NOW)
    assert bench.run()[-1].startswith("failed ")
    with Store.open(bench.path, KEY) as store:
        blob = store.blobs.get(SHA)
        assert blob is not None
        assert (blob.state, blob.have) == (BlobState.PARTIAL, 0)
        assert blob.error
        with pytest.raises(KeyError):
            store.blobs.content(SHA)
