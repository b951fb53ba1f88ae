"""Sign-in by device code: off unless policy makes a kiosk, ten minutes at most, and through bad networks."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from app.contract.errors import BadAnswer, Busy, Unreachable
from app.session.accounts import Device
from app.session.device_code import (
    LONGEST,
    CodeShown,
    CodeTaken,
    CodeWaits,
    DeviceCode,
    DeviceCodeNews,
    DeviceCodesOff,
    KeptOut,
    NoKiosk,
)
from app.session.policy.schema import NOBODYS, Managed, Policy
from app.session.sign_in import SignInAbandoned
from app.sync.wire import Wire
from tests.patience import PATIENCE

GATEWAY = "https://portal.halden.example"
KIOSK = Managed(policy=Policy(kiosk=True, gateway_address=GATEWAY))
PENDING, SLOW, EXPIRED = "authorization_pending", "slow_down", "expired_token"
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Waiting:
    """A clock that moves when somebody waits by it, and a way to give up after so many waits."""

    def __init__(self, patience: int = 10_000) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []
        self._patience = patience

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, timeout: float) -> bool:
        self.waits.append(timeout)
        self.seconds += timeout
        return len(self.waits) >= self._patience

    def set(self) -> None:
        self._patience = 0

    def is_set(self) -> bool:
        return self._patience == 0


Answer = httpx.Response | Exception


def denied(error: str) -> httpx.Response:
    return httpx.Response(400, json={"error": error})


def granted() -> httpx.Response:
    return httpx.Response(
        200,
        json={
            "access_token": "access-1",
            "refresh_token": "refresh-1",
            "expires_in": 900,
            "token_type": "Bearer",
        },
    )


class Gateway:
    """Gives a code for each time it is asked, and what the test says for each question; after that it is pending."""

    def __init__(self, *answers: Answer | str, **authorized: Any) -> None:
        self.answers = [denied(one) if isinstance(one, str) else one for one in answers]
        self.authorized = authorized
        self.before: list[Answer] = []
        self.codes = 0
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.asked.append((request.url.path, form))
        if request.url.path == "/oauth/device_authorization":
            return self._said(self.before.pop(0) if self.before else self._code())
        return self._said(self.answers.pop(0) if self.answers else denied(PENDING))

    def _code(self) -> httpx.Response:
        self.codes += 1
        body = {
            "device_code": f"secret{self.codes}",
            "user_code": f"BCDF-GHJ{self.codes}",
            "verification_uri": f"{GATEWAY}/oauth/device",
            "verification_uri_complete": f"{GATEWAY}/oauth/device?user_code=BCDF-GHJ{self.codes}",
            "expires_in": 600,
            "interval": 5,
        }
        return httpx.Response(200, json={**body, **self.authorized})

    def _said(self, answer: Answer) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        # As it comes over a wire: not read yet.
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
        )


class Screen:
    """What was told to be shown."""

    def __init__(self) -> None:
        self.news: list[DeviceCodeNews] = []

    def __call__(self, news: DeviceCodeNews) -> None:
        self.news.append(news)

    @property
    def codes(self) -> list[str]:
        return [one.user_code for one in self.news if isinstance(one, CodeShown)]

    @property
    def waits(self) -> list[CodeWaits]:
        return [one for one in self.news if isinstance(one, CodeWaits)]


@pytest.fixture
def begun() -> Iterator[Callable[..., tuple[DeviceCode, Screen, Waiting]]]:
    """Begins a sign-in at a gateway."""
    wires: list[Wire] = []

    def begin(gateway: Gateway, patience: int = 10_000) -> tuple[DeviceCode, Screen, Waiting]:
        clock, screen = Waiting(patience), Screen()
        wires.append(Wire(httpx.Client(base_url=GATEWAY, transport=httpx.MockTransport(gateway)), clock))
        device = Device("k1", "Lounge · screen 2")
        return DeviceCode(KIOSK, wires[-1], device, clock, screen, clock), screen, clock

    yield begin
    for wire in wires:
        wire.close()


Begin = Callable[..., tuple[DeviceCode, Screen, Waiting]]


@pytest.mark.parametrize("managed", [NOBODYS, Managed(policy=Policy(gateway_address=GATEWAY))])
def test_it_does_not_exist_where_policy_makes_no_kiosk(managed: Managed) -> None:
    clock, gateway = Waiting(), Gateway()
    wire = Wire(httpx.Client(base_url=GATEWAY, transport=httpx.MockTransport(gateway)), clock)
    with pytest.raises(NoKiosk, match="not set up as a kiosk"):
        DeviceCode(managed, wire, Device("k1", "k"), clock, Screen())
    assert gateway.asked == []
    wire.close()


def test_a_code_is_shown_until_somebody_lets_the_screen_in(begun: Begin) -> None:
    gateway = Gateway(PENDING, PENDING, granted())
    code, screen, clock = begun(gateway)
    tokens = code.run()
    assert (tokens.access, tokens.refresh) == ("access-1", "refresh-1")
    assert tokens.expires_at == START + timedelta(seconds=15 + 900)
    assert screen.news == [
        CodeShown(
            "BCDF-GHJ1",
            f"{GATEWAY}/oauth/device",
            f"{GATEWAY}/oauth/device?user_code=BCDF-GHJ1",
            START + timedelta(seconds=600),
            600.0,
        ),
        CodeTaken(),
    ]
    assert clock.waits == [5.0] * 3
    path, form = gateway.asked[0]
    assert (path, form["device_id"], form["device_name"]) == (
        "/oauth/device_authorization",
        "k1",
        "Lounge · screen 2",
    )
    assert {form["device_code"] for _, form in gateway.asked[1:]} == {"secret1"}


def test_it_asks_less_often_when_told_so(begun: Begin) -> None:
    code, _, clock = begun(Gateway(SLOW, SLOW, PENDING, granted()))
    code.run()
    assert clock.waits == [5.0, 10.0, 15.0, 15.0]


@pytest.mark.parametrize(("named", "paced"), [(0, 1.0), (-5, 1.0), (3, 3.0), (3600, 60.0)])
def test_the_pace_stays_within_reason(begun: Begin, named: float, paced: float) -> None:
    code, _, clock = begun(Gateway(granted(), interval=named))
    code.run()
    assert clock.waits == [paced]


@pytest.mark.parametrize("named", [86_400, 601, 600])
def test_whatever_the_gateway_says_a_code_is_shown_for_ten_minutes_at_most(
    begun: Begin, named: float
) -> None:
    gateway = Gateway(*[PENDING] * 119, granted(), expires_in=named)
    code, screen, _ = begun(gateway)
    code.run()
    first, second = (one for one in screen.news if isinstance(one, CodeShown))
    assert (first.seconds, first.expires_at - START) == (LONGEST, timedelta(seconds=600))
    assert second.expires_at - START == timedelta(seconds=1200), "the next one came when the first was over"


def test_a_shorter_time_counts(begun: Begin) -> None:
    code, screen, _ = begun(Gateway(expires_in=30), patience=20)
    with pytest.raises(SignInAbandoned):
        code.run()
    first = screen.news[0]
    assert isinstance(first, CodeShown)
    assert first.seconds == 30.0


@pytest.mark.parametrize("named", ["0", "-600", "0.001", "NaN", "-Infinity"])
def test_codes_that_are_over_at_once_are_not_asked_for_again_and_again(begun: Begin, named: str) -> None:
    """A gateway gone mad, or who is in its place, would be hammered by every kiosk, and the screen would flicker."""
    gateway = Gateway()
    body = gateway._code().text.replace('"expires_in":600', f'"expires_in":{named}')
    assert f":{named}," in body
    gateway.before = [
        httpx.Response(200, content=body, headers={"Content-Type": "application/json"}) for _ in range(50)
    ]
    code, screen, clock = begun(gateway, patience=6)
    with pytest.raises(SignInAbandoned):
        code.run()
    assert screen.codes == []
    assert clock.waits == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0]


@pytest.mark.parametrize("error", [EXPIRED, "invalid_grant"])
def test_another_code_takes_the_place_of_one_that_is_over(begun: Begin, error: str) -> None:
    gateway = Gateway(error, granted())
    code, screen, _ = begun(gateway)
    code.run()
    assert screen.codes == ["BCDF-GHJ1", "BCDF-GHJ2"]
    assert gateway.asked[-1][1]["device_code"] == "secret2"


def test_who_is_kept_out_is_told(begun: Begin) -> None:
    code, _, _ = begun(Gateway("access_denied"))
    with pytest.raises(KeptOut, match="did not let this screen in"):
        code.run()


def test_a_gateway_without_kiosks_is_told_by_name(begun: Begin) -> None:
    gateway = Gateway()
    problem = {"title": "Not found", "status": 404, "code": "not_found"}
    gateway.before = [httpx.Response(404, json=problem, headers={"content-type": "application/problem+json"})]
    code, screen, clock = begun(gateway)
    with pytest.raises(DeviceCodesOff, match="device_code"):
        code.run()
    assert (screen.news, clock.waits) == ([], [])
    code, _, _ = begun(Gateway("unsupported_grant_type"))
    with pytest.raises(DeviceCodesOff):
        code.run()


def test_a_network_that_is_cut_is_told_and_tried_again_ever_less_often(begun: Begin) -> None:
    gateway = Gateway(granted())
    gateway.before = [httpx.ConnectError("refused") for _ in range(7)]
    code, screen, clock = begun(gateway)
    code.run()
    assert [one.seconds for one in screen.waits] == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert all(isinstance(one.because, Unreachable) for one in screen.waits)
    assert clock.waits[:7] == [one.seconds for one in screen.waits]
    assert screen.codes == ["BCDF-GHJ1"]


def test_a_cut_between_two_questions_keeps_the_code(begun: Begin) -> None:
    gateway = Gateway(PENDING, httpx.ReadError("cut"), httpx.ReadTimeout("slow"), PENDING, granted())
    code, screen, _ = begun(gateway)
    code.run()
    assert screen.codes == ["BCDF-GHJ1"]
    assert [one.seconds for one in screen.waits] == [2.0, 4.0]


def test_a_cut_that_outlasts_the_code_leads_to_another_one(begun: Begin) -> None:
    cuts = [httpx.ReadError("cut") for _ in range(30)]
    gateway = Gateway(*cuts, expires_in=100)
    code, screen, _ = begun(gateway)
    gateway.answers = [*cuts[:6], granted()]
    code.run()
    assert screen.codes[0] == "BCDF-GHJ1"
    assert len(screen.codes) == 2


def test_a_pause_the_gateway_asks_for_is_kept(begun: Begin) -> None:
    gateway = Gateway(granted())
    gateway.before = [httpx.Response(429, headers={"Retry-After": "45"})]
    code, screen, clock = begun(gateway)
    code.run()
    (wait,) = screen.waits
    assert isinstance(wait.because, Busy)
    assert (wait.seconds, clock.waits[0]) == (45.0, 45.0)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<h1>Welcome to the hotel</h1>"),
        httpx.Response(400, html="<h1>Pay first</h1>"),
        httpx.Response(400, json={"error": "something_new"}),
        httpx.Response(200, json={"access_token": "a"}),
        httpx.Response(302, headers={"Location": "http://hotel.example"}),
    ],
    ids=["page", "refusing page", "unknown error", "half an answer", "redirect"],
)
def test_what_something_in_between_answers_is_not_believed(begun: Begin, answer: httpx.Response) -> None:
    code, screen, _ = begun(Gateway(answer, granted()))
    assert code.run().access == "access-1"
    (wait,) = screen.waits
    assert isinstance(wait.because, BadAnswer)


@pytest.mark.parametrize(
    "address",
    [
        "http://portal.halden.example/d",
        "javascript:alert(1)",
        "https://user@portal.halden.example/d",
        "//x",
        "[:",
    ],
)
def test_an_address_that_nobody_should_open_is_not_shown(begun: Begin, address: str) -> None:
    code, screen, _ = begun(Gateway(verification_uri=address), patience=3)
    with pytest.raises(SignInAbandoned):
        code.run()
    assert screen.codes == []
    assert screen.waits


@pytest.mark.parametrize(
    "whole", ["https://elsewhere.example/oauth/device?user_code=B", "http://portal.halden.example/x", ""]
)
def test_a_square_leads_nowhere_else_than_the_address(begun: Begin, whole: str) -> None:
    code, screen, _ = begun(Gateway(granted(), verification_uri_complete=whole))
    code.run()
    shown = screen.news[0]
    assert isinstance(shown, CodeShown)
    assert shown.complete == ""


def test_it_is_given_up_from_another_thread() -> None:
    gateway, shown = Gateway(), threading.Event()
    wire = Wire(httpx.Client(base_url=GATEWAY, transport=httpx.MockTransport(gateway)), Waiting())
    code = DeviceCode(KIOSK, wire, Device("k1", "k"), Waiting(), lambda _: shown.set())
    found: list[BaseException] = []

    def run() -> None:
        try:
            code.run()
        except SignInAbandoned as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert shown.wait(PATIENCE)
    code.cancel()
    thread.join(PATIENCE)
    assert len(found) == 1
    wire.close()


def test_neither_secret_nor_tokens_are_printed(begun: Begin) -> None:
    gateway = Gateway(granted())
    code, screen, _ = begun(gateway)
    tokens = code.run()
    told = "".join(map(repr, itertools.chain(screen.news, [code, tokens])))
    assert "secret1" not in told
    assert "access-1" not in told
    assert "refresh-1" not in told
