"""A wire between client and gateway that can be cut, and that can cut the answer to one push.

Usage: ``wire = CuttingProxy(upstream_port); wire.open(); wire.cut_next_push(); ...; wire.close()``. The port stays the
same from `open` to `open`, so that a client finds its gateway again.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_CHUNK = 65536
_PUSH = b"POST /v1/mutations"


class CuttingProxy:
    """Forwards bytes both ways, each connection on two threads."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.port = 0
        self.pushes = 0
        self.cuts = 0
        self._armed = False
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """Where the client finds it."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, on the port of before if there was one."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Stop listening and cut every connection: nobody is there any more."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            for one in list(self._open):
                _end(one)
            self._open.clear()

    def cut_next_push(self) -> None:
        """Let the next push reach the gateway and be carried out, and lose its answer."""
        self._armed = True

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream), 5)
                server.settimeout(None)
            except OSError:
                _end(client)
                continue
            with self._lock:
                self._open |= {client, server}
            losing = threading.Event()
            threading.Thread(target=self._to_gateway, args=(client, server, losing), daemon=True).start()
            threading.Thread(target=self._to_client, args=(client, server, losing), daemon=True).start()

    def _to_gateway(self, client: socket.socket, server: socket.socket, losing: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                if data.startswith(_PUSH):
                    self.pushes += 1
                    if self._armed:
                        self._armed = False
                        losing.set()
                server.sendall(data)
        self._drop(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket, losing: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                if losing.is_set():
                    self.cuts += 1
                    break
                client.sendall(data)
        self._drop(client, server)

    def _drop(self, *ends: socket.socket) -> None:
        with self._lock:
            for one in ends:
                _end(one)
                self._open.discard(one)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
