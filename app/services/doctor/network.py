"""The way to the gateway, step by step: the proxy, the name, the certificate. Nobody has to be signed in."""

from __future__ import annotations

import socket
import ssl
from datetime import datetime, timedelta

from app.contract.said import said
from app.services.doctor.certificate import (
    EXPIRED,
    NOT_YET,
    OTHER_NAME,
    Context,
    Leaf,
    Seen,
    look,
    of_everybody,
    of_the_system,
)
from app.services.doctor.computer import Computer
from app.services.doctor.finding import Check, Fact, Finding, State
from app.services.doctor.way import NoTunnel, OtherProxy, ProxyByTls, Way, connected
from app.sync.proxies import SYSTEM

#: A certificate that ends within this time is told while there is time to renew it.
_SOON = timedelta(days=14)
_OFFLINE = said("Check the network cable or Wi-Fi. Counterpart works on offline, and goes on by itself.")
_ASK_IT = said("Ask your IT department.")


def proxy(way: Way, wanted: str, computer: Computer) -> Finding:
    """Which proxy the gateway is reached through, and whether it lets the connection through."""
    by_policy = wanted != SYSTEM
    facts: dict[str, Fact] = {"used": bool(way.proxy), "proxy": way.proxy_host, "by_policy": by_policy}
    if not way.proxy:
        return _no_proxy(way, wanted, computer, facts)
    try:
        connected(way, computer).close()
    except NoTunnel as error:
        return _refusing_proxy(way, error, {**facts, "status": error.status})
    except ProxyByTls:
        what = said(
            "The gateway is reached through {proxy}, which is spoken to by TLS.", proxy=way.proxy_host
        )
        mend = said("Whether it lets the gateway through shows under “Gateway”.")
        return _proxy_found(way, State.UNKNOWN, what, mend, facts)
    except OSError as error:
        return _missing_proxy(way, error, facts, by_policy=by_policy)
    what = said(
        "The gateway is reached through {proxy}, which lets the connection through.", proxy=way.proxy_host
    )
    return _proxy_found(way, State.OK, what, "", facts)


def _missing_proxy(way: Way, error: OSError, facts: dict[str, Fact], *, by_policy: bool) -> Finding:
    """It cannot be spoken to at all. Who set it can mend it: the organisation, or whoever owns the system."""
    named = way.proxy_host or "?"
    mend = said("In another network, turn the proxy off in the system.")
    if by_policy:
        mend = said("Your organisation set it (Proxy). Have IT correct it, or set it to “system”.")
    match error:
        case OtherProxy():
            what = said("The proxy {proxy} is of a kind that cannot be used.", proxy=named)
            mend = said("It has to be a plain HTTP proxy, such as http://proxy.example:8080.")
        case socket.gaierror():
            what = said("The proxy {proxy} is not known in this network.", proxy=named)
        case _:
            what = said("The proxy {proxy} does not answer.", proxy=named)
    return _proxy_found(way, State.BAD, what, mend, facts)


def _no_proxy(way: Way, wanted: str, computer: Computer, facts: dict[str, Fact]) -> Finding:
    script = wanted == SYSTEM and computer.script()
    facts["script"] = script
    if script:
        return _proxy_found(
            way,
            State.WARN,
            said("This computer finds its proxy by a script (PAC), which Counterpart does not run."),
            said("If the gateway is not reached, have IT set a proxy’s address by policy, or in the system."),
            facts,
        )
    return _proxy_found(way, State.OK, said("None is used: the gateway is called directly."), "", facts)


def _refusing_proxy(way: Way, error: NoTunnel, facts: dict[str, Fact]) -> Finding:
    named = way.proxy_host
    schemes = ", ".join(error.schemes)
    if error.status == 407 and schemes and "basic" not in schemes.lower().split(", "):
        what = said(
            "The proxy {proxy} signs people in by {schemes}, which is not spoken here.",
            proxy=named,
            schemes=schemes,
        )
        mend = said("Have IT let the gateway through without a sign-in; no password helps.")
        return _proxy_found(way, State.BAD, what, mend, {**facts, "schemes": schemes})
    if error.status == 407:
        return _proxy_found(
            way,
            State.BAD,
            said(
                "The proxy {proxy} wants a name and a password, or refused those it was given.", proxy=named
            ),
            said("Set them in the proxy’s address, or have IT let the gateway through without."),
            facts,
        )
    what = said("The proxy {proxy} answers, but does not let the gateway through.", proxy=named)
    return _proxy_found(way, State.BAD, what, said("Have IT allow {host}.", host=way.host), facts)


def _proxy_found(way: Way, state: State, what: str, mend: str, facts: dict[str, Fact]) -> Finding:
    return Finding(Check.PROXY, state, what, mend, way.host, facts)


