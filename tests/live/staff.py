"""Somebody at the vendor who works in Odoo, over its own JSON-RPC: never through the gateway's connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

Row = dict[str, Any]
#: What Odoo takes for a condition: a list of triples and operators.
Domain = Sequence[Any]


class OdooRefuses(Exception):
    """Odoo's own words to its own user. `kind`: the name of its exception."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Staff:
    """One user of one Odoo. `password`: theirs, or an API key."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        """Sign in. Raises ValueError when Odoo does not let them in."""
        self.login = login
        self._database, self._password = database, password
        self._client = httpx.Client(base_url=url, timeout=300, trust_env=False)
        self.user = self._ask("common", "authenticate", database, login, password, {})
        if not isinstance(self.user, int) or isinstance(self.user, bool):
            raise ValueError(f"Odoo does not let {login} in")

    def _ask(self, service: str, method: str, *args: Any) -> Any:
        params = {"service": service, "method": method, "args": list(args)}
        asked = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = self._client.post("/jsonrpc", json=asked)
        answer.raise_for_status()
        told = answer.json()
        if "error" in told:
            data = told["error"].get("data") or {}
            raise OdooRefuses(
                str(data.get("name", "")), str(data.get("message") or told["error"].get("message"))
            )
        return told.get("result")

    def call(
        self, model: str, method: str, *args: Any, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        """Call a method of a model. Archived rows are found, too. Raises OdooRefuses, httpx.HTTPError."""
        named["context"] = {"active_test": False, "lang": "en_US", **(context or {})}
        signed = (self._database, self.user, self._password)
        return self._ask("object", "execute_kw", *signed, model, method, list(args), named)

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def find(self, model: str, domain: Domain, fields: Sequence[str], **named: Any) -> list[Row]:
        """Return the rows that meet a condition."""
        found: list[Row] = self.call(model, "search_read", list(domain), fields=list(fields), **named)
        return found

    def one(self, model: str, domain: Domain, fields: Sequence[str]) -> Row:
        """Return the one row that meets a condition. Raises ValueError when there are none or several."""
        found = self.find(model, domain, fields)
        if len(found) != 1:
            raise ValueError(f"{len(found)} rows of {model} with {list(domain)}")
        return found[0]

    def add(
        self, model: str, rows: Sequence[Mapping[str, Any]], context: Mapping[str, Any] | None = None
    ) -> list[int]:
        """Create rows; returns their ids."""
        made: list[int] = []
        for start in range(0, len(rows), 200):
            made += self.call(
                model, "create", [dict(row) for row in rows[start : start + 200]], context=context
            )
        return made

    def write(self, model: str, key: int, **values: Any) -> None:
        """Change fields of a row."""
        self.call(model, "write", [key], values)

    def ids(self, model: str, field: str) -> dict[str, int]:
        """Return ids by the value of a field that tells rows apart."""
        return {str(row[field]): int(row["id"]) for row in self.find(model, [], [field], order="id desc")}
