"""What goes between the app and its reader of PDF files: a head in JSON, then bytes that nobody parses.

8 bytes of head's length, 8 bytes of body's length, both little-endian; head; body
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

#: The word by which the frozen app is started as the reader.
READ_PAGES = "--read-pages"

#: What a head and a body may measure, in bytes: the places of a word that are told (Python takes a hundred times a head
#: to understand one); a page of more pixels than is ever asked for.
MOST_HEAD, MOST_BODY = 2 << 20, 256 << 20

#: The most pages of one document that are looked at: a file of a kilobyte can say that it has a million. And the most
#: places of one word on a page that are told.
MOST_PAGES, MOST_FOUND = 10_000, 10_000

_LENGTHS = struct.Struct("<QQ")


class Ended(Exception):
    """The other side is gone, or sent what no reader sends."""


def send(stream: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Send one message. Raises Ended."""
    packed = json.dumps(head).encode()
    try:
        stream.write(_LENGTHS.pack(len(packed), len(body)) + packed)
        stream.write(body)
        stream.flush()
    except (OSError, ValueError) as error:
        raise Ended from error


def receive(stream: IO[bytes], most_body: int = MOST_BODY) -> tuple[dict[str, Any], bytes]:
    """Wait for one message. Raises Ended."""
    head_length, body_length = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if head_length > MOST_HEAD or body_length > most_body:
        raise Ended
    try:
        head = json.loads(_exactly(stream, head_length))
    except (ValueError, RecursionError) as error:
        raise Ended from error
    if not isinstance(head, dict):
        raise Ended
    return head, _exactly(stream, body_length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    try:
        found = stream.read(length)
    except (OSError, ValueError) as error:
        raise Ended from error
    if len(found) != length:
        raise Ended
    return found
