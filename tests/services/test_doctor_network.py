"""The way to a gateway, as the doctor looks at it: proxy, name, certificate, what answers, whose clock is right."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.contract.errors import CounterpartError, Unreachable
from app.contract.version import RELEASE
from app.services.doctor import gateway as asked
from app.services.doctor import network
from app.services.doctor.finding import Finding, State
from app.services.doctor.way import Way, way_to
from tests.services.authority import Authority, certificate, name
from tests.services.fake_computer import FakeComputer, Proxies

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)

Serve = Callable[[socket.socket], None]


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Serve connections, one after the other, on a port of the system's choosing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def forever() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=forever, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


# -- proxy --------------------------------------------------------------------------------------------------


def proxy_finding(
    answer: bytes, seen: list[bytes] | None = None, address: str = "http://127.0.0.1:{port}"
) -> Finding:
    def serve(connection: socket.socket) -> None:
        got = connection.recv(4096)
        if seen is not None:
            seen.append(got)
        connection.sendall(answer)

    with listening(serve) as port:
        computer = FakeComputer(Proxies({"https": address.format(port=port)}))
        way = way_to("https://portal.halden.example", "system", computer)
        return network.proxy(way, "system", computer)


def test_a_proxy_that_lets_the_gateway_through() -> None:
    seen: list[bytes] = []
    found = proxy_finding(
        b"HTTP/1.1 200 Connection established\r\n\r\n", seen, "http://maya:p%40ss@127.0.0.1:{port}"
    )
    assert (found.state, found.facts["used"], found.about) == (State.OK, True, "portal.halden.example")
    assert seen[0].startswith(b"CONNECT portal.halden.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWF5YTpwQHNz" in seen[0]
    assert "maya" not in repr(found)
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "wants a name and a password"),
        (
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n",
            "signs people in by Negotiate, NTLM, which is not spoken here",
        ),
        (
            b'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n',
            "wants a name and a password",
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "does not let the gateway through"),
        (b"SSH-2.0-OpenSSH\r\n", "does not let the gateway through"),
    ],
)
def test_a_proxy_that_does_not(answer: bytes, words: str) -> None:
    found = proxy_finding(answer)
    assert found.state is State.BAD
    assert words in found.what
    assert found.mend


def test_a_proxy_that_is_not_there_and_one_that_cannot_be_spoken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address, words in (
        (f"http://127.0.0.1:{port}", "does not answer"),
        ("socks5://maya:secret@127.0.0.1:1", "of a kind that cannot be used"),
    ):
        computer = FakeComputer(Proxies({"https": address}))
        found = network.proxy(way_to("https://portal.halden.example", "system", computer), "system", computer)
        assert found.state is State.BAD
        assert words in found.what
        assert "secret" not in repr(found)


def test_who_set_a_proxy_that_is_not_there_can_mend_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    way = Way("https://portal.halden.example", address)
    by_policy = network.proxy(way, address, FakeComputer())
    by_system = network.proxy(way, "system", FakeComputer())
    assert "Your organisation set it" in by_policy.mend
    assert "in the system" in by_system.mend


def test_a_proxy_behind_tls_is_used_and_not_looked_into() -> None:
    way = Way("https://portal.halden.example", "https://127.0.0.1:1")
    assert network.proxy(way, "system", FakeComputer()).state is State.UNKNOWN
    assert "this proxy" in network.certificate(way, FakeComputer(), NOW).what


def test_a_certificate_behind_a_proxy_that_refuses_is_not_taken_for_a_lost_cable() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 407 No\r\n\r\n")

    with listening(serve) as port:
        way = Way("https://portal.halden.example", f"http://127.0.0.1:{port}")
        found = network.certificate(way, FakeComputer(), NOW)
    assert (found.state, found.mend) == (State.UNKNOWN, "")
    assert "the proxy lets nothing through" in found.what


def test_no_proxy_and_a_script_that_is_not_run() -> None:
    computer = FakeComputer(Proxies({"https": "http://proxy.example:8080"}))
    straight = network.proxy(way_to("https://portal.halden.example", "none", computer), "none", computer)
    assert (straight.state, straight.facts["used"], straight.facts["by_policy"]) == (State.OK, False, True)
    scripted = FakeComputer(pac=True)
    found = network.proxy(way_to("https://portal.halden.example", "system", scripted), "system", scripted)
    assert (found.state, found.facts["script"]) == (State.WARN, True)
    assert "PAC" in found.what


# -- name and certificate -----------------------------------------------------------------------------------


def test_a_name_that_is_known_and_one_that_is_not() -> None:
    computer = FakeComputer(names={"portal.halden.example": 2})
    assert network.name(Way("https://portal.halden.example"), computer).facts["addresses"] == 2
    unknown = network.name(Way("https://other.example"), computer)
    assert (unknown.state, "other.example" in unknown.what) == (State.BAD, True)
    by_proxy = network.name(Way("https://other.example", "http://p:1"), computer)
    assert (by_proxy.state, by_proxy.facts["by_proxy"]) == (State.OK, True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    made = certificate(name("Brightwater"), name("Brightwater"), key.public_key(), key, (-10, 90))
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(key, name("Brightwater"), file)


def secure(context: ssl.SSLContext, got: list[bytes] | None = None) -> Serve:
    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            data = tls.recv(1024)
            if got is not None:
                got.append(data)

    return serve


def seen_at(
    context: ssl.SSLContext, trusted: Callable[[], ssl.SSLContext], public: Callable[[], ssl.SSLContext]
) -> Finding:
    with listening(secure(context)) as port:
        way = Way(f"https://localhost:{port}")
        return network.certificate(way, FakeComputer(), datetime.now(UTC), trusted, public)


def test_a_certificate_of_a_companys_own_authority_is_trusted_and_said_to_be_one(
    authority: Authority, tmp_path: Path
) -> None:
    found = seen_at(authority.server(tmp_path), authority.trusted, ssl.create_default_context)
    assert (found.state, found.facts["private_authority"]) == (State.OK, True)
    assert "“Brightwater Org”" in found.what
    assert "may read along" in found.what
    public = seen_at(authority.server(tmp_path), authority.trusted, authority.trusted)
    assert (public.state, public.facts["private_authority"]) == (State.OK, False)


def test_a_certificate_that_ends_soon(authority: Authority, tmp_path: Path) -> None:
    found = seen_at(authority.server(tmp_path, days=(-1, 5)), authority.trusted, authority.trusted)
    assert found.state is State.WARN
    assert "It ends on" in found.mend


@pytest.mark.parametrize(
    ("host", "days", "trusts", "words"),
    [
        ("localhost", (-9, -1), True, "does not hold today"),
        ("localhost", (1, 9), True, "does not hold today"),
        ("other.example", (-1, 9), True, "another name than localhost"),
        ("localhost", (-1, 9), False, "“Brightwater Org” vouches for it, whom this computer does not trust"),
    ],
    ids=["expired", "not yet", "other name", "unknown authority"],
)
def test_a_certificate_that_is_refused_says_why_and_nothing_was_sent(
    authority: Authority, tmp_path: Path, host: str, days: tuple[float, float], trusts: bool, words: str
) -> None:
    got: list[bytes] = []
    context = authority.server(tmp_path, host, days)
    trusted = authority.trusted if trusts else ssl.create_default_context
    with listening(secure(context, got)) as port:
        way = Way(f"https://localhost:{port}")
        found = network.certificate(way, FakeComputer(), datetime.now(UTC), trusted, trusted)
    assert found.state is State.BAD
    assert words in found.what
    assert found.mend
    assert b"".join(got) == b""


def test_what_speaks_no_tls_and_nobody_at_all() -> None:
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 302 Found\r\n\r\n")) as port:
        found = network.certificate(Way(f"https://localhost:{port}"), FakeComputer(), NOW)
    assert (found.state, "does not speak TLS" in found.what) == (State.BAD, True)
    away = network.certificate(Way("https://localhost:1"), FakeComputer(offline=True), NOW)
    assert away.state is State.UNKNOWN
    assert network.certificate(Way("http://127.0.0.1:1"), FakeComputer(), NOW).state is State.OK


# -- gateway and clock --------------------------------------------------------------------------------------


def client(
    status: int, headers: dict[str, str] | None = None, *, epoch: bool = True, described: str = RELEASE
) -> httpx.Client:
    given = {**({"Counterpart-Epoch": "e1"} if epoch else {}), **(headers or {})}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/openapi.json":
            return httpx.Response(200, content=iter([json.dumps({"info": {"version": described}}).encode()]))
        return httpx.Response(status, headers=given)

    return httpx.Client(base_url="https://portal.halden.example", transport=httpx.MockTransport(answer))


WAY = Way("https://portal.halden.example")


@pytest.mark.parametrize(
    ("status", "epoch", "state", "words"),
    [
        (401, True, State.OK, f"Version {RELEASE} answers"),
        (426, True, State.BAD, "no longer speaks with this version"),
        (503, True, State.WARN, "busy"),
        (200, False, State.BAD, "it is no gateway"),
        (302, False, State.BAD, "it is no gateway"),
    ],
)
def test_what_answers_at_the_address(status: int, epoch: bool, state: State, words: str) -> None:
    with client(status, epoch=epoch) as opened:
        found = asked.gateway(WAY, asked.ask(opened, NOW), asked.version(opened))
    assert found.state is state
    assert words in found.what


def test_a_gateway_that_says_something_odd_of_its_version_is_not_quoted() -> None:
    with client(401, described="<b>maya@brightwater.example</b>") as opened:
        assert asked.version(opened) == ""


def test_a_gateway_that_is_not_reached() -> None:
    found = asked.gateway(WAY, Unreachable("The gateway did not answer in time."), "")
    assert (found.state, found.facts["error"]) == (State.BAD, "Unreachable")
    assert asked.clock(WAY, Unreachable(), "linux").state is State.UNKNOWN


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (timedelta(seconds=40), State.OK, "agrees"),
        (timedelta(minutes=12), State.WARN, "12 minutes ahead"),
        (-timedelta(minutes=7), State.WARN, "7 minutes behind"),
        (timedelta(days=1), State.BAD, "24 hours ahead"),
        (-timedelta(days=3), State.BAD, "3 days behind"),
    ],
)
def test_the_clock_against_the_gateways(ahead: timedelta, state: State, words: str) -> None:
    with client(401, {"Counterpart-Time": (NOW - ahead).isoformat()}) as opened:
        answered = asked.ask(opened, NOW)
    found = asked.clock(WAY, answered, "linux")
    assert (found.state, found.facts["ahead_seconds"]) == (state, round(ahead.total_seconds()))
    assert words in found.what
    assert bool(found.mend) is (state is not State.OK)


@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_how_to_set_the_clock_is_said_for_each_system(system: str) -> None:
    with client(401, {"Date": "Mon, 23 Nov 2026 09:00:00 GMT"}) as opened:
        assert "ime" in asked.clock(WAY, asked.ask(opened, NOW), system).mend


def test_the_event_channel_and_sign_in_by_code() -> None:
    with client(401) as opened:
        assert asked.events(WAY, opened, live=None).state is State.OK
        assert asked.device_codes(WAY, opened, kiosk=True).state is State.OK
    with client(200, epoch=False) as opened:
        assert asked.events(WAY, opened, live=None).state is State.WARN
    with client(404) as opened:
        assert asked.device_codes(WAY, opened, kiosk=True).state is State.BAD
        assert asked.device_codes(WAY, opened, kiosk=False).state is State.OK
        assert asked.events(WAY, opened, live=True).state is State.OK


def test_a_gateway_that_is_asked_under_a_wrong_address_is_told_from_one_that_is_well() -> None:
    way = Way("https://portal.halden.example/v1")
    well = asked.Answered(401, True, 0.1, NOW, NOW)
    assert asked.gateway(way, well, "").state is State.OK
    lost = asked.gateway(way, replace(well, status=404), "")
    assert lost.state is State.BAD
    assert "not under this address" in lost.what


def test_errors_of_the_contract_are_told_as_they_are() -> None:
    error: CounterpartError = Unreachable()
    assert asked.gateway(WAY, error, "").what == error.cause
