"""How the gateway signs in: with a Service Key, or as an app with tokens that end and are renewed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Protocol

from pydantic import SecretStr

from gateway.clock import Clock
from gateway.crm.calling import Answer
from gateway.crm.port import CrmUnauthorised, CrmUnavailable

#: A token is renewed so long before it ends, so that none ends on the way.
_EARLY = timedelta(minutes=1)

#: Hands in a form for a token.
Exchange = Callable[[Mapping[str, str]], Answer]


class Access(Protocol):
    """What goes with each call."""

    def headers(self) -> Mapping[str, str]:
        """Return the header that signs in. Raises CrmUnavailable."""

    def renew(self) -> bool:
        """Take what is held for ended. Tells whether the next `headers` will bring something new."""


class ServiceKey:
    """A key that somebody has made in the account and can take back."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def headers(self) -> Mapping[str, str]:
        """Return the key."""
        return {"Authorization": f"Bearer {self._key.get_secret_value()}"}

    def renew(self) -> bool:
        """There is no other one."""
        return False


class AppTokens:
    """Access tokens of an app, kept in memory only. Safe to use on any thread."""

    def __init__(
        self, clock: Clock, exchange: Exchange, label: str, form: Mapping[str, SecretStr | str]
    ) -> None:
        """`form`: what is handed in for a token: client id and secret, grant, and what goes with that."""
        self._clock = clock
        self._exchange = exchange
        self._label = label
        self._form = dict(form)
        self._token: SecretStr | None = None
        self._ends: datetime | None = None
        self._lock = Lock()

    def headers(self) -> Mapping[str, str]:
        """Return a token that is good for a while."""
        with self._lock:
            if self._token is None or self._ends is None or self._clock.now() >= self._ends - _EARLY:
                self._take()
            assert self._token is not None
            return {"Authorization": f"Bearer {self._token.get_secret_value()}"}

    def renew(self) -> bool:
        """Forget the token."""
        with self._lock:
            self._token = None
        return True

    def _take(self) -> None:
        form = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in self._form.items()
        }
        answer = self._exchange(form)
        given: Any = answer.data if isinstance(answer.data, dict) else {}
        if not answer.well:
            raise CrmUnauthorised(
                f"{self._label} gives the app no token ({answer.status}): check its client id, client secret and "
                "refresh token, and that the app is still installed."
            )
        if not isinstance(given.get("access_token"), str):
            raise CrmUnavailable(f"{self._label} gave a token that cannot be read.")
        self._token = SecretStr(given["access_token"])
        self._ends = self._clock.now() + timedelta(seconds=int(given.get("expires_in") or 0))
        if "refresh_token" in self._form and given.get("refresh_token"):
            self._form["refresh_token"] = SecretStr(str(given["refresh_token"]))
