"""Everything that takes apart what came from outside, each with what may be thrown at it and how it may refuse.

`TARGETS` are fuzzed by `test_fuzz.py`. `READ_BY` accounts for every module that calls something which parses: which targets
go through it, or why none has to.
"""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from hypothesis import strategies as st
from joserfc.errors import JoseError
from pydantic import ValidationError
from reportlab.pdfgen.canvas import Canvas

from app.composition.instance import parsed as handed
from app.contract.changes import BucketPage, ChangesPage, DigestPage, Me, SnapshotPage
from app.contract.clashing import domain_of, read_filter
from app.contract.colleagues import Colleagues, Devices, Invited
from app.contract.errors import CounterpartError, Refused, UpdateNeeded
from app.contract.evidence import NotAReceipt, check, from_file, to_file
from app.contract.mutations import PushAnswer
from app.contract.receipts import Receipt
from app.services.files import sniff
from app.services.format import date_of
from app.services.links import parse as link
from app.services.pdf import PdfFile
from app.services.web_links import safe_address
from app.session.accounts import Accounts, gateway_url
from app.session.erasing import _read as wipe_note
from app.session.oauth import OAuth
from app.session.sign_in import Loopback
from app.session.small_file import load
from app.session.tokens import _tokens
from app.store.database import Store
from app.store.keys import PassphraseKey
from app.store.rawfile import _record as raw_record
from app.sync.clock import SystemClock
from app.sync.http_transport import HttpTransport
from app.sync.wire import Answer, Wire, parsed, refusal_of
from app.views.documents.sheets import open_content
from gateway.api.wellformed import wrong_in_form, wrong_in_json
from gateway.asking import parsed as asked
from gateway.crm.webhook import GENERIC, HUBSPOT_V3, named_rows
from gateway.feed.cursor import Signer as CursorSigner
from gateway.feed.relay import parsed as heard
from gateway.identity.clients import is_loopback
from gateway.identity.device_codes import _plain as user_code
from gateway.identity.oidc import Issuer, is_safe
from gateway.identity.options import OidcOptions
from gateway.mapping import SystemMapping
from gateway.outbound import Outbound, OutboundFailed, OutboundRefused, Rules
from gateway.problems import Problem
from tests.contract.test_evidence import batch
from tests.gateway.memory_port import MAPPING
from tests.services.conftest import KEY, partner_manifest

# -- what is thrown ------------------------------------------------------------------------------------------------

