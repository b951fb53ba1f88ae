"""Everything in the gateway that takes apart what came from outside; see `test_fuzz.py`."""

from __future__ import annotations

import json
import tomllib

import httpx
from hypothesis import strategies as st
from joserfc.errors import JoseError
from pydantic import ValidationError

from app.sync.clock import SystemClock
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
from tests.gateway.memory_port import MAPPING
from tests.security.material import (
    AT,
    GID,
    OUTCOME,
    TEXT,
    as_bytes,
    outside,
    spoilt,
)
from tests.security.target import Sent, Target


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
        transport=httpx.MockTransport(lambda _request: httpx.Response(200, stream=Sent(body))),
    )
    found = Issuer(options, SystemClock())
    for ask in (found._discovered, found._key_set):
        try:
            ask()
        except Problem as problem:
            assert problem.status in (502, 503)  # noqa: PT017  # how it refuses is what is looked at


def _asked(body: bytes) -> None:
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        return  # what is no JSON is refused before, see `well-formed JSON`
    for item in items if isinstance(items, list) else [items]:
        asked(item)


def _mapped(body: bytes) -> None:
    SystemMapping.load(body.decode(errors="replace"))


_ADDRESSES = (
    TEXT
    | st.text().map("https://".__add__)
    | spoilt(b"http://127.0.0.1:50123/callback").map(lambda b: b.decode("latin-1"))
    | spoilt(b"https://[::1]:8443/a?b=c").map(lambda b: b.decode("latin-1"))
)
_ISSUER = as_bytes(
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
    Target("well-formed JSON", outside(as_bytes({"mutations": [OUTCOME]})), wrong_in_json),
    Target("well-formed form", st.binary(max_size=300), wrong_in_form),
    Target(
        "mutation",
        outside(
            as_bytes(
                [
                    {
                        "mutation_id": GID,
                        "entity": "lead",
                        "gid": GID,
                        "kind": "patch",
                        "base": {},
                        "changes": {"a": 1},
                        "captured_at": AT,
                    }
                ]
            )
        ),
        _asked,
    ),
    Target("cursor", TEXT, _cursor, (Problem,)),
    Target(
        "webhook", outside(as_bytes({"changed": [{"object": "deal", "id": "1"}]})), _webhook, (ValueError,)
    ),
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
    Target("word of another process", st.lists(TEXT, max_size=4), lambda texts: heard(texts, "own")),
    Target("code of a kiosk as typed", TEXT, user_code),
)
