"""What is thrown at parsers: samples of what honest others send, and ways to spoil them."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from app.contract.evidence import to_file
from tests.contract.test_evidence import batch
from tests.services.conftest import partner_manifest

# -- what is thrown ------------------------------------------------------------------------------------------------

ODD_NUMBERS = st.sampled_from(
    [0, -1, 2**31, 2**63, 2**64, 10**30, -(10**30), 1e308, float("nan"), float("inf")]
)
ODD_TEXTS = st.sampled_from(
    [
        "", " ", "\x00", "\ud800", "\udfff", "\u202e", "null", "NaN", "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-02-30", "24:00:00", "1e999", "<img src=x>", "../../x", "a" * 10_000, "٣", "²", "1_0", "+1", "0x10",
    ]
)  # fmt: skip
ODD_JSON = st.recursive(
    st.none() | st.booleans() | ODD_NUMBERS | st.integers() | st.floats() | st.text(max_size=20) | ODD_TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | ODD_TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)
DEEP = st.sampled_from(
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 20_000,
        b"[" + b"9" * 5_000 + b"]",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
    ]
)


@st.composite
def spoilt(draw: st.DrawFn, sample: bytes) -> bytes:
    """A sample with a few bytes changed, left out, doubled, or put in."""
    data = bytearray(sample)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 3)):
            case 0 if data:
                data[min(at, len(data) - 1)] = draw(st.integers(0, 255))
            case 1:
                del data[at : at + draw(st.integers(1, 40))]
            case 2:
                data[at:at] = data[at : at + draw(st.integers(1, 60))]
            case _:
                data[at:at] = draw(st.binary(max_size=12))
    return bytes(data)


@st.composite
def odd_like(draw: st.DrawFn, sample: bytes) -> bytes:
    """JSON of a sample's shape in which a few members are something else, gone, or new."""
    value = json.loads(sample)
    for _ in range(draw(st.integers(1, 4))):
        _change(draw, value)
    return json.dumps(value).encode()


def _change(draw: st.DrawFn, value: Any) -> None:
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = draw(st.sampled_from(keys))
        inner = value[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            value = inner
            continue
        if draw(st.integers(0, 4)):
            value[key] = draw(ODD_JSON)
        else:
            del value[key]
        return


def outside(sample: bytes) -> st.SearchStrategy[bytes]:
    """What may come in a JSON sample's place."""
    return spoilt(sample) | odd_like(sample) | DEEP | ODD_JSON.map(lambda value: json.dumps(value).encode())


# -- samples -------------------------------------------------------------------------------------------------------

AT = "2026-11-24T09:00:00Z"
GID = "018f0000-0000-7000-8000-000000000001"
PAGE: dict[str, Any] = {
    "epoch": "e", "cursor": "c", "after": None, "more": False, "as_of": AT, "counts": {"lead": 1},
    "sources": [{"system": "s", "label": "CRM", "read_at": AT, "stale_reason": "", "entities": ["lead"]}],
    "gone": [[GID, "lead", "revoked", None]],
    "puts": [[GID, "lead", "1", "0" * 32, {"name": "Kestrel", "amount": "1.00"}]],
}  # fmt: skip


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


ME = as_bytes(
    {
        "user": "u", "name": "M", "email": "m@b.example", "role": "rep", "role_label": "Rep", "vendor": "H",
        "device": "d",
        "companies": [{"gid": GID, "name": "B"}], "grant": "g", "receipt_key": "00" * 32, "keeps_colleagues": True,
    }
)  # fmt: skip
DIGEST = as_bytes(
    {"epoch": "e", "current": True, "as_of": AT, "entities": {"lead": [[1, "12"]] * 16}, "sources": []}
)
OUTCOME: dict[str, Any] = {
    "mutation_id": GID,
    "status": "applied",
    "record": None,
    "clashes": [],
    "problem": None,
    "retry_after": 3.0,
}
PROBLEM = as_bytes(
    {
        "type": "about:blank",
        "title": "No",
        "status": 401,
        "detail": "d",
        "code": "wipe",
        "fields": {"order": "o"},
        "retry_after": 2.5,
    }
)
TOKENS = as_bytes({"access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 600})
DENIED = as_bytes({"error": "invalid_grant", "wipe": "order-7F3C"})


@cache
def manifest_text() -> bytes:
    return as_bytes(partner_manifest().model_dump(mode="json"))


@cache
def receipt_text() -> bytes:
    return to_file(batch(3)[1]).encode()


@cache
def pdf_bytes() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=0)
    canvas.drawString(72, 720, "zirconium")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def picture_bytes(kind: str) -> bytes:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImage, QImageWriter

    image = QImage(24, 16, QImage.Format.Format_RGB32)
    image.fill(0xFF224466)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, QByteArray(kind.encode())).write(image)
    return bytes(data.data())


TEXT = st.text(max_size=300) | ODD_TEXTS
