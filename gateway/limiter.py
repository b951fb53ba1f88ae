"""How much each device and each partner may ask of one process, and whom a token stood for the last time.

Buckets are kept in the process: a process of several allows its share (`processes` in the settings). A bucket in the
database would be a write transaction with each request, which costs more than most requests do.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from threading import Lock

from gateway.callers import Note
from gateway.problems import Problem
from gateway.rates import Buckets, Rates

#: Tokens whose callers are remembered.
_TOKENS = 20_000


#: Whoever is held up waits until so many requests may be made, or as many as are given at once. A client's round takes
#: several: told to come back for each one alone, it would begin its round again and again and never finish it.
_ROUND = 20.0


@dataclass(frozen=True, slots=True)
class Party:
    """Who is charged: keys of a device and of a partner, empty where there is none."""

    device: str = ""
    partner: str = ""


class Limiter:
    """Says how long a caller has to wait. May be called on any thread.

    A caller is known by their token from its first request on: that one is charged, not held up.
    """

    def __init__(self, rates: Rates, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._lock = Lock()
        self._parties: OrderedDict[bytes, Party] = OrderedDict()
        kinds = {"requests": rates.requests, "mutations": rates.mutations, "bytes": rates.bytes}
        self._device = {kind: Buckets(rate) for kind, rate in kinds.items()}
        self._partner = {kind: Buckets(rate.times(rates.partner)) for kind, rate in kinds.items()}
        self._unknown = Buckets(rates.unknown)

    def party(self, token: str) -> Party | None:
        """Return whom a token stood for the last time, None for one that has not been seen to be good."""
        with self._lock:
            return self._parties.get(_digest(token))

    def remember(self, token: str, note: Note) -> Party:
        """Keep whom a token stands for."""
        party = Party(f"{note.user}\n{note.device}", "\n".join(note.companies))
        with self._lock:
            self._parties[_digest(token)] = party
            if len(self._parties) > _TOKENS:
                self._parties.popitem(last=False)
        return party

    def take_request(self, party: Party | None, address: str) -> tuple[str, float]:
        """Take one request. Returns which limit holds it up, and for how many seconds; nothing is taken then."""
        now = self._now()
        with self._lock:
            if party is None:
                key = network(address)
                wait = self._unknown.wait(key, now)
                if wait:
                    return "unknown", self._unknown.wait(key, now, _ROUND)
                self._unknown.take(key, now)
                return "", 0.0
            for kind in ("requests", "bytes"):
                limit, wait = self._wait(kind, party, now)
                if wait:
                    return limit, self._wait(kind, party, now, _ROUND)[1] if kind == "requests" else wait
            self._take("requests", party, now, 1)
        return "", 0.0

    def charge(self, kind: str, party: Party, amount: float) -> None:
        """Take what is only known afterwards; it may leave a debt."""
        with self._lock:
            self._take(kind, party, self._now(), amount)

    def check(self, kind: str, party: Party, amount: float) -> tuple[str, float]:
        """Return which limit holds this up, and for how many seconds; nothing is taken."""
        with self._lock:
            return self._wait(kind, party, self._now(), amount)

    def _wait(self, kind: str, party: Party, now: float, amount: float = 1.0) -> tuple[str, float]:
        for who, key, buckets in (
            ("device", party.device, self._device),
            ("partner", party.partner, self._partner),
        ):
            wait = buckets[kind].wait(key, now, amount) if key else 0.0
            if wait:
                return f"{who}_{kind}", wait
        return "", 0.0

    def _take(self, kind: str, party: Party, now: float, amount: float) -> None:
        for key, buckets in ((party.device, self._device), (party.partner, self._partner)):
            if key:
                buckets[kind].take(key, now, amount)


def too_much(limit: str, wait: float) -> Problem:
    """429, with the seconds to wait."""
    who = "Your company's devices ask" if limit.startswith("partner") else "This device asks"
    return Problem(
        429, "rate", f"{who} for more than the gateway gives; it goes on by itself.", retry_after=wait
    )


def network(address: str) -> str:
    """Return what an address is counted under: itself, or the network of 64 bits that a host of IPv6 has to itself."""
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped) if mapped else str(ip_network(f"{found}/64", strict=False))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
