"""Certificates, cuts and half answers on real sockets."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.contract.errors import CertificateRefused, CounterpartError, Unreachable
from app.sync.clock import SystemClock
from app.sync.wire import Wire, system_client

Serve = Callable[[socket.socket], None]


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextmanager
def _listening(serve: Serve) -> Iterator[int]:
    """Serve one connection on a port of the system's choosing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            serve(connection)

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(10)
        listener.close()
        assert not thread.is_alive()


def _error(base: str) -> CounterpartError:
    wire = Wire(system_client(base), SystemClock())
    try:
        with pytest.raises(CounterpartError) as caught:
            wire.call("GET", "/v1/me")
    finally:
        wire.close()
    return caught.value


def test_a_certificate_nobody_vouches_for_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    context = _self_signed(tmp_path)
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                received.append(secure.recv(1024))
        except (ssl.SSLError, ConnectionError):
            return

    with _listening(serve) as port:
        error = _error(f"https://127.0.0.1:{port}")
    assert isinstance(error, CertificateRefused)
    assert b"".join(received) == b""


def test_a_port_that_speaks_something_else_is_no_certificate_problem() -> None:
    with _listening(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        error = _error(f"https://127.0.0.1:{port}")
    assert type(error) is Unreachable


def test_nobody_listening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert _error(f"http://127.0.0.1:{port}").cause == "The gateway is not running at its address."


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Ty",
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"user"',
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{",
    ],
    ids=["nothing", "half a header", "half a body", "half a chunk"],
)
def test_an_answer_that_is_cut_off(answer: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    with _listening(serve) as port:
        assert type(_error(f"http://127.0.0.1:{port}")) is Unreachable


def test_an_abort_frees_a_call_that_waits_for_a_silent_gateway() -> None:
    asked = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        asked.set()
        connection.recv(4096)  # says nothing until the other side hangs up

    with _listening(serve) as port:
        wire = Wire(system_client(f"http://127.0.0.1:{port}"), SystemClock())
        caught: list[BaseException] = []

        def call() -> None:
            try:
                wire.call("GET", "/v1/me")
            except CounterpartError as error:
                caught.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        assert asked.wait(10)
        wire.abort()
        caller.join(5)
        assert not caller.is_alive()
        assert [type(error) for error in caught] == [Unreachable]
        wire.close()
