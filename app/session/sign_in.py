"""Sign-in through the system browser: authorization code with PKCE, answered on this computer (RFC 8252, RFC 7636).

The browser is sent to the gateway; its answer comes back to 127.0.0.1 on a port made for this one attempt. The first
answer decides: a wrong `state` ends the attempt, since whoever sent it did not start it.
"""

from __future__ import annotations

import hmac
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.contract.errors import PermanentError, Refused, RetryableError
from app.contract.said import said
from app.session.accounts import Device
from app.session.oauth import CLIENT_ID, OAuth, TokenSet
from app.sync.pauses import patient

#: How long the browser may take, in seconds; a person may have to look for a password.
PATIENCE = 300.0

_PATH = "/callback"


class SignInAbandoned(PermanentError):
    """The attempt ended without an answer: cancelled, or the browser took too long."""

    default_cause = "The sign-in was not finished."
    default_next_step = "Start it again when you are ready."


class BrowserMissing(RetryableError):
    """No browser could be opened."""

    default_cause = "The browser could not be opened."
    default_next_step = "Open the address shown in a browser on this computer."


@dataclass(frozen=True)
class Redirect:
    """What the browser brought back: a code, or an error as OAuth names it."""

    code: str
    error: str


class _Answered(Protocol):
    def __call__(self, query: str) -> tuple[int, str, str]: ...


class Loopback:
    """Listens on 127.0.0.1, on a port of the system's choosing, for the one answer to one attempt."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._used = False
        self._answers: queue.SimpleQueue[Redirect | None] = queue.SimpleQueue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _responder(self._judge))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._serve, name="sign-in", daemon=True)

    @property
    def redirect_uri(self) -> str:
        """The address the browser is sent back to."""
        return f"http://127.0.0.1:{self._server.server_port}{_PATH}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, seconds: float) -> Redirect:
        """Wait for the answer. Raises SignInAbandoned after `seconds` or when cancelled, Refused for a wrong state."""
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise SignInAbandoned(
                "The browser did not come back in time, so the sign-in was ended."
            ) from None
        if answer is None:
            raise SignInAbandoned
        if answer.error == "state":
            raise Refused(
                "An answer arrived that does not belong to this sign-in, so it was refused.",
                next_step="Start the sign-in again.",
                code="state",
            )
        return answer

    def cancel(self) -> None:
        """End the waiting."""
        self._answers.put(None)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def _judge(self, query: str) -> tuple[int, str, str]:
        """Decide about one answer; return the status and the page the browser shows."""
        members = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
        with self._lock:
            if self._used:
                return 410, "This sign-in is over", "It was answered before. You can close this page."
            self._used = True
        if not hmac.compare_digest(members.get("state", "").encode(), self._state.encode()):
            self._answers.put(Redirect("", "state"))
            return (
                400,
                "This answer was refused",
                "It does not belong to the sign-in that Counterpart started.",
            )
        code, error = members.get("code", ""), members.get("error", "")
        self._answers.put(Redirect(code, "" if code and not error else error or "no_code"))
        if code and not error:
            return 200, "You are signed in", "Go back to Counterpart. You can close this page."
        return 200, "You are not signed in", "Go back to Counterpart to try again. You can close this page."


def _responder(judge: _Answered) -> type[BaseHTTPRequestHandler]:
    class Responder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != _PATH:
                self._page(404, "Nothing here", "This address only serves one sign-in.")
                return
            self._page(*judge(parts.query))

        def _page(self, status: int, title: str, text: str) -> None:
            body = _PAGE.format(title=title, text=text).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Say nothing: the request line holds the code."""

    return Responder


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/24px system-ui,sans-serif;color:#14171d;background:#f4f5f7;margin:96px auto;max-width:480px;
padding:0 24px}}h1{{font-size:24px;line-height:32px}}</style><h1>{title}</h1><p>{text}</p></html>"""


class SignIn:
    """One attempt to sign in at one gateway. Not used twice."""

    def __init__(
        self,
        gateway: str,
        oauth: OAuth,
        device: Device,
        open_browser: Callable[[str], bool],
        *,
        patience: float = PATIENCE,
        new_secret: Callable[[int], str] = generate_token,
    ) -> None:
        self._gateway = gateway
        self._oauth = oauth
        self._device = device
        self._open_browser = open_browser
        self._patience = patience
        self._verifier = new_secret(64)
        self._state = new_secret(43)
        self._loopback = Loopback(self._state)
        self.cancelled = threading.Event()

    @property
    def address(self) -> str:
        """The page the browser opens; shown as well, in case it cannot be opened from here."""
        return str(
            prepare_grant_uri(
                f"{self._gateway}/oauth/authorize",
                CLIENT_ID,
                "code",
                redirect_uri=self._loopback.redirect_uri,
                state=self._state,
                code_challenge=create_s256_code_challenge(self._verifier),  # type: ignore[no-untyped-call]
                code_challenge_method="S256",
                device_id=self._device.id,
                device_name=self._device.name,
            )
        )

    def run(self) -> TokenSet:
        """Open the browser and wait for its answer; blocks until then.

        Raises BrowserMissing, SignInAbandoned, Refused (wrong state, or the person was refused), SignInNeeded (the
        code was refused), RetryableError kinds.
        """
        with self._loopback as loopback:
            if not self._open_browser(self.address):
                raise BrowserMissing(
                    next_step=said(
                        "Open this address in a browser on this computer: {address}", address=self.address
                    )
                )
            answer = loopback.wait(self._patience)
        if answer.error:
            raise Refused(
                "The gateway did not let you sign in.",
                next_step="Try again, or ask the vendor whether your account is set up.",
                code=answer.error,
            )
        return patient(
            lambda: self._oauth.exchange(answer.code, loopback.redirect_uri, self._verifier),
            self.cancelled.wait,
        )

    def cancel(self) -> None:
        """End the attempt from another thread; `run` raises SignInAbandoned."""
        self.cancelled.set()
        self._loopback.cancel()
