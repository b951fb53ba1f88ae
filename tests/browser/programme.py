"""What the tests in the browser ask of the gateway beside it: a partner's own view, over HTTP, and the vendor's CRM."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from gateway.sample.passwords import SampleAccounts
from gateway.service import Service
from tests.gateway.test_identity import BACK, QUERY, VERIFIER


@dataclass
class Programme:
    """The sample programme, served at `url`."""

    service: Service
    accounts: SampleAccounts
    url: str
    _partners: list[Partner] = field(default_factory=list)

    def staff(self, name: str) -> tuple[str, str]:
        """Return login and password of a member of staff."""
        found = self.accounts.staffer(name)
        return found.login, found.password

    def partner(self, name: str) -> Partner:
        """Sign a partner in, as the desktop does."""
        user = self.accounts.user(name)
        return self.signed_in(user.email, user.password)

    def signed_in(self, email: str, password: str) -> Partner:
        """Sign somebody in by address and password."""
        self._partners.append(Partner(self.url, email, password))
        return self._partners[-1]

    def close(self) -> None:
        """Let all partners go."""
        for partner in self._partners:
            partner.close()


class Partner:
    """A partner's desktop, as far as these tests need one: it holds what the gateway shows it."""

    def __init__(self, url: str, email: str, password: str, device: str = "browser-test") -> None:
        self._client = httpx.Client(base_url=url, timeout=20, trust_env=False)
        page = self._client.get(
            "/oauth/authorize", params={**QUERY, "device_id": device, "device_name": "BW-X1"}
        )
        sealed = page.text.split('name="request" value="')[1].split('"')[0]
        form = {"request": sealed, "email": email, "password": password}
        back = self._client.post("/oauth/authorize", data=form)
        assert back.status_code == 303, back.text
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        grant = {"grant_type": "authorization_code", "client_id": "counterpart-desktop", "code": code}
        answer = self._client.post(
            "/oauth/token", data={**grant, "redirect_uri": BACK, "code_verifier": VERIFIER}
        )
        self.tokens: dict[str, Any] = answer.raise_for_status().json()
        self.rows: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.cursor = self._snapshot()

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Make a signed-in reading call."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self._client.get(path, params=params, headers=headers)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Make a call without credentials."""
        return self._client.post(path, json=body)

    def _snapshot(self) -> str:
        after: str | None = None
        while True:
            page = self.get("/v1/snapshot", limit=2000, **({"after": after} if after else {})).json()
            self._put(page)
            if page["cursor"]:
                return str(page["cursor"])
            after = page["after"]

    def pull(self) -> None:
        """Read what changed."""
        more = True
        while more:
            page = self.get("/v1/changes", cursor=self.cursor).raise_for_status().json()
            for gid, *_ in page["gone"]:
                self.rows.pop(gid, None)
                self.gone.add(gid)
            self._put(page)
            self.cursor, more = page["cursor"], page["more"]

    def _put(self, page: dict[str, Any]) -> None:
        for gid, _entity, _version, _hash, data in page["puts"]:
            self.rows[gid] = data

    def having(self, **members: Any) -> dict[str, Any]:
        """Return the one record whose members have these values."""
        found = self.all_having(**members)
        assert len(found) == 1, f"{len(found)} records with {members}"
        return found[0]

    def all_having(self, **members: Any) -> list[dict[str, Any]]:
        """Return the records whose members have these values."""
        return [
            row
            for row in self.rows.values()
            if all(row.get(name) == value for name, value in members.items())
        ]

    def until(self, look: Callable[[Partner], bool], what: str, seconds: float = 15.0) -> None:
        """Pull until it is so, for a limited time."""
        end = time.monotonic() + seconds
        while not look(self):
            assert time.monotonic() < end, f"The partner never saw {what}."
            self.pull()

    def close(self) -> None:
        """Leave."""
        self._client.close()
