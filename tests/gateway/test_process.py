"""A gateway process from its start to its end: HTTPS, proxies, figures on a port of their own, an orderly end."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.contract.mutations import PushAnswer, PushBody, Status
from gateway.__main__ import cli
from gateway.assembly import database_at
from gateway.server import _on_all_addresses, server_config
from gateway.settings import Settings
from gateway.tables import audit, ledger
from tests.gateway.databases import AT_THE_SURFACE, lender
from tests.gateway.processes import Partner, Running, certificate, started, until, with_partner
from tests.patience import PATIENCE

ON_A_FILE = pytest.mark.databases("sqlite")


@pytest.fixture
def address() -> str:
    """Where the database is, as the setting has it."""
    return lender.service_address()


@pytest.fixture
def partner(tmp_path: Path, address: str) -> Partner:
    """A user of the gateway in `tmp_path`."""
    return with_partner(tmp_path, address)


def states(folder: Path, address: str) -> list[str]:
    """How the ledger's entries stand."""
    database = database_at(address or f"sqlite:///{folder}/gateway.sqlite3")
    with database.read() as connection:
        found = list(connection.execute(select(ledger.c.state)).scalars())
        assert connection.execute(select(audit.c.seq)).all(), "what was done is in the audit log"
    database.close()
    return found


class Push(threading.Thread):
    """A push on its way."""

    def __init__(self, running: Running, partner: Partner) -> None:
        super().__init__()
        self._url, self._partner = running.url, partner
        self.answer: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        """Send it, and wait for its answer."""
        body = PushBody(mutations=(self._partner.new_deal(1), self._partner.new_deal(2)))
        self.answer = httpx.post(
            f"{self._url}/v1/mutations",
            content=body.model_dump_json(),
            headers={**self._partner.headers, "Content-Type": "application/json"},
            timeout=30,
        )


class Stream(threading.Thread):
    """A stream of pokes; `lines` is complete once it has ended."""

    def __init__(self, running: Running, partner: Partner) -> None:
        super().__init__()
        self._url, self._partner = running.url, partner
        self.lines: list[str] = []
        self.open = threading.Event()
        self.start()

    def run(self) -> None:
        """Listen."""
        headers = dict(self._partner.headers)
        with httpx.stream("GET", f"{self._url}/v1/events", headers=headers, timeout=30) as answer:
            for line in answer.iter_lines():
                self.lines.append(line)
                self.open.set()


@AT_THE_SURFACE
def test_what_is_on_its_way_is_finished_and_nothing_new_is_taken(
    tmp_path: Path, partner: Partner, address: str
) -> None:
    settings: dict[str, Any] = {"log_json": "true", "database": address}
    with started("tests.gateway.slow_gateway", str(tmp_path), **settings) as running:
        stream = Stream(running, partner)
        assert stream.open.wait(10)
        kept = httpx.Client(base_url=running.url, timeout=PATIENCE, headers=dict(partner.headers))
        assert kept.get("/readyz").text == "ok"
        push = Push(running, partner)
        until((tmp_path / "writing").exists)
        running.process.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(f"{running.url}/readyz", timeout=PATIENCE).status_code == 503)
        unready = httpx.get(f"{running.url}/readyz", timeout=PATIENCE)
        assert (unready.json()["code"], unready.headers["retry-after"]) == ("draining", "2")
        assert unready.headers["content-type"] == "application/problem+json"
        assert httpx.get(f"{running.url}/livez", timeout=PATIENCE).text == "ok"
        refused = kept.get("/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (503, "draining")
        assert refused.headers["connection"] == "close"
        stream.join(10)
        assert not stream.is_alive()
        assert any(line.startswith("retry: ") for line in stream.lines)
        assert push.is_alive()
        (tmp_path / "go").touch()
        push.join(20)
        assert push.answer is not None
        outcomes = PushAnswer.model_validate_json(push.answer.content).outcomes
        assert [outcome.status for outcome in outcomes] == [Status.APPLIED] * 2
        kept.close()
        assert running.ended() == 0
    assert states(tmp_path, address) == ["done", "done"]
    assert all(json.loads(line)["level"] in ("info", "warning") for line in running.lines), running.log


@ON_A_FILE
def test_an_idle_process_ends_at_once(tmp_path: Path, partner: Partner) -> None:
    with started("gateway", "serve", "--folder", str(tmp_path), "--port", "0") as running:
        stream = Stream(running, partner)
        assert stream.open.wait(10)
        running.process.send_signal(signal.SIGTERM)
        assert running.ended(10) == 0
        stream.join(10)
    assert "Traceback" not in running.log


@ON_A_FILE
def test_it_goes_on_saying_that_it_ends_as_long_as_balancers_need(tmp_path: Path, partner: Partner) -> None:
    settings: dict[str, Any] = {"drain_seconds": 300}
    with started("gateway", "serve", "--folder", str(tmp_path), "--port", "0", **settings) as running:
        running.process.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(f"{running.url}/readyz", timeout=PATIENCE).status_code == 503)
        assert running.process.poll() is None
        running.process.send_signal(signal.SIGTERM)  # somebody does not want to wait
        assert running.ended(10) == 0


