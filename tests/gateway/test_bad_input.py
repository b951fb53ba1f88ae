"""Bad input over HTTP: refused with a problem that names what is wrong, and nothing is written anywhere.

Each row of a table is one call. After it ledger, mirror, feed, uploads and the source system are what they were.
"""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from app.contract.changes import ProblemDocument
from app.contract.mutations import Kind, Status
from gateway.api.app import Shape, build_app
from gateway.api.wellformed import wrong_in_json
from gateway.tables import blob, feed, ledger, mirror, upload
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.serving import serving
from tests.gateway.world import Mirror, World
from tests.patience import PATIENCE

pytestmark = AT_THE_SURFACE

SHA = "a" * 64
GUIDE = b"guide"
Json = dict[str, Any]


class Api:
    """A served gateway with one deal of each company, and its first administrator, signed in."""

    def __init__(self, world: World, client: httpx.Client) -> None:
        self.world = world
        self.client = client
        self.deal = world.gid(next(ref for ref in world.port.rows if ref.obj == "deal"))
        self.foreign = world.gid([ref for ref in world.port.rows if ref.obj == "deal"][1])
        self.token = self._token(world.admin.id)
        self.guide = hashlib.sha256(GUIDE).hexdigest()

    def _token(self, session: str) -> str:
        sessions = self.world.gateway.identity.sessions
        with self.world.database.write() as connection:
            return sessions.first_tokens(connection, session).access

    def call(self, method: str, path: str, **members: Any) -> httpx.Response:
        """Make a call as the first company's administrator."""
        headers = {"Authorization": f"Bearer {self.token}", **members.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **members)

    def written(self) -> tuple[object, ...]:
        """All that a call could have written."""
        counts = [select(func.count()).select_from(table) for table in (ledger, feed, upload, blob)]
        with self.world.database.read() as connection:
            rows = connection.execute(select(mirror.c.gid, mirror.c.version).order_by(mirror.c.gid)).all()
            return (
                *(connection.execute(count).scalar_one() for count in counts),
                tuple(map(tuple, rows)),
                self.world.port.writes,
                self.world.gateway.ground.feed.head(),
            )


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, database_kind: str) -> Iterator[Api]:
    world = World(folder=tmp_path_factory.mktemp(database_kind))
    world.deal()
    world.deal(world.south)
    world.port.add_file("doc", GUIDE, title="Guide", stage="C", audience="everyone")
    world.read()
    app = build_app(world.gateway, Shape(body_most=1024 * 1024))
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        found = Api(world, client)
        assert found.call("GET", f"/v1/blobs/{found.guide}").content == GUIDE  # from now on it is here
        yield found
    world.gateway.close()


@pytest.fixture(autouse=True)
def nothing_is_written(api: Api) -> Iterator[None]:
    before = api.written()
    yield
    assert api.written() == before


def problem(answer: httpx.Response, *statuses: int) -> ProblemDocument:
    """Check that an answer is a problem document, and return it."""
    assert answer.status_code in statuses, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    document = ProblemDocument.model_validate_json(answer.content)
    assert (document.status, bool(document.detail), bool(document.code)) == (answer.status_code, True, True)
    return document


# ------------------------------------------------------------------------------------------------------------ bodies


def nested(depth: int, inside: bytes = b"1") -> bytes:
    """Lists in lists."""
    return b"[" * depth + inside + b"]" * depth


def batch(changes: bytes) -> bytes:
    """A batch of one edit with these values."""
    edit = {"mutation_id": "m1", "entity": "deal_registration", "gid": "GID", "kind": "patch", "base": {}}
    text = json.dumps({**edit, "captured_at": "2026-11-24T09:00:00Z", "changes": "CHANGES"})
    return b'{"mutations": [' + text.encode().replace(b'"CHANGES"', changes) + b"]}"


