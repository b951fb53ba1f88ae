"""Everything in the client that takes apart what came from outside; see `test_fuzz.py`."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
from hypothesis import strategies as st

from app.composition.instance import parsed as handed
from app.contract.changes import BucketPage, ChangesPage, DigestPage, Me, SnapshotPage
from app.contract.clashing import domain_of, read_filter
from app.contract.colleagues import Colleagues, Devices, Invited
from app.contract.errors import CounterpartError, Refused, UpdateNeeded
from app.contract.evidence import NotAReceipt, check, from_file
from app.contract.mutations import PushAnswer
from app.contract.receipts import Receipt
from app.services import pdf as pdf_pages
from app.services.files import sniff
from app.services.format import date_of
from app.services.links import parse as link
from app.services.pdf import PdfFile
from app.services.pdf_wire import receive
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
from app.views.documents.sheets import Table, Unshowable, Words, open_content
from tests.security.material import (
    AT,
    DENIED,
    DIGEST,
    GID,
    ME,
    ODD_JSON,
    OUTCOME,
    PAGE,
    PROBLEM,
    TEXT,
    TOKENS,
    as_bytes,
    manifest_text,
    outside,
    pdf_bytes,
    picture_bytes,
    receipt_text,
    spoilt,
)
from tests.security.target import Sent, Target
from tests.services.conftest import KEY, partner_manifest


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
        lambda: httpx.Response(200, headers={"content-type": "application/json"}, stream=Sent(body))
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
        lambda: httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Sent(body))
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
        lambda t: t.records([GID], "c"),
    ):
        transport = _answered(lambda: httpx.Response(status, headers=headers, stream=Sent(body)))
        try:
            ask(transport)
        except CounterpartError as error:
            assert error.cause  # noqa: PT017  # how it refuses is what is looked at
        finally:
            transport.close()


def _granted(body: bytes) -> None:
    for status in (200, 400, 401):
        client = httpx.Client(
            base_url="https://g.example",
            transport=httpx.MockTransport(
                lambda _r, status=status: httpx.Response(
                    status, headers={"content-type": "application/json"}, stream=Sent(body)
                )
            ),
        )
        wire = Wire(client, SystemClock())
        try:
            tokens = OAuth(wire, SystemClock()).refresh("r")
            assert tokens.expires_at - datetime.now(UTC) < timedelta(days=2)
        except CounterpartError as error:
            assert error.cause  # noqa: PT017  # how it refuses is what is looked at
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
    if isinstance(content, Words | Table | Unshowable):
        return
    try:
        for index in range(min(2, content.count)):
            content.size(index)
            content.render(index, 0.5)
    finally:
        content.close()


def _texts(body: bytes) -> None:
    for kind in ("text/plain", "text/csv", "text/tab-separated-values"):
        _document(kind, body)


def _spoilt_picture(kind: str) -> st.SearchStrategy[bytes]:
    return st.deferred(lambda: spoilt(picture_bytes(kind)) | st.binary(max_size=200))


class _Untrue:
    """A reader of PDF files that has been taken over: every answer is the same bytes."""

    alive, dismissed = True, False

    def __init__(self, said: bytes) -> None:
        self._said = said
        self.dropped: list[int] = []

    def ask(self, question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        return receive(io.BytesIO(self._said))

    def forget(self, number: int) -> None:
        """Nothing is held."""

    def end(self) -> None:
        """Nothing runs."""


def _answers_of_the_reader(said: bytes) -> None:
    untrue = _Untrue(said)
    with patch.object(pdf_pages, "_running", lambda: _Untrue(_message(b'{"pages":1}', b""))):
        file = PdfFile(b"%PDF-1.7")
    file._reader = untrue  # type: ignore[assignment]
    for ask in (file.sizes, partial(file.render, 0, 1.0), partial(file.find, 0, "x"), partial(file.text, 0)):
        try:
            ask()
        except Refused:
            continue


def _message(head: bytes, body: bytes) -> bytes:
    return struct.pack("<QQ", len(head), len(body)) + head + body


def _pages(body: bytes) -> None:
    file = PdfFile(body)
    try:
        for index in range(min(2, file.pages)):
            file.text(index)
            file.find(index, "zirconium")
    finally:
        file.close()


_HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60) | st.sampled_from(
    [
        "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "9" * 6_000, "1e999", "-1", "nan", "inf",
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "bytes 3-", "bytes 3-9/*", "application/json",
        "gzip", "br",
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


TARGETS: tuple[Target, ...] = (
    *(
        Target(f"answer {model.__name__}", outside(sample), partial(_answer, model), (CounterpartError,))
        for model, sample in (
            (Me, ME),
            (ChangesPage, as_bytes(PAGE)),
            (SnapshotPage, as_bytes(PAGE)),
            (DigestPage, DIGEST),
            (BucketPage, as_bytes({"epoch": "e", "current": True, "hashes": {GID: "0" * 32}})),
            (PushAnswer, as_bytes({"epoch": "e", "outcomes": [OUTCOME]})),
            (
                Receipt,
                as_bytes(
                    {"key": "00", "signature": "00", "root": "00", "path": [["l", "0" * 64]], "body": {}}
                ),
            ),
            (Colleagues, as_bytes({"items": [], "roles": []})),
            (Devices, as_bytes({"items": [{"id": "d", "name": "n", "signed_in_at": AT, "signed_in": True}]})),
            (Invited, as_bytes({"colleague": {}, "link": "https://x.example", "link_until": AT})),
        )
    ),
    Target(
        "page of changes, stored",
        outside(as_bytes(PAGE)),
        partial(_page, "changes"),
        (CounterpartError,),
        slow=True,
    ),
    Target(
        "page of a snapshot, stored",
        outside(as_bytes(PAGE)),
        partial(_page, "snapshot"),
        (CounterpartError,),
        slow=True,
    ),
    Target("statuses and headers", st.tuples(_STATUS, _HEADERS, outside(PROBLEM)), _headers, slow=True),
    Target(
        "problem document",
        outside(PROBLEM),
        lambda body: refusal_of(Answer(401, {"content-type": "application/problem+json"}, body)),
    ),
    Target(
        "event stream",
        spoilt(b": hello\n\nid: 1\nevent: poke\ndata: 12\n\n") | st.binary(max_size=400),
        _events,
        (CounterpartError,),
    ),
    Target("tokens", outside(TOKENS) | outside(DENIED), _granted, slow=True),
    Target(
        "manifest",
        outside(manifest_text()),
        _kept_manifest,
        (UpdateNeeded, ValueError, RecursionError),
        slow=True,
    ),
    Target("filter of registrations", ODD_JSON, read_filter),
    Target("receipt", outside(receipt_text()), _evidence, (NotAReceipt,)),
    Target(
        "deep link",
        TEXT
        | st.text().map("counterpart://deal/".__add__)
        | spoilt(b"counterpart://deal/DR-1?vendor=x.example").map(lambda b: b.decode("latin-1")),
        link,
    ),
    Target("address of a record", TEXT | st.text().map("https://".__add__), safe_address),
    Target("address of a gateway", TEXT | st.text().map("https://".__add__), gateway_url, (Refused,)),
    Target("website of a customer", TEXT | ODD_JSON, domain_of),
    Target("day of a record", TEXT | ODD_JSON, date_of),
    Target("kind of a file", st.tuples(st.binary(max_size=600), TEXT), lambda given: sniff(*given)),
    Target(
        "message of a second start",
        outside(b'{"form":1,"account":"a","gateway":"","link":"","token":""}'),
        handed,
    ),
    Target(
        "answer of the browser",
        TEXT | spoilt(b"code=c&state=state").map(lambda b: b.decode("latin-1")),
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
            _spoilt_picture(kind),
            partial(_document, f"image/{kind}"),
        )
        for kind in ("png", "jpeg", "bmp")
    ),
    Target(
        "text and tables",
        st.binary(max_size=400) | st.text(max_size=400).map(str.encode),
        _texts,
    ),
    Target(
        "PDF", spoilt(pdf_bytes()) | st.binary(max_size=200).map(b"%PDF-1.7\n".__add__), _pages, (Refused,)
    ),
    Target(
        "answer of the reader of PDF files",
        st.binary(max_size=100)
        | st.builds(
            _message,
            outside(b'{"sizes":[[1.0,2.0]],"boxes":[[0,0,1,1]]}')
            | spoilt(b'{"width":2,"height":1,"stride":8}')
            | st.just(b'{"width":2,"height":1,"stride":8}'),
            st.binary(max_size=9),
        ),
        _answers_of_the_reader,
    ),
    Target("PDF, drawn", spoilt(pdf_bytes()), partial(_document, "application/pdf"), (Refused,)),
)