@ON_A_FILE
def test_it_speaks_https_itself_and_nothing_else_on_that_port(tmp_path: Path, partner: Partner) -> None:
    cert, key = certificate(tmp_path)
    settings: dict[str, Any] = {"tls_cert": cert, "tls_key": key}
    with started("gateway", "serve", "--folder", str(tmp_path), "--port", "0", **settings) as running:
        assert running.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert))
        with httpx.Client(base_url=running.url, timeout=PATIENCE, verify=trusting) as client:
            assert client.get("/readyz").text == "ok"
            assert client.get("/v1/me", headers=dict(partner.headers)).json()["name"] == "Maya"
            assert client.get("/console/login").status_code == 200
        port = running.url.rpartition(":")[2]
        assert asked("probe", "--port", port, **settings) == (0, "200 ok\n")
        with pytest.raises(httpx.ConnectError, match="self-signed"):
            httpx.get(f"{running.url}/livez", timeout=PATIENCE)
        with pytest.raises(httpx.HTTPError):
            httpx.get(running.url.replace("https", "http") + "/livez", timeout=PATIENCE)
        assert negotiated(running.url, cert, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.raises(ssl.SSLError):
            negotiated(running.url, cert, ssl.TLSVersion.TLSv1_1)
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == 0


@ON_A_FILE
@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
@pytest.mark.nightly
def test_all_addresses_are_those_of_ipv4_too_in_their_own_form(tmp_path: Path, partner: Partner) -> None:
    settings: dict[str, Any] = {"host": "::", "forwarded_allow_ips": "127.0.0.1", "rate_unknown": 1}
    with started("gateway", "serve", "--folder", str(tmp_path), "--port", "0", **settings) as running:
        port = running.url.rpartition(":")[2]
        assert httpx.get(f"http://[::1]:{port}/readyz", timeout=PATIENCE).text == "ok"
        assert asked("probe", "--port", port, host="::") == (0, "200 ok\n")
        found = [
            httpx.get(
                f"http://127.0.0.1:{port}/v1/me", headers={"X-Forwarded-For": f"203.0.113.{n}"}
            ).status_code
            for n in range(4)
        ]
        assert found == [401] * 4, "the proxy's word does not count"
        second = subprocess.run(
            [
                sys.executable,
                "-m",
                "gateway",
                "serve",
                "--folder",
                str(tmp_path),
                "--host",
                "::",
                "--port",
                port,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (second.returncode, "Traceback" in second.stderr) == (1, False)
        assert f"Port {port} cannot be listened on: " in second.stderr


@ON_A_FILE
@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_what_listens_on_all_addresses_answers_at_once() -> None:
    """asyncio switches Nagle's algorithm off only on sockets that say they are TCP; others answer 40 ms late."""
    listening = _on_all_addresses(Settings(host="::", port=0))
    assert listening is not None
    try:
        assert [one.family for one in listening] == [socket.AF_INET, socket.AF_INET6]
        assert {one.proto for one in listening} == {socket.IPPROTO_TCP}
        assert len({one.getsockname()[1] for one in listening}) == 1
    finally:
        for one in listening:
            one.close()


@ON_A_FILE
def test_what_keeps_it_from_serving_is_told_in_a_line(tmp_path: Path) -> None:
    cert, _key = certificate(tmp_path)
    serve = ("serve", "--folder", str(tmp_path / "data"), "--port", "0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = asked(*serve, "--metrics-port", port, log_level="CRITICAL")
        assert (code, said.startswith(f"Port {port} (metrics_port) cannot be listened on: ")) == (1, True)
    for settings, start in (
        ({"tls_cert": cert, "tls_key": tmp_path / "none.pem"}, "The certificate (tls_cert) and its key"),
        (
            {"database": "postgresql://gateway:hunter2@127.0.0.1:1/none"},
            "The database, or the CRM's, cannot be",
        ),
    ):
        code, said = asked(*serve, log_level="CRITICAL", **settings)
        assert (code, said.count("\n"), said.startswith(start)) == (1, 1, True), said
        assert "hunter2" not in said
    folder = tmp_path / "data"
    code, said = asked(
        "audit", "verify", "--folder", str(folder), database="postgresql://gateway:hunter2@127.0.0.1:1/none"
    )
    assert (code, said.count("\n"), said.startswith("The database cannot be used: ")) == (1, 1, True), said


def asked(*arguments: str, **settings: object) -> tuple[int, str]:
    """Run a command of the gateway's in this process."""
    environment = {f"COUNTERPART_GATEWAY_{name.upper()}": str(value) for name, value in settings.items()}
    result = CliRunner(env=environment).invoke(cli, arguments)
    return result.exit_code, result.output


def negotiated(url: str, cert: Path, most: ssl.TLSVersion) -> str | None:
    """Connect with a version of TLS at most; returns which was agreed on."""
    host, port = url.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=str(cert))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.showwarning", lambda *_: None)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = most
    with (
        socket.create_connection((host, int(port)), 10) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        return wrapped.version()


@ON_A_FILE
@pytest.mark.parametrize(
    ("trusted", "counts"),
    [pytest.param("127.0.0.1", True, marks=pytest.mark.nightly), ("10.1.2.3", False)],
)
def test_what_a_proxy_says_counts_only_from_one_that_is_trusted(
    tmp_path: Path, partner: Partner, trusted: str, counts: bool
) -> None:
    """Seen by the limit of unknown callers, which goes by address."""
    settings: dict[str, Any] = {"forwarded_allow_ips": trusted, "rate_unknown": 1}
    with started("gateway", "serve", "--folder", str(tmp_path), "--port", "0", **settings) as running:
        found = [
            httpx.get(
                f"{running.url}/v1/me", headers={"X-Forwarded-For": f"203.0.113.{n}"}, timeout=PATIENCE
            ).status_code
            for n in range(4)
        ]
        assert found == ([401] * 4 if counts else [401, 401, 429, 429])


@ON_A_FILE
def test_figures_are_on_a_port_of_their_own(tmp_path: Path, partner: Partner) -> None:
    with started(
        "gateway", "serve", "--folder", str(tmp_path), "--port", "0", "--metrics-port", "0"
    ) as running:
        assert running.told["metrics"].startswith("http://127.0.0.1:")
        assert (
            httpx.get(f"{running.url}/v1/me", headers=dict(partner.headers), timeout=PATIENCE).status_code
            == 200
        )
        text = httpx.get(running.told["metrics"], timeout=PATIENCE).text
        assert 'counterpart_requests_total{method="GET",route="/v1/me",status="200"} 1.0' in text
        assert httpx.get(f"{running.url}/metrics", timeout=PATIENCE).status_code == 404
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == 0


@ON_A_FILE
def test_without_a_proxy_that_is_trusted_nobodys_word_is_taken() -> None:
    assert not server_config(None, Settings()).proxy_headers
    assert server_config(None, Settings(forwarded_allow_ips="10.0.0.2")).proxy_headers