BODIES: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 422, "body"),
    ("cut off", b'{"mutations": [', 422, "body.15"),
    ("text", b'"mutations"', 422, "body"),
    ("a list", b"[]", 422, "body"),
    ("no UTF-8", b'{"mutations": ["\xff\xfe"]}', 400, "body"),
    ("an unknown member", b'{"mutations": [], "surprise": 1}', 422, "body.surprise"),
    ("mutations is a number", b'{"mutations": 7}', 422, "body.mutations"),
    ("too many", b'{"mutations": [' + b"{}," * 200 + b"{}]}", 422, "body.mutations"),
    ("10,000 lists", b'{"mutations": ' + nested(10_000) + b"}", 400, "body"),
    ("10,000 lists in a value", batch(b'{"next_steps": ' + nested(10_000) + b"}"), 400, "body"),
    ("40 lists", b'{"mutations": ' + nested(40) + b"}", 400, "mutations.0.0.0.0.0"),
    ("10,000 objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "body"),
    ("NaN", batch(b'{"amount": NaN}'), 400, "mutations.0.changes.amount"),
    ("infinity", batch(b'{"amount": -Infinity}'), 400, "mutations.0.changes.amount"),
    ("a huge number", batch(b'{"size": ' + b"9" * 100_000 + b"}"), 400, "mutations.0.changes.size"),
    ("65 bits", batch(b'{"size": 9223372036854775808}'), 400, "mutations.0.changes.size"),
    ("a huge fraction", batch(b'{"size": 1e999}'), 400, "mutations.0.changes.size"),
    ("a name twice", batch(b'{"title": "a", "title": "b"}'), 400, "mutations.0.changes.title"),
    ("mutations twice", b'{"mutations": [], "mutations": []}', 400, "mutations"),
    ("half a character in a name", batch(b'{"\\ud800": 1}'), 400, "mutations.0.changes.\\ud800"),
    ("half a character as a member", b'{"mutations": [], "\\udfff": 1}', 400, "\\udfff"),
]


@pytest.mark.parametrize(
    ("content", "status", "field"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_bodies(api: Api, content: bytes, status: int, field: str) -> None:
    answer = api.call("POST", "/v1/mutations", content=content, headers={"Content-Type": "application/json"})
    assert field in problem(answer, status).fields


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("path", ["/v1/mutations", "/v1/uploads", "/oauth/token"])
def test_bodies_that_are_too_large(api: Api, path: str, announced: bool) -> None:
    form = path.startswith("/oauth")
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    whole = b"x" * (1024 * 1024 + 1)
    pieces = iter([whole[:500_000], whole[:500_000], whole[:100_000]])
    content = whole if announced else pieces
    answer = api.call("POST", path, content=content, headers={"Content-Type": kind})
    assert problem(answer, 413).code == "too_large"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "image/svg+xml", "", "json", "a/b/c; ="]
)
def test_bodies_of_another_kind(api: Api, kind: str) -> None:
    new = api.world.new_deal().model_dump_json().encode()
    headers = {"Content-Type": kind} if kind else {}
    answer = api.call("POST", "/v1/mutations", content=b'{"mutations": [' + new + b"]}", headers=headers)
    problem(answer, 400, 415, 422)


# --------------------------------------------------------------------------------------------------------- mutations

Changed = Callable[[Api, Json], Json]


def put(**members: Any) -> Changed:
    """The edit with other members."""
    return lambda _api, edit: {**edit, **members}


def changing(**changes: Any) -> Changed:
    """The edit with these values."""
    return lambda _api, edit: {**edit, "base": dict.fromkeys(changes), "changes": changes}


