"""A gateway just large enough to sign in at and to say who somebody is; over real HTTP on this computer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.services.conftest import COMPANY, partner_manifest

_PAGE = """<!doctype html><form method="post" action="/oauth/authorize">
<input type="hidden" name="request" value="{request}"><input name="email"><input type="password" name="password">
</form>"""


@dataclass
class SmallGateway:
    """What it holds and what was asked of it.

    `down`: paths that answer 503. `ended`: every session is over, here and for whoever asks to go on with it.
    `wipe`: the order that every session is answered with; `wiped`: the receipts, each with its credentials; `refuses`:
    receipts are refused. `says`: paths that answer something else: status, type, text.
    """

    url: str = ""
    password: str = "correct horse"
    user: str = "user-maya"
    name: str = "Maya Okafor"
    email: str = "maya@brightwater.example"
    company: str = ""
    access: str = "a"
    refresh: str = "r"
    vendor: str = "Halden Systems"
    accent: str = "#2952C4"
    down: set[str] = field(default_factory=set)
    ended: bool = False
    wipe: str = ""
    wiped: list[tuple[dict[str, object], str]] = field(default_factory=list)
    refuses: bool = False
    says: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: dict[str, dict[str, str]] = field(default_factory=dict)

    def me(self) -> dict[str, object]:
        """Who is signed in."""
        return {
            "user": self.user, "name": self.name, "email": self.email, "role": "manager",
            "role_label": "Sales manager", "companies": self._companies(), "vendor": self.vendor,
            "device": "d", "grant": "g",
        }  # fmt: skip

    def _companies(self) -> list[dict[str, str]]:
        return [{"gid": COMPANY, "name": self.company}] if self.company else []


class _Answerer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: SmallGateway

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.gateway.asked.append(f"GET {parts.path}")
        if parts.path in self.gateway.says:
            status, kind, text = self.gateway.says[parts.path]
            self._send(status, kind, text.encode())
        elif parts.path in self.gateway.down:
            self._json({"title": "Down", "status": 503, "code": "busy"}, 503, "application/problem+json")
        elif parts.path == "/oauth/authorize":
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            key = str(len(self.gateway.requests))
            self.gateway.requests[key] = given
            self._send(200, "text/html; charset=utf-8", _PAGE.format(request=key).encode())
        elif self.gateway.wipe:
            self._problem(401, "wipe", {"order": self.gateway.wipe, "user": self.gateway.user})
        elif self.gateway.ended:
            self._json({"title": "Ended", "status": 401}, 401, "application/problem+json")
        elif parts.path == "/v1/me":
            self._json(self.gateway.me())
        elif parts.path == "/v1/manifest":
            manifest = partner_manifest().model_dump(mode="json")
            manifest["brand"] |= {"vendor": self.gateway.vendor, "accent": self.gateway.accent}
            self._json(manifest, etag='"m1"')
        else:
            self._json({"title": "Not found", "status": 404}, 404, "application/problem+json")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = parse_qs(body)
        self.gateway.asked.append(f"POST {self.path}")
        if self.path in self.gateway.says:
            status, kind, text = self.gateway.says[self.path]
            self._send(status, kind, text.encode())
        elif self.path in self.gateway.down:
            self._problem(503, "busy")
        elif self.path == "/v1/wiped":
            self._take_receipt(body)
        elif self.path == "/oauth/token" and self.gateway.wipe and "refresh_token" in form:
            self._json({"error": "invalid_grant", "wipe": self.gateway.wipe}, 400)
        elif self.path == "/oauth/authorize":
            asked = self.gateway.requests[form["request"][0]]
            right = form["password"][0] == self.gateway.password
            answer = {"code": "c"} if right else {"error": "access_denied"}
            target = f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}"
            self.send_response(303)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/oauth/token" and self.gateway.ended:
            self._json({"error": "invalid_grant"}, 400)
        elif self.path == "/oauth/token":
            tokens = {
                "access_token": self.gateway.access,
                "refresh_token": self.gateway.refresh,
                "token_type": "Bearer",
                "expires_in": 600,
            }
            self._json(tokens)
        else:
            self._json({})

    def _take_receipt(self, body: str) -> None:
        if self.gateway.refuses:
            self._problem(404, "not_found")
            return
        self.gateway.wiped.append((json.loads(body), self.headers.get("Authorization", "")))
        self._send(204, "application/json", b"")

    def _problem(self, status: int, code: str, fields: dict[str, str] | None = None) -> None:
        document = {"title": code, "status": status, "code": code, "fields": fields or {}}
        self._json(document, status, "application/problem+json")

    def _json(self, value: object, status: int = 200, kind: str = "application/json", etag: str = "") -> None:
        self._send(status, kind, json.dumps(value).encode(), etag)

    def _send(self, status: int, kind: str, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Counterpart-Epoch", "e1")
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Say nothing."""


@contextmanager
def small_gateway() -> Iterator[SmallGateway]:
    """Run one."""
    gateway = SmallGateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Answerer,), {"gateway": gateway}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
