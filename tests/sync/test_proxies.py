"""Which way a call goes, and what a proxy gets to see, on real sockets."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.contract.errors import CertificateRefused, CounterpartError, Unreachable
from app.sync.clock import SystemClock
from app.sync.proxies import NONE, SYSTEM, ByProxy, ThisComputer, proxy_for, without_password
from app.sync.wire import Wire, system_client

GATEWAY = "https://portal.vendor.example"
#: A name and a password as people have them: each needs its own form in an address.
SECRET = "s3cr@t:/"
SIGNED_IN = "http://kim%40corp:s3cr%40t%3A%2F@127.0.0.1:{port}"


class Set:
    """A computer that is set to proxies, with exceptions."""

    def __init__(self, proxies: Mapping[str, str] = {}, *exceptions: str) -> None:
        self._proxies, self._exceptions = proxies, exceptions

    def proxies(self) -> Mapping[str, str]:
        return self._proxies

    def bypassed(self, host: str) -> bool:
        return host in self._exceptions


@pytest.mark.parametrize(
    ("url", "wanted", "system", "way"),
    [
        (GATEWAY, SYSTEM, Set(), ""),
        (GATEWAY, SYSTEM, Set({"https": "http://p:8080"}), "http://p:8080"),
        (GATEWAY, SYSTEM, Set({"https": "p:8080"}), "http://p:8080"),
        (GATEWAY, SYSTEM, Set({"http": "http://p:8080"}), ""),
        (GATEWAY, SYSTEM, Set({"all": "http://p:8080"}), "http://p:8080"),
        (GATEWAY, SYSTEM, Set({"https": "http://p:8080"}, "portal.vendor.example"), ""),
        (GATEWAY + ":8443", SYSTEM, Set({"https": "http://p:8080"}, "portal.vendor.example:8443"), ""),
        (GATEWAY, NONE, Set({"https": "http://p:8080"}), ""),
        (
            GATEWAY,
            "http://forced:3128",
            Set({"https": "http://p:8080"}, "portal.vendor.example"),
            "http://forced:3128",
        ),
        ("http://127.0.0.1:80", "http://forced:3128", Set(), ""),
        ("http://localhost:80", SYSTEM, Set({"http": "http://p:8080"}), ""),
        ("http://[::1]:80", SYSTEM, Set({"http": "http://p:8080"}), ""),
    ],
)
def test_which_way_a_call_goes(url: str, wanted: str, system: Set, way: str) -> None:
    assert proxy_for(httpx.URL(url), wanted, system) == way


def test_the_systems_settings_are_those_of_the_standard_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows and macOS these read the registry and the network settings, lists of exceptions included."""
    for name in (
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://p.example:8080")
    monkeypatch.setenv("no_proxy", ".inside.example,portal.other.example:8443")
    here = ThisComputer()
    ways = {
        host: proxy_for(httpx.URL(f"https://{host}"), SYSTEM, here)
        for host in (
            "portal.vendor.example",
            "portal.inside.example",
            "portal.other.example:8443",
            "portal.other.example",
        )
    }
    assert ways == {
        "portal.vendor.example": "http://p.example:8080",
        "portal.inside.example": "",
        "portal.other.example:8443": "",
        "portal.other.example": "http://p.example:8080",
    }


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://kim:pw@p:8080", "http://p:8080"), ("http://p:8080", "http://p:8080"), ("kim:pw@p", "p"),
        ("system", "system"), ("http://kim:p@w@p:1", "http://p:1"),
    ],
)  # fmt: skip
def test_a_proxy_is_shown_without_its_password(proxy: str, shown: str) -> None:
    assert without_password(proxy) == shown


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What the gateway shows, and a context that trusts only that."""
    key = ec.generate_private_key(ec.SECP256R1())
    host = "portal.vendor.example"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(secret + shown)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "both.pem")
    return server, ssl.create_default_context(cadata=shown.decode())


@contextmanager
def proxy(serve: Callable[[socket.socket, str], None]) -> Iterator[int]:
    """A proxy for one connection: `serve` gets it with the head of what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            serve(connection, head.decode())

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(10)
        listener.close()
        assert not thread.is_alive()


