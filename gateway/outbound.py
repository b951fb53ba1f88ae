"""The one way by which the gateway fetches an address that came from data: a document's link, a CRM's file address, an
issuer's keys.

Whoever can write such an address could otherwise have the gateway look around in the vendor's own network. So: https
alone, to public addresses alone. The name is resolved here, every address it has is judged, and the connection goes to
the very address that was judged (a name that points elsewhere a moment later changes nothing). Each redirect begins
anew. Hosts inside the vendor's network are reached when a person has named them in the settings.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Addresses of a name, as texts. Raises OSError when it has none.
Resolver = Callable[[str, int], Sequence[str]]

_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"https": 443, "http": 80}

#: What browsers take for an IPv4 address, among it 0x7f.1 and 2130706433: a last part that is a number.
_ENDS_IN_NUMBER = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_LABELS = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutboundRefused(Exception):
    """An address that is not fetched, or an answer that is not taken: it will be the same another time."""


class OutboundFailed(Exception):
    """It could not be reached, or did not answer in time: it may another time."""


@dataclass(frozen=True)
class Rules:
    """What may be fetched. `inside`: hosts, as `host` or `host:port`, that may be private and may lack TLS.

    `most`: bytes of an answer; `seconds`: from the first look to the last byte, over all redirects.
    """

    inside: frozenset[str] = frozenset()
    most: int = 50 * 1024 * 1024
    seconds: float = 30.0


@dataclass(frozen=True)
class Target:
    """An address in its parts, found to be one that may be looked up."""

    scheme: str
    host: str
    port: int
    inside: bool

    @property
    def named(self) -> str:
        """Host and port, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Fetched:
    """An answer. `url`: where it came from in the end."""

    status: int
    url: str
    media_type: str
    body: bytes


# ---------------------------------------------------------------------------------------------------------- judging


def target_of(url: str, rules: Rules) -> Target:
    """Take an address apart. Raises OutboundRefused for one that is not fetched, whatever its name stands for."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise OutboundRefused("The address has signs that no address has.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise OutboundRefused(f"This is no address: {error}.") from None
    if parts.scheme not in _PORTS:
        raise OutboundRefused("Only https is fetched.")
    if parts.username is not None or parts.password is not None:
        raise OutboundRefused("The address carries a name or password.")
    if not _is_host(host):
        raise OutboundRefused("The address names no host, or one in a form that is not taken.")
    port = _PORTS[parts.scheme] if port is None else port
    inside = host in rules.inside or f"{host}:{port}" in rules.inside
    if parts.scheme != "https" and not inside:
        raise OutboundRefused("Only https is fetched.")
    if port == 0:
        raise OutboundRefused("The address has no port.")
    return Target(parts.scheme, host, port, inside)


def _is_host(host: str) -> bool:
    literal = _literal(host)
    if literal is not None:
        return str(literal) == host and "%" not in host
    return _LABELS.fullmatch(host) is not None and not _ENDS_IN_NUMBER.fullmatch(host)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def judge(text: str, *, inside: bool) -> Address:
    """Return an address that may be connected to. Raises OutboundRefused."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise OutboundRefused("The name stands for no address.") from None
    for meant in _meant(address):
        never = meant.is_link_local or meant.is_multicast or meant.is_unspecified
        reserved = meant.is_reserved and not meant.is_loopback
        if never or reserved or not (inside or meant.is_global):
            raise OutboundRefused("The address leads into a network that is not public.")
    return address


def _meant(address: Address) -> Iterator[Address]:
    """An address, and the IPv4 addresses that are packed in it."""
    if isinstance(address, ipaddress.IPv6Address):
        packed = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            yield address.teredo[1]
        if address in _NAT64:
            packed = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if packed:
            yield packed
            return
    yield address


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return what the system knows of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(item[4][0]) for item in found))


# ---------------------------------------------------------------------------------------------------------- fetching


class Outbound:
    """Fetches by the rules. `verify`: whom to trust for TLS; the system's authorities by default."""

    def __init__(
        self,
        rules: Rules | None = None,
        resolver: Resolver = system_resolver,
        monotonic: Callable[[], float] = time.monotonic,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        self._rules = rules or Rules()
        self._resolver = resolver
        self._monotonic = monotonic
        self._verify = verify

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Read when it is needed: all the world's authorities take their time."""
        return self._verify or ssl.create_default_context()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """Fetch an address whole. `headers` go to its own host alone. Raises OutboundRefused, OutboundFailed."""
        with self.opened(url, headers) as (answer, pieces):
            body = b"".join(pieces)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(answer.status_code, str(answer.extensions["asked"]), kind, body)

    @contextmanager
    def opened(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[tuple[httpx.Response, Iterator[bytes]]]:
        """Open an address; its bytes come in pieces. Raises OutboundRefused, OutboundFailed, also while they come."""
        ends = self._monotonic() + self._rules.seconds
        first = target_of(url, self._rules)
        given = dict(headers or {})
        for _ in range(_MOST_REDIRECTS + 1):
            target = target_of(url, self._rules)
            same = (target.scheme, target.host, target.port) == (first.scheme, first.host, first.port)
            trusted = self._trusted if target.scheme == "https" else False
            # Settings of the environment could lead by a proxy, which would resolve the name once more.
            with httpx.Client(verify=trusted, trust_env=False, follow_redirects=False) as client:
                answer = self._asked(client, url, target, given if same else {}, ends)
                try:
                    if answer.status_code not in _REDIRECTS:
                        yield answer, self._pieces(answer, ends)
                        return
                    url = urljoin(url, answer.headers.get("location", ""))
                finally:
                    answer.close()
        raise OutboundRefused(f"It leads on more than {_MOST_REDIRECTS} times.")

    def _asked(
        self, client: httpx.Client, url: str, target: Target, headers: Mapping[str, str], ends: float
    ) -> httpx.Response:
        pinned = httpx.URL(url.partition("#")[0]).copy_with(host=str(self._address(target)), port=target.port)
        left = max(0.1, min(10.0, ends - self._monotonic()))
        request = client.build_request(
            "GET",
            pinned,
            headers={**headers, "Host": target.named, "Accept-Encoding": "identity"},
            extensions={"sni_hostname": target.host, "timeout": httpx.Timeout(left).as_dict()},
        )
        try:
            answer = client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OutboundFailed(f"{target.host} cannot be reached: {error}") from error
        answer.extensions["asked"] = url
        return answer

    def _address(self, target: Target) -> Address:
        """Where to connect: all addresses of the name are judged, so that it does not depend on which is tried."""
        if _literal(target.host) is not None:
            return judge(target.host, inside=target.inside)
        try:
            found = self._resolver(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise OutboundFailed(f"{target.host} is not known: {error}") from error
        judged = [judge(text, inside=target.inside) for text in found]
        if not judged:
            raise OutboundFailed(f"{target.host} has no address.")
        return judged[0]

    def _pieces(self, answer: httpx.Response, ends: float) -> Iterator[bytes]:
        if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise OutboundRefused("The answer is packed, and nobody asked for that.")
        taken = 0
        try:
            for piece in answer.iter_raw():
                taken += len(piece)
                if taken > self._rules.most:
                    raise OutboundRefused(f"The answer has more than {self._rules.most} bytes.")
                if self._monotonic() > ends:
                    raise OutboundFailed("The answer takes too long.")
                yield piece
        except httpx.HTTPError as error:
            raise OutboundFailed(f"The answer broke off: {error}") from error
