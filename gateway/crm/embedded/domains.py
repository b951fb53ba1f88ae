"""One spelling for a customer's web address, so that two registrations of the same customer meet."""

from __future__ import annotations


def domain_key(address: str) -> str:
    """Return the bare lower-case host of an address, so `https://www.Kestrel.example/x` gives `kestrel.example`."""
    host = address.strip().lower().partition("://")[2] or address.strip().lower()
    host = host.split("/", 1)[0].split(":", 1)[0].rstrip(".")
    return host.removeprefix("www.")
