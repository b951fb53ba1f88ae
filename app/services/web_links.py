"""Addresses that came from the vendor's system and may be handed to the desktop: https and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

_LONGEST = 2_000


def safe_address(value: Any) -> str:
    """Return the address with its scheme when it may be opened, an empty string otherwise.

    Only https to a named host, without a user name or password in it; *carrier.example/track* counts as https.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > _LONGEST or any(char.isspace() or not char.isprintable() for char in text):
        return ""
    if "\\" in text:
        return ""
    whole = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(whole)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or not host or "." not in host or "@" in parts.netloc:
        return ""
    return whole


def host_of(address: str) -> str:
    """Return the host an address leads to, for the tip of its button."""
    return urlsplit(address).hostname or ""
