"""14. The certificates this computer trusts are the ones that count, proxies that ask for a password work, and
there is no way to turn verification off: no setting, no policy, no environment variable, no line of code.

More: `tests/sync/test_wire_tls.py`, `tests/sync/test_wire.py`.
"""

from __future__ import annotations

import ast
import base64
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import truststore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.contract.errors import CertificateRefused, CounterpartError, Unreachable
from app.session.policy.schema import Policy
from app.sync.clock import SystemClock
from app.sync.wire import Wire, system_client
from tests.security.source import ROOT, calls, nodes

NAME = "portal.halden.example"
CREDENTIALS = "maya:p%40ss word"
ENVIRONMENT = (
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "all_proxy",
    "no_proxy",
)


@dataclass(frozen=True)
class Authority:
    """A test's own authority: its certificate's file, and contexts of servers it vouches for."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def made(cls, folder: Path) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder("Test authority", "Test authority", key.public_key(), 30)
        basic = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            builder.add_extension(basic, critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        made = cls(folder, key, certificate)
        made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return made

    @property
    def file(self) -> Path:
        """Its certificate, as a computer keeps those it trusts."""
        return self.folder / "authority.pem"

    def server(
        self, name: str = NAME, days: int = 30, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> ssl.SSLContext:
        """A server with a certificate for a name, that ends after so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(name, "Test authority", key.public_key(), days)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        path = self.folder / f"{name}-{days}-{newest.name}.pem"
        own = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(own + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
    )


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.heard.append(self.headers.get("Authorization", ""))  # type: ignore[attr-defined]
        body = b'{"well": true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Gateway(ThreadingHTTPServer):
    """Answers over TLS; `heard` has the credentials of each request that got through."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.heard: list[str] = []
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_arguments: object) -> None:
        """A client that hangs up is what some of the tests are about."""


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Proxy:
    """A proxy that asks who one is, and leads every name to one port of this computer."""

    to: int
    asked: list[tuple[str, str]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[str]:
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(10)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._lead, args=(connection,), daemon=True).start()

    def _lead(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and (part := connection.recv(4096)):
                head += part
            lines = head.decode("latin-1").split("\r\n")
            given = next((one.split(": ", 1)[1] for one in lines if one.lower().startswith("proxy-auth")), "")
            self.asked.append((lines[0], given))
            wanted = "Basic " + base64.b64encode(b"maya:p@ss word").decode()
            if given != wanted:
                connection.sendall(
                    b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
                )
                return
            with socket.create_connection(("127.0.0.1", self.to), 10) as on:
                connection.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
                with suppress(ConnectionError):
                    _passed_on(connection, on)


def _passed_on(one: socket.socket, other: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([one, other], [], [], 10)
        for source in ready:
            data = source.recv(65_536)
            if not data:
                return
            (other if source is one else one).sendall(data)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this computer trusts, and no proxy."""
    made = Authority.made(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    return made


def call(address: str) -> bytes:
    """Make one call with a token, as the client does."""
    wire = Wire(system_client(address), SystemClock())
    try:
        return wire.call("GET", "/v1/me", headers={"Authorization": "Bearer secret"}).body
    finally:
        wire.close()


@contextmanager
def through_proxy(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, who: str = CREDENTIALS
) -> Iterator[tuple[Gateway, Proxy]]:
    gateway = Gateway(context)
    with running(gateway) as port, (proxy := Proxy(port)).running() as address:
        user, _, password = who.partition(":")
        credentials = f"{user}:{password.replace(' ', '%20')}@" if who else ""
        monkeypatch.setenv("HTTPS_PROXY", f"http://{credentials}{address}")
        yield gateway, proxy


def test_an_authority_of_this_computer_counts_through_a_proxy_that_asks_for_a_password(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with through_proxy(authority.server(), monkeypatch) as (gateway, proxy):
        assert call(f"https://{NAME}") == b'{"well": true}'
    assert proxy.asked[0][0] == f"CONNECT {NAME}:443 HTTP/1.1"
    assert gateway.heard == ["Bearer secret"], "and the proxy has seen none of it"
    assert not any("secret" in line for line, _ in proxy.asked)


@pytest.mark.parametrize("who", ["", "maya:wrong"])
def test_a_proxy_that_does_not_know_one_is_told_as_that(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    with (
        through_proxy(authority.server(), monkeypatch, who) as (gateway, _),
        pytest.raises(Unreachable) as told,
    ):
        call(f"https://{NAME}")
    assert "proxy" in told.value.cause
    assert gateway.heard == []


@pytest.mark.parametrize("flaw", ["of another name", "over", "of nobody's authority"])
def test_a_certificate_with_a_flaw_is_refused_and_no_token_sent(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flaw: str
) -> None:
    match flaw:
        case "of another name":
            context = authority.server("other.example")
        case "over":
            context = authority.server(days=-1)
        case _:
            (tmp_path / "stranger").mkdir()
            context = Authority.made(tmp_path / "stranger").server()
    with through_proxy(context, monkeypatch) as (gateway, _), pytest.raises(CertificateRefused):
        call(f"https://{NAME}")
    assert gateway.heard == []


def test_an_old_protocol_is_refused(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    context = authority.server()
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with through_proxy(context, monkeypatch) as (gateway, _), pytest.raises(CounterpartError):
        call(f"https://{NAME}")
    assert gateway.heard == []


def test_no_variable_of_the_environment_turns_it_off_or_writes_keys_down(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = Authority.made(tmp_path / "stranger")
    keys = tmp_path / "keys.log"
    for name, value in {
        "PYTHONHTTPSVERIFY": "0",
        "SSLKEYLOGFILE": str(keys),
        "CURL_CA_BUNDLE": "",
        "REQUESTS_CA_BUNDLE": str(stranger.file),
        "HTTPX_VERIFY": "0",
        "NODE_TLS_REJECT_UNAUTHORIZED": "0",
        "COUNTERPART_VERIFY": "0",
        "COUNTERPART_INSECURE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with through_proxy(stranger.server(), monkeypatch) as (gateway, _), pytest.raises(CertificateRefused):
        call(f"https://{NAME}")
    with through_proxy(authority.server(), monkeypatch):
        call(f"https://{NAME}")
    assert gateway.heard == []
    assert not keys.exists()


def test_no_setting_or_policy_speaks_of_it() -> None:
    words = ("verify", "insecure", "certificate", "trust", "tls", "ssl")
    assert [name for name in Policy.model_fields if any(word in name for word in words)] == []


#: What `verify=` may be: the one context there is, made in `app/sync/wire.py` by the line below it.
TRUSTED = {("app/sync/proxies.py", "self._trusted")}
CONTEXT = "ByProxy(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proxy)"


def test_no_line_of_the_client_turns_it_off() -> None:
    """No `verify=` that is not a context, nothing of `ssl` that lowers anything, no context but truststore's."""
    found = []
    for path, node in nodes():
        if isinstance(node, ast.keyword) and node.arg in (
            "verify",
            "verify_ssl",
            "check_hostname",
            "cert_reqs",
        ):
            if (path, ast.unparse(node.value)) not in TRUSTED:
                found.append(f"{path}:{node.value.lineno} {node.arg}=")
        elif isinstance(node, ast.Attribute) and node.attr in (
            "CERT_NONE", "CERT_OPTIONAL", "check_hostname", "verify_mode", "_create_unverified_context",
            "create_default_context", "_create_default_https_context", "minimum_version", "set_ciphers",
        ):  # fmt: skip
            found.append(f"{path}:{node.lineno} {node.attr}")
    assert found == []
    contexts = [(path, ast.unparse(call)) for path, call in calls("SSLContext")]
    assert contexts == [
        (path, "truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)")
        for path in ("app/services/doctor/certificate.py", "app/sync/wire.py")
    ]
    assert CONTEXT in (ROOT / "app/sync/wire.py").read_text("utf-8")
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
