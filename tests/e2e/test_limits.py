"""A gateway that gives little at a time: the client waits as long as it is told, and gets there without a person."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.composition import headless
from app.services.views_model import Mode
from app.sync.events import Event, StatusChanged
from gateway.limiter import Limiter
from gateway.rates import Rate, Rates
from tests.e2e.together import DEAL, Computer, Vendor, vendor_at

#: Five requests a second, and three at once: less than even a busy machine asks for.
TINY = Rate(300, 3)
NONE = Rate(0, 0)

#: What was on its way already when another thread was told to wait, in seconds.
_CROSSING = 0.1


@dataclass
class Watch:
    """Writes down when calls came, and what those were told that were refused."""

    came: list[tuple[float, str]] = field(default_factory=list)
    refused: list[tuple[float, str, float]] = field(default_factory=list)
    limiter: Limiter | None = None

    def around(self, app: ASGIApp) -> ASGIApp:
        """Put it before an application."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            status = 0

            async def told(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                elif status == 429:
                    wait = json.loads(message["body"])["retry_after"]
                    self.refused.append((time.monotonic(), scope["path"], wait))
                await send(message)

            if scope["type"] == "http":
                if scope["path"] == "/oauth/token" and self.limiter:
                    # Others behind the same address have used up what it may do without a known token.
                    self.limiter._unknown.take("127.0.0.1", time.monotonic(), 30)
                    self.limiter = None
                self.came.append((time.monotonic(), scope["path"]))
            await app(scope, receive, told)

        return watched

    def too_early(self) -> list[tuple[str, float]]:
        """The calls that came while the gateway had asked for quiet."""
        return [
            (path, came - told)
            for told, area, wait in self.refused
            for came, path in self.came
            if path.split("/")[1] == area.split("/")[1] and told + _CROSSING < came < told + wait
        ]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def slow(tmp_path: Path, watch: Watch) -> Iterator[Vendor]:
    rates = Rates(requests=TINY, mutations=Rate(600, 2), bytes=NONE, partner=10, unknown=Rate(1200, 30))
    with vendor_at(tmp_path / "gateway", rates=rates, around=watch.around) as made:
        watch.limiter = made.limiter
        yield made


def test_it_obeys_and_gets_there(slow: Vendor, watch: Watch, tmp_path: Path) -> None:
    computer = Computer(slow, slow.person("manager", "Maya Okafor"), tmp_path / "computer")
    heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with computer.opened() as account:
        assert [path for _, path, _ in watch.refused] == ["/oauth/token"], "the sign-in waited"
        loop = account.loop(heard.put)
        loop.start()
        try:
            until_live(heard)
            with headless.portal_of(account) as portal:
                for number in range(12):
                    portal.intents.edit(DEAL, {"next_steps": f"Step {number}."})
                    loop.wake()
            deadline = time.monotonic() + 20
            while slow.value(DEAL, "next_action") != "Step 11.":
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            loop.stop()
    assert len(watch.refused) > 1
    assert watch.too_early() == []
    computer.wire.close()


def until_live(heard: queue.SimpleQueue[Event]) -> None:
    while True:
        event = heard.get(timeout=10)
        if isinstance(event, StatusChanged) and event.status.mode is Mode.LIVE:
            return
        if isinstance(event, StatusChanged):
            assert event.status.mode in (Mode.FIRST_SYNC, Mode.SYNCING), event.status
