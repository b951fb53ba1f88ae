"""A pause that the gateway asked for with 429 holds for every call: pull, push, events, uploads and the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
import respx

from app.contract.colleagues import NewColleague
from app.contract.errors import Busy
from app.contract.mutations import PushBody
from app.session.oauth import OAuth
from app.sync.colleagues import ColleagueCalls
from app.sync.http_transport import HttpTransport
from app.sync.pauses import Pauses, patient
from app.sync.signed import Signed
from app.sync.wire import Wire
from tests.sync.test_http_transport import Keys
from tests.sync.world import TestClock

BASE = "https://portal.halden.example"


class Line:
    """A transport and the token endpoint over one wire, whose gateway answers all with one response."""

    def __init__(self, router: respx.MockRouter) -> None:
        self.clock = TestClock()
        self.wire = Wire(httpx.Client(base_url=BASE), self.clock)
        self.transport = HttpTransport(self.wire, Keys())
        self.staff = ColleagueCalls(Signed(self.wire, Keys()))
        self.oauth = OAuth(self.wire, self.clock)
        self.answer = httpx.Response(429, headers={"retry-after": "30"})
        self.route = router.route().mock(side_effect=lambda _request: self.answer)

    @property
    def sent(self) -> int:
        return self.route.call_count

    def _push_beside(self) -> object:
        wait = self.transport.begin_push(PushBody(mutations=()))
        return wait()

    def calls(self) -> dict[str, Callable[[], object]]:
        somebody = NewColleague(name="Sam", email="sam@x.example", role="rep")
        return {
            "me": self.transport.me,
            "manifest": lambda: self.transport.manifest(None),
            "snapshot": lambda: self.transport.snapshot(None, 10),
            "pull": lambda: self.transport.changes("c1", 10),
            "records": lambda: self.transport.records(["g"], "c1"),
            "push": lambda: self.transport.push(PushBody(mutations=())),
            "push beside": self._push_beside,
            "digest": lambda: self.transport.digest("c1"),
            "bucket": lambda: self.transport.bucket("deal", 0, "c1"),
            "receipt": lambda: self.transport.receipt("m1"),
            "download": lambda: list(self.transport.download("a" * 64, 0)),
            "open upload": lambda: self.transport.begin_upload("a" * 64, 1, "text/plain", "a.txt"),
            "upload": lambda: self.transport.upload("u1", 0, b"x"),
            "events": lambda: list(self.transport.pokes()),
            "colleagues": self.staff.colleagues,
            "invite": lambda: self.staff.invite(somebody),
            "devices": self.staff.devices,
        }


@pytest.fixture
def line() -> Iterator[Line]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        made = Line(router)
        yield made
        made.transport.close()


def left(call: Callable[[], object]) -> float | None:
    with pytest.raises(Busy) as caught:
        call()
    return caught.value.retry_after


NAMES = [
    "me", "manifest", "snapshot", "pull", "records", "push", "push beside", "digest", "bucket", "receipt", "download",
    "open upload", "upload", "events", "colleagues", "invite", "devices",
]  # fmt: skip


@pytest.mark.parametrize("first", NAMES)
def test_whoever_is_told_to_wait_all_wait(line: Line, first: str) -> None:
    calls = line.calls()
    assert sorted(calls) == sorted(NAMES)
    assert left(calls[first]) == 30
    line.clock.advance(10)
    for name, call in calls.items():
        assert left(call) == 20, name
    assert line.sent == 1
    line.clock.advance(20)
    left(calls[first])
    assert line.sent == 2, "then it is tried again"


def test_tokens_and_calls_wait_apart(line: Line) -> None:
    assert left(lambda: line.oauth.refresh("r1")) == 30
    assert left(lambda: line.oauth.exchange("c", "http://127.0.0.1/", "v")) == 30
    assert line.sent == 1
    left(line.transport.me)
    assert line.sent == 2


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    clock = TestClock()
    pauses = Pauses(clock)
    pauses.note("/v1/me", Busy(retry_after=30))
    pauses.note("/v1/mutations", Busy(retry_after=5))
    clock.advance(10)
    assert left(lambda: pauses.check("/v1/changes")) == 20


@pytest.mark.parametrize(
    ("status", "headers"),
    [(503, {"retry-after": "30"}), (429, {}), (429, {"retry-after": "0"}), (429, {"retry-after": "soon"})],
)
def test_other_answers_hold_up_only_whoever_got_them(
    line: Line, status: int, headers: dict[str, str]
) -> None:
    line.answer = httpx.Response(status, headers=headers)
    left(line.transport.me)
    left(line.transport.me)
    assert line.sent == 2


def test_nobody_is_stranded_by_an_absurd_wait(line: Line) -> None:
    line.answer = httpx.Response(429, headers={"retry-after": "999999999"})
    left(line.transport.me)
    line.clock.advance(3600)
    left(line.transport.me)
    assert line.sent == 2


def test_somebody_who_looks_on_is_spared_short_pauses_and_told_of_long_ones() -> None:
    asked: list[float | None] = [30.0, 20.0, 15.0]
    waited: list[float] = []

    def call() -> str:
        if asked:
            raise Busy(retry_after=asked.pop(0))
        return "there"

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) > 4

    with pytest.raises(Busy) as caught:
        patient(call, wait)
    assert (waited, caught.value.retry_after) == ([30.0, 20.0], 15.0), "a minute in all"
    assert patient(call, wait) == "there"
    for unnamed in (None, 0.0, float("nan")):
        asked.append(unnamed)
        with pytest.raises(Busy):
            patient(call, wait)
    asked[:] = [1.0, 1.0, 1.0, 1.0]
    with pytest.raises(Busy):
        patient(call, wait)
    assert len(waited) == 5, "whoever gave up does not wait on"