def name(way: Way, computer: Computer) -> Finding:
    """Whether the gateway's name is known here."""
    try:
        count = computer.resolve(way.host, way.port)
    except (OSError, UnicodeError):
        if way.proxy:
            what = said("{host} is not known here; the proxy looks it up.", host=way.host)
            return Finding(Check.DNS, State.OK, what, "", way.host, {"addresses": 0, "by_proxy": True})
        return Finding(
            Check.DNS,
            State.BAD,
            said("The name {host} is not known here, or there is no network.", host=way.host),
            said("Check the address and the network. Some gateways are known only inside a VPN."),
            way.host,
            {"addresses": 0, "by_proxy": False},
        )
    what = said("{host} is known here.", host=way.host)
    return Finding(Check.DNS, State.OK, what, "", way.host, {"addresses": count, "by_proxy": bool(way.proxy)})


def certificate(
    way: Way,
    computer: Computer,
    now: datetime,
    trusted: Context = of_the_system,
    public: Context = of_everybody,
) -> Finding:
    """Whether this computer trusts the gateway's certificate, and who vouches for it."""
    if not way.secure:
        what = said("None: the gateway is on this computer.")
        return Finding(Check.CERTIFICATE, State.OK, what, "", way.host, {"tls": False})
    try:
        seen = look(connected(way, computer), way.host, trusted)
    except ssl.SSLError:
        return _certificate(
            way,
            State.BAD,
            said("What answers at {host} does not speak TLS.", host=way.host),
            said(
                "Something stands in between, such as a network’s sign-in page. Open a web page and sign in there."
            ),
        )
    except (NoTunnel, OtherProxy):
        return _certificate(
            way, State.UNKNOWN, said("It could not be seen: the proxy lets nothing through."), ""
        )
    except ProxyByTls:
        return _certificate(way, State.UNKNOWN, said("It could not be seen through this proxy."), "")
    except (OSError, ValueError):
        # Through a proxy it is the proxy that is not there, and told of as that.
        mend = "" if way.proxy else _OFFLINE
        return _certificate(way, State.UNKNOWN, said("It could not be seen: no connection."), mend)
    facts = _facts(seen)
    if not seen.trusted:
        return _refused(way, seen, facts)
    ends_soon = seen.leaf.until is not None and seen.leaf.until - now < _SOON
    if _is_private(way, computer, public):
        facts["private_authority"] = True
        return _certificate(
            way,
            State.WARN if ends_soon else State.OK,
            said(
                "Trusted. “{issuer}” vouches for it, an authority added to this computer; its network may read along.",
                issuer=_named(seen.leaf),
            ),
            "",
            facts,
        )
    facts["private_authority"] = False
    what = said("Trusted; “{issuer}” vouches for it.", issuer=_named(seen.leaf))
    if ends_soon and seen.leaf.until is not None:
        ends = said("It ends on {day}. Tell the vendor.", day=seen.leaf.until.date())
        return _certificate(way, State.WARN, what, ends, facts)
    return _certificate(way, State.OK, what, "", facts)


def _refused(way: Way, seen: Seen, facts: dict[str, Fact]) -> Finding:
    issuer = _named(seen.leaf)
    keep = said("Nothing was sent. The check cannot be turned off.")
    if seen.code in (EXPIRED, NOT_YET):
        what = said("It does not hold today by this computer’s clock.")
        return _certificate(
            way, State.BAD, what, said("Set the clock if it is wrong; else tell the vendor."), facts
        )
    if seen.code in OTHER_NAME:
        what = said("It is for another name than {host}.", host=way.host)
        mend = said("Check the address. In a foreign network, sign in to that first.")
        return _certificate(way, State.BAD, what, mend, facts)
    if seen.unknown_issuer:
        return _certificate(
            way,
            State.BAD,
            said("“{issuer}” vouches for it, whom this computer does not trust.", issuer=issuer),
            said(
                "If that is your organisation, have IT install its authority on this computer. {keep}",
                keep=keep,
            ),
            facts,
        )
    return _certificate(way, State.BAD, said("It is not trusted. {keep}", keep=keep), _ASK_IT, facts)


def _is_private(way: Way, computer: Computer, public: Context) -> bool:
    """Whether only this computer trusts it, and not every browser: an authority that was installed here."""
    try:
        return not look(connected(way, computer), way.host, public).trusted
    except (OSError, ValueError):
        return False


def _named(leaf: Leaf) -> str:
    return leaf.issuer or "?"


def _facts(seen: Seen) -> dict[str, Fact]:
    until = seen.leaf.until.date().isoformat() if seen.leaf.until else None
    return {
        "tls": True,
        "trusted": seen.trusted,
        "reason": seen.code,
        "issuer": seen.leaf.issuer,
        "until": until,
        "version": seen.version,
    }


def _certificate(
    way: Way, state: State, what: str, mend: str, facts: dict[str, Fact] | None = None
) -> Finding:
    return Finding(Check.CERTIFICATE, state, what, mend, way.host, facts or {"tls": way.secure})
