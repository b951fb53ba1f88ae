"""The gateway's certificate: whether this computer trusts it, and who vouches for it if it does not.

Nothing here turns verification off. Where it fails, the chain that was refused is still there to be read, and nothing
was sent.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import truststore

from app.services.doctor.computer import SOON

#: OpenSSL's reasons (x509_vfy.h).
EXPIRED, NOT_YET, OTHER_NAME = 10, 9, (62, 63, 64)
_NO_ISSUER = (2, 18, 19, 20, 21)
_READ = 64 * 1024
#: The issuer's name is the other side's text.
_LONGEST_NAME = 80

Context = Callable[[], ssl.SSLContext]


@dataclass(frozen=True)
class Leaf:
    """What stands in the gateway's certificate: who issued it, until when it holds."""

    issuer: str
    until: datetime | None


@dataclass(frozen=True)
class Seen:
    """`code`: OpenSSL's reason for refusing it, 0 when it is trusted, -1 when the system gave none."""

    leaf: Leaf
    code: int = 0
    version: str = ""

    @property
    def trusted(self) -> bool:
        """Whether it was accepted."""
        return self.code == 0

    @property
    def unknown_issuer(self) -> bool:
        """Whether nobody this computer trusts vouches for it."""
        return self.code in _NO_ISSUER


def of_the_system() -> ssl.SSLContext:
    """Trusts what this computer trusts; the same that every call uses."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def of_everybody() -> ssl.SSLContext:
    """Trusts what browsers everywhere trust, and nobody's own authority."""
    return httpx.create_ssl_context(trust_env=False)


def look(raw: socket.socket, host: str, context: Context) -> Seen:
    """Shake hands and look at the certificate. Raises OSError when the other side speaks no TLS. Closes the socket."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with raw:
        raw.settimeout(SOON)
        talk = context().wrap_bio(incoming, outgoing, server_hostname=host)
        try:
            _shake(talk, raw, incoming, outgoing)
        except ssl.SSLCertVerificationError as error:
            return Seen(_leaf(talk), getattr(error, "verify_code", -1) or -1)
        return Seen(_leaf(talk), 0, talk.version() or "")


def _shake(talk: ssl.SSLObject, raw: socket.socket, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
    while True:
        try:
            talk.do_handshake()
        except ssl.SSLWantReadError:
            raw.sendall(outgoing.read())
            got = raw.recv(_READ)
            if not got:
                incoming.write_eof()
            incoming.write(got)
        else:
            return


def _leaf(talk: ssl.SSLObject) -> Leaf:
    """Python shows the chain that was refused by a method that became public with 3.13."""
    inner: Any = getattr(talk, "_sslobj", talk)
    inner = getattr(inner, "_sslobj", inner)
    try:
        chain = inner.get_unverified_chain()
        found: dict[str, Any] = chain[0].get_info() if chain else {}
    except (AttributeError, ValueError, ssl.SSLError):
        found = {}
    issuer = {name: value for group in found.get("issuer", ()) for name, value in group}
    named = issuer.get("organizationName") or issuer.get("commonName") or ""
    return Leaf(str(named)[:_LONGEST_NAME], _until(found.get("notAfter", "")))


def _until(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
    except ValueError:
        return None
