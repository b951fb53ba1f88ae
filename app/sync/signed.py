"""Calls with the access token; when that is refused, once more with another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import Protocol, TypeVar

import httpx

from app.contract.errors import SignInNeeded, WipeOrdered
from app.sync.wire import TIMEOUTS, Answer, Wire

Answered = TypeVar("Answered")


class Tokens(Protocol):
    """Where the access token comes from; the session implements it."""

    def access(self) -> str:
        """Return the access token. Raises SignInNeeded when there is none."""

    def renew(self, refused: str) -> str:
        """Return another token than the one that was refused. Raises SignInNeeded, RetryableError."""


class Signed:
    """One user's calls to one gateway. Safe to use from several threads."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        self._wire = wire
        self._tokens = tokens
        self._confirmed_at: datetime | None = None

    @property
    def confirmed_at(self) -> datetime | None:
        """When the gateway last answered a call and knew who called, by this computer's clock; None: not yet."""
        return self._confirmed_at

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Read. Raises contract errors only."""
        return self.call("GET", path, params=params, headers=headers)

    def post(self, path: str, content: bytes) -> Answer:
        """Send JSON. Raises contract errors only."""
        return self.call("POST", path, headers={"Content-Type": "application/json"}, content=content)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Make one call and read its whole answer. Raises contract errors only."""

        def made(token: str) -> Answer:
            return self._wire.call(
                method, path, params=params, headers={**(headers or {}), **_bearer(token)}, content=content
            )

        return self._with_token(made)

    @contextmanager
    def stream(
        self, method: str, path: str, headers: Mapping[str, str], timeout: httpx.Timeout = TIMEOUTS
    ) -> Iterator[httpx.Response]:
        """Make one call and hand out the answer unread. Raises contract errors only, also while it is read."""

        def opened(token: str) -> AbstractContextManager[httpx.Response]:
            return self._wire.stream(method, path, headers={**headers, **_bearer(token)}, timeout=timeout)

        with ExitStack() as stack:
            yield self._with_token(lambda token: stack.enter_context(opened(token)))

    def _with_token(self, call: Callable[[str], Answered]) -> Answered:
        token = self._tokens.access()
        try:
            answered = call(token)
        except WipeOrdered:
            raise  # that is no matter of which token it was
        except SignInNeeded:
            answered = call(self._tokens.renew(token))
        self._confirmed_at = self._wire.clock.now()
        return answered


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
