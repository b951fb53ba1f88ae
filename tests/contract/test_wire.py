"""Canonical text, ids, digests, receipts and the wire models."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.contract.canonical import canonical, content_hash, record_hash
from app.contract.changes import ChangesPage, split_puts
from app.contract.digest import BUCKETS, bucket_of, buckets, differing
from app.contract.errors import Busy, CounterpartError, PermanentError, RetryableError, SignInNeeded
from app.contract.ids import is_gid, is_time_ordered, source_gid, time_ordered_id
from app.contract.mutations import Command, Kind, Mutation, Outcome, Status
from app.contract.receipts import ReceiptBody, leads_to_root, merkle, short_name

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)


def test_canonical_text_does_not_depend_on_order_and_refuses_floats() -> None:
    assert (
        canonical({"b": 1, "a": ["é", None]})
        == '{"a":["é",null],"b":1}'
        == canonical({"a": ["é", None], "b": 1})
    )
    with pytest.raises(ValueError, match="float"):
        canonical({"amount": [1.5]})


def test_record_hash_changes_with_any_field() -> None:
    assert record_hash({"a": "1"}) == record_hash({"a": "1"})
    assert len({record_hash(d) for d in ({"a": "1"}, {"a": 1}, {"a": "1", "b": None}, {})}) == 4


def test_ids_are_ordered_by_time_and_are_version_7() -> None:
    first = time_ordered_id(NOW, bytes(10))
    later = time_ordered_id(NOW.replace(minute=42), bytes(10))
    assert first < later
    assert is_gid(first)
    assert first[14] == "7"
    assert first[19] in "89ab"
    with pytest.raises(ValueError, match="10"):
        time_ordered_id(NOW, b"")


def test_a_source_id_always_gives_the_same_gid() -> None:
    assert source_gid("crm", "deal", "17") == source_gid("crm", "deal", "17")
    assert (
        len(
            {
                source_gid("crm", "deal", "17"),
                source_gid("crm", "deal", "18"),
                source_gid("erp", "deal", "17"),
            }
        )
        == 3
    )


@pytest.mark.parametrize("text", ["", "..", "0193A4C0-0000-7000-8000-000000000001", "0193a4c0"])
def test_what_is_not_a_gid(text: str) -> None:
    assert not is_gid(text)
    assert not is_time_ordered(text)


def test_the_id_of_a_sources_row_is_none_that_a_client_makes() -> None:
    assert is_time_ordered(time_ordered_id(NOW, bytes(10)))
    assert is_time_ordered(time_ordered_id(NOW, b"\xff" * 10))
    assert not is_time_ordered(source_gid("crm", "deal", "17"))
    assert not is_time_ordered("0193a4c0-0000-4000-8000-000000000001")
    assert not is_time_ordered("0193a4c0-0000-7000-0000-000000000001")


def _records(count: int) -> list[tuple[str, str]]:
    return [(source_gid("s", "o", str(n)), content_hash(str(n))) for n in range(count)]


@given(st.integers(0, 60), st.randoms(use_true_random=False))
def test_buckets_do_not_depend_on_order(count: int, rng: random.Random) -> None:
    records = _records(count)
    shuffled = records.copy()
    rng.shuffle(shuffled)
    assert buckets(records) == buckets(shuffled)
    assert sum(bucket[0] for bucket in buckets(records)) == count


def test_one_changed_record_shows_in_its_bucket_alone() -> None:
    records = _records(64)
    gid, _ = records[7]
    changed = [(g, h if g != gid else "0" * 32) for g, h in records]
    assert differing({"deal": buckets(records)}, {"deal": buckets(changed)}) == (("deal", bucket_of(gid)),)
    assert differing({"deal": buckets(records)}, {"deal": buckets(records)}) == ()
    assert {index for _, index in differing({"deal": buckets(records)}, {})} == set(range(BUCKETS))


@given(st.integers(1, 33))
def test_each_leaf_leads_to_the_root_and_no_other_does(count: int) -> None:
    bodies = [
        ReceiptBody(
            mutation_id=str(n),
            body_hash="h",
            gid="g",
            status="applied",
            captured_at=NOW,
            received_at=NOW,
            written_at=NOW,
        )
        for n in range(count)
    ]
    leaves = [body.leaf() for body in bodies]
    root, paths = merkle(leaves)
    assert all(leads_to_root(leaf, path, root) for leaf, path in zip(leaves, paths, strict=True))
    forged = bodies[0].model_copy(update={"status": "rejected"}).leaf()
    assert not leads_to_root(forged, paths[0], root)
    key = Ed25519PrivateKey.generate()
    key.public_key().verify(key.sign(root.encode()), root.encode())


def test_a_receipt_is_named_as_people_say_it() -> None:
    assert short_name("7f3c" + "0" * 60) == "R-7F3C"
    with pytest.raises(ValueError, match="leaf"):
        merkle([])


def _page() -> bytes:
    return json.dumps(
        {
            "epoch": "e",
            "cursor": 'tricky ,\\"puts":[ text',
            "more": False,
            "as_of": "2026-11-23T09:41:00Z",
            "gone": [["g", "deal", "revoked", None]],
            "puts": [["g1", "deal", "1", "h", {"customer": 'A ,"puts":[ B'}]],
        },
        separators=(",", ":"),
    ).encode()


def test_a_page_is_taken_apart_without_parsing_its_rows() -> None:
    head, puts = split_puts(_page())
    envelope = ChangesPage.model_validate_json(head)
    assert envelope.puts == ()
    assert envelope.gone[0].reason == "revoked"
    assert json.loads(puts)[0][4] == {"customer": 'A ,"puts":[ B'}


def _read(body: bytes) -> None:
    head, puts = split_puts(body)
    ChangesPage.model_validate_json(head)
    json.loads(puts)


@given(st.integers(1, 200))
def test_a_page_that_was_cut_off_is_noticed(cut: int) -> None:
    with pytest.raises((ValueError, ValidationError)):
        _read(_page()[:-cut])


def _mutation(**changes: object) -> Mutation:
    values: dict[str, object] = {
        "mutation_id": "m",
        "entity": "deal",
        "gid": "g",
        "kind": Kind.PATCH,
        "captured_at": NOW,
    }
    return Mutation.model_validate({**values, **changes})


def test_a_body_hash_changes_with_the_body_only() -> None:
    assert _mutation(changes={"a": "1"}).body_hash() == _mutation(changes={"a": "1"}).body_hash()
    assert _mutation(changes={"a": "1"}).body_hash() != _mutation(changes={"a": "2"}).body_hash()


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.COMMAND},
        {"command": Command(name="submit", expected_state="draft")},
        {"kind": Kind.DELETE, "changes": {"a": 1}},
        {"surprise": True},
    ],
)
def test_a_malformed_mutation_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _mutation(**changes)


def test_only_deferred_is_not_final() -> None:
    assert [status for status in Status if not status.final] == [Status.DEFERRED]
    assert (
        Outcome.model_validate({"mutation_id": "m", "status": "applied", "extra": 1}).status is Status.APPLIED
    )


def test_every_error_says_cause_what_is_kept_and_belongs_to_one_branch() -> None:
    assert SignInNeeded().text == (
        "Your session has ended. Everything you entered is kept on this computer. Sign in again and it is sent."
    )
    assert Busy(retry_after=3).retry_after == 3
    for branch in (RetryableError, PermanentError):
        assert issubclass(branch, CounterpartError)
    assert not issubclass(SignInNeeded, RetryableError)
