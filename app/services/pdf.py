"""PDF pages and their text, from bytes in memory; nothing is ever written to a temporary file.

A process of its own reads them (`app/services/pdf_process.py`): whoever writes a file may want to crash what reads it.
What comes back from there is looked at as closely as what comes from a network.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.contract.errors import NoReader, Refused
from app.contract.said import said
from app.services.pdf_wire import MOST_BODY, MOST_PAGES, READ_PAGES, Ended, receive, send

if TYPE_CHECKING:
    from pydantic import BaseModel

#: The most text one document adds to the search index, in characters.
MOST_TEXT = 400_000

#: How long one question may take, in seconds: the drawing of one page, at most.
MOST_SECONDS = 20.0

#: How many pages of a document may take too much until it is given up as a whole.
_MOST_BAD = 3

#: What the words of one page may measure, in bytes; the reader cuts them long before.
_MOST_WORDS = 8 << 20

_Answer = TypeVar("_Answer", bound="BaseModel")


@dataclass(frozen=True)
class PageImage:
    """A rendered page: 32-bit BGRx rows, `stride` bytes each."""

    width: int
    height: int
    stride: int
    pixels: bytes


class PdfFile:
    """An open document. Every method may be called from any thread; `close` when done.

    All raise Refused for what PDFium cannot read, or not within bounds; NoReader when nothing is there to read it, and
    for good once `end_reader` was called.
    """

    def __init__(self, data: bytes) -> None:
        self._data: bytes | None = data
        self._given_up = False
        self._bad: set[int] = set()
        self._reader: _Reader | None = None
        self._number = 0
        self._window = _windows_closed
        with self._turn():
            self.pages = min(self._read_anew(), MOST_PAGES)

    def __del__(self) -> None:
        # Whoever opened it may have gone on to another file meanwhile. This may run within another document's turn.
        if self._reader is not None:
            self._reader.dropped.append(self._number)

    def close(self) -> None:
        """Free what the document holds; whatever is asked of it afterwards is refused."""
        with _TURN:
            self._data = None
            if self._reader is not None and self._reader.alive:
                self._reader.forget(self._number)
            self._reader = None

    def sizes(self) -> list[tuple[float, float]]:
        """Return width and height of every page in points (1/72 inch)."""
        from app.services.pdf_answers import Sizes  # noqa: PLC0415  # with the first document

        head, _ = self._ask("sizes", pages=self.pages)
        sizes = self._understood(Sizes, head).sizes
        if len(sizes) != self.pages:
            raise _unreadable()
        return sizes

    def render(self, index: int, scale: float) -> PageImage:
        """Render a page; `scale` 1 is 72 dots an inch."""
        from app.services.pdf_answers import Drawn  # noqa: PLC0415  # with the first document

        head, pixels = self._ask("render", page=index, scale=scale)
        drawn = self._understood(Drawn, head)
        if drawn.stride < 4 * drawn.width or len(pixels) != drawn.stride * drawn.height:
            raise _unreadable()
        return PageImage(drawn.width, drawn.height, drawn.stride, pixels)

    def text(self, index: int) -> str:
        """Return the text of a page."""
        return self._ask("text", page=index)[1].decode("utf-8", "replace")

    def find(self, index: int, wanted: str) -> list[tuple[float, float, float, float]]:
        """Return where `wanted` stands on a page, as (left, bottom, right, top) in points from the bottom left."""
        from app.services.pdf_answers import Found  # noqa: PLC0415  # with the first document

        # PDFium ends over words that are none, which would give up the document.
        wanted = wanted.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
        if not wanted:
            return []
        return self._understood(Found, self._ask("find", page=index, wanted=wanted)[0]).boxes

    def _ask(self, what: str, **more: Any) -> tuple[dict[str, Any], bytes]:
        with self._turn():
            if self._data is None:
                raise Refused(
                    said("This document has been closed."), kept=said("The file itself is kept as it is.")
                )
            if more.get("page") in self._bad:
                raise _too_much()
            if self._reader is None or not self._reader.alive:
                self._read_anew()
            return self._put({"do": what, "file": self._number, **more})

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with _TURN:
            if self._window != _windows_closed:
                raise NoReader  # and none is started any more for a window that was closed meanwhile
            yield

    def _read_anew(self) -> int:
        """Give the document to the reader that runs, perhaps another than last time; returns its pages."""
        from app.services.pdf_answers import Opened  # noqa: PLC0415  # with the first document

        assert self._data is not None
        if self._given_up:
            raise _too_much()
        self._reader, self._number = _running(), next(_numbers)
        head, _ = self._put({"do": "open", "file": self._number}, self._data)
        return self._understood(Opened, head).pages

    def _put(self, question: dict[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        assert self._reader is not None
        try:
            head, answer = self._reader.ask(question, body)
        except Ended:
            if self._reader.dismissed:
                raise NoReader from None
            # Not once more: the next reader would end over it too, and every other document's with it.
            if "page" in question:
                self._bad.add(question["page"])
            self._given_up = "page" not in question or len(self._bad) >= _MOST_BAD
            self._reader.end()
            raise _too_much() from None
        if head.get("refused"):
            raise _unreadable()
        return head, answer

    @staticmethod
    def _understood(answer: type[_Answer], head: dict[str, Any]) -> _Answer:
        try:
            return answer.model_validate(head)
        except ValueError:
            raise _unreadable() from None


def page_count(data: bytes) -> int | None:
    """Return the number of pages, or None when it is not a PDF that can be read, or nothing is there to read it."""
    try:
        document = PdfFile(data)
    except (NoReader, Refused):
        return None
    document.close()
    return document.pages


def text_of(data: bytes) -> str:
    """Return the text of all pages for search, cut at `MOST_TEXT`. A page that cannot be read is left out.

    Raises Refused when none can be read, NoReader.
    """
    document = PdfFile(data)
    parts: list[str] = []
    length = 0
    problem: Refused | None = None
    try:
        for index in range(document.pages):
            try:
                parts.append(document.text(index))
            except Refused as error:
                problem = error
                continue
            length += len(parts[-1])
            if length >= MOST_TEXT:
                break
    finally:
        document.close()
    if problem is not None and not parts:
        raise problem
    return "\n".join(parts)[:MOST_TEXT]


def end_reader() -> None:
    """End the process that reads, whatever it is doing; what it held goes with it. The next document starts another."""
    global _windows_closed  # noqa: PLW0603
    _windows_closed += 1
    reader = _last_reader
    if reader is not None:
        reader.dismissed = True
        reader.end()


class _Reader:
    """The process that reads, and the pipes to it. One question at a time."""

    def __init__(self) -> None:
        self.dismissed = False
        #: Numbers of documents that nobody holds any more, though nobody closed them.
        self.dropped: deque[int] = deque()
        self._late = False
        self._ending = threading.Lock()
        self._process = subprocess.Popen(
            _command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A window may have none to hand on: Windows then starts nothing, elsewhere the pipe of the answers takes
            # its place, and what a library complains of there comes between them.
            stderr=subprocess.DEVNULL if _frozen() or sys.stderr is None else None,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout

    @property
    def alive(self) -> bool:
        """Whether it still runs, and will."""
        return not self._late and self._process.poll() is None

    def ask(self, question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Ask and wait. Raises Ended when it is gone, also because it took too long."""
        late = threading.Timer(MOST_SECONDS, self._give_up)
        late.daemon = True
        late.start()
        try:
            send(self._to, question, body)
            return receive(self._from, MOST_BODY if question["do"] == "render" else _MOST_WORDS)
        finally:
            late.cancel()
            late.join()  # had it just run out, the next document would pay for it

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def forget(self, number: int) -> None:
        """Let it close a document."""
        try:
            self.ask({"do": "close", "file": number}, b"")
        except Ended:
            self.end()

    def forget_dropped(self) -> None:
        """Let it close the documents that nobody holds any more."""
        while self.dropped and self.alive:
            self.forget(self.dropped.popleft())

    def end(self) -> None:
        """End it, whatever it is doing."""
        with self._ending:  # a pipe that two close at once fails the second
            self._process.kill()
            self._process.wait()
            for pipe in (self._to, self._from):
                with suppress(OSError):  # what was still to be sent goes nowhere now
                    pipe.close()


