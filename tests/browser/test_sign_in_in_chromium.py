"""The gateway's own pages in a real browser: signing in leads back to the app, wherever on its machine it listens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.browser.chromium import PATIENCE, Browser
from tests.browser.programme import Programme
from tests.gateway.test_identity import QUERY

pytestmark = pytest.mark.databases("sqlite")


class _OnIpv6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def app_at(host: str) -> Iterator[tuple[str, Queue[str]]]:
    """An app that waits there for its answer; yields its address, and what it was asked for."""
    heard: Queue[str] = Queue()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.put(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b'<link rel="icon" href="data:,"><p>Back in the app.</p>')

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with (_OnIpv6 if ":" in host else ThreadingHTTPServer)((host, 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        named = f"[{host}]" if ":" in host else host
        yield f"http://{named}:{server.server_address[1]}/callback", heard
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("deed", ["Sign in", "Cancel"])
def test_the_browser_gets_back_to_the_app(
    browser: Browser, programme: Programme, host: str, deed: str
) -> None:
    user = programme.accounts.user("Maya Okafor")
    with app_at(host) as (back, heard):
        browser.led_to.add(back.removesuffix("/callback"))
        browser.open("/oauth/authorize?" + urlencode({**QUERY, "redirect_uri": back}))
        if deed == "Sign in":
            browser.fill("email", user.email)
            browser.fill("password", user.password)
        browser.click(deed)
        answer = parse_qs(urlsplit(heard.get(timeout=PATIENCE)).query)
        browser.wait(lambda: "Back in the app." in browser.text or None, "the app's answer")
    assert answer["state"] == ["s1"]
    assert ("code" if deed == "Sign in" else "error") in answer
