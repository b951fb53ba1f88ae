"""`POST /webhooks/{system}`: what is taken, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.contract.changes import ProblemDocument
from gateway.api.app import Shape, build_app
from gateway.crm.port import Ref
from gateway.crm.webhook import GENERIC, HUBSPOT_V3, Delivery, WebhookScheme, sign
from gateway.limits import Limits
from gateway.settings import Settings
from gateway.tables import hint, webhook_seen
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.serving import serving
from tests.gateway.world import Mirror, World
from tests.patience import PATIENCE

pytestmark = AT_THE_SURFACE

SECRET = b"a secret of the two of us"
PATH = "/webhooks/memory"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway on files: a refusal is noted after its answer, while the test goes on."""
    found = World(folder=tmp_path)
    yield found
    found.gateway.close()


class Sender:
    """The system's side: it signs as it was told to."""

    def __init__(self, world: World, client: httpx.Client, scheme: WebhookScheme) -> None:
        self.world = world
        self.client = client
        self.scheme = scheme

    def headers(self, body: bytes, at: datetime | None = None, secret: bytes = SECRET) -> dict[str, str]:
        """The headers that go with a body."""
        scale = 1000 if self.scheme.milliseconds else 1
        stamp = str(int((at or self.world.clock.now()).timestamp() * scale))
        bare = Delivery("POST", f"{self.client.base_url}".rstrip("/") + PATH, {}, body)
        return {
            self.scheme.timestamp_header: stamp,
            self.scheme.signature_header: sign(self.scheme, secret, bare, stamp),
        }

    def send(self, body: bytes, headers: dict[str, str] | None = None, path: str = PATH) -> httpx.Response:
        """Post a body; signed as it should be unless headers are given."""
        return self.client.post(
            path, content=body, headers=self.headers(body) if headers is None else headers
        )

    def tell(self, *refs: Ref) -> httpx.Response:
        """Say that rows have changed."""
        return self.send(named(*refs))


def named(*refs: Ref) -> bytes:
    """A body in the generic form."""
    return json.dumps({"changed": [{"object": ref.obj, "id": ref.id} for ref in refs]}).encode()


