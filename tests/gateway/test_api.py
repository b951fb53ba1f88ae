"""The HTTP shell: what each call takes and answers, and that every refusal is a problem document."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.contract.changes import (
    BucketPage,
    ChangesPage,
    DigestPage,
    Me,
    ProblemDocument,
    SnapshotPage,
    split_puts,
)
from app.contract.manifest import parse_manifest
from app.contract.mutations import PushAnswer, PushBody, Status
from app.contract.receipts import Receipt
from gateway.api.app import Shape, build_app
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.serving import serving
from tests.gateway.test_identity import BACK, QUERY, VERIFIER
from tests.gateway.world import World
from tests.patience import PATIENCE

pytestmark = AT_THE_SURFACE


class Api:
    """An application over a small gateway, and one signed-in client."""

    def __init__(self, world: World, client: httpx.Client) -> None:
        self.world = world
        self.client = client
        self.token = self.sign_in("ada@example.test")["access_token"]

    def sign_in(self, email: str, password: str = "correct horse") -> dict[str, Any]:
        """Sign in as the app does, through the page in the browser."""
        page = self.client.get("/oauth/authorize", params=QUERY)
        assert page.status_code == 200
        sealed = page.text.split('name="request" value="')[1].split('"')[0]
        form = {"request": sealed, "email": email, "password": password}
        back = self.client.post("/oauth/authorize", data=form)
        assert back.status_code == 303, back.text
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        answer = self.client.post("/oauth/token", data=self.code_grant(code))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def code_grant(self, code: str) -> dict[str, str]:
        """The form that exchanges a code."""
        return {
            "grant_type": "authorization_code",
            "client_id": "counterpart-desktop",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }

    def call(self, method: str, path: str, token: str | None = None, **members: Any) -> Any:
        """Make a signed-in call."""
        headers = {"Authorization": f"Bearer {token or self.token}", **members.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **members)

    def get(self, path: str, **params: Any) -> Any:
        """Make a signed-in reading call."""
        return self.call("GET", path, params=params)

    def problem(self, answer: Any, status: int) -> ProblemDocument:
        """Check that an answer is a problem document of that status."""
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["counterpart-epoch"] == self.world.gateway.epoch
        document = ProblemDocument.model_validate_json(answer.content)
        assert document.status == status
        assert document.detail
        assert document.code
        return document

    def snapshot_cursor(self) -> str:
        """Read everything, and return the cursor."""
        page = SnapshotPage.model_validate(self.get("/v1/snapshot").json())
        assert page.cursor is not None
        return page.cursor


@contextmanager
def serving_one_deal(folder: Path) -> Iterator[Api]:
    """Serve a gateway with one deal."""
    world = World(folder=folder)
    world.deal()
    world.read()
    app = build_app(world.gateway, Shape(body_most=1024 * 1024))
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield Api(world, client)
    world.gateway.close()


@pytest.fixture(scope="module")
def api(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A gateway for calls that leave its records as they are; one for each kind of database."""
    assert database_kind
    with serving_one_deal(tmp_path_factory.mktemp("gateway")) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Api]:
    """A gateway of one's own."""
    with serving_one_deal(tmp_path) as found:
        yield found


# ---------------------------------------------------------------------------------------------------------- reading


def test_me_and_the_manifest(api: Api) -> None:
    me = Me.model_validate(api.get("/v1/me").json())
    assert (me.name, me.role_label, me.companies[0].name) == (
        "Ada Admin",
        "Partner administrator",
        "Northwind",
    )
    answer = api.get("/v1/manifest")
    assert parse_manifest(answer.json()).name == "partner"
    assert answer.headers["counterpart-grant"] == me.grant
    etag = answer.headers["etag"]
    for given in (etag, f'"x", {etag}', f"W/{etag}"):
        unchanged = api.call("GET", "/v1/manifest", headers={"If-None-Match": given})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", etag)


