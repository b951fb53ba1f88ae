"""Calls of a system over HTTP: the one place where what goes wrong on the way becomes the port's own errors.

Nothing is tried again in here. Whether a write may be repeated is for the ledger to say, which looks for its mark
first; and what only reads is asked again with the next turn of its lane.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from gateway.clock import Clock
from gateway.crm.port import CrmBusy, CrmUnauthorised, CrmUnavailable

#: How far behind ours a clock is taken to be that has not been heard of yet: ahead of the system's it must not be.
_UNHEARD = timedelta(minutes=5)

#: Headers that go with every call: they carry the credentials.
Auth = Callable[[], Mapping[str, str]]

_LEAST_WHEN_LOCKED = 2.0
_USUAL_WHEN_BUSY = 10.0
_LONGEST_WAIT = 3_600.0


@dataclass(frozen=True)
class Answer:
    """What came back. `data`: the JSON, in which numbers with a fraction are text; None where there is none."""

    status: int
    data: Any
    headers: Mapping[str, str] = field(repr=False)

    @property
    def well(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300


class Caller:
    """One system's address, as `label` in what people read. Safe to use on any thread."""

    def __init__(
        self,
        base_url: str,
        label: str,
        clock: Clock,
        auth: Auth,
        *,
        transport: httpx.BaseTransport | None = None,
        seconds: float = 30.0,
        waits: Callable[[Answer], float | None] = lambda answer: None,
        speaks: Callable[[Answer], bool] = lambda answer: False,
    ) -> None:
        """`waits`: how long a refusal for too many calls asks to wait, where it says so in its own way.

        `speaks`: whether an answer is the system's own word, to be returned whatever its status is. Some use the
        statuses of proxies and of broken servers for what they say about a single row.
        """
        self._label = label
        self._clock = clock
        self._auth = auth
        self._waits = waits
        self._speaks = speaks
        self._behind = _UNHEARD
        #: Whether its clock is known: some answer has told it.
        self.answered = False
        timeout = httpx.Timeout(seconds, connect=min(10.0, seconds))
        # Redirects would carry the credentials along to wherever they lead.
        self._client = httpx.Client(
            base_url=base_url, timeout=timeout, transport=transport, follow_redirects=False
        )

    def now(self) -> datetime:
        """Return the system's clock, as its answers showed it: up to a second behind it, and never ahead.

        Before any answer, that is minutes behind ours.
        """
        return self._clock.now() - self._behind

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a call. Raises CrmBusy, CrmUnauthorised, CrmUnavailable; every other answer is the caller's to judge."""
        asked = {**self._auth(), **(headers or {})}
        try:
            answer = self._client.request(
                method, path, json=json, params=params, data=form, files=files, headers=asked
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Of what was asked, nothing is told: an address may carry secrets.
            raise CrmUnavailable(f"{self._label} cannot be reached ({type(error).__name__}).") from error
        return self._judged(answer)

    def _judged(self, response: httpx.Response) -> Answer:
        self._set_clock(response.headers.get("date", ""))
        answer = Answer(response.status_code, _data(response), response.headers)
        if self._speaks(answer):
            return answer
        match answer.status:
            case 429:
                raise CrmBusy(
                    f"{self._label} takes no more calls for now.", self._wait(answer, _USUAL_WHEN_BUSY)
                )
            case 423:
                wait = max(_LEAST_WHEN_LOCKED, self._wait(answer, _LEAST_WHEN_LOCKED))
                raise CrmUnavailable(f"{self._label} has locked what was asked for.", wait)
            case 401:
                raise CrmUnauthorised(f"{self._label} does not accept the credentials it was given (401).")
            case 403:
                raise CrmUnauthorised(
                    f"{self._label} knows the credentials, and they do not suffice for this (403): rights are missing."
                )
            case status if status >= 500 or 300 <= status < 400:
                raise CrmUnavailable(
                    f"{self._label} does not answer as it should ({status}).", self._wait(answer, 2.0)
                )
            case _:
                return answer

    def _wait(self, answer: Answer, usual: float) -> float:
        said = self._waits(answer)
        if said is None:
            with suppress(ValueError):
                said = float(answer.headers.get("retry-after", ""))
        return min(_LONGEST_WAIT, max(0.1, usual if said is None else said))

    def _set_clock(self, text: str) -> None:
        """A date tells the second in which it was written; taken for its beginning, the clock is never ahead."""
        with suppress(ValueError):
            at = parsedate_to_datetime(text)
            self._behind = self._clock.now() - (at if at.tzinfo else at.replace(tzinfo=UTC))
            self.answered = True


def _data(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content, parse_float=str) if response.content else None
    except (ValueError, RecursionError):
        return None
