"""Pokes over a real connection: who gets one, and what ends a stream."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse

from gateway.api import events
from gateway.api.app import build_app
from gateway.identity.session import Session
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.serving import serving
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE


class Stream:
    """What arrives on one open stream, with the time it arrived; None marks its end."""

    def __init__(self, url: str, token: str) -> None:
        self._arrived: queue.SimpleQueue[tuple[str | None, float]] = queue.SimpleQueue()
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            with connect_sse(self._client, "GET", "/v1/events") as source:
                for event in source.iter_sse():
                    self._arrived.put((event.data, time.monotonic()))
        except httpx.HTTPError:
            pass  # cut off: as good as an end
        self._arrived.put((None, time.monotonic()))

    def next(self, seconds: float = 10) -> tuple[str | None, float]:
        """Wait for the next poke or the end."""
        return self._arrived.get(timeout=seconds)

    def quiet(self) -> bool:
        """Whether nothing has arrived that was not asked for."""
        return self._arrived.empty()

    def close(self) -> None:
        """Hang up."""
        self._client.close()
        self._thread.join(5)


class Served:
    """A gateway with its shell."""

    def __init__(self, world: World, url: str) -> None:
        self.world, self.url = world, url

    def token(self, session: Session) -> str:
        """Give a session a token."""
        sessions = self.world.gateway.identity.sessions
        with self.world.database.write() as connection:
            return sessions.first_tokens(connection, session.id).access

    @contextmanager
    def stream(self, session: Session) -> Iterator[Stream]:
        """Open a stream, and wait for the poke it begins with."""
        found = Stream(self.url, self.token(session))
        try:
            assert found.next()[0] is not None
            yield found
        finally:
            found.close()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A gateway over HTTP, with short pings."""
    monkeypatch.setattr(events, "PING", 0.3)
    world = World(folder=tmp_path)
    with serving(build_app(world.gateway)) as url:
        yield Served(world, url)
    world.gateway.close()


@ON_BOTH
def test_a_change_pokes_those_who_see_it_at_once(served: Served) -> None:
    world = served.world
    with served.stream(world.admin) as mine, served.stream(world.other) as foreign:
        world.deal()
        before = time.monotonic()
        world.read()
        position, at = mine.next()
        assert position
        assert at - before < 1
        assert foreign.quiet()
        world.deal(world.south)
        world.read()
        assert foreign.next()[0] != position
        assert mine.quiet()


def test_a_change_of_grant_pokes_and_is_listened_for_from_then_on(served: Served) -> None:
    world = served.world
    with served.stream(world.admin) as stream:
        world.gateway.identity.set_companies(world.admin.user, [world.gid(world.south)])
        assert stream.next()[0]
        world.deal(world.south)
        world.read()
        assert stream.next()[0]


def test_a_stream_ends_with_its_session(served: Served) -> None:
    world = served.world
    with served.stream(world.admin) as stream:
        world.gateway.identity.sessions.end(world.admin.id, "test")
        assert stream.next()[0] is None


def test_a_stream_says_that_it_is_there(served: Served) -> None:
    headers = {"Authorization": f"Bearer {served.token(served.world.admin)}"}
    with httpx.stream("GET", f"{served.url}/v1/events", headers=headers, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["counterpart-epoch"] == served.world.gateway.epoch
        assert "content-encoding" not in answer.headers
        lines = answer.iter_lines()
        assert next(lines) == "event: poke"
        assert any(line.startswith(":") for line in lines)


def test_a_client_that_hangs_up_is_not_kept(served: Served) -> None:
    world = served.world
    with served.stream(world.admin):
        assert listeners(world) == 1
    deadline = time.monotonic() + 10
    while listeners(world) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert listeners(world) == 0


def listeners(world: World) -> int:
    """How many listen in this process."""
    return len(world.gateway._pokes._listeners)


def test_what_changed_between_a_pull_and_the_stream_is_poked_for(served: Served) -> None:
    """A stream begins with a poke: whatever its client has missed while it was away, it pulls now."""
    world = served.world
    client = Mirror(world, world.admin).snapshot()
    deal = world.deal()
    world.read()
    with served.stream(world.admin):
        assert world.gid(deal) in client.pull().rows