MUTATIONS: list[tuple[str, Changed, str, str]] = [
    ("an unknown member", put(surprise=1), "malformed", "surprise"),
    ("an unknown kind", put(kind="destroy"), "malformed", "kind"),
    ("no id", put(mutation_id=""), "malformed", "mutation_id"),
    ("a long id", put(mutation_id="m" * 61), "malformed", "mutation_id"),
    ("an id with NUL", put(mutation_id="m\0"), "malformed", "mutation_id"),
    ("an id that is half a character", put(mutation_id="\ud800"), "malformed", "mutation_id"),
    ("an id that is a list", put(mutation_id=["m"]), "malformed", "mutation_id"),
    ("a gid with NUL", put(gid="\0" * 36), "malformed", "gid"),
    ("an entity type with NUL", put(entity="deal\0"), "malformed", "entity"),
    ("time without a zone", put(captured_at="2026-11-24T09:00:00"), "malformed", "captured_at"),
    ("time out of the world", put(captured_at="9999-12-31T23:59:59Z"), "malformed", "captured_at"),
    ("time that is none", put(captured_at="yesterday"), "malformed", "captured_at"),
    ("waiting for 51", put(depends_on=[f"m{n}" for n in range(51)]), "malformed", "depends_on"),
    ("waiting for something long", put(depends_on=["m" * 61]), "malformed", "depends_on"),
    ("waiting for NUL", put(depends_on=["\0"]), "malformed", "depends_on"),
    ("201 fields", put(changes={f"f{n}": 1 for n in range(201)}), "malformed", "changes"),
    ("201 values seen", put(base={f"f{n}": 1 for n in range(201)}), "malformed", "base"),
    ("NUL in a text", changing(next_steps="a\0b"), "malformed", "next_steps"),
    ("NUL in a list", changing(products=["vault", "a\0"]), "malformed", "products"),
    ("NUL in a value seen", put(base={"title": "\0"}), "malformed", "title"),
    ("NUL in a name", put(changes={"ti\0tle": "x"}), "malformed", "title"),
    ("half a character in a text", changing(next_steps="a\ud800"), "malformed", "changes"),
    ("a fraction", changing(amount=1.5), "malformed", "changes"),
    ("an unknown field", changing(secret_margin="9"), "unknown_field", "secret_margin"),
    ("a vendor's field", changing(reviewer="Me"), "read_only", "reviewer"),
    ("the state", changing(state="approved"), "read_only", "state"),
    ("the owner", changing(owner="me"), "read_only", "owner"),
    ("a number for a text", changing(title=7), "type", "title"),
    ("a list for a text", changing(title=["x"]), "type", "title"),
    ("an object for a text", changing(title={"x": 1}), "type", "title"),
    ("a text for a list", changing(products="vault"), "type", "products"),
    ("an amount that is none", changing(amount="NaN", currency="GBP"), "type", "amount"),
    ("an amount beyond measure", changing(amount="1e999999", currency="GBP"), "type", "amount"),
    ("a book", changing(next_steps="x" * 100_001), "type", "next_steps"),
    ("a link that is a script", changing(website="javascript:alert(1)"), "type", "website"),
    ("a link without TLS", changing(website="http://riverside.example"), "type", "website"),
    ("a link to a file", changing(website="file:///etc/passwd"), "type", "website"),
    ("a link with a name in it", changing(website="https://a@evil.example/"), "type", "website"),
    ("a date that is none", changing(target_close="2026-02-31"), "type", "target_close"),
    ("a country that is none", changing(country="XXX"), "type", "country"),
]


