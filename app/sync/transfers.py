"""Moves document bytes, a chunk at a time: what the user waits to send first, then what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from app.contract.errors import (
    CounterpartError,
    CursorExpired,
    HostileAnswer,
    LocalError,
    NotAllowed,
    PermanentError,
    Refused,
    RetryableError,
    SignInNeeded,
)
from app.contract.said import said
from app.store.database import Store
from app.store.documents import Blob
from app.store.outbox import Item, ItemState
from app.sync.apply import refuse_file
from app.sync.clock import Clock, Rng
from app.sync.events import ActivityAdded, Event, OutboxChanged, TransferProgress
from app.sync.failpoints import SyncPoint
from app.sync.retry import Failures
from app.sync.settings import EngineSettings
from app.sync.transport import Transport

#: Bytes moved in one step: small enough to cancel at once, large enough not to be all overhead.
CHUNK = 256 * 1024

#: Without a session nothing moves; the engine asks the user to sign in and wakes this afterwards.
_UNTIL_SIGNED_IN = 3600.0

#: Progress is told at most this often, in seconds.
_TELL_EVERY = 0.1


@dataclass
class _Current:
    """What is being moved: where it began, for the rate, and what is open for it."""

    blob: Blob
    upload: bool
    began: float
    first: int
    done: int
    upload_id: str = ""
    stream: Iterator[bytes] | None = None
    told: float | None = None


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
        self._current: _Current | None = None

    def wait(self) -> float:
        """Return the seconds until a step makes sense again after a failure; 0 when now."""
        if self._signed_out:
            return _UNTIL_SIGNED_IN
        return self._failures.remaining(self._clock.monotonic())

    def encourage(self) -> None:
        """The network or the session is back. A wait that the gateway named still holds."""
        self._signed_out = False
        if self._failures.remaining(self._clock.monotonic(), impatient=True) == 0:
            self._failures.succeeded()

    def step(self) -> bool:
        """Move one chunk; False when there is nothing to move now. Raises LocalError kinds and bugs only."""
        if self.wait() > 0:
            return False
        try:
            return self._step()
        except LocalError:
            # What was read may not have been kept: the next step begins again from what is.
            self._drop("")
            raise

    def _step(self) -> bool:
        blob, upload = self._next()
        self._drop_other(blob, upload)
        if blob is None:
            return False
        try:
            current = self._current or self._open(blob, upload)
            if upload:
                self._upload(current)
            else:
                self._download(current)
        except SignInNeeded:
            self._signed_out = True
            self._drop("")
            return False
        except (RetryableError, CursorExpired) as error:
            # A position that is not known says nothing of a file: whoever answers so is confused, not refusing.
            wait = error.retry_after if isinstance(error, RetryableError) else None
            self._failures.failed(self._clock.monotonic(), self._rng, wait)
            self._drop("")
            return False
        except PermanentError as error:
            self._give_up(blob, upload, error)
        else:
            self._failures.succeeded()
        return True

    def close(self) -> None:
        """Let go of what is open; what has arrived is kept."""
        self._drop("")

    # -- what is next -------------------------------------------------------------------------------------
    def _next(self) -> tuple[Blob | None, bool]:
        uploads = self._store.blobs.uploads()
        if uploads:
            return uploads[0], True
        return next(iter(self._store.blobs.downloads()), None), False

    def _drop_other(self, blob: Blob | None, upload: bool) -> None:
        """Close what is open for another blob: that one was cancelled, or something more urgent came up."""
        current = self._current
        if current is None or (
            blob is not None and (blob.sha256, upload) == (current.blob.sha256, current.upload)
        ):
            return
        known = self._store.blobs.get(current.blob.sha256)
        waits = known is not None and (known.unsent if current.upload else known.wanted)
        self._drop("" if waits else "cancelled")

    def _open(self, blob: Blob, upload: bool) -> _Current:
        now = self._clock.monotonic()
        if upload:
            upload_id, held = self._transport.begin_upload(blob.sha256, blob.size, blob.media_type, blob.name)
            self._current = _Current(blob, True, now, held, held, upload_id=upload_id)
        else:
            stream = self._transport.download(blob.sha256, blob.have) if blob.have < blob.size else None
            self._current = _Current(blob, False, now, blob.have, blob.have, stream=stream)
        return self._current

    # -- up -----------------------------------------------------------------------------------------------
    def _upload(self, current: _Current) -> None:
        blob = current.blob
        if current.done < blob.size:
            end = min(current.done + CHUNK, blob.size)
            try:
                data = b"".join(self._store.blobs.read(blob.sha256, current.done, end))
            except KeyError:
                self._drop("cancelled")  # taken back at this moment
                return
            held = self._sent(current, data)
            if not current.done < held <= blob.size:
                raise HostileAnswer("The gateway says it holds another part of the file than was sent.")
            current.done = held
            self._store.failpoints.reached(SyncPoint.PIECE_SENT)
        if current.done < blob.size:
            self._tell(current, "running")
            return
        with self._store.transaction():
            self._store.blobs.mark_sent(blob.sha256)
            for item in self._store.outbox.open_items():
                if blob.sha256 in item.blobs:
                    # The line names the record it belongs to: should that be revoked, the file's name goes with it.
                    text = said("Sent the file {name}", name=blob.name)
                    self._store.activity.add(self._clock.now(), "upload", text, item.mutation.gid)
                    break
            self._store.failpoints.reached(SyncPoint.FILE_SENT)
        self._current = None
        self._tell(current, "done")
        self._emit(OutboxChanged())
        self._emit(ActivityAdded())

    def _sent(self, current: _Current, data: bytes) -> int:
        """Send bytes. When the gateway lost track of the upload it is opened anew, and goes on from what it holds."""
        try:
            return self._transport.upload(current.upload_id, current.done, data)
        except (Refused, NotAllowed) as error:
            if isinstance(error, Refused) and error.code != "offset":
                raise
            raise RetryableError("The gateway has begun this upload anew.") from error

    # -- down ---------------------------------------------------------------------------------------------
    def _download(self, current: _Current) -> None:
        data, ended = _read(current.stream)
        blob = current.blob
        if current.done + len(data) > blob.size:
            raise HostileAnswer("The gateway sent more than this document has.")
        if not self._keep(current, data):
            self._drop("cancelled")
            return
        if current.done < blob.size:
            if ended:
                raise RetryableError("The download was cut off.")
            self._tell(current, "running")
            return
        self._finish(current)

    def _keep(self, current: _Current, data: bytes) -> bool:
        """Keep what arrived; False when nobody wants it any more, since it was cancelled or revoked meanwhile."""
        with self._store.transaction():
            blob = self._store.blobs.get(current.blob.sha256)
            if blob is None or not blob.wanted or blob.have != current.done:
                return False
            have = self._store.blobs.append(blob.sha256, blob.have, data) if data else blob.have
        current.done = have
        return True

    def _finish(self, current: _Current) -> None:
        blob = current.blob
        now = self._clock.now()
        with self._store.transaction():
            here = self._store.blobs.get(blob.sha256) is not None
            whole = here and self._store.blobs.finish(blob.sha256, now)
            if whole:
                self._store.activity.add(now, "download", said("Pulled a document"))
        if not here:
            self._drop("cancelled")
            return
        if not whole:
            raise HostileAnswer("What arrived was not this document, so it was thrown away.")
        # Not the one that has just come: somebody waits for it.
        self._store.blobs.evict(self._settings.limit(self._store), besides=blob.sha256)
        self._drop("done")
        self._emit(ActivityAdded())

    # -- ends ---------------------------------------------------------------------------------------------
    def _give_up(self, blob: Blob, upload: bool, error: CounterpartError) -> None:
        if self._current is None:
            done = 0 if upload else blob.have
            self._current = _Current(blob, upload, self._clock.monotonic(), done, done)
        with self._store.transaction():
            if self._store.blobs.get(blob.sha256) is not None:
                self._store.blobs.fail(blob.sha256, error.cause)
            if upload:
                for item in self._store.outbox.open_items():
                    if blob.sha256 in item.blobs:
                        self._without_file(item, blob, error)
        self._drop("failed")
        self._emit(OutboxChanged())
        self._emit(ActivityAdded())

    def _without_file(self, item: Item, blob: Blob, error: CounterpartError) -> None:
        if not item.frozen:
            refuse_file(self._store, item, error.cause, self._clock.now())
        elif item.state is not ItemState.QUARANTINED:
            # It has been sent with its file before, so it waits for no upload: the gateway says what to do.
            self._store.blobs.mark_sent(blob.sha256)

    def _drop(self, state: str) -> None:
        """Close what is open; with a `state`, tell that it ended so."""
        current, self._current = self._current, None
        if current is None:
            return
        if isinstance(current.stream, Generator):
            with suppress(CounterpartError):
                current.stream.close()
        if state:
            self._tell(current, state)

    def _tell(self, current: _Current, state: str) -> None:
        now = self._clock.monotonic()
        if state == "running" and current.told is not None and now - current.told < _TELL_EVERY:
            return
        current.told = now
        seconds = now - current.began
        rate = (current.done - current.first) / seconds if seconds > 0 else 0.0
        blob = current.blob
        self._emit(
            TransferProgress(blob.sha256, blob.name, current.upload, current.done, blob.size, rate, state)
        )


def _read(stream: Iterator[bytes] | None) -> tuple[bytes, bool]:
    """Read about a chunk; the flag tells that the stream has ended."""
    parts: list[bytes] = []
    size = 0
    for part in stream or ():
        parts.append(part)
        size += len(part)
        if size >= CHUNK:
            return b"".join(parts), False
    return b"".join(parts), True
