"""Calls of Odoo's models: over `/json/2` where there is one (19 and later), over `/jsonrpc` otherwise.

Which of the two is found out once, by asking. Arguments go by name either way, so a call reads the same on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import httpx
from pydantic import SecretStr

from gateway.clock import Clock
from gateway.crm.calling import Answer, Caller
from gateway.crm.odoo.errors import OdooSaid, said
from gateway.crm.port import CrmUnauthorised, CrmUnavailable

#: Methods that take no rows: on `/jsonrpc` rows are the first of the arguments by place.
_OF_MODEL = frozenset(
    {
        "search_read",
        "load",
        "create",
        "fields_get",
        "check_object_reference",
        "has_access",
        "context_get",
        "search",
    }
    | {"check_access_rights", "default_get"}
)


class Protocol(StrEnum):
    """How Odoo is spoken to."""

    AUTO = "auto"
    JSON2 = "json2"
    JSONRPC = "jsonrpc"


class Client:
    """One database of one Odoo, as the user an API key belongs to."""

    def __init__(  # noqa: PLR0913  (each is a setting of its own)
        self,
        url: str,
        database: str,
        login: str,
        key: SecretStr,
        label: str,
        clock: Clock,
        *,
        protocol: Protocol = Protocol.AUTO,
        language: str = "en_US",
        transport: httpx.BaseTransport | None = None,
        seconds: float = 60.0,
    ) -> None:
        self._database = database
        self._login = login
        self._key = key
        self._label = label
        self._language = language
        self._protocol = protocol
        self._user: int | None = None
        self._caller = Caller(
            url, label, clock, self._headers, transport=transport, seconds=seconds, speaks=_is_odoos_word
        )

    def _headers(self) -> Mapping[str, str]:
        if self._protocol is Protocol.JSONRPC:
            return {}
        named = {"X-Odoo-Database": self._database} if self._database else {}
        return {"Authorization": f"bearer {self._key.get_secret_value()}", **named}

    def now(self) -> datetime:
        """Return Odoo's clock, as far as its answers have told it."""
        return self._caller.now()

    def close(self) -> None:
        """Give up the connections."""
        self._caller.close()

    def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] = (),
        *,
        context: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        """Call a method of a model, on rows where `ids` names some.

        Raises OdooSaid with an exception of Odoo's, CrmUnavailable, CrmUnauthorised.
        """
        around = {"lang": self._language, "active_test": False, **(context or {})}
        if self._spoken() is Protocol.JSON2:
            return self._json2(
                model, method, {**({"ids": list(ids)} if ids else {}), **named, "context": around}
            )
        rows: list[Any] = [] if method in _OF_MODEL else [list(ids)]
        if method == "create":
            rows = [named.pop("vals_list")]  # the one argument that this way only takes by place
        return self._service(
            "object", "execute_kw", *self._signed(), model, method, rows, {**named, "context": around}
        )

    def meet(self) -> None:
        """Have it answer once, if it has not yet: that tells its clock. Raises CrmUnavailable."""
        if not self._met:
            self._spoken()
            if not self._met:
                self.call("res.users", "context_get")

    @property
    def _met(self) -> bool:
        return self._caller.answered

    def _spoken(self) -> Protocol:
        """Find out which way it is, the first time. A server without `/json/2` has no such page."""
        if self._protocol is Protocol.AUTO:
            answer = self._caller.call("POST", "/json/2/res.users/context_get", json={})
            what = said(answer.data)
            if answer.well:
                self._protocol = Protocol.JSON2
            elif what is not None:
                raise self._turned_away(what.message)
            elif answer.status in (404, 405):
                self._protocol = Protocol.JSONRPC
            else:
                raise self._odd(answer.status)
        return self._protocol

    # --------------------------------------------------------------------------------------------------- /json/2

    def _json2(self, model: str, method: str, arguments: Mapping[str, Any]) -> Any:
        answer = self._caller.call("POST", f"/json/2/{model}/{method}", json=arguments)
        if answer.well:
            return answer.data
        what = said(answer.data)
        if what is None:
            raise self._odd(answer.status)
        if answer.status == 401:
            raise self._turned_away(what.message)
        raise OdooSaid(what)

    def _odd(self, status: int) -> CrmUnavailable:
        return CrmUnavailable(f"{self._label} does not answer as it should ({status}).")

    def _turned_away(self, words: str) -> CrmUnauthorised:
        return CrmUnauthorised(
            f"{self._label} does not accept the API key it was given ({words or 'no reason told'}). "
            "See to the key, to its date of expiry and to the name of the database."
        )

    # --------------------------------------------------------------------------------------------------- /jsonrpc

    def _signed(self) -> tuple[str, int, str]:
        secret = self._key.get_secret_value()
        if self._user is None:
            found = self._service("common", "authenticate", self._database, self._login, secret, {})
            if not isinstance(found, int) or isinstance(found, bool):
                raise self._turned_away("login or key is wrong")
            self._user = found
        return self._database, self._user, secret

    def _service(self, service: str, method: str, *arguments: Any) -> Any:
        asked = {"service": service, "method": method, "args": list(arguments)}
        answer = self._caller.call(
            "POST", "/jsonrpc", json={"jsonrpc": "2.0", "method": "call", "params": asked, "id": 1}
        )
        data = answer.data
        if not answer.well or not isinstance(data, Mapping):
            raise self._odd(answer.status)
        if "error" not in data:
            return data.get("result")
        what = said(data["error"].get("data"))
        if what is None:
            raise self._odd(answer.status)
        if what.kind == "AccessDenied":
            raise self._turned_away(what.message)
        raise OdooSaid(what)


def _is_odoos_word(answer: Answer) -> bool:
    """Odoo answers with 403, 404, 422 or 500 and names the exception; what a proxy says has no such body."""
    return said(answer.data) is not None
