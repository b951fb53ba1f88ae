"""Answers of the reading calls. Unknown members are ignored, so that a newer gateway can add some."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.contract.records import Gone, Row


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Source(_Wire):
    """When a source system was last read, so that the screen can say how old its truth is.

    `entities`: the entity types it is the home of, but for children, which live where their parent does. A gateway that
    is older names none.
    """

    system: str
    label: str
    read_at: datetime | None
    stale_reason: str = ""
    entities: tuple[str, ...] = ()


class ChangesPage(_Wire):
    """Answer of `GET /v1/changes`: each gid at most once a page, in feed order.

    The wire order of members is fixed: `puts` comes last, so that a reader can take the envelope apart cheaply.
    """

    epoch: str
    cursor: str
    more: bool
    as_of: datetime
    sources: tuple[Source, ...] = ()
    gone: tuple[Gone, ...] = ()
    puts: tuple[Row, ...] = ()


class SnapshotPage(_Wire):
    """Answer of `GET /v1/snapshot`. `after` leads to the next page; on the last page it is None and `cursor` is set.

    `counts` holds the number of visible records by entity type, for the progress shown.
    """

    epoch: str
    after: str | None
    cursor: str | None
    as_of: datetime
    sources: tuple[Source, ...] = ()
    counts: dict[str, int]
    puts: tuple[Row, ...] = ()


class DigestPage(_Wire):
    """Answer of `GET /v1/digest?cursor=`: by entity type 16 buckets of `[count, sum]`, at the gateway's head.

    `current` tells whether nothing visible to this user changed since `cursor`; only then the sums are comparable.
    `sum` is a decimal string, since it needs 64 bits without a sign.
    """

    epoch: str
    current: bool
    as_of: datetime
    sources: tuple[Source, ...] = ()
    entities: dict[str, tuple[tuple[int, str], ...]]


class BucketPage(_Wire):
    """Answer of `GET /v1/digest/{entity}/{bucket}?cursor=`: gid to hash of one bucket."""

    epoch: str
    current: bool
    hashes: dict[str, str]


class Company(_Wire):
    """A partner company the user acts for."""

    gid: str
    name: str


class Me(_Wire):
    """Answer of `GET /v1/me`: who is signed in, and for whom they act.

    `receipt_key` is the public key receipts are signed with now, in hexadecimal; a gateway that is older names none.
    `keeps_colleagues`: whether the calls of `colleagues` are answered on this device.
    """

    user: str
    name: str
    email: str
    role: str
    role_label: str
    companies: tuple[Company, ...]
    vendor: str
    device: str
    grant: str
    receipt_key: str = ""
    keeps_colleagues: bool = False


class ProblemDocument(_Wire):
    """RFC 9457 body of every error answer, with our members `code`, `fields`, `retry_after`."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    code: str = ""
    fields: dict[str, str] = {}
    retry_after: float | None = None


_PUTS = b',"puts":['


def split_puts(body: bytes) -> tuple[bytes, bytes]:
    """Take a page's bytes apart: the envelope with an empty `puts`, and the JSON array of the puts.

    `puts` is the last member on the wire, and its name cannot occur unescaped inside a string before it.
    Raises ValueError when the body has not that form (then it was cut off or is not a page).
    """
    at = body.find(_PUTS)
    tail = body.rstrip()
    if at < 0 or not tail.endswith(b"]}"):
        raise ValueError("not a page: no puts at its end")
    return body[:at] + b"}", tail[at + len(_PUTS) - 1 : -1]


#: An escape that is half of a character, if its other half does not follow.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def without_halves(puts: bytes) -> bytes:
    """Return the puts of a page with a row that holds half a character turned into one that cannot be stored.

    JSON can say "\\ud800", which is no text: what is made of it can be neither hashed nor written down. The row keeps
    its id, so that it is set aside under it. Raises ValueError for a page that cannot be read as JSON.
    """
    if _HALF.search(puts) is None:
        return puts
    try:
        rows = json.loads(puts)
        return json.dumps([_whole(row) for row in rows], separators=(",", ":"), ensure_ascii=False).encode()
    except (RecursionError, TypeError) as error:
        raise ValueError("not rows") from error


def _whole(row: Any) -> Any:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        gid = row[0] if isinstance(row, list) and row else ""
        return [gid if isinstance(gid, str) and gid.isascii() else "", "", "", "", "half a character"]
    return row