@ON_BOTH
def test_a_mirror_from_snapshot_to_digest(fresh: Api) -> None:
    first = fresh.get("/v1/snapshot", limit=1)
    page = SnapshotPage.model_validate_json(first.content)
    assert first.headers["content-type"] == "application/json"
    assert first.headers["counterpart-grant"] == fresh.get("/v1/me").json()["grant"]
    assert split_puts(first.content)[1].startswith(b"[[")
    assert (page.epoch, page.cursor) == (fresh.world.gateway.epoch, None)
    last = SnapshotPage.model_validate(fresh.get("/v1/snapshot", after=page.after).json())
    assert last.cursor is not None
    changed = ChangesPage.model_validate(fresh.get("/v1/changes", cursor=last.cursor).json())
    assert (changed.puts, changed.more) == ((), False)
    digest = DigestPage.model_validate(fresh.get("/v1/digest", cursor=changed.cursor).json())
    assert digest.current
    gid = last.puts[0].gid
    path = f"/v1/digest/deal_registration/{int(gid[-1], 16)}"
    bucket = BucketPage.model_validate(fresh.get(path, cursor=changed.cursor).json())
    assert bucket.hashes == {gid: last.puts[0].hash}
    again = ChangesPage.model_validate(
        fresh.get("/v1/records", gids=f"{gid},{gid}", cursor=changed.cursor).json()
    )
    assert again.puts == last.puts


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("/v1/changes", {"cursor": "forged"}, 410, "cursor_expired"),
        ("/v1/snapshot", {"after": "forged"}, 410, "cursor_expired"),
        ("/v1/digest", {"cursor": "forged"}, 410, "cursor_expired"),
        ("/v1/changes", {}, 422, "invalid"),
        ("/v1/changes", {"cursor": "x", "limit": 0}, 422, "invalid"),
        ("/v1/digest/secret_plans/0", {"cursor": "x"}, 404, "not_found"),
        ("/v1/digest/deal_registration/99", {"cursor": "x"}, 404, "not_found"),
        ("/v1/digest/deal_registration/many", {"cursor": "x"}, 422, "invalid"),
        ("/v1/receipts/unknown", {}, 404, "not_found"),
        ("/v1/nothing", {}, 404, "not_found"),
        ("/nothing", {}, 404, "not_found"),
    ],
)
def test_reading_calls_that_are_refused(
    api: Api, path: str, params: dict[str, Any], status: int, code: str
) -> None:
    assert api.problem(api.get(path, **params), status).code == code


def test_a_method_a_path_does_not_have(api: Api) -> None:
    answer = api.call("DELETE", "/v1/me")
    assert api.problem(answer, 405).code == "method"
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer forged", "Basic YTpi"])
def test_every_call_under_v1_needs_a_session(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    paths = api.client.get("/openapi.json").json()["paths"]
    checked = 0
    for path, methods in paths.items():
        for method in methods:
            # A device that destroyed its tokens with everything else has only its order to show.
            if path.startswith("/v1/") and path != "/v1/wiped":
                url = path.replace("{bucket}", "0").replace("{sha256}", "0" * 64)
                params = {"cursor": "x", "gids": "x"}
                answer = api.client.request(method, url, headers=headers, params=params)
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"
                if method != "head":
                    assert api.problem(answer, 401).code == "sign_in"
                checked += 1
    assert checked >= 14


# ---------------------------------------------------------------------------------------------------------- writing


def test_a_push_is_answered_one_by_one(fresh: Api) -> None:
    new = fresh.world.new_deal()
    body = json.loads(PushBody(mutations=(new,)).model_dump_json())
    body["mutations"] += [{"mutation_id": "m2"}, 7]
    answer = PushAnswer.model_validate(fresh.call("POST", "/v1/mutations", json=body).json())
    assert [o.status for o in answer.outcomes] == [Status.APPLIED, Status.REJECTED, Status.REJECTED]
    assert answer.outcomes[1].mutation_id == "m2"
    receipt = Receipt.model_validate(fresh.get(f"/v1/receipts/{new.mutation_id}").json())
    assert receipt.body.gid == new.gid


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"mutations": 7}', 422),
        (b'{"mutations": [], "surprise": 1}', 422),
        (b'{"mutations": [' + b"{}," * 200 + b"{}]}", 422),
        (b'{"mutations": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b"\xff\xfe", 422),
    ],
)
def test_bodies_that_are_no_batch(api: Api, content: bytes, status: int) -> None:
    answer = api.call("POST", "/v1/mutations", content=content, headers={"Content-Type": "application/json"})
    api.problem(answer, status)


def test_a_body_has_a_limit_announced_or_not(api: Api) -> None:
    big = b"x" * (1024 * 1024 + 1)
    headers = {"Content-Type": "application/json"}
    assert (
        api.problem(api.call("POST", "/v1/mutations", content=big, headers=headers), 413).code == "too_large"
    )

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield big[:100_000]

    assert (
        api.problem(api.call("POST", "/v1/mutations", content=pieces(), headers=headers), 413).code
        == "too_large"
    )


