"""Which way a call goes: through the proxy this computer is set to, through one that was set for us, or straight.

The system's own setting is asked anew with each call, since a laptop comes into other networks while the app is open.
It is environment variables where there are any, else the registry on Windows and the network settings on macOS, each
with its list of hosts that are reached without a proxy. A proxy with a sign-in has its name and password in its
address. An automatic configuration script (PAC) is not run: that is a program in JavaScript out of the network.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from typing import Protocol
from urllib.request import getproxies, proxy_bypass

import httpx

#: What a policy may say instead of an address.
SYSTEM, NONE = "system", "none"

#: Nothing on this computer is reached through a proxy.
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SystemProxies(Protocol):
    """How this computer is set."""

    def proxies(self) -> Mapping[str, str]:
        """Proxies by the scheme of what is called, or `all`."""

    def bypassed(self, host: str) -> bool:
        """Whether a host is reached without one."""


class ThisComputer:
    """Environment, registry or network settings, as the standard library reads them."""

    def proxies(self) -> Mapping[str, str]:
        """Proxies by scheme."""
        return getproxies()

    def bypassed(self, host: str) -> bool:
        """Whether a host is on the list of exceptions."""
        return bool(proxy_bypass(host))


def proxy_for(url: httpx.URL, wanted: str, system: SystemProxies) -> str:
    """Return the address of the proxy a call goes through, with name and password if it has them; empty: none.

    `wanted`: `system`, `none`, or an address.
    """
    if url.host in _LOOPBACK or wanted == NONE:
        return ""
    if wanted != SYSTEM:
        return wanted
    found = system.proxies()
    proxy = found.get(url.scheme) or found.get("all") or ""
    host = f"{url.host}:{url.port}" if url.port else url.host
    if not proxy or system.bypassed(host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def without_password(proxy: str) -> str:
    """Return a proxy's address as it may be shown."""
    scheme, between, rest = proxy.rpartition("://")
    return f"{scheme}{between}{rest.rpartition('@')[2]}"


class ByProxy(httpx.BaseTransport):
    """Sends each call the way it has to go; connections are kept for each way. Safe to use from several threads."""

    def __init__(
        self, trusted: ssl.SSLContext, wanted: str = SYSTEM, system: SystemProxies | None = None
    ) -> None:
        """`trusted`: whose certificates are believed, of the gateway and of a proxy that is reached by https."""
        self._trusted = trusted
        self._wanted = wanted
        self._system = system or ThisComputer()
        self._ways: dict[str, httpx.BaseTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one call. Raises ProxyError for a proxy of a kind that cannot be used, and for one that is not there."""
        proxy = proxy_for(request.url, self._wanted, self._system)
        try:
            return self._way(proxy).handle_request(request)
        except httpx.ConnectError as error:
            if not proxy:
                raise
            # Else it would be told of the gateway, which nobody has spoken to yet.
            raise httpx.ProxyError("unreachable proxy", request=request) from error

    def _way(self, proxy: str) -> httpx.BaseTransport:
        with self._lock:
            if proxy not in self._ways:
                self._ways[proxy] = self._opened(proxy)
            return self._ways[proxy]

    def _opened(self, proxy: str) -> httpx.BaseTransport:
        if not proxy:
            return httpx.HTTPTransport(verify=self._trusted, trust_env=False)
        try:
            through = httpx.Proxy(proxy, ssl_context=self._trusted if proxy.startswith("https:") else None)
            return httpx.HTTPTransport(verify=self._trusted, trust_env=False, proxy=through)
        except (ValueError, ImportError, httpx.InvalidURL):
            # Neither its address nor what was raised is passed on: there may be a password in it.
            raise httpx.ProxyError("unusable proxy") from None

    def close(self) -> None:
        """Give up all connections."""
        with self._lock:
            ways, self._ways = [*self._ways.values()], {}
        for way in ways:
            way.close()
