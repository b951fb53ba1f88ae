"""The event channel, one attempt at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contract.errors import Busy, CounterpartError, NotAllowed, SignInNeeded, Unreachable
from app.sync.live import LiveChannel, LiveEvents
from app.sync.retry import Backoff
from tests.sync.world import FakeGateway, Middle, TestClock


class Channel:
    """A channel over a scripted stream, and what it told."""

    def __init__(self, *events: str | CounterpartError) -> None:
        self.told: list[str] = []
        self.gateway = FakeGateway()
        self.events = list(events)
        self.gateway.pokes = self._pokes  # type: ignore[method-assign]
        tell = LiveEvents(
            connected=lambda: self.told.append("connected"),
            poked=lambda: self.told.append("poked"),
            cut=lambda: self.told.append("cut"),
        )
        self.live = LiveChannel(self.gateway, TestClock(), Middle(), tell, Backoff())
        self.live.listen(True)

    def _pokes(self) -> Iterator[str]:
        for event in self.events:
            if isinstance(event, CounterpartError):
                raise event
            yield event


def test_the_first_value_means_that_it_stands_and_each_further_one_is_a_poke() -> None:
    channel = Channel("", "p1", "p2")
    assert channel.live.listen_once() == 1
    assert channel.told == ["connected", "poked", "poked", "cut"]


@pytest.mark.parametrize(
    ("error", "least"),
    [(Unreachable(), 1), (Busy(retry_after=20), 20), (NotAllowed(), 300), (SignInNeeded(), 300)],
)
def test_what_failed_is_tried_again_after_a_while(error: CounterpartError, least: float) -> None:
    channel = Channel(error)
    assert channel.live.listen_once() >= least
    assert channel.told == []


def test_waits_grow_until_it_stands_again() -> None:
    channel = Channel(Unreachable())
    assert [channel.live.listen_once() for _ in range(4)] == [1, 2, 4, 8]
    channel.events = ["", Unreachable()]
    assert channel.live.listen_once() == 1
    assert channel.told == ["connected", "cut"]


def test_when_it_is_no_longer_wanted_it_hangs_up_at_the_next_event() -> None:
    channel = Channel("", "p1", "p2")
    channel.gateway.pokes = lambda: _then(channel)  # type: ignore[method-assign]
    assert channel.live.listen_once() == 0
    assert channel.told == ["connected", "cut"]


def _then(channel: Channel) -> Iterator[str]:
    yield ""
    channel.live.listen(False)
    yield "p1"
    raise AssertionError("it listens on")
