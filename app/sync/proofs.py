"""What was proven last, kept over restarts: figures by entity type and bucket, no text of records."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from app.store.database import Store
from app.sync.events import Proof

_LAST = "engine.proof"
_HASHED = "engine.proof_hashed"

_PROOF = TypeAdapter(Proof)


def keep(store: Store, proof: Proof) -> None:
    """Keep a proof that claims something."""
    text = _PROOF.dump_python(proof, mode="json")
    store.settings.put(_LAST, text)
    if proof.rehashed:
        store.settings.put(_HASHED, text)


def last(store: Store) -> Proof | None:
    """Return the latest proof, by whatever means."""
    return _read(store, _LAST)


def last_hashed(store: Store) -> Proof | None:
    """Return the latest proof for which every stored byte was hashed."""
    return _read(store, _HASHED)


def _read(store: Store, key: str) -> Proof | None:
    try:
        found = store.settings.get(key)
        return None if found is None else _PROOF.validate_python(found)
    except ValidationError:
        return None  # of an earlier version: it is only made anew
