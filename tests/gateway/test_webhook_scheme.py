"""Proving a webhook delivery, and finding the rows it names: pure, by examples and by property."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.crm.webhook import (
    GENERIC,
    HUBSPOT_V3,
    SKEW,
    Delivery,
    Encoding,
    Signed,
    Unproven,
    WebhookScheme,
    named_rows,
    prove,
    sign,
)

pytestmark = pytest.mark.databases("sqlite")  # they are about none

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECRET = b"a secret of the two of us"

schemes = st.builds(
    WebhookScheme,
    signed=st.sampled_from(Signed),
    encoding=st.sampled_from(Encoding),
    prefix=st.sampled_from(["", "v1=", "sha256="]),
    milliseconds=st.booleans(),
)
bodies = st.binary(max_size=200)
addresses = st.sampled_from(
    ["https://gw.example/webhooks/crm", "https://gw.example/webhooks/crm?a=b%3Ac&d=%2fe"]
)


def stamped(scheme: WebhookScheme, at: datetime) -> str:
    """A timestamp as the sender writes it."""
    return str(int(at.timestamp() * (1000 if scheme.milliseconds else 1)))


def delivery(
    scheme: WebhookScheme,
    body: bytes,
    at: datetime = NOW,
    secret: bytes = SECRET,
    uri: str = "https://gw.example/webhooks/crm",
) -> Delivery:
    """A delivery as its sender makes it."""
    bare = Delivery("POST", uri, {}, body)
    stamp = stamped(scheme, at)
    headers = {
        scheme.timestamp_header: stamp,
        scheme.signature_header: sign(scheme, secret, bare, stamp),
    }
    return replace(bare, headers=headers)


def reason(scheme: WebhookScheme, given: Delivery, secret: bytes = SECRET, now: datetime = NOW) -> str:
    """Why a delivery is not proven; empty when it is."""
    try:
        prove(scheme, secret, given, now)
    except Unproven as error:
        return error.reason
    return ""


# ------------------------------------------------------------------------------------------------------ by property


@given(scheme=schemes, body=bodies, uri=addresses, late=st.integers(-300, 300))
def test_what_was_signed_is_proven_within_five_minutes(
    scheme: WebhookScheme, body: bytes, uri: str, late: int
) -> None:
    at = NOW - timedelta(seconds=late)
    proof = prove(scheme, SECRET, delivery(scheme, body, at, uri=uri), NOW)
    assert proof.expires_at == at + SKEW


@given(scheme=schemes, body=bodies, place=st.integers(0), bit=st.integers(0, 7))
def test_one_bit_of_the_body_makes_it_another(
    scheme: WebhookScheme, body: bytes, place: int, bit: int
) -> None:
    assume(body)
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    assert reason(scheme, replace(delivery(scheme, body), body=bytes(changed))) == "signature"


@given(scheme=schemes, body=bodies, place=st.integers(0, 31), bit=st.integers(0, 7))
def test_one_bit_of_the_signature_makes_it_another(
    scheme: WebhookScheme, body: bytes, place: int, bit: int
) -> None:
    whole = delivery(scheme, body)
    changed = bytearray(prove(scheme, SECRET, whole, NOW).signature)
    changed[place] ^= 1 << bit
    text = changed.hex() if scheme.encoding is Encoding.HEX else base64.b64encode(changed).decode()
    headers = {**whole.headers, scheme.signature_header: scheme.prefix + text}
    assert reason(scheme, replace(whole, headers=headers)) == "signature"


@given(scheme=schemes, body=bodies, secret=st.binary(max_size=40))
def test_another_secret_proves_nothing(scheme: WebhookScheme, body: bytes, secret: bytes) -> None:
    # HMAC fills a short key up with zeros: those are one and the same key.
    assume(secret.rstrip(b"\0") != SECRET)
    assert reason(scheme, delivery(scheme, body, secret=secret)) == "signature"


@given(scheme=schemes, body=bodies, seconds=st.integers(302, 10**8), ahead=st.booleans())
def test_another_time_is_too_old_or_yet_to_come(
    scheme: WebhookScheme, body: bytes, seconds: int, ahead: bool
) -> None:
    at = NOW + timedelta(seconds=seconds if ahead else -seconds)
    assert reason(scheme, delivery(scheme, body, at)) == "stale"


@given(scheme=schemes, body=bodies, move=st.integers(1, 300))
def test_a_time_that_was_moved_on_is_another_delivery(scheme: WebhookScheme, body: bytes, move: int) -> None:
    whole = delivery(scheme, body)
    headers = {**whole.headers, scheme.timestamp_header: stamped(scheme, NOW + timedelta(seconds=move))}
    assert reason(scheme, replace(whole, headers=headers)) == "signature"


@given(
    scheme=schemes,
    body=bodies,
    headers=st.dictionaries(
        st.sampled_from(["Counterpart-Signature", "counterpart-timestamp", "other"]), st.text(max_size=90)
    ),
)
def test_whatever_comes_in_is_refused_and_breaks_nothing(
    scheme: WebhookScheme, body: bytes, headers: Mapping[str, str]
) -> None:
    assert reason(scheme, Delivery("POST", "https://gw.example/", headers, body)) in ("signature", "stale")
    assert reason(scheme, Delivery("POST", "https://gw.example/", headers, body), secret=b"") != ""


@given(
    scheme=schemes,
    body=st.binary(max_size=300)
    | st.builds(
        lambda x: json.dumps(x).encode(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(["changed", "object", "id", "x"]), inner, max_size=4)
            ),
            max_leaves=20,
        ),
    ),
)
def test_whatever_a_body_holds_rows_are_texts_or_it_is_malformed(scheme: WebhookScheme, body: bytes) -> None:
    try:
        rows = named_rows(scheme, body)
    except ValueError:
        return
    for obj, key in rows:
        assert obj
        assert 0 < len(key) <= 120


# ------------------------------------------------------------------------------------------------------- by example


def test_the_generic_form_is_what_any_sender_can_make() -> None:
    body = b'{"changed": [{"object": "deal", "id": 12}]}'
    made = hmac.new(SECRET, b"1795510800." + body, hashlib.sha256).hexdigest()
    headers = {"counterpart-signature": made, "COUNTERPART-TIMESTAMP": "1795510800"}
    prove(
        GENERIC, SECRET, Delivery("POST", "whatever", headers, body), datetime.fromtimestamp(1795510800, UTC)
    )


def test_hubspots_form_signs_method_address_and_body_and_time() -> None:
    body = b'[{"objectId":123,"subscriptionType":"contact.creation"}]'
    text = b"POSThttps://gw.example/webhooks/hubspot?q=a:b/c " + body + b"1795510800000"
    text = text.replace(b" ", b"%20")  # what stands for a space stays as it is
    made = base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": "1795510800000"}
    uri = "https://gw.example/webhooks/hubspot?q=a%3Ab%2fc%20"
    now = datetime.fromtimestamp(1795510800, UTC)
    prove(HUBSPOT_V3, SECRET, Delivery("POST", uri, headers, body), now)
    for other in (
        Delivery("PUT", uri, headers, body),
        Delivery("POST", uri.replace("gw.", "gw2."), headers, body),
        Delivery("POST", uri + "&more", headers, body),
    ):
        assert reason(HUBSPOT_V3, other, now=now) == "signature"


@pytest.mark.parametrize(
    "stamp", ["", "soon", "-5", "1_795_510_800", "１７９５", "9" * 17, "1e9", " 1795510800"]
)
def test_what_is_no_timestamp_is_refused_though_it_is_signed(stamp: str) -> None:
    bare = Delivery("POST", "x", {}, b"[]")
    headers = {
        GENERIC.timestamp_header: stamp,
        GENERIC.signature_header: sign(GENERIC, SECRET, bare, stamp),
    }
    assert reason(GENERIC, replace(bare, headers=headers)) in ("signature", "stale")


def test_an_empty_secret_proves_nothing_not_even_to_those_who_know_it() -> None:
    assert reason(GENERIC, delivery(GENERIC, b"[]", secret=b""), secret=b"") == "signature"


def test_rows_are_named_once_and_in_the_ports_words() -> None:
    scheme = replace(HUBSPOT_V3, objects={"deal": "deals"})
    body = json.dumps(
        [
            {"objectId": 7, "subscriptionType": "deal.propertyChange", "propertyValue": "ignored"},
            {"objectId": 7, "subscriptionType": "deal.deletion"},
            {"objectId": 8, "subscriptionType": "contact.creation"},
            {"objectId": True, "subscriptionType": "contact.creation"},
            {"objectId": "x" * 121, "subscriptionType": "contact.creation"},
            {"objectId": "a\nb", "subscriptionType": "contact.creation"},
            {"subscriptionType": "contact.creation"},
            "not a row",
        ]
    ).encode()
    assert named_rows(scheme, body) == [("deals", "7"), ("contact", "8")]


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{}", b"[]", b'{"changed": {}}', b"[" * 100_000, b"9" * 5000], ids=lambda b: b[:9]
)
def test_a_body_of_another_form_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError, match="The body"):
        named_rows(GENERIC, body)
