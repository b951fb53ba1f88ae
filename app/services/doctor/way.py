"""The way to a gateway: its host and port, and the proxy in between; a socket to it, plain or through a tunnel."""

from __future__ import annotations

import base64
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import httpx

from app.services.doctor.computer import SOON, Computer
from app.sync.proxies import proxy_for

_MOST = 16 * 1024
#: One way to sign in that a proxy offers; several stand in as many lines.
_SCHEME = re.compile(rb"(?im)^proxy-authenticate:[ \t]*([a-z0-9-]{1,20})")


@dataclass(frozen=True)
class Way:
    """`proxy`: its address with name and password, never printed; empty for a straight way."""

    url: str
    proxy: str = field(default="", repr=False)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken on it."""
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        """The gateway's."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The gateway's."""
        return urlsplit(self.url).port or (443 if self.secure else 80)

    @property
    def proxy_host(self) -> str:
        """Host and port of the proxy, without name and password."""
        parts = urlsplit(self.proxy)
        return f"{parts.hostname}:{_port(self.proxy)}" if parts.hostname else ""


def way_to(gateway: str, wanted: str, computer: Computer) -> Way:
    """Return how a gateway is reached. `wanted`: what the policy says of proxies."""
    return Way(gateway, proxy_for(httpx.URL(gateway), wanted, computer.proxies))


class NoTunnel(OSError):
    """The proxy answered, but let nothing through; `status` as it said, 0 when it said nothing that makes sense.

    `schemes`: how it signs people in, such as *Negotiate*, in the order in which it offers that.
    """

    def __init__(self, status: int, schemes: tuple[str, ...] = ()) -> None:
        super().__init__(f"the proxy answered {status}")
        self.status = status
        self.schemes = schemes


class OtherProxy(OSError):
    """A proxy of a kind that is not spoken here."""


class ProxyByTls(OSError):
    """A proxy that is spoken to by TLS. Calls go through it; a tunnel that could be looked into is not made."""


def connected(way: Way, computer: Computer) -> socket.socket:
    """Return a socket to the gateway, through the proxy if there is one.

    Raises OSError, and of those NoTunnel, OtherProxy, ProxyByTls.
    """
    if not way.proxy:
        return computer.connect(way.host, way.port)
    parts = urlsplit(way.proxy)
    if parts.scheme == "https" and parts.hostname:
        raise ProxyByTls("a proxy behind TLS")
    if parts.scheme != "http" or not parts.hostname:
        raise OtherProxy("not a plain HTTP proxy")
    raw = computer.connect(parts.hostname, _port(way.proxy))
    try:
        raw.settimeout(SOON)
        raw.sendall(_asking(way))
        status, schemes = _answer(raw)
    except BaseException:
        raw.close()
        raise
    if status != 200:
        raw.close()
        raise NoTunnel(status, schemes)
    return raw


def _port(proxy: str) -> int:
    parts = urlsplit(proxy)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _asking(way: Way) -> bytes:
    where = f"[{way.host}]:{way.port}" if ":" in way.host else f"{way.host}:{way.port}"
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
    parts = urlsplit(way.proxy)
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(raw: socket.socket) -> tuple[int, tuple[str, ...]]:
    """Read the proxy's answer up to its empty line, byte by byte so that nothing of the tunnel is taken.

    Gives its status, and how it signs people in.
    """
    head = b""
    while not head.endswith(b"\r\n\r\n") and len(head) < _MOST:
        got = raw.recv(1)
        if not got:
            break
        head += got
    words = head.split(b"\r\n", 1)[0].split()
    known = len(words) >= 2 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    schemes = tuple(dict.fromkeys(found.decode() for found in _SCHEME.findall(head)))
    return (int(words[1]) if known else 0), schemes[:4]
