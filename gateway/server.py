"""Running a gateway's application on uvicorn: by HTTP or HTTPS, alone or behind a proxy, to an orderly end."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

import structlog
import uvicorn
from prometheus_client import start_http_server

from gateway.logs import adopt_libraries
from gateway.operation import Operation
from gateway.service import Service
from gateway.settings import Settings

log = structlog.get_logger(__name__)

#: Seconds beyond the time a push may take that requests are given to finish, and beyond which they are cut off.
_MARGIN = 5.0


class CannotServe(Exception):
    """Why a gateway cannot begin to serve, in words a person can act on."""


class Server(uvicorn.Server):
    """Says on standard output where it listens once it does, as one line of JSON for whoever started it.

    Asked to end, it first takes no more requests and lets those finish that it has: it still listens meanwhile, so that
    `/readyz` tells. Asked a second time it ends at once.
    """

    def __init__(
        self, config: uvicorn.Config, operation: Operation, settings: Settings, told: Mapping[str, object]
    ) -> None:
        super().__init__(config)
        self._operation = operation
        self._told = told
        self._least = settings.drain_seconds
        self._most = settings.drain_seconds + settings.limits().push_seconds + _MARGIN
        self._asked = False
        self._draining_since: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening."""
        await super().startup(sockets)
        if self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            scheme, name = "https" if self.config.is_ssl else "http", f"[{host}]" if ":" in host else host
            url = f"{scheme}://{name}:{port}"
            ready = {"ready": True, "url": url, "console": f"{url}/console", **self._told}
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()

    def ask_to_end(self) -> None:
        """Have the process end in an orderly way. May be called on any thread, and while a signal is taken."""
        self._asked = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal: nothing but a note of it, since it may have come in the middle of anything."""
        if self._asked:
            super().handle_exit(sig, frame)
        self.ask_to_end()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: see whether there is an end to come to."""
        if self._asked and self._draining_since is None:
            self._draining_since = time.monotonic()
            self._operation.readiness.drain()
        if self._draining_since is not None and not self.should_exit:
            waited = time.monotonic() - self._draining_since
            idle = self._operation.in_flight.count == 0
            self.should_exit = waited >= self._most or (idle and waited >= self._least)
        return await super().on_tick(counter)

    def end_with_stdin(self) -> None:
        """End when standard input closes: when whoever started this process is gone."""

        def watch() -> None:
            # Read below Python's own buffer: a thread that waits inside it aborts the process at its end.
            while os.read(0, 1024):
                pass
            self.ask_to_end()

        threading.Thread(target=watch, name="stdin", daemon=True).start()


def run(service: Service, told: Mapping[str, object], *, until_stdin_closes: bool = False) -> None:
    """Serve until asked to end. `told` goes into the line that says where it listens. Raises CannotServe."""
    settings = service.settings
    adopt_libraries(settings.log_level, as_json=settings.log_json)
    _log_crashes()
    operation = service.operation()
    with _metrics_served(settings, operation) as more:
        server = Server(
            server_config(service.app(operation), settings), operation, settings, {**more, **told}
        )
        _load(server.config)
        if until_stdin_closes:
            server.end_with_stdin()
        for asked in (signal.SIGINT, signal.SIGTERM):
            # uvicorn takes the signal, ends, and then raises it again: by then there is nothing left to do.
            signal.signal(asked, lambda _number, _frame: None)
        _collect_seldom()
        server.run(_on_all_addresses(settings))


def server_config(app: Any, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn is to serve. Headers about the caller count only from proxies the settings name."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=settings.forwarded_allow_ips,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        ssl_context_factory=_modern if settings.tls_cert else None,
    )


def _load(config: uvicorn.Config) -> None:
    """Have the configuration read what it names: the certificate and its key. Raises CannotServe."""
    try:
        config.load()
    except OSError as error:  # of TLS, too
        why = error.strerror or error
        raise CannotServe(
            f"The certificate (tls_cert) and its key (tls_key) cannot be used: {why}. "
            "See: counterpart-gateway check"
        ) from None


def _on_all_addresses(settings: Settings) -> list[socket.socket] | None:
    """Return what listens on all addresses where the host is `::`: asyncio would leave those of IPv4 out.

    A socket for each kind, since one for both would tell callers' addresses in another form (`::ffff:192.0.2.1`).
    Raises CannotServe.
    """
    if settings.host != "::":
        return None
    try:
        older = _listening(socket.AF_INET, "", settings.port)
        return [older, _listening(socket.AF_INET6, "::", older.getsockname()[1])]
    except OSError as error:
        raise CannotServe(f"Port {settings.port} cannot be listened on: {error.strerror}.") from None


def _listening(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    with socket.create_server((host, port), family=family) as made:
        # asyncio sends at once only on sockets that say they are TCP, and these do not: others wait 40 ms to be
        # acknowledged.
        return socket.socket(made.family, made.type, socket.IPPROTO_TCP, fileno=made.detach())


def _modern(_config: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = usual()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def _metrics_served(settings: Settings, operation: Operation) -> Iterator[dict[str, str]]:
    """Serve the figures on a port of their own, reachable from this machine alone; yields where. Raises CannotServe."""
    if settings.metrics_port is None:
        yield {}
        return
    registry = operation.metrics.registry
    try:
        server, thread = start_http_server(settings.metrics_port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        port = settings.metrics_port
        raise CannotServe(f"Port {port} (metrics_port) cannot be listened on: {error.strerror}.") from None
    try:
        yield {"metrics": f"http://127.0.0.1:{server.server_port}/metrics"}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _log_crashes() -> None:
    """Have what nobody has caught come out through the log, which keeps secrets to itself."""

    def crashed(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None, where: str = "main"
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("crashed", thread=where, exc_info=(kind, error, traceback))

    def thread_crashed(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread else ""
            crashed(args.exc_type, args.exc_value, args.exc_traceback, name)

    sys.excepthook = crashed
    threading.excepthook = thread_crashed


def _collect_seldom() -> None:
    """Keep the search for cyclic garbage from what stays for good.

    A batch of mutations makes objects by the thousand that go by themselves; as it is set, the collector would look
    through everything that is loaded several times for each batch, and find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