def test_what_nobody_has_foreseen_is_told_without_details(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(api.world.gateway, "me", broken)
    answer = api.get("/v1/me")
    assert api.problem(answer, 500).code == "failed"
    assert "42" not in answer.text


def test_answers_are_compressed_and_not_cached(api: Api) -> None:
    answer = api.get("/v1/manifest")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


# ------------------------------------------------------------------------------------------------------------ files


BODY = bytes(range(256)) * 40
SHA = hashlib.sha256(BODY).hexdigest()


def upload(api: Api) -> None:
    """Upload the file in two pieces."""
    new = {"sha256": SHA, "size": len(BODY), "media_type": "application/pdf", "name": "a.pdf"}
    opened = api.call("POST", "/v1/uploads", json=new)
    assert opened.status_code == 201
    path = f"/v1/uploads/{opened.json()['upload_id']}"
    for start in (0, 5000):
        piece = BODY[start : start + 5000] if start == 0 else BODY[start:]
        answer = patch(api, path, start, piece)
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(start + len(piece)))
    assert api.call("POST", "/v1/uploads", json=new).json()["offset"] == len(BODY)


def patch(api: Api, path: str, offset: int, data: bytes) -> Any:
    """Send a piece."""
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return api.call("PATCH", path, content=data, headers=headers)


def test_an_upload_over_http(fresh: Api) -> None:
    upload(fresh)
    answer = fresh.get(f"/v1/blobs/{SHA}")
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "application/octet-stream", (
        "a client takes nothing else for a file"
    )
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-disposition"] == "attachment"
    head = fresh.call("HEAD", f"/v1/blobs/{SHA}")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(BODY)), b"")


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-", 206, 0, len(BODY)),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=100-99999999", 206, 100, len(BODY)),
        ("bytes=-10", 206, len(BODY) - 10, len(BODY)),
        ("bytes=10240-", 416, 0, 0),
        ("bytes=9-3", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=0-1,5-6", 200, 0, len(BODY)),
        ("lines=1-2", 200, 0, len(BODY)),
        ("bytes=-", 200, 0, len(BODY)),
    ],
)
def test_ranges(api: Api, wanted: str, status: int, start: int, end: int) -> None:
    if api.call("HEAD", f"/v1/blobs/{SHA}").status_code == 404:
        upload(api)
    answer = api.call("GET", f"/v1/blobs/{SHA}", headers={"Range": wanted})
    assert answer.status_code == status
    if status == 416:
        api.problem(answer, 416)
        return
    assert answer.content == BODY[start:end]
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"


def test_a_file_of_an_order_of_bytes_that_do_not_fit(fresh: Api) -> None:
    new = {"sha256": SHA, "size": len(BODY)}
    path = f"/v1/uploads/{fresh.call('POST', '/v1/uploads', json=new).json()['upload_id']}"
    patch(fresh, path, 0, BODY[:100])
    wrong = patch(fresh, path, 0, BODY[:100])
    document = fresh.problem(wrong, 409)
    assert (document.code, document.fields, wrong.headers["upload-offset"]) == (
        "offset",
        {"offset": "100"},
        "100",
    )
    assert fresh.call("HEAD", path).headers["upload-offset"] == "100"
    assert fresh.problem(patch(fresh, path, 100, b"x" * (len(BODY) - 100)), 422).code == "checksum"
    fresh.problem(patch(fresh, "/v1/uploads/unknown", 0, b"x"), 404)


def test_files_of_others_are_not_found(fresh: Api) -> None:
    api = fresh
    upload(api)
    other = api.sign_in("olga@example.test")["access_token"]
    api.problem(api.call("GET", f"/v1/blobs/{SHA}", other), 404)
    assert api.call("HEAD", f"/v1/blobs/{SHA}", other).status_code == 404
    api.problem(api.call("GET", f"/v1/blobs/{'0' * 64}"), 404)


# ---------------------------------------------------------------------------------------------------------- sign-in


def test_the_page_names_the_vendor_and_keeps_to_itself(api: Api) -> None:
    page = api.client.get("/oauth/authorize", params={**QUERY, "device_name": "<b>x</b>"})
    assert "Halden Systems" in page.text
    assert "<b>x</b>" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_a_request_that_cannot_be_answered_leads_nowhere(api: Api) -> None:
    answer = api.client.get("/oauth/authorize", params={**QUERY, "redirect_uri": "https://evil.example/"})
    assert answer.status_code == 422
    assert "location" not in answer.headers
    assert "evil.example" not in answer.text


