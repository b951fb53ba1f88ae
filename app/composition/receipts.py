"""Checking a receipt from a file: no account, no display and no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from app.contract.evidence import LONGEST, Evidence, NotAReceipt, Verdict, bare, check, fingerprint, from_file
from app.contract.receipts import ReceiptBody
from app.services.receipts import RECEIPT_ENDING, outcome_words
from app.services.words import Words

#: What the exit code says: it holds, it does not, there is nothing that could be checked.
HOLDS, DOES_NOT, NOTHING = 0, 1, 2

_CLIENT = "the clock of the computer it was entered on"
_GATEWAY = "the gateway's clock"

_REASONS: Mapping[Verdict, str] = {
    Verdict.ALTERED_BODY: "What it says was changed after it was signed.",
    Verdict.ALTERED_PATH: "The path from what it says to the signed root was changed.",
    Verdict.ALTERED: "What it says, or its path to the signed root, was changed after it was signed.",
    Verdict.WRONG_SIGNATURE: "The signature is not that key's: root, signature or key was changed.",
    Verdict.OTHER_KEY: "It is signed with another key than the one you named.",
}


@dataclass(frozen=True)
class Checked:
    """What a check found: the exit code, figures for machines, lines for people."""

    code: int
    data: Mapping[str, Any]
    lines: tuple[str, ...]


def receipt_named(text: str) -> Path | None:
    """The file of a receipt that a desktop asks to open, by its path or as a `file:` link; None for anything else."""
    path = text
    if text.lower().startswith("counterpart:"):
        return None
    if text.lower().startswith("file:"):
        parts = urlsplit(text)
        # Two slashes more name another computer, to which Windows would sign in.
        if parts.netloc not in ("", "localhost") or parts.path.startswith(("//", "/\\", "/%5c", "/%5C")):
            return None
        path = url2pathname(parts.path)
    return Path(path) if path.lower().endswith(RECEIPT_ENDING) else None


def verify_file(path: Path, key: str | None = None) -> Checked:
    """Check the receipt in a file. `key`: hexadecimal or a fingerprint, which it has to be signed with."""
    if key is not None and not bare(key):
        return _nothing(
            "Nothing was checked: the key it has to be signed with is empty. "
            "Name the vendor’s key or its fingerprint, or leave --key out.",
            "no_key",
        )
    try:
        with path.open(encoding="utf-8") as file:
            evidence = from_file(file.read(LONGEST + 1))
    except OSError as error:
        return _nothing(f"{path} cannot be read: {error.strerror}.", "unreadable")
    except UnicodeDecodeError:
        return _nothing(f"{path} is not a receipt. It is not text.", "not_a_receipt")
    except NotAReceipt as error:
        return _nothing(f"{path} is not a receipt. {error}", "not_a_receipt")
    return _checked(evidence, check(evidence, key), key)


def _nothing(text: str, verdict: str) -> Checked:
    return Checked(NOTHING, {"valid": False, "verdict": verdict, "reason": text}, (text,))


def _checked(evidence: Evidence, verdict: Verdict, key: str | None) -> Checked:
    valid = verdict is Verdict.VALID
    reason = _REASONS.get(verdict, "")
    signed = _fingerprint(evidence.receipt.key)
    data = {
        "valid": valid,
        "verdict": verdict.value,
        "reason": reason,
        "name": evidence.name,
        "key": evidence.receipt.key,
        "fingerprint": signed,
        "key_was_named": key is not None,
        "clocks": {"captured_at": "client", "received_at": "gateway", "written_at": "gateway"},
        "says": evidence.receipt.body.model_dump(mode="json"),
    }
    if not valid:
        head = f"Does not hold: receipt {evidence.name}. {reason}"
        return Checked(DOES_NOT, data, (head, "Rely on nothing it says.", *_says(evidence.receipt.body)))
    compare = (
        "It is the key you named."
        if key is not None
        else "Whose key it is no receipt can say: compare the fingerprint with the one the vendor names."
    )
    lines = (
        f"Holds: receipt {evidence.name}, signed, and nothing in it was changed.",
        *_says(evidence.receipt.body),
        f"Signed by  {signed}",
        compare,
    )
    return Checked(HOLDS, data, lines)


def _says(body: ReceiptBody) -> tuple[str, ...]:
    written = f"{_exact(body.written_at)}, {_GATEWAY}" if body.written_at is not None else "Not written"
    return (
        f"Outcome    {outcome_words(body.status, 'the vendor’s system', Words())}",
        f"Captured   {_exact(body.captured_at)}, {_CLIENT}",
        f"Received   {_exact(body.received_at)}, {_GATEWAY}",
        f"Written    {written}",
        f"Mutation   {body.mutation_id}",
        f"Record     {body.gid}",
        f"Content    SHA-256 {body.body_hash} (first 128 bits)",
    )


def _exact(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} {at:%Z}"


def _fingerprint(key: str) -> str:
    try:
        return fingerprint(key)
    except ValueError:
        return ""
