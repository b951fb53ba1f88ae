"""The wire between a gateway and Odoo: requests that never arrive, answers that get lost, and minutes without any."""

from __future__ import annotations

import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

#: Methods of Odoo that change something, as its path names them.
_WRITES = ("load", "write", "create", "unlink", "message_post")
_DROPPED = ("connection", "transfer-encoding", "content-length", "content-encoding")


class OdooWire:
    """Forwards calls. Of writes, whose answer matters most, more are lost. `seen` counts what happened."""

    def __init__(self, upstream: str, rng: random.Random) -> None:
        self._rng = rng
        self._lock = threading.Lock()
        self.seen: Counter[str] = Counter()
        self.uneasy = False
        self.down = False
        self.client = httpx.Client(base_url=upstream, timeout=120, trust_env=False)
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the gateway finds Odoo."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fate(self, path: str) -> str:
        """Decide what becomes of a call: "", "cut" before it arrives, or "lost" on the way back."""
        writes = path.rpartition("/")[2] in _WRITES
        with self._lock:
            self.seen["calls"] += 1
            if self.down:
                return self._told("cuts")
            drawn = self._rng.random()
            if not self.uneasy:
                return ""
            if drawn < 0.01:
                return self._told("cuts")
            if writes and drawn < 0.12:
                return self._told("lost answers of writes")
            return self._told("lost answers") if drawn < 0.02 else ""

    def _told(self, what: str) -> str:
        self.seen[what] += 1
        return "cut" if what == "cuts" else "lost"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self.client.close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A gateway that is killed breaks off in the middle: that is what it is for."""


def _handler_of(wire: OdooWire) -> type[BaseHTTPRequestHandler]:
    class Forwards(BaseHTTPRequestHandler):
        """One connection of the gateway's."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fate = wire.fate(self.path)
            if fate == "cut":
                self.close_connection = True
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            answer = wire.client.post(self.path, content=body, headers=headers)
            if fate == "lost":
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in _DROPPED and name not in ("date", "server"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_HEAD = do_POST  # noqa: N815  (the library's names)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Forwards
