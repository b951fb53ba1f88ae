"""Bytes behind addresses that a system hands out: signed ones, which let in whoever holds them.

Such an address is data. It is fetched by the gateway's one way out, without the system's credentials, and told to
nobody.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from gateway.crm.port import CrmMissing, CrmUnavailable
from gateway.outbound import Outbound, OutboundFailed, OutboundRefused, Rules

_MOST = 64 * 1024 * 1024
_SECONDS = 60.0
#: Seconds after which another address is asked for, when one is not taken.
_LATER = 600.0


class Elsewhere:
    """What lies behind addresses of one system, as `label` in what people read."""

    def __init__(self, label: str, own: str, outbound: Outbound | None = None) -> None:
        """`own`: the system's own address, which somebody has named in the settings: it may be inside."""
        self._label = label
        inside = frozenset({urlsplit(own).netloc})
        self._outbound = outbound or Outbound(Rules(inside=inside, most=_MOST, seconds=_SECONDS))

    def read(self, url: str) -> bytes:
        """Return the bytes behind an address. Raises CrmMissing, CrmUnavailable."""
        try:
            found = self._outbound.get(url)
        except OutboundRefused as error:
            raise CrmUnavailable(
                f"{self._label} names an address that is not fetched. {error}", _LATER
            ) from None
        except OutboundFailed as error:
            raise CrmUnavailable(f"{self._label} names an address that cannot be read. {error}") from None
        match found.status:
            case 200:
                return found.body
            case 404 | 410:
                raise CrmMissing("The file is not there any more.")
            case status:
                raise CrmUnavailable(f"{self._label} does not give the file ({status}).")

    def read_json(self, url: str) -> Any:
        """Return the JSON behind an address, None where it is none. Raises as `read` does."""
        try:
            return json.loads(self.read(url), parse_float=str)
        except (ValueError, RecursionError):
            return None
