"""PDF pages and their text, from bytes in memory; nothing is ever written to a temporary file."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakSet

from app.contract.errors import Refused
from app.contract.said import said

#: PDFium keeps state of its own for the whole process and is not safe to call from two threads; so its guard has to
#: be as wide as that. It holds nothing but the turn.
_TURN = threading.Lock()

#: Documents that are open; looked at and changed within a turn.
_open: WeakSet[PdfFile] = WeakSet()

#: The most pages of one document that are looked at: a file of a kilobyte can say that it has a million.
MOST_PAGES = 10_000

#: The most text one document adds to the search index, in characters.
MOST_TEXT = 400_000


@dataclass(frozen=True)
class PageImage:
    """A rendered page: 32-bit BGRx rows, `stride` bytes each."""

    width: int
    height: int
    stride: int
    pixels: bytes


class PdfFile:
    """An open document. Every method may be called from any thread; `close` when done."""

    def __init__(self, data: bytes) -> None:
        self._closed = False
        with _pdfium() as pdfium:
            self._document = pdfium.PdfDocument(data)
            self.pages = min(len(self._document), MOST_PAGES)
            _open.add(self)

    def close(self) -> None:
        """Free what the document holds; whatever is asked of it afterwards is refused."""
        with _TURN:
            self._closed = True
            _open.discard(self)
            self._document.close()

    def _opened(self) -> Any:
        """Return the document. Only within a turn: another thread may close it between turns."""
        if self._closed:
            raise Refused(
                said("This document has been closed."), kept=said("The file itself is kept as it is.")
            )
        return self._document

    def size(self, index: int) -> tuple[float, float]:
        """Return width and height of a page in points (1/72 inch)."""
        with _pdfium():
            width, height = self._opened().get_page_size(index)
            return float(width), float(height)

    def render(self, index: int, scale: float) -> PageImage:
        """Render a page; `scale` 1 is 72 dots an inch."""
        with _pdfium(), _closing(self._opened()[index]) as page:
            bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=True)
            try:
                return PageImage(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
            finally:
                bitmap.close()

    def text(self, index: int) -> str:
        """Return the text of a page."""
        with _pdfium(), _closing(self._opened()[index]) as page, _closing(page.get_textpage()) as text:
            return str(text.get_text_bounded())

    def find(self, index: int, wanted: str) -> list[tuple[float, float, float, float]]:
        """Return where `wanted` stands on a page, as (left, bottom, right, top) in points from the bottom left."""
        found: list[tuple[float, float, float, float]] = []
        if not wanted:
            return found
        with (
            _pdfium(),
            _closing(self._opened()[index]) as page,
            _closing(page.get_textpage()) as text,
            _closing(text.search(wanted)) as search,
        ):
            while (hit := search.get_next()) is not None:
                start, count = hit
                found += [text.get_rect(i) for i in range(text.count_rects(start, count))]
        return found


def page_count(data: bytes) -> int | None:
    """Return the number of pages, or None when it is not a PDF that can be read."""
    try:
        document = PdfFile(data)
    except Refused:
        return None
    document.close()
    return document.pages


def text_of(data: bytes) -> str:
    """Return the text of all pages for search, cut at `MOST_TEXT`. Raises Refused when it cannot be read."""
    document = PdfFile(data)
    parts: list[str] = []
    length = 0
    try:
        for index in range(document.pages):
            parts.append(document.text(index))
            length += len(parts[-1])
            if length >= MOST_TEXT:
                break
    finally:
        document.close()
    return "\n".join(parts)[:MOST_TEXT]


@cache
def _library() -> Any:
    """The library, which the first document brings in; a start does without."""
    import pypdfium2  # noqa: PLC0415

    # It ends with the process, and before that what is still shown has to be closed.
    atexit.register(_close_all)
    return pypdfium2


def _close_all() -> None:
    with _TURN:
        left = [*_open]
    for file in left:
        file.close()


@contextmanager
def _pdfium() -> Iterator[Any]:
    """Take a turn with the library."""
    with _TURN:
        library = _library()
        try:
            yield library
        except library.PdfiumError as error:
            raise Refused(
                said("This file cannot be shown: it is damaged or needs a password."),
                kept=said("The file itself is kept as it is."),
            ) from error


@contextmanager
def _closing(thing: Any) -> Iterator[Any]:
    try:
        yield thing
    finally:
        thing.close()
