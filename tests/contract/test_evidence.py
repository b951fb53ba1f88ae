"""A receipt is checked with nothing but itself, and whatever is changed about it shows."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.contract.evidence import (
    LONGEST,
    Evidence,
    NotAReceipt,
    Verdict,
    check,
    fingerprint,
    from_file,
    to_file,
)
from app.contract.receipts import Receipt, ReceiptBody, merkle, short_name

AT = datetime(2026, 11, 24, 9, 38, 12, 345000, tzinfo=UTC)
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def public(signing: Ed25519PrivateKey) -> str:
    return signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def batch(count: int = 5, signing: Ed25519PrivateKey = SIGNING) -> list[Receipt]:
    """What a gateway gives out for one batch."""
    bodies = [
        ReceiptBody(
            mutation_id=f"m{number}", body_hash="b" * 32, gid=f"g{number}", status="applied", captured_at=AT,
            received_at=AT + timedelta(minutes=2), written_at=AT + timedelta(minutes=2, seconds=1),
        )
        for number in range(count)
    ]  # fmt: skip
    root, paths = merkle([body.leaf() for body in bodies])
    signature = signing.sign(root.encode()).hex()
    return [
        Receipt(body=body, path=path, root=root, signature=signature, key=public(signing))
        for body, path in zip(bodies, paths, strict=True)
    ]


def changed(receipt: Receipt, change: Any) -> Evidence:
    """Read a file in which somebody changed something."""
    members = json.loads(to_file(receipt))
    change(members)
    return from_file(json.dumps(members))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_every_receipt_of_a_batch_holds_by_itself(count: int) -> None:
    receipts = batch(count)
    read = [from_file(to_file(receipt)) for receipt in receipts]
    assert [one.receipt for one in read] == receipts
    assert {check(one) for one in read} == {Verdict.VALID}
    assert {check(one, public(SIGNING)) for one in read} == {Verdict.VALID}
    assert {check(one, fingerprint(public(SIGNING))) for one in read} == {Verdict.VALID}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda m: m["body"].update(status="rejected"), Verdict.ALTERED_BODY),
        (lambda m: m["body"].update(captured_at="2026-11-20T09:38:12.345000Z"), Verdict.ALTERED_BODY),
        (lambda m: m["body"].update(written_at=None), Verdict.ALTERED_BODY),
        (lambda m: m["body"].update(amount="1000000.00"), Verdict.ALTERED_BODY),
        (lambda m: m["path"].reverse(), Verdict.ALTERED_PATH),
        (lambda m: m["path"].pop(), Verdict.ALTERED_PATH),
        (lambda m: m["path"][0].__setitem__(1, "0" * 64), Verdict.ALTERED_PATH),
        (lambda m: m["path"][0].__setitem__(1, "no hash"), Verdict.ALTERED_PATH),
        (lambda m: m["path"][0].__setitem__(0, "up"), Verdict.ALTERED_PATH),
        (lambda m: (m.pop("leaf"), m["body"].update(status="rejected")), Verdict.ALTERED),
        (lambda m: m.update(root="0" * 64), Verdict.WRONG_SIGNATURE),
        (lambda m: m.update(signature="0" * 128), Verdict.WRONG_SIGNATURE),
        (lambda m: m.update(signature="no signature"), Verdict.WRONG_SIGNATURE),
        (lambda m: m.update(key=public(Ed25519PrivateKey.from_private_bytes(b"x" * 32))), Verdict.WRONG_SIGNATURE),
        (lambda m: m.update(key="short"), Verdict.WRONG_SIGNATURE),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(change: Any, verdict: Verdict) -> None:
    assert check(changed(batch()[2], change)) is verdict


def test_a_receipt_made_whole_with_another_key_is_that_keys() -> None:
    forged = batch(3, Ed25519PrivateKey.from_private_bytes(b"f" * 32))[0]
    assert check(Evidence(forged)) is Verdict.VALID
    assert check(Evidence(forged), public(SIGNING)) is Verdict.OTHER_KEY
    assert check(Evidence(forged), "") is Verdict.OTHER_KEY, "an empty key is not any key"
    assert check(Evidence(forged), fingerprint(public(SIGNING))) is Verdict.OTHER_KEY


def test_the_name_is_made_from_what_the_receipt_says_now() -> None:
    receipt = batch()[0]
    assert from_file(to_file(receipt)).name == short_name(receipt.body.leaf())
    renamed = changed(receipt, lambda m: m.update(name="R-0000", leaf="0" * 64))
    assert renamed.name == short_name(receipt.body.leaf())
    assert check(renamed) is Verdict.VALID


@pytest.mark.parametrize(
    "text",
    [
        "", "no JSON", "[]", '"R-7F3C"', "{}", '{"counterpart_receipt": 2}', "[" * 100_000, " " * (LONGEST + 1),
        to_file(batch()[0]).replace('"name"', '"root": "", "name"', 1),
        to_file(batch()[0]).replace('"key"', '"lock"'),
    ],
    ids=["empty", "text", "list", "word", "object", "newer", "deep", "long", "twice", "without a key"],
)  # fmt: skip
def test_what_is_no_receipt_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotAReceipt):
        from_file(text)


def test_an_answer_of_the_gateway_can_be_checked_as_it_came() -> None:
    answer = from_file(batch()[1].model_dump_json())
    assert (answer.leaf, check(answer)) == ("", Verdict.VALID)


def test_what_a_newer_gateway_attests_besides_is_part_of_what_was_signed() -> None:
    body = ReceiptBody.model_validate({**batch()[0].body.model_dump(mode="json"), "company": "c1"})
    root, (path,) = merkle([body.leaf()])
    newer = Receipt(
        body=body, path=path, root=root, signature=SIGNING.sign(root.encode()).hex(), key=public(SIGNING)
    )
    assert check(from_file(to_file(newer))) is Verdict.VALID
    assert check(changed(newer, lambda m: m["body"].update(company="c2"))) is Verdict.ALTERED_BODY


def test_other_tools_come_to_the_same(tmp_path: Path) -> None:
    """As docs/sync.md describes it: SHA-256 over two forms of text, and Ed25519 by OpenSSL."""
    members = json.loads(to_file(batch()[2]))
    text = json.dumps(members["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    node = hashlib.sha256(b"\x00" + text.encode()).digest()
    assert node.hex() == members["leaf"]
    for side, other in members["path"]:
        pair = node + bytes.fromhex(other) if side == "r" else bytes.fromhex(other) + node
        node = hashlib.sha256(b"\x01" + pair).digest()
    assert node.hex() == members["root"]
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100" + members["key"]))
    (tmp_path / "signature").write_bytes(bytes.fromhex(members["signature"]))
    (tmp_path / "root").write_text(members["root"])
    openssl = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.der", "-keyform", "DER", "-rawin")
    try:
        done = subprocess.run(
            [*openssl, "-in", "root", "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl here")
    assert done.returncode == 0, done