@pytest.mark.parametrize(
    ("changed", "code", "field"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS]
)
def test_mutations(api: Api, changed: Changed, code: str, field: str) -> None:
    edit = api.world.patch(api.deal, {"title": "Edge for 12 sites"}, {"title": "Edge for 14 sites"})
    body = {"mutations": [changed(api, json.loads(edit.model_dump_json()))]}
    written = json.dumps(body).encode()  # half characters as escapes
    before = api.written()
    answer = api.call("POST", "/v1/mutations", content=written, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    (outcome,) = answer.json()["outcomes"]
    assert (outcome["status"], outcome["problem"]["code"]) == ("rejected", code), outcome
    assert field in outcome["problem"]["fields"], outcome
    if code != "malformed":
        forget(api)  # what was understood and refused is in the ledger, with its outcome, and nowhere else
    assert api.written() == before


def forget(api: Api) -> None:
    """Take what was refused out of the ledger, so that the next row begins as this one did."""
    with api.world.database.write() as connection:
        connection.execute(ledger.delete().where(ledger.c.state == "done"))


@pytest.mark.parametrize(
    "name", ["an id in a body", "a reference", "a parent", "what it waits for", "a file"]
)
def test_foreign_ids_are_as_if_they_were_not_there(api: Api, name: str) -> None:
    """The same answer for what is another company's and for what there is not."""
    world = api.world
    missing = world.ids.new_id()

    def mutation(gid: str) -> Any:
        match name:
            case "an id in a body":
                return world.patch(gid, {"title": "x"}, {"title": "y y y"})
            case "a reference":
                fields = {"company": world.gid(world.north), "subject": "Help", "deal": gid}
                fields |= {"category": "question", "priority": "normal"}
                return world.mutation(Kind.CREATE, "request", world.ids.new_id(), changes=fields)
            case "a parent":
                return world.message(gid)
            case "what it waits for":
                return world.message(api.deal, depends_on=(gid,))
            case _:
                file: Json = {"parent": gid, "name": "a.pdf", "sha256": SHA, "size": 1}
                return world.mutation(Kind.APPEND, "file", world.ids.new_id(), changes=file)

    told = []
    for gid in (api.foreign, missing):
        outcome = world.push_one(world.admin, mutation(gid))
        assert outcome.status in (Status.GONE, Status.REJECTED, Status.DEFERRED)
        told.append(outcome.model_copy(update={"mutation_id": "", "receipt": ""}))
        forget(api)
    assert told[0] == told[1]


@ON_BOTH
def test_an_id_that_comes_again_with_another_body(api: Api) -> None:
    world = api.world
    first = world.patch(api.deal, {"title": "x"}, {"reviewer": "x"})
    world.push_one(world.admin, first)
    again = world.push_one(world.admin, first.model_copy(update={"changes": {"title": "Another title"}}))
    assert again.problem is not None
    assert (again.status, again.problem.code) == (Status.REJECTED, "id_reused")
    forget(api)


# ------------------------------------------------------------------------------------------------------------- files

NAMES: list[tuple[str, Json, str]] = [
    ("a way out", {"name": "../../etc/passwd"}, "name"),
    ("a way out, Windows", {"name": "..\\..\\x.pdf"}, "name"),
    ("a device", {"name": "CON"}, "name"),
    ("a device with an extension", {"name": "lpt1.pdf"}, "name"),
    ("dots", {"name": ".."}, "name"),
    ("turned", {"name": "gpj.\u202efdp.exe"}, "name"),
    ("isolated", {"name": "a\u2066b.pdf"}, "name"),
    ("NUL", {"name": "a\0.pdf"}, "name"),
    ("a new line", {"name": "a\r\nX: y.pdf"}, "name"),
    ("300 characters", {"name": "x" * 300}, "name"),
    ("half a character", {"name": "\ud800.pdf"}, "name"),
    ("a number", {"name": 7}, "name"),
    ("a header in a type", {"media_type": "text/html\r\nX: y"}, "media_type"),
    ("no type", {"media_type": "pdf"}, "media_type"),
    ("a long type", {"media_type": "text/" + "x" * 300}, "media_type"),
    ("a type with NUL", {"media_type": "text/\0"}, "media_type"),
    ("a hash in capitals", {"sha256": "A" * 64}, "sha256"),
    ("a short hash", {"sha256": "a" * 63}, "sha256"),
    ("a hash with a line end", {"sha256": "a" * 64 + "\n"}, "sha256"),
    ("a negative size", {"size": -1}, "size"),
    ("a size that is text", {"size": "many"}, "size"),
    ("half a byte", {"size": 1.5}, "size"),
    ("a member nobody knows", {"user": "somebody"}, "user"),
]


@pytest.mark.parametrize(("members", "field"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_uploads(api: Api, members: Json, field: str) -> None:
    body = {"sha256": SHA, "size": 3, "media_type": "application/pdf", "name": "a.pdf", **members}
    content = json.dumps(body).encode()
    answer = api.call("POST", "/v1/uploads", content=content, headers={"Content-Type": "application/json"})
    assert f"body.{field}" in problem(answer, 422).fields


@pytest.mark.parametrize(
    ("members", "field"),
    [row[1:] for row in NAMES if row[2] in ("name", "media_type") and row[0] != "half a character"],
    ids=[row[0] for row in NAMES if row[2] in ("name", "media_type") and row[0] != "half a character"],
)
def test_files_in_mutations(api: Api, members: Json, field: str) -> None:
    world = api.world
    changes = {"parent": api.deal, "sha256": SHA, "size": 3, "name": "a.pdf", **members}
    outcome = world.push_one(
        world.admin, world.mutation(Kind.APPEND, "file", world.ids.new_id(), changes=changes)
    )
    assert outcome.status is Status.REJECTED
    assert outcome.problem is not None
    assert set(outcome.problem.fields) == {field}
    forget(api)


def test_a_size_nobody_has_room_for(api: Api) -> None:
    answer = api.call("POST", "/v1/uploads", json={"sha256": SHA, "size": 2**60})
    assert problem(answer, 413).code == "too_large"


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=" + "9" * 5000 + "-",
        "bytes=-" + "9" * 5000,
        "bytes=a-b",
        "bytes=-1-2",
        "bytes=\u0661-",
        "=",
        "x" * 9999,
    ],
)
def test_ranges_that_are_none(api: Api, wanted: str) -> None:
    answer = api.call("GET", f"/v1/blobs/{api.guide}", headers={"Range": wanted.encode()})
    assert answer.status_code in (200, 416)
    assert answer.status_code == 416 or answer.content == GUIDE


@pytest.mark.parametrize("offset", ["-1", "x", "", "9" * 5000, "1.5", "0x10"])
def test_offsets_that_are_none(api: Api, offset: str) -> None:
    headers = {"Upload-Offset": offset, "Content-Type": "application/offset+octet-stream"}
    answer = api.call("PATCH", "/v1/uploads/none", content=b"x", headers=headers)
    assert "header.upload-offset" in problem(answer, 422).fields


# ------------------------------------------------------------------------------------------- tokens, cursors, paths


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Bearer " + "x" * 20_000,
        "Bearer \u00e9\u00fc",
        "Basic YTpi",
        "Bearer a b",
        "bearer null",
        "Bearer ../../x",
        "Bearer ' or 1=1 --",
    ],
)
def test_tokens_that_are_none(api: Api, header: str) -> None:
    answer = api.client.get("/v1/me", headers=[(b"Authorization", header.encode("latin-1"))])
    assert problem(answer, 401).code == "sign_in"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_that_has_run_out_and_one_of_an_ended_session(api: Api) -> None:
    world = api.world
    session = world.gateway.identity.session_for(world.admin.user, "another laptop")
    with world.database.write() as connection:
        token = world.gateway.identity.sessions.first_tokens(connection, session.id).access
    headers = {"Authorization": f"Bearer {token}"}
    world.clock.off_by = world.limits.access * 2
    try:
        problem(api.client.get("/v1/me", headers=headers), 401)
    finally:
        world.clock.off_by *= 0
    assert api.client.get("/v1/me", headers=headers).status_code == 200
    world.gateway.identity.revoke_device(world.admin.user, session.device)
    problem(api.client.get("/v1/me", headers=headers), 401)


