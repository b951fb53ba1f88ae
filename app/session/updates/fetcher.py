"""Fetches metadata and packages for the TUF library, through the client that knows this computer's proxies and trust.

Only https, no redirects, nothing packed on the way, never more bytes than are expected, and a least rate: what comes
more slowly than a modem is given up, however steadily it drips. A package goes on where it was broken off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
from tuf.api import exceptions
from tuf.ngclient import FetcherInterface

#: A transfer may take so many seconds, and one more for so many bytes.
GRACE, LEAST_RATE = 30.0, 4_096

#: Told as a redirect: what is not over https is another place.
_ELSEWHERE = 399


class Fetcher(FetcherInterface):
    """Used by one thread. `partial`: where a package lies while it is fetched; without one it is not gone on with."""

    def __init__(self, client: httpx.Client, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._monotonic = monotonic
        self.partial: Path | None = None
        self.told: Callable[[int, int], None] | None = None
        """Called with bytes that are there and bytes there will be."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        with self._answer(url, 0) as (_begins, pieces):
            yield from pieces

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Yield what is at an address, opened at its beginning. Raises the library's DownloadError kinds, OSError."""
        if self.partial is None:
            with super().download_file(url, max_length) as file:
                yield file
            return
        self.partial.parent.mkdir(parents=True, exist_ok=True)
        with self.partial.open("a+b") as file:
            self._complete(url, file, max_length)
            file.seek(0)
            yield file

    def _complete(self, url: str, file: IO[bytes], length: int) -> None:
        """Fetch what a file lacks of `length` bytes."""
        have = file.seek(0, os.SEEK_END)
        if have == length:
            return
        if have > length:
            have = file.truncate(0)
        with self._answer(url, have) as (begins, pieces):
            have = file.truncate(begins)
            for piece in pieces:
                have += len(piece)
                if have > length:
                    file.truncate(0)
                    raise exceptions.DownloadLengthMismatchError(f"more than {length} bytes")
                file.write(piece)
                if self.told is not None:
                    self.told(have, length)

    @contextmanager
    def _answer(self, url: str, begin: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Ask for the bytes from `begin` on; yields where those that come begin, and them as they come."""
        if httpx.URL(url).scheme != "https":
            raise exceptions.DownloadHTTPError("only https", _ELSEWHERE)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if begin:
            headers["Range"] = f"bytes={begin}-"
        started = self._monotonic()
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                _expect(answer, begin)
                goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
                yield begin if goes_on else 0, self._in_time(answer, started)
        except httpx.HTTPError as error:
            raise exceptions.DownloadError(f"{url}: {error}") from error

    def _in_time(self, answer: httpx.Response, started: float) -> Iterator[bytes]:
        got = 0
        # In pieces as they come: to gather them into larger ones would be to wait for whoever drips.
        for piece in answer.iter_raw():
            got += len(piece)
            if self._monotonic() - started > GRACE + got / LEAST_RATE:
                raise exceptions.SlowRetrievalError(f"{got} bytes of {answer.url}")
            yield piece


def _expect(answer: httpx.Response, begin: int) -> None:
    code = answer.status_code
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise exceptions.DownloadError("packed on the way")
    goes_on = code == httpx.codes.PARTIAL_CONTENT and begin > 0
    if goes_on and not answer.headers.get("Content-Range", "").startswith(f"bytes {begin}-"):
        raise exceptions.DownloadError("another part than was asked for")
    if code != httpx.codes.OK and not goes_on:
        raise exceptions.DownloadHTTPError(f"status {code}", code)