def test_a_wrong_password_stays_on_the_page(api: Api) -> None:
    sealed = api.world.gateway.identity.sign_in.seal(api.world.gateway.identity.sign_in.request(QUERY))
    form = {"request": sealed, "email": "ada@example.test", "password": "wrong-pass"}
    answer = api.client.post("/oauth/authorize", data=form)
    assert answer.status_code == 401
    assert "do not go together" in answer.text
    assert 'value="ada@example.test"' in answer.text
    assert "wrong-pass" not in answer.text


def test_cancelling_leads_back_to_the_app(api: Api) -> None:
    sealed = api.world.gateway.identity.sign_in.seal(api.world.gateway.identity.sign_in.request(QUERY))
    answer = api.client.post("/oauth/authorize", data={"request": sealed, "cancel": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BACK}?error=access_denied&state=s1")
    forged = api.client.post("/oauth/authorize", data={"request": "x", "cancel": "1"})
    assert (forged.status_code, "location" in forged.headers) == (422, False)


def test_the_page_may_lead_to_the_address_that_asked_and_to_no_other(api: Api) -> None:
    policy = api.client.get("/oauth/authorize", params=QUERY).headers["content-security-policy"]
    assert policy.endswith("form-action 'self' http://127.0.0.1:50123")
    odd = api.client.get("/oauth/authorize", params={**QUERY, "redirect_uri": "http://[::1]:50123/callback"})
    assert odd.headers["content-security-policy"].endswith("form-action 'self'"), "no policy can name IPv6"


def test_an_app_that_listens_on_ipv6_is_led_back_to_by_a_page(api: Api) -> None:
    sign_in, back = api.world.gateway.identity.sign_in, "http://[::1]:50123/callback?a=1&b='2'"
    sealed = sign_in.seal(sign_in.request({**QUERY, "redirect_uri": back}))
    form = {"request": sealed, "email": "ada@example.test", "password": "correct horse"}
    for sent, words in ((form, "&code="), ({"request": sealed, "cancel": "1"}, "&error=access_denied")):
        answer = api.client.post("/oauth/authorize", data=sent)
        assert (answer.status_code, "location" in answer.headers) == (200, False)
        (target,) = re.findall(r'<meta http-equiv="refresh" content="0;url=([^"]*)">', answer.text)
        assert unescape(target).startswith(f"{back}{words}")


def test_tokens_over_http(api: Api) -> None:
    tokens = api.sign_in("ada@example.test")
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}
    refresh = {
        "grant_type": "refresh_token",
        "client_id": "counterpart-desktop",
        "refresh_token": tokens["refresh_token"],
    }
    following = api.client.post("/oauth/token", data=refresh).json()
    assert api.call("GET", "/v1/me", following["access_token"]).status_code == 200
    assert api.client.post("/oauth/revoke", data={"token": following["refresh_token"]}).status_code == 200
    assert api.call("GET", "/v1/me", following["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "client_id": "another"}, 401, "invalid_client"),
    ],
)
def test_token_calls_that_are_refused(api: Api, form: dict[str, str], status: int, error: str) -> None:
    answer = api.client.post("/oauth/token", data={"client_id": "counterpart-desktop", **form})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"token": "never given"}, 200),
        ({"token": "never given", "token_type_hint": "something new"}, 200),
        ({"token": "never given", "client_id": "counterpart-desktop"}, 200),
        ({"token": "never given", "client_id": "another"}, 401),
        ({}, 400),
    ],
)
def test_calls_to_end_a_session_that_is_not_there(api: Api, form: dict[str, str], status: int) -> None:
    assert api.client.post("/oauth/revoke", data=form).status_code == status


def test_tokens_are_not_given_for_a_scope_nobody_has(api: Api) -> None:
    tokens = api.sign_in("ada@example.test")
    refresh = {
        "grant_type": "refresh_token",
        "client_id": "counterpart-desktop",
        "refresh_token": tokens["refresh_token"],
        "client_secret": "guessed",
    }
    assert api.client.post("/oauth/token", data=refresh).status_code == 200, "what is not ours is not read"


def test_health_and_the_published_description(api: Api) -> None:
    assert api.client.get("/healthz").text == "ok"
    paths = api.client.get("/openapi.json").json()["paths"]
    assert {"/v1/snapshot", "/v1/changes", "/v1/mutations", "/v1/events", "/oauth/token"} <= set(paths)
