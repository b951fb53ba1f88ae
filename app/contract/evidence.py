"""Checks a receipt with nothing but the receipt: no account, no gateway, no network.

It holds when the signature over the root is the key's, and the path leads from the body to that root. Whose key it is
no receipt can say of itself: its fingerprint is compared with the one the vendor names.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from app.contract.receipts import Receipt, leads_to_root, short_name

#: A file longer than this is no receipt, in characters.
LONGEST = 1_000_000

_FORMAT = "counterpart_receipt"
_NODE = re.compile("[0-9a-f]{64}")


class Verdict(StrEnum):
    """How a check ended. `ALTERED`: body or path, which cannot be told apart without the leaf beside them."""

    VALID = "valid"
    ALTERED_BODY = "altered_body"
    ALTERED_PATH = "altered_path"
    ALTERED = "altered"
    WRONG_SIGNATURE = "wrong_signature"
    OTHER_KEY = "other_key"


class NotAReceipt(ValueError):
    """The text is something else; it says what."""


@dataclass(frozen=True)
class Evidence:
    """A receipt as a file carries it. `leaf` is what the file says the body's leaf is, empty when it says nothing."""

    receipt: Receipt
    leaf: str = ""

    @property
    def name(self) -> str:
        """The receipt's name as shown, made from what it says now."""
        return short_name(self.receipt.body.leaf())


def fingerprint(key: str) -> str:
    """Return a key, given in hexadecimal, as people compare it: *2F9C 41D0 …*, 128 bits of its SHA-256.

    Raises ValueError for what is not hexadecimal.
    """
    digits = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32].upper()
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def check(evidence: Evidence, key: str | None = None) -> Verdict:
    """Return whether a receipt holds; with `key` (hexadecimal, or its fingerprint) also whether it is that key's.

    None alone means any key: an empty one is nobody's.
    """
    receipt = evidence.receipt
    if not _signed(receipt):
        return Verdict.WRONG_SIGNATURE
    if key is not None and bare(key) not in (receipt.key, bare(fingerprint(receipt.key))):
        return Verdict.OTHER_KEY
    leaf = receipt.body.leaf()
    if _leads(leaf, receipt):
        return Verdict.VALID
    if not evidence.leaf:
        return Verdict.ALTERED
    return Verdict.ALTERED_PATH if evidence.leaf == leaf else Verdict.ALTERED_BODY


def _signed(receipt: Receipt) -> bool:
    # Loaded with the first receipt: a window opens without it.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt.key))
        key.verify(bytes.fromhex(receipt.signature), receipt.root.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def _leads(leaf: str, receipt: Receipt) -> bool:
    nodes_are_nodes = all(side in ("l", "r") and _NODE.fullmatch(node) for side, node in receipt.path)
    return nodes_are_nodes and leads_to_root(leaf, receipt.path, receipt.root)


def bare(key: str) -> str:
    """Return a key or fingerprint without what people put between its digits: spaces, colons."""
    return "".join(key.replace(":", " ").split()).lower()


def to_file(receipt: Receipt) -> str:
    """Return the text of a file that carries a receipt."""
    evidence = Evidence(receipt, receipt.body.leaf())
    members = {
        _FORMAT: 1,
        "name": evidence.name,
        "check": "counterpart receipt verify FILE",
        "leaf": evidence.leaf,
        **receipt.model_dump(mode="json"),
    }
    return json.dumps(members, indent=2, ensure_ascii=False) + "\n"


def from_file(text: str) -> Evidence:
    """Read a receipt from a file's text, or from an answer of the gateway. Raises NotAReceipt."""
    if len(text) > LONGEST:
        raise NotAReceipt("It is far too long.")
    try:
        members = json.loads(text, object_pairs_hook=_once)
        json.dumps(members, ensure_ascii=False).encode()  # half a character can be neither hashed nor shown
    except (ValueError, RecursionError) as error:
        raise NotAReceipt("It is not JSON.") from error
    if not isinstance(members, dict):
        raise NotAReceipt("It is not a JSON object.")
    if members.get(_FORMAT, 1) != 1:
        raise NotAReceipt("It is of a newer form than this version of Counterpart can read.")
    try:
        receipt = Receipt.model_validate(members)
        return Evidence(receipt, str(members.get("leaf", "")))
    except (ValidationError, ValueError) as error:
        raise NotAReceipt("It lacks what a receipt has.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A member that is named twice could be shown once and checked the other time."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members
