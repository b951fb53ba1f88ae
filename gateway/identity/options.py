"""How people may sign in to one gateway, as settings say it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True)
class OidcOptions:
    """An OpenID Connect issuer that says who somebody is.

    `label`: its name on the sign-in page. `only`: there are no passwords. `trust_email`: its addresses count as
    verified although it does not say so. `transport`: how it is reached, None for the network.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    label: str = "your organisation"
    only: bool = False
    trust_email: bool = False
    transport: httpx.BaseTransport | None = None


@dataclass(frozen=True)
class Options:
    """`public_url`: where people's browsers find this gateway, empty for the address a request came to."""

    public_url: str = ""
    device_code: bool = False
    oidc: OidcOptions | None = None

    @property
    def passwords(self) -> bool:
        """Whether people may sign in with a password."""
        return self.oidc is None or not self.oidc.only
