"""The log on this computer: what happened, one JSON line each, and a report of each crash.

Usage::

    log = Log.in_folder(root / "logs", clock.now, Level.WARNING, Redactor(Path.home()))
    log.note(Happened.CALL_FAILED, call=Call.CHANGES, error=Kind.of(problem))

It is never sent anywhere. See `happenings` for what may stand in it, and docs/diagnostics.md.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.contract.errors import CounterpartError
from app.contract.version import RELEASE
from app.session.logbook.files import LogFiles
from app.session.logbook.happenings import LEVELS, Detail, Happened, Kind, Level, Ref, plain
from app.session.logbook.redacting import Redactor
from app.session.logbook.traces import told

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

#: In the data folder: where it lies.
FOLDER = "logs"

_NUMBERS = {Level.DEBUG: 10, Level.INFO: 20, Level.WARNING: 30, Level.ERROR: 40}
_THREADS = ("MainThread", "counterpart-sync", "counterpart-transfers", "errand")


class _Sink:
    """What structlog hands whole lines to."""

    def __init__(self, files: LogFiles, now: Callable[[], datetime]) -> None:
        self._files = files
        self._now = now

    def msg(self, line: str) -> None:
        self._files.append(line.encode(), self._now())

    debug = info = warning = error = msg


class Log:
    """Writes lines and crash reports. Safe to use from several threads; it never raises."""

    def __init__(
        self,
        files: LogFiles | None,
        now: Callable[[], datetime],
        level: Level,
        redactor: Redactor,
        *,
        names_nobody: bool = False,
    ) -> None:
        """`files` None: nothing is written. `names_nobody`: a shared machine; not even a hash says who it was."""
        self.files = files
        self._now = now
        self.redactor = redactor
        self._names_nobody = names_nobody
        self._least = _NUMBERS[level]

    @classmethod
    def in_folder(
        cls,
        folder: Path,
        now: Callable[[], datetime],
        level: Level,
        redactor: Redactor,
        *,
        names_nobody: bool = False,
    ) -> Log:
        """Return one that writes into a folder, which is made with the first line."""
        return cls(LogFiles(folder), now, level, redactor, names_nobody=names_nobody)

    def note(self, happened: Happened, **details: Detail) -> None:
        """Write a line, if its level is written here."""
        level = LEVELS[happened]
        if self.files is not None and _NUMBERS[level] >= self._least:
            getattr(self._logger, level.value)(happened.value, **details)

    def surprise(self, error: BaseException) -> None:
        """An error that nobody caught: an expected one is a line, a bug a report as well."""
        if isinstance(error, CounterpartError):
            self.note(Happened.TROUBLE, error=Kind.of(error))
            return
        self.note(Happened.BUG, error=Kind.of(error))
        self.report({"happened": Happened.BUG.value, "thread": _thread(), "error": told(error)})

    def report(self, report: dict[str, Any]) -> None:
        """Keep a crash report. What is in it was made by `traces` or `hard_crash`, and is redacted once more."""
        if self.files is None:
            return
        at = self._now().astimezone(UTC)
        head = {
            "at": _stamp(at),
            "release": RELEASE,
            "python": sys.version.split()[0],
            "system": sys.platform,
        }
        content = self.redactor.value({**head, **report})
        self.files.crash(json.dumps(content, indent=1, ensure_ascii=False).encode(), at)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note whatever leaves the block as an error; it goes on its way."""
        try:
            yield
        except Exception as error:
            self.surprise(error)
            raise

    @contextmanager
    def noting(self, well: Happened, badly: Happened, **details: Detail) -> Iterator[None]:
        """Note how a block ended: well, or by which kind of error."""
        try:
            yield
        except Exception as error:
            self.note(badly, error=Kind.of(error), **details)
            raise
        self.note(well, **details)

    def empty(self) -> None:
        """Delete lines and reports: the last account has left this computer."""
        if self.files is not None:
            self.files.empty()
            self.note(Happened.EMPTIED)

    @cached_property
    def _logger(self) -> Any:
        # With the first line that is written; a start at which nothing went wrong writes none.
        import structlog  # noqa: PLC0415

        assert self.files is not None
        processors: list[Processor] = [
            self._closed,
            self._dated,
            self.redactor,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        return structlog.wrap_logger(
            _Sink(self.files, self._now),
            processors=processors,
            wrapper_class=structlog.make_filtering_bound_logger(self._least),
            context_class=dict,
            cache_logger_on_first_use=False,
        )

    def _closed(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Only closed kinds pass; a shared machine's log leaves out who it was."""
        known = {
            name: one for name, one in event.items() if not (self._names_nobody and isinstance(one, Ref))
        }
        return {name: one if name == "event" else plain(one) for name, one in known.items()}

    def _dated(self, _logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        return {"at": _stamp(self._now()), "level": name, **event}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _thread() -> str:
    name = threading.current_thread().name
    return name if name in _THREADS else "other"


#: Where nothing is written.
SILENT = Log(None, lambda: datetime.now(UTC), Level.ERROR, Redactor())