def test_cursors_with_one_bit_turned(api: Api) -> None:
    cursor = Mirror(api.world, api.world.admin).snapshot().cursor
    assert api.call("GET", "/v1/changes", params={"cursor": cursor}).status_code == 200
    answers = set()
    for place in range(0, len(cursor), 3):
        turned = cursor[:place] + chr(ord(cursor[place]) ^ 1) + cursor[place + 1 :]
        answers.add(api.call("GET", "/v1/changes", params={"cursor": turned}).content)
    assert len(answers) == 1
    assert b"cursor_expired" in answers.pop()


@pytest.mark.parametrize("cursor", ["\u00e9", "=", "A" * 1999, "....", "AAAA", "\u202e", " "])
def test_cursors_that_are_none(api: Api, cursor: str) -> None:
    for path in ("/v1/changes", "/v1/digest", "/v1/digest/deal_registration/0", "/v1/records?gids=x"):
        separator = "&" if "?" in path else "?"
        answer = api.call("GET", f"{path}{separator}{httpx.QueryParams({'cursor': cursor})}")
        assert problem(answer, 410).code == "cursor_expired"


@pytest.mark.parametrize(
    ("target", "statuses", "field"),
    [
        ("/v1/receipts/%00", (400,), "path"),
        ("/v1/changes?cursor=%00", (400,), "query"),
        ("/v1/records?cursor=x&gids=a%00", (400,), "query"),
        ("/v1/receipts/%ff%fe", (404,), ""),
        ("/v1/receipts/%ED%A0%80", (404,), ""),
        ("/v1/receipts/%zz", (404,), ""),
        ("/v1/receipts/..%2f..%2fetc", (404,), ""),
        ("/v1/../v1/me/x", (404,), ""),
        ("/v1/digest/deal_registration/" + "9" * 5000, (422,), "path.bucket"),
        ("/v1/digest/deal_registration/-1?cursor=x", (404,), ""),
        ("/v1/changes?cursor=x&limit=" + "9" * 5000, (422,), "query.limit"),
        ("/v1/changes?cursor=" + "x" * 2001, (422,), "query.cursor"),
        ("/v1/snapshot?after=" + "x" * 4001, (422,), "query.after"),
        ("/v1/records?cursor=x&gids=" + "x" * 2001, (422,), "query.gids"),
        ("/v1/blobs/" + "g" * 64, (422,), "path.sha256"),
        ("/v1/blobs/" + "a" * 64 + "%0a", (422,), "path.sha256"),
        ("//v1/me", (404,), ""),
        ("/v1/me/", (307, 404), ""),
    ],
)
def test_paths_and_queries(api: Api, target: str, statuses: tuple[int, ...], field: str) -> None:
    status, headers, body = raw(api, f"GET {target} HTTP/1.1")
    assert status in statuses, (status, body)
    if status != 307:
        assert "content-type: application/problem+json" in headers
        document = ProblemDocument.model_validate_json(body)
        assert not field or field in document.fields


