"""Addresses that a system hands out are data: where they lead is judged, and what cannot be had is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.crm.elsewhere import Elsewhere
from gateway.crm.port import CrmMissing, CrmUnavailable


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        status = int(path.strip("/").partition("/")[0])
        body = b'{"amount": 1.10}' if path.endswith(".json") else b"bytes"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        assert "Authorization" not in self.headers

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def own() -> Iterator[str]:
    """The system's own address, inside the vendor's network."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_what_the_system_itself_holds_is_read(own: str) -> None:
    elsewhere = Elsewhere("The CRM", own)
    assert elsewhere.read(f"{own}/200/file?Signature=s") == b"bytes"
    assert elsewhere.read_json(f"{own}/200/part.json") == {"amount": "1.10"}
    assert elsewhere.read_json(f"{own}/200/file") is None


@pytest.mark.parametrize(
    ("status", "kind"), [(404, CrmMissing), (410, CrmMissing), (403, CrmUnavailable), (503, CrmUnavailable)]
)
def test_what_cannot_be_had_is_told(own: str, status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        Elsewhere("The CRM", own).read(f"{own}/{status}/file?Signature=secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/file",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/file",
        "https://[::1]/file",
        "file:///etc/passwd",
        "{own}/302/file",
        "nonsense",
    ],
)
def test_nobody_is_led_into_the_vendors_network(own: str, url: str) -> None:
    with pytest.raises(CrmUnavailable, match="not fetched"):
        Elsewhere("The CRM", own).read(url.format(own=own))
