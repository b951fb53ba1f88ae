"""What the vendor does and sees: the console, over HTTP, signed in as one of the staff."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

Row = dict[str, Any]


class Vendor:
    """One member of the vendor's staff at the console."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._login, self._password = login, password
        self._client = httpx.Client(base_url=url, timeout=20, trust_env=False)

    def sign_in(self) -> None:
        """Sign in through the console's page. Raises httpx.HTTPError or ValueError."""
        self._client.cookies.clear()
        self._client.get("/console/login").raise_for_status()
        form = {"username": self._login, "password": self._password, "csrftoken": self._token}
        answer = self._client.post("/console/login", data=form)
        if answer.status_code != 303:
            raise ValueError(f"the console did not let {self._login} in: {answer.status_code}")

    @property
    def _token(self) -> str:
        return self._client.cookies.get("starlette_admin_csrftoken") or ""

    def rows(self, obj: str, **wanted: str) -> list[Row]:
        """List rows whose columns have these values."""
        answer = self._client.get(f"/console/data/{obj}", params={**wanted, "limit": "100"})
        answer.raise_for_status()
        found: list[Row] = answer.json()["items"]
        return found

    def row(self, obj: str, **wanted: str) -> Row:
        """Read the one row with these values, with its notes, files and history."""
        found = self.rows(obj, **wanted)
        if len(found) != 1:
            raise ValueError(f"{len(found)} rows of {obj} with {wanted}")
        return self.one(obj, found[0]["id"])

    def one(self, obj: str, key: str) -> Row:
        """Read a row by its id."""
        answer = self._client.get(f"/console/data/{obj}/{key}")
        answer.raise_for_status()
        found: Row = answer.json()
        return found

    def edit(self, obj: str, key: str, **changes: Any) -> None:
        """Change fields of a row."""
        answer = self._client.post(
            f"/console/data/{obj}/{key}", json={"changes": changes}, headers={"X-CSRFToken": self._token}
        )
        if answer.status_code != 200:
            raise ValueError(f"the console refused {changes}: {answer.text[:300]}")

    def act(self, obj: str, key: str, name: str, **form: str) -> None:
        """Carry out an action of a row."""
        answer = self._client.post(
            f"/console/_api/{obj}/row-action",
            params={"pk": key, "name": name},
            data=form,
            headers={"X-CSRFToken": self._token},
        )
        if answer.status_code != 200:
            raise ValueError(f"the console refused {name}: {answer.text[:300]}")

    def file(self, obj: str, key: str) -> bytes:
        """Fetch the bytes of a file."""
        answer = self._client.get(f"/console/file/{obj}/{key}")
        answer.raise_for_status()
        return answer.content

    def eventually(self, look: Callable[[], bool], seconds: float = 15.0) -> bool:
        """Look until it is so, for a limited time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if look():
                return True
            time.sleep(0.1)
        return look()

    def close(self) -> None:
        """Leave."""
        self._client.close()
