"""One session with one org: signing in, calls that never take for ever, and the org's clock.

simple-salesforce signs in and calls. It would renew a session and repeat a call by itself, and loses the call's own
headers on the way: a write that was to be made on a condition would be made without. So it is handed a session that
was begun in here, which it cannot renew; what only reads is asked once more with a new one, and no write ever is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import BaseAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.login import SalesforceLogin

from gateway.clock import Clock
from gateway.crm.budget import Priority, present_priority
from gateway.crm.port import CrmBusy, CrmError, CrmUnauthorised, CrmUnavailable
from gateway.crm.salesforce.errors import SessionEnded, judged, translated, unreadable

#: Winter '25; a version is kept for three years at least (Salesforce, "API End-of-Life Policy").
_VERSION = "62.0"

_CONNECT, _READ = 10.0, 60.0
#: The part of the day's calls that is left to writes, and to everybody else who uses the org.
_SPARE = 0.02
_SPARE_WAIT = 900.0
_PIECE = 64 * 1024


_NONE = SecretStr("")
_SALESFORCE = ".salesforce.com"
#: Signing in with a user's credentials is a SOAP call, which newer versions have no more.
_SIGN_IN_VERSION = "62.0"


@dataclass(frozen=True)
class Login:
    """What the gateway signs in with: the app's own credentials, or else a user's with its security token.

    `url`: the org's own address (My Domain), such as `https://acme.my.salesforce.com`.
    """

    url: str
    client_id: str = ""
    client_secret: SecretStr = _NONE
    username: str = ""
    password: SecretStr = _NONE
    token: SecretStr = _NONE

    def arguments(self) -> dict[str, Any]:
        """Return it as simple-salesforce takes it. Raises CrmUnauthorised when it cannot be used."""
        host = urlsplit(self.url).hostname or ""
        domain = host.removesuffix(_SALESFORCE)
        if domain == host:
            raise CrmUnauthorised(
                f"Salesforce: url has to be the org's own address, https://….my{_SALESFORCE}."
            )
        if self.client_id:
            if domain in ("login", "test"):
                raise CrmUnauthorised(
                    "Salesforce: client credentials go with the org's My Domain, not with that url."
                )
            secret = self.client_secret.get_secret_value()
            return {"domain": domain, "consumer_key": self.client_id, "consumer_secret": secret}
        return {
            "domain": domain,
            "username": self.username,
            "password": self.password.get_secret_value(),
            "security_token": self.token.get_secret_value(),
            "sf_version": _SIGN_IN_VERSION,
        }


class _Http(requests.Session):
    """Every call has an end, and no redirect carries the credentials elsewhere."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request."""
        kwargs["timeout"] = kwargs.get("timeout") or (_CONNECT, _READ)
        kwargs["allow_redirects"] = False
        return super().send(request, **kwargs)


