"""How a system signs the calls by which it says that rows changed, and where in them the rows stand.

Pure: a scheme is data, and checking a delivery takes values and returns values. Only ids are taken out of a delivery;
content always comes from reads by id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never

#: How far a delivery's time may be from ours, either way.
SKEW = timedelta(minutes=5)
#: Characters an id or an object's name may have.
_LONGEST_ID = 120

#: What HubSpot signs is the address with these read back; everything else stays as it was encoded.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


class Signed(StrEnum):
    """What the signature is of."""

    TIMESTAMP_BODY = "timestamp.body"
    METHOD_URI_BODY_TIMESTAMP = "method+uri+body+timestamp"


class Encoding(StrEnum):
    """How the signature is written."""

    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True)
class WebhookScheme:
    """One way of signing, always HMAC-SHA256. Header names in any case; `prefix` stands before the signature.

    `milliseconds`: the timestamp counts those instead of seconds since 1970. `list_at`: member of the body that holds
    the list of rows, "" when the body is the list. `object_at` and `id_at`: members of each row; an object's name ends
    at the first dot (`contact.creation`). `objects`: the system's name for an object in a webhook to the port's, where
    they differ.
    """

    signature_header: str = "Counterpart-Signature"
    timestamp_header: str = "Counterpart-Timestamp"
    signed: Signed = Signed.TIMESTAMP_BODY
    encoding: Encoding = Encoding.HEX
    prefix: str = ""
    milliseconds: bool = False
    list_at: str = "changed"
    object_at: str = "object"
    id_at: str = "id"
    objects: Mapping[str, str] = field(default_factory=dict)
    #: Members of each row that name further rows, in pairs of object and id: both ends of a link, what a merge made.
    further: tuple[tuple[str, str], ...] = ()


#: The embedded system's, and a proposal to whoever writes the sending side: `timestamp + "." + body`, in hex.
GENERIC = WebhookScheme()

#: HubSpot's third version. A connector adds the names of its objects.
HUBSPOT_V3 = WebhookScheme(
    signature_header="X-HubSpot-Signature-v3",
    timestamp_header="X-HubSpot-Request-Timestamp",
    signed=Signed.METHOD_URI_BODY_TIMESTAMP,
    encoding=Encoding.BASE64,
    milliseconds=True,
    list_at="",
    object_at="subscriptionType",
    id_at="objectId",
)


@dataclass(frozen=True)
class Delivery:
    """A call as it came in: the address in full, as the sender has called it, and the body's bytes untouched."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header by its name in any case; empty when there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


class Unproven(Exception):
    """A delivery that does not prove where it comes from. `reason` is one word, for counting."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Proof:
    """A delivery is what its sender signed. `signature`: its bytes; after `expires_at` it proves nothing any more."""

    signature: bytes
    expires_at: datetime


def prove(scheme: WebhookScheme, secret: bytes, delivery: Delivery, now: datetime) -> Proof:
    """Check signature and time of a delivery. Raises Unproven. An empty secret proves nothing.

    The signature is checked first, so that nobody learns more from a delivery they have made up.
    """
    stamp = delivery.header(scheme.timestamp_header)
    given = _decoded(scheme, delivery.header(scheme.signature_header))
    wanted = hmac.digest(secret, _signed_text(scheme, delivery, stamp), hashlib.sha256)
    # Compared in any case, and in the same time wherever they differ.
    same = hmac.compare_digest(given, wanted)
    if not same or not secret or not stamp:
        raise Unproven("signature", "The signature does not fit. Check that both sides have the same secret.")
    at = _instant(stamp, milliseconds=scheme.milliseconds)
    if at is None or not -SKEW <= now - at <= SKEW:
        raise Unproven("stale", "This was sent more than five minutes ago, or the clocks differ by as much.")
    return Proof(given, at + SKEW)


def sign(scheme: WebhookScheme, secret: bytes, delivery: Delivery, stamp: str) -> str:
    """Return the signature a sender puts into its header, for a body sent at `stamp`."""
    made = hmac.digest(secret, _signed_text(scheme, delivery, stamp), hashlib.sha256)
    text = made.hex() if scheme.encoding is Encoding.HEX else base64.b64encode(made).decode()
    return scheme.prefix + text


def _signed_text(scheme: WebhookScheme, delivery: Delivery, stamp: str) -> bytes:
    at = stamp.encode("utf-8", "surrogateescape")
    match scheme.signed:
        case Signed.TIMESTAMP_BODY:
            return at + b"." + delivery.body
        case Signed.METHOD_URI_BODY_TIMESTAMP:
            head = delivery.method.upper() + _read_back(delivery.uri)
            return head.encode("utf-8", "surrogateescape") + delivery.body + at
        case _:
            assert_never(scheme.signed)


def _read_back(uri: str) -> str:
    for code, character in _DECODED.items():
        uri = uri.replace(code, character).replace(code.lower(), character)
    return uri


def _decoded(scheme: WebhookScheme, text: str) -> bytes:
    """Return the signature's bytes; none when it is not written as it should be."""
    if not text.startswith(scheme.prefix):
        return b""
    text = text.removeprefix(scheme.prefix)
    try:
        if scheme.encoding is Encoding.HEX:
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _instant(stamp: str, *, milliseconds: bool) -> datetime | None:
    # What int() takes beyond digits (signs, spaces, underscores, other scripts) is no timestamp.
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
        return None
    try:
        return datetime.fromtimestamp(int(stamp) / (1000 if milliseconds else 1), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def named_rows(scheme: WebhookScheme, body: bytes) -> list[tuple[str, str]]:
    """Return object and id of each row a body names, each once. Raises ValueError when it is not of that form.

    A row of which the body says no more than that something happened is left out.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body is not JSON, or is nested too deeply.") from None
    if scheme.list_at:
        data = data.get(scheme.list_at) if isinstance(data, dict) else None
    if not isinstance(data, list):
        raise ValueError("The body holds no list of rows.")
    return list(dict.fromkeys(_rows(scheme, data)))


def _rows(scheme: WebhookScheme, items: list[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        if not isinstance(item, dict):
            continue
        for object_at, id_at in ((scheme.object_at, scheme.id_at), *scheme.further):
            yield from _row(scheme, item.get(object_at), item.get(id_at))


def _row(scheme: WebhookScheme, name: Any, key: Any) -> Iterator[tuple[str, str]]:
    if isinstance(key, int) and not isinstance(key, bool):
        key = str(key)
    if not isinstance(name, str) or not isinstance(key, str):
        return
    obj = name.partition(".")[0]
    obj = scheme.objects.get(obj, obj)
    if obj and key and len(key) <= _LONGEST_ID and key.isprintable():
        yield obj, key