def raw(api: Api, request_line: str, *more: str, body: bytes = b"") -> tuple[int, str, bytes]:
    """Send a request byte by byte as it is written here. Returns status, headers in lower case, and body."""
    address = urlsplit(str(api.client.base_url))
    assert address.hostname
    assert address.port
    lines = [
        request_line,
        f"Host: {address.netloc}",
        "Connection: close",
        f"Authorization: Bearer {api.token}",
    ]
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, *more, "", ""]).encode("latin-1") + body)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode("latin-1").lower(), content


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        ("POST /v1/mutations HTTP/1.1", ("Content-Length: 1", "Content-Length: 2")),
        ("POST /v1/mutations HTTP/1.1", ("Content-Length: -1",)),
        ("POST /v1/mutations HTTP/1.1", ("Content-Length: " + "9" * 500,)),
        ("POST /v1/mutations HTTP/1.1", ("Content-Length: x",)),
        ("GET /v1/me HTTP/1.1", ("X: a\0b",)),
        ("GET /v1/me HTTP/1.1", ("X" * 200_000 + ": y",)),
        ("GET /v1/me HTTP/1.1", ("X: " + "y" * 200_000,)),
        ("GET /v1/\x01me HTTP/1.1", ()),
    ],
)
def test_requests_that_are_none(api: Api, line: str, headers: tuple[str, ...]) -> None:
    try:
        status, _, _ = raw(api, line, *headers)
    except (ConnectionError, IndexError):
        return  # it was hung up on, and that is an answer, too
    assert 400 <= status < 500


def test_many_headers_cost_nothing(api: Api) -> None:
    status, _, _ = raw(api, "GET /v1/me HTTP/1.1", *(f"X-{number}: y" for number in range(2000)))
    assert status in (200, 400, 431)


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        (
            "/oauth/token",
            b"grant_type=refresh_token&client_id=counterpart-desktop&refresh_token=%00",
            "refresh_token",
        ),
        ("/oauth/token", b"grant_type=refresh_token&refresh_token=" + b"x" * 201, "body.refresh_token"),
        ("/oauth/revoke", b"token=a%00b", "token"),
        ("/oauth/revoke", b"token=" + b"x" * 201, "body.token"),
        ("/oauth/authorize", b"request=x&email=a%00", "email"),
        ("/oauth/authorize", b"email=" + b"x" * 201, "body.email"),
    ],
)
def test_forms(api: Api, path: str, form: bytes, field: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert field in problem(api.client.post(path, content=form, headers=headers), 400, 422).fields


def test_a_name_twice_among_many_costs_no_more_than_reading_them() -> None:
    """Looked for one by one they would take hours, for whoever sends eight megabytes without even signing in."""
    many = b",".join(b'"a%d":0' % number for number in range(150_000))
    began = time.thread_time()
    assert wrong_in_json(b"{" + many + b',"z":0,"z":0}') == {"z": "It stands twice in one object."}
    assert time.thread_time() - began < 5