def _error(wanted: str) -> CounterpartError:
    wire = Wire(system_client(GATEWAY, wanted), SystemClock())
    try:
        with pytest.raises(CounterpartError) as caught:
            wire.call("GET", "/v1/me", headers={"Authorization": "Bearer token"})
    finally:
        wire.close()
    return caught.value


def _everything(error: BaseException) -> str:
    """All an error could tell to whoever prints it, with those behind it."""
    told: list[str] = []
    link: BaseException | None = error
    while link is not None:
        told.append(f"{link!r} {link} {link.args}")
        link = link.__cause__ or link.__context__
    return "\n".join(told)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("407 Proxy Authentication Required", "wants a name and a password"),
        ("403 Forbidden", "did not let the connection through"),
        ("502 Bad Gateway", "did not let the connection through"),
    ],
)
def test_a_proxy_that_refuses_is_told_and_its_password_is_not(answer: str, words: str) -> None:
    asked: list[str] = []

    def serve(connection: socket.socket, head: str) -> None:
        asked.append(head)
        connection.sendall(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())

    with proxy(serve) as port:
        error = _error(SIGNED_IN.format(port=port))
    assert type(error) is Unreachable
    assert words in error.cause
    token = base64.b64encode(f"kim@corp:{SECRET}".encode()).decode()
    assert asked[0].startswith("CONNECT portal.vendor.example:443 ")
    assert f"Proxy-Authorization: Basic {token}" in asked[0]
    assert "Bearer" not in asked[0], "what is for the gateway is not shown to the proxy"
    told = _everything(error)
    assert not [word for word in (SECRET, "s3cr", token, "kim") if word in told]


@pytest.mark.parametrize(
    "wanted",
    ["socks5://kim:s3cr@127.0.0.1:1080", "gopher://kim:s3cr@p:1", "http://kim:s3cr@p:x"],
)
def test_a_proxy_of_a_kind_that_cannot_be_used_keeps_no_account_closed(wanted: str) -> None:
    """It may be the system's own setting: the client is made, and only its calls say so."""
    error = _error(wanted)
    assert type(error) is Unreachable
    assert "cannot be used" in error.cause
    assert "s3cr" not in _everything(error)


def test_a_proxy_that_is_not_there_is_not_taken_for_the_gateway() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = _error(SIGNED_IN.format(port=port))
    assert type(error) is Unreachable
    assert "The proxy" in error.cause
    assert "cannot be reached" in error.cause
    assert not [word for word in (SECRET, "s3cr", "kim") if word in _everything(error)]


def test_a_certificate_that_is_not_trusted_behind_a_proxy_is_still_called_that(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, _ = certified

    def serve(connection: socket.socket, head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with suppress(OSError), server.wrap_socket(connection, server_side=True):
            """The client says that it does not trust it."""

    with proxy(serve) as port:
        error = _error(f"http://127.0.0.1:{port}")
    assert type(error) is CertificateRefused


def test_the_gateway_is_spoken_to_through_the_proxy_and_only_its_own_certificate_counts(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, trusting = certified
    heard: list[bytes] = []

    def serve(connection: socket.socket, head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with server.wrap_socket(connection, server_side=True) as inside:
            heard.append(inside.recv(4096))
            inside.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    with (
        proxy(serve) as port,
        httpx.Client(transport=ByProxy(trusting, f"http://127.0.0.1:{port}")) as client,
    ):
        assert client.get(f"{GATEWAY}/v1/me").text == "ok"
    assert heard[0].startswith(b"GET /v1/me ")


def test_another_network_is_another_way_while_the_app_is_open() -> None:
    here: dict[str, str] = {}
    transport = ByProxy(ssl.create_default_context(), SYSTEM, Set(here))
    asked: list[str] = []

    def serve(connection: socket.socket, head: str) -> None:
        asked.append(head)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with httpx.Client(transport=transport, timeout=5) as client:
        for _ in range(2):
            with proxy(serve) as port:
                here["http"] = f"127.0.0.1:{port}"
                client.get("http://gateway.vendor.example/hello")
    assert [head.split("\r\n")[0] for head in asked] == [
        "GET http://gateway.vendor.example/hello HTTP/1.1"
    ] * 2
