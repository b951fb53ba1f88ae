"""The stand-in over HTTP on 127.0.0.1, with what can go wrong on the way."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.connectors.salesforce.standin.org import Org
from tests.connectors.salesforce.standin.refusals import Refused
from tests.connectors.salesforce.standin.rest import Reply, Request, Rest
from tests.connectors.salesforce.standin.tooling import grant

VERSION = "62.0"
CLIENT_ID, CLIENT_SECRET = "3MVG9.key", "s3cret-of-the-app"
USER, PASSWORD, TOKEN = "gateway@halden.example", "pa55-of-the-user", "t0ken"


@dataclass
class Fault:
    """What happens to the next calls instead."""

    reply: Reply
    times: int
    only_writes: bool


class Wire:
    """What happens between the connector and the org. `calls`: method and path of every call that came in."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.lose_next = False
        self.before: Callable[[], object] | None = None
        #: How many calls more go through; None: all.
        self.left: int | None = None

    def is_cut(self) -> bool:
        """Count a call, and tell whether the connection has broken before it."""
        if self.left is None:
            return False
        self.left -= 1
        return self.left < 0

    def instead(self, reply: Reply, times: int = 1, *, only_writes: bool = False) -> None:
        """Have the next calls answered with that."""
        self.faults.append(Fault(reply, times, only_writes))

    def fault(self, writes: bool) -> Reply | None:
        """Return what is answered instead, if anything."""
        for one in self.faults:
            if writes or not one.only_writes:
                one.times -= 1
                self.faults = [left for left in self.faults if left.times > 0]
                return one.reply
        return None


class Standin:
    """A Salesforce: `org` for the hands of staff, `wire` for accidents, `port` where it listens."""

    def __init__(self, org: Org, *, batch: int = 2000) -> None:
        self.org = org
        self.wire = Wire()
        self.rest = Rest(org, VERSION, batch)
        self.sessions: set[str] = set()
        self.logins = 0
        self.used = 0
        self.daily = 100_000
        #: What is answered instead to whoever signs in.
        self.token_reply: Reply | None = None
        standin = self

        class Handler(_Handler):
            service = standin

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="salesforce", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def end_sessions(self) -> None:
        """Let every session run out."""
        self.sessions.clear()

    def signed_in(self) -> str:
        """Begin a session."""
        self.logins += 1
        token = f"00D5g!session{self.logins}"
        self.sessions.add(token)
        return token


