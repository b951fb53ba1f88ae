"""The session's tokens: kept inside the encrypted store, renewed by one caller at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.contract.errors import CounterpartError, RetryableError, SignInNeeded, WipeOrdered
from app.session.oauth import OAuth, TokenSet
from app.store.database import Store
from app.sync.clock import Clock

#: An access token is renewed this long before it ends, so that a call does not end in a 401 by a hair.
EARLY = timedelta(seconds=60)

_KEY = "session.tokens"

#: Where the refresh token of a session that was ended elsewhere is kept.
_FORMER_KEY = "session.former"


class Vault(Protocol):
    """Where tokens outlive the process."""

    def load(self) -> TokenSet | None:
        """Return the tokens, or None when nobody is signed in."""

    def save(self, tokens: TokenSet) -> None:
        """Keep the tokens, durably."""

    def clear(self, former: str = "") -> None:
        """Forget the tokens, but for the refresh token of a session that was ended elsewhere."""

    def former(self) -> str:
        """Return that refresh token, empty when there is none."""


class StoreVault:
    """Tokens in the encrypted store.

    Opens a store of its own for each call, since any thread may renew and a store belongs to one thread.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store

    def load(self) -> TokenSet | None:
        """Return the tokens, or None when nobody is signed in or they cannot be read."""
        text = self._get(_KEY)
        return _tokens(text) if text else None

    def save(self, tokens: TokenSet) -> None:
        """Keep the tokens."""
        kept = {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires_at": tokens.expires_at.isoformat(),
        }
        self._set(json.dumps(kept))

    def clear(self, former: str = "") -> None:
        """Forget the tokens, but for a former refresh token."""
        self._set("", former)

    def former(self) -> str:
        """Return the former refresh token."""
        return str(self._get(_FORMER_KEY) or "")

    def _get(self, key: str) -> Any:
        store = self._open_store()
        try:
            return store.settings.get(key)
        finally:
            store.close()

    def _set(self, text: str, former: str = "") -> None:
        store = self._open_store()
        try:
            with store.transaction():
                store.settings.put(_KEY, text)
                store.settings.put(_FORMER_KEY, former)
        finally:
            store.close()


def _tokens(text: str) -> TokenSet | None:
    try:
        kept = json.loads(text)
        return TokenSet(kept["access"], kept["refresh"], datetime.fromisoformat(kept["expires_at"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


class MemoryVault:
    """Tokens for as long as the process lives: between the browser's answer and the first look at who it is."""

    def __init__(self, tokens: TokenSet | None = None) -> None:
        self._tokens = tokens
        self._former = ""

    def load(self) -> TokenSet | None:
        """Return the tokens."""
        return self._tokens

    def save(self, tokens: TokenSet) -> None:
        """Keep the tokens."""
        self._tokens, self._former = tokens, ""

    def clear(self, former: str = "") -> None:
        """Forget the tokens, but for a former refresh token."""
        self._tokens, self._former = None, former

    def former(self) -> str:
        """Return the former refresh token."""
        return self._former


class Session:
    """Gives access tokens to the transport (its `Tokens`). Safe to use from several threads.

    Renewal is single-flight: whoever comes second waits and takes what the first one got. Refresh tokens rotate, and
    one that is older than the last but one looks like a theft. So the vault is looked at before a renewal (another
    process of this account may have renewed), and no refresh token is used before it is kept there.

    A session that was ended elsewhere leaves its last refresh token: it opens nothing any more, and is how this device
    hears of an order to destroy what it holds that is given later.
    """

    def __init__(self, vault: Vault, oauth: OAuth, clock: Clock) -> None:
        self._vault = vault
        self._oauth = oauth
        self._clock = clock
        self._lock = threading.Lock()
        #: What the vault held when it was last written or read here; `_current` differs while it could not be saved.
        self._kept = vault.load()
        self._current = self._kept

    @property
    def signed_in(self) -> bool:
        """Whether there are tokens; the gateway may still refuse them."""
        return self._current is not None

    def begin(self, tokens: TokenSet) -> None:
        """Take the tokens of a new sign-in."""
        with self._lock:
            self._keep(tokens)

    def access(self) -> str:
        """Return an access token that still holds for a while.

        Raises SignInNeeded, WipeOrdered when this device is to destroy what it holds, RetryableError kinds.
        """
        current = self._current
        if current is None:
            return self._asked_after().access
        return current.access if self._holds(current) else self.renew(current.access)

    def renew(self, refused: str) -> str:
        """Return another access token than `refused`.

        Raises SignInNeeded when the session has ended, RetryableError kinds, and LocalError kinds when the tokens
        cannot be kept; they are not lost then.
        """
        with self._lock:
            current = self._newest()
            if current.access == refused or not self._holds(current):
                try:
                    current = self._oauth.refresh(current.refresh)
                except WipeOrdered:
                    raise  # the tokens stay until all goes: should this be interrupted, they bring the order again
                except SignInNeeded:
                    self._forget(current.refresh)
                    raise
                self._keep(current)
            return current.access

    def end(self) -> bool:
        """Sign out: tell the gateway when it can be reached, and forget the tokens. Returns whether it was told."""
        with self._lock:
            current = self._current
            told = current is None
            if current is not None:
                try:
                    self._oauth.revoke(current.refresh)
                    told = True
                except CounterpartError:
                    told = False  # the tokens are destroyed here all the same, and end at the gateway by themselves
            self._forget()
            return told

    def _asked_after(self) -> TokenSet:
        """Ask with the token of a session that has ended what became of it.

        Returns tokens when it goes on after all, at a gateway that was set back. Raises SignInNeeded, WipeOrdered.
        """
        with self._lock:
            if self._current is not None:
                return self._current
            former = self._vault.former()
            if not former:
                raise SignInNeeded
            try:
                tokens = self._oauth.refresh(former)
            except RetryableError:
                raise SignInNeeded from None  # to a person it has ended, whether it can be asked after or not
            self._keep(tokens)
            return tokens

    def _holds(self, tokens: TokenSet) -> bool:
        return tokens.expires_at - EARLY > self._clock.now()

    def _newest(self) -> TokenSet:
        """Our tokens, kept; or those another process has put into the vault meanwhile."""
        if self._current is None:
            raise SignInNeeded
        stored = self._vault.load()
        if stored is not None and stored != self._kept:
            self._current = self._kept = stored
        elif self._current != self._kept:
            self._keep(self._current)
        return self._current

    def _keep(self, tokens: TokenSet) -> None:
        # First in memory: the ones before them are used up, whether these can be saved or not.
        self._current = tokens
        self._vault.save(tokens)
        self._kept = tokens

    def _forget(self, former: str = "") -> None:
        self._current = self._kept = None
        self._vault.clear(former)
