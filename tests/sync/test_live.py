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

    def __init__(self, *events: str | float | CounterpartError) -> None:
        """A text is a value of the stream, a number is so many seconds of silence."""
        self.told: list[str] = []
        self.gateway = FakeGateway()
        self.events = list(events)
        self.gateway.pokes = self._pokes  # type: ignore[method-assign]
        tell = LiveEvents(
            connected=lambda: self.told.append("connected"),
            poked=lambda: self.told.append("poked"),
            cut=lambda: self.told.append("cut"),
        )
        self.clock = TestClock()
        self.live = LiveChannel(self.gateway, self.clock, Middle(), tell, Backoff())
        self.live.listen(True)

    def _pokes(self) -> Iterator[str]:
        for event in self.events:
            if isinstance(event, CounterpartError):
                raise event
            if isinstance(event, float):
                self.clock.advance(event)
            else:
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
    assert channel.told == (["cut"] if isinstance(error, SignInNeeded) else []), (
        "the engine looks what it means"
    )


def test_waits_grow_until_it_stands_again() -> None:
    channel = Channel(Unreachable())
    assert [channel.live.listen_once() for _ in range(4)] == [1, 2, 4, 8]
    channel.events = ["", 30.0, Unreachable()]
    assert channel.live.listen_once() == 1
    assert channel.told == ["connected", "cut"]


@pytest.mark.parametrize("then", [[], ["p1"], [29.0, "p1"], [Unreachable()]])
def test_a_channel_that_ends_at_once_each_time_is_asked_for_ever_more_rarely(
    then: list[str | float | CounterpartError],
) -> None:
    """A proxy says yes and ends it."""
    channel = Channel("", *then)
    assert [channel.live.listen_once() for _ in range(10)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


@pytest.mark.parametrize(
    ("events", "cut_short"),
    [
        ([Unreachable()], True),
        ([SignInNeeded()], True),
        ([Busy(retry_after=20)], False),
        (["", Unreachable()], False),
    ],
)
def test_a_wait_is_cut_short_unless_the_gateway_asked_for_it_or_had_let_it_through(
    events: list[str | float | CounterpartError], cut_short: bool
) -> None:
    channel = Channel(*events)
    assert channel.live.listen_once() >= 1
    assert not channel.live._cut_short()
    channel.live.retry_now()
    assert channel.live._cut_short() is cut_short
    channel.live.stop()
    assert channel.live._cut_short()


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