@contextmanager
def sending(
    world: World, scheme: WebhookScheme | None = GENERIC, secrets: dict[str, bytes] | None = None
) -> Iterator[Sender]:
    """Serve a gateway whose system signs by a scheme."""
    world.port.capabilities = replace(world.port.capabilities, webhook=scheme)
    world.gateway.webhooks.trust({"memory": SECRET} if secrets is None else secrets)
    with serving(build_app(world.gateway)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield Sender(world, client, scheme or GENERIC)


@pytest.fixture
def sender(world: World) -> Iterator[Sender]:
    """A system that signs in the generic form."""
    with sending(world) as found:
        yield found


def refused(sender: Sender, answer: httpx.Response, status: int, code: str) -> ProblemDocument:
    """Check that an answer is a refusal, that nothing was kept of the delivery, and that it was counted."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = ProblemDocument.model_validate_json(answer.content)
    assert document.code == code
    assert kept(sender.world) == (0, 0)
    counts = sender.world.gateway.webhooks.counts
    assert sum(many for (_, what), many in counts.items() if what == code) == 1
    return document


def kept(world: World) -> tuple[int, int]:
    """How many hints and how many signatures are kept."""
    with world.database.read() as connection:
        many = [
            connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (hint, webhook_seen)
        ]
    return many[0], many[1]


# ---------------------------------------------------------------------------------------------------------- taken


@ON_BOTH
def test_ids_become_hints_and_are_read_from_the_system(sender: Sender) -> None:
    world = sender.world
    ref, other = world.deal(), world.deal()
    woken: list[int] = []
    world.gateway.on_hint(lambda: woken.append(1))
    body = json.loads(named(ref, ref, Ref("unheard_of", "1")))
    body["changed"][0]["cust"] = "Nobody believes this"
    answer = sender.send(json.dumps(body).encode())
    assert (answer.status_code, answer.json()) == (202, {"noted": 1})
    assert woken == [1]
    assert world.gateway.ingest.hints_step() == 1
    seen = Mirror(world, world.admin).snapshot()
    assert seen.of("deal_registration") == {world.gid(ref)}
    assert world.gid(other) not in seen.rows
    assert seen.data(world.gid(ref))["customer"] == "Riverside"
    assert world.gateway.webhooks.counts == {("memory", "taken"): 1}


def test_a_delivery_that_names_nothing_of_ours_is_taken_all_the_same(sender: Sender) -> None:
    answer = sender.tell(Ref("invoice_line", "9"))
    assert (answer.status_code, answer.json()) == (202, {"noted": 0})
    assert kept(sender.world) == (0, 1)


def test_hubspots_form_is_taken_under_the_address_it_was_called_by(world: World) -> None:
    with sending(world, HUBSPOT_V3) as sender:
        ref = world.deal()
        body = json.dumps([{"objectId": ref.id, "subscriptionType": "deal.creation"}]).encode()
        assert sender.send(body).json() == {"noted": 1}
        assert refused_status(sender.send(body, path=f"{PATH}?more=1")) == 403


def refused_status(answer: httpx.Response) -> int:
    """The status, which a document repeats."""
    assert answer.json()["status"] == answer.status_code
    return answer.status_code


def test_behind_a_proxy_the_address_is_the_one_that_was_set(world: World) -> None:
    world.port.capabilities = replace(world.port.capabilities, webhook=HUBSPOT_V3)
    world.gateway.webhooks.trust({"memory": SECRET})
    app = build_app(world.gateway, Shape(webhook_url="https://portal.example/"))
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        body = b"[]"
        stamp = str(int(world.clock.now().timestamp() * 1000))
        bare = Delivery("POST", f"https://portal.example{PATH}", {}, body)
        headers = {
            HUBSPOT_V3.timestamp_header: stamp,
            HUBSPOT_V3.signature_header: sign(HUBSPOT_V3, SECRET, bare, stamp),
        }
        assert client.post(PATH, content=body, headers=headers).status_code == 202


# --------------------------------------------------------------------------------------------------------- refused


def test_a_signature_of_another_secret_is_refused(sender: Sender) -> None:
    body = named(sender.world.deal())
    answer = sender.send(body, sender.headers(body, secret=b"a guess"))
    document = refused(sender, answer, 403, "signature")
    assert "secret" in document.detail


@pytest.mark.parametrize("missing", [GENERIC.signature_header, GENERIC.timestamp_header])
def test_a_header_that_is_missing_is_refused(sender: Sender, missing: str) -> None:
    body = named(sender.world.deal())
    headers = {name: value for name, value in sender.headers(body).items() if name != missing}
    refused(sender, sender.send(body, headers), 403, "signature")


@pytest.mark.parametrize("doubled", [GENERIC.signature_header, GENERIC.timestamp_header])
def test_a_header_that_is_there_twice_says_nothing(sender: Sender, doubled: str) -> None:
    body = named(sender.world.deal())
    headers = [*sender.headers(body).items(), (doubled, "0" * 64)]
    answer = sender.client.post(PATH, content=body, headers=headers)
    refused(sender, answer, 403, "signature")


def test_another_body_is_refused(sender: Sender) -> None:
    body = named(sender.world.deal())
    refused(sender, sender.send(body + b" ", sender.headers(body)), 403, "signature")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_what_is_too_old_or_yet_to_come_is_refused(sender: Sender, seconds: int) -> None:
    body = named(sender.world.deal())
    at = sender.world.clock.now() + timedelta(seconds=seconds)
    refused(sender, sender.send(body, sender.headers(body, at)), 403, "stale")


def test_a_delivery_is_taken_once_by_whichever_process(sender: Sender) -> None:
    world = sender.world
    ref = world.deal()
    body = named(ref)
    headers = sender.headers(body)
    assert sender.send(body, headers).status_code == 202
    world.gateway.ingest.hints_step()
    for _ in range(2):
        world.clock.forward(149)
        answer = sender.send(
            body, {**headers, GENERIC.signature_header: headers[GENERIC.signature_header].upper()}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "replayed"), (
            "whatever case it is written in"
        )
    world.clock.forward(3)
    assert sender.send(body, headers).json()["code"] == "stale"
    assert kept(world) == (0, 1)
    assert world.gateway.webhooks.counts == {
        ("memory", "taken"): 1,
        ("memory", "replayed"): 2,
        ("memory", "stale"): 1,
    }
    assert sender.tell(ref).status_code == 202
    assert kept(world) == (1, 1), "what has expired is forgotten"


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[]", b'{"changed": 5}', b'{"changed": ' + b"[" * 9000],
    ids=lambda body: body[:9],
)
def test_a_body_of_another_form_is_refused_though_it_is_signed(sender: Sender, body: bytes) -> None:
    refused(sender, sender.send(body), 422, "malformed")


def test_a_body_over_the_limit_is_refused_announced_or_not(world: World) -> None:
    world.limits = Limits(webhook_most=2000)
    world.gateway = world.restarted()
    with sending(world) as sender:
        body = named(*(Ref("deal", f"{n}") for n in range(200)))
        refused(sender, sender.send(body), 413, "too_large")

        def parts() -> Iterator[bytes]:
            for start in range(0, len(body), 500):
                yield body[start : start + 500]

        answer = sender.client.post(PATH, content=parts(), headers=sender.headers(body))
        assert answer.status_code == 413
        assert sender.tell(world.deal()).status_code == 202


def test_nobody_learns_which_systems_there_are(world: World) -> None:
    answers: list[Any] = []
    for scheme, secrets, path in (
        (GENERIC, {"memory": SECRET}, "/webhooks/salesforce"),
        (GENERIC, {}, PATH),
        (GENERIC, {"memory": b""}, PATH),
        (None, {"memory": SECRET}, PATH),
    ):
        with sending(world, scheme, secrets) as sender:
            answer = sender.send(named(world.deal()), path=path)
            assert answer.status_code == 404
            answers.append(answer.json())
    assert [one == answers[0] for one in answers] == [True] * 4
    assert kept(world) == (0, 0)
    assert world.gateway.webhooks.counts == {("", "not_found"): 4}, "made-up names do not fill the memory"


def test_only_posts_are_taken(sender: Sender) -> None:
    assert sender.client.get(PATH).status_code == 405


# --------------------------------------------------------------------------------------------------------- settings


def test_secrets_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_WEBHOOK_SECRETS", '{"embedded": "hush", "hubspot": " "}')
    settings = Settings()
    assert settings.secrets_of_webhooks() == {"embedded": b"hush"}
    assert "hush" not in repr(settings)
