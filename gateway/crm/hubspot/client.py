"""Calls of HubSpot's API: paths, credentials, and how many calls are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from gateway.clock import Clock
from gateway.crm.budget import Priority, present_priority
from gateway.crm.calling import Answer, Caller
from gateway.crm.hubspot.allowance import Allowance
from gateway.crm.hubspot.auth import Access
from gateway.crm.hubspot.text import words
from gateway.crm.hubspot.types import VERSION
from gateway.crm.port import CrmUnauthorised, CrmUnavailable

#: Seconds to wait by the name of the limit that was met, where no header says so.
_WAITS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0, "DAILY": 3_600.0}


def policy_wait(answer: Answer) -> float | None:
    """Return how long a refusal for too many calls asks to wait."""
    if answer.headers.get("retry-after") or not isinstance(answer.data, dict):
        return None
    return _WAITS.get(str(answer.data.get("policyName", "")).upper())


class Client:
    """One account, called as `label`. Safe to use on any thread."""

    def __init__(
        self,
        label: str,
        clock: Clock,
        access: Access,
        allowance: Allowance,
        *,
        base_url: str,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.label = label
        self._access = access
        self._allowance = allowance
        self._caller = Caller(base_url, label, clock, access.headers, transport=transport, waits=policy_wait)

    def now(self) -> datetime:
        """Return HubSpot's clock. Any answer tells it, a refusal too; where there was none yet, one is asked for."""
        if not self._caller.answered:
            with suppress(CrmUnavailable):
                self.get(path_to("crm", "owners", VERSION), {"limit": 1})
        return self._caller.now()

    def close(self) -> None:
        """Give up the connections."""
        self._caller.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read something. Raises CrmUnavailable."""
        return self._call(present_priority(), "GET", path, params=params)

    def ask(self, path: str, json: Any, params: Mapping[str, Any] | None = None) -> Answer:
        """Read something for which the question is too long for an address. Raises CrmUnavailable."""
        return self._call(present_priority(), "POST", path, json=json, params=params)

    def write(
        self, method: str, path: str, json: Any = None, files: Mapping[str, Any] | None = None
    ) -> Answer:
        """Change something. Raises CrmUnavailable: whether it was changed is then not known."""
        return self._call(Priority.WRITE, method, path, json=json, files=files)

    def _call(self, priority: Priority, method: str, path: str, **members: Any) -> Answer:
        self._allowance.check(priority, search=path.endswith("/search"))
        self._access.headers()  # what keeps an app from getting a token is told as it is
        try:
            answer = self._caller.call(method, path, **members)
        except CrmUnauthorised:
            # A call that was not let in has done nothing: it may be made again with a token that has not ended.
            if not self._access.renew():
                raise self._not_let_in() from None
            self._access.headers()
            try:
                answer = self._caller.call(method, path, **members)
            except CrmUnauthorised:
                raise self._not_let_in() from None
        self._allowance.note(answer.headers)
        return answer

    def _not_let_in(self) -> CrmUnauthorised:
        return CrmUnauthorised(
            f"{self.label} does not accept the credentials it was given: check the service key, or the app's tokens, "
            "and that they have the scopes of everything that is mapped."
        )

    def unexpected(self, answer: Answer) -> CrmUnavailable:
        """Return what to raise for an answer to a question that should have worked."""
        said = words(answer.data.get("message")) if isinstance(answer.data, dict) else ""
        return CrmUnavailable(
            f"{self.label} does not answer as it should ({answer.status}). {said}".strip(), 30.0
        )


def objects_path(obj: str, *more: str) -> str:
    """Return a path below the records of an object."""
    return _path("crm", "objects", VERSION, obj, *more)


def links_path(origin: str, target: str, *more: str) -> str:
    """Return a path below the links between two objects."""
    return _path("crm", "associations", VERSION, origin, target, *more)


def schema_path(part: str, obj: str, *more: str) -> str:
    """Return a path below `properties` or `pipelines` of an object."""
    return _path("crm", part, VERSION, obj, *more)


def path_to(*parts: str) -> str:
    """Return any other path."""
    return _path(*parts)


def _path(*parts: str) -> str:
    return "/" + "/".join(quote(part, safe="") for part in parts)


def results(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """Return the results of an answer that holds some."""
    found = answer.data.get("results") if isinstance(answer.data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def next_page(answer: Answer) -> str:
    """Return where the next page begins; empty when this was the last."""
    paging = answer.data.get("paging") if isinstance(answer.data, dict) else None
    following = paging.get("next") if isinstance(paging, dict) else None
    return str(following.get("after") or "") if isinstance(following, dict) else ""