class _Handler(BaseHTTPRequestHandler):
    service: Standin
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it)
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The org's clock, which is not this machine's."""
        return format_datetime(self.service.org.now(), usegmt=True)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        wire, length = self.service.wire, int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        parts = urlsplit(self.path)
        writes = self.command != "GET" and parts.path.startswith("/services/data")
        wire.calls.append((self.command, parts.path))
        if wire.is_cut():
            self.close_connection = True
            return
        if writes and wire.before is not None:
            act, wire.before = wire.before, None
            act()
        instead = wire.fault(writes) if parts.path.startswith("/services/data/v") else None
        reply = instead or self._reply(parts.path, parts.query, data)
        if writes and wire.lose_next and not instead:
            wire.lose_next = False
            self.close_connection = True
            return
        self._send(reply)

    def _reply(self, path: str, query: str, data: bytes) -> Reply:
        if path == "/services/oauth2/token":
            return self.service.token_reply or self._token(data)
        if path.startswith("/services/Soap/u/"):
            return self._soap(data.decode())
        if path.rstrip("/") == "/services/data":
            return Reply(200, [{"version": VERSION, "url": f"/services/data/v{VERSION}", "label": "Winter"}])
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in self.service.sessions:
            return Reply(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
        self.service.used += 1
        params = {name: values[0] for name, values in parse_qs(query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = self._body(data)
        except ValueError:
            return Reply(400, Refused("JSON_PARSER_ERROR", "The HTTP entity body is required").body)
        rest_path = unquote(path.removeprefix(f"/services/data/v{VERSION}/"))
        with self.service.org.lock:
            reply = self.service.rest.answer(Request(self.command, rest_path, params, headers, body))
            if "FieldPermissions" in rest_path:
                grant(self.service.org)
        return reply

    def _body(self, data: bytes) -> Any:
        kind = self.headers.get("Content-Type", "")
        if not data:
            return None
        if not kind.startswith("multipart/"):
            return json.loads(data)
        message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + data)
        parts: dict[str, Message] = {
            str(part.get_param("name", header="content-disposition")): part
            for part in message.get_payload()
            if isinstance(part, Message)
        }
        values = json.loads(_bytes(parts["entity_content"]))
        return {**values, "VersionData": _bytes(parts["VersionData"])}

    def _token(self, data: bytes) -> Reply:
        form = {name: values[0] for name, values in parse_qs(data.decode()).items()}
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            form["client_id"], _, form["client_secret"] = base64.b64decode(encoded).decode().partition(":")
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        match form.get("grant_type"):
            case "client_credentials" if known:
                pass
            case "refresh_token" if known and form.get("refresh_token") == TOKEN:
                pass
            case "password" if known and (form.get("username"), form.get("password")) == (USER, PASSWORD):
                pass
            case "urn:ietf:params:oauth:grant-type:jwt-bearer" if form.get("assertion"):
                pass
            case "client_credentials" if form.get("client_id") != CLIENT_ID:
                return Reply(
                    400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}
                )
            case "client_credentials":
                return Reply(
                    400, {"error": "invalid_client", "error_description": "invalid client credentials"}
                )
            case _:
                return Reply(400, {"error": "invalid_grant", "error_description": "authentication failure"})
        return Reply(
            200,
            {
                "access_token": self.service.signed_in(),
                "instance_url": "https://halden.my.salesforce.com",
                "token_type": "Bearer",
            },
        )

    def _soap(self, text: str) -> Reply:
        if f"<n1:password>{PASSWORD}{TOKEN}</n1:password>" not in text or USER not in text:
            code, words = "sf:exceptionCode", "sf:exceptionMessage"
            said = f"<{code}>INVALID_LOGIN</{code}><{words}>INVALID_LOGIN</{words}>"
            return Reply(500, raw=f'<e xmlns:sf="urn:fault">{said}</e>'.encode())
        where = f"https://halden.my.salesforce.com/services/Soap/u/{VERSION}/00D"
        said = f"<r><serverUrl>{where}</serverUrl><sessionId>{self.service.signed_in()}</sessionId></r>"
        return Reply(200, raw=said.encode())

    def _send(self, reply: Reply) -> None:
        data = (
            reply.raw
            if reply.raw is not None
            else b""
            if reply.body is None
            else json.dumps(reply.body).encode()
        )
        self.send_response(reply.status)
        if reply.status not in (204, 304):
            kind = "application/octet-stream" if reply.raw is not None else "application/json;charset=UTF-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
        self.send_header("Sforce-Limit-Info", f"api-usage={self.service.used}/{self.service.daily}")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.status not in (204, 304):
            self.wfile.write(data)


def _bytes(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body


def salesforce_error(status: int, retry_after: float | None = None) -> Reply:
    """Return what Salesforce answers where others would answer that status."""
    headers: Mapping[str, str] = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    match status:
        case 429:  # it knows no such status, and names no time
            return Reply(
                403, Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").body, headers
            )
        case 409 | 423:
            words = "unable to obtain exclusive access to this record or 1 records: 00Q5g00000000019AAA"
            return Reply(400, Refused("UNABLE_TO_LOCK_ROW", words, []).body, headers)
        case 401:
            return Reply(401, Refused("INVALID_SESSION_ID", "Session expired or invalid").body)
        case 403:
            return Reply(
                403, Refused("API_DISABLED_FOR_ORG", "API is not enabled for this Organization").body
            )
        case 503:
            return Reply(503, Refused("SERVER_UNAVAILABLE", "We are temporarily unavailable.").body, headers)
        case _:
            return Reply(status, raw=b"<html><body>An error occurred</body></html>", headers=headers)
