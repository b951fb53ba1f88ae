"""The reader of PDF files: a process of its own around PDFium, which reads what strangers wrote.

It gets bytes and gives back numbers, pixels and words; it opens no file and no connection. A document that crashes it,
or takes more memory or time than one may, costs the reader and never the window. It imports nothing but PDFium: it has
to stand there before a person notices.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import closing, suppress
from typing import IO, Any

from app.services.pdf_memory import memory
from app.services.pdf_wire import MOST_FOUND, Ended, receive, send

#: What the process may hold, in bytes, and for how long it may be at one question, in seconds. The app ends it sooner
#: than that; this is for a reader whose app is gone.
MOST_MEMORY, MOST_SECONDS = 1 << 30, 60.0

#: The most characters of one page that are told.
MOST_WORDS = 1_000_000

#: How often it looks at itself, in seconds.
_LOOK = 0.05


class Reader:
    """Answers questions about documents, which it knows by number."""

    def __init__(self) -> None:
        import pypdfium2  # noqa: PLC0415  # by the reader alone

        self._pdfium = pypdfium2
        self._open: dict[int, Any] = {}

    def answer(self, asked: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Answer one question; what PDFium refuses, or what no page can be asked, is told as `refused`."""
        try:
            return self._answer(asked, body)
        except (self._pdfium.PdfiumError, ValueError, OverflowError, MemoryError):
            return {"refused": True}, b""

    def _answer(self, asked: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        number = asked["file"]
        match asked["do"]:
            case "open":
                self._open[number] = self._pdfium.PdfDocument(body)
                return {"pages": len(self._open[number])}, b""
            case "sizes":
                file = self._open[number]
                return {"sizes": [file.get_page_size(index) for index in range(asked["pages"])]}, b""
            case "render":
                return self._render(number, asked["page"], asked["scale"])
            case "text":
                with closing(self._open[number][asked["page"]]) as page, closing(page.get_textpage()) as text:
                    return {}, str(text.get_text_bounded())[:MOST_WORDS].encode("utf-8", "replace")
            case "find":
                return {"boxes": self._find(number, asked["page"], asked["wanted"])}, b""
            case "close":
                file = self._open.pop(number, None)  # one that could not be opened is not there
                if file is not None:
                    file.close()
                return {}, b""
            case other:
                raise NotImplementedError(other)

    def _render(self, number: int, index: int, scale: float) -> tuple[dict[str, Any], bytes]:
        with closing(self._open[number][index]) as page:
            bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=True)
            with closing(bitmap):
                head = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride}
                return head, bytes(bitmap.buffer)

    def _find(self, number: int, index: int, wanted: str) -> list[tuple[float, ...]]:
        found: list[tuple[float, ...]] = []
        with (
            closing(self._open[number][index]) as page,
            closing(page.get_textpage()) as text,
            closing(text.search(wanted)) as search,
        ):
            while (hit := search.get_next()) is not None and len(found) < MOST_FOUND:
                start, count = hit
                found += [text.get_rect(i) for i in range(text.count_rects(start, count))]
        return found[:MOST_FOUND]


class Warden:
    """Ends the process at once when it takes too much, on a thread beside it: PDFium itself cannot be interrupted."""

    def __init__(self) -> None:
        self._since: float | None = None
        threading.Thread(target=self._watch, name="warden", daemon=True).start()

    def began(self) -> None:
        """A question is being answered."""
        self._since = time.monotonic()

    def ended(self) -> None:
        """It is answered. What it left too much of is its own fault, not that of the next."""
        self._since = None
        if memory() > MOST_MEMORY:
            os._exit(1)

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK)
            since = self._since
            if memory() > MOST_MEMORY or (since is not None and time.monotonic() - since > MOST_SECONDS):
                os._exit(1)


def serve(source: IO[bytes], sink: IO[bytes], warden: Warden) -> None:
    """Answer until the app is gone."""
    reader = Reader()
    while True:
        try:
            asked, body = receive(source)
            warden.began()
            answer = reader.answer(asked, body)
            warden.ended()
            send(sink, *answer)
        except Ended:
            return


def main() -> None:
    """Serve on the streams the process was started with."""
    # A key that interrupts what runs in the terminal is the app's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = _streams()
    warden = Warden()
    _give_up_rights()
    try:
        serve(source, sink, warden)
    except Exception:  # noqa: BLE001  # a frozen program without streams would show it in a dialog, and wait
        if sys.stderr is not None:
            with suppress(OSError):  # a file it is, perhaps, and it may write to none
                traceback.print_exc()
        os._exit(1)
    # PDFium's own end would only give back what the system takes anyway.
    os._exit(0)


def _give_up_rights() -> None:
    """Write no file and start no process any more, where the system lets a process say so of itself."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not on Windows

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes, as bytes; whatever else is printed goes nowhere, not among the answers."""
    sink = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  # there only

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(sink, os.O_BINARY)
    return os.fdopen(0, "rb", closefd=False), os.fdopen(sink, "wb")


if __name__ == "__main__":
    main()