class Session:
    """Calls of one org. Safe to use on any thread."""

    def __init__(
        self,
        login: Login,
        label: str,
        clock: Clock,
        version: str = "",
        transport: BaseAdapter | None = None,
    ) -> None:
        self._login = login
        self.label = label
        self._clock = clock
        self._version = version or _VERSION
        self._http = _Http()
        if transport is not None:
            self._http.mount("https://", transport)
        self._http.hooks["response"] = [self._heard]
        self._behind = timedelta(0)
        #: Whether the org's clock is known: any answer tells it.
        self.knows_the_time = False
        self._used, self._daily = 0, 0
        self._last = threading.local()
        self._lock = threading.Lock()
        self._sf: Salesforce | None = None

    def now(self) -> datetime:
        """Return the org's clock, as its answers showed it: up to a second behind it, and never ahead."""
        return self._clock.now() - self._behind

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()

    # --------------------------------------------------------------------------------------------------- asking

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON behind a path after the version. Raises as `query`, and CrmMissing."""
        return self._asked(lambda sf: sf.restful(path, params=dict(params or {})))

    def query(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """Return the rows of a query, all pages of it. `everything`: with what is in the recycle bin.

        Raises CrmBusy, CrmUnauthorised, CrmUnavailable.
        """
        found = self._asked(lambda sf: sf.query(soql, include_deleted=everything))
        rows = list(found["records"])
        while not found["done"]:
            where = found["nextRecordsUrl"]
            found = self._asked(partial(_more, where))
            rows += found["records"]
        return rows

    def stream(self, path: str) -> Iterator[bytes]:
        """Return the bytes behind a path, piece by piece. Raises as `get`."""
        with self._asked(lambda sf: self._opened(sf, path)) as response:
            try:
                yield from response.iter_content(_PIECE)
            except requests.RequestException as error:
                raise CrmUnavailable(f"{self.label} cannot be reached ({type(error).__name__}).") from None

    def _opened(self, sf: Salesforce, path: str) -> requests.Response:
        response = self._http.get(sf.base_url + path, headers=dict(sf.headers), stream=True)
        if response.status_code != 200:
            with response:
                raise judged(response.status_code, _json(response), self.label, self._wait())
        return response

    def _asked(self, call: Callable[[Salesforce], Any]) -> Any:
        """Ask, once more with a new session where the first has ended: asking changes nothing."""
        self._keep_some()
        try:
            try:
                return self._made(call)
            except SessionEnded:
                return self._made(call)
        except SessionEnded:
            raise self._shut_out() from None
        except CrmError as error:
            raise unreadable(error, self.label) from None

    # -------------------------------------------------------------------------------------------------- writing

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Any:
        """Write, once. Raises the port's errors; after CrmUnavailable it is not known whether it was done."""
        more: dict[str, Any] = {"headers": dict(headers or {})}
        if files is not None:
            more = {"headers": {**more["headers"], "Content-Type": None}, "files": dict(files)}
        elif body is not None:
            more["json"] = body
        try:
            return self._made(lambda sf: sf.restful(path, method=method, **more))
        except SessionEnded:
            # It was turned away at the door. The next try begins a new session.
            raise CrmUnavailable(
                f"The session with {self.label} had run out; nothing was written.", 0.5
            ) from None

    def composite(self, parts: Sequence[Mapping[str, Any]], *, all_or_none: bool) -> list[tuple[int, Any]]:
        """Make up to 25 writes in one call, in their order. Returns status and body of each. Raises as `write`."""
        asked = [
            {"referenceId": f"r{place}", **part, "url": f"/services/data/v{self._version}/{part['url']}"}
            for place, part in enumerate(parts)
        ]
        found = self.write("POST", "composite", {"allOrNone": all_or_none, "compositeRequest": asked})
        return [(int(one["httpStatusCode"]), one["body"]) for one in found["compositeResponse"]]

    # ----------------------------------------------------------------------------------------------- the session

    def _made(self, call: Callable[[Salesforce], Any]) -> Any:
        sf = self._begun()
        try:
            return translated(lambda: call(sf), self.label, self._wait)
        except SessionEnded:
            with self._lock:
                self._sf = None if self._sf is sf else self._sf
            raise

    def _begun(self) -> Salesforce:
        with self._lock:
            if self._sf is None:
                told = self._login.arguments()
                token, host = translated(
                    lambda: SalesforceLogin(session=self._http, **told), self.label, self._wait
                )
                self._sf = Salesforce(
                    session_id=token,
                    instance=host,
                    version=self._version,
                    session=self._http,
                    parse_float=str,
                )
            return self._sf

    def _shut_out(self) -> CrmUnauthorised:
        return CrmUnauthorised(
            f"{self.label} accepts no session it has just begun: look at the app's user and policies."
        )

    def _keep_some(self) -> None:
        """Leave the last of the day's calls, which others spend too, to writes."""
        left = self._daily - self._used
        if self._daily and left <= self._daily * _SPARE and present_priority() > Priority.READ:
            self._used = 0  # what is left is looked at again by the next call that is made
            raise CrmBusy(f"Nearly all calls {self.label} takes in 24 hours are used up.", _SPARE_WAIT)

    def _heard(self, response: requests.Response, *args: Any, **kwargs: Any) -> None:
        """Note what each answer tells besides: the clock, and how many calls are left."""
        self._last.headers = response.headers
        with suppress(ValueError, TypeError):
            at = parsedate_to_datetime(response.headers.get("Date", ""))
            # A date tells the second in which it was written; taken for its beginning, the clock is never ahead.
            self._behind = self._clock.now() - (at if at.tzinfo else at.replace(tzinfo=UTC))
            self.knows_the_time = True
        with suppress(ValueError):
            usage = response.headers.get("Sforce-Limit-Info", "").partition("api-usage=")[2].split(";")[0]
            used, _, daily = usage.partition("/")
            self._used, self._daily = int(used), int(daily)

    def _wait(self) -> float | None:
        with suppress(ValueError, AttributeError):
            return min(3_600.0, max(0.1, float(self._last.headers.get("Retry-After", ""))))
        return None


def _more(where: str, sf: Salesforce) -> Any:
    return sf.query_more(where, identifier_is_url=True)


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.RequestException:
        return None
