"""Moves document bytes, a chunk at a time: what the user waits to send first, then what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.contract.errors import CounterpartError, HostileAnswer, PermanentError, RetryableError, SignInNeeded
from app.store.database import Store
from app.store.documents import Blob
from app.sync.clock import Clock, Rng
from app.sync.events import ActivityAdded, Event, OutboxChanged, TransferProgress
from app.sync.retry import Failures
from app.sync.settings import EngineSettings
from app.sync.transport import Transport

#: Bytes moved in one step: small enough to cancel at once, large enough not to be all overhead.
CHUNK = 256 * 1024

#: Without a session nothing moves; the engine asks the user to sign in and wakes this afterwards.
_UNTIL_SIGNED_IN = 3600.0


@dataclass
class _Current:
    """What is being moved: its start for the rate, and what is open for it."""

    sha256: str
    began: float
    first: int
    upload_id: str = ""
    offset: int = 0
    stream: Iterator[bytes] | None = None


class Transfers:
    """Resumes after every interruption from the bytes both sides hold, and verifies before it calls a blob whole."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        rng: Rng,
        emit: Callable[[Event], None],
        settings: EngineSettings | None = None,
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._emit = emit
        self._settings = settings or EngineSettings()
        self._failures = Failures(self._settings.backoff)
        self._signed_out = False
        self._up: _Current | None = None
        self._down: _Current | None = None

    def wait(self) -> float:
        """Return the seconds until a step makes sense again after a failure; 0 when now."""
        if self._signed_out:
            return _UNTIL_SIGNED_IN
        return self._failures.remaining(self._clock.monotonic())

    def encourage(self) -> None:
        """Forget failures: the network or the session is back."""
        self._signed_out = False
        self._failures.succeeded()

    def step(self) -> bool:
        """Move one chunk; False when there is nothing to move now. Raises only local errors."""
        if self.wait() > 0:
            return False
        uploads = self._store.blobs.uploads()
        downloads = [] if uploads else self._store.blobs.downloads()
        blob = next(iter(uploads or downloads), None)
        if blob is None:
            self._drop_stream()
            return False
        try:
            if uploads:
                self._upload(blob)
            else:
                self._download(blob)
        except SignInNeeded:
            self._signed_out = True
            self._forget()
            return False
        except RetryableError as error:
            self._failures.failed(self._clock.monotonic(), self._rng, error.retry_after)
            self._forget()
            return False
        except PermanentError as error:
            self._give_up(blob, error, upload=bool(uploads))
        else:
            self._failures.succeeded()
        return True

    # -- up -----------------------------------------------------------------------------------------------
    def _upload(self, blob: Blob) -> None:
        current = self._up
        if current is None or current.sha256 != blob.sha256:
            upload_id, offset = self._transport.begin_upload(
                blob.sha256, blob.size, blob.media_type, blob.name
            )
            current = self._up = _Current(blob.sha256, self._clock.monotonic(), offset, upload_id, offset)
        if current.offset < blob.size:
            data = b"".join(
                self._store.blobs.read(blob.sha256, current.offset, min(current.offset + CHUNK, blob.size))
            )
            held = self._transport.upload(current.upload_id, current.offset, data)
            if not 0 <= held <= blob.size:
                raise HostileAnswer("The gateway says it holds more of a file than there is.")
            current.offset = held
        done = current.offset >= blob.size
        if done:
            with self._store.transaction():
                self._store.blobs.mark_sent(blob.sha256)
                self._store.activity.add(self._clock.now(), "upload", f"Sent the file {blob.name}")
            self._up = None
        self._tell(blob, current, current.offset, upload=True, state="done" if done else "running")
        if done:
            self._emit(OutboxChanged())
            self._emit(ActivityAdded())

    # -- down ---------------------------------------------------------------------------------------------
    def _download(self, blob: Blob) -> None:
        current = self._down
        if current is None or current.sha256 != blob.sha256:
            self._drop_stream()
            stream = self._transport.download(blob.sha256, blob.have) if blob.have < blob.size else iter(())
            current = self._down = _Current(
                blob.sha256, self._clock.monotonic(), blob.have, offset=blob.have, stream=stream
            )
        data, ended = self._read(current)
        if blob.have + len(data) > blob.size:
            raise HostileAnswer("The gateway sent more than this document has.")
        have = self._store.blobs.append(blob.sha256, blob.have, data) if data else blob.have
        if have < blob.size and ended:
            raise RetryableError("A download was cut off.")
        if have >= blob.size:
            self._drop_stream()
            if not self._store.blobs.finish(blob.sha256, self._clock.now()):
                raise HostileAnswer("What arrived was not this document, so it was thrown away.")
            self._store.activity.add(self._clock.now(), "download", f"Pulled {blob.name}")
            self._store.blobs.evict(self._settings.quota)
            self._emit(ActivityAdded())
        self._tell(blob, current, have, upload=False, state="done" if have >= blob.size else "running")

    def _read(self, current: _Current) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        size = 0
        for part in current.stream or ():
            parts.append(part)
            size += len(part)
            if size >= CHUNK:
                return b"".join(parts), False
        return b"".join(parts), True

    # -- ends ---------------------------------------------------------------------------------------------
    def _give_up(self, blob: Blob, error: CounterpartError, *, upload: bool) -> None:
        self._forget()
        with self._store.transaction():
            self._store.blobs.fail(blob.sha256, error.cause)
            if upload:
                for item in self._store.outbox.open_items():
                    if blob.sha256 in item.blobs:
                        problem = {"kind": "upload", "code": "upload", "message": error.cause}
                        self._store.outbox.quarantine(
                            item.mutation.mutation_id, problem | {"fields": {}, "possible": []}
                        )
        self._tell(blob, None, blob.have, upload=upload, state="failed")
        self._emit(OutboxChanged())

    def _tell(self, blob: Blob, current: _Current | None, done: int, *, upload: bool, state: str) -> None:
        seconds = self._clock.monotonic() - current.began if current else 0.0
        rate = (done - current.first) / seconds if current and seconds > 0 else 0.0
        self._emit(TransferProgress(blob.sha256, blob.name, upload, done, blob.size, rate, state))

    def _drop_stream(self) -> None:
        """Close the open download, if any; what it brought is kept."""
        current, self._down = self._down, None
        close = getattr(current.stream, "close", None) if current else None
        if close is not None:
            close()

    def _forget(self) -> None:
        self._up = None
        self._drop_stream()
