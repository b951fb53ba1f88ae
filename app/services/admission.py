"""What this computer's organisation lets in: which gateways, and by which way.

Every connection to a gateway is made here, and every account is opened past here, so that neither the window nor the
command line nor a link comes in by another door.
"""

from __future__ import annotations

import httpx

from app.contract.errors import LocalError, Refused
from app.contract.said import said
from app.session.accounts import gateway_url
from app.session.policy.schema import Managed
from app.sync.settings import EngineSettings
from app.sync.wire import system_client

_MB = 1_000_000
#: More than so many are not a choice on one card; then the address is written, and looked up among them.
_MOST_OFFERED = 5


class PolicyUnclear(LocalError):
    """What the organisation set may restrict this computer, and cannot be understood: nothing is opened."""

    def __init__(self, managed: Managed) -> None:
        super().__init__(
            said(
                "What your organisation set for this computer cannot be understood, so Counterpart stays closed."
            ),
            kept=said("Everything on this computer is kept as it is."),
            next_step=said("Ask your IT department to mend it: {problem}", problem=managed.blocking[0]),
        )
        self.problems = managed.blocking


class GatewayNotAllowed(Refused):
    """The organisation allows other gateways, not this one."""

    def __init__(self, gateway: str, allowed: tuple[str, ...]) -> None:
        cause = said("Your organisation does not allow {gateway} on this computer.", gateway=gateway)
        super().__init__(
            cause,
            kept=said("What is on this computer is kept as it is, closed."),
            next_step=said(
                "Allowed is: {allowed}. Ask your IT department about others.", allowed=", ".join(allowed)
            ),
            code="gateway_not_allowed",
            fields={"gateway": cause},
        )


class KioskOnly(Refused):
    """This computer is a kiosk: one works here in front of its screen, and no other way leads in or out."""

    def __init__(self) -> None:
        super().__init__(
            said("This computer is a kiosk, where Counterpart is used at its screen alone."),
            kept=said("Nothing was changed."),
            next_step=said("Use it there, or on a computer of your own."),
            code="kiosk_only",
        )


def expect_no_kiosk(managed: Managed) -> None:
    """Raise KioskOnly where policy makes this computer a kiosk, which has ways of its own to let somebody in."""
    if managed.policy.kiosk:
        raise KioskOnly


def expect_clear(managed: Managed) -> None:
    """Raise PolicyUnclear while what may restrict this computer is not understood."""
    if managed.blocking:
        raise PolicyUnclear(managed)


def allowed_gateways(managed: Managed) -> tuple[str, ...]:
    """Return the only gateways this computer may speak to; none named: any.

    A gateway that is forced is the only one, unless more are allowed by name.
    """
    policy = managed.policy
    if policy.allowed_gateways:
        return policy.allowed_gateways
    return (policy.gateway_address,) if policy.gateway_address and managed.forces("gateway_address") else ()


def offered_gateways(managed: Managed) -> tuple[str, ...]:
    """Return the gateways that are offered in place of a field for an address; none: the user writes one."""
    policy = managed.policy
    if policy.gateway_address and managed.forces("gateway_address"):
        return (policy.gateway_address,)
    return policy.allowed_gateways if len(policy.allowed_gateways) <= _MOST_OFFERED else ()


def admitted(managed: Managed, gateway: str) -> str:
    """Return a gateway's address in its one form.

    Raises PolicyUnclear, GatewayNotAllowed, and Refused for what is no address.
    """
    expect_clear(managed)
    address, allowed = gateway_url(gateway), allowed_gateways(managed)
    if allowed and address not in allowed:
        raise GatewayNotAllowed(address, allowed)
    return address


def gateway_client(managed: Managed, gateway: str) -> httpx.Client:
    """Return a client for a gateway. Raises PolicyUnclear, GatewayNotAllowed."""
    return system_client(admitted(managed, gateway), managed.policy.proxy)


def engine_settings(managed: Managed) -> EngineSettings:
    """Return what the organisation says of how the engine works."""
    quota = managed.policy.document_quota_mb
    if quota is None:
        return EngineSettings()
    return EngineSettings(quota=quota * _MB, quota_is_forced=managed.forces("document_quota_mb"))