_ODD_NUMBERS = st.sampled_from(
    [0, -1, 2**31, 2**63, 2**64, 10**30, -(10**30), 1e308, float("nan"), float("inf")]
)
_ODD_TEXTS = st.sampled_from(
    [
        "", " ", "\x00", "\ud800", "\udfff", "\u202e", "null", "NaN", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
        "2026-02-30", "24:00:00", "1e999", "<img src=x>", "../../x", "a" * 10_000, "٣", "²", "1_0", "+1", "0x10",
    ]
)  # fmt: skip
ODD_JSON = st.recursive(
    st.none()
    | st.booleans()
    | _ODD_NUMBERS
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | _ODD_TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | _ODD_TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)
_DEEP = st.sampled_from(
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
    return spoilt(sample) | odd_like(sample) | _DEEP | ODD_JSON.map(lambda value: json.dumps(value).encode())


# -- samples -------------------------------------------------------------------------------------------------------

_AT = "2026-11-24T09:00:00Z"
_GID = "018f0000-0000-7000-8000-000000000001"
_PAGE: dict[str, Any] = {
    "epoch": "e", "cursor": "c", "after": None, "more": False, "as_of": _AT, "counts": {"lead": 1},
    "sources": [{"system": "s", "label": "CRM", "read_at": _AT, "stale_reason": "", "entities": ["lead"]}],
    "gone": [[_GID, "lead", "revoked", None]],
    "puts": [[_GID, "lead", "1", "0" * 32, {"name": "Kestrel", "amount": "1.00"}]],
}  # fmt: skip


def _bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


_ME = _bytes(
    {
        "user": "u", "name": "M", "email": "m@b.example", "role": "rep", "role_label": "Rep", "vendor": "H", "device": "d",
        "companies": [{"gid": _GID, "name": "B"}], "grant": "g", "receipt_key": "00" * 32, "keeps_colleagues": True,
    }
)  # fmt: skip
_DIGEST = _bytes(
    {"epoch": "e", "current": True, "as_of": _AT, "entities": {"lead": [[1, "12"]] * 16}, "sources": []}
)
_OUTCOME = {
    "mutation_id": _GID,
    "status": "applied",
    "record": None,
    "clashes": [],
    "problem": None,
    "retry_after": 3.0,
}
_PROBLEM = _bytes(
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
_TOKENS = _bytes({"access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 600})
_DENIED = _bytes({"error": "invalid_grant", "wipe": "order-7F3C"})


@cache
def _manifest() -> bytes:
    return _bytes(partner_manifest().model_dump(mode="json"))


@cache
def _receipt() -> bytes:
    return to_file(batch(3)[1]).encode()


@cache
def _pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=0)
    canvas.drawString(72, 720, "zirconium")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def _picture(kind: str) -> bytes:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImage

    image = QImage(24, 16, QImage.Format.Format_RGB32)
    image.fill(0xFF224466)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind)
    return bytes(data.data())


# -- the ways in ---------------------------------------------------------------------------------------------------


class _Sent(httpx.SyncByteStream):
    """Bytes as they come from a network."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._body), 4_096):
            yield self._body[at : at + 4_096]


class _Token:
    def access(self) -> str:
        return "token"

    def renew(self, refused: str) -> str:
        return refused


def _answered(response: Callable[[], httpx.Response]) -> HttpTransport:
    client = httpx.Client(
        base_url="https://g.example", transport=httpx.MockTransport(lambda _request: response())
    )
    return HttpTransport(Wire(client, SystemClock()), _Token())


def _answer(model: Any, body: bytes) -> None:
    parsed(model, Answer(200, {"content-type": "application/json"}, body))


def _page(call: str, body: bytes) -> None:
    transport = _answered(
        lambda: httpx.Response(200, headers={"content-type": "application/json"}, stream=_Sent(body))
    )
    try:
        page = transport.snapshot(None, 5) if call == "snapshot" else transport.changes("c", 5)
        with TemporaryDirectory() as folder, Store.open(Path(folder) / "store.db", KEY) as store:
            store.mirror.apply_puts(page.puts, partner_manifest(), most=50)
            for entity, _, _ in store.mirror.hashes(rehash=True):
                assert entity.encode()
    finally:
        transport.close()


def _events(body: bytes) -> None:
    transport = _answered(
        lambda: httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Sent(body))
    )
    try:
        assert all(isinstance(poke, str) for poke in transport.pokes())
    finally:
        transport.close()


def _headers(given: tuple[int, dict[str, str], bytes]) -> None:
    status, headers, body = given
    for ask in (
        lambda t: t.me(),
        lambda t: t.manifest(None),
        lambda t: t.clashes(None),
        lambda t: t.upload("u", 0, b"x"),
        lambda t: list(t.download("0" * 64, 3)),
        lambda t: t.records([_GID], "c"),
    ):
        transport = _answered(lambda: httpx.Response(status, headers=headers, stream=_Sent(body)))
        try:
            ask(transport)
        except CounterpartError as error:
            assert error.cause
        finally:
            transport.close()


def _granted(body: bytes) -> None:
    for status in (200, 400, 401):
        client = httpx.Client(
            base_url="https://g.example",
            transport=httpx.MockTransport(
                lambda _r, status=status: httpx.Response(
                    status, headers={"content-type": "application/json"}, stream=_Sent(body)
                )
            ),
        )
        wire = Wire(client, SystemClock())
        try:
            tokens = OAuth(wire, SystemClock()).refresh("r")
            assert tokens.expires_at - datetime.now(UTC) < timedelta(days=2)
        except CounterpartError as error:
            assert error.cause
        finally:
            wire.close()


def _kept_manifest(body: bytes) -> None:
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "store.db", KEY) as store:
        store.cursors.save_manifest(body.decode(errors="surrogateescape"), "etag")


def _evidence(body: bytes) -> None:
    found = from_file(body.decode(errors="replace"))
    assert found.name
    check(found)


def _loopback(query: str) -> None:
    loopback = Loopback("state")
    loopback._server.server_close()
    status, _, _ = loopback._judge(query)
    assert status in (200, 400)


def _file(read: Callable[[Path], Any], body: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_bytes(body)
        read(path)


def _account(path: Path) -> None:
    folder = path.parent / "0123456789abcdef01234567"
    folder.mkdir()
    path.replace(folder / "account.json")
    for account in Accounts(path.parent).list():
        assert account.folder == folder
    Accounts(path.parent).last()


def _key_file(path: Path) -> None:
    PassphraseKey(path).unlock("four calm green otters")


def _document(kind: str, body: bytes) -> None:
    content = open_content(body, kind)
    if hasattr(content, "render"):
        try:
            for index in range(min(2, content.count)):
                content.size(index)
                content.render(index, 0.5)
        finally:
            content.close()


def _pages(body: bytes) -> None:
    file = PdfFile(body)
    try:
        for index in range(min(2, file.pages)):
            file.text(index)
            file.find(index, "zirconium")
    finally:
        file.close()


def _cursor(text: str) -> None:
    CursorSigner(b"s" * 32).read_cursor("user", text)


def _webhook(body: bytes) -> None:
    for scheme in (GENERIC, HUBSPOT_V3):
        for obj, key in named_rows(scheme, body):
            assert obj
            assert key


def _fetched(address: str) -> None:
    Outbound(Rules(), lambda _host, _port: ["10.0.0.1"]).get(address)
    raise AssertionError("it went inside")


def _issuer(body: bytes) -> None:
    options = OidcOptions(
        issuer="https://issuer.example",
        client_id="c",
        transport=httpx.MockTransport(lambda _request: httpx.Response(200, stream=_Sent(body))),
    )
    found = Issuer(options, SystemClock())
    for ask in (found._discovered, found._key_set):
        try:
            ask()
        except Problem as problem:
            assert problem.status in (502, 503)


def _asked(body: bytes) -> None:
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        return  # what is no JSON is refused before, see `well-formed JSON`
    for item in items if isinstance(items, list) else [items]:
        asked(item)


def _mapped(body: bytes) -> None:
    SystemMapping.load(body.decode(errors="replace"))


@dataclass(frozen=True)
class Target:
    """Something that parses. `refuses`: how it may say no; anything else that it raises is a finding."""

    name: str
    given: st.SearchStrategy[Any]
    call: Callable[[Any], object]
    refuses: tuple[type[Exception], ...] = ()
    slow: bool = field(default=False)


_TEXT = st.text(max_size=300) | _ODD_TEXTS
_HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60) | st.sampled_from(
    [
        "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "9" * 6_000, "1e999", "-1", "nan", "inf",
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "bytes 3-", "bytes 3-9/*", "application/json", "gzip", "br",
        "identity", "application/problem+json", "text/event-stream", "application/octet-stream", "chunked",
    ]
)  # fmt: skip
_HEADERS = st.dictionaries(
    st.sampled_from(
        ["retry-after", "counterpart-time", "counterpart-epoch", "counterpart-grant", "upload-offset", "content-range",
         "content-type", "content-encoding", "etag", "location", "set-cookie", "www-authenticate"]
    ),
    _HEADER_TEXT,
    max_size=5,
)  # fmt: skip
_STATUS = st.sampled_from(
    [200, 204, 206, 301, 304, 307, 400, 401, 403, 404, 407, 408, 410, 413, 425, 426, 429, 500, 503, 511]
)

_ADDRESSES = (
    _TEXT
    | st.text().map("https://".__add__)
    | spoilt(b"http://127.0.0.1:50123/callback").map(lambda b: b.decode("latin-1"))
    | spoilt(b"https://[::1]:8443/a?b=c").map(lambda b: b.decode("latin-1"))
)
_ISSUER = _bytes(
    {
        "issuer": "https://issuer.example",
        "authorization_endpoint": "https://issuer.example/a",
        "token_endpoint": "https://issuer.example/t",
        "jwks_uri": "https://issuer.example/k",
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "1", "use": "sig"}],
    }
)

TARGETS: tuple[Target, ...] = (
    *(
        Target(f"answer {model.__name__}", outside(sample), partial(_answer, model), (CounterpartError,))
        for model, sample in (
            (Me, _ME),
            (ChangesPage, _bytes(_PAGE)),
            (SnapshotPage, _bytes(_PAGE)),
            (DigestPage, _DIGEST),
            (BucketPage, _bytes({"epoch": "e", "current": True, "hashes": {_GID: "0" * 32}})),
            (PushAnswer, _bytes({"epoch": "e", "outcomes": [_OUTCOME]})),
            (
                Receipt,
                _bytes({"key": "00", "signature": "00", "root": "00", "path": [["l", "0" * 64]], "body": {}}),
            ),
            (Colleagues, _bytes({"items": [], "roles": []})),
            (Devices, _bytes({"items": [{"id": "d", "name": "n", "signed_in_at": _AT, "signed_in": True}]})),
            (Invited, _bytes({"colleague": {}, "link": "https://x.example", "link_until": _AT})),
        )
    ),
    Target(
        "page of changes, stored",
        outside(_bytes(_PAGE)),
        partial(_page, "changes"),
        (CounterpartError,),
        slow=True,
    ),
    Target(
        "page of a snapshot, stored",
        outside(_bytes(_PAGE)),
        partial(_page, "snapshot"),
        (CounterpartError,),
        slow=True,
    ),
    Target("statuses and headers", st.tuples(_STATUS, _HEADERS, outside(_PROBLEM)), _headers, slow=True),
    Target(
        "problem document",
        outside(_PROBLEM),
        lambda body: refusal_of(Answer(401, {"content-type": "application/problem+json"}, body)),
    ),
    Target(
        "event stream",
        spoilt(b": hello\n\nid: 1\nevent: poke\ndata: 12\n\n") | st.binary(max_size=400),
        _events,
        (CounterpartError,),
    ),
    Target("tokens", outside(_TOKENS) | outside(_DENIED), _granted, slow=True),
    Target(
        "manifest",
        outside(_manifest()),
        _kept_manifest,
        (UpdateNeeded, ValueError, RecursionError),
        slow=True,
    ),
    Target("filter of registrations", ODD_JSON, read_filter),
    Target("receipt", outside(_receipt()), _evidence, (NotAReceipt,)),
    Target(
        "deep link",
        _TEXT
        | st.text().map("counterpart://deal/".__add__)
        | spoilt(b"counterpart://deal/DR-1?vendor=x.example").map(lambda b: b.decode("latin-1")),
        link,
    ),
    Target("address of a record", _TEXT | st.text().map("https://".__add__), safe_address),
    Target("address of a gateway", _TEXT | st.text().map("https://".__add__), gateway_url, (Refused,)),
    Target("website of a customer", _TEXT | ODD_JSON, domain_of),
    Target("day of a record", _TEXT | ODD_JSON, date_of),
    Target("kind of a file", st.tuples(st.binary(max_size=600), _TEXT), lambda given: sniff(*given)),
    Target(
        "message of a second start",
        outside(b'{"form":1,"account":"a","gateway":"","link":"","token":""}'),
        handed,
    ),
    Target(
        "answer of the browser",
        _TEXT | spoilt(b"code=c&state=state").map(lambda b: b.decode("latin-1")),
        _loopback,
    ),
    Target("small file", outside(b'{"id": "x"}'), partial(_file, load)),
    Target(
        "account file",
        outside(
            b'{"id":"0123456789abcdef01234567","gateway":"g","user":"u","name":"n","vendor":"v","key_holder":"","left":{"accent":"#FFFFFF","needs":1,"at":"2026"}}'
        ),
        partial(_file, _account),
    ),
    Target(
        "note of a wipe",
        outside(
            b'{"gateway":"g","order":"o","account":"0123456789abcdef01234567","in_ring":true,"wiped_at":null,"seen":false}'
        ),
        partial(_file, wipe_note),
    ),
    Target(
        "kept tokens",
        outside(b'{"access":"a","refresh":"r","expires_at":"2026-11-24T09:00:00+00:00"}').map(
            lambda b: b.decode(errors="replace")
        ),
        _tokens,
    ),
    Target(
        "key file",
        spoilt(
            b'{"format":1,"kdf":"argon2id","cost":{"passes":1,"memory":8,"lanes":1},"salt":"AAAA","nonce":"AAAAAAAAAAAAAAAA","wrapped":"AAAA"}'
        ),
        partial(_file, _key_file),
        (CounterpartError,),
    ),
    Target("record of a damaged store", st.binary(max_size=200), raw_record, (ValueError, IndexError)),
    *(
        Target(
            f"picture, {kind}",
            st.deferred(lambda kind=kind: spoilt(_picture(kind)) | st.binary(max_size=200)),
            partial(_document, f"image/{kind}"),
        )
        for kind in ("png", "jpeg", "bmp")
    ),
    Target(
        "text and tables",
        st.binary(max_size=400) | st.text(max_size=400).map(str.encode),
        lambda body: [
            _document(kind, body) for kind in ("text/plain", "text/csv", "text/tab-separated-values")
        ],
    ),
    Target("PDF", spoilt(_pdf()) | st.binary(max_size=200).map(b"%PDF-1.7\n".__add__), _pages, (Refused,)),
    Target("PDF, drawn", spoilt(_pdf()), partial(_document, "application/pdf"), (Refused,)),
    # The gateway.
    Target("well-formed JSON", outside(_bytes({"mutations": [_OUTCOME]})), wrong_in_json),
    Target("well-formed form", st.binary(max_size=300), wrong_in_form),
    Target(
        "mutation",
        outside(
            _bytes(
                [
                    {
                        "mutation_id": _GID,
                        "entity": "lead",
                        "gid": _GID,
                        "kind": "patch",
                        "base": {},
                        "changes": {"a": 1},
                        "captured_at": _AT,
                    }
                ]
            )
        ),
        _asked,
    ),
    Target("cursor", _TEXT, _cursor, (Problem,)),
    Target("webhook", outside(_bytes({"changed": [{"object": "deal", "id": "1"}]})), _webhook, (ValueError,)),
    Target(
        "mapping",
        spoilt(MAPPING.encode()),
        _mapped,
        (ValueError, ValidationError, tomllib.TOMLDecodeError),
        slow=True,
    ),
    Target("address of an app", _ADDRESSES, is_loopback),
    Target("endpoint of an issuer", _ADDRESSES, lambda address: is_safe(address, "https://issuer.example")),
    Target("answer of an issuer", outside(_ISSUER), _issuer, (ValueError, JoseError)),
    Target("address to fetch", _ADDRESSES, _fetched, (OutboundRefused, OutboundFailed)),
    Target("word of another process", st.lists(_TEXT, max_size=4), lambda texts: heard(texts, "own")),
    Target("code of a kiosk as typed", _TEXT, user_code),
)