def _frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _command() -> list[str]:
    if _frozen():
        return [sys.executable, READ_PAGES]
    # Nothing is loaded from the folder somebody happens to be in.
    return [sys.executable, "-P", "-m", "app.services.pdf_process"]


def _environment() -> dict[str, str] | None:
    if _frozen():
        return None
    places = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


#: Whoever asks has the turn: PDFium answers one question at a time, and so does its process. Which is why there is one
#: of it for the whole app, as there was one of PDFium.
_TURN = threading.Lock()
_numbers = count(1)
_last_reader: _Reader | None = None
#: What was open, or waited to be opened, when a window was closed belongs to nobody any more.
_windows_closed = 0


def _running() -> _Reader:
    """Return the reader that runs, or start one. Within a turn."""
    global _last_reader  # noqa: PLW0603
    if _last_reader is None:
        atexit.register(end_reader)
    if _last_reader is not None:
        _last_reader.forget_dropped()
        if not _last_reader.alive:
            _last_reader.end()
    if _last_reader is None or not _last_reader.alive:
        try:
            _last_reader = _Reader()
        except OSError as error:
            raise NoReader from error
    return _last_reader


def _unreadable() -> Refused:
    return Refused(
        said("This file cannot be shown: it is damaged or needs a password."),
        kept=said("The file itself is kept as it is."),
    )


def _too_much() -> Refused:
    return Refused(
        said("This file cannot be shown: its pages take more time or memory than a document may."),
        kept=said("The file itself is kept as it is."),
    )
